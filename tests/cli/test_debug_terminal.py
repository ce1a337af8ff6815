"""The debugger on a terminal: completion, the repetition of commands, Ctrl-C, Ctrl-D."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from sxpy import Limits
from sxpy.cli.debug.conversation import Conversation
from sxpy.cli.debug.terminal import CommandCompleter, line_editor, read_terminal
from sxpy.cli.session import Session
from sxpy.cli.settings import Settings

ENTER, CTRL_C, CTRL_D = "\r", "\x03", "\x04"


@pytest.fixture
def talk() -> Conversation:
    Path("p.sx").write_text("(define (square-of side)\n  (* side side))\n(list (square-of 3))\n")
    settings = Settings(store=None, limits=Limits(), strict=False, traceback="short")
    return Conversation(Session(settings, ["p.sx"]), "p.sx", history=100)


@pytest.fixture
def keys() -> Iterator[PipeInput]:
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        yield pipe


def completions(talk: Conversation, text: str) -> list[str]:
    found = CommandCompleter(talk).get_completions(Document(text), CompleteEvent())
    return [completion.text for completion in found]


def test_commands_are_completed(talk: Conversation) -> None:
    assert completions(talk, "st") == ["step"]
    assert completions(talk, "ba") == ["back", "backtrace"]
    assert completions(talk, "help unw") == ["unwatch"]
    assert completions(talk, "catch p") == ["perform"]


def test_names_are_completed(talk: Conversation) -> None:
    talk.feed("step 2")
    assert completions(talk, "break sq") == ["square-of"]
    talk.feed("until square-of")
    assert completions(talk, "print si") == ["side", "sin"]
    assert completions(talk, "(list (* sid") == ["side"]


def test_enter_waits_for_the_end_of_an_expression(talk: Conversation, keys: PipeInput) -> None:
    keys.send_text("print (+ 1" + ENTER + "2)" + ENTER)
    text = line_editor(talk, input=keys, output=DummyOutput()).prompt()
    assert text.split() == ["print", "(+", "1", "2)"]


def test_an_empty_line_repeats_the_last_command(talk: Conversation, keys: PipeInput) -> None:
    keys.send_text(ENTER + "step" + ENTER + ENTER + CTRL_C + ENTER + CTRL_D)
    read_terminal(talk)
    assert talk.debugger.history.step == 3
