"""Copies: functions of SX that are written where they are called, in place of the call.

A small function that calls nobody is written as a whole, and of one that calls itself along a tree the tests
with which it ends; such a function, if it is small, is written once more as a whole, a level deep. Which
terms are written, `sxpy/compiler/exits.py` tells. They are points of the function called, with the labels of
the caller waiting, so that whatever they raise is as if it had been called.
Next: `sxpy/compiler/direct.py`.
"""

from __future__ import annotations

from collections.abc import Callable

from sxpy.compiler.calls import Goal
from sxpy.compiler.embed import TICKED, Embedding
from sxpy.compiler.exits import MAX_EXITS, Exits, all_of, first_of, may_unroll
from sxpy.compiler.expressions import is_pure
from sxpy.compiler.guesses import kind_of
from sxpy.compiler.kinds import GUESSED, Flows, kinds_in
from sxpy.compiler.links import STEADY, Written
from sxpy.compiler.points import Held, Point
from sxpy.core import ir
from sxpy.core.nodes import Var
from sxpy.data import Closure

Counts = dict[ir.Block, list[int]]
"""The calls of each function, as the one item of a list, by its entry."""


class Copies(Embedding):
    """Writes functions in place of their calls, if `copies` are wanted. `counts` is what counts calls."""

    def __init__(self, template: ir.Template, counts: Counts | None, *, copies: bool) -> None:
        super().__init__(template)
        self.counts = counts
        self.copies = copies
        self.copied: dict[ir.Jump, Exits | None] = {}
        """What is written in place of each call."""
        self.first: Exits | None = None
        """The tests that are made before the function calls itself."""
        self.unrolls = False
        """Whether the function is written in place of its calls of itself."""
        self.within = False
        """Whether the path is in such a place."""

    # -- what direct code owns ---------------------------------------------------------------------

    def tick(self, indent: int, point: Point) -> None:
        """Look whether the machine wants to see to something."""
        raise NotImplementedError

    def deliver(self, term: ir.Return, indent: int, goal: Goal, point: Point) -> None:
        """Give the value of a tail term to its goal."""
        raise NotImplementedError

    def jump(self, term: ir.Jump, slots: list[Held], indent: int, goal: Goal, calls: int) -> int:
        """Write a call."""
        raise NotImplementedError

    # -- what is copied ----------------------------------------------------------------------------

    def look_for_exits(self) -> None:
        """See whether the function calls itself along a tree."""
        waits = [waits for _, waits in self.own_calls()]
        if self.copies and len(waits) > 1:
            self.first = first_of(self.template)
            plain = all(waits) and not self.inner.loops and not self.inner.operations
            self.unrolls = plain and may_unroll(self.template)

    def exits(self, term: ir.Jump) -> Exits | None:
        """What is written in place of a call; None for the call itself, as in what is written so."""
        if self.foreign:
            return None
        if term not in self.copied:
            room = self.copies and sum(found is not None for found in self.copied.values()) < MAX_EXITS
            self.copied[term] = self.exits_of(term) if room and all(map(is_pure, term.arguments)) else None
        return self.copied[term]

    def exits_of(self, term: ir.Jump) -> Exits | None:
        """What may be written in place of a call."""
        head = term.head
        if self.is_self(term):
            return self.first if self.first is not None and self.first.may_be(term.arguments) else None
        if isinstance(head, ir.Global) and head.cell.changes <= STEADY and type(head.cell.value) is Closure:
            template: ir.Template = head.cell.value.template
            if template.exact == len(term.arguments) and not head.cell.value.free:
                return all_of(template)
        return None

    def whole(self, term: ir.Jump) -> Flows | None:
        """What flows in the function that is called, if all of it is written in place of the call."""
        found = self.exits(term)
        return found and found.whole

    # -- copies ------------------------------------------------------------------------------------

    def copy(self, found: Exits, term: ir.Jump, indent: int, goal: Goal, calls: int, point: Point) -> int:
        """Write what stands in place of a call. `calls` are those that may have been made, as for `path`."""
        self.rely(term.head)
        goal = goal._replace(fold=None)
        if found is self.first and self.unrolls and not self.within:
            return self.unrolled(term, indent, goal, calls, point)
        template = found.template
        if template is not self.template:
            self.direct_info.links.append(Written(template, self.template))
        given, kinds = self.given(template, term, indent, point)
        arguments = [self.shown(given[var]) for var in template.entry.inputs]
        outer = self.held, self.kinds

        def call(indent: int) -> int:
            inner, (self.held, self.kinds) = (self.held, self.kinds), outer
            if calls == 1:
                self.tick(indent, point)
            self.call_with(arguments, term, indent, goal, point)
            self.held, self.kinds = inner
            return min(calls + 1, TICKED)

        self.held, self.kinds = given, kinds
        if found.whole is not None:
            self.kinds = kinds_in(found.whole, kinds, unguarded=False)
            self.foreign = True
        calls = self.exit_path(found, template.entry.body, list(given.values()), indent, goal, calls, call)
        self.held, self.kinds = outer
        self.foreign = False
        return calls

    def given(
        self, template: ir.Template, term: ir.Jump, indent: int, point: Point
    ) -> tuple[dict[Var, Held], dict[Var, type]]:
        """Have locals hold what a function that is written here is given; and the kinds of that."""
        given: dict[Var, Held] = {}
        kinds: dict[Var, type] = {}
        for var, part in zip(template.entry.inputs, term.arguments, strict=True):
            held = self.held.get(part.var) if isinstance(part, ir.Slot) else None
            if not isinstance(held, str):
                held = self.fresh()
                self.mark(f"{held} = {self.pure(part)}", indent, point)
            given[var] = held
            kind = kind_of(part, self.kinds)
            if kind in GUESSED:
                kinds[var] = kind
        # Nothing is captured but by the function itself.
        return given | {var: self.held[var] for var in template.entry.captured}, kinds

    def exit_path(
        self,
        found: Exits,
        term: ir.Term,
        slots: list[Held],
        indent: int,
        goal: Goal,
        calls: int,
        call: Callable[[int], int],
    ) -> int:
        """Write the terms of a function called from `term` on, and `call` for those that lead to no exit."""
        while term in found.terms:
            point = Point(term, tuple(slots), goal.waiting)
            match term:
                case ir.Bind():
                    local = self.variable(term.var)
                    self.mark(f"{local} = {self.pure(term.expr)}", indent, point)
                    slots.append(local)
                    term = term.next
                case ir.Branch():
                    self.mark(f"if {self.truth(term.test)}:", indent, point)
                    then = self.exit_path(found, term.then, list(slots), indent + 1, goal, calls, call)
                    if goal.target is not None:
                        self.plain("else:", indent)
                        return either(
                            then, self.exit_path(found, term.other, slots, indent + 1, goal, calls, call)
                        )
                    term = term.other
                case ir.Return():
                    self.count_copied(found.template, indent)
                    self.deliver(term, indent, goal, point)
                    return calls
                case ir.Jump():
                    self.count_copied(found.template, indent)
                    return self.jump(term, slots, indent, goal, calls)
        return call(indent)

    def count_copied(self, template: ir.Template, indent: int) -> None:
        """Count a call of a function that is written here, when calls are counted."""
        if self.counts is not None:
            template.count = self.counts[template.entry]
        self.count(template, indent)

    def unrolled(self, term: ir.Jump, indent: int, goal: Goal, calls: int, point: Point) -> int:
        """Write the function once more in place of a call by itself. One tick is enough for all of it."""
        if calls != TICKED:
            self.tick(indent, point)
        given, _ = self.given(self.template, term, indent, point)
        outer, self.held, self.within = self.held, given, True
        self.count(self.template, indent)
        self.path(self.block.body, list(given.values()), indent, goal, TICKED)
        self.held, self.within = outer, False
        return TICKED


def either(one: int, other: int) -> int:
    """The calls that were made since the last tick, on one of two paths."""
    return TICKED if one == other == TICKED else max(calls for calls in (one, other) if calls != TICKED)
