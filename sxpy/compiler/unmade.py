"""What is not made: the values of a trace that exist only as far as it knows of what they would be made.

Owns the lines of a trace between two blocks: what its variables are, what its boxes hold, what is known of
values that exist; how a value is made when somebody else gets it; and how the trace is left, with all of it
made and the block going on as blocks do. A box that was set keeps its new content here until then: `heap` has
it, the latest last. Next: `sxpy/compiler/traces.py`, which goes from block to block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sxpy.compiler import inline
from sxpy.compiler.emit import Emitter
from sxpy.compiler.expressions import MAX_INDENT, Unfit, is_pure
from sxpy.compiler.recording import Recording
from sxpy.compiler.rounds import arguments_of
from sxpy.compiler.virtual import (
    DYNAMIC,
    Leaf,
    Literal,
    Made,
    Name,
    Pushed,
    Taken,
    Value,
    mapped,
    parts,
    remade,
    value_in,
)
from sxpy.core import ir
from sxpy.core.sites import Site, noted
from sxpy.data import continuation_of

MAX_LINES = 700
"""Lines of a trace at most."""


class Spot:
    """Where a trace stands: the term, its slots, the continuation, and what boxes would hold."""

    __slots__ = ("again", "env", "heap", "kont", "term")

    def __init__(
        self, term: ir.Term, env: Sequence[Value], kont: Value, heap: dict[Name, Value], *, again: bool
    ) -> None:
        self.term = term
        self.env = tuple(env)
        self.kont = kont
        self.heap = tuple(heap.items())
        self.again = again

    def restored(self, local: dict[str, Any]) -> tuple[ir.Term, list[Any], Any, bool]:
        """The term, environment and continuation of a state of tier 0, from the locals of the trace.

        Boxes get what they would hold.
        """
        memo: dict[int, Any] = {}
        for box, content in self.heap:
            local[box.text].value = value_in(local, content, memo)
        env = [value_in(local, value, memo) for value in self.env]
        return self.term, env, value_in(local, self.kont, memo), self.again


class Known:
    """What is known of values that exist, because it was asked once: none of it ever changes."""

    __slots__ = ("apart", "konts", "made", "met", "opened", "same")

    def __init__(self) -> None:
        self.made: dict[str, Made] = {}
        """Closures: their templates and what they captured."""
        self.konts: dict[str, Value] = {}
        """Continuations of the dynamic state: their frames."""
        self.opened: dict[str, Pushed] = {}
        """Frames."""
        self.met: dict[int, Name] = {}
        """Closures and boxes, by what they were when the trace was recorded."""
        self.same: dict[str, Name] = {}
        """Boxes that are the same as another one."""
        self.apart: set[frozenset[str]] = set()
        """Pairs of boxes that are not the same."""

    def copy(self) -> Known:
        """What is known up to here."""
        made = Known()
        made.made, made.konts, made.opened = dict(self.made), dict(self.konts), dict(self.opened)
        made.same, made.apart, made.met = dict(self.same), set(self.apart), dict(self.met)
        return made


class Unmade(Emitter):
    """Writes lines over values that are not made."""

    def __init__(self, recording: Recording) -> None:
        super().__init__(recording.visits[0].block, 0)
        self.recording = recording
        self.leaving = False
        """Whether what is written stands where the trace has been left."""
        self.indent = 1
        self.env: list[Value] = []
        self.given: list[Value] = []
        """The arguments of a call, while they are computed."""
        self.kont: Value = Name("K")
        self.heap: dict[Name, Value] = {}
        self.before: dict[Name, Value] = {}
        """The same as it was when the term began."""
        self.outcomes: Iterator[bool] = iter(())
        """Which way the block goes that is followed."""
        self.loaded: dict[str, Value] = {}
        """What was read from boxes since one was set."""
        self.facts = Known()
        self.seen: dict[str, Any] = {}
        """What locals held when the trace was recorded: hints, and no more."""
        self.begins: tuple[Sequence[Value], Value] | None = None
        """What the first block gets, and its continuation, until it has begun."""
        self.term: ir.Term = self.block.body
        self.cells: list[Any] = []
        """The globals that must stay what they are."""

    # -- lines -------------------------------------------------------------------------------------

    def line(self, text: str, indent: int, term: ir.Term, depth: int, *, again: bool = True) -> None:
        if len(self.lines) > MAX_LINES or indent > MAX_INDENT:
            raise Unfit
        self.lines.append("    " * indent + text)
        if self.leaving:
            self.info.lines[len(self.lines)] = (term, depth, again)
        else:
            heap = self.before if again else self.heap
            self.info.lines[len(self.lines)] = Spot(term, self.env[:depth], self.kont, heap, again=again)

    def step(self, text: str, *, again: bool = True) -> None:
        """A line of the trace."""
        self.line(text, self.indent, self.term, len(self.env), again=again)

    def plain(self, text: str) -> None:
        """A line that does nothing of a term."""
        self.lines.append("    " * self.indent + text)

    def new(self, text: str, kind: type | None = None, seen: Any = None, *, again: bool = True) -> Name:
        """A new local that holds a value."""
        made = self.local_for(seen, kind)
        self.step(f"{made.text} = {text}", again=again)
        return made

    def local_for(self, seen: Any, kind: type | None = None) -> Name:
        """A new local. `seen` is what it held when the trace was recorded."""
        made = Name(f"v{self.temporary()}", kind)
        self.seen[made.text] = seen
        return made

    def unpack(self, seen: Sequence[Any], text: str, source: str) -> list[Name]:
        """New locals for the items of a tuple."""
        names = [self.local_for(value) for value in seen]
        listed = text.format("".join([f"{name.text}, " for name in names]))
        if listed:
            self.step(f"{listed} = {source}")
        return names

    # -- leaving -----------------------------------------------------------------------------------

    def build(self, value: Value, memo: dict[int, str]) -> str:
        """The text for a value, which is made if it is not there."""
        match value:
            case Name():
                return value.text
            case Literal():
                return self.constant(value.value)
        text = memo.get(id(value))
        if text is None:
            given = [self.build(part, memo) for part in parts(value)]
            text = memo[id(value)] = f"x{self.temporary()}"
            self.step(f"{text} = {self.making(value, given)}")
        return text

    def making(self, value: Value, given: list[str]) -> str:
        """The text that makes a value of its parts."""
        listed = "".join([f"{part}, " for part in given])
        match value:
            case Made():
                return f"closure_of({self.name(value.template)}, ({listed}))"
            case Taken():
                return f"{self.name(continuation_of)}({listed}{DYNAMIC})"
            case Pushed():
                return f"({self.name(value.block)}, {listed})"
        raise AssertionError(value)

    def flush(self, heap: dict[Name, Value], memo: dict[int, str]) -> None:
        """Put into boxes what they would hold."""
        for box, content in heap.items():
            self.step(f"{box.text}.value = {self.build(content, memo)}")

    def leave(self, term: ir.Term) -> None:
        """Make everything, and go on from a term as a block does."""
        memo: dict[int, str] = {}
        self.flush(self.before, memo)
        depth = len(self.env)
        for index, value in enumerate(self.env):
            self.step(f"s{index} = {self.build(value, memo)}")
        self.step(f"K = {self.build(self.kont, memo)}")
        self.leaving = True
        self.terms(term, depth, self.indent)
        self.leaving = False

    def leave_if(self, test: str, term: ir.Term | None = None) -> None:
        """Leave the trace when something is otherwise than it was."""
        self.step(f"if {test}:")
        self.indent += 1
        if self.begins is None:
            self.leave(term or self.term)
        else:
            self.begin_again(f"{self.name(self.block.frames)}(m, {{}}, {{}})", *self.begins)
        self.indent -= 1

    def begin_again(self, text: str, inputs: Sequence[Value], kont: Value) -> None:
        """Make everything, and return `text` of what the first block gets and the continuation."""
        memo: dict[int, str] = {}
        self.flush(self.heap, memo)
        given = [self.build(value, memo) for value in inputs]
        below = self.build(kont, memo)
        text = text.format(
            f"({''.join([part + ', ' for part in given])})" if self.block.entry else given[0], below
        )
        self.plain(f"return {text}")

    # -- values ------------------------------------------------------------------------------------

    def text(self, value: Value) -> str:
        """The text for a value that somebody else gets: from now on it exists."""
        match value:
            case Name():
                return value.text
            case Literal():
                return self.constant(value.value)
        return self.force(value).text

    def force(self, value: Value) -> Name:
        """Make a value, wherever it is mentioned, and what it is made of."""
        memo: dict[int, str] = {}
        self.build(value, memo)
        names: dict[int, Value] = {}
        pending = [value]
        while pending:
            part = pending.pop()
            if id(part) in memo and id(part) not in names:
                names[id(part)] = Name(memo[id(part)])
                pending += parts(part)
        pending = [value]
        while pending:
            part = pending.pop()
            pending += parts(part)
            self.learn(part, [names.get(id(inner), inner) for inner in parts(part)], names.get(id(part)))
        self.env = [mapped(one, _same, names) for one in self.env]
        self.given = [mapped(one, _same, names) for one in self.given]
        self.kont = mapped(self.kont, _same, names)
        self.heap = {box: mapped(content, _same, names) for box, content in self.heap.items()}
        self.before = {box: mapped(content, _same, names) for box, content in self.before.items()}
        self.loaded = {box: mapped(content, _same, names) for box, content in self.loaded.items()}
        made = names[id(value)]
        assert isinstance(made, Name)
        return made

    def learn(self, value: Value, given: Sequence[Value], name: Value | None) -> None:
        """Remember of what a value is made that exists now."""
        if isinstance(name, Name):
            made = remade(value, given)
            match made:
                case Made():
                    self.facts.made[name.text] = made
                case Taken():
                    self.facts.konts[name.text] = made.kont
                case Pushed():
                    self.facts.opened[name.text] = made

    def local(self, slot: ir.Slot) -> str:
        return super().local(slot) if self.leaving else self.text(self.env[slot.index])

    def kind(self, expr: ir.Expr) -> type | None:
        if self.leaving:
            return super().kind(expr)
        value = self.found(expr)
        match value:
            case Name():
                return value.kind
            case Literal():
                return type(value.value)
            case Made() | Taken():
                return object
        return None

    def found(self, expr: ir.Expr) -> Value | None:
        """The value of a variable or constant."""
        match expr:
            case ir.Constant():
                return Literal(expr.constant)
            case ir.Slot():
                return self.env[expr.index]
            case ir.Unboxed():
                return self.load(expr)
        return None

    def operand(self, expr: ir.Expr) -> inline.Operand:
        if not self.leaving and isinstance(expr, (ir.Slot, ir.Unboxed)):
            value = self.found(expr)
            if isinstance(value, Literal):
                return super().operand(ir.Constant(value.value))
        return super().operand(expr)

    def is_nil(self, expr: ir.Expr) -> str:
        if not self.leaving and isinstance(value := self.found(expr), Literal):
            expr = ir.Constant(value.value)
        return super().is_nil(expr)

    def may_be_self(self, term: ir.Jump, count: int) -> bool:
        return False

    def pure(self, expr: ir.Expr) -> str:
        if not self.leaving and isinstance(expr, ir.Unboxed):
            return self.text(self.load(expr))
        return super().pure(expr)

    def evaluate(self, expr: ir.Expr, seen: Any = None) -> Value:
        """The value of an expression."""
        value = self.found(expr)
        if value is not None:
            return value
        match expr:
            case ir.NewClosure():
                return Made(expr.template, tuple([self.env[slot.index] for slot in expr.captures]))
            case ir.SetBox():
                value = self.evaluate(expr.content)
                self.store(expr.slot, value)
                return value
            case ir.SetCell():
                value = self.evaluate(expr.content)
                cell = self.name(expr.cell)
                self.leave_if(f"{cell}.watchers is not None")
                self.step(f"{cell}.value = {self.text(value)}", again=False)
                return value
            case ir.Choice() if not is_pure(expr):
                is_true = next(self.outcomes)
                self.go(expr.test, is_true=is_true)
                return self.evaluate(expr.then if is_true else expr.other, seen)
            case ir.InOrder():
                for item in expr.items:
                    self.evaluate(item)
                return self.evaluate(expr.last, seen)
            case ir.Primitive1() | ir.Primitive2() | ir.PrimitiveN() if not is_pure(expr):
                self.compute(arguments_of(expr))
                texts = [self.text(self.given[at]) for at in range(len(self.given))]
                call = ", ".join([self.name(expr.function), self.name(expr.site), *texts])
                return self.new(f"{self.name(_call)}({call})", None, seen, again=False)
        operand = self.operand(expr)
        return self.new(operand.text, operand.kind, seen)

    def go(self, test: ir.Expr, *, is_true: bool, aside: ir.Term | None = None) -> None:
        """Write a test that had this outcome; with the other, leave and go on with `aside`, or the term."""
        value = self.found(test)
        if isinstance(value, (Name, type(None))):
            text = self.truth(test)
            self.leave_if(f"not ({text})" if is_true else text, aside)
        elif is_true != _holds(value):
            raise Unfit

    def compute(self, parts: Sequence[ir.Expr]) -> None:
        """Compute the arguments of a call."""
        self.given = []
        for part in parts:
            value = self.evaluate(part)
            self.given.append(value)

    # -- boxes -------------------------------------------------------------------------------------

    def box(self, slot: ir.Slot) -> Name:
        """The box in a slot, by the first name that it had; it is none of the others that were set."""
        value = self.env[slot.index]
        if not isinstance(value, Name):
            raise Unfit
        box = self.facts.same.get(value.text, value)
        for other in list(self.heap):
            pair = frozenset((box.text, other.text))
            if box == other or pair in self.facts.apart:
                continue
            if self.seen.get(box.text) is self.seen.get(other.text):
                self.leave_if(f"{box.text} is not {other.text}")
                self.facts.same[box.text] = other
                return other
            self.leave_if(f"{box.text} is {other.text}")
            self.facts.apart.add(pair)
        return box

    def load(self, expr: ir.Unboxed) -> Value:
        """What a box holds."""
        box = self.box(expr.slot)
        value = self.heap.get(box) or self.loaded.get(box.text)
        if value is None:
            seen = getattr(self.seen.get(box.text), "value", None)
            value = self.loaded[box.text] = self.new(super().pure(expr), None, seen)
        return value

    def store(self, slot: ir.Slot, value: Value) -> None:
        """Put a value into a box."""
        box = self.box(slot)
        self.loaded.clear()
        self.heap.pop(box, None)
        self.heap[box] = value


def _holds(value: Value) -> bool:
    return not isinstance(value, Literal) or (value.value is not None and value.value is not False)


def _same(leaf: Leaf) -> Leaf:
    return leaf


def _call(function: Callable[..., Any], site: Site, *arguments: Any) -> Any:
    """Call a primitive whose call is not to be made again."""
    try:
        return function(*arguments)
    except Exception as error:
        raise noted(error, site) from error.__cause__
