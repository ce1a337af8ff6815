"""Programs that cross to another process at every perform, or go through text at every step.

`Helpers` keeps processes that thaw what they are sent, run it to its next perform or its end, and send it
back frozen; turns alternate, so whatever goes on does so in another process than it was in. `judged` runs a
file of `tests/sx` in either way and judges its expectations.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

from sxpy.compiler.fast import FastMachine
from sxpy.errors import EvalError, SxError
from sxpy.host import Host
from sxpy.image.thaw import thaw
from sxpy.interpreter import Interpreter
from sxpy.machine.driver import answer_from, resume_error
from sxpy.machine.program import program_state
from sxpy.machine.state import State
from sxpy.machine.step import Machine
from sxpy.reader import read_file, read_source
from sxpy.runtime import activate, deactivate
from sxpy.testing.expectations import Outcome, expectations, judge
from sxpy.testing.results import Result

Advance = Callable[["Crossing", State], State]
"""Takes a state to its next perform or its end."""

HELPER = Path(__file__).with_name("helper.py")


class Helpers:
    """Two processes that take turns; with `spawn` a new one for every turn."""

    def __init__(self, *, spawn: bool = False) -> None:
        self.spawn = spawn
        self.turns = 0
        self._running: list[subprocess.Popen[str]] = []

    def advance(self, text: str) -> tuple[str, str]:
        """A frozen program at its next perform or its end, in another process, and its output.

        Raises EvalError for what the program does not catch.
        """
        self.turns += 1
        if self.spawn or len(self._running) < 2:
            environment = {**os.environ, "SX_TIER": str(self.turns % 2), "SX_HOT": "1"}
            made = subprocess.Popen(
                [sys.executable, str(HELPER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=environment,
            )
            self._running.append(made)
        process = self._running[-1] if self.spawn else self._running[self.turns % len(self._running)]
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps(text) + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        if self.spawn:
            self.close()
        if isinstance(answer, dict):
            error = EvalError(answer["error"])
            error.output = answer["output"]  # type: ignore[attr-defined]
            raise error
        frozen, output = answer
        return frozen, output

    def close(self) -> None:
        """End the processes."""
        for process in self._running:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.close()
            process.stdout.close()
            process.wait()
        self._running.clear()


class Crossing:
    """One program's globals, and runs that go through text; `output` is what they wrote."""

    def __init__(self, host: Host | None = None) -> None:
        self.here = Interpreter(host=host, output=self)
        self.output: list[str] = []
        self.thaws = 0

    def write(self, text: str) -> None:
        """What the program writes here."""
        self.output.append(text)

    def through_text(self, state: State) -> State:
        """The state as it comes back from its text, in a world that came back with it."""
        return self.take(self.here.freeze(state, whole=True).bundled())

    def take(self, text: str) -> State:
        """Thaw a text: its world is this one's from now on."""
        self.thaws += 1
        program = thaw(text, code=None, procedures={}, settle=self.here._settled)
        self.here = self.here._settled(program.world)
        return program.state

    def run(self, state: State, advance: Advance) -> Any:
        """The value of a run; its performs are answered by the host."""
        answer = answer_from(self.here.host)
        while True:
            state = advance(self, state)
            if state.done:
                return state.value
            try:
                state = state.resume(answer(state.request))
            except EvalError as error:
                state = resume_error(state, error)


def in_helpers(helpers: Helpers) -> Advance:
    """Go on in another process."""

    def advance(crossing: Crossing, state: State) -> State:
        try:
            frozen, output = helpers.advance(crossing.here.freeze(state, whole=True).bundled())
        except EvalError as error:
            crossing.write(getattr(error, "output", ""))
            raise
        crossing.write(output)
        return crossing.take(frozen)

    return advance


def by_steps(every: int) -> Advance:
    """Go on here, through text after every so many steps, in one tier and the other by turns."""

    def advance(crossing: Crossing, state: State) -> State:
        turn = 0
        while not (state.done or state.suspended):
            token = activate(crossing.here.runtime)
            try:
                machine = Machine(crossing.here) if turn % 3 else FastMachine(crossing.here, hot=1)
                state = machine.run(state, every)
            finally:
                deactivate(token)
            state = crossing.through_text(state)
            turn += 1
        return state

    return advance


def run_here(crossing: Crossing, state: State) -> State:
    """Go on here, without text."""
    return crossing.here.start_state(state).state


def judged(
    path: Path, advance: Callable[[Crossing, State], State], host: Host | None = None
) -> tuple[list[Result], int]:
    """The results of a file's expectations, and how often it was thawed."""
    source = read_file(path)
    forms, starts = read_source(source)
    crossing = Crossing(host)
    results: list[Result] = []
    expected = {
        index: list(group)
        for index, group in groupby(expectations(source, starts), key=lambda each: each.form)
    }
    for index, pair in enumerate(crossing.here._forms(source)):
        crossing.output.clear()
        state = program_state((pair,), crossing.here.env)
        try:
            outcome = Outcome(crossing.run(state, advance), None, "".join(crossing.output))
        except SxError as error:
            outcome = Outcome(None, error, "".join(crossing.output))
        results += judge(expected.get(index, []), outcome)
    assert len(forms) == len(starts)
    return results, crossing.thaws


@contextmanager
def helpers(*, spawn: bool = False) -> Iterator[Helpers]:
    """Helpers that are ended in the end."""
    made = Helpers(spawn=spawn)
    try:
        yield made
    finally:
        made.close()
