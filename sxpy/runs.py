"""Runs: programs driven by hand, from one `perform` to the next.

Owns the handle that an embedder has on a program that waits. `sxpy/interpreter.py` starts runs; what they
wait with is a state of the machine (`sxpy/machine/state.py`), and `sxpy/machine/driver.py` goes on with it.
The driver also has the conversation, in which nobody needs a handle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sxpy.convert import PLAIN, to_sx
from sxpy.errors import EvalError
from sxpy.machine.driver import answer_from, resume_error
from sxpy.machine.state import CONTINUE, SUSPENDED, Kont, State, Transition, new_state

if TYPE_CHECKING:
    from sxpy.core.sites import Site
    from sxpy.image.freeze import Frozen
    from sxpy.interpreter import Interpreter


class Run:
    """A program that has ended or waits at a `perform`. It can be resumed many times, and never changes.

    `done` is whether it has ended.
    """

    __slots__ = ("_at", "_dynamic", "_site", "done", "hosted", "interpreter")
    # What a run waits with are the parts of a state, which is only made for those who ask: few do.
    _at: Transition
    _dynamic: Kont
    _site: Site | None
    done: bool
    hosted: bool
    interpreter: Interpreter

    @property
    def state(self) -> State:
        """The state of the machine."""
        phase, control, env, kont = self._at
        return new_state(phase, control, env, kont, self._dynamic, self._site)

    @property
    def suspended(self) -> bool:
        """Whether the program waits for an answer."""
        return self._at[0] == SUSPENDED

    @property
    def value(self) -> Any:
        """The SX value of a program that has ended. Raises ValueError while it waits."""
        return self._at[1] if self.done else self.state.value

    @property
    def request(self) -> Any:
        """The SX value of the request of a program that waits. Raises ValueError when it has ended."""
        return self._at[1] if self.suspended else self.state.request

    def freeze(self, *, key: bytes | None = None) -> Frozen:
        """The run as text, to be thawed by `Interpreter.thaw`. Raises NotFreezable."""
        return self.interpreter.freeze(self.state, key=key)

    def resume(self, value: Any) -> Run:
        """Go on with `value`, Python or SX, as the answer, to the end or to the next `perform`.

        Raises ValueError when the program has ended, and what the program raises.
        """
        phase, _, _, kont = self._at
        if phase != SUSPENDED:
            self.state.resume(value)  # says what is wrong
        if type(value) not in PLAIN:
            value = to_sx(value)
        interpreter, hosted = self.interpreter, self.hosted
        answer = answer_from(interpreter.host) if hosted else None
        at = interpreter.advance((CONTINUE, value, (), kont), self._dynamic, self._site, answer)
        # As `run_at` would, without a call of it: from here to here again is what a `perform` costs.
        machine = interpreter._machine
        made = Run()
        made.interpreter, made.hosted = interpreter, hosted
        made._at, made._dynamic, made._site = at, machine.dynamic, machine.site
        made.done = at[0] == CONTINUE
        return made

    def resume_error(self, error: EvalError | str) -> Run:
        """Go on with an error raised at the `perform`. Raises as `resume`."""
        made = EvalError(error) if isinstance(error, str) else error
        return self.interpreter.go_on(resume_error(self.state, made), self.hosted)


def run_of(interpreter: Interpreter, state: State, hosted: bool) -> Run:
    """The run that is at `state`; `hosted` as for `Interpreter.start`."""
    at = state.phase, state.control, state.env, state.kont
    return run_at(interpreter, at, state.dynamic, state.site, hosted)


def run_at(interpreter: Interpreter, at: Transition, dynamic: Kont, site: Site | None, hosted: bool) -> Run:
    """The run of these parts. A function makes it in half the time that a method `__init__` takes."""
    made = Run()
    made.interpreter, made.hosted = interpreter, hosted
    made._at, made._dynamic, made._site = at, dynamic, site
    made.done = at[3] is None and at[0] == CONTINUE
    return made
