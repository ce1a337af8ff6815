"""The fast machine: a trampoline over compiled blocks, with tier 0 for all that is not compiled.

What comes next is always three things: a function, its argument and the continuation. `Block.run` and
`Native.run` are such functions; a block's is at first one that counts, interprets, and compiles the block
when it has run often enough. The trampoline is entered at a fixed shallow depth of the Python stack and
never nests. When a compiled line raises, its locals are the environment of a tier-0 state at that term: tier
0 does the term, and so gives the value or the error, with place and backtrace, that it defines.

Steps here are blocks, not terms; a run whose steps or depth are limited, a strict one, and the debugger
use tier 0 throughout.
"""

from __future__ import annotations

from time import monotonic
from types import TracebackType
from typing import Any

from sxpy.compiler.emit import INFO, Info, compile_block
from sxpy.core.ir import BIND, BRANCH, DO, FIX, JUMP, PUSH, Block, Jump
from sxpy.data import Closure
from sxpy.errors import EvalError, InternalError, SxError
from sxpy.machine.state import APPLY, CONTINUE, EVAL, FAILED, Kont, State, run_native
from sxpy.machine.step import Machine, make_closures

HOT = 30
"""Runs after which a block is compiled."""

PATIENCE = 0.02
"""Seconds after which a run comes back for its limits to be looked at."""

CHUNK = 200
"""Blocks between two looks at the clock."""

Next = tuple[Any, Any, Any]


class _Stop(Exception):
    """The trampoline has come to a transition that it cannot go on from: the end, or a suspension."""

    def __init__(self, phase: str, control: Any, kont: Kont) -> None:
        super().__init__()
        self.phase = phase
        self.control = control
        self.kont = kont


class FastMachine(Machine):
    """A machine that runs compiled blocks. `hot` is the number of runs after which a block is compiled."""

    __slots__ = ("hot",)

    def __init__(self, context: Any, hot: int = HOT) -> None:
        super().__init__(context)
        self.hot = hot

    def run(self, state: State, fuel: int) -> State:
        """At most `fuel` blocks from `state`, and no more when they took too long. Raises as `Machine.run`.

        A block may stand for many rounds of a loop, and a term for much work of a primitive: it is the clock
        that lets limits and interrupts be seen in time.
        """
        if self.context.runtime.strict:
            return super().run(state, fuel)
        self.dynamic, self.site = state.dynamic, state.site
        self.fuel = 0
        try:
            following, given, kont = self.next(state.phase, state.control, list(state.env), state.kont)
        except _Stop as stop:
            return self.stopped(stop)
        patience = monotonic() + PATIENCE
        while True:
            try:
                while fuel > 0 and monotonic() < patience:
                    chunk, fuel = min(CHUNK, fuel), fuel - CHUNK
                    for _ in range(chunk):
                        following, given, kont = following(self, given, kont)
                return self.state_at(following, given, kont)
            except _Stop as stop:
                return self.stopped(stop)
            except Exception as error:
                try:
                    following, given, kont = self.recover(error, following, kont)
                except _Stop as stop:
                    return self.stopped(stop)

    # -- between transitions and what comes next -------------------------------------------------------

    def next(self, phase: str, control: Any, env: Any, kont: Kont) -> Next:
        """What comes next after a transition. Raises _Stop when nothing does."""
        if phase is APPLY:
            if type(control) is Closure and len(env) == control.template.exact:
                return control.template.entry.run, (*env, *control.free), kont
            return call, (control, env, self.site), kont
        if phase is CONTINUE and kont is not None:
            return kont[0].run, control, kont
        if phase is EVAL:
            return interpret, (control, env), kont
        raise _Stop(phase, control, kont)

    def stopped(self, stop: _Stop) -> State:
        """The state in which the trampoline stopped. Raises the error that nothing in the program took."""
        if stop.phase is FAILED:
            raise stop.control
        return State(stop.phase, stop.control, (), stop.kont, self.dynamic, self.site)

    def state_at(self, following: Any, given: Any, kont: Kont) -> State:
        """The state in which `following` is about to run."""
        if following is call:
            head, args, site = given
            return State(APPLY, head, tuple(args), kont, self.dynamic, site)
        if following is interpret:
            term, env = given
            return State(EVAL, term, tuple(env), kont, self.dynamic, self.site)
        block = None if following is run_native else _block_of(following)
        if block is not None and block.entry:
            return State(EVAL, block.body, tuple(given), kont, self.dynamic, self.site)
        return State(CONTINUE, given, (), kont, self.dynamic, self.site)

    # -- what is not compiled ----------------------------------------------------------------------------

    def run_cold(self, block: Block, given: Any, kont: Any) -> Next:
        """Run a block that is not compiled; compile it when it has become hot."""
        block.heat += 1
        if block.heat >= self.hot:
            compiled = compile_block(block, call)
            block.heat = 0
            if compiled is None:
                block.run = _left_to_tier_0(block)
            else:
                block.run = compiled
            return block.run(self, given, kont)
        return _interpret_block(self, block, given, kont)

    def resume_native(self, value: Any, frame: Any) -> Next:
        """Give a value to a native frame."""
        return self.next(*frame[0].resume(self, value, frame))

    # -- errors --------------------------------------------------------------------------------------

    def recover(self, error: Exception, following: Any, kont: Kont) -> Next:
        """Go on after an exception: as tier 0 does from the term at which it was raised."""
        point = _point_of(error.__traceback__)
        if point is not None:
            term, env, kont, again = point
            if term is None:  # a value was to be returned, and there is nothing to return to
                raise _Stop(CONTINUE, env, None)
            if again:
                state = super().run(State(EVAL, term, tuple(env), kont, self.dynamic, self.site), 1)
                return self.next(state.phase, state.control, list(state.env), state.kont)
            if isinstance(error, EvalError):
                site = term.site if isinstance(term, Jump) else self.site
                return self.next(*self.raised(error, site, kont, calling=isinstance(term, Jump)))
        elif isinstance(error, EvalError):
            return self.next(*self.raised(error, self.site, kont, calling=following is call))
        if isinstance(error, SxError):
            raise error
        raise InternalError(f"{type(error).__name__}: {error}") from error


