"""Ways through a program: when a step that is larger than one of the machine has come to its end.

Owns what "the next place of this function" means on a machine without a call stack of its own: which states
belong to one call, and which tail calls are loops. Next: `debugger.py`, which goes the ways.
"""

from __future__ import annotations

from collections.abc import Callable

from sxpy.core.ir import Block
from sxpy.core.sites import Site
from sxpy.debugger.calls import depth_of, running, waiting
from sxpy.machine.program import PROGRAM
from sxpy.machine.state import EVAL, Kont, State
from sxpy.reader.forms import Spot

Arrived = Callable[[State, int], bool]
"""Whether a way has been gone: asked of each state, with the depth of its continuation."""


def next_to(start: State) -> Arrived:
    """The way to another place of the function that runs in `start`, or to its caller."""
    inner = running(start)
    if inner is None and start.kont is not None:
        inner = waiting(start.kont)
    below = start.kont if inner is None or inner.operation is not None else inner.below
    site = None if inner is None else inner.site
    spot, level = spot_in(start), depth_of(below)

    def arrived(state: State, depth: int) -> bool:
        if not stands(state):
            return False
        if depth < level:
            return True
        here = running(state)
        assert here is not None and here.site is not None
        if not _same(below, here.below) or not _related(site, here.site):
            return False
        return begins(state) or spot_in(state) is not spot

    return arrived


def _related(one: Site | None, other: Site) -> bool:
    """Whether two sites are in one function, or in functions of which one stands in the other."""
    return (
        one is None
        or one.function in (other.function, *other.within)
        or other.function in (one.function, *one.within)
    )


def _same(one: Kont, other: Kont) -> bool:
    """Whether two continuations are of one call; a program has a new frame after each of its forms."""
    if one is other:
        return True
    return (
        one is not None
        and other is not None
        and one[0] is PROGRAM
        and other[0] is PROGRAM
        and one[-1] is other[-1]
    )


def stands(state: State) -> bool:
    """Whether a state is about to run a term that has a place in a text."""
    return state.phase is EVAL and state.control.site.spot is not None


def begins(state: State) -> bool:
    """Whether a state is at the first step of a call of a function."""
    before = state.control.before
    return type(before) is Block and before.entry


def spot_in(state: State) -> Spot | None:
    """The place in the source where a state stands."""
    standing = state.standing
    return None if standing is None else standing.spot


class Depth:
    """Follows the depth of a continuation from step to step; most steps change it by one at the most."""

    __slots__ = ("depth", "kont")

    def __init__(self, kont: Kont) -> None:
        self.kont = kont
        self.depth = depth_of(kont)

    def at(self, kont: Kont) -> int:
        """The depth of the next state's continuation."""
        before = self.kont
        if kont is before:
            return self.depth
        if kont is not None and kont[-1] is before:
            self.depth += 1
        elif before is not None and before[-1] is kont:
            self.depth -= 1
        elif before is None or kont is None or kont[-1] is not before[-1]:
            self.depth = depth_of(kont)
        self.kont = kont
        return self.depth
