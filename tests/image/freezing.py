"""Programs that are frozen and thawed while they run: at every perform, or at every so many steps.

`FreezingInterpreter` stands in for an interpreter. Where it freezes, everything it had goes through text:
the state, the globals, the libraries. What it runs afterwards is what was thawed.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sxpy.errors import EvalError
from sxpy.host import PENDING
from sxpy.image.thaw import thaw
from sxpy.interpreter import Interpreter
from sxpy.machine.driver import answer_from, resume_error
from sxpy.machine.limits import Governor
from sxpy.machine.state import State
from sxpy.machine.step import Machine
from sxpy.runtime import activate, deactivate


def difference(one: str, other: str) -> str:
    """Where two texts part."""
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    here = slice(max(0, at - 150), at + 150)
    return f"{one[here]}\n--- thawed and frozen again:\n{other[here]}"


class FreezingInterpreter(Interpreter):
    """Freezes at every perform; with `every` above 0, also after so many steps. `thaws` counts."""

    every: ClassVar[int] = 0
    thaws: ClassVar[int] = 0

    def through_text(self, state: State) -> State:
        """The state as it comes back from its text; the interpreter's globals come back with it."""
        frozen = self.freeze(state, whole=True)
        text = frozen.bundled()
        program = thaw(text, code=None, procedures=self.procedures, settle=self._settled)
        world = program.world
        self.env, self.operations, self.libraries = world.env, world.operations, world.libraries
        self.runtime.strict = world.strict
        again = self.freeze(program.state, whole=True)
        assert again.text == frozen.text, difference(frozen.text, again.text)
        type(self).thaws += 1
        return program.state

    def _finish(self, state: State, governor: Governor | None = None) -> Any:
        answer = answer_from(self.host)
        while True:
            state = self._advance(state)
            if state.done:
                return state.value
            state = self.through_text(state)
            try:
                state = state.resume(answer(state.request))
            except EvalError as error:
                state = self.through_text(resume_error(state, error))

    def _advance(self, state: State) -> State:
        if not self.every:
            return self._drive(state, lambda request: PENDING)
        token = activate(self.runtime)
        try:
            while not (state.done or state.suspended):
                state = Machine(self).run(state, self.every)
                if not state.done:
                    state = self.through_text(state)
            return state
        finally:
            deactivate(token)
