"""Breakpoints: where a run is to stop, and whether a state is there.

A function's is hit at the first step of each of its calls; an operation of the machine (`map`, `perform` …)
counts as one. A line's is hit where the run comes to the line from another one. Code exists only once its
form is analysed, so lines are resolved then: a line without a step of its own moves to the next one of the
form that has one, or to the last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from sxpy.core import ir
from sxpy.core.controls import CONTROLS
from sxpy.data import Control
from sxpy.debugger.scope import terms_of
from sxpy.host import operation_of
from sxpy.machine.state import APPLY, EVAL, SUSPENDED, State
from sxpy.reader import Source, read_next, read_source
from sxpy.reader.forms import ExpandedSpot, Spot


@dataclass(slots=True, kw_only=True)
class Breakpoint:
    """A place to stop. `condition`: an SX expression that must hold there. `once`: only the first time."""

    number: int
    condition: str | None = None
    once: bool = False
    hits: int = 0
    """How often it has stopped the run."""

    @property
    def where(self) -> str:
        """What it waits for, in a few words."""
        raise NotImplementedError


@dataclass(slots=True, kw_only=True)
class FunctionBreakpoint(Breakpoint):
    """Stops at each call of the functions called `name`."""

    name: str

    @property
    def where(self) -> str:
        return self.name


@dataclass(slots=True, kw_only=True)
class LineBreakpoint(Breakpoint):
    """Stops at a line of a file, whose name may leave out directories.

    `resolved` is the line that it stands for, once that is known.
    """

    file: str
    line: int
    resolved: int | None = None

    @property
    def where(self) -> str:
        moved = "" if self.resolved in (None, self.line) else f", which is {self.file}:{self.resolved}"
        return f"{self.file}:{self.line}{moved}"

    def is_in(self, file: str) -> bool:
        """Whether `file` is the file that is meant."""
        wanted, parts = PurePath(self.file).parts, PurePath(file).parts
        return parts[-len(wanted) :] == wanted


@dataclass(slots=True, kw_only=True)
class OperationBreakpoint(Breakpoint):
    """Stops when the operation called `name`, or any with None, is performed."""

    name: str | None

    @property
    def where(self) -> str:
        return "every perform" if self.name is None else f"perform {self.name}"


@dataclass(slots=True, kw_only=True)
class ErrorBreakpoint(Breakpoint):
    """Stops before an error is raised, whether or not the program handles it."""

    @property
    def where(self) -> str:
        return "every error"


@dataclass(slots=True)
class Breakpoints:
    """The breakpoints of a debugger, by number."""

    table: dict[int, Breakpoint] = field(default_factory=dict)
    _last: int = 0
    _code: dict[ir.Code, ir.Term] = field(default_factory=dict)
    """The code that was met, and the body that it had then."""
    _armed: dict[ir.Term, list[LineBreakpoint]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Breakpoint]:
        return iter(list(self.table.values()))

    def number(self) -> int:
        """The number of the next one."""
        self._last += 1
        return self._last

    def add(self, breakpoint_: Breakpoint) -> None:
        """A new breakpoint."""
        self.table[breakpoint_.number] = breakpoint_
        self._rearm()

    def remove(self, number: int) -> bool:
        """Delete one; whether there was one."""
        found = self.table.pop(number, None)
        self._rearm()
        return found is not None

    def forget_code(self) -> None:
        """The program starts anew, perhaps from another text."""
        self._code.clear()
        self._armed.clear()
        for breakpoint_ in self:
            if isinstance(breakpoint_, LineBreakpoint):
                breakpoint_.resolved = None

    def at(self, state: State) -> list[Breakpoint]:
        """The breakpoints that a state is at; their conditions are not asked."""
        if not self.table:
            return []
        if state.phase is EVAL:
            return self._at_term(state.control)
        if state.phase is APPLY and type(state.control) is Control:
            raises = state.control.name in _RAISING
            return [
                item
                for item in self
                if _names(item, state.control.name) or (raises and type(item) is ErrorBreakpoint)
            ]
        if state.phase is SUSPENDED:
            name, _ = operation_of(state.request)
            return [item for item in self if type(item) is OperationBreakpoint and item.name in (None, name)]
        return []

    @property
    def on_errors(self) -> list[Breakpoint]:
        """Those that wait for errors."""
        return [item for item in self if type(item) is ErrorBreakpoint]

    def _at_term(self, term: ir.Term) -> list[Breakpoint]:
        block = term.before
        found: list[Breakpoint] = []
        if isinstance(block, ir.Block):
            body = block.code.entry.body
            if self._code.get(block.code) is not body:  # it is new, or was lowered anew
                self._code[block.code] = body
                self._arm(block.code)
            if block.entry and block.number:
                found = [item for item in self if _names(item, block.site.function)]
        return [*found, *self._armed.get(term, ())]

    def _rearm(self) -> None:
        self._armed.clear()
        for code in self._code:
            self._arm(code)

    def _arm(self, code: ir.Code) -> None:
        wanted = [item for item in self if isinstance(item, LineBreakpoint)]
        if not wanted:
            return
        steps = list(_steps(code))
        for item in wanted:
            here = [step for step in steps if item.is_in(step.source.file)]
            if item.resolved is None and here:
                item.resolved = _resolve(item.line, here[0].source, here, code)
            for step in here:
                if step.line == item.resolved:
                    self._armed.setdefault(step.term, []).append(item)


_RAISING = frozenset(["raise", "raise-continuable", "error"])
"""The operations by which a program raises what it likes."""


def _names(item: Breakpoint, function: str) -> bool:
    return type(item) is FunctionBreakpoint and item.name == function


@dataclass(frozen=True, slots=True)
class _Step:
    """A term where the run comes to a line."""

    term: ir.Term
    source: Source
    line: int


def _steps(code: ir.Code) -> Iterator[_Step]:
    for term in terms_of(code):
        spots = [term.site.spot]
        before = term.before
        if isinstance(before, ir.Block):
            if before.entry and before.number:
                spots.append(before.site.spot)  # the first step of a function is at the line of its head too
            came_from = None if before.entry else before.site.spot
        else:
            came_from = before.site.spot
        if _defines(term):
            continue
        past = None if came_from is None else (came_from.source.file, came_from.place().line)
        lines = set()
        for spot in spots:
            if spot is not None and (spot.source.file, line := spot.place().line) != past:
                if line not in lines:
                    yield _Step(term, spot.source, line)
                lines.add(line)


def _defines(term: ir.Term) -> bool:
    """Whether a term only gives a function its name: who stops at a function means its calls."""
    expr: Any = getattr(term, "expr", None)
    return isinstance(expr, ir.SetCell) and isinstance(expr.content, ir.NewClosure)


def _resolve(line: int, source: Source, steps: list[_Step], code: ir.Code) -> int | None:
    """The line of `source` that a line stands for in `code`; None when it is none of this code."""
    lines = sorted({step.line for step in steps})
    if not lines:
        return None
    whole = next((ends for ends in extents(source) if ends[0] <= line <= ends[1]), None)
    if whole is None or not whole[0] <= lines[0] <= whole[1]:
        return None
    later = [other for other in lines if other >= line]
    if later:
        return later[0]
    ends = (_end(spot) for spot in _spots(code) if spot.source is source)
    return lines[-1] if line <= max(ends, default=0) else None


def _spots(code: ir.Code) -> Iterator[Spot]:
    """Where the terms of a code stand that a text has."""
    for term in terms_of(code):
        spot = term.site.spot
        if spot is not None and not isinstance(spot, ExpandedSpot) and not _holds_code(term):
            yield spot


def _holds_code(term: ir.Term) -> bool:
    """Whether the form of a term holds others that are analysed when it runs: a library."""
    head = term.head if isinstance(term, ir.Jump) else None
    return isinstance(head, ir.Constant) and head.constant is CONTROLS["%define-library"]


def _end(spot: Spot) -> int:
    """The last line of the form at a spot."""
    _, end = read_next(spot.source.text, spot.offset)
    return spot.source.place(end - 1).line


@lru_cache(maxsize=64)
def extents(source: Source) -> list[tuple[int, int]]:
    """The first and the last line of each top-level form of a text."""
    _, starts = read_source(source)
    found = []
    for start in starts:
        _, end = read_next(source.text, start)
        found.append((source.place(start).line, source.place(end - 1).line))
    return found
