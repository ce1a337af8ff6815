"""A program in either tier, and how it ends: what the tests of the compiler compare."""

from __future__ import annotations

from sxpy.compiler.fast import FastMachine
from sxpy.errors import EvalError
from sxpy.interpreter import Interpreter
from sxpy.machine.limits import Limits
from sxpy.machine.step import Machine
from sxpy.printer import inspect


def interpreter(*, compiled: bool, limits: Limits | None = None, levels: int | None = None) -> Interpreter:
    """An interpreter in which everything is compiled at once, or nothing at all."""
    made = Interpreter(seed=1, limits=limits)
    made._machine = FastMachine(made, hot=1, levels=levels) if compiled else Machine(made)
    return made


def ending(made: Interpreter, text: str) -> str:
    """The value of a program, or its error with place and backtrace."""
    try:
        return inspect(made.eval(text, "p.sx"))
    except EvalError as error:
        calls = " < ".join(
            f"{frame.function}@{frame.place} {frame.elided} {frame.omitted}" for frame in error.backtrace
        )
        return f"{type(error).__name__}: {error.message} at {error.place} in {calls}"
