"""Cursors: a loop that walks a list keeps a place in it, and makes no list in each round.

A variable of a loop that is only asked for its first item or whether there is one, and becomes its `rest`
in the next round, need not be a list at all: its buffer, an index, the index behind its last item, and the
step from one item to the next are enough (`sxpy/data/lists.py` tells what lists are). Nobody can tell, since
nobody gets the list: it is made when a frame needs it, as the closure of a loop is.

Owns which variables these are, their text, and what a path knows of them: that there is an item.
Next: `sxpy/compiler/direct.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sxpy.compiler.inner import Inner, children, parts, steps
from sxpy.core import ir
from sxpy.core.direct import Leave
from sxpy.core.nodes import Var
from sxpy.data import EMPTY, List, Span, Stack
from sxpy.data.lists import Rope, span, stack
from sxpy.primitives import REGISTRY

_TEXTS = {
    "first": "({items}[{at}] if {at} != {end} else None)",
    "empty?": "({at} == {end})",
    "null?": "({at} == {end})",
    "pair?": "({at} != {end})",
    "len": "(({end} - {at}) * {by})",
}
_ASKED = {REGISTRY[name].function: text for name, text in _TEXTS.items()}
_FIRST, _REST = REGISTRY["first"].function, REGISTRY["rest"].function
_NOT, _PAIR = REGISTRY["not"].function, REGISTRY["pair?"].function
_EMPTY = {REGISTRY[name].function for name in ("empty?", "null?")}


class Cursor:
    """A list that is not made: the locals `items at end by`, and `source`, which held it before the loop."""

    __slots__ = ("at", "by", "end", "items", "source")

    def __init__(self, source: str, before: Cursor | None = None) -> None:
        self.source = source
        self.items, self.at, self.end, self.by = (f"{source}{part}" for part in ("b", "i", "e", "s"))
        if before is not None:  # another place in the same list
            self.items, self.end, self.by = before.items, before.end, before.by

    def asked(self, function: Any, *, has_item: bool) -> str:
        """The text for a primitive that asks something of the list."""
        if has_item and function is _FIRST:
            return f"{self.items}[{self.at}]"
        return _ASKED[function].format(items=self.items, at=self.at, end=self.end, by=self.by)

    def moved(self, *, has_item: bool) -> str:
        """The text for the index of the next item. What has no item is left to the machine."""
        onward = f"{self.at} + {self.by}"
        return onward if has_item else f"({onward} if {self.at} != {self.end} else away())"

    @property
    def parts(self) -> str:
        """The locals."""
        return f"{self.items}, {self.at}, {self.end}, {self.by}"

    def value(self, local: dict[str, Any]) -> Any:
        """The list."""
        return list_at(local[self.items], local[self.at], local[self.end], local[self.by])


# -- lists -------------------------------------------------------------------------------------------


class RopeItems:
    """The items of a rope by index."""

    __slots__ = ("rope",)

    def __init__(self, rope: Rope) -> None:
        self.rope = rope

    def __getitem__(self, index: int) -> Any:
        return self.rope.nth(index)


def cursor_of(value: Any) -> tuple[Any, int, int, int]:
    """Items, index, end and step for a list or nil. Raises Leave for anything else."""
    match value:
        case Span():
            return value.buffer, value.low, value.high, 1
        case Stack():
            return value.buffer, value.high - 1, value.low - 1, -1
        case Rope():
            return RopeItems(value), 0, len(value), 1
        case None:
            return None, 0, 0, 1
    raise Leave


def list_at(items: Any, at: int, end: int, by: int) -> List | None:
    """The list that a cursor stands for."""
    if items is None:
        return None
    if at == end:
        return EMPTY
    if isinstance(items, RopeItems):
        return items.rope.slice(at, end)
    return span(items, at, end) if by > 0 else stack(items, end + 1, at + 1)


def entry(cursor: Cursor, span_: str, stack_: str, kind: str, other: str) -> list[str]:
    """The lines that make a cursor of the list in its source. The last may raise."""
    source = cursor.source
    return [
        f"if ({kind} := type({source})) is {span_}:",
        f"    {cursor.parts} = {source}.buffer, {source}.low, {source}.high, 1",
        f"elif {kind} is {stack_}:",
        f"    {cursor.parts} = {source}.buffer, {source}.high - 1, {source}.low - 1, -1",
        f"else: {cursor.parts} = {other}({source})",
    ]


# -- variables ---------------------------------------------------------------------------------------


def rest_of(expr: ir.Expr) -> Var | None:
    """The variable whose rest an expression is."""
    if isinstance(expr, ir.Primitive1) and expr.function is _REST and isinstance(expr.argument, ir.Slot):
        return expr.argument.var
    return None


Walked = dict[Var, Var]
"""The variables that can be cursors, with the variable of the loop on whose list each of them is."""


def walked(inputs: Sequence[Var], body: ir.Term, inner: Inner, rounds: Sequence[ir.Jump]) -> Walked:
    """The cursors of a loop: some of its variables, and what is bound to the rest of one.

    `rounds` are the calls that begin its next round.
    """
    roots: Walked = {var: var for var in inputs}
    terms = [term for term, _ in steps(body, inner)]
    for term in terms:
        if isinstance(term, ir.Bind) and (root := roots.get(rest_of(term.expr) or term.var)) is not None:
            roots[term.var] = root
    moving, kept = set(), set()
    for term in terms:
        used = parts(term, inner)
        if isinstance(term, ir.Bind) and term.var in roots:
            continue
        if isinstance(term, ir.Jump) and any(term is jump for jump in rounds):
            used = ()
            for var, part in zip(inputs, term.arguments, strict=True):
                before = rest_of(part) or (part.var if isinstance(part, ir.Slot) else None)
                if before is None or roots.get(before) is not var:
                    used = (*used, part)
                elif before is not var or not isinstance(part, ir.Slot):
                    moving.add(var)
        kept |= {roots[var] for var in _kept(used) if var in roots}
    return {var: root for var, root in roots.items() if root in moving and root not in kept}


def _kept(exprs: Sequence[ir.Expr]) -> set[Var]:
    """The variables that expressions use for more than to ask what a cursor can tell."""
    found: set[Var] = set()
    pending = list(exprs)
    while pending:
        part = pending.pop()
        if isinstance(part, ir.Slot):
            found.add(part.var)
        elif not (
            isinstance(part, ir.Primitive1) and part.function in _ASKED and isinstance(part.argument, ir.Slot)
        ):
            pending += children(part)
    return found


# -- what a path knows -------------------------------------------------------------------------------

Known = frozenset[Var]
"""The variables that hold a list with an item."""


def known_by(test: ir.Expr) -> tuple[Known, Known]:
    """Which variables have an item when a test holds, and which when it does not."""
    nothing: Known = frozenset()
    match test:
        case ir.Primitive1(function=function, argument=ir.Slot(var=var)) if function is _PAIR:
            return frozenset({var}), nothing
        case ir.Primitive1(function=function, argument=ir.Slot(var=var)) if function in _EMPTY:
            return nothing, frozenset({var})
        case ir.Primitive1(function=function, argument=argument) if function is _NOT:
            holds, fails = known_by(argument)
            return fails, holds
        case ir.Either(left=left, right=right):
            return nothing, known_by(left)[1] | known_by(right)[1]
        case ir.Both(left=left, right=right):
            return known_by(left)[0] | known_by(right)[0], nothing
    return nothing, nothing
