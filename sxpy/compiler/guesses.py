"""Guesses: a function that goes round, or calls itself, is made for arguments of the kinds it is called with.

Whoever is called with an int is mostly called with ints. If that matters to what a loop does in each round,
or a recursion in each call, it is asked once, where the function is entered, and the code behind relies on
it. If the answer is no, the guess was wrong: the function is made anew without any (`general` in
`sxpy/core/ir.py`), and never guessed about again. This is specialization as a just-in-time compiler does it
(Hölzle and Ungar, "Optimizing dynamically-dispatched calls with run-time type feedback", 1994).

Owns the choice of what is guessed. Next: `sxpy/compiler/direct.py`, which asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sxpy.compiler import inline
from sxpy.compiler.inner import RESULT, Inner, children, parts, steps, variables, within
from sxpy.compiler.kinds import GUESSED, Flows, Kinds, Outcome, kinds_in
from sxpy.core import ir
from sxpy.core.nodes import Var
from sxpy.data import Dict


class Guesses(NamedTuple):
    """What is taken for granted of the inputs of a function, and the kinds that follow from it.

    `unguarded`: a call of the function by itself, with arguments that are known to be of these kinds, goes
    to the code behind the question.
    """

    inputs: Kinds
    kinds: Kinds
    unguarded: bool = False


def guesses(body: ir.Term, inner: Inner, flows: Flows, given: Sequence[Any]) -> Guesses:
    """What is guessed about the inputs of a function of which `given` are values; there may be none."""
    kinds = kinds_in(flows, {}, unguarded=False)
    if len(given) != len(flows.inputs) or not (flows.repeats or flows.again):
        return Guesses({}, kinds)
    wanted = _wanted(body, inner, flows, kinds)
    examples = zip(flows.inputs, map(type, given), strict=True)
    guessed = {var: kind for var, kind in examples if kind in GUESSED and var in wanted}
    for unguarded in (True, False):
        if not (flows.again if unguarded else flows.repeats):
            continue
        found = _settled(flows, guessed, unguarded=unguarded)
        if found.inputs and (not unguarded or _all_own(flows, found)):
            return found
    return Guesses({}, kinds)


def _settled(flows: Flows, guessed: Kinds, *, unguarded: bool) -> Guesses:
    """The guesses that are right in every round if they are in the first."""
    while True:
        kinds = kinds_in(flows, guessed, unguarded=unguarded)
        kept = {var: kind for var, kind in guessed.items() if kinds.get(var) is kind}
        if len(kept) == len(guessed):
            return Guesses(kept, kinds, unguarded)
        guessed = kept


def _all_own(flows: Flows, found: Guesses) -> bool:
    """Whether all calls that a function makes of itself are with arguments of the guessed kinds."""
    return all(
        kind_of(part, found.kinds) is found.inputs.get(var, kind_of(part, found.kinds))
        for jump, _ in flows.again
        for var, part in zip(flows.inputs, jump.arguments, strict=False)
    )


def kind_of(expr: ir.Expr, kinds: Kinds) -> type | None:
    """The kind of an expression of variables of these kinds; None: it may be anything."""
    match expr:
        case ir.Constant():
            return type(expr.constant)
        case ir.Slot():
            return kinds.get(expr.var)
        case ir.Primitive1() | ir.Primitive2() | ir.PrimitiveN():
            return inline.result(expr.function, [kind_of(part, kinds) for part in children(expr)])
        case ir.NewDict():
            return Dict
    return None


def _wanted(body: ir.Term, inner: Inner, flows: Flows, kinds: Kinds) -> set[Var]:
    """The variables whose kind is asked somewhere, and those that they get their values from."""
    sources: dict[Var, set[Var]] = {}
    for var, expr in [*flows.found, *[(var, ir.Slot(RESULT)) for _, var in flows.again]]:
        flowing = tuple(expr.arguments) if isinstance(expr, Outcome) else (expr,)
        sources.setdefault(var, set()).update(variables(flowing))
    asking = [part for term, _ in steps(body, inner) for part in parts(term, inner)]
    pending = [var for part in asking for var in _asked(part, kinds)]
    wanted: set[Var] = set()
    while pending:
        var = pending.pop()
        if var not in wanted:
            wanted.add(var)
            pending += sources.get(var, ())
    return wanted


def _asked(expr: ir.Expr, kinds: Kinds) -> list[Var]:
    """The variables whose kind an expression asks."""
    found: list[Var] = []
    for part in within((expr,)):
        if isinstance(part, (ir.Primitive1, ir.Primitive2, ir.PrimitiveN)):
            given = children(part)
            if inline.asks(part.function, [kind_of(one, kinds) for one in given]):
                found += variables(given)
    return found
