"""A debugger: the state of a program, and the ways to go on from it and back.

Owns what happens between two stops. A run makes one step of the machine after the other, keeps every state
in the history, and stops when the way it was asked to go has come to its end, at a breakpoint, at an error
that nothing handles, at a `perform` that no host answers, or when somebody interrupts it. Whatever stops
it, the present state is whole: one can look at it, go back, or go on.
Next: `breakpoints.py`, `sxpy/machine/step.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from os import PathLike
from typing import Any

from sxpy.core.controls import CONTROLS
from sxpy.core.ir import Block, store
from sxpy.core.sites import Site
from sxpy.data import UNBOUND, Cell, Environment
from sxpy.debugger.breakpoints import (
    Breakpoint,
    Breakpoints,
    ErrorBreakpoint,
    FunctionBreakpoint,
    LineBreakpoint,
    OperationBreakpoint,
    extents,
)
from sxpy.debugger.calls import Call, current, depth_of, returns_to, running
from sxpy.debugger.effects import effects
from sxpy.debugger.history import DEFAULT, History
from sxpy.debugger.scope import Variable, environment, variables
from sxpy.debugger.ways import Arrived, Depth, begins, next_to, spot_in, stands
from sxpy.errors import EvalError, LimitError, ProgramInterrupted, SxError, SxValueError
from sxpy.host import PENDING, is_owned, operation_of
from sxpy.interpreter import Interpreter
from sxpy.machine.driver import answer_from, resume_error
from sxpy.machine.limits import Governor
from sxpy.machine.program import program_state
from sxpy.machine.state import APPLY, CONTINUE, Kont, State, Transition
from sxpy.machine.step import Machine
from sxpy.reader import Source, read_file, read_source
from sxpy.reader.forms import Spot
from sxpy.runtime import activate, deactivate


class Reason(Enum):
    """Why a run stopped."""

    READY = "the program is about to start"
    STEP = "the way that was asked for has been gone"
    RETURN = "a function is about to return"
    BREAKPOINT = "a breakpoint"
    PERFORM = "a perform waits for an answer"
    ERROR = "an error that nothing handles; the state is the one before the step that raised it"
    RAISE = "an error is about to be raised, and an error breakpoint waits for it"
    LIMIT = "a limit, or an interrupt"
    END = "the program has ended"
    EDGE = "no state before or after this one is kept"


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a run has stopped, and why. `error` is set for ERROR, RAISE and LIMIT."""

    reason: Reason
    state: State
    breakpoints: tuple[Breakpoint, ...] = ()
    error: SxError | None = None
    undone: tuple[str, ...] = ()
    """Going back: what the steps in between changed, and what going back has not undone."""


class _Watched(Machine):
    """A machine that tells of each error that a program raises."""

    __slots__ = ("failure",)

    def __init__(self, context: Any) -> None:
        super().__init__(context)
        self.failure: EvalError | None = None

    def raised(self, error: EvalError, site: Site | None, kont: Kont, *, calling: bool) -> Transition:
        self.failure = error
        return super().raised(error, site, kont, calling=calling)


