"""Closing: a trace that comes back to its first block becomes a loop.

The first round takes everything as it is found: frames are opened, what is called is asked for. What the
first block gets at the end of it is mostly known: frames, continuations and closures that were never made.
The rounds of the loop begin with that, so they ask for less and make nothing. What differs from round to
round within it is a variable of the loop; where rounds differ in more than that, it is made before each.

Owns the loop, and compiling a recording. Next: `sxpy/compiler/traces.py`, which writes the blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from types import CodeType, FunctionType
from typing import Any
from weakref import WeakSet

from sxpy.compiler.expressions import Unfit
from sxpy.compiler.info import INFO
from sxpy.compiler.links import watch
from sxpy.compiler.recording import Recording
from sxpy.compiler.traces import Follower
from sxpy.compiler.virtual import DYNAMIC, Leaf, Literal, Name, Pairs, Value, alike, mapped, same_leaf
from sxpy.core import ir

BLOCKS, ROUNDS = 500, 10
"""Blocks in a loop for one bounce, and rounds at least."""

AFRESH = "{}.run, {{}}, {{}}"
"""What comes next when a trace is to begin anew."""

ATTEMPTS = 8
"""How often a loop is written until its rounds fit together."""


class _Differ(Exception):
    """Two rounds cannot be made to fit."""


class _Shape:
    """What a loop takes for granted: which values are made before each round, and what varies.

    `variables` are the leaves that vary, by where they stand among all leaves, with the number of the
    variable; `vague` are the variables whose kind may change. `flushed`: boxes are set in each round.
    """

    def __init__(self) -> None:
        self.made: set[int] = set()
        self.flushed = False
        self.variables: dict[int, int] = {}
        self.count = 0
        self.vague: set[int] = set()


class Closer(Follower):
    """Writes a recording, as a loop if it is closed."""

    def function(self) -> ir.Runner:
        block, visit = self.block, self.recording.visits[0]
        self.lines.append("def block(m, a, K):")
        self.plain(f"{DYNAMIC} = m.dynamic")
        given: Sequence[Name] = [Name("a")]
        if block.entry:
            given = self.unpack(visit.env[: len(block.inputs) + len(block.captured)], "{}", "a")
        self.begins = given, self.kont
        self.begin(self.met(given), self.kont)
        end = self.round()
        if end is not None and not self.loop(*end):
            self.begin_again(AFRESH.format(self.name(block)), *end)
        code = compile("\n".join(self.lines), f"<{block.label} trace>", "exec")
        inner = next(part for part in code.co_consts if isinstance(part, CodeType))
        self.globals[INFO] = self.info
        return FunctionType(inner, self.globals)

    def reopened(self, roots: Sequence[Value]) -> list[Value]:
        """The values, and the contents of boxes, with frames as what is known of them: any copy will do."""
        memo: dict[int, Value] = {}

        def change(leaf: Leaf) -> Value:
            frame = self.facts.opened.get(leaf.text) if isinstance(leaf, Name) else None
            return leaf if frame is None else mapped(frame, change, memo)

        self.heap = {box: mapped(content, change, memo) for box, content in self.heap.items()}
        return [mapped(value, change, memo) for value in roots]

    def loop(self, inputs: Sequence[Value], kont: Value) -> bool:
        """Write the rounds after the first; False when they do not fit together."""
        roots = self.reopened([*inputs, kont])
        before = len(self.lines), self.facts.copy(), dict(self.heap), self.indent
        shape = _Shape()
        for _ in range(ATTEMPTS):
            try:
                if self.rounds(shape, roots):
                    return True
            except (_Differ, Unfit):
                break
            self.reset(*before)
        self.reset(*before)
        return False

    def reset(self, lines: int, known: Any, heap: dict[Name, Value], indent: int) -> None:
        """As if nothing had been written after so many lines."""
        del self.lines[lines:]
        self.info.lines = {line: what for line, what in self.info.lines.items() if line <= lines}
        self.facts, self.heap, self.indent = known.copy(), dict(heap), indent

    def rounds(self, shape: _Shape, roots: list[Value]) -> bool:
        """Write the loop for a shape; False when the shape had to be changed."""
        self.env, self.loaded = [], {}
        roots = self.prepared(shape, roots)
        boxes = list(self.heap)
        begin = [*roots, *self.heap.values()]
        leaves: list[tuple[Leaf, Leaf]] = []
        pairs: Pairs = {}, {}
        for value in begin:
            alike(value, value, leaves, pairs)
        names, first = self.variables(shape, [leaf for leaf, _ in leaves])
        begin = _renamed(begin, names)
        if first:
            self.plain(f"{', '.join(first)} = {', '.join(first.values())}")
        often = range(max(ROUNDS, BLOCKS // len(self.recording.visits)))
        self.plain(f"for _ in {self.name(often)}:")
        self.indent += 1
        size = len(roots)
        self.heap = dict(zip(boxes, begin[size:], strict=True))
        self.begin(begin[: size - 1], begin[size - 1])
        end = self.round()
        assert end is not None
        ends = self.prepared(shape, self.reopened([*end[0], end[1]]))
        if not shape.flushed and list(self.heap) != boxes:
            shape.flushed = True
            return False
        if not self.fits(shape, begin, [*ends, *self.heap.values()], size):
            return False
        self.indent -= 1
        self.heap = dict(zip(boxes, begin[size:], strict=True))
        self.begin_again(AFRESH.format(self.name(self.block)), begin[: size - 1], begin[size - 1])
        return True

    def prepared(self, shape: _Shape, roots: list[Value]) -> list[Value]:
        """The values with which a round begins, after making those which are made before each."""
        self.env = roots
        if shape.flushed:
            self.flush_all()
        for index in sorted(shape.made):
            self.text(self.env[index])
        return self.env

    def flush_all(self) -> None:
        """Set all boxes."""
        for box in list(self.heap):
            text = self.text(self.heap[box])
            self.step(f"{box.text}.value = {text}")
            del self.heap[box]

    def variables(self, shape: _Shape, leaves: list[Leaf]) -> tuple[dict[int, Name], dict[str, str]]:
        """The variables of the loop by where they stand, and their first values."""
        names: dict[int, Name] = {}
        first: dict[str, str] = {}
        for at, number in shape.variables.items():
            leaf = leaves[at]
            kind = type(leaf.value) if isinstance(leaf, Literal) else leaf.kind
            text = first[f"p{number}"] = self.text(leaf)
            names[at] = Name(f"p{number}", None if number in shape.vague else kind)
            seen = self.seen[f"p{number}"] = self.seen.get(text)
            if id(seen) in self.facts.met:
                self.facts.met[id(seen)] = names[at]
        return names, first

    def fits(self, shape: _Shape, begin: list[Value], end: list[Value], size: int) -> bool:
        """Whether a round ends as it began, but for the variables, which get new values.

        If it does not, the shape is changed.
        """
        leaves: list[tuple[Leaf, Leaf]] = []
        pairs: Pairs = {}, {}
        for index, (one, other) in enumerate(zip(begin, end, strict=True)):
            if not alike(one, other, leaves, pairs):
                if index < size:
                    shape.made.add(index)
                else:
                    shape.flushed = True
                shape.variables.clear()
                return False
        found: dict[tuple[str, str], int] = {}
        news: dict[str, str] = {}
        changed = False
        for at, (one, other) in enumerate(leaves):
            text = self.text(other)
            number = shape.variables.get(at)
            if number is not None:
                if news.setdefault(f"p{number}", text) != text:
                    raise _Differ
                kind = type(other.value) if isinstance(other, Literal) else other.kind
                if isinstance(one, Name) and one.kind not in (None, kind):
                    shape.vague.add(number)
                    changed = True
            elif not same_leaf(one, other):
                pair = self.text(one), text
                if pair not in found:
                    found[pair] = shape.count
                    shape.count += 1
                shape.variables[at] = found[pair]
                changed = True
        if changed:
            return False
        news = {name: text for name, text in news.items() if name != text}
        if news:
            self.plain(f"{', '.join(news)} = {', '.join(news.values())}")
        return True


def _renamed(values: list[Value], names: dict[int, Name]) -> list[Value]:
    """The values with other leaves, by where they stand."""
    places = count()

    def change(leaf: Leaf) -> Leaf:
        return names.get(next(places), leaf)

    memo: dict[int, Value] = {}
    return [mapped(value, change, memo) for value in values]


class Trace:
    """A trace that runs in place of its first block, for as long as what it relies on stays what it is."""

    __slots__ = ("__weakref__", "before", "block", "run")

    def __init__(self, writer: Closer, run: ir.Runner) -> None:
        self.block = writer.block
        self.run = run
        assert self.block.frames is not None
        self.before = self.block.frames
        for visit in writer.recording.visits:
            code = visit.block.code
            code.users = code.users or WeakSet()
            code.users.add(self)
        for cell in writer.cells:
            watch(cell, self)
        run.__globals__[TRACE] = self
        self.block.run = self.block.frames = run

    def drop(self) -> None:
        """The block runs by itself again."""
        block = self.block
        if block.run is self.run:
            block.run = self.before
        if block.frames is self.run:
            block.frames = self.before

    relower = drop


TRACE = "__trace__"
"""The global of a trace that keeps its `Trace`."""


def compile_trace(recording: Recording, call: Any) -> Trace | None:
    """Have a recording run in place of its first block; None when that is nothing that a trace can be of."""
    writer = Closer(recording)
    writer.globals["CALL"] = call
    try:
        return Trace(writer, writer.function())
    except (Unfit, SyntaxError, RecursionError, MemoryError):
        return None
