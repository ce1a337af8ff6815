"""The machine as a library for SX: states made, stepped, run, inspected and resumed by SX programs.

A state is a value. A stepping operation is a frame like any other: the inner program runs a slice at a
time, and between slices the outer one can be stopped, so an inner loop never escapes the limits.
"""

from __future__ import annotations

from typing import Any

from sxpy.core.ir import Block
from sxpy.data import Dict, Environment, MachineState, from_list, is_procedure
from sxpy.errors import EvalError, NoHostError, SxValueError
from sxpy.host import operation_of
from sxpy.machine.driver import resume_error
from sxpy.machine.procedures import control
from sxpy.machine.program import program_state
from sxpy.machine.state import APPLY, CONTINUE, EVAL, Kont, State, Transition, native
from sxpy.primitives.registry import expected
from sxpy.printer import inspect
from sxpy.reader.forms import spot_of

SLICE = 1000
"""Steps of the inner machine that one step of the outer one makes."""


def _state(who: str, value: Any) -> State:
    if type(value) is not MachineState:
        raise expected(who, "a machine state", value)
    state: State = value.state
    return state


def _advanced(machine: Any, held: MachineState, fuel: int) -> MachineState:
    from sxpy.machine.step import Machine  # noqa: PLC0415  it imports the procedures' registry first

    return MachineState(Machine(held.context or machine.context).run(held.state, fuel), held.context)


