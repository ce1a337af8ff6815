"""Exits: what a call comes to when the function called has nothing left to call.

A small function that calls nobody can be written where it is called. Of one that calls itself again and again
along a tree, most calls are leaves: its first tests can be made where it is called, with the value if it ends
there, and the call if it does not (Peyton Jones and Marlow, "Secrets of the Glasgow Haskell Compiler
inliner", 2002, for the trade). The terms are those of the function called, so errors, places and backtraces
are as if it had been called.

Owns which terms those are. Next: `sxpy/compiler/copies.py`, which writes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sxpy.compiler.expressions import is_pure
from sxpy.compiler.inner import Inner, parts, steps, variables, within
from sxpy.compiler.kinds import Flows
from sxpy.compiler.links import STEADY
from sxpy.core import ir
from sxpy.data import Closure

WHOLE = 24
"""Expressions of a function that is written as a whole where it is called."""

TESTS = 2
"""Tests in a row that are made before a function calls itself."""

UNROLLED = 64
"""Terms and expressions of a function that is written once more in place of each of its calls of itself."""

MAX_EXITS = 16
"""Calls in a function that are written so: each makes it longer."""


class Exits(NamedTuple):
    """The function that is called, and its terms that are written in place of the call.

    `whole`: these are all that it has, and what flows there; the calls among them are tail calls of others.
    """

    template: ir.Template
    terms: frozenset[ir.Term]
    whole: Flows | None = None

    def may_be(self, arguments: Sequence[ir.Expr]) -> bool:
        """Whether a call by the function itself may end at its first test, which its own call has passed."""
        first = self.template.entry.body
        if not isinstance(first, ir.Branch):
            return False
        tested = variables((first.test,))
        given = zip(self.template.entry.inputs, arguments, strict=True)
        return any(
            not (isinstance(part, ir.Slot) and part.var is var) for var, part in given if var in tested
        )


def all_of(template: ir.Template) -> Exits | None:
    """A function that is small and calls nobody but, in the end, another function; None if it is not."""
    room = WHOLE
    terms: list[ir.Term] = []
    pending = [template.entry.body]
    while pending:
        term = pending.pop()
        exprs = _of(term, template)
        if exprs is None:
            return None
        room -= 1 + sum(1 for _ in within(exprs))
        if room < 0:
            return None
        terms.append(term)
        pending += _after(term)
    if any(isinstance(term, ir.Jump) for term in terms) and any(map(_makes_closures, terms)):
        return None  # where it stands it may be a walk or a guard (`sxpy/compiler/embed.py`)
    entry = template.entry
    return Exits(template, frozenset(terms), Flows(entry.body, Inner(), entry.inputs))


def first_of(template: ir.Template) -> Exits | None:
    """The tests that a function begins with, as far as they lead to its end; None if they do not."""
    terms: set[ir.Term] = set()
    return Exits(template, frozenset(terms)) if _leads_out(template.entry.body, TESTS, terms) else None


def may_unroll(template: ir.Template) -> bool:
    """Whether a function is small enough to be written in place of its calls of itself, a level deep."""
    room, inner = UNROLLED, Inner()
    for term, _ in steps(template.entry.body, inner):
        if isinstance(term, ir.Fix):
            return False
        room -= 1 + sum(1 for _ in within(parts(term, inner)))
    return room >= 0


def _leads_out(term: ir.Term, tests: int, terms: set[ir.Term]) -> bool:
    """Whether a path from `term` ends the function within so many tests; adds the terms on such paths."""
    found = False
    if isinstance(term, ir.Return) and is_pure(term.expr):
        found = True
    elif isinstance(term, ir.Branch) and tests and is_pure(term.test):
        then = _leads_out(term.then, tests - 1, terms)
        found = _leads_out(term.other, tests - 1, terms) or then
    if found:
        terms.add(term)
    return found


def _of(term: ir.Term, template: ir.Template) -> tuple[ir.Expr, ...] | None:
    """The expressions of a term that only computes, or calls a function that is not `template`."""
    match term:
        case ir.Bind(expr=expr) | ir.Return(expr=expr) | ir.Branch(test=expr) if is_pure(expr):
            return (expr,)
        case ir.Jump(head=ir.Global(cell=cell)) if type(cell.value) is Closure and cell.changes <= STEADY:
            if cell.value.template is not template and all(map(is_pure, term.arguments)):
                return term.arguments
    return None


def _makes_closures(term: ir.Term) -> bool:
    return any(isinstance(part, ir.NewClosure) for part in within(parts(term, Inner())))


def _after(term: ir.Term) -> tuple[ir.Term, ...]:
    match term:
        case ir.Branch():
            return (term.then, term.other)
        case ir.Bind():
            return (term.next,)
    return ()
