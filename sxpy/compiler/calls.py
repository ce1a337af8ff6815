"""Calls: how a direct function calls others, and itself.

Owns the lines of a call: the parts, in the order in which they are evaluated, whom it goes to, and what
happens to the value. Whom a global holds is known until it changes (`sxpy/compiler/links.py`).

A function that relies on guesses about its arguments (`sxpy/compiler/guesses.py`) asks when it is entered,
or has a **gate** that does, if it calls itself: those calls go past it.
Next: `sxpy/compiler/direct.py`, which writes all the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import CodeType, FunctionType
from typing import Any, NamedTuple

from sxpy.compiler.expressions import is_pure
from sxpy.compiler.guesses import Guesses
from sxpy.compiler.info import INFO
from sxpy.compiler.inner import Inner, steps, within
from sxpy.compiler.links import STEADY, Link, TemplateLink, Watch
from sxpy.compiler.points import DirectInfo, Held, Label, Point
from sxpy.compiler.rounds import Rounds
from sxpy.core import ir
from sxpy.core.controls import CONTROLS
from sxpy.core.direct import Direct, Leave, mistaken
from sxpy.core.nodes import Var
from sxpy.data import Cell, Closure
from sxpy.host import PENDING
from sxpy.machine.performing import ROOM

_PERFORM = CONTROLS["perform"]


class Goal(NamedTuple):
    """Where the value of a tail term goes: into `target`, or, if there is none, to the caller.

    `waiting` is what waits in this function, the outermost first, and `level` the number of Python loops
    around the code that goes on with the value. `fold` is the variable that gets it, if it is a new version
    of that.
    """

    waiting: tuple[Label, ...]
    level: int
    target: str | None
    fold: Var | None = None


class Calls(Rounds):
    """Writes the calls of one function."""

    def __init__(self, template: ir.Template) -> None:
        super().__init__(DirectInfo(template))
        self.template = template
        self.block = template.entry
        self.inner = Inner()
        self.guesses = Guesses({}, {})
        self.linked: dict[Any, tuple[str, str]] = {}
        self.relied: set[Cell] = set()
        self.foreign = False
        """Whether the path is in another function, which is written where it is called."""

    def exit_to(self, level: int, indent: int) -> None:
        """Leave the loops inside of `level`."""
        raise NotImplementedError

    # -- itself ------------------------------------------------------------------------------------

    def own_calls(self) -> Iterator[tuple[ir.Jump, bool]]:
        """The calls of this very closure, and whether a frame waits at them."""
        for term, waiting in steps(self.block.body, self.inner):
            if isinstance(term, ir.Jump) and self.is_self(term):
                yield term, bool(waiting)

    def is_self(self, term: ir.Jump) -> bool:
        """Whether a call is one of this very closure, for as long as globals stay what they are."""
        head = term.head
        if len(term.arguments) != self.template.exact or self.foreign:
            return False
        if isinstance(head, ir.Slot):
            return self.block.code.functions.get(head.var) is self.template
        if isinstance(head, ir.Global) and head.cell.changes <= STEADY and not self.block.captured:
            value = head.cell.value
            return type(value) is Closure and value.template is self.template
        return False

    def rely(self, head: ir.Expr) -> None:
        """This function is made anew when the global changes, if it is one."""
        if isinstance(head, ir.Global) and head.cell not in self.relied:
            self.relied.add(head.cell)
            self.direct_info.links.append(Watch(head.cell, self.template))

    # -- what is guessed ---------------------------------------------------------------------------

    @property
    def asked(self) -> str:
        """The test whether the guesses are right."""
        kinds = self.guesses.inputs.items()
        return " and ".join([f"type({self.variable(var)}) is {kind.__name__}" for var, kind in kinds])

    def parameters(self) -> list[str]:
        """The locals that hold the arguments."""
        return [self.variable(var) for var in self.block.inputs[: self.template.arity]]

    def free(self) -> list[str]:
        """The line that takes what the closure has captured, if there is any."""
        names = "".join([self.variable(var) + ", " for var in self.block.captured])
        return [f"    {names}= h.free"] if names else []

    def ask(self, indent: int, point: Point) -> None:
        """Be another function from here on unless the guesses are right."""
        self.globals["mistaken"] = mistaken(self.template)
        given = "".join([", " + name for name in self.parameters()])
        self.mark(f"if not ({self.asked}): return mistaken(d, h{given})", indent, point)

    def gate(self, slots: Sequence[Held]) -> Direct:
        """The function that asks whether the guesses are right, and calls `own`, which relies on them."""
        info, names = DirectInfo(self.template), "".join([", " + name for name in self.parameters()])
        taken = self.free()
        lines = [
            f"def direct(d, h{''.join([f', {name}=None' for name in self.parameters()])}):",
            *taken,
            f"    if {self.asked}: return own(d[0]{', h' if taken else ''}{names})",
            f"    return mistaken(d, h{names})",
        ]
        point = Point(self.block.body, tuple(slots), ())
        info.points = {len(lines) - 1: point, len(lines): point}
        given = {INFO: info, "mistaken": mistaken(self.template)}
        return function_of(lines, f"<{self.block.label} gate>", given, self.template.arity)

    # -- calls -------------------------------------------------------------------------------------

    def call(self, term: ir.Jump, indent: int, goal: Goal, point: Point) -> None:
        """Write a call of another function, or of this one in a call of its own."""
        arguments = [self.pure(part) if is_pure(part) else "" for part in term.arguments]
        if not all(arguments):
            point, arguments = self.computed(term, indent, point)
        self.call_with(arguments, term, indent, goal, point)

    def call_with(
        self, arguments: Sequence[str], term: ir.Jump, indent: int, goal: Goal, point: Point
    ) -> None:
        """Write a call; these are the texts of its arguments."""
        head = term.head
        if self.is_perform(head) and len(arguments) == 1:
            self.perform(arguments[0], indent, goal, point)
            return
        if self.guesses.unguarded and self.is_self(term):
            self.rely(head)
            text = f"own({', '.join(['d[0]', *(['h'] if self.block.captured else []), *arguments])})"
        else:
            function, closure = self.callee(head, indent, point)
            text = f"{function}(d[0], {', '.join([closure, *arguments])})"
        if goal.target is not None:
            self.mark(f"{goal.target} = {text}", indent, point)
            self.exit_to(goal.level, indent)
        else:
            self.mark(f"return {text}", indent, point)

    def is_perform(self, head: ir.Expr) -> bool:
        """Whether `perform` is called, for as long as globals stay what they are."""
        if isinstance(head, ir.Global) and head.cell.value is _PERFORM and head.cell.changes <= STEADY:
            self.rely(head)
            return True
        return False

    def perform(self, request: str, indent: int, goal: Goal, point: Point) -> None:
        """Write a `perform`: if the machine has a host at hand, it is asked here."""
        kept, ask = self.temporary(), self.temporary()
        answer = goal.target or self.temporary()
        asked = point._replace(again=False, call=None, asks=kept)
        self.globals["PENDING"] = PENDING
        self.mark(f"{kept} = {request}", indent, point)
        self.mark(f"{ask} = d[2].answer", indent, point)
        self.mark(f"if {ask} is None or d[3] < {ROOM}: raise Leave", indent, point)
        self.mark(f"{answer} = {ask}({kept})", indent, asked)
        self.mark(f"if {answer} is PENDING: raise Leave", indent, asked)
        if goal.target is not None:
            self.exit_to(goal.level, indent)
        else:
            self.plain(f"return {answer}", indent)

    def computed(self, term: ir.Jump, indent: int, point: Point) -> tuple[Point, list[str]]:
        """Compute the parts of a call in lines of their own: what was done once is not done again."""
        names, done = [], point._replace(again=False)
        self.unwatched((term.head, *term.arguments), indent, point)
        parts: Sequence[ir.Expr] = term.arguments
        if not isinstance(term.head, ir.Global):
            parts = (term.head, *parts)
        slots = ", ".join([self.shown(held) for held in point.slots])
        for part in parts:
            kept = self.temporary()
            self.mark(f"{kept} = {self.name(part)}.value([{slots}])", indent, done)
            names.append(kept)
        if isinstance(term.head, ir.Global):
            head = self.temporary()
            self.mark(f"{head} = {self.name(term.head)}.value(())", indent, done)
        else:
            head, *names = names
        return done._replace(call=(head, tuple(names))), names

    def unwatched(self, parts: Sequence[ir.Expr], indent: int, point: Point) -> None:
        """Leave if a global is about to change that somebody relies on: he must be a frame when it does."""
        for part in within(parts):
            if isinstance(part, ir.SetCell):
                self.mark(f"if {self.name(part.cell)}.watchers is not None: raise Leave", indent, point)

    def callee(self, head: ir.Expr, indent: int, point: Point) -> tuple[str, str]:
        """The direct function of what is called, and the closure to give to it."""
        if point.call is not None:
            closure = point.call[0]
        elif isinstance(head, ir.Global) and head.cell.changes <= STEADY:
            return self.link(head.cell)
        elif isinstance(head, ir.Slot):
            closure = self.local(head)
            template = self.block.code.functions.get(head.var)
            if template is not None:
                return self.link(template)[0], closure
        else:
            closure = self.temporary()
            self.mark(f"{closure} = {self.pure(head)}", indent, point)
        function = self.temporary()
        self.mark(f"{function} = {closure}.template.direct", indent, point)
        return function, closure

    def link(self, target: Any) -> tuple[str, str]:
        """The globals that hold the direct function and the closure of a global or template."""
        names = self.linked.get(target)
        if names is None:
            count = len(self.linked)
            names = self.linked[target] = (f"g{count}", f"h{count}")
            if isinstance(target, ir.Template):
                link: Any = TemplateLink(target, self.globals, names[0])
            else:
                link = Link(target, self.template, self.globals, *names)
            self.direct_info.links.append(link)
        return names


def function_of(lines: list[str], name: str, given: dict[str, Any], optional: int) -> Direct:
    """What lines of Python define, with these globals; the last `optional` arguments may miss."""
    code = compile("\n".join(lines), name, "exec")
    inner = next(part for part in code.co_consts if isinstance(part, CodeType))
    given["Leave"] = Leave
    return FunctionType(inner, given, argdefs=(None,) * optional)
