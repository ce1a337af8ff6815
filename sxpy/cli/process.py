"""What a program can ask of the process that runs it: its arguments, and to end.

*args*                      the arguments after the file name, a list of strings
(command-line)              the file name and the arguments (R7RS §6.14)
(exit) (exit code)          end the process (R7RS §6.14)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sxpy import Interpreter, SxError
from sxpy.data import Primitive, from_list
from sxpy.errors import SxTypeError
from sxpy.primitives.registry import arity_of, expected


class ProgramExit(SxError):
    """The program asked to end with the exit status `code`. No program can catch it."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exit with status {code}")
        self.code = code


def offer_process(interpreter: Interpreter, command_line: Sequence[str]) -> None:
    """Define the names above. `command_line` is the command and its arguments."""
    words = from_list(list(command_line))

    def get_command_line() -> Any:
        """(command-line) — the name of the program and its arguments, a list of strings."""
        return words

    interpreter.define("*args*", list(command_line[1:]))
    for name, function in (("command-line", get_command_line), ("exit", exit_)):
        interpreter.define(name, Primitive(name, function, *arity_of(function), function.__doc__ or ""))


def exit_(code: Any = True) -> None:
    """(exit code?) — end the process now; after-thunks of dynamic-wind do not run.

    The code is an exit status from 0 to 255, true (the default) for 0, or false for 1.
    """
    raise ProgramExit(_status(code))


def _status(code: Any) -> int:
    if isinstance(code, bool):
        return 0 if code else 1
    if isinstance(code, int) and 0 <= code <= 255:
        return code
    if isinstance(code, int):
        raise SxTypeError(f"exit: expected a status from 0 to 255, got {code}", code)
    raise expected("exit", "a status from 0 to 255, or a boolean", code)