def call(machine: FastMachine, request: Any, kont: Kont) -> Next:
    """Call anything: `request` is procedure, arguments and site."""
    head, args, machine.site = request
    return machine.next(*machine.apply(head, args, kont))


def interpret(machine: FastMachine, point: Any, kont: Kont) -> Next:
    """Go on from a term, by tier 0's rules, to the end of its block."""
    term, env = point
    while True:
        op = term.op
        if op == BIND:
            env.append(term.expr.value(env))
        elif op == BRANCH:
            test = term.test.value(env)
            term = term.then if test is not None and test is not False else term.other
            continue
        elif op == PUSH:
            kont = (term.block, *[env[slot.index] for slot in term.live], kont)
        elif op == DO:
            term.expr.value(env)
        elif op == FIX:
            make_closures(term, env)
        elif op == JUMP:
            head = term.head.value(env)
            args = [argument.value(env) for argument in term.arguments]
            machine.site = term.site
            return machine.next(APPLY, head, args, kont)
        else:
            return machine.next(CONTINUE, term.expr.value(env), None, kont)
        term = term.next


def _interpret_block(machine: FastMachine, block: Block, given: Any, kont: Any) -> Next:
    if block.entry:
        return interpret(machine, (block.body, list(given)), kont)
    return interpret(machine, (block.body, [given, *kont[1:-1]]), kont[-1])


def _left_to_tier_0(block: Block) -> Any:
    def run(machine: FastMachine, given: Any, kont: Any) -> Next:
        return _interpret_block(machine, block, given, kont)

    return run


def _block_of(following: Any) -> Block:
    """The block that a `Block.run` runs."""
    info = following.__globals__.get(INFO)
    if isinstance(info, Info):
        return info.block
    names, cells = following.__code__.co_freevars, following.__closure__
    cold: Block = cells[names.index("block")].cell_contents
    return cold


def _point_of(trace: TracebackType | None) -> Any:
    """The term that an exception was raised at, with environment and continuation; None: it was in no block.

    The frame after the trampoline's is a compiled block's, or tier 0's loop over one.
    """
    while trace is not None:
        code, local = trace.tb_frame.f_code, trace.tb_frame.f_locals
        if code is interpret.__code__:
            return local["term"], local["env"], local["kont"], False
        info = trace.tb_frame.f_globals.get(INFO)
        if isinstance(info, Info):
            term, depth, again = info.lines[trace.tb_lineno]
            if not again and "v" in local and local["K"] is None:
                return None, local["v"], None, False
            return term, [local[f"s{index}"] for index in range(depth)], local["K"], again
        trace = trace.tb_next
    return None
