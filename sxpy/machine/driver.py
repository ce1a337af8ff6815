"""The driver: the one place where a run is sliced, limited, and its suspensions are answered.

A run goes on until it ends, until it suspends and nobody answers now, or until a limit stops it. Who
answers is an `Answer`: the server's eval loop, the bridge that forwards to a client, and the host inside an
embedded interpreter are three of them, and all come through `Driver.advance`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, Protocol, cast

from sxpy.core.controls import CONTROLS
from sxpy.core.ir import Block
from sxpy.core.sites import Site
from sxpy.data import Span
from sxpy.errors import EvalError, LimitError, NoHostError, UnknownOperationError
from sxpy.host import PENDING, Answer, Host, has_operations, operation_of, owner_of
from sxpy.machine.conditions import place_in
from sxpy.machine.limits import SLICE, Governor, Limits
from sxpy.machine.state import APPLY, CONTINUE, SUSPENDED, Kont, State, Transition, new_state
from sxpy.machine.step import PATIENCE, Machine
from sxpy.printer import inspect
from sxpy.runtime import latest, make_latest


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


RUNNING = "this interpreter is running already; use another one, or call it from SX"


class Driver:
    """Drives one machine, one run at a time, within `limits`.

    What a run comes to is a transition; what else belongs to a state, `dynamic` and `site`, is the machine's.
    """

    def __init__(self, machine: Machine, limits: Limits) -> None:
        self.limits = limits
        self._machine = machine
        self._observer: Observer | None = None
        self._governor: Governor | None = None
        """Who watches the run in progress."""
        self._last = Governor(limits)
        """The governor of the last run; without limits it can be that of the next one."""
        self._unsaved: list[Any] = []
        """What a run may leave to be saved."""

    def advance(
        self,
        start: Transition,
        dynamic: Kont,
        site: Site | None,
        answer: Answer | None,
        governor: Governor | None = None,
    ) -> Transition:
        """Run until the end, or a suspension with the answer pending. Raises EvalError, LimitError.

        With an answer None every request is pending. Without a `governor` the run has one of its own.
        """
        if self._governor is not None:
            raise EvalError(RUNNING)
        if governor is None:
            governor = self._last
            if governor.watches or governor.limits is not self.limits:
                governor = self._last = Governor(self.limits)
            governor.interrupted = False
        self._governor = governor
        machine, observer, watches = self._machine, self._observer, governor.watches
        if observer is None:
            machine.answer = _watched(machine, answer, governor) if watches and answer else answer
            machine.governor = governor
        else:
            # It wants to know who asks, so every request suspends; and where a run is, so it comes back.
            machine.answer = machine.governor = None
            observer.begins()
        machine.dynamic, machine.site = dynamic, site
        # What `activate` and `deactivate` do: a run that is resumed finds itself the latest.
        runtime, outer = machine.context.runtime, latest()
        if outer is not runtime:
            make_latest(runtime)
        ran, runtime.running = runtime.running, True
        at = start
        try:
            while True:
                fuel = SLICE
                if watches or governor.interrupted:
                    fuel = _granted(machine, at, governor)
                if observer is None:
                    at = machine.go(at, fuel)
                else:
                    fuel = min(fuel, observer.fuel)
                    at = machine.go(at, fuel)
                    observer.ran(_state(machine, at))
                if watches:
                    governor.spent(fuel - machine.fuel)
                if at[0] == SUSPENDED:
                    if answer is None or machine.asked:
                        machine.asked = False
                        return at
                    if governor.due():
                        _granted(machine, at, governor)
                    asking = None if observer is None else _state(machine, at)
                    following = _answered(machine, at, answer)
                    if observer is not None and asking is not None:
                        observer.answered(asking)
                    if following is None:
                        return at
                    at = following
                elif at[3] is None and at[0] == CONTINUE:
                    return at
        finally:
            self._governor = machine.answer = machine.governor = None
            runtime.running = ran
            if outer is not runtime and outer.running:
                make_latest(outer)
            if self._unsaved:
                self._save()

    def conversation(self, state: State, to_sx: Callable[[Any], Any]) -> Generator[Any, Any, Any]:
        """Go on from a state as a generator: it yields requests, gets answers, and returns the value.

        `to_sx` gives the SX value of an answer. An EvalError that is thrown is raised at the `perform`.
        """
        machine, runtime = self._machine, self._machine.context.runtime
        at: Transition = (state.phase, state.control, state.env, state.kont)
        dynamic, site = state.dynamic, state.site
        while True:
            governor = self._last
            if self._governor or self._observer or governor.watches or governor.limits is not self.limits:
                at = self.advance(at, dynamic, site, None)
            else:
                # One slice, which most often leads to the next request: what `advance` does for it, and no
                # more. This is the way from one request to the next that embedders wait for.
                self._governor = machine.governor = governor
                governor.interrupted = False
                machine.dynamic, machine.site = dynamic, site
                outer = latest()
                if outer is not runtime:
                    make_latest(runtime)
                ran, runtime.running = runtime.running, True
                try:
                    at = machine.go(at, SLICE)
                finally:
                    self._governor = machine.governor = None
                    runtime.running = ran
                    if outer is not runtime and outer.running:
                        make_latest(outer)
                    if self._unsaved:
                        self._save()
                if at[0] != SUSPENDED:
                    at = self.advance(at, machine.dynamic, machine.site, None, governor)
            dynamic, site = machine.dynamic, machine.site
            if at[0] == CONTINUE:
                return at[1]
            try:
                at = (CONTINUE, to_sx((yield at[1])), (), at[3])
            except EvalError as error:
                at, site = raising(error, at[3]), None

    def drive(self, state: State, answer: Answer | None, governor: Governor | None = None) -> State:
        """As `advance`, from and to a state."""
        start = state.phase, state.control, state.env, state.kont
        return _state(self._machine, self.advance(start, state.dynamic, state.site, answer, governor))

    def interrupt(self) -> bool:
        """Stop the run in progress with `ProgramInterrupted`; safe from a signal handler or a thread.

        Returns whether there was one.
        """
        governor = self._governor
        if governor is None:
            return False
        governor.interrupted = True
        self._machine.answer = None  # the next `perform` suspends, and so comes to the driver
        return True

    @contextmanager
    def governed(self, governor: Governor) -> Iterator[None]:
        """Within: `governor` watches what runs, and `interrupt` tells it.

        Raises EvalError when another one does already.
        """
        if self._governor is not None:
            raise EvalError(RUNNING)
        self._governor = governor
        try:
            yield
        finally:
            self._governor = None

    def _save(self) -> None:
        """Save what is `_unsaved`."""


def _answered(machine: Machine, at: Transition, answer: Answer) -> Transition | None:
    """How a suspended machine goes on; None: the answer is pending."""
    _, request, env, kont = at
    try:
        value = answer(request)
    except EvalError as error:
        machine.site = None
        return raising(error, kont)
    return None if value is PENDING else (CONTINUE, value, env, kont)


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


def _granted(machine: Machine, at: Transition, governor: Governor) -> int:
    """The fuel for the next slice. Raises LimitError with place and backtrace."""
    state = _state(machine, at)
    try:
        return governor.grant(state)
    except LimitError as error:
        error.backtrace = state.backtrace()
        error.place = place_in(error.backtrace)
        raise


def _state(machine: Machine, at: Transition) -> State:
    """The state that a machine is in at a transition."""
    phase, control, env, kont = at
    return new_state(phase, control, env, kont, machine.dynamic, machine.site)


def raising(error: EvalError, kont: Kont) -> Transition:
    """The transition, without a site, that raises the error of a host at its `perform`."""
    return APPLY, CONTROLS["%raise-error"], (error,), kont


def resume_error(state: State, error: EvalError) -> State:
    """The state in which the `perform` raises `error`."""
    if not state.suspended:
        raise ValueError(f"the machine is in phase {state.phase}; only a suspended one can be resumed")
    phase, control, env, kont = raising(error, state.kont)
    return State(phase, control, env, kont, state.dynamic)


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
