"""Unwinding: the traceback of direct code becomes frames of the machine.

Each direct function that waited stands, in the traceback, at the line of a call; its `Point` names the labels
that wait there and the locals that hold their live values. The innermost one is where the machine goes on.
A tail call waits for nothing and leaves no frame, as it must.
"""

from __future__ import annotations

from types import FrameType, TracebackType
from typing import Any, NamedTuple

from sxpy.compiler.info import INFO
from sxpy.compiler.points import BlockLabel, DirectInfo, Local, Point, value_of
from sxpy.compiler.runners import TRAMPOLINES, is_gate
from sxpy.core.direct import WAITING, Waiting
from sxpy.core.sites import Site
from sxpy.data import UNBOUND, Primitive
from sxpy.data.procedures import accepts, call_primitive
from sxpy.machine.state import NEAR, Kont


class Left(NamedTuple):
    """Where direct code was left: innermost, a direct function at a point, or one written by hand.

    `info` and `site` are those of the innermost function of SX, if there is one, and `rest` is the traceback
    further in: of what it called that is no direct function.
    """

    at: Point | Waiting
    local: Local
    kont: Kont
    info: DirectInfo | None
    site: Site | None
    rest: TracebackType | None

    @property
    def slots(self) -> list[Any]:
        """The slots of the block at a point."""
        assert isinstance(self.at, Point)
        return [value_of(self.local, held) for held in self.at.slots]

    @property
    def waits(self) -> bool:
        """Whether a direct function written by hand waits for what it called."""
        return self.local["result"] is UNBOUND

    @property
    def final(self) -> bool:
        """Whether what was raised at a call is an error of the procedure that was called."""
        return is_final(self.rest)

    @property
    def called(self) -> str:
        """The name of the primitive that was called, when what it raised is final."""
        assert self.rest is not None
        primitive: Primitive = self.rest.tb_frame.f_locals["primitive"]
        return primitive.name


def is_final(trace: TracebackType | None) -> bool:
    """Whether what was raised is an error of the procedure whose call the traceback begins with."""
    if trace is None:
        return False
    called = trace.tb_frame
    if called.f_code is call_primitive.__code__:
        return accepts(called.f_locals["primitive"], called.f_locals["given"])
    return called.f_code in WAITING and "final" in called.f_locals


def unwind(machine: Any, trace: TracebackType | None, kont: Kont, outer: int = 0) -> Left | None:
    """Where direct code was left, on top of the frames of all that waited; None: no direct function ran.

    `kont` has the frames of the `outer` labels that wait in the first function.
    """
    at: Point | Waiting | None = None
    info: DirectInfo | None = None
    site: Site | None = machine.site
    local: Local = {}
    while trace is not None and trace.tb_frame.f_code not in TRAMPOLINES:
        frame = trace.tb_frame
        found = frame.f_globals.get(INFO)
        if type(found) is DirectInfo:
            if at is not None:
                kont = frames(machine, at, site, local, kont)
            point = found.at.get(trace.tb_lasti) or found.point(trace)
            if outer:
                point, outer = point._replace(waiting=point.waiting[outer:]), 0
            at = point
            # What waits may add to the locals, and does so for nobody else.
            info, site, local, rest = found, point.term.site, dict(frame.f_locals), trace.tb_next
            if point.asks is not None:
                break  # what is further in is the host's
        elif frame.f_code in WAITING and "result" in frame.f_locals:
            if at is not None:
                kont = frames(machine, at, site, local, kont)
            at, local, rest = WAITING[frame.f_code], frame.f_locals, trace.tb_next
        trace = trace.tb_next
    return None if at is None else Left(at, local, kont, info, site, rest)


def frames(machine: Any, at: Point | Waiting, site: Site | None, local: Local, kont: Kont) -> Kont:
    """The continuation of what a direct function called."""
    if isinstance(at, Waiting):
        machine.site = site
        made: Kont = at.frame(machine, local, kont)
        return made
    for label in at.waiting:
        if type(label) is BlockLabel and label.names is not None:
            kont = (label.block, *[local[held] for held in label.names], kont)
        else:
            kont = label.frame(machine, local, kont)
    return kont


Calls = tuple[list[Point], Kont]
"""Where direct functions stand, innermost first, and what was there before them."""

ENOUGH = 2 * NEAR
"""Labels that wait for as many calls as a backtrace that may be cut short has."""


def calls_from(frame: FrameType | None) -> Calls:
    """The direct functions that wait for a frame of Python, as they stand now."""
    found: list[Point] = []
    labels = 0
    while frame is not None and labels < ENOUGH:
        info = frame.f_globals.get(INFO)
        if type(info) is DirectInfo:
            point = info.points[frame.f_lineno]
            found.append(point)
            labels += len(point.waiting)
        elif is_gate(frame):
            kont: Kont = frame.f_locals["kont"]
            return found, kont
        frame = frame.f_back
    return found, None


def hollow_frames(calls: Calls) -> tuple[Site | None, Kont]:
    """The site of the innermost call, and the frames of all, without their live values."""
    found, kont = calls
    for point in reversed(found):
        for label in point.waiting:
            if type(label) is BlockLabel:
                kont = (label.block, kont)
    return (found[0].term.site if found else None), kont