@control("make-cek-state", minimum=1, maximum=3)
def make_cek_state(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(make-cek-state control env? kont?) — the state that is about to evaluate the form `control`.

    `env` is an environment, the global one by default; `kont` a state whose continuation gets the value.
    (cek-value (cek-run (make-cek-state '(+ 1 2)))) => 3
    """
    form = args[0]
    env = args[1] if len(args) > 1 and args[1] is not None else machine.context.env
    if not isinstance(env, Environment):
        raise expected("make-cek-state", "an environment", env)
    state = program_state(((form, spot_of(form)),), env)
    if len(args) == 3 and args[2] is not None:
        below = _state("make-cek-state", args[2])
        frame: Any = state.kont
        state = State(CONTINUE, None, (), (*frame[:-1], below.kont), below.dynamic)
        return CONTINUE, MachineState(state, args[2].context), None, kont
    return CONTINUE, MachineState(state), None, kont


@control("cek-step", minimum=1, maximum=1)
def cek_step(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(cek-step state) — the next state; a terminal or suspended one is itself.

    (cek-state? (cek-step (make-cek-state 1))) => true
    """
    state = _state("cek-step", args[0])
    if state.done or state.suspended:
        return CONTINUE, args[0], None, kont
    return CONTINUE, _advanced(machine, args[0], 1), None, kont


@native("cek-step-loop")
def LOOPING(machine: Any, value: Any, frame: Any) -> Transition:
    """(LOOPING, state, whether a suspension is an error, kont)."""
    _, held, strict, kont = frame
    held = _advanced(machine, held, SLICE)
    state = held.state
    if state.done:
        return CONTINUE, held, None, kont
    if state.suspended:
        if strict:
            operation, _ = operation_of(state.request)
            shown = operation if operation is not None else inspect(state.request)
            raise NoHostError(f"IO suspension in non-IO context: {shown}", state.request)
        return CONTINUE, held, None, kont
    return CONTINUE, None, None, (LOOPING, held, strict, kont)


@control("cek-step-loop", minimum=1, maximum=1)
def cek_step_loop(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(cek-step-loop state) — step until the state is terminal or suspended.

    (cek-suspended? (cek-step-loop (make-cek-state '(perform 1)))) => true
    """
    _state("cek-step-loop", args[0])
    return CONTINUE, None, None, (LOOPING, args[0], False, kont)


@control("cek-run", minimum=1, maximum=1)
def cek_run(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(cek-run state) — step until the state is terminal; an error when it suspends.

    (cek-value (cek-run (make-cek-state '(* 6 7)))) => 42
    """
    _state("cek-run", args[0])
    return CONTINUE, None, None, (LOOPING, args[0], True, kont)


@control("cek-resume", minimum=2, maximum=2)
def cek_resume(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(cek-resume state v) — the state in which the `perform` has returned v.

    (cek-value (cek-run (cek-resume (cek-step-loop (make-cek-state '(+ 1 (perform 1)))) 41))) => 42
    """
    state = _suspended("cek-resume", args[0])
    return CONTINUE, MachineState(state.resume(args[1]), args[0].context), None, kont


@control("cek-resume-error", minimum=2, maximum=2)
def cek_resume_error(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(cek-resume-error state message) — the state in which the `perform` raises an error.

    (cek-state? (cek-resume-error (cek-step-loop (make-cek-state '(perform 1))) "no")) => true
    """
    error = EvalError(args[1]) if isinstance(args[1], str) else EvalError(inspect(args[1]), payload=args[1])
    state = _suspended("cek-resume-error", args[0])
    return CONTINUE, MachineState(resume_error(state, error), args[0].context), None, kont


@control("cek-freeze", minimum=1, maximum=1)
def cek_freeze(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(cek-freeze state) — the state, and all that is reachable from it, as text that `cek-thaw` reads.

    (string? (cek-freeze (cek-step-loop (make-cek-state '(+ 1 (perform 1)))))) => true
    """
    _state("cek-freeze", args[0])
    return CONTINUE, machine.context.freeze_state(args[0]), None, kont


@control("cek-thaw", minimum=1, maximum=1)
def cek_thaw(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(cek-thaw text) — the state that was frozen, with globals of its own: no other state changes them.

    (cek-suspended? (cek-thaw (cek-freeze (cek-step-loop (make-cek-state '(perform "ask")))))) => true
    """
    if not isinstance(args[0], str):
        raise expected("cek-thaw", "a string", args[0])
    return CONTINUE, machine.context.thaw_state(args[0]), None, kont


@control("register-frame-upcaster", minimum=2, maximum=3)
def register_frame_upcaster(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(register-frame-upcaster old new f?) — how frozen runs move from the waiting point old to new.

    Both are strings: a function for all of its waiting points, or one of them, such as "order#2". f makes the
    live values at new, a dict by name, of those at old; without it they stay the same.
    (register-frame-upcaster "order" "order" (fn (live) (assoc live :currency "EUR"))) => nil
    """
    old, new, *function = args
    for name in (old, new):
        if not isinstance(name, str):
            raise expected("register-frame-upcaster", "strings as the waiting points", name)
    if function and not is_procedure(function[0]):
        raise expected("register-frame-upcaster", "a procedure", function[0])
    if ("#" in old) != ("#" in new):
        raise SxValueError("register-frame-upcaster: both must be functions, or both waiting points")
    machine.context.upcasters[old] = (new, function[0] if function else None)
    return CONTINUE, None, None, kont


def _suspended(who: str, value: Any) -> State:
    state = _state(who, value)
    if not state.suspended:
        raise SxValueError(f"{who}: the state is not suspended but in phase {phase_of(state)}")
    return state


def phase_of(state: State) -> str:
    """The phase as programs see it: eval, continue or io-suspended."""
    return EVAL if state.phase == APPLY else state.phase


def _question(name: str, doc: str, answer: Any) -> None:
    def enter(machine: Any, args: list[Any], kont: Kont) -> Transition:
        return CONTINUE, answer(_state(name, args[0])), None, kont

    enter.__doc__ = doc
    control(name, minimum=1, maximum=1)(enter)


def _value(state: State) -> Any:
    if not state.done:
        raise SxValueError(f"cek-value: the state is not terminal but in phase {phase_of(state)}")
    return state.value


def _request(state: State) -> Any:
    if not state.suspended:
        raise SxValueError(f"cek-io-request: the state is not suspended but in phase {phase_of(state)}")
    return state.request


def describe_frame(frame: tuple[Any, ...]) -> Dict:
    """A frame as data: what waits, in which function, where, and the live values by name."""
    kind = frame[0]
    if type(kind) is not Block:
        return Dict({"kind": kind.name})
    place = kind.site.place
    live = zip([var.name for var in kind.captured], frame[1:-1], strict=True)
    return Dict(
        {
            "kind": "call",
            "function": kind.site.function,
            "place": None if place is None else str(place),
            "values": Dict(dict(live)),
        }
    )


_question(
    "cek-terminal?",
    """(cek-terminal? state) — whether the program has ended.
    (cek-terminal? (make-cek-state 1)) => false""",
    lambda state: state.done,
)
_question(
    "cek-suspended?",
    """(cek-suspended? state) — whether the program waits for an answer.
    (cek-suspended? (make-cek-state 1)) => false""",
    lambda state: state.suspended,
)
_question(
    "cek-value",
    """(cek-value state) — the value of a terminal state.
    (cek-value (cek-run (make-cek-state 5))) => 5""",
    _value,
)
_question(
    "cek-io-request",
    """(cek-io-request state) — what a suspended state asks for.
    (cek-io-request (cek-step-loop (make-cek-state '(perform 1)))) => 1""",
    _request,
)
_question(
    "cek-phase",
    """(cek-phase state) — "eval", "continue" or "io-suspended".
    (cek-phase (make-cek-state 1)) => "continue\"""",
    phase_of,
)
_question(
    "cek-depth",
    """(cek-depth state) — how many frames the continuation has.
    (cek-depth (make-cek-state 1)) => 1""",
    lambda state: len(state.frames()),
)
_question(
    "cek-frames",
    """(cek-frames state) — the frames of the continuation, innermost first, as dicts.
    (len (cek-frames (make-cek-state 1))) => 1""",
    lambda state: from_list([describe_frame(frame) for frame in state.frames()]),
)


@control("cek-state?", minimum=1, maximum=1)
def is_cek_state(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(cek-state? v) — whether v is a state of the machine.

    (cek-state? 1) => false
    """
    return CONTINUE, type(args[0]) is MachineState, None, kont
