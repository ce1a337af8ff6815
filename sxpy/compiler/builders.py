"""Builders: a loop that adds an item to a list in each round adds it to a list of Python.

A variable of a loop that becomes `(append xs item)` or `(cons item xs)` in the next round, and is not looked
at before the loop ends, is the list that it was at first and a list of Python with what came to it since.
The two are put together when somebody wants the list: a frame, or whoever gets it (`sxpy/data/lists.py`).

A variable that holds a dict which gets another entry in each round has, once nobody else holds that, the dict
of Python in it at hand.

Owns which variables these are, and what becomes of them. Next: `sxpy/compiler/rounds.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sxpy.compiler.inner import Inner, children, parts, steps, uses, variables
from sxpy.core import ir
from sxpy.core.nodes import Var
from sxpy.data import List, Span, Stack, from_list
from sxpy.data.lists import Rope, stack
from sxpy.primitives import REGISTRY
from sxpy.reader.forms import Form

APPEND, _CONS = REGISTRY["append"].function, REGISTRY["cons"].function

_ASSOC = REGISTRY["assoc"].function
_ASKING = {REGISTRY[name].function for name in ("get", "has-key?")}

BEGUN = frozenset({Span, Stack, Rope, Form, type(None)})
"""The classes of what can be built upon."""


class Builder:
    """A list that grows: the local `before` has the list as it was, `added` what came to it since.

    `front`: to the front of it. Who reads `before` has put together the two.
    """

    __slots__ = ("added", "before", "front")

    def __init__(self, before: str, added: str, *, front: bool) -> None:
        self.before = before
        self.added = added
        self.front = front

    @property
    def together(self) -> Any:
        """The function that puts together the two."""
        return preceded if self.front else extended

    def value(self, local: dict[str, Any]) -> Any:
        """The list. Nothing more is added in direct code that has been left."""
        return self.together(local[self.before], local[self.added])


def extended(before: List | None, added: list[Any]) -> List | None:
    """A list with items at its end, which it takes over."""
    if not added:
        return before
    return before.extended(added) if before else from_list(added)


def preceded(before: List | None, added: list[Any]) -> List | None:
    """A list with items in front, the last of them first. It takes them over."""
    if not added:
        return before
    return before.preceded(added) if before else stack(added, 0, len(added))


def added_by(var: Var, part: ir.Expr) -> tuple[ir.Expr, bool] | None:
    """What an expression adds to the list in a variable, and whether to its front; None if it does not."""
    match part:
        case ir.Primitive2(function=function, left=ir.Slot(var=own), right=item) if function is APPEND:
            front = False
        case ir.Primitive2(function=function, left=item, right=ir.Slot(var=own)) if function is _CONS:
            front = True
        case _:
            return None
    return (item, front) if own is var and var not in uses((item,)) else None


def building(
    inputs: Sequence[Var], body: ir.Term, inner: Inner, rounds: Sequence[ir.Jump]
) -> dict[Var, bool]:
    """The variables of a loop that can be builders, and whether they grow at the front.

    `rounds` are the calls that begin its next round.
    """
    found: dict[Var, bool] = {}
    for index, var in enumerate(inputs):
        fronts: set[bool | None] = set()
        for jump in rounds:
            part = jump.arguments[index]
            if not (isinstance(part, ir.Slot) and part.var is var):
                added = added_by(var, part)
                fronts.add(None if added is None else added[1])
            if var in variables((*jump.arguments[:index], *jump.arguments[index + 1 :])):
                fronts.add(None)
        if len(fronts) == 1 and None not in fronts and not _is_looked_at(var, body, inner, rounds):
            found[var] = True in fronts
    return found


def entering(inputs: Sequence[Var], body: ir.Term, inner: Inner, rounds: Sequence[ir.Jump]) -> list[Var]:
    """The variables of a loop that hold a dict which gets an entry in each round, and nobody else sees.

    It may be asked about keys. `rounds` are the calls that begin the next round.
    """
    found = []
    for index, var in enumerate(inputs):
        news = [jump.arguments[index] for jump in rounds]
        grown = [part for part in news if _puts(part, var)]
        others = [part for part in news if not _puts(part, var) and not _is(part, var)]
        beside = [part for jump in rounds for at, part in enumerate(jump.arguments) if at != index]
        beside += [part for new in grown for part in children(new)[1:]]
        is_seen = bool(others) or _is_shown(var, beside)
        if grown and not is_seen and not _is_looked_at(var, body, inner, rounds, asked=True):
            found.append(var)
    return found


def _puts(expr: ir.Expr, var: Var) -> bool:
    """Whether an expression is the dict in a variable with another entry."""
    return isinstance(expr, ir.PrimitiveN) and expr.function is _ASSOC and _is(expr.arguments[0], var)


def _is(expr: ir.Expr, var: Var) -> bool:
    return isinstance(expr, ir.Slot) and expr.var is var


def _is_shown(var: Var, exprs: Sequence[ir.Expr]) -> bool:
    """Whether expressions use a variable for more than to ask the dict in it about keys."""
    pending = list(exprs)
    while pending:
        part = pending.pop()
        if _is(part, var):
            return True
        below = children(part)
        asks = isinstance(part, (ir.Primitive2, ir.PrimitiveN)) and part.function in _ASKING
        pending += below[1:] if asks and _is(below[0], var) else below
    return False


def _is_looked_at(
    var: Var, body: ir.Term, inner: Inner, rounds: Sequence[ir.Jump], *, asked: bool = False
) -> bool:
    """Whether a variable is used where another round can follow; `asked`: about its keys it may be asked."""
    for term, waiting in steps(body, inner):
        if any(term is jump for jump in rounds) or var not in uses(parts(term, inner)):
            continue
        if asked and not _is_shown(var, parts(term, inner)):
            continue
        if waiting or any(jump is one for one, _ in steps(term, inner) for jump in rounds):
            return True
    return False
