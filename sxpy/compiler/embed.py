"""Embedding: operations of the machine in direct code, with the functions that they call in place.

A walk becomes a loop of Python over the items, each round of which takes a tick and runs the body of the
callback; a `guard` becomes a `try`, whose `except` is the body of the handler. Nothing is made that was not
made by the program: no closure, and no frame until somebody needs it (`sxpy/compiler/callbacks.py` has
those). Next: `sxpy/compiler/direct.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sxpy.compiler import inline
from sxpy.compiler.callbacks import (
    GUARDED,
    REDUCED,
    WALKS,
    FoldWaits,
    GuardWaits,
    HandlerRuns,
    Walking,
    WalkWaits,
)
from sxpy.compiler.calls import Calls, Goal
from sxpy.compiler.expressions import Unfit, is_pure
from sxpy.compiler.inner import Inner, Operation, parts, steps, uses, variables
from sxpy.compiler.points import BlockLabel, Held, Label, Point, Unmade
from sxpy.core import ir
from sxpy.core.nodes import Var
from sxpy.data import Primitive, Span, from_list
from sxpy.machine.collections import reduced_by
from sxpy.machine.conditions import Raised
from sxpy.machine.walks import items_of

TICKED = 2
"""More calls than one may have been made, or a tick has been taken, which is enough for one time."""

MAX_NESTED = 12
"""Python nests no more than 20 blocks, and a handler takes two."""


class Embedding(Calls):
    """Writes operations."""

    def __init__(self, template: ir.Template) -> None:
        super().__init__(template)
        self.unmade: list[tuple[Unmade, ir.NewClosure]] = []
        """The closures that are made only when a frame needs them."""
        self.level = 0
        """The number of Python loops around the path."""
        self.flags: list[int] = [0]
        """For each of them: whether something leaves several loops through it."""
        self.blocks = 0
        """The number of Python's blocks around the path that are no loops."""
        self.globals |= {"Raised": Raised, "from_list": from_list}

    # -- what direct code owns ---------------------------------------------------------------------

    def path(self, term: ir.Term, slots: list[Held], indent: int, goal: Goal, calls: int) -> int:
        """Write the terms from `term` on to where their value goes."""
        raise NotImplementedError

    def count(self, template: ir.Template, indent: int) -> str:
        """Count a call, when calls are counted; what counts one more."""
        raise NotImplementedError

    # -- operations --------------------------------------------------------------------------------

    def unmade_of(self, made: ir.NewClosure) -> Unmade:
        """What holds a closure that is not made."""
        held = Unmade(made.template)
        self.unmade.append((held, made))
        return held

    def nest(self) -> None:
        """Raise Unfit where Python would not nest a further block."""
        if self.level + self.blocks >= MAX_NESTED:
            raise Unfit

    def inside(self, block: ir.Block) -> list[Held]:
        """The slots at the beginning of a function that stands here."""
        return [self.hold(var) for var in (*block.inputs, *block.captured)]

    def operate(self, found: Operation, indent: int, goal: Goal, point: Point, calls: int) -> int:
        """Write an operation. `calls` are those that the function may have made, as for `path`."""
        if found.control is GUARDED:
            return self.guard(found, indent, goal, calls)
        if found.primitive is not None:
            self.rely(found.primitive)
            by = self.fold_by if found.control is REDUCED else self.walk_by
            by(found, found.primitive.cell.value, indent, goal, point)
            return calls
        if found.control is REDUCED:
            return self.fold(found, indent, goal, point)
        return self.walk_over(found, indent, goal, point)

    # -- guard -------------------------------------------------------------------------------------

    def guard(self, found: Operation, indent: int, goal: Goal, calls: int) -> int:
        """Write a guard: its handler is in tail position, its body is not."""
        (handler, _), (body, _) = found.functions
        self.nest()
        target, raised, known = goal.target or self.temporary(), self.temporary(), self.with_item
        self.blocks += 1
        self.plain("try:", indent)
        self.count(body.template, indent + 1)
        waiting = (*goal.waiting, GuardWaits(self.unmade_of(handler)))
        begin = body.template.entry
        inner = Goal(waiting, self.level, target)
        ran = self.path(begin.body, self.inside(begin), indent + 1, inner, calls)
        self.blocks += 1
        self.with_item = known
        entry = handler.template.entry
        payload, again = map(self.variable, entry.inputs)
        self.plain("except Raised as error:", indent)
        self.plain(f"{raised}, {payload}, {again} = error, error.args[0], None", indent + 1)
        self.count(handler.template, indent + 1)
        if any(
            entry.inputs[1] in _used_but_called(term, self.inner) for term, _ in steps(entry.body, self.inner)
        ):
            raise Unfit
        runs = HandlerRuns(raised, again, entry.inputs[1], len(goal.waiting))
        outer = self.settled(entry.body, indent + 1, goal._replace(waiting=(*goal.waiting, runs)))
        handled = self.path(entry.body, self.inside(entry), indent + 1, outer, ran)
        self.blocks -= 2
        self.with_item = known
        if goal.target is None:
            self.plain(f"return {target}", indent)
        else:
            self.exit_to(goal.level, indent)
        return ran if ran == handled else 1

    def settled(self, term: ir.Term, indent: int, goal: Goal) -> Goal:
        """The goal from `term` on: a handler that will not raise again forgets what was raised."""
        waiting = list(goal.waiting)
        for runs in goal.waiting:
            if isinstance(runs, HandlerRuns) and not self.raises_again(runs.var, term, goal.waiting):
                waiting.remove(runs)
                self.plain(f"{runs.raised} = None", indent)
        return goal if len(waiting) == len(goal.waiting) else goal._replace(waiting=tuple(waiting))

    def raises_again(self, again: Var, term: ir.Term, waiting: tuple[Label, ...]) -> bool:
        """Whether `term`, what follows, or what waits uses a handler's means to raise again."""
        if any(isinstance(label, BlockLabel) and again in label.block.captured for label in waiting):
            return True
        return any(again in uses(parts(one, self.inner)) for one, _ in steps(term, self.inner))

    # -- walks -------------------------------------------------------------------------------------

    def items(self, who: str, collection: ir.Expr, indent: int, point: Point) -> tuple[str, str]:
        """Write what makes a list of the items, and an iterator over it: their locals."""
        source, items, iterator = self.temporary(), self.temporary(), self.temporary()
        self.mark(f"{source} = {self.pure(collection)}", indent, point)
        self.mark(f"{items} = {self.items_in(source, who)}", indent, point)
        self.plain(f"{iterator}, {source} = iter({items}), None", indent)
        return items, iterator

    def walk_over(self, found: Operation, indent: int, goal: Goal, point: Point) -> int:
        """Write a walk."""
        ((made, _),) = found.functions
        walking, entry = WALKS[found.control], made.template.entry
        items, iterator = self.items(walking.name, found.others[0], indent, point)
        so_far = self.temporary()
        result = so_far if walking.is_result else self.temporary()
        self.plain(f"{so_far} = {walking.start}", indent)
        waits = WalkWaits(walking, self.unmade_of(made), items, iterator, so_far)
        inner = Goal((*goal.waiting, waits), self.level + 1, result)
        texts = {"so_far": so_far, "item": self.variable(entry.inputs[0]), "result": result}
        texts |= {"holds": f"{result} is not None and {result} is not False"}
        texts |= {"fails": f"{result} is None or {result} is False"}

        def once(begin: Point) -> None:
            body = entry.body
            if isinstance(body, ir.Return) and is_pure(body.expr) and not walking.is_result:
                texts.update(self.in_one_line(walking, body.expr))
            else:
                self.path(body, list(begin.slots), indent + 1, inner, TICKED)
            for line in walking.each.format(**texts).splitlines():
                self.mark(line, indent + 1, begin)

        self.each_item(entry, iterator, indent, inner, once)
        self.give(walking.value.format(so_far=so_far), (items, iterator, so_far), indent, goal)
        return TICKED

    def fold_by(self, found: Operation, by: Primitive, indent: int, goal: Goal, point: Point) -> None:
        """Write a fold by a primitive."""
        first, collection = found.others
        source, value = self.temporary(), goal.target or self.temporary()
        self.mark(f"{source} = {self.pure(collection)}", indent, point)
        given = f"{self.name(by)}, {self.pure(first)}, {self.items_in(source, 'reduce')}"
        self.mark(f"{value} = {self.name(reduced_by)}({given})", indent, point)
        self.give(value, (source,), indent, goal)

    def walk_by(self, found: Operation, by: Primitive, indent: int, goal: Goal, point: Point) -> None:
        """Write a walk whose callback is a primitive: nothing waits in it, and it can be done again."""
        self.nest()
        walking = WALKS[found.control]
        source, so_far, item = self.temporary(), self.temporary(), self.temporary()
        self.mark(f"{source} = {self.pure(found.others[0])}", indent, point)
        self.plain(f"{so_far} = {walking.start}", indent)
        self.mark(f"for {item} in {self.items_in(source, walking.name)}:", indent, point)
        made = inline.expanded(self, by.function, [inline.Operand(item)])
        result, truth = made.text, made.text
        if walking.is_result:
            self.mark(f"{so_far} = {result}", indent + 1, point)
            result = so_far
        if made.kind is not bool:
            kept = self.temporary()
            truth = f"({kept} := {result}) is not None and {kept} is not False"
        texts = {"so_far": so_far, "item": item, "result": result, "holds": truth, "fails": f"not ({truth})"}
        for line in walking.each.format(**texts).splitlines():
            self.mark(line, indent + 1, point)
        self.give(walking.value.format(so_far=so_far), (source, so_far, item), indent, goal)

    def items_in(self, source: str, who: str) -> str:
        """The text for a list of the items of the collection in a local."""
        text = f"{source}.buffer[{source}.low:{source}.high] if type({source}) is {self.name(Span)}"
        return f"({text} else {self.name(items_of)}({who!r}, {source}))"

    def in_one_line(self, walking: Walking, expr: ir.Expr) -> dict[str, str]:
        """The texts for the result of a callback that is nothing but an expression."""
        if "{result}" in walking.each:
            return {"result": self.pure(expr)}
        truth = self.truth(expr)
        return {"holds": truth, "fails": f"not ({truth})"}

    def fold(self, found: Operation, indent: int, goal: Goal, point: Point) -> int:
        """Write a fold: the first variable of its function is what is known so far, from round to round."""
        ((made, _),) = found.functions
        (first, collection), entry = found.others, made.template.entry
        known = self.variable(entry.inputs[0])
        items, iterator = self.items("reduce", collection, indent, point)
        self.mark(f"{known} = {self.pure(first)}", indent, point)
        waits = FoldWaits(self.unmade_of(made), items, iterator)
        inner = Goal((*goal.waiting, waits), self.level + 1, known, entry.inputs[0])

        def once(begin: Point) -> None:
            self.path(entry.body, list(begin.slots), indent + 1, inner, TICKED)

        self.each_item(entry, iterator, indent, inner, once)
        self.give(known, (items, iterator), indent, goal)
        return TICKED

    def each_item(
        self, entry: ir.Block, iterator: str, indent: int, inner: Goal, once: Callable[[Point], None]
    ) -> None:
        """Write the loop of a walk, whose rounds `once` writes; when no tick is left, the next one begins."""
        self.nest()
        slots, known, template = self.inside(entry), self.with_item, entry.template
        assert template is not None
        begin, item = Point(entry.body, tuple(slots), inner.waiting), self.variable(entry.inputs[-1])
        self.level += 1
        self.flags.append(0)
        self.plain(f"for _, {item} in zip(T, {iterator}):", indent)
        once_more = self.count(template, indent + 1)
        once(begin)
        self.level -= 1
        self.flags.pop()
        self.with_item = known
        self.plain("else:", indent)
        self.mark(f"for {item} in {iterator}: {once_more}raise Leave", indent + 1, begin)

    def give(self, value: str, used: Sequence[str], indent: int, goal: Goal) -> None:
        """Give the value of an operation to its goal, and forget what it was made with."""
        if goal.target is None:
            self.plain(f"return {value}", indent)
        else:
            if goal.target != value:
                self.plain(f"{goal.target} = {value}", indent)
            self.plain(f"{' = '.join(used)} = None", indent)
            self.exit_to(goal.level, indent)


def _used_but_called(term: ir.Term, inner: Inner) -> set[Var]:
    """The variables that a term uses for something else than to call them."""
    used = parts(term, inner)
    return variables(used[1:] if isinstance(term, ir.Jump) else used)
