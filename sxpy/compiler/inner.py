"""Inner functions: those of SX that stand in the Python code of the function around them.

A local function that is nothing but a loop (`sxpy/compiler/loops.py`) stands where it is called, and one that
is only given to an operation of the machine, such as `map` or `guard`, where that operation is called
(`sxpy/compiler/callbacks.py`). No closure is made of it until a frame needs one. The variables that it
captures are those of the function around it, by the very same `Var`.

Owns the walk over all terms of a function, those of its inner functions included.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sxpy.core import ir
from sxpy.core.nodes import Var
from sxpy.data import Control

MAX_STEPS = 3_000
"""Functions with more terms are not looked through: they are too long to be compiled."""


class TooLong(Exception):
    """A function has more than `MAX_STEPS` terms, or more local functions than can be looked through."""


RESULT = Var("result", 0)
"""What a function gives, as if it were a variable."""

HERE, CALLBACK = Var("here", 0), Var("callback", 0)
"""The same for the value of an operation, and for what its callback gives to it."""

ANYTHING = ir.Constant(object())
"""An expression of which nothing is known."""


Waiting = tuple[Var, ...]
"""The variables for whose values frames wait, the innermost last."""


def goal_of(waiting: Waiting) -> Var:
    """The variable that gets what a term in tail position gives."""
    return waiting[-1] if waiting else RESULT


class Operation(NamedTuple):
    """A call of an operation of the machine whose functions are written where it is called.

    `functions` are those, each with the variable that gets what it gives; None: it stands in tail position.
    `held` are the variables that held them, and nothing else; `others` the remaining arguments. `begins` are
    the variables that get a value before it runs, with the values, and `value` is the operation's own, if it
    has another one than its functions. `primitive` is what is called instead of a function.
    """

    control: Control
    functions: tuple[tuple[ir.NewClosure, Var | None], ...]
    held: tuple[Var, ...]
    others: tuple[ir.Expr, ...]
    begins: tuple[tuple[Var, ir.Expr], ...] = ()
    value: ir.Expr | None = None
    primitive: ir.Global | None = None

    def inside(self, waiting: Waiting) -> Iterator[tuple[ir.Term, Waiting]]:
        """The first terms of the functions, and what waits for their values, if `waiting` does for this."""
        for made, var in self.functions:
            here = goal_of(waiting) if var is HERE else var
            yield made.template.entry.body, waiting if here is None else (*waiting, here)


class Inner:
    """The inner functions of a function: its loops by their variables, the operations by their calls, and the
    variables that would hold what the operations call."""

    __slots__ = ("callbacks", "loops", "operations")

    def __init__(self) -> None:
        self.loops: dict[Var, ir.NewClosure] = {}
        self.operations: dict[ir.Term, Operation] = {}
        self.callbacks: dict[Var, ir.NewClosure] = {}

    def is_unmade(self, var: Var) -> bool:
        """Whether a variable holds a closure that is not made."""
        return var in self.loops or var in self.callbacks


def steps(body: ir.Term, inner: Inner) -> Iterator[tuple[ir.Term, Waiting]]:
    """Each term of a function, its inner functions included, and what waits at it.

    `inner` may grow on the way.
    """
    entered: set[Var] = set()
    pending: list[tuple[ir.Term, Waiting]] = [(body, ())]
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
                    waiting = (*waiting, term.block.inputs[0])
                case ir.Branch():
                    pending.append((term.other, waiting))
                    term = term.then
                    continue
                case ir.Jump(head=ir.Slot(var=var)) if var in inner.loops and var not in entered:
                    entered.add(var)
                    term = inner.loops[var].template.entry.body
                    continue
                case ir.Jump():
                    if term in inner.operations:
                        pending += inner.operations[term].inside(waiting)
                    break
                case ir.Return():
                    break
            term = term.next


def parts(term: ir.Term, inner: Inner) -> tuple[ir.Expr, ...]:
    """The expressions that a term computes; closures that are not made are none."""
    match term:
        case ir.Bind() if term.var in inner.callbacks:
            return ()
        case ir.Bind() | ir.Do() | ir.Return():
            return (term.expr,)
        case ir.Branch():
            return (term.test,)
        case ir.Jump() if term in inner.operations:
            return (term.head, *inner.operations[term].others)
        case ir.Jump():
            return (term.head, *term.arguments)
        case ir.Fix() if not (len(term.vars) == 1 and inner.is_unmade(term.vars[0])):
            return term.closures
    return ()


def variables(exprs: tuple[ir.Expr, ...]) -> set[Var]:
    """The variables that expressions use."""
    return set(uses(exprs))


def uses(exprs: tuple[ir.Expr, ...]) -> Iterator[Var]:
    """The variables that expressions use, as often as they do."""
    return (part.var for part in within(exprs) if isinstance(part, ir.Slot))


def within(exprs: Iterable[ir.Expr]) -> Iterator[ir.Expr]:
    """Expressions and all those that they are made of."""
    pending = list(exprs)
    while pending:
        part = pending.pop()
        yield part
        pending += children(part)


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
