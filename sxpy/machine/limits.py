"""Limits: what stops a runaway program, and leaves the interpreter usable.

The driver asks between slices of fuel; a program is never stopped inside a step, so a stopped state could go
on. Steps and depth are exact. Memory is an estimate: what the process has grown by since the run began.
"""

from __future__ import annotations

import os
import time

from sxpy.errors import DepthLimitError, MemoryLimitError, ProgramInterrupted, StepLimitError, TimeLimitError
from sxpy.machine.state import Kont, State
from sxpy.record import Record

SLICE = int(os.environ.get("SX_SLICE", "20_000"))
"""Steps between two looks at clock, memory and interrupt: some ten milliseconds."""


class Limits(Record):
    """What one run may use; None is no limit.

    `steps`: steps of the machine. `depth`: frames of the continuation. `memory`: bytes the process may grow
    by, an estimate. `seconds`: wall time.
    """

    __slots__ = ("depth", "memory", "seconds", "steps")
    steps: int | None
    depth: int | None
    memory: int | None
    seconds: float | None

    def __init__(
        self,
        steps: int | None = None,
        depth: int | None = None,
        memory: int | None = None,
        seconds: float | None = None,
    ) -> None:
        put = object.__setattr__
        put(self, "steps", steps)
        put(self, "depth", depth)
        put(self, "memory", memory)
        put(self, "seconds", seconds)


NONE = Limits()


class Governor:
    """Watches one run: `grant` says how much fuel the next slice gets, and raises when there is none.

    `watches`: it has to be asked before each slice, and told what the slice took. One without limits need
    not be, unless it is `interrupted`.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.watches = limits != NONE
        self._steps_left = limits.steps
        self._depth = _DepthGauge() if limits.depth is not None else None
        self._started = time.monotonic()
        self._memory_at_start = resident_bytes() if limits.memory is not None else 0
        self.interrupted = False

    def due(self) -> bool:
        """Whether the run has to be stopped, as far as can be told while it goes on: steps do not count."""
        limits = self.limits
        return (
            self.interrupted
            or (limits.seconds is not None and time.monotonic() - self._started > limits.seconds)
            or (limits.memory is not None and resident_bytes() - self._memory_at_start > limits.memory)
        )

    def grant(self, state: State) -> int:
        """Fuel for the next slice. Raises LimitError."""
        limits, fuel = self.limits, SLICE
        if self.interrupted:
            self.interrupted = False
            raise ProgramInterrupted("interrupted")
        if self._steps_left is not None:
            if self._steps_left <= 0:
                raise StepLimitError(f"the program took more than {limits.steps} steps")
            fuel = min(fuel, self._steps_left)
        if limits.depth is not None and self._depth is not None:
            depth = self._depth.of(state.kont, limits.depth)
            if depth > limits.depth:
                raise DepthLimitError(f"recursion deeper than {limits.depth} frames")
            # A step pushes one frame at the most, so the limit cannot be passed unseen.
            fuel = min(fuel, limits.depth - depth + 1)
        if limits.seconds is not None and time.monotonic() - self._started > limits.seconds:
            raise TimeLimitError(f"the program ran longer than {limits.seconds} s")
        if limits.memory is not None and resident_bytes() - self._memory_at_start > limits.memory:
            raise MemoryLimitError(f"the program used more than {limits.memory} bytes")
        return fuel

    def spent(self, steps: int) -> None:
        """Count the steps that a slice made."""
        if self._steps_left is not None:
            self._steps_left -= steps


class _DepthGauge:
    """Counts the frames of continuations; frames met before are not walked again."""

    EVERY = 512

    def __init__(self) -> None:
        self._known: dict[int, tuple[Kont, int]] = {}

    def of(self, kont: Kont, enough: int) -> int:
        """The depth of `kont`; any number above `enough` may stand for a greater one."""
        walked: list[Kont] = []
        base = 0
        frame = kont
        while frame is not None:
            known = self._known.get(id(frame))
            if known is not None and known[0] is frame:
                base = known[1]
                break
            walked.append(frame)
            frame = frame[-1]
        depth = base + len(walked)
        if len(walked) > self.EVERY:
            if len(self._known) > 4096:
                self._known.clear()
            for at in range(0, len(walked), self.EVERY):
                self._known[id(walked[at])] = (walked[at], depth - at)
        return depth


def resident_bytes() -> int:
    """The resident memory of this process in bytes; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statistics:
            pages = int(statistics.read().split()[1])
    except (OSError, IndexError, ValueError):
        return _peak_resident_bytes()
    return pages * 4096


def _peak_resident_bytes() -> int:
    try:
        import resource  # noqa: PLC0415  not on every system
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
