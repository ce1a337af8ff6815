"""Detours: when functions go without direct code for a while, as blocks that make frames as they go.

To leave direct code costs as much as some hundred direct calls, so it pays only if it is rare. A function
that calls `call/cc` in every round is faster as blocks; so is one whose calls nest too deep for direct code,
until the slice ends. Owns the counting and the way back. `sxpy/compiler/fast.py` says when code was left.
"""

from __future__ import annotations

from math import inf
from time import monotonic, thread_time
from typing import NamedTuple

from sxpy.compiler.points import DirectInfo
from sxpy.compiler.runners import as_blocks
from sxpy.core.direct import Direct, leave
from sxpy.core.ir import Runner, Template

WINDOW = 64
"""Times that direct code is left between two looks at what that costs."""

COSTLY = WINDOW * 40e-6
"""Seconds of processor in which it must not be left so often."""

SHARE = 8
"""A function that was left so often in such a window is better off without direct code."""

REST = 0.1
"""Seconds for which it goes without, the first time; then twice as long each time."""


class Detour(NamedTuple):
    """A function that goes without direct code until a time, and then has this runner and direct function."""

    until: float
    template: Template
    run: Runner
    direct: Direct


class Detours:
    """The detours of a machine, the first of which may end when it is `due`.

    `deep`: calls nested too deep in this slice, so operations do not, either.
    """

    __slots__ = ("_counts", "_left", "_since", "deep", "due", "taken")

    def __init__(self) -> None:
        self.taken: list[Detour] = []
        self.deep = False
        self.due = inf
        self._counts: dict[DirectInfo, int] = {}
        self._left = 0
        self._since = 0.0

    def left(self, info: DirectInfo, times: int = 1) -> None:
        """Direct code was left in a function for want of something that only frames can do.

        `times` is more than one where it is known to come again.
        """
        self._counts[info] = self._counts.get(info, 0) + times
        self._left += times
        if self._left < WINDOW:
            return
        now = thread_time()
        if now - self._since < COSTLY:
            for often, count in self._counts.items():
                if count >= SHARE:
                    often.rests += 1
                    self._take(often.template, leave, monotonic() + REST * 2 ** min(often.rests, 10))
        self._counts, self._left, self._since = {}, 0, now

    def too_deep(self, info: DirectInfo) -> None:
        """Calls of a function nested too deep: it goes without direct code to the end of the slice.

        When that happens again and again, it goes without for as long as one that is left all the time.
        """
        self.deep = True
        self.due = 0.0
        info.deep += 1
        template = info.template
        until = 0.0 if info.deep == 1 else monotonic() + REST * 2 ** min(info.deep - 2, 5)
        self._take(template, template.direct, until)

    def _take(self, template: Template, direct: Direct, until: float) -> None:
        entry = template.entry
        if entry.run is not entry.frames:
            self.taken.append(Detour(until, template, entry.run, template.direct))
            self.due = min(self.due, until)
            entry.run = as_blocks(entry)
            if direct is not template.direct:
                template.become(direct)

    def look(self) -> None:
        """Let functions be direct again whose time has come: a slice begins, or goes on for long."""
        if self.due < inf:
            now = monotonic()
            if now >= self.due:
                self.end(now)

    def end(self, now: float) -> None:
        """Let functions be direct again whose time has come, unless they have changed."""
        for detour in self.taken:
            entry = detour.template.entry
            if detour.until <= now and entry.run is entry.frames:
                entry.run = detour.run
                if detour.template.direct is leave:
                    detour.template.become(detour.direct)
        self.deep = False
        self.taken = [detour for detour in self.taken if detour.until > now]
        self.due = min([detour.until for detour in self.taken], default=inf)
