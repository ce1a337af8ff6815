"""The line editor: keys, completion, colours, history. No terminal: pipe input and no output."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.layout.controls import BufferControl
from prompt_toolkit.layout.processors import TransformationInput
from prompt_toolkit.output import DummyOutput

from sxpy import Limits
from sxpy.cli.repl.complete import SxCompleter
from sxpy.cli.repl.highlight import MatchingBrackets, SxLexer, meaning_in
from sxpy.cli.repl.history import TolerantHistory, history_file, open_history
from sxpy.cli.repl.repl import Repl
from sxpy.cli.repl.terminal import line_editor, read_terminal
from sxpy.cli.session import Session
from sxpy.cli.settings import Settings
from sxpy.printer import inspect

ENTER, ALT_ENTER, CTRL_C, CTRL_D, UP = "\r", "\x1b\r", "\x03", "\x04", "\x1b[A"


@pytest.fixture
def repl() -> Repl:
    return new_repl()


def new_repl() -> Repl:
    """A conversation that prints to what standard output is now."""
    settings = Settings(store=None, limits=Limits(), strict=False, traceback="short")
    return Repl(Session(settings, ["sx"]), show=inspect)


@pytest.fixture
def keys() -> Iterator[PipeInput]:
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        yield pipe


def typed(repl: Repl, keys: PipeInput, text: str) -> str:
    """What the editor hands over when these keys are pressed."""
    keys.send_text(text)
    return line_editor(repl, input=keys, output=DummyOutput()).prompt()


# -- keys ----------------------------------------------------------------------------------------------


def test_enter_hands_over_what_is_complete(repl: Repl, keys: PipeInput) -> None:
    assert typed(repl, keys, "(+ 1 2)" + ENTER) == "(+ 1 2)"


def test_enter_waits_for_the_closing_bracket_and_indents(repl: Repl, keys: PipeInput) -> None:
    text = typed(
        repl, keys, "(define (f x)" + ENTER + "(let ((a 1)" + ENTER + "(b 2))" + ENTER + "a))" + ENTER
    )
    assert text == "(define (f x)\n  (let ((a 1)\n        (b 2))\n    a))"


def test_enter_waits_for_the_end_of_a_string(repl: Repl, keys: PipeInput) -> None:
    assert typed(repl, keys, '"a' + ENTER + '(b"' + ENTER) == '"a\n(b"'


def test_enter_hands_over_what_is_wrong(repl: Repl, keys: PipeInput) -> None:
    assert typed(repl, keys, "(a]" + ENTER) == "(a]"


def test_a_command_is_complete_but_its_form_may_not_be(repl: Repl, keys: PipeInput) -> None:
    assert typed(repl, keys, ":doc (" + ENTER) == ":doc ("
    assert typed(repl, keys, ":time (f" + ENTER + ")" + ENTER).split() == [":time", "(f", ")"]


def test_alt_enter_begins_a_new_line(repl: Repl, keys: PipeInput) -> None:
    assert typed(repl, keys, "1" + ALT_ENTER + "2" + ENTER) == "1\n2"


def test_up_brings_back_the_last_input(repl: Repl, keys: PipeInput) -> None:
    keys.send_text(UP + ENTER)
    history = InMemoryHistory(["(+ 1 2)"])
    assert line_editor(repl, history=history, input=keys, output=DummyOutput()).prompt() == "(+ 1 2)"


def test_a_conversation(keys: PipeInput, capsys: pytest.CaptureFixture[str]) -> None:
    keys.send_text("(define (f x)" + ENTER + "(* x 2))" + ENTER)
    keys.send_text("(f 2" + CTRL_C + "(f 21)" + ENTER + "(missing)" + ENTER + CTRL_D)
    read_terminal(new_repl())
    out, err = capsys.readouterr()
    assert out.splitlines()[1:] == ["<lambda f/1>", "42"]
    assert "<repl>:4:2: error: Undefined symbol: missing" in err
    assert "(f 21)" in history_file().read_text()


def test_quit_ends_the_conversation(keys: PipeInput) -> None:
    repl = new_repl()
    keys.send_text(":quit" + ENTER)
    read_terminal(repl)
    assert repl.done


# -- completion ----------------------------------------------------------------------------------------


def completions(repl: Repl, text: str) -> list[str]:
    found = SxCompleter(repl.interpreter).get_completions(Document(text), CompleteEvent())
    return [completion.text for completion in found]


def test_completion_offers_primitives_forms_library_and_own_names(repl: Repl) -> None:
    repl.interpreter.eval("(define string-theory 1)")
    assert {"string-append", "string-length", "string-theory"} <= set(completions(repl, "(f string-"))
    assert "letrec" in completions(repl, "(letr")
    assert "update-in" in completions(repl, "(update-")
    assert completions(repl, "(no-such-name-") == []


def test_completion_is_silent_in_text_and_on_nothing(repl: Repl) -> None:
    assert completions(repl, '(f "string-') == []
    assert completions(repl, "; string-") == []
    assert completions(repl, "(") == completions(repl, "") == []


def test_completion_of_commands_at_the_beginning_only(repl: Repl) -> None:
    assert completions(repl, ":") == [":help", ":doc", ":load", ":time", ":quit"]
    assert completions(repl, ":q") == [":quit"]
    assert completions(repl, "(f :q") == []
    assert "string-append" in completions(repl, ":doc string-")


def test_completion_of_files_after_load(repl: Repl) -> None:
    Path("program.sx").write_text("1")
    assert completions(repl, ":load prog") == ["ram.sx"]


# -- colours -------------------------------------------------------------------------------------------


def colours(repl: Repl, text: str) -> list[list[tuple[str, str]]]:
    lexer = SxLexer(meaning_in(repl.interpreter)).lex_document(Document(text))
    lines = [lexer(number) for number in range(text.count("\n") + 1)]
    return [
        [(style.removeprefix("class:sx."), piece) for style, piece, *_ in line if piece.strip()]
        for line in lines
    ]


def test_colours_say_what_a_word_means_now(repl: Repl) -> None:
    repl.interpreter.eval("(define mine 1) (defmacro twice (x) x)")
    assert colours(repl, "(if mine map twice other)")[0][1:-1] == [
        ("special", "if"),
        ("bound", "mine"),
        ("bound", "map"),
        ("special", "twice"),
        ("symbol", "other"),
    ]


def test_colours_line_by_line(repl: Repl) -> None:
    assert colours(repl, '"a\nb" :k ; c\n1') == [
        [("string", '"a')],
        [("string", 'b"'), ("keyword", ":k"), ("comment", "; c")],
        [("number", "1")],
    ]


def test_a_command_has_a_colour_of_its_own(repl: Repl) -> None:
    assert colours(repl, ":doc map")[0] == [("command", ":doc"), ("bound", "map")]
    assert colours(repl, ":document")[0] == [("keyword", ":document")]


def marked(text: str, cursor: int) -> list[str]:
    """Each line of `text` with ^ for a mark of agreement and ! for one of disagreement."""
    document = Document(text, cursor)
    lines = []
    for number, line in enumerate(document.lines):
        given = TransformationInput(
            BufferControl(), document, number, lambda column: column, [("", line)], 80, 24
        )
        fragments = MatchingBrackets().apply_transformation(given).fragments
        shown = "".join(
            "^" if "bracket.match" in style else "!" if "bracket.clash" in style else piece
            for style, piece, *_ in fragments
        )
        lines.append(shown)
    return lines


def test_the_bracket_at_the_cursor_and_its_match_are_marked() -> None:
    assert marked("(a\n (b))", 0) == ["^a", " (b)^"]
    assert marked("(a\n (b))", 8) == ["^a", " (b)^"]
    assert marked("(a\n (b))", 5) == ["(a", " ^b^)"]
    assert marked("(a\n (b))", 2) == ["(a", " (b))"]
    assert marked("(a]", 0) == ["!a!"]
    assert marked("(a", 0) == ["(a"]


# -- history -------------------------------------------------------------------------------------------


def test_history_is_kept_for_its_owner_alone() -> None:
    history, problem = open_history()
    assert problem is None
    history.append_string("(+ 1 2)")
    assert list(open_history()[0].load_history_strings()) == ["(+ 1 2)"]
    assert history_file().stat().st_mode & 0o777 == 0o600


def test_a_history_that_cannot_be_kept_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "blocked").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "blocked"))
    history, problem = open_history()
    assert isinstance(history, InMemoryHistory)
    assert problem is not None and "blocked" in problem


def test_a_history_that_vanishes_does_not_end_the_conversation(tmp_path: Path) -> None:
    history = TolerantHistory(str(tmp_path / "gone" / "history"))
    history.append_string("1")
    assert history.get_strings() == ["1"]
    os.mkdir(tmp_path / "dir")
    assert TolerantHistory(str(tmp_path / "dir")).load_history_strings() == []
