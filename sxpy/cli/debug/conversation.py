"""One conversation with the debugger: what is said at each stop, which call is looked at, what is watched.

Next: `commands.py`, for what can be said to it, and `show.py`, for how things are shown.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

import click

from sxpy.cli.debug import show
from sxpy.cli.debug.commands import ALIASES, COMMANDS, find_command
from sxpy.cli.output import OutputError
from sxpy.cli.process import ProgramExit
from sxpy.cli.session import Session, in_colour
from sxpy.data import Closure
from sxpy.debugger import Call, Debugger, Reason, Stop, calls
from sxpy.errors import EvalError, SxValueError
from sxpy.printer import inspect
from sxpy.reader import read_data, status

PROMPT = "(sx) "


class Conversation:
    """A conversation about the program in `file`, in the interpreter of `session`.

    `selected` is the number of the call that is looked at, the innermost being 0; `watched` are the
    commands and expressions that are shown at each stop, by number.
    """

    def __init__(self, session: Session, file: str, *, history: int) -> None:
        self.session = session
        self.done = False
        self.selected = 0
        self.watched: dict[int, str] = {}
        self._watches = 0
        self.debugger = Debugger(session.renew, history=history)
        self.start = self.debugger.load_file(file)

    def begin(self) -> None:
        """Say where the program stands, before the first command."""
        self.say(f"{self.debugger.source.file} is about to start; `help` for help")
        self.tell(self.start)

    def feed(self, text: str) -> None:
        """Act on a command, or evaluate an expression. Errors are reported. Raises ProgramExit."""
        self.session.attempt(lambda: self._act(text.strip()))

    def _act(self, text: str) -> None:
        command, argument = find_command(text)
        command.run(self, argument)

    def incomplete(self, text: str) -> bool:
        """Whether an expression in `text` is open, so that another line may complete it."""
        stripped = text.strip()
        if stripped.startswith(("(", "[", "{")):
            return status(stripped) == "incomplete"
        word, _, argument = stripped.partition(" ")
        command = COMMANDS.get(ALIASES.get(word, word))
        return command is not None and command.takes_sx and status(argument) == "incomplete"

    def say(self, text: str) -> None:
        """Print lines, which may be styled for a terminal."""
        self.session.console.line(text if in_colour(sys.stdout) else click.unstyle(text))

    # -- stops -------------------------------------------------------------------------------------

    def tell(self, stop: Stop) -> None:
        """Say where the program has stopped and why, and show what is watched."""
        self.selected = 0
        error = stop.error
        if isinstance(error, OutputError):
            raise error
        if isinstance(error, ProgramExit):
            self.say(f"the program asks to end with status {error.code}")
        elif error is not None and stop.reason is not Reason.RAISE:
            self.session.report(error)
        if stop.undone:
            self.say("not undone: " + ", ".join(stop.undone))
        if stop.reason is Reason.EDGE:
            self.say("no further state is kept")
        self.say(show.stop(stop, self.debugger))
        if stop.reason is Reason.PERFORM:
            self.say(self._advice(stop))
        for number, text in self.watched.items():
            self._show_watched(number, text)

    def _advice(self, stop: Stop) -> str:
        if self.debugger.owned(stop.state):
            return "  the host answers later; `answer EXPR` and `fail EXPR` answer now"
        return "  no host answers this: `answer EXPR`, `fail EXPR`, or go on, and it is an error there"

    def watch(self, text: str) -> int:
        """Show `text`, a command that looks or an expression, at every stop; its number. Raises ReadError."""
        if text not in COMMANDS:
            read_data(text, "<debug>")
        self._watches += 1
        self.watched[self._watches] = text
        self._show_watched(self._watches, text)
        return self._watches

    def _show_watched(self, number: int, text: str) -> None:
        command = COMMANDS.get(text)
        if command is not None and command.looks:
            self.say(f"watch {number}: {text}")
            command.run(self, "")
            return
        try:
            shown = f"= {show.brief(self.value(text))}"
        except EvalError as error:  # not everything means something everywhere
            shown = f"— {error.message}"
        self.say(f"watch {number}: {text} {shown}")

    # -- looking -----------------------------------------------------------------------------------

    def print(self, text: str) -> None:
        """Print the value of SX text in the call that is looked at."""
        self.say(inspect(self.value(text)))

    def value(self, text: str) -> Any:
        """The value of SX text in the call that is looked at. Raises as `Debugger.evaluate`."""
        if not text:
            raise SxValueError("an expression is wanted here")
        return self.debugger.evaluate(text, self.call())

    def call(self) -> Call | None:
        """The call that is looked at; None when no function is running."""
        if self.selected == 0:
            return next((call for call in self.calls() if call.site is not None), None)
        return next(islice(self.calls(), self.selected, None), None)

    def calls(self) -> Iterator[Call]:
        """The calls in progress, innermost first."""
        return calls(self.debugger.state)

    def select(self, number: int) -> None:
        """Look at another call. Raises SxValueError when there is none of this number."""
        if number < 0 or next(islice(self.calls(), number, None), None) is None:
            raise SxValueError(f"there is no call {number}")
        self.selected = number

    def completions(self, words: list[str]) -> Iterator[str]:
        """What may come next after `words`, the first of which is a command."""
        interpreter = self.debugger.interpreter
        command = words[0] if words else ""
        if command in ("help", "h"):
            yield from COMMANDS
        elif command in ("break", "b", "until", "u"):
            for name, cell in interpreter.env.cells.items():
                if type(cell.value) is Closure:
                    yield name
        elif command == "catch":
            yield from ("perform", "error")
        else:
            call = self.call()
            if call is not None:
                yield from (variable.name for variable in self.debugger.variables(call))
            yield from interpreter.names()
