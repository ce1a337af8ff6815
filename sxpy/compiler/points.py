"""Points: what is known of each line of a direct function, so that it can be left there.

`sxpy/compiler/direct.py` makes them, `sxpy/compiler/unwind.py` reads them.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, NamedTuple

from sxpy.compiler.builders import Builder
from sxpy.compiler.cursors import Cursor
from sxpy.core import ir
from sxpy.core.sites import Site
from sxpy.data import closure_of


class Unmade:
    """The closure of a function that stands in the code around it: it is made only when a frame needs it."""

    __slots__ = ("captures", "template")

    def __init__(self, template: ir.Template) -> None:
        self.template = template
        self.captures: tuple[Held, ...] = ()


Held = str | Unmade | Cursor | Builder
"""What holds the value of a slot: a local of Python, several, or nothing yet."""

Local = dict[str, Any]
"""The local variables of a direct function."""


def value_of(local: Local, held: Held) -> Any:
    """The value that a slot holds."""
    if isinstance(held, Unmade):
        closure = closure_of(held.template, ())
        closure.free = tuple([closure if item is held else value_of(local, item) for item in held.captures])
        return closure
    return local[held] if isinstance(held, str) else held.value(local)


class Label:
    """What waits in a direct function: it makes a frame of that, where the function is left."""

    __slots__ = ()

    def frame(self, machine: Any, local: Local, kont: Any) -> Any:
        """The continuation with the frame on top. Whoever waits further out has made his before."""
        raise NotImplementedError


class BlockLabel(Label):
    """A label of the program, and what holds its live values: `names`, if they all are in locals."""

    __slots__ = ("block", "live", "names")

    def __init__(self, block: ir.Block, live: tuple[Held, ...]) -> None:
        self.block = block
        self.live = live
        names = [held for held in live if isinstance(held, str)]
        self.names = names if len(names) == len(live) else None

    def frame(self, machine: Any, local: Local, kont: Any) -> Any:
        return (self.block, *[value_of(local, held) for held in self.live], kont)


class Point(NamedTuple):
    """What is known of a line. `waiting` are the labels that wait, the outermost first.

    `again`: nothing has been done, and the term can be done by the machine. `call`: procedure and arguments
    have been computed, and the call can be made by the machine. Neither: a primitive is being called, at
    `site`, and whatever it raises is final. `asks` is the local with the request that a host is being
    asked: what it raises is its own.
    """

    term: ir.Term
    slots: tuple[Held, ...]
    waiting: tuple[Label, ...]
    again: bool = True
    call: tuple[str, tuple[str, ...]] | None = None
    site: Site | None = None
    asks: str | None = None


class DirectInfo:
    """What is known of a direct function: its template, a point for each line, and what it relies on."""

    __slots__ = ("at", "deep", "links", "points", "rests", "template")

    def __init__(self, template: ir.Template) -> None:
        self.template = template
        self.at: dict[int, Point] = {}
        """The points that were asked for, by the offset of the instruction."""
        self.points: dict[int, Point] = {}
        self.links: list[Any] = []
        self.deep = 0
        """How often its calls nested too deep."""
        self.rests = -1
        """How often it went without direct code (`sxpy/compiler/detours.py`), less one."""

    def point(self, trace: TracebackType) -> Point:
        """The point at which the function stands in a traceback."""
        point = self.at[trace.tb_lasti] = self.points[trace.tb_lineno]
        return point
