"""The calls in progress, read from a state: what a backtrace lists, with the frames of each.

Owns the question which frames belong to one call of a function. The frame of the code after an `if` or the
like is one of the same call, and so is the frame that a call has just pushed for what comes after it; what
is below them is where the function returns to. Next: `scope.py`, for the variables of a call.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sxpy.core.ir import JUMP, Block, Term
from sxpy.core.sites import Site
from sxpy.errors import Place
from sxpy.machine.program import PROGRAM
from sxpy.machine.state import APPLY, EVAL, PERFORM, RAISE, Kont, State
from sxpy.reader.forms import Spot, spot_of


@dataclass(frozen=True, slots=True)
class Call:
    """A call in progress. `frames` are its frames, innermost first; `below` is where it returns to.

    `term` is the term that is about to run, in the innermost call. A call of an operation of the machine
    (`map`, `guard` …) has the name of the `operation`, and no site.
    """

    site: Site | None
    frames: tuple[tuple[Any, ...], ...]
    below: Kont
    term: Term | None = None
    operation: str | None = None
    elided: bool = False
    """Whether tail calls, which leave no frame, lie between this call and the next one further in."""

    @property
    def function(self) -> str:
        """The name of the function or operation."""
        if self.site is not None:
            return self.site.function
        assert self.operation is not None
        return self.operation

    @property
    def spot(self) -> Spot | None:
        """Where it stands, if that is in a text."""
        return None if self.site is None else self.site.spot

    @property
    def place(self) -> Place | None:
        """Where it stands, with the line."""
        return None if self.site is None else self.site.place


def calls(state: State) -> Iterator[Call]:
    """The calls in progress, innermost first."""
    inner = running(state)
    kont = state.kont
    if inner is not None:
        yield inner
        kont = inner.below
    site = None if inner is None else inner.site
    while kont is not None:
        call = waiting(kont)
        if call.site is not None:
            if site is not None and call.site.called not in (None, site.function, *site.within):
                call = Call(call.site, call.frames, call.below, elided=True)
            site = call.site
        yield call
        kont = call.below


def running(state: State) -> Call | None:
    """The call of the function that runs; None between the forms of a program, and while a value returns."""
    if state.phase == EVAL:
        term = state.control
        frames, below = _own(term.site, state.kont, calling=term.op == JUMP)
        return Call(term.site, frames, below, term)
    if state.phase == APPLY and state.site is not None:
        frames, below = _own(state.site, state.kont, calling=True)
        if frames or not _called_by_operation(state):
            return Call(state.site, frames, below)
    return None


def waiting(kont: Kont) -> Call:
    """The call that the innermost frame of a continuation belongs to."""
    assert kont is not None
    kind = kont[0]
    if type(kind) is Block:
        frames, below = _own(kind.site, kont[-1], calling=False)
        return Call(kind.site, (kont, *frames), below)
    if kind.name in (PERFORM, RAISE) and kont[1] is not None:
        frames, below = _own(kont[1], kont[-1], calling=True)
        return Call(kont[1], (kont, *frames), below)
    return Call(None, (kont,), kont[-1], operation=kind.name)


def current(state: State) -> Call | None:
    """The innermost call of an SX function; None when there is none."""
    return next((call for call in calls(state) if call.site is not None), None)


def _own(site: Site, kont: Kont, *, calling: bool) -> tuple[tuple[tuple[Any, ...], ...], Kont]:
    """The frames on top of `kont` of the call that stands at `site`, and what is below them.

    `calling`: it has pushed the frame of the code after the call that is about to be made, if there is one.
    """
    found = []
    if calling and kont is not None and type(kont[0]) is Block and kont[0].site.spot is site.spot:
        found.append(kont)
        kont = kont[-1]
    while kont is not None and type(kont[0]) is Block and kont[0] is site.join:
        found.append(kont)
        site = kont[0].site
        kont = kont[-1]
    return tuple(found), kont


def _called_by_operation(state: State) -> bool:
    """Whether the call that is about to be made is one that `map` or the like makes, not a function's."""
    frame = state.kont
    if frame is None or type(frame[0]) is Block:
        return False
    while frame is not None and type(frame[0]) is not Block:
        frame = frame[-1]
    return frame is not None and state.site is not None and frame[0].site.spot is state.site.spot


def returns_to(state: State) -> Kont:
    """The continuation that gets the value of the function that runs, or that waits for the value at hand."""
    inner = running(state)
    if inner is not None:
        return inner.below
    return None if state.kont is None else waiting(state.kont).below


def upcoming(state: State) -> Spot | None:
    """The form that a program is about to go on with, when the machine stands between two forms."""
    frame = state.kont
    if state.phase in (EVAL, APPLY) or frame is None or frame[0] is not PROGRAM:
        return None
    _, _, forms, index, _ = frame
    if index >= len(forms):
        return None
    form, spot = forms[index]
    return spot_of(form, spot)


def depth_of(kont: Kont) -> int:
    """How many frames a continuation has."""
    count = 0
    while kont is not None:
        count += 1
        kont = kont[-1]
    return count
