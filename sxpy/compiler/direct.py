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

from collections.abc import Sequence
from typing import Any

from sxpy.compiler import inplace
from sxpy.compiler.builders import building, entering
from sxpy.compiler.callbacks import RAISING, HandlerRuns, called
from sxpy.compiler.calls import Goal, function_of
from sxpy.compiler.copies import Copies, Counts, either
from sxpy.compiler.cursors import known_by, walked
from sxpy.compiler.embed import TICKED
from sxpy.compiler.expressions import Unfit, is_pure
from sxpy.compiler.guesses import guesses
from sxpy.compiler.info import INFO
from sxpy.compiler.inner import TooLong, parts, steps
from sxpy.compiler.kinds import Flows
from sxpy.compiler.loops import find_inner
from sxpy.compiler.points import BlockLabel, Held, Point
from sxpy.compiler.rounds import arguments_of
from sxpy.core import ir
from sxpy.core.direct import Direct
from sxpy.core.nodes import Var
from sxpy.data import UNBOUND, from_list

MAX_LOOPS = 12
"""Python nests no more than 20 blocks."""


class _DirectEmitter(Copies):
    """Writes one function."""

    def __init__(
        self, template: ir.Template, counts: Counts | None, *, callbacks: bool, copies: bool
    ) -> None:
        super().__init__(template, counts, copies=copies)
        self.callbacks = callbacks
        """Whether functions may stand where an operation is called with them."""
        if counts is not None:
            template.count = counts[template.entry]
        self.running: dict[Var, int] = {}
        """The loops that the path is in, with their level."""
        self.looping = False

    # -- the frame of the work ---------------------------------------------------------------------

    def direct(self, given: Sequence[Any]) -> Direct:
        """The function. `given` are values of its arguments and of what its closure captured, or nothing."""
        template, block = self.template, self.template.entry
        if template.keys:
            raise Unfit
        self.inner = find_inner(block.body, callbacks=self.callbacks)
        self.looping = self.loops_itself()
        self.look_for_exits()
        flows = Flows(block.body, self.inner, (*block.inputs, *block.captured), self.is_self, self.whole)
        self.guesses = guesses(block.body, self.inner, flows, () if template.general else given)
        self.kinds = self.guesses.kinds
        unmade = self.inner.loops | self.inner.callbacks
        for var, made in unmade.items():
            self.held[var] = self.unmade_of(made)
        if self.counts is not None:
            operations = self.inner.operations.values()
            functions = [made for found in operations for made, _ in found.functions]
            for made in (*unmade.values(), *functions):
                made.template.count = self.counts[made.template.entry]
        slots = [self.hold(var) for var in (*block.inputs, *block.captured)]
        gate = self.gate(slots) if self.guesses.unguarded else None
        self.body(slots)
        self.globals[INFO] = self.direct_info
        name = f"<{block.label} direct>"
        own = function_of(self.lines, name, self.globals, 0 if gate else template.arity)
        for held, made in self.unmade:
            held.captures = tuple([self.held[slot.var] for slot in made.captures])
        if gate is None:
            return own
        self.globals["own"] = gate.__globals__["own"] = own
        return gate

    def body(self, slots: list[Held]) -> None:
        """Write the function. Behind a gate, it gets the closure only if it needs it."""
        template, block, guesses = self.template, self.template.entry, self.guesses
        params = self.parameters()
        if guesses.unguarded:
            head = ["d", *(["h"] if block.captured else []), *params]
        else:
            head = ["d", "h", *[f"{name}=None" for name in params]]
        if template.rest is not None:
            rest = self.variable(block.inputs[template.arity])
            head.append(f"*{rest}")
        self.lines += [f"def direct({', '.join(head)}):", *self.free()]
        if template.rest is not None:
            self.globals["from_list"] = from_list
            self.lines.append(f"    {rest} = from_list(list({rest}))")
        goal, indent, start = Goal((), 0, None), 1, Point(block.body, tuple(slots), ())
        if guesses.inputs and not guesses.unguarded:
            self.ask(indent, start)
        if self.looping or self.inner.loops or self.inner.operations:
            self.mark("T = d[1]", indent, start)
        if self.looping:
            inputs = block.inputs[: template.arity]
            rounds = [term for term, waits in self.own_calls() if not waits]
            found = walked(inputs, block.body, self.inner, rounds)
            self.build(building(inputs, block.body, self.inner, rounds), indent, start)
            self.enter_keys(entering(inputs, block.body, self.inner, rounds), indent, start)
            self.walk(found, indent, start)
            slots = [self.hold(var) for var in (*block.inputs, *block.captured)]
            self.loop(template, slots, indent, goal)
        else:
            self.count(template, indent)
            self.path(block.body, slots, indent, goal, 0)

    def loops_itself(self) -> bool:
        """Whether the function calls itself in tail position."""
        return any(not waits for _, waits in self.own_calls())

    # -- lines -------------------------------------------------------------------------------------

    def tick(self, indent: int, point: Point) -> None:
        """Look whether the machine wants to see to something."""
        self.mark("for _ in d[1]: break", indent, point)
        self.mark("else: raise Leave", indent, point)

    # -- terms -------------------------------------------------------------------------------------

    def path(self, term: ir.Term, slots: list[Held], indent: int, goal: Goal, calls: int) -> int:
        """Write the terms from `term` on to where their value goes.

        `slots` are those of the block so far, `calls` the calls that the function may have made, and those
        that it may have made in the end are returned. `TICKED`: it took a tick, which is enough for one time.
        """
        while True:
            point = Point(term, tuple(slots), goal.waiting)
            if not (isinstance(term, ir.Jump) and self.is_round(term, goal)):
                self.together(parts(term, self.inner), indent)
            match term:
                case ir.Bind() if term.var in self.inner.callbacks:
                    slots.append(self.hold(term.var))
                case ir.Bind() if term.var in self.places:
                    slots.append(self.place(term, indent, point))
                case ir.Bind():
                    local = self.variable(term.var)
                    self.into(local, term.expr, indent, point)
                    slots.append(local)
                case ir.Do():
                    self.into("_", term.expr, indent, point)
                case ir.Push():
                    label = BlockLabel(term.block, tuple([self.hold(slot.var) for slot in term.live]))
                    inner = Goal((*goal.waiting, label), self.level, self.variable(term.block.inputs[0]))
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
                    arm = self.settled(term.then, indent + 1, goal)
                    then = self.path(term.then, list(slots), indent + 1, arm, calls)
                    self.with_item = before | failed
                    if goal.target is not None:
                        self.plain("else:", indent)
                        arm = self.settled(term.other, indent + 1, goal)
                        other = self.path(term.other, slots, indent + 1, arm, calls)
                        return either(then, other)
                    goal = self.settled(term.other, indent, goal)
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

    def deliver(self, term: ir.Return, indent: int, goal: Goal, point: Point) -> None:
        """Give the value of a tail term to its goal."""
        if goal.fold is not None and is_pure(term.expr):
            self.rename((goal.fold,), (term.expr,), indent, point)
            self.exit_to(goal.level, indent)
        elif goal.target is not None:
            self.into(goal.target, term.expr, indent, point)
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
        if isinstance(expr, ir.NewClosure) and local not in map(self.local, expr.captures):
            self.close(local, expr, indent, point)
            return
        if is_pure(expr):
            self.mark(f"{local} = {self.pure(expr)}", indent, point)
            return
        match expr:
            case ir.PrimitiveN() if inplace.is_put(expr.function, len(expr.arguments)) and all(
                map(is_pure, expr.arguments)
            ):
                self.put_in(local, expr, indent, point)
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

    def put_in(self, local: str, expr: ir.PrimitiveN, indent: int, point: Point) -> None:
        """Give a key of a dict another value. The dict is the value of the expression."""
        dict_, key = (self.named(part, indent, point) for part in expr.arguments[:2])
        plain, last = self.temporary(), expr.arguments[2]
        with self.knowing(dict_.text, key.text, plain):
            value = self.pure(last)
        self.mark(f"if {inplace.entry_test(self, dict_, key, plain, alone=False)}:", indent, point)
        self.mark(f"{plain}[{key.text}] = {value}", indent + 1, point)
        if local != "_":
            self.plain(f"{local} = {dict_.text}", indent + 1)
        self.plain("else:", indent)
        kept = self.kept(last, indent + 1, point)
        call = f"{self.name(expr.function)}({dict_.text}, {key.text}, {kept})"
        self.mark(f"{local} = {call}", indent + 1, point._replace(again=False, site=expr.site))

    def close(self, local: str, expr: ir.NewClosure, indent: int, point: Point) -> None:
        """Put a new closure into a local, as `closure_of` makes it."""
        free = "".join([self.local(slot) + ", " for slot in expr.captures])
        self.mark(f"{local} = Closure()", indent, point)
        self.plain(f"{local}.template, {local}.free = {self.name(expr.template)}, ({free})", indent)

    def in_order(self, local: str, items: Sequence[ir.Expr], indent: int, point: Point) -> None:
        """Put the value of the last of several expressions into a local.

        Once one of them has done something, a line must not be done again: it raises for good.
        """
        self.unwatched(items, indent, point)
        done = False
        bound: set[Var] = set()
        last: Var | None = None  # the variable whose value is in the local, too
        for item in items:
            if isinstance(item, ir.Unboxed) and item.slot.var is last:
                continue
            if not done:
                self.into(local, item, indent, point)
                done = not is_pure(item)
            elif isinstance(item, ir.Unboxed) and item.slot.var in bound:
                self.plain(f"{local} = {self.local(item.slot)}.value", indent)
            elif self.is_safe(item):
                self.plain(f"{local} = {self.pure(item)}", indent)
            else:
                self.by_tier_0(local, item, indent, point)
            last = item.slot.var if isinstance(item, ir.SetBox) else None
            if last is not None:
                bound.add(last)

    def by_tier_0(self, local: str, expr: ir.Expr, indent: int, point: Point) -> None:
        """Have tier 0 compute an expression, for good."""
        slots = ", ".join([self.shown(held) for held in point.slots])
        text = f"{local} = {self.name(expr)}.value([{slots}])"
        self.mark(text, indent, point._replace(again=False))

    # -- calls -------------------------------------------------------------------------------------

    def jump(self, term: ir.Jump, slots: list[Held], indent: int, goal: Goal, calls: int) -> int:
        """Write a call: a round of a loop, or a loop, or a call of a function."""
        point = Point(term, tuple(slots), goal.waiting)
        head = term.head
        if term in self.inner.operations:
            self.rely(head)
            return self.operate(self.inner.operations[term], indent, goal, point, calls)
        if isinstance(head, ir.Slot) and head.var in self.inner.loops:
            made = self.inner.loops[head.var]
            level = self.running.get(head.var)
            self.rename(made.template.entry.inputs, term.arguments, indent, point)
            if level is not None:
                self.again(level, indent)
                return calls
            entry = made.template.entry
            rounds = self.rounds(head.var, entry.body)
            self.build(building(entry.inputs, entry.body, self.inner, rounds), indent, point)
            self.enter_keys(entering(entry.inputs, entry.body, self.inner, rounds), indent, point)
            self.walk(walked(entry.inputs, entry.body, self.inner, rounds), indent, point)
            inputs = [self.hold(var) for var in (*entry.inputs, *entry.captured)]
            self.running[head.var] = self.level + 1
            self.loop(made.template, inputs, indent, goal)
            del self.running[head.var]
            return TICKED
        if self.is_round(term, goal):
            self.rely(head)
            self.rename(self.block.inputs, term.arguments, indent, point)
            self.again(1, indent)
            return calls
        if called(head) is RAISING and len(term.arguments) == 1 and is_pure(term.arguments[0]):
            self.rely(head)
            self.mark(f"raise Raised({self.pure(term.arguments[0])})", indent, point)
            return calls
        if any(isinstance(label, HandlerRuns) and label.calls(head) for label in goal.waiting):
            self.mark("raise Leave", indent, point)
            return calls
        found = self.exits(term)
        if found is not None:
            return self.copy(found, term, indent, goal, calls, point)
        if calls == 1:
            self.tick(indent, point)
        self.call(term, indent, goal, point)
        return min(calls + 1, TICKED)

    def is_round(self, term: ir.Jump, goal: Goal) -> bool:
        """Whether a call gives new values to the variables of a loop."""
        if isinstance(term.head, ir.Slot) and term.head.var in self.inner.loops:
            return True
        return self.looping and goal.target is None and self.is_self(term)

    def rounds(self, loop: Var, body: ir.Term) -> list[ir.Jump]:
        """The calls in the body of a loop that begin its next round."""
        terms = [term for term, _ in steps(body, self.inner) if isinstance(term, ir.Jump)]
        return [term for term in terms if isinstance(term.head, ir.Slot) and term.head.var is loop]

    # -- loops -------------------------------------------------------------------------------------

    def count(self, template: ir.Template, indent: int) -> str:
        """Count a call, when calls are counted; what counts one more."""
        if template.count is None:
            return ""
        text = f"{self.name(template.count)}[0] += 1"
        self.plain(text, indent)
        return text + "; "

    def loop(self, template: ir.Template, slots: list[Held], indent: int, goal: Goal) -> None:
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
        if outer and not (goal.target is not None and goal.level == outer):
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


def compile_direct(
    template: ir.Template, counts: Counts | None = None, given: Sequence[Any] = ()
) -> Direct | None:
    """The direct function of a template; None when it has none. It counts calls in `counts`, if there are.

    `given` are values of its arguments, and of what its closure has captured, for which it is made first.
    """
    for callbacks, copies in ((True, True), (True, False), (False, False)):
        emitter = _DirectEmitter(template, counts, callbacks=callbacks, copies=copies)
        try:
            return emitter.direct(given)
        except (Unfit, TooLong, SyntaxError, RecursionError, MemoryError):
            continue
    return None
