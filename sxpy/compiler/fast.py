"""The fast machine: a trampoline over runners, with tier 0 for all that is not compiled.

What comes next is always three things: a runner (`sxpy/compiler/runners.py`), its input and the continuation.
`Block.run` and `Native.run` are runners; a block's is at first one that counts, interprets, and compiles the
block when it has run often enough. The trampoline never nests. When a compiled line raises, its locals are
the environment of a tier-0 state at that term: tier 0 does the term, and so gives the value or the error,
with place and backtrace, that it defines. When direct code raises, what waits becomes frames before.

Steps here are blocks, not terms; a run whose steps or depth are limited, a strict one, and the debugger
use tier 0 throughout.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import chain, repeat
from time import monotonic
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

from sxpy.compiler.detours import Detours
from sxpy.compiler.info import INFO, Info
from sxpy.compiler.runners import (
    TRAMPOLINES,
    Next,
    as_blocks,
    block_of,
    call,
    call_by_frames,
    can_be_direct,
    gate,
    gate_of,
    halted,
    interpret,
    interpret_block,
    point_of,
    resume,
    resume_by_frames,
)
from sxpy.core.controls import CONTROLS
from sxpy.core.direct import Allowance, Direct, Leave, Waiting, allowance, leave
from sxpy.core.ir import Block, Global, Jump, Template, Term
from sxpy.core.sites import Site, noted
from sxpy.data import Closure
from sxpy.errors import EvalError, InternalError, SxError
from sxpy.machine.limits import Governor
from sxpy.machine.state import (
    APPLY,
    CONTINUE,
    EVAL,
    FAILED,
    NATIVES,
    PERFORM,
    Kont,
    Transition,
    pass_on,
    pop_dynamic,
    run_native,
)
from sxpy.machine.step import PATIENCE, Machine

if TYPE_CHECKING:
    from sxpy.compiler.points import Point
    from sxpy.compiler.unwind import Calls, Left

HOT = 30
"""Runs after which a block is compiled."""

CHUNK = 200
"""Blocks between two looks at the clock."""

ROUNDS = (None,) * CHUNK

SAMPLES, AGAIN, FOREVER = 16, 10, 10**12
"""How often such looks meet the same block before its trace is made; how much more often before another
attempt, when it led nowhere, and when it did."""

CERTAIN = 8
"""What leaving direct code counts for when it is certain that it will be left there again."""

RESERVE = 220
"""Levels of Python's stack that direct code leaves to primitives."""

GIVING = (run_native, pass_on, pop_dynamic, resume, resume_by_frames)
"""The runners that give a value to a native frame."""

TICKS = 100
"""Rounds of loops between two looks at the clock."""


class Ticks:
    """What direct code takes a tick of, now and then; it ends when `until` has come and a stop is due."""

    __slots__ = ("ended", "governor", "until")

    def __init__(self, until: float, governor: Governor | None) -> None:
        self.until = until
        self.governor = governor
        self.ended = False

    def __iter__(self) -> Ticks:
        return self

    def __next__(self) -> Any:
        now = monotonic()
        if now > self.until:
            if self.governor is None or self.governor.due():
                self.ended = True
                raise StopIteration
            self.until = now + PATIENCE
        return repeat(None, TICKS)


