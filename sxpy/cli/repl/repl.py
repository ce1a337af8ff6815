"""One conversation: what is done with each piece of input, wherever it comes from.

Owns what the REPL remembers: `*1 *2 *3` are the last values, `*e` is the last error; lines are numbered
through the conversation, so every place in a report is one of a kind. Next: `commands.py`, `terminal.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sxpy import EvalError
from sxpy.cli.repl.commands import find_command
from sxpy.cli.session import Session
from sxpy.reader import status


class Repl:
    """A conversation with the interpreter of `session`.

    `show` makes the text of a value; `file` is the name of the input in places; `done`: it is over.
    """

    def __init__(self, session: Session, *, show: Callable[[Any], str], file: str = "<repl>") -> None:
        self.session = session
        self.interpreter = session.interpreter
        self.done = False
        self._show = show
        self._file = file
        self._line = 1
        for name in ("*1", "*2", "*3", "*e"):
            self.interpreter.define(name, None)

    def feed(self, text: str) -> None:
        """Act on a piece of input: a command, or forms. Errors are reported. Raises ProgramExit."""
        command = find_command(text)
        error = self.session.attempt(
            lambda: self.evaluate(text) if command is None else command.run(self, text)
        )
        if isinstance(error, EvalError):
            self.interpreter.define("*e", error.payload)
        self._line += text.count("\n") + (not text.endswith("\n"))

    def evaluate(self, text: str) -> None:
        """Evaluate each form of `text` and print its value."""
        for value in self.interpreter.eval_each(text, self._file, self._line):
            self.keep(value)

    def keep(self, value: Any) -> None:
        """Remember a value as the last one, and print it."""
        for newer, older in (("*2", "*3"), ("*1", "*2")):
            self.interpreter.define(older, self.interpreter.lookup(newer))
        self.interpreter.define("*1", value)
        self.say(self._show(value))

    def say(self, text: str) -> None:
        """Print a line."""
        self.session.console.line(text)

    def incomplete(self, text: str) -> bool:
        """Whether `text` ends inside a form, so that more text may complete it."""
        command = find_command(text)
        if command is not None and not command.takes_forms:
            return False
        return status(text) == "incomplete"
