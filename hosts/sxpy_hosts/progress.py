"""How long work tells how far it is: a function that is told the phase, how much is done, and of how much.

Owns the pace: a `Meter` counts every step of a phase and tells of some hundred of them, so that counting
costs next to nothing whoever listens. Invariant: each phase is told to have begun with 0 done, and, unless
it failed, to have ended with all done; a phase may begin anew when it has to.
Next: `sxpy/cli/store/bars.py`, which shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Progress = Callable[[str, int, int], None]
"""Told the phase of the work, in a word, how much of it is done, and of how much."""

T = TypeVar("T")

TOLD = 100
"""How often a phase tells about itself, at most."""


def silent(phase: str, done: int, total: int) -> None:
    """For work that nobody watches."""


class Meter:
    """The count of one phase."""

    __slots__ = ("_done", "_next", "_phase", "_progress", "_total")

    def __init__(self, progress: Progress, phase: str, total: int) -> None:
        """Begin the phase, which has `total` steps, or, where that can only be guessed, about as many."""
        self._progress = progress
        self._phase = phase
        self._total = max(total, 1)
        self._done = 0
        self._next = 1
        progress(phase, 0, self._total)

    def add(self, steps: int = 1) -> None:
        """So many steps more are done."""
        self._done += steps
        if self._done >= self._next:
            done = min(self._done, self._total)
            self._progress(self._phase, done, self._total)
            self._next = self._done + max(1, self._total // TOLD)

    def end(self) -> None:
        """All is done, whatever was counted."""
        self._progress(self._phase, self._total, self._total)


def counted(items: Iterable[T], total: int, progress: Progress, phase: str) -> Iterator[T]:
    """The items, one step each."""
    meter = Meter(progress, phase, total)
    for item in items:
        yield item
        meter.add()
    meter.end()
