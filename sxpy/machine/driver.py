"""The driver: the one place where a run is sliced, limited, and its suspensions are answered.

A run goes on until it ends, until it suspends and nobody answers now, or until a limit stops it. Who
answers is an `Answer`: the server's eval loop, the bridge that forwards to a client, and the host inside an
embedded interpreter are three of them, and all come through `drive`.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any, Protocol, cast

from sxpy.core.controls import CONTROLS
from sxpy.core.ir import Block
from sxpy.data import UNBOUND, Span
from sxpy.errors import EvalError, LimitError, NoHostError, UnknownOperationError
from sxpy.host import PENDING, Answer, Host, has_operations, operation_of, owner_of
from sxpy.machine.conditions import place_in
from sxpy.machine.limits import SLICE, Governor
from sxpy.machine.state import APPLY, CONTINUE, SUSPENDED, State
from sxpy.machine.step import PATIENCE, Machine
from sxpy.printer import inspect
from sxpy.runtime import activate, deactivate


class Observer(Protocol):
    """Looks on while programs run: a profiler. `fuel` and `patience` are the most that a slice gets."""

    counts: dict[Block, list[int]]
    fuel: int
    patience: float

    def begins(self) -> None:
        """The run begins."""

    def ran(self, state: State) -> None:
        """A slice has come to this state."""

    def answered(self, state: State) -> None:
        """Somebody has answered the request of this state, or refused it."""


def drive(
    machine: Machine,
    state: State,
    answer: Answer | None,
    governor: Governor,
    observer: Observer | None = None,
    value: Any = UNBOUND,
) -> State:
    """Run until the state is done, or suspended with an answer pending. Raises EvalError, LimitError.

    With an answer None every request is pending. `value` is the answer to the request of `state`.
    """
    if observer is not None:
        observer.begins()
    token = activate(machine.context.runtime)
    outer = machine.answer, machine.due
    if observer is not None:
        # It wants to know who asks, so every request suspends; and where a run is, so it comes back.
        machine.answer = machine.due = None
    else:
        machine.answer = _watched(machine, answer, governor) if answer and governor.watches else answer
        machine.due = governor.due
    machine.asked = False
    try:
        while True:
            if value is UNBOUND:
                if state.kont is None and state.phase == CONTINUE:
                    return state
                if state.phase == SUSPENDED:
                    if answer is None or machine.asked:
                        return state
                    if governor.due():
                        _granted(governor, state)
                    asking = state
                    try:
                        value = answer(state.control)
                    except EvalError as error:
                        state = resume_error(state, error)
                    if observer is not None:
                        observer.answered(asking)
                    if value is PENDING:
                        return state
            fuel = SLICE
            if governor.watches or governor.interrupted:
                fuel = _granted(governor, state)
            if observer is None:
                state = machine.run(state, fuel, value)
            else:
                fuel = min(fuel, observer.fuel)
                state = machine.run(state, fuel, value)
                observer.ran(state)
            value = UNBOUND
            if governor.watches:
                governor.spent(fuel - machine.fuel)
    finally:
        machine.answer, machine.due = outer
        deactivate(token)


def _watched(machine: Machine, answer: Answer, governor: Governor) -> Answer:
    """`answer`, after which a run whose time is over comes back at the next request."""
    until = 0.0

    def watched(request: Any) -> Any:
        nonlocal until
        value = answer(request)
        now = monotonic()
        if now > until:
            until = now + PATIENCE
            if governor.due():
                machine.answer = None
        return value

    return watched


def _granted(governor: Governor, state: State) -> int:
    """The fuel for the next slice. Raises LimitError with place and backtrace."""
    try:
        return governor.grant(state)
    except LimitError as error:
        error.backtrace = state.backtrace()
        error.place = place_in(error.backtrace)
        raise


def resume_error(state: State, error: EvalError) -> State:
    """The state in which the `perform` raises `error`."""
    if not state.suspended:
        raise ValueError(f"the machine is in phase {state.phase}; only a suspended one can be resumed")
    return State(APPLY, CONTROLS["%raise-error"], (error,), state.kont, state.dynamic)


def answer_from(host: Host | Answer | None) -> Answer:
    """The answer of a host: what it does not own is an error, and so is everything when there is none."""
    if host is None:
        return _nobody
    return _answer_of(host) if has_operations(host) else cast("Answer", host)


def _nobody(request: Any) -> Any:
    operation, _ = operation_of(request)
    raise NoHostError(f"IO suspension in non-IO context: {_shown(operation, request)}", request)


def _answer_of(host: Host) -> Answer:
    asked: dict[Any, Callable[[str, list[Any], Any], Any]] = {}
    """Who answers an operation, from the first time on that it is asked for."""

    def answer(request: Any) -> Any:
        # Most requests by far are a plain dict with a span of arguments: `operation_of` in a few lines.
        try:
            parts = request.plain
            operation, args = parts["op"], parts["args"]
            ask = asked[operation]
            if type(args) is not Span:
                raise KeyError
            given = args.buffer[args.low : args.high]
        except (AttributeError, KeyError, TypeError):
            operation, given = operation_of(request)
            owner = None if operation is None else owner_of(operation, host)
            if owner is None:
                shown = _shown(operation, request)
                raise UnknownOperationError(f"Unknown IO operation: {shown}", request) from None
            ask = asked[operation] = owner.answer
        return ask(operation, given, request)

    return answer


def _shown(operation: str | None, request: Any) -> str:
    return operation if operation is not None else inspect(request)
