"""The REPL on a terminal: a line editor around the conversation.

Owns the keys: Enter evaluates when what was typed is complete, and begins a new line, indented, when it is
not; Alt-Enter always begins one. Ctrl-C drops the input, or stops the program that runs; Ctrl-D leaves.
"""

from __future__ import annotations

import platform
from collections.abc import Callable

from prompt_toolkit import PromptSession
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import has_focus, is_done
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import History
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout.processors import ConditionalProcessor
from prompt_toolkit.output import Output

from sxpy import __version__
from sxpy.cli.repl.complete import SxCompleter
from sxpy.cli.repl.highlight import STYLE, MatchingBrackets, SxLexer, meaning_in
from sxpy.cli.repl.history import open_history
from sxpy.cli.repl.repl import Repl
from sxpy.cli.repl.tokens import indentation

PROMPT = "sx> "
CONTINUATION = "... "


def read_terminal(repl: Repl) -> None:
    """Hold the conversation on the terminal until it is over."""
    history, problem = open_history()
    repl.say(
        f"SX {__version__} on Python {platform.python_version()}; :help for help, :quit or Ctrl-D to leave"
    )
    if problem is not None:
        repl.say(f"; the history will be forgotten: {problem}")
    editor = line_editor(repl, history=history)
    while not repl.done:
        try:
            text = editor.prompt()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        repl.feed(text)


def line_editor(
    repl: Repl, *, history: History | None = None, input: Input | None = None, output: Output | None = None
) -> PromptSession[str]:
    """The editor; `input` and `output` are the terminal by default."""
    return PromptSession(
        [("class:prompt", PROMPT)],
        multiline=True,
        prompt_continuation=_continuation,
        history=history,
        lexer=SxLexer(meaning_in(repl.interpreter)),
        completer=SxCompleter(repl.interpreter),
        complete_while_typing=False,
        input_processors=[ConditionalProcessor(MatchingBrackets(), ~is_done)],
        key_bindings=_keys(repl),
        style=STYLE,
        include_default_pygments_style=False,
        input=input,
        output=output,
    )


def _continuation(width: int, line_number: int, wrap_count: int) -> StyleAndTextTuples:
    return [("class:continuation", " " * width if wrap_count else CONTINUATION.rjust(width))]


def keys_for(incomplete: Callable[[str], bool]) -> KeyBindings:
    """Keys: Enter ends the input, unless a completion is being chosen or the input is incomplete."""
    keys = KeyBindings()

    @keys.add("enter", filter=has_focus(DEFAULT_BUFFER))
    def enter(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.complete_state is not None and buffer.complete_state.current_completion is not None:
            buffer.complete_state = None  # the chosen completion stands
        elif incomplete(buffer.text):
            _new_line(event)
        else:
            buffer.validate_and_handle()

    return keys


def _new_line(event: KeyPressEvent) -> None:
    buffer = event.current_buffer
    buffer.insert_text("\n" + " " * indentation(buffer.document.text_before_cursor))


def _keys(repl: Repl) -> KeyBindings:
    keys = keys_for(repl.incomplete)
    keys.add("escape", "enter", filter=has_focus(DEFAULT_BUFFER))(_new_line)
    return keys
