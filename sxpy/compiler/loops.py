"""Loops: local functions that are nothing but loops, such as those of a named `let`.

A function that is called once from outside, and otherwise only calls itself in tail position, needs neither a
closure nor a call: its body can stand where the call from outside stands. The variables that it captures
are those of the function around it, by the very same `Var`.
(Kennedy, "Compiling with continuations, continued", 2007, calls this contification.)

Next: `sxpy/compiler/direct.py`, which writes such functions as Python loops.
"""

from __future__ import annotations

from collections.abc import Iterator

from sxpy.core import ir
from sxpy.core.nodes import Var

MAX_STEPS = 3_000
"""Functions with more terms are not looked through: they are too long to be compiled."""


class TooLong(Exception):
    """A function has more than `MAX_STEPS` terms."""


Loops = dict[Var, ir.NewClosure]
"""The loops of a function by their variables."""


def find_loops(body: ir.Term) -> Loops:
    """The local functions under `body` that can be loops. Raises TooLong."""
    candidates: dict[Var, ir.NewClosure] = {}
    begins: dict[Var, ir.Term] = {}
    for term, _ in steps(body, candidates):
        if isinstance(term, ir.Fix) and len(term.vars) == 1:
            var, made = term.vars[0], term.closures[0]
            if not var.assigned and made.template.exact >= 0:
                candidates[var], begins[var] = made, term.next
    loops: Loops = {}
    for var in reversed(candidates):  # those inside of others came after them
        made = candidates[var]
        if _called_once(var, made, begins[var], loops) and _calls_itself_last(var, made, loops):
            loops[var] = made
    return loops


def steps(body: ir.Term, loops: Loops) -> Iterator[tuple[ir.Term, tuple[ir.Block, ...]]]:
    """Each term of a function, with the labels that wait at it, the innermost last.

    The bodies of `loops` belong to it; they may grow on the way.
    """
    entered: set[Var] = set()
    pending: list[tuple[ir.Term, tuple[ir.Block, ...]]] = [(body, ())]
    count = 0
    while pending:
        term, waiting = pending.pop()
        while True:
            count += 1
            if count > MAX_STEPS:
                raise TooLong
            yield term, waiting
            match term:
                case ir.Push():
                    pending.append((term.block.body, waiting))
                    waiting = (*waiting, term.block)
                case ir.Branch():
                    pending.append((term.other, waiting))
                    term = term.then
                    continue
                case ir.Jump(head=ir.Slot(var=var)) if var in loops and var not in entered:
                    entered.add(var)
                    term = loops[var].template.entry.body
                    continue
                case ir.Jump() | ir.Return():
                    break
            term = term.next


def _called_once(var: Var, made: ir.NewClosure, begin: ir.Term, loops: Loops) -> bool:
    """Whether the only use of `var` after its closure is made is one call."""
    calls = 0
    for term, _ in steps(begin, loops):
        if _calls(term, var, made):
            calls += 1
        elif var in _used(term, loops):
            return False
    return calls == 1


def _calls_itself_last(var: Var, made: ir.NewClosure, loops: Loops) -> bool:
    """Whether the function uses itself only to call itself in tail position."""
    for term, waiting in steps(made.template.entry.body, loops):
        if _calls(term, var, made):
            if waiting:
                return False
        elif var in _used(term, loops):
            return False
    return True


def _calls(term: ir.Term, var: Var, made: ir.NewClosure) -> bool:
    """Whether the term calls the function as it wants to be called, and uses it for nothing else."""
    return (
        isinstance(term, ir.Jump)
        and isinstance(term.head, ir.Slot)
        and term.head.var is var
        and len(term.arguments) == made.template.exact
        and var not in variables(term.arguments)
    )


def _used(term: ir.Term, loops: Loops) -> set[Var]:
    """The variables that a term uses; what it keeps for later is none."""
    match term:
        case ir.Bind() | ir.Do() | ir.Return():
            return variables((term.expr,))
        case ir.Branch():
            return variables((term.test,))
        case ir.Jump():
            return variables((term.head, *term.arguments))
        case ir.Fix() if not (len(term.vars) == 1 and term.vars[0] in loops):
            return variables(term.closures)
    return set()


def variables(parts: tuple[ir.Expr, ...]) -> set[Var]:
    """The variables that expressions use."""
    found: set[Var] = set()
    pending = list(parts)
    while pending:
        part = pending.pop()
        if isinstance(part, ir.Slot):
            found.add(part.var)
        else:
            pending += children(part)
    return found


def children(expr: ir.Expr) -> tuple[ir.Expr, ...]:
    """The expressions that an expression is made of, in the order in which they are evaluated."""
    match expr:
        case ir.Unboxed() | ir.IsUnbound():
            return (expr.slot,)
        case ir.Primitive1():
            return (expr.argument,)
        case ir.Primitive2():
            return (expr.left, expr.right)
        case ir.PrimitiveN():
            return expr.arguments
        case ir.Choice():
            return (expr.test, expr.then, expr.other)
        case ir.Either() | ir.Both():
            return (expr.left, expr.right)
        case ir.Default():
            return (expr.slot, expr.then)
        case ir.InOrder():
            return (*expr.items, expr.last)
        case ir.NewDict():
            return expr.values
        case ir.NewBox() | ir.SetCell():
            return (expr.content,)
        case ir.SetBox():
            return (expr.slot, expr.content)
        case ir.NewClosure():
            return expr.captures
    return ()
