"""Kinds: of which class the values of variables always are, as far as the text of a function tells.

A variable that begins as an int and counts up is an int in every round, so nothing need be asked of it where
it is used. The analysis is optimistic: a variable of a loop is taken to be what it begins as until a round
gives it something else (Wegman and Zadeck, "Constant propagation with conditional branches", 1991).
What comes from a call or from outside may be anything. Next: `sxpy/compiler/direct.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from sxpy.compiler import inline
from sxpy.compiler.loops import Loops, steps
from sxpy.core import ir
from sxpy.core.nodes import Var

Kinds = dict[Var, type]
"""The class that the values of a variable always have; variables that may be anything are not in it."""


def kinds_in(body: ir.Term, loops: Loops) -> Kinds:
    """The kinds of the variables that a function binds, and of the parameters of its loops."""
    analysis = _Analysis()
    terms = [term for term, _ in steps(body, loops)]
    for term in terms:
        for var, _ in _bindings(term, loops):
            analysis.kinds[var] = None
    while analysis.changed:  # a kind changes twice at most: from unknown to a class, from that to anything
        analysis.changed = False
        for term in terms:
            for var, expr in _bindings(term, loops):
                analysis.join(var, analysis.kind(expr))
    return {var: kind for var, kind in analysis.kinds.items() if kind not in (None, object)}


def _bindings(term: ir.Term, loops: Loops) -> Sequence[tuple[Var, ir.Expr]]:
    """The variables to which a term gives values, with the values."""
    match term:
        case ir.Bind():
            return [(term.var, term.expr)]
        case ir.Jump(head=ir.Slot(var=var)) if var in loops:
            return list(zip(loops[var].template.entry.inputs, term.arguments, strict=True))
    return ()


class _Analysis:
    """What is known so far. The kind `object` is that of what may be anything, None is not known yet."""

    def __init__(self) -> None:
        self.kinds: dict[Var, type | None] = {}
        self.changed = True

    def join(self, var: Var, kind: type | None) -> None:
        """Note that the value of a variable may be of a kind."""
        before = self.kinds[var]
        joined = kind if before is None else before if kind in (None, before) else object
        if joined is not before:
            self.kinds[var] = joined
            self.changed = True

    def kind(self, expr: ir.Expr) -> type | None:
        """The kind of an expression."""
        match expr:
            case ir.Constant():
                return type(expr.constant)
            case ir.Slot():
                return self.kinds.get(expr.var, object)
            case ir.Primitive1():
                return self.result(expr.function, (expr.argument,))
            case ir.Primitive2():
                return self.result(expr.function, (expr.left, expr.right))
            case ir.PrimitiveN():
                return self.result(expr.function, expr.arguments)
            case ir.Choice():
                one, other = self.kind(expr.then), self.kind(expr.other)
                return one or other if None in (one, other) else one if one is other else object
        return object

    def result(self, function: object, arguments: Sequence[ir.Expr]) -> type | None:
        """The kind of what a primitive gives."""
        kinds = [self.kind(argument) for argument in arguments]
        known = inline.result(function, [kind for kind in kinds if kind is not None])
        return None if None in kinds and known is None else known or object
