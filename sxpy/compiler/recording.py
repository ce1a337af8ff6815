"""Recording: which way a program goes, block by block, from a place where it comes again and again.

`record` runs tier 0 from a block and notes each block on the way, until the program comes back to the first
one, or to something that a trace (`sxpy/compiler/traces.py`) does not follow: a function that is called
directly, an operation of the machine, a term that does more than compute and set variables. What it does is
what would have been done in any case; nothing is run twice.
"""

from __future__ import annotations

from typing import Any

from sxpy.compiler.expressions import is_pure
from sxpy.compiler.rounds import arguments_of
from sxpy.compiler.runners import TERMWISE, Next, Trampoline, interpret
from sxpy.core import ir
from sxpy.core.controls import CONTROLS
from sxpy.data import UNBOUND, Closure, Continuation, continuation_of
from sxpy.machine.state import APPLY, CONTINUE
from sxpy.machine.step import make_closures

MOST, EACH = 40, 4
"""Blocks that a recording has at most, and how often the same one."""

CALL_CC = CONTROLS["call/cc"]


class Visit:
    """A block that was run: its body, its slots in the end, which way its branches went, and its last term.

    `leads`: the next visit, or the first one, is where that term went; else the trace ends before it.
    """

    __slots__ = ("block", "body", "env", "leads", "outcomes", "term")

    def __init__(self, block: ir.Block, env: list[Any]) -> None:
        self.block = block
        self.env = env
        self.outcomes: list[bool] = []
        self.term = self.body = block.body
        self.leads = False


class Recording:
    """The visits from a block on. `closed`: the program came back to the block.

    `calls` are the calls of functions that do not run as blocks and have not returned yet: the visits that
    made them, and their continuations. Such a function belongs to a recording if all of it does, or if it
    captures or enters a continuation: direct code would have been left there.
    """

    __slots__ = ("calls", "closed", "visits")

    def __init__(self) -> None:
        self.visits: list[Visit] = []
        self.closed = False
        self.calls: list[tuple[int, Any]] = []

    @property
    def is_valid(self) -> bool:
        """Whether its blocks are still what they were: it may have changed what they relied on."""
        first = self.visits[0].block
        return first.run is first.frames and all(visit.block.body is visit.body for visit in self.visits)

    @property
    def is_short(self) -> bool:
        """Whether it is nothing but its first block."""
        return len(self.visits) == 1 and not self.closed

    def goes_to(self, block: ir.Block, kont: Any, *, captures: bool = False) -> bool:
        """Whether the recording can go on with a block, or ends well with it. Notes it."""
        last = self.visits[-1]
        last.leads = True
        if captures:
            self.calls.clear()
        elif block.entry:
            if block.run is not block.frames:
                self.calls.append((len(self.visits) - 1, kont))
        elif self.calls and self.calls[-1][1] is kont:
            self.calls.pop()
        if block is self.visits[0].block:
            self.closed = True
        elif len(self.visits) < MOST and sum(visit.block is block for visit in self.visits) < EACH:
            return True
        else:
            last.leads = False
        return False

    def finish(self) -> None:
        """Cut off the calls that have not returned."""
        if self.calls:
            del self.visits[self.calls[0][0] + 1 :]
            self.visits[-1].leads = self.closed = False


