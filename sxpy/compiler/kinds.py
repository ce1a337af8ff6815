"""Kinds: of which class the values of variables always are, as far as the text of a function tells.

A variable that begins as an int and counts up is an int in every round, so nothing need be asked of it where
it is used. The analysis is optimistic: a variable of a loop is taken to be what it begins as until a round
gives it something else (Wegman and Zadeck, "Constant propagation with conditional branches", 1991), and what
a function gives to itself is taken to be what it gives otherwise. What comes from another function or from
outside may be anything, unless it is guessed (`sxpy/compiler/guesses.py`).
Next: `sxpy/compiler/direct.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from sxpy.compiler import inline
from sxpy.compiler.inner import ANYTHING, RESULT, Inner, goal_of, steps
from sxpy.core import ir
from sxpy.core.nodes import Var
from sxpy.data import Dict

Kinds = Mapping[Var, type]
"""The class that the values of a variable always have; variables that may be anything are not in it."""

Flow = tuple[Var, ir.Expr]
"""A variable, and one of the expressions that it gets its values from."""


class Outcome(ir.Expr):
    """What a function that calls nobody gives for these arguments; `flows` are its own."""

    __slots__ = ("arguments", "flows")

    def __init__(self, flows: Flows, arguments: Sequence[ir.Expr]) -> None:
        self.flows = flows
        self.arguments = arguments


class Flows:
    """What flows into the variables of a function: `inputs` are its own, `is_own` tells calls of itself.

    `again` are the calls of itself that are not in tail position, with the label each of them returns to.
    `written` gives the flows of a function that is written where it is called.
    """

    __slots__ = ("again", "found", "inputs", "repeats")

    def __init__(
        self,
        body: ir.Term,
        inner: Inner,
        inputs: Sequence[Var],
        is_own: Callable[[ir.Jump], bool] = lambda _: False,
        written: Callable[[ir.Jump], Flows | None] = lambda _: None,
    ) -> None:
        self.inputs = inputs
        self.found: list[Flow] = []
        self.again: list[tuple[ir.Jump, Var]] = []
        self.repeats = bool(inner.loops) or any(
            found.value is not None for found in inner.operations.values()
        )
        """Whether the function has a loop or a walk, or is a loop."""
        for term, waiting in steps(body, inner):
            goal = goal_of(waiting)
            match term:
                case ir.Bind():
                    self.found.append((term.var, term.expr))
                case ir.Return():
                    self.found.append((goal, term.expr))
                case ir.Jump(head=ir.Slot(var=var)) if var in inner.loops:
                    self.found += zip(inner.loops[var].template.entry.inputs, term.arguments, strict=True)
                case ir.Jump() if term in inner.operations:
                    operation = inner.operations[term]
                    self.found += operation.begins
                    if operation.value is not None:
                        self.found.append((goal, operation.value))
                case ir.Jump() if is_own(term) and waiting:
                    self.again.append((term, goal))
                case ir.Jump() if is_own(term):
                    self.found += zip(inputs, term.arguments, strict=False)
                    self.repeats = True
                case ir.Jump():
                    flows = written(term)
                    self.found.append((goal, Outcome(flows, term.arguments) if flows else ANYTHING))

    def begun(self, guesses: Kinds) -> Iterator[Flow]:
        """What flows from outside into the variables of the function, if the guesses about them are right."""
        for var in self.inputs:
            yield var, ir.Constant(_EXAMPLES[guesses[var]]) if var in guesses else ANYTHING


_EXAMPLES: dict[type, object] = {int: 0, float: 0.0, str: ""}

GUESSED = frozenset(_EXAMPLES)
"""The classes that a guess can be about: those that inline expansions ask for."""


def kinds_in(flows: Flows, guesses: Kinds, *, unguarded: bool) -> Kinds:
    """The kinds of the variables of a function, if the guesses about its inputs are right.

    `unguarded`: what the function calls of itself is the very code that relies on the guesses.
    """
    calls = ir.Slot(RESULT) if unguarded else ANYTHING
    found = [*flows.begun(guesses), *flows.found, *[(var, calls) for _, var in flows.again]]
    analysis = _Analysis({var for var, _ in found})
    while analysis.changed:  # a kind changes twice at most: from unknown to a class, from that to anything
        analysis.changed = False
        for var, expr in found:
            analysis.join(var, analysis.kind(expr))
    return {var: kind for var, kind in analysis.kinds.items() if kind not in (None, object)}


class _Analysis:
    """What is known so far. The kind `object` is that of what may be anything, None is not known yet."""

    def __init__(self, variables: set[Var]) -> None:
        self.kinds: dict[Var, type | None] = dict.fromkeys(variables)
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
            case ir.NewDict():
                return Dict
            case Outcome():
                return self.outcome(expr)
        return object

    def outcome(self, expr: Outcome) -> type | None:
        """The kind of what a function gives."""
        kinds = [self.kind(argument) for argument in expr.arguments]
        if None in kinds:
            return None
        given = {var: kind for var, kind in zip(expr.flows.inputs, kinds, strict=True) if kind in GUESSED}
        return kinds_in(expr.flows, given, unguarded=False).get(RESULT, object)

    def result(self, function: object, arguments: Sequence[ir.Expr]) -> type | None:
        """The kind of what a primitive gives."""
        kinds = [self.kind(argument) for argument in arguments]
        known = inline.result(function, [kind for kind in kinds if kind is not None])
        return None if None in kinds and known is None else known or object
