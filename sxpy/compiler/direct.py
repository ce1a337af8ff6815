"""Direct functions: a function of SX as one Python function that calls others as Python does.

Owns their emission. All blocks of a function stand in one Python function: where a block pushes the frame of
a label and calls, the Python code calls, and the code of the label follows. A variable of SX is a local
variable of Python; a local function that is nothing but a loop is a loop (`sxpy/compiler/loops.py`).

Every line that can raise has a `Point`, which says what a machine needs to go on from there: the term, what
the slots of its block hold, and the labels that wait. So the traceback of an exception can be turned into
frames (`sxpy/compiler/unwind.py`), and direct code never has to say what it is doing while all goes well.
The rules of calling are in `sxpy/core/direct.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import CodeType, FunctionType
from typing import Any, NamedTuple

from sxpy.compiler import inplace
from sxpy.compiler.cursors import known_by, walked
from sxpy.compiler.expressions import Unfit, is_pure
from sxpy.compiler.info import INFO
from sxpy.compiler.kinds import kinds_in
from sxpy.compiler.links import STEADY, Link, TemplateLink, Watch
from sxpy.compiler.loops import Loops, TooLong, children, find_loops, steps
from sxpy.compiler.points import DirectInfo, Held, Label, LoopClosure, Point
from sxpy.compiler.rounds import Rounds, arguments_of
from sxpy.core import ir
from sxpy.core.controls import CONTROLS
from sxpy.core.direct import Direct, Leave
from sxpy.core.nodes import Var
from sxpy.data import UNBOUND, Closure, from_list
from sxpy.host import PENDING
from sxpy.machine.performing import ROOM

TICKED = 2

_PERFORM = CONTROLS["perform"]

MAX_LOOPS = 12
"""Python nests no more than 20 blocks."""


class _Goal(NamedTuple):
    """Where the value of a tail term goes: to the last of the labels that wait, or to the caller.

    `level` is the number of Python loops around the code that goes on with it.
    """

    waiting: tuple[Label, ...]
    level: int


class _DirectEmitter(Rounds):
    """Writes one function."""

    def __init__(self, template: ir.Template, counts: dict[ir.Block, list[int]] | None) -> None:
        super().__init__(DirectInfo(template))
        self.counts = counts
        if counts is not None:
            template.count = counts[template.entry]
        self.template = template
        self.block = template.entry
        self.loops: Loops = {}
        self.running: dict[Var, int] = {}
        """The loops that the path is in, with their level."""
        self.level = 0
        self.flags: list[int] = [0]
        """For each Python loop around the path: whether something leaves several loops through it."""
        self.linked: dict[Any, tuple[str, str]] = {}
        self.looping = False

    # -- the frame of the work ---------------------------------------------------------------------

    def direct(self) -> Direct:
        """The function."""
        template, block = self.template, self.template.entry
        if template.keys:
            raise Unfit
        self.loops = find_loops(block.body)
        self.kinds = kinds_in(block.body, self.loops)
        for var in self.loops:
            if self.counts is not None:
                self.loops[var].template.count = self.counts[self.loops[var].template.entry]
            self.held[var] = LoopClosure(self.loops[var].template)
        params = [f"{self.variable(var)}=None" for var in block.inputs[: template.arity]]
        if template.rest is not None:
            params.append(f"*{self.variable(block.inputs[template.arity])}")
        self.lines.append(f"def direct(d, h{''.join(', ' + param for param in params)}):")
        if block.captured:
            self.lines.append(f"    {''.join(self.variable(var) + ', ' for var in block.captured)}= h.free")
        if template.rest is not None:
            rest = self.variable(block.inputs[template.arity])
            self.globals["from_list"] = from_list
            self.lines.append(f"    {rest} = from_list(list({rest}))")
        slots = [self.hold(var) for var in (*block.inputs, *block.captured)]
        goal, indent = _Goal((), 0), 1
        self.looping = self.loops_itself()
        if self.looping or self.loops:
            self.mark("T = d[1]", indent, Point(block.body, tuple(slots), ()))
        if self.looping:
            inputs = block.inputs[: template.arity]
            rounds = [term for term, waiting in self.own_calls() if not waiting]
            found = walked(inputs, block.body, self.loops, rounds)
            self.walk(found, indent, Point(block.body, tuple(slots), ()))
            slots = [self.hold(var) for var in (*block.inputs, *block.captured)]
            self.loop(template, slots, indent, goal)
        else:
            self.count(template, indent)
            self.path(block.body, slots, indent, goal, 0)
        code = compile("\n".join(self.lines), f"<{block.label} direct>", "exec")
        inner = next(part for part in code.co_consts if isinstance(part, CodeType))
        self.globals |= {INFO: self.direct_info, "Leave": Leave}
        made = FunctionType(inner, self.globals, argdefs=(None,) * template.arity)
        for var, loop in self.loops.items():
            held = self.held[var]
            assert isinstance(held, LoopClosure)
            held.captures = tuple([self.held[slot.var] for slot in loop.captures])
        return made

    def loops_itself(self) -> bool:
        """Whether the function calls itself in tail position."""
        return any(not waiting for _, waiting in self.own_calls())

    def own_calls(self) -> Iterator[tuple[ir.Jump, int]]:
        """The calls of this very closure, with the number of frames that wait at them."""
        for term, waiting in steps(self.block.body, self.loops):
            if isinstance(term, ir.Jump) and self.is_self(term):
                yield term, waiting

    def is_self(self, term: ir.Jump) -> bool:
        """Whether a call is one of this very closure, for as long as globals stay what they are."""
        head = term.head
        if len(term.arguments) != self.template.exact:
            return False
        if isinstance(head, ir.Slot):
            return self.block.code.functions.get(head.var) is self.template
        if isinstance(head, ir.Global) and head.cell.changes <= STEADY and not self.block.captured:
            value = head.cell.value
            return type(value) is Closure and value.template is self.template
        return False

    # -- lines -------------------------------------------------------------------------------------

    def tick(self, indent: int, point: Point) -> None:
        """Look whether the machine wants to see to something."""
        self.mark("for _ in d[1]: break", indent, point)
        self.mark("else: raise Leave", indent, point)

    # -- terms -------------------------------------------------------------------------------------

    def path(self, term: ir.Term, slots: list[Held], indent: int, goal: _Goal, calls: int) -> int:
        """Write the terms from `term` on to where their value goes.

        `slots` are those of the block so far, `calls` the calls that the function may have made, and those
        that it may have made in the end are returned. `TICKED`: it took a tick, which is enough for one time.
        """
        while True:
            point = Point(term, tuple(slots), goal.waiting)
            match term:
                case ir.Bind() if term.var in self.places:
                    slots.append(self.place(term, indent, point))
                case ir.Bind():
                    local = self.variable(term.var)
                    self.into(local, term.expr, indent, point)
                    slots.append(local)
                case ir.Do():
                    self.into("_", term.expr, indent, point)
                case ir.Push():
                    label = Label(term.block, tuple([self.hold(slot.var) for slot in term.live]))
                    inner = _Goal((*goal.waiting, label), self.level)
                    before = self.with_item
                    calls = self.path(term.next, slots, indent, inner, calls)
                    self.with_item = before
                    slots = [self.hold(var) for var in (*term.block.inputs, *term.block.captured)]
                    term = term.block.body
                    continue
                case ir.Fix():
                    self.closures(term, slots, indent, point)
                case ir.Branch():
                    self.branch_test(term, indent, point)
                    before, (held, failed) = self.with_item, known_by(term.test)
                    self.with_item = before | held
                    then = self.path(term.then, list(slots), indent + 1, goal, calls)
                    self.with_item = before | failed
                    if goal.waiting:
                        self.plain("else:", indent)
                        other = self.path(term.other, slots, indent + 1, goal, calls)
                        return then if then == other else 1
                    term = term.other
                    continue
                case ir.Return():
                    self.deliver(term, indent, goal, point)
                    return calls
                case ir.Jump():
                    return self.jump(term, slots, indent, goal, calls)
                case _:
                    raise Unfit
            term = term.next

    def branch_test(self, term: ir.Branch, indent: int, point: Point) -> None:
        if is_pure(term.test):
            self.mark(f"if {self.truth(term.test)}:", indent, point)
        else:
            kept = self.temporary()
            self.into(kept, term.test, indent, point)
            self.plain(f"if {kept} is not None and {kept} is not False:", indent)

    def closures(self, term: ir.Fix, slots: list[Held], indent: int, point: Point) -> None:
        for var, made in zip(term.vars, term.closures, strict=True):
            held = self.hold(var)
            slots.append(held)
            if isinstance(held, str):
                self.mark(f"{held} = closure_of({self.name(made.template)}, ())", indent, point)
        for var, made in zip(term.vars, term.closures, strict=True):
            held = self.hold(var)
            if isinstance(held, str) and made.captures:
                free = "".join([self.local(slot) + ", " for slot in made.captures])
                self.mark(f"{held}.free = ({free})", indent, point)

    def deliver(self, term: ir.Return, indent: int, goal: _Goal, point: Point) -> None:
        """Give the value of a tail term to its goal."""
        if goal.waiting:
            self.into(self.variable(goal.waiting[-1].block.inputs[0]), term.expr, indent, point)
            self.exit_to(goal.level, indent)
        elif is_pure(term.expr):
            self.mark(f"return {self.pure(term.expr)}", indent, point)
        else:
            kept = self.temporary()
            self.into(kept, term.expr, indent, point)
            self.plain(f"return {kept}", indent)

    # -- values ------------------------------------------------------------------------------------

    def into(self, local: str, expr: ir.Expr, indent: int, point: Point) -> None:
        """Put the value of an expression into a local."""
        if is_pure(expr):
            self.mark(f"{local} = {self.pure(expr)}", indent, point)
            return
        match expr:
            case ir.Primitive1() | ir.Primitive2() | ir.PrimitiveN() if all(map(is_pure, arguments_of(expr))):
                arguments = []
                for argument in arguments_of(expr):
                    text = self.pure(argument)
                    if not text.isidentifier():
                        kept = self.temporary()
                        self.mark(f"{kept} = {text}", indent, point)
                        text = kept
                    arguments.append(text)
                call = f"{self.name(expr.function)}({', '.join(arguments)})"
                known = inplace.effect(self, expr.function, arguments)
                if known is not None:
                    self.mark(f"if {known.test}:", indent, point)
                    for line in known.effect:
                        self.plain(line, indent + 1)
                    self.plain(f"    {local} = {known.value}", indent)
                    self.plain("else:", indent)
                    indent += 1
                self.mark(f"{local} = {call}", indent, point._replace(again=False, site=expr.site))
            case ir.Choice() if is_pure(expr.test):
                self.mark(f"if {self.truth(expr.test)}:", indent, point)
                self.into(local, expr.then, indent + 1, point)
                self.plain("else:", indent)
                self.into(local, expr.other, indent + 1, point)
            case ir.InOrder():
                self.in_order(local, (*expr.items, expr.last), indent, point)
            case ir.SetBox() if is_pure(expr.content):
                self.mark(f"{local} = {self.pure(expr.content)}", indent, point)
                self.plain(f"{self.local(expr.slot)}.value = {local}", indent)
            case ir.SetCell() if is_pure(expr.content) and (expr.define or expr.cell.value is not UNBOUND):
                self.mark(f"{local} = {self.pure(expr.content)}", indent, point)
                self.unwatched((expr,), indent, point)
                self.plain(f"{self.name(expr.cell)}.value = {local}", indent)
            case _:
                self.unwatched((expr,), indent, point)
                self.by_tier_0(local, expr, indent, point)

    def in_order(self, local: str, items: Sequence[ir.Expr], indent: int, point: Point) -> None:
        """Put the value of the last of several expressions into a local.

        Once one of them has done something, a line must not be done again: it raises for good.
        """
        self.unwatched(items, indent, point)
        done = False
        bound: set[Var] = set()
        for item in items:
            if not done:
                self.into(local, item, indent, point)
                done = not is_pure(item)
            elif isinstance(item, ir.Unboxed) and item.slot.var in bound:
                self.plain(f"{local} = {self.local(item.slot)}.value", indent)
            elif self.is_safe(item):
                self.plain(f"{local} = {self.pure(item)}", indent)
            else:
                self.by_tier_0(local, item, indent, point)
            if isinstance(item, ir.SetBox):
                bound.add(item.slot.var)

    def by_tier_0(self, local: str, expr: ir.Expr, indent: int, point: Point) -> None:
        """Have tier 0 compute an expression, for good."""
        slots = ", ".join([self.shown(held) for held in point.slots])
        text = f"{local} = {self.name(expr)}.value([{slots}])"
        self.mark(text, indent, point._replace(again=False))

    def unwatched(self, parts: Sequence[ir.Expr], indent: int, point: Point) -> None:
        """Leave if a global is about to change that somebody relies on: he must be a frame when it does."""
        pending = list(parts)
        while pending:
            part = pending.pop()
            if isinstance(part, ir.SetCell):
                self.mark(f"if {self.name(part.cell)}.watchers is not None: raise Leave", indent, point)
            pending += children(part)

    # -- calls -------------------------------------------------------------------------------------

    def jump(self, term: ir.Jump, slots: list[Held], indent: int, goal: _Goal, calls: int) -> int:
        """Write a call: a round of a loop, or a loop, or a call of a function."""
        point = Point(term, tuple(slots), goal.waiting)
        head = term.head
        if isinstance(head, ir.Slot) and head.var in self.loops:
            made = self.loops[head.var]
            level = self.running.get(head.var)
            self.rename(made.template.entry.inputs, term.arguments, indent, point)
            if level is not None:
                self.again(level, indent)
                return calls
            entry = made.template.entry
            rounds = self.rounds(head.var, entry.body)
            self.walk(walked(entry.inputs, entry.body, self.loops, rounds), indent, point)
            inputs = [self.hold(var) for var in (*entry.inputs, *entry.captured)]
            self.running[head.var] = self.level + 1
            self.loop(made.template, inputs, indent, goal)
            del self.running[head.var]
            return TICKED
        if self.looping and not goal.waiting and self.is_self(term):
            if isinstance(head, ir.Global):
                self.rely(head)
            self.rename(self.block.inputs, term.arguments, indent, point)
            self.again(1, indent)
            return calls
        if calls == 1:
            self.tick(indent, point)
        self.call(term, indent, goal, point)
        return min(calls + 1, TICKED)

    def call(self, term: ir.Jump, indent: int, goal: _Goal, point: Point) -> None:
        """Write a call of another function, or of this one in a call of its own."""
        head, arguments = term.head, [self.pure(part) if is_pure(part) else "" for part in term.arguments]
        if not all(arguments):
            point, arguments = self.computed(term, indent, point)
        if self.is_perform(head) and len(arguments) == 1:
            self.perform(arguments[0], indent, goal, point)
            return
        function, closure = self.callee(head, indent, point)
        text = f"{function}(d[0], {', '.join([closure, *arguments])})"
        if goal.waiting:
            self.mark(f"{self.variable(goal.waiting[-1].block.inputs[0])} = {text}", indent, point)
            self.exit_to(goal.level, indent)
        else:
            self.mark(f"return {text}", indent, point)

    def is_perform(self, head: ir.Expr) -> bool:
        """Whether `perform` is called, for as long as globals stay what they are."""
        if isinstance(head, ir.Global) and head.cell.value is _PERFORM and head.cell.changes <= STEADY:
            self.rely(head)
            return True
        return False

    def perform(self, request: str, indent: int, goal: _Goal, point: Point) -> None:
        """Write a `perform`: if the machine has a host at hand, it is asked here."""
        kept, ask = self.temporary(), self.temporary()
        answer = self.variable(goal.waiting[-1].block.inputs[0]) if goal.waiting else self.temporary()
        asked = point._replace(again=False, call=None, asks=kept)
        self.globals["PENDING"] = PENDING
        self.mark(f"{kept} = {request}", indent, point)
        self.mark(f"{ask} = d[2].answer", indent, point)
        self.mark(f"if {ask} is None or d[3] < {ROOM}: raise Leave", indent, point)
        self.mark(f"{answer} = {ask}({kept})", indent, asked)
        self.mark(f"if {answer} is PENDING: raise Leave", indent, asked)
        if goal.waiting:
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

    def rely(self, head: ir.Global) -> None:
        """This function is made anew when the global changes."""
        self.direct_info.links.append(Watch(head.cell, self.template))

    def rounds(self, loop: Var, body: ir.Term) -> list[ir.Jump]:
        """The calls in the body of a loop that begin its next round."""
        terms = [term for term, _ in steps(body, self.loops) if isinstance(term, ir.Jump)]
        return [term for term in terms if isinstance(term.head, ir.Slot) and term.head.var is loop]

    # -- loops -------------------------------------------------------------------------------------

    def count(self, template: ir.Template, indent: int) -> str:
        """Count a call, when calls are counted; what counts one more."""
        if template.count is None:
            return ""
        text = f"{self.name(template.count)}[0] += 1"
        self.plain(text, indent)
        return text + "; "

    def loop(self, template: ir.Template, slots: list[Held], indent: int, goal: _Goal) -> None:
        """Write a function's body in a loop; its value goes to `goal`."""
        body = template.entry.body
        if self.level >= MAX_LOOPS:
            raise Unfit
        outer = self.level
        self.level += 1
        self.flags.append(0)
        reset = len(self.lines)
        self.plain("", indent)
        self.plain("for _ in T:", indent)
        once_more = self.count(template, indent + 1)
        self.path(body, list(slots), indent + 1, goal, TICKED)
        self.mark(f"else: {once_more}raise Leave", indent, Point(body, tuple(slots), goal.waiting))
        self.level = outer
        if self.flags.pop():
            flag = f"w{outer + 1}"
            self.lines[reset] = "    " * indent + f"{flag} = False"
            self.plain(f"if {flag}: break", indent)
        if outer and not (goal.waiting and goal.level == outer):
            self.plain("continue", indent)

    def again(self, level: int, indent: int) -> None:
        """Go on with the next round of the loop at `level`."""
        if level == self.level:
            self.plain("continue", indent)
        else:
            self.exit_to(level, indent)

    def exit_to(self, level: int, indent: int) -> None:
        """Leave the loops inside of `level`."""
        for inner in range(level + 2, self.level + 1):
            self.flags[inner] = 1
            self.plain(f"w{inner} = True", indent)
        if level < self.level:
            self.plain("break", indent)


def compile_direct(template: ir.Template, counts: dict[ir.Block, list[int]] | None = None) -> Direct | None:
    """The direct function of a template; None when it has none. It counts calls in `counts`, if there are."""
    emitter = _DirectEmitter(template, counts)
    try:
        return emitter.direct()
    except (Unfit, TooLong, SyntaxError, RecursionError, MemoryError):
        return None