class FastMachine(Machine):
    """A machine that runs compiled blocks. `hot` is the number of runs after which a block is compiled.

    `allowance` is what direct code is called with, once somebody asked for one in this slice; `kept` is that
    of an earlier slice, which serves again if Python's stack is no higher than its `height`. `detours` are
    the functions that go without direct code for a while: because they are left all the time, or, to the end
    of the slice, because their calls were nested too deep.

    `levels` is how deep direct calls may nest and how often loops may go round before direct code is left,
    for tests; no function goes without direct code then. None: as deep as Python's stack lets them.
    """

    __slots__ = ("allowance", "detours", "height", "hot", "kept", "levels", "rounds", "samples", "ticks")

    def __init__(self, context: Any, hot: int = HOT, *, levels: int | None = None) -> None:
        super().__init__(context)
        self.hot = hot
        self.rounds, self.samples = (ROUNDS, SAMPLES) if hot > 1 else (ROUNDS[:1], 1)
        self.allowance: Allowance = ()
        self.kept: Allowance = ()
        self.ticks = Ticks(0.0, None)
        self.height = 0
        self.detours = Detours()
        self.levels = levels

    def go(self, at: Transition, fuel: int) -> Transition:
        """At most `fuel` blocks, and no more when they took too long. Raises as `Machine.run`.

        A block may stand for many rounds of a loop, and a term for much work of a primitive: it is the clock
        that lets limits and interrupts be seen in time. The block that comes first needs none, and is all
        that there is from one answer to the next request, often.
        """
        if self.context.runtime.strict:
            return super().go(at, fuel)
        phase, given, env, kont = at
        self.fuel, self.allowance = 0, ()
        if phase is CONTINUE and kont is not None:
            following: Any = kont[0].run
            if following is pass_on and kont[-1] is not None:
                kont = kont[-1]
                following = kont[0].run
        else:
            following, given, kont = self.next(phase, given, list(env), kont)
            self.detours.look()
        fuel -= 1
        try:
            following, given, kont = following(self, given, kont)
        except Exception as error:
            following, given, kont = self.recover(error, following, kont)
            fuel = max(fuel, 1)  # however short the slice: what comes next was to be done
        if following is halted:
            if given[0] is not FAILED:
                transition: Transition = given
                return transition
        elif fuel:
            following, given, kont = self.go_on(following, given, kont, fuel)
        return self.arrived(following, given, kont)

    def go_on(self, following: Any, given: Any, kont: Kont, fuel: int) -> Next:
        """What comes next after at most `fuel` blocks more."""
        self.detours.look()
        now = monotonic()
        patience = now + self.patience
        while True:
            try:
                while fuel > 0 and now < patience and following is not halted:
                    rounds = self.rounds[:fuel] if fuel < len(self.rounds) else self.rounds
                    fuel -= len(self.rounds)
                    for _ in rounds:
                        following, given, kont = following(self, given, kont)
                        if following is halted:
                            break
                    else:
                        following, given, kont = self.sampled(following, given, kont)
                        now = monotonic()
                return following, given, kont
            except Exception as error:
                following, given, kont = self.recover(error, following, kont)
                fuel = max(fuel, 1)
                now = monotonic()

    def sampled(self, following: Any, given: Any, kont: Kont) -> Next:
        """Note what is about to run; if it is a block that has been met often, find out where it leads."""
        info = following.__globals__.get(INFO)
        if not isinstance(info, Info) or self.counts is not None:
            return following, given, kont
        block = info.block
        block.heat += 1
        if block.heat < self.samples or block.frames is not following:
            return following, given, kont
        from sxpy.compiler.closing import compile_trace  # noqa: PLC0415  most programs have no traces
        from sxpy.compiler.recording import record  # noqa: PLC0415

        recording, after = record(self, block, given, kont)
        if recording.is_short or not recording.is_valid:
            block.heat = -AGAIN * self.samples
        else:
            block.heat = -FOREVER
            compile_trace(recording, call)
        return after

    # -- between transitions and what comes next -------------------------------------------------------

    def next(self, phase: str, control: Any, env: Any, kont: Kont) -> Next:
        """What comes next after a transition; `halted` when nothing does."""
        if phase is APPLY:
            if type(control) is Closure and len(env) == control.template.exact:
                return control.template.entry.run, (*env, *control.free), kont
            return call, (control, env, self.site), kont
        if phase is CONTINUE and kont is not None:
            return kont[0].run, control, kont
        if phase is EVAL:
            return interpret, (control, env), kont
        return halted, (phase, control, (), kont), None

    def arrived(self, following: Any, given: Any, kont: Kont) -> Transition:
        """The transition with which `following` is about to run. Raises an error that nobody took."""
        if following is halted:
            if given[0] is FAILED:
                raise given[1]
            transition: Transition = given
            return transition
        if following in (call, call_by_frames):
            head, args, self.site = given
            return APPLY, head, tuple(args), kont
        if following is interpret:
            term, env = given
            return EVAL, term, tuple(env), kont
        block = None if following in GIVING else block_of(following)
        if block is not None and block.entry:
            if self.counts is not None:
                self.counts[block][0] += 1
            return EVAL, block.body, tuple(given), kont
        return CONTINUE, given, (), kont

    def is_hasty(self) -> bool:
        """Whether nobody counts terms, looks at them or checks each call."""
        runtime = self.context.runtime
        return self.counts is None and not runtime.strict and not runtime.debugged

    # -- what is not compiled ----------------------------------------------------------------------------

    def run_cold(self, block: Block, given: Any, kont: Any) -> Next:
        """Run a block that is not compiled; compile it when it has become hot."""
        block.heat += 1
        if block.heat < self.hot:
            return interpret_block(self, block, given, kont)
        block.heat = 0
        template = block.template
        if template is None or self.direct_for(template, given) is leave:
            block.run = as_blocks(block)
        return block.run(self, given, kont)

    def resume_native(self, value: Any, frame: Any) -> Next:
        """Give a value to a native frame."""
        if frame[0].direct is not None and can_be_direct(frame[1]):
            return resume(self, value, frame)
        return self.next(*frame[0].resume(self, value, frame))

    # -- direct code -----------------------------------------------------------------------------------

    def direct_for(self, template: Template, given: Sequence[Any] = ()) -> Direct:
        """Make the direct function of a template; `leave` when it can have none.

        `given` are values of its arguments, and of what its closure has captured: it is made for such.
        """
        from sxpy.compiler.direct import compile_direct  # noqa: PLC0415  short programs compile nothing

        around = template.entry.around
        if around is not None:  # a part that runs often makes the whole worth it: the next time
            around.heat = self.hot
        made = compile_direct(template, self.counts, given if template.exact >= 0 else ())
        if made is not None:
            template.entry.run = gate(template)
        template.become(made or leave)
        around = template.entry.around
        if around is not None:  # a part that runs often makes the whole worth it: the next time
            around.heat = self.hot
        return template.direct

    def new_allowance(self) -> Allowance:
        """An allowance for direct code, as deep as Python's stack lets it be from here."""
        if self.levels is not None:
            return allowance(self.levels, repeat(None, self.levels), self)
        if self.kept and not self.ticks.ended and not _is_deeper_than(self.height):
            self.ticks.until, self.ticks.governor = monotonic() + self.patience, self.governor
            self.allowance = self.kept
            return self.kept
        height = 0
        frame: FrameType | None = sys._getframe()
        while frame is not None:
            height += 1
            frame = frame.f_back
        depth = max(0, sys.getrecursionlimit() - height - RESERVE)
        self.height = height
        self.ticks = Ticks(monotonic() + self.patience, self.governor)
        self.allowance = self.kept = allowance(depth, chain.from_iterable(self.ticks), self)
        return self.kept

    def left(self, error: Exception, left: Left) -> Next:
        """Go on where direct code was left."""
        from sxpy.compiler.unwind import frames  # noqa: PLC0415  it is there by now

        at, kont = left.at, frames(self, left.at, left.site, left.local, left.kont)
        if isinstance(error, SxError) and not isinstance(error, EvalError):
            raise error
        if isinstance(at, Waiting):
            self.charge(left)
            if left.waits:
                return self.next(APPLY, *at.call(left.local), kont)
            return self.next(CONTINUE, left.local["result"], None, kont)
        term = at.term
        if at.asks is not None:
            from sxpy.machine.performing import refusal  # noqa: PLC0415  it is there by now

            self.charge(left)
            self.site = None  # the frame says where it is
            refused = refusal(error, left.local[at.asks])
            return self.next(APPLY, *refused, (NATIVES[PERFORM], term.site, kont))
        if at.again and not left.final:
            self.charge(left)
            return self.once_more(term, left.slots, kont)
        if at.call is not None and not left.final:
            self.charge(left)
            head, args = at.call
            self.site = term.site
            return self.next(APPLY, left.local[head], [left.local[arg] for arg in args], kont)
        calling = isinstance(term, Jump)
        if at.site is not None:
            error = noted(error, at.site)
        elif left.final and not isinstance(error, SxError):
            error = EvalError(f"{left.called}: {type(error).__name__}: {error}")
        if isinstance(error, EvalError):
            return self.next(*self.raised(error, term.site if calling else self.site, kont, calling=calling))
        if isinstance(error, SxError):
            raise error
        raise InternalError(f"{type(error).__name__}: {error}", place=term.site.place) from error

    def raised_at(self, trace: TracebackType | None, kont: Kont, outer: int = 0) -> tuple[Site | None, Kont]:
        """Where direct code raised something, on top of the frames `kont`: the site and its continuation.

        `kont` has the frames of the `outer` labels that wait in the first direct function.
        """
        from sxpy.compiler.unwind import frames, unwind  # noqa: PLC0415  only after direct code

        left = unwind(self, trace, kont, outer)
        if left is None:
            return None, kont
        return left.site, frames(self, left.at, left.site, left.local, left.kont)

    def calls(self) -> Calls:
        """What waits in direct code for the operation that asks: enough for a backtrace cut short."""
        from sxpy.compiler.unwind import calls_from  # noqa: PLC0415  only in direct code

        return calls_from(sys._getframe(2))

    def waiting_in(self, calls: Calls) -> tuple[Site | None, Kont]:
        """The site of the innermost of these calls, and frames without values of what waits."""
        from sxpy.compiler.unwind import hollow_frames  # noqa: PLC0415  only after direct code

        return hollow_frames(calls)

    def charge(self, left: Left) -> None:
        """Count that a function was left, if that was its own doing."""
        info = left.info
        if info is None or self.ticks.ended or self.levels is not None:
            return
        if left.local.get("d") == ():
            self.detours.too_deep(info)
        else:
            self.detours.left(info, CERTAIN if self.answer is None and is_perform(left.at) else 1)

    def once_more(self, term: Term, env: list[Any], kont: Kont) -> Next:
        """Have tier 0 do a term that raised when it was compiled."""
        phase, control, env, kont = super().go((EVAL, term, env, kont), 1)
        return self.next(phase, control, list(env), kont)

    # -- errors --------------------------------------------------------------------------------------

    def recover(self, error: Exception, following: Any, kont: Kont) -> Next:
        """Go on after an exception: as tier 0 does from the term at which it was raised."""
        entered = gate_of(error.__traceback__)
        if entered is not None:
            local = entered.tb_frame.f_locals
            from sxpy.compiler.unwind import is_final, unwind  # noqa: PLC0415  only after direct code

            left = unwind(self, entered.tb_next, local["kont"])
            if left is not None:
                return self.left(error, left)
            if "frame" in local:
                return resume_by_frames, local["value"], local["frame"]
            if "block" not in local:
                if not is_final(entered.tb_next):
                    return call_by_frames, local["request"], local["kont"]
            elif isinstance(error, Leave):
                return as_blocks(local["block"]), local["given"], local["kont"]
        point = point_of(error.__traceback__)
        if point is not None:
            term, env, kont, again = point
            if term is None:  # a value was to be returned, and there is nothing to return to
                return halted, (CONTINUE, env, (), None), None
            if again:
                return self.once_more(term, env, kont)
            if isinstance(error, EvalError):
                site = term.site if isinstance(term, Jump) else self.site
                return self.next(*self.raised(error, site, kont, calling=isinstance(term, Jump)))
        elif isinstance(error, EvalError):
            calling = following in (call, call_by_frames)
            return self.next(*self.raised(error, self.site, kont, calling=calling))
        if isinstance(error, SxError):
            raise error
        raise InternalError(f"{type(error).__name__}: {error}") from error


TRAMPOLINES.update((FastMachine.go.__code__, FastMachine.go_on.__code__))


def is_perform(at: Point | Waiting) -> bool:
    """Whether direct code stands at a call of `perform`."""
    term = None if isinstance(at, Waiting) else at.term
    head = term.head if isinstance(term, Jump) else None
    return isinstance(head, Global) and head.cell.value is CONTROLS["perform"]


def _is_deeper_than(height: int) -> bool:
    """Whether Python's stack is deeper than that where this is asked."""
    try:
        sys._getframe(height + 1)
    except ValueError:
        return False
    return True
