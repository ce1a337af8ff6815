"""A state that is gone on from twice gives twice what tier 0 gives, wherever compiled code was stopped.

Both runs share what the program changes, so the second may end otherwise than the first; it must do so in
both tiers. The programs are those of the language's vectors.
"""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import pytest

from sxpy.compiler.fast import FastMachine
from sxpy.errors import EvalError
from sxpy.interpreter import Interpreter
from sxpy.machine.driver import Driver, answer_from
from sxpy.machine.limits import Limits
from sxpy.machine.program import program_state
from sxpy.machine.state import State
from sxpy.machine.step import Machine
from sxpy.printer import inspect

VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "language.txt"

LINES = [
    line.rpartition(" => ")[0]
    for line in VECTORS.read_text(encoding="utf-8").splitlines()
    if line and not line.startswith(";")
]


def stopped(made: Interpreter, text: str, after: int) -> State | None:
    """The state to which compiled code comes after so many steps; None: it ends before."""
    machine = FastMachine(made, hot=1, levels=1)
    state = program_state(made.read_text(text, "p.sx"), made.env)
    for _ in range(after):
        state = machine.run(state, 1)
        if state.done or state.suspended:
            return None
    return state


def ending(made: Interpreter, machine: Machine, state: State) -> str:
    try:
        limits = Limits(seconds=20.0)
        final = Driver(machine, limits).drive(state, answer_from(made.host))
    except EvalError as error:
        calls = " < ".join([f"{frame.function}@{frame.place}" for frame in error.backtrace])
        return f"{type(error).__name__}: {error.message} at {error.place} in {calls}"
    return inspect(final.value)


@pytest.mark.parametrize("text", LINES)
@pytest.mark.filterwarnings("ignore::sxpy.errors.SxWarning")
def test_a_state_is_gone_on_from_twice(text: str) -> None:
    for after in count(1, 3):
        endings: list[Any] = []
        for compiled in (True, False):
            made = Interpreter(seed=1)
            try:
                state = stopped(made, text, after)
            except EvalError:
                return
            if state is None:
                return
            machine = FastMachine(made, hot=1, levels=1) if compiled else Machine(made)
            endings.append([ending(made, machine, state) for _ in range(2)])
        assert endings[0] == endings[1], f"stopped after {after} steps"
        if after > 60:
            return