def record(machine: Trampoline, block: ir.Block, given: Any, kont: Any) -> tuple[Recording, Next]:
    """Run from a block: the recording, and what comes next. Raises what a term raises."""
    recording = Recording()
    dynamic = machine.dynamic
    while True:
        env = list(given) if block.entry else [given, *kont[1:-1]]
        if not block.entry:
            kont = kont[-1]
        visit = Visit(block, env)
        recording.visits.append(visit)
        term = block.body
        while term.op not in (ir.JUMP, ir.RETURN) and is_followed(term):
            match term:
                case ir.Bind():
                    env.append(_value(term.expr, env, visit.outcomes))
                case ir.Do():
                    _value(term.expr, env, visit.outcomes)
                case ir.Push():
                    kont = (term.block, *[env[slot.index] for slot in term.live], kont)
                case ir.Fix():
                    make_closures(term, env)
                case ir.Branch():
                    test = term.test.value(env)
                    visit.outcomes.append(test is not None and test is not False)
                    term = term.then if visit.outcomes[-1] else term.other
                    continue
            term = term.next
        visit.term = term
        match term:
            case ir.Return() if is_followed(term):
                value = _value(term.expr, env, visit.outcomes)
                if not _waits(kont) or not recording.goes_to(kont[0], kont):
                    recording.finish()
                    return recording, machine.next(CONTINUE, value, None, kont)
                block, given = kont[0], value
            case ir.Jump() if is_followed(term):
                args = [argument.value(env) for argument in term.arguments]
                head = term.head.value(env)
                machine.site = term.site
                following = _entered(head, args, kont, dynamic)
                captures = type(head) is not Closure
                if following is None or not recording.goes_to(following[0], following[2], captures=captures):
                    recording.finish()
                    return recording, machine.next(APPLY, head, args, kont)
                block, given, kont = following
            case _:
                recording.finish()
                return recording, interpret(machine, (term, env), kont)


TERMWISE.add(record.__code__)


def _entered(head: Any, args: list[Any], kont: Any, dynamic: Any) -> tuple[ir.Block, Any, Any] | None:
    """The block that a call enters, what it gets and the continuation; None: a trace does not follow it."""
    if head is CALL_CC and len(args) == 1 and type(args[0]) is Closure:
        head, args = args[0], [continuation_of(kont, dynamic)]
    if type(head) is Closure and head.template.exact == len(args):
        return head.template.entry, [*args, *head.free], kont
    if type(head) is Continuation and len(args) == 1 and head.dynamic is dynamic and not head.delimited:
        return (head.kont[0], args[0], head.kont) if _waits(head.kont) else None
    return None


def _waits(kont: Any) -> bool:
    """Whether the innermost frame is that of a block."""
    return kont is not None and type(kont[0]) is ir.Block


def _value(expr: ir.Expr, env: list[Any], outcomes: list[bool]) -> Any:
    """Compute an expression, and note which way it goes where it does more than compute."""
    if is_pure(expr):
        return expr.value(env)
    match expr:
        case ir.Choice():
            test = expr.test.value(env)
            outcomes.append(test is not None and test is not False)
            return _value(expr.then if outcomes[-1] else expr.other, env, outcomes)
        case ir.InOrder():
            for item in expr.items:
                _value(item, env, outcomes)
            return _value(expr.last, env, outcomes)
    return expr.value(env)


def is_followed(term: ir.Term) -> bool:
    """Whether a trace can do a term."""
    match term:
        case ir.Bind() | ir.Do() | ir.Return():
            return _is_done(term.expr, last=True)
        case ir.Branch():
            return is_pure(term.test)
        case ir.Jump():
            return all(map(is_pure, (term.head, *term.arguments)))
        case ir.Push() | ir.Fix():
            return True
    return False


def _is_done(expr: ir.Expr, *, last: bool) -> bool:
    """Whether a trace can do what an expression does.

    Where it leaves in the middle of a term, all of the term is done again. Variables that were set are no
    obstacle to that; what cannot be done again is the last thing that the term does.
    """
    match expr:
        case ir.SetBox():
            return is_pure(expr.content)
        case ir.SetCell():
            return last and is_pure(expr.content) and expr.cell.value is not UNBOUND
        case ir.Choice():
            if is_pure(expr):
                return True
            return is_pure(expr.test) and all(_is_done(part, last=last) for part in (expr.then, expr.other))
        case ir.InOrder():
            return all(_is_done(item, last=False) for item in expr.items) and _is_done(expr.last, last=last)
        case ir.Primitive1() | ir.Primitive2() | ir.PrimitiveN():
            return is_pure(expr) or (last and all(map(is_pure, arguments_of(expr))))
    return is_pure(expr)