class Debugger:
    """Runs one program under control.

    `world` makes the interpreter of a run; `restart` calls it again. `history` is how many states are kept
    to go back to. Ways of going raise nothing that the program does: they return a `Stop`.
    """

    def __init__(self, world: Callable[[], Interpreter], *, history: int = DEFAULT) -> None:
        self._world = world
        self._limit = history
        self.breakpoints = Breakpoints()
        self.load("")

    # -- the program -------------------------------------------------------------------------------

    def load(self, text: str, file: str = "<string>") -> Stop:
        """Make `text` the program, at its start. Raises ReadError."""
        return self._begin(lambda: Source(text, file))

    def load_file(self, path: str | PathLike[str]) -> Stop:
        """Make the file at `path` the program, at its start. Raises ReadError, SxIOError."""
        return self._begin(lambda: read_file(path))

    def restart(self) -> Stop:
        """Start the program anew in a new world, from its file as it is now. Breakpoints stay."""
        return self._begin(self._reread)

    def _begin(self, reread: Callable[[], Source]) -> Stop:
        source = reread()
        forms, starts = read_source(source)
        self._reread = reread
        self.source = source
        self.interpreter = self._world()
        self.interpreter.runtime.debugged = True
        spots = [Spot(source, start) for start in starts]
        program = program_state(tuple(zip(forms, spots, strict=True)), self.interpreter.env)
        self._machine = _Watched(self.interpreter)
        self._governor = Governor(self.interpreter.limits)
        self._bounded = any(
            limit is not None
            for limit in (
                self.interpreter.limits.steps,
                self.interpreter.limits.depth,
                self.interpreter.limits.memory,
                self.interpreter.limits.seconds,
            )
        )
        self.history = History(program, self._limit)
        self._ready: tuple[State, State] | None = None
        self.breakpoints.forget_code()
        return Stop(Reason.READY, program)

    @property
    def state(self) -> State:
        """The present state."""
        return self.history.state

    # -- breakpoints -------------------------------------------------------------------------------

    def break_at(self, function: str, *, condition: str | None = None, once: bool = False) -> Breakpoint:
        """Stop at the calls of the functions and operations of this name, now or later."""
        number = self.breakpoints.number()
        return self._added(FunctionBreakpoint(number=number, condition=condition, once=once, name=function))

    def break_at_line(
        self, line: int, file: str | None = None, *, condition: str | None = None, once: bool = False
    ) -> Breakpoint:
        """Stop at a line of a file, by default the program's own.

        Raises SxValueError when the program's file has nothing there.
        """
        wanted = file or self.source.file
        number = self.breakpoints.number()
        made = LineBreakpoint(number=number, condition=condition, once=once, file=wanted, line=line)
        if made.is_in(self.source.file):
            ends = extents(self.source)
            if not ends or line > ends[-1][1]:
                raise SxValueError(f"{self.source.file} has no form at line {line} or after it")
            if not any(first <= line <= last for first, last in ends):
                made.line = next(first for first, _ in ends if first > line)
        return self._added(made)

    def break_at_perform(self, operation: str | None = None, *, condition: str | None = None) -> Breakpoint:
        """Stop when an operation is performed, any with None."""
        number = self.breakpoints.number()
        return self._added(OperationBreakpoint(number=number, condition=condition, name=operation))

    def break_at_errors(self) -> Breakpoint:
        """Stop before each error that is raised, even if the program handles it."""
        return self._added(ErrorBreakpoint(number=self.breakpoints.number()))

    def _added(self, made: Breakpoint) -> Breakpoint:
        self.breakpoints.add(made)
        return made

    # -- going on ----------------------------------------------------------------------------------

    def step(self, count: int = 1) -> Stop:
        """Make `count` steps of the machine; a suspended one goes to the host."""
        left = count

        def arrived(state: State, depth: int) -> bool:
            nonlocal left
            left -= 1
            return left <= 0

        return self._go(arrived, Reason.STEP)

    def into(self) -> Stop:
        """Go to the next place in the source, in whichever function it is."""
        start = spot_in(self.state)

        def arrived(state: State, depth: int) -> bool:
            return stands(state) and (begins(state) or spot_in(state) is not start)

        return self._go(arrived, Reason.STEP)

    def next(self) -> Stop:
        """Go to the next place of this function, or of its caller: over calls.

        A call in tail position to the function itself, or to one that stands in it or around it, is gone
        into: that is how loops are written.
        """
        return self._go(next_to(self.state), Reason.STEP)

    def out(self) -> Stop:
        """Go on until this function returns: to the state in which its caller is about to get the value."""
        below = returns_to(self.state)
        level = depth_of(below)

        def arrived(state: State, depth: int) -> bool:
            return depth < level or (state.phase is CONTINUE and state.kont is below)

        return self._go(arrived, Reason.RETURN)

    def go(self) -> Stop:
        """Go on until something stops the program."""
        return self._go(lambda state, depth: False, Reason.STEP)

    def interrupt(self) -> None:
        """Stop the run in progress, or the next one; safe from a signal handler or a thread."""
        self._governor.interrupted = True

    # -- answering, returning ------------------------------------------------------------------------

    def answer(self, value: Any) -> Stop:
        """Answer the `perform` that waits with an SX value. Raises SxValueError when none does."""
        self._check_suspended()
        return self._put(self.state.resume(value))

    def fail(self, error: EvalError) -> Stop:
        """Answer the `perform` that waits with an error. Raises SxValueError when none does."""
        self._check_suspended()
        return self._put(resume_error(self.state, error))

    def raise_value(self, value: Any) -> Stop:
        """Answer the `perform` that waits by raising a value there. Raises SxValueError when none does."""
        self._check_suspended()
        state = self.state
        return self._put(State(APPLY, CONTROLS["raise"], (value,), state.kont, state.dynamic, state.site))

    def finish_with(self, value: Any) -> Stop:
        """Leave the function that runs now, with an SX value as if it had returned that.

        Raises SxValueError when no function is running.
        """
        call = current(self.state)
        if call is None:
            raise SxValueError("no function is running that could return")
        return self._put(State(CONTINUE, value, (), call.below, _dynamic_in(call.below)))

    def _check_suspended(self) -> None:
        if not self.state.suspended:
            raise SxValueError("no perform waits for an answer here")

    def _put(self, state: State) -> Stop:
        self.history.add(state)
        return Stop(Reason.STEP, state)

    # -- going back --------------------------------------------------------------------------------

    def back(self, count: int = 1) -> Stop:
        """Go back `count` states, or as many as are kept."""
        left = count

        def arrived(state: State, depth: int) -> bool:
            nonlocal left
            left -= 1
            return left <= 0

        return self._go_back(arrived, [])

    def previous(self) -> Stop:
        """Go back to the place before this one of this function, or of its caller: over calls."""
        undone: list[str] = []
        self._to_beginning(undone)
        stop = self._go_back(next_to(self.state), undone)
        self._to_beginning(undone)
        return Stop(stop.reason, self.state, undone=_counted(undone))

    def _to_beginning(self, undone: list[str]) -> None:
        """Go back to the first step of the place that the state stands at."""
        while stands(self.state) and not begins(self.state):
            before = self.history.before(1)
            if before is None or not stands(before) or spot_in(before) is not spot_in(self.state):
                return
            self.history.back()
            undone += effects(before)

    def rewind(self) -> Stop:
        """Go back to the last breakpoint, or to the first state that is kept."""
        return self._go_back(lambda state, depth: False, [], breakpoints=True)

    def forward(self, count: int = 1) -> Stop:
        """Go forward `count` states that were gone back from; nothing is run again."""
        for _ in range(count):
            if not self.history.forward():
                return Stop(Reason.EDGE, self.state)
        return Stop(Reason.STEP, self.state)

    def _go_back(self, arrived: Arrived, undone: list[str], *, breakpoints: bool = False) -> Stop:
        depth = Depth(self.state.kont)
        while self.history.back():
            state = self.state
            undone += effects(state)
            if arrived(state, depth.at(state.kont)):
                return Stop(Reason.STEP, state, undone=_counted(undone))
            if breakpoints:
                hit = [item for item in self.breakpoints.at(state) if self._holds(item)]
                if hit:
                    return Stop(Reason.BREAKPOINT, state, tuple(hit), undone=_counted(undone))
        return Stop(Reason.EDGE, self.state, undone=_counted(undone))

    # -- looking -----------------------------------------------------------------------------------

    def seen_from(self, call: Call) -> tuple[State, Call]:
        """A state and a call in it that tell the variables of a call in the present state.

        A tail call has dropped the frame of its function; as long as nothing else has run, the state that
        made it is in the history.
        """
        if call.term is None and all(type(frame[0]) is not Block for frame in call.frames):
            for count in (1, 2):
                state = self.history.before(count)
                inner = None if state is None else running(state)
                if state is not None and inner is not None and inner.term and inner.site is call.site:
                    return state, inner
        return self.state, call

    def variables(self, call: Call) -> list[Variable]:
        """The variables of a call in the present state."""
        return variables(*self.seen_from(call))

    def evaluate(self, text: str, call: Call | None = None) -> Any:
        """The value of SX text where `call` stands, by default the innermost one.

        Variables of the program that it sets are set in the program, definitions are global. The state does
        not change, and no breakpoint stops what is evaluated. Raises ReadError, EvalError, LimitError, and
        SxValueError when it sets a variable that the program itself never sets: such a one has no single
        home.
        """
        call = call or current(self.state)
        state, call = (self.state, None) if call is None else self.seen_from(call)
        globals_ = environment(call, self.interpreter.env)
        seen = [] if call is None else variables(state, call)
        env = Environment("debugger", globals_)
        for variable in seen:
            env.cells[variable.name] = Cell(variable.name, variable.value)
        value = self.interpreter.eval(text, "<debug>", env)
        for variable in seen:
            changed = env.cells.pop(variable.name).value
            if changed is variable.value:
                continue
            if variable.box is None:
                raise SxValueError(
                    f"{variable.name} cannot be set: the program never sets it, so its value is copied"
                )
            variable.box.value = changed
        for name, cell in env.cells.items():
            if cell.value is not UNBOUND:
                store(globals_.own(name), cell.value)
        return value

    def owned(self, state: State) -> bool:
        """Whether the host would answer the request of a suspended state."""
        operation, _ = operation_of(state.request)
        return operation is not None and is_owned(operation, self.interpreter.host)

    # -- the run -----------------------------------------------------------------------------------

    def _go(self, arrived: Arrived, reason: Reason) -> Stop:
        while True:
            stop = self._run(arrived, reason)
            if stop.reason not in (Reason.BREAKPOINT, Reason.RAISE):
                return stop
            try:
                hit = tuple([item for item in stop.breakpoints if self._holds(item)])
            except SxError as error:
                return Stop(Reason.BREAKPOINT, stop.state, stop.breakpoints, error)
            if hit:
                for item in hit:
                    item.hits += 1
                    if item.once:
                        self.breakpoints.remove(item.number)
                return Stop(stop.reason, stop.state, hit, stop.error)
            if stop.reason is Reason.BREAKPOINT and arrived(stop.state, depth_of(stop.state.kont)):
                return Stop(reason, stop.state)

    def _holds(self, item: Breakpoint) -> bool:
        return item.condition is None or self.evaluate(item.condition) not in (None, False)

    def _run(self, arrived: Arrived, reason: Reason) -> Stop:
        """One run, to the first state at which it might have to stop."""
        history, machine, governor = self.history, self._machine, self._governor
        state = history.state
        depth = Depth(state.kont)
        token = activate(self.interpreter.runtime)
        try:
            with self.interpreter.governed(governor):
                while True:
                    if state.done:
                        return Stop(Reason.END, state)
                    if self._bounded or governor.interrupted:
                        governor.grant(state)
                    following = self._following(state, machine)
                    if following is None:
                        return Stop(Reason.PERFORM, state)
                    if machine.failure is not None:
                        failure, machine.failure = machine.failure, None
                        waiting_for = self.breakpoints.on_errors
                        if waiting_for:
                            self._ready = (state, following)
                            return Stop(Reason.RAISE, state, tuple(waiting_for), failure)
                    if self._bounded:
                        governor.spent(1)
                    state = following
                    history.add(state)
                    hit = self.breakpoints.at(state)
                    if hit:
                        return Stop(Reason.BREAKPOINT, state, tuple(hit))
                    if state.suspended and not self.owned(state):
                        return Stop(Reason.PERFORM, state)
                    if arrived(state, depth.at(state.kont)):
                        return Stop(reason, state)
        except ProgramInterrupted as error:
            return Stop(Reason.LIMIT, state, error=error)
        except LimitError as error:
            error.backtrace = error.backtrace or state.backtrace()
            return Stop(Reason.LIMIT, state, error=error)
        except SxError as error:
            machine.failure = None
            return Stop(Reason.ERROR, state, error=error)
        finally:
            deactivate(token)

    def _following(self, state: State, machine: Machine) -> State | None:
        """The next state; None when the host answers later. Raises what nothing in the program handles."""
        if self._ready is not None:
            before, following = self._ready
            self._ready = None
            if before is state:
                return following
        if not state.suspended:
            return machine.run(state, 1)
        try:
            value = answer_from(self.interpreter.host)(state.request)
        except EvalError as error:
            return resume_error(state, error)
        return None if value is PENDING else state.resume(value)


def _dynamic_in(kont: Kont) -> Kont:
    """The innermost dynamic frame of a continuation."""
    while kont is not None and (type(kont[0]) is Block or not kont[0].dynamic):
        kont = kont[-1]
    return kont


def _counted(undone: list[str]) -> tuple[str, ...]:
    """What was done, the earliest first, each once and how often."""
    counts: dict[str, int] = {}
    for item in reversed(undone):
        counts[item] = counts.get(item, 0) + 1
    return tuple([item if count == 1 else f"{item} ({count} times)" for item, count in counts.items()])
