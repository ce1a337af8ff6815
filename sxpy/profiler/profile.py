"""Profiles: what an interpreter's observer gathers while programs run.

Counted, and so exact: the calls of functions of SX, and the performs with the time that passed until their
answers. Each round of a loop is a call of its function, also where the fast tier makes it one of Python.

Sampled: the processor time of functions. The machine stops every few milliseconds at a point where its
state is whole (`INTERVAL`), and the time since the last such point goes to the function that the state stands
in and to those that wait for it; what the host took for its answers is none of it. Points lie between blocks;
a long primitive belongs to the function that called it. Tail calls leave no frame, so who made one is not
among those that wait.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from time import perf_counter, thread_time
from typing import NamedTuple

from sxpy.core.ir import Block
from sxpy.core.sites import Site
from sxpy.errors import TOP_LEVEL
from sxpy.host import operation_of
from sxpy.machine.state import State

INTERVAL = 0.002
"""Seconds between two samples, about."""

STEPS = 2_000
"""Steps of tier 0 between two samples."""

DEEPEST = 2_000
"""Frames of a state that are looked at, from the innermost on."""

DEEPER = "(deeper)"
"""Stands for the functions below those."""


class Function(NamedTuple):
    """A function as a profile knows it: its name, and the file that it stands in."""

    name: str
    file: str

    def __str__(self) -> str:
        return f"{self.name} {self.file}" if self.file else self.name


Stack = tuple[Function, ...]
"""Functions that wait for each other, the outermost first; one that waits for itself stands once."""


class Performs:
    """The performs of one operation: how many, and the seconds until they were answered."""

    __slots__ = ("count", "seconds")

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0


class Counts(dict[Block, list[int]]):
    """How often each function's entry was run, as a list of one number that compiled code can change."""

    def __missing__(self, entry: Block) -> list[int]:
        made = self[entry] = [0]
        return made


class Profile:
    """What was gathered so far. An observer in the sense of `sxpy/machine/driver.py`."""

    patience = INTERVAL
    fuel = STEPS

    def __init__(
        self, work: Callable[[], float] = thread_time, clock: Callable[[], float] = perf_counter
    ) -> None:
        """`work` tells the processor time in seconds, `clock` the time that passes."""
        self._work = work
        self._clock = clock
        self._worked = work()
        self._since = clock()
        self.counts: dict[Block, list[int]] = Counts()
        self.samples = 0
        self.stacks: defaultdict[Stack, float] = defaultdict(float)
        """The seconds that went to each stack."""
        self.asked: defaultdict[Stack, defaultdict[str, Performs]] = defaultdict(
            lambda: defaultdict(Performs)
        )
        """The performs that each stack made, by operation."""

    def begins(self) -> None:
        """A run begins: what was before belongs to nobody."""
        self._worked = self._work()

    def ran(self, state: State) -> None:
        """The machine has come to a state."""
        worked = self._work() - self._worked
        self.stacks[stack_of(state)] += worked
        self.samples += 1
        self._since = self._clock()  # looking at the state is not the program's time, nor the host's
        self._worked = self._work()

    def answered(self, state: State) -> None:
        """The host has answered the request of a state, or refused it."""
        passed = self._clock() - self._since
        operation, _ = operation_of(state.request)
        asked = self.asked[stack_of(state)][operation or "(no operation)"]
        asked.count += 1
        asked.seconds += passed
        self._since = self._clock()
        self._worked = self._work()

    def calls(self) -> dict[Function, int]:
        """How often each function was called."""
        found: defaultdict[Function, int] = defaultdict(int)
        for entry, (count,) in self.counts.items():
            found[_function(entry.site)] += count
        return dict(found)

    def performs(self) -> dict[str, Performs]:
        """The performs by operation."""
        found: defaultdict[str, Performs] = defaultdict(Performs)
        for by_operation in self.asked.values():
            for operation, performs in by_operation.items():
                found[operation].count += performs.count
                found[operation].seconds += performs.seconds
        return dict(found)


def stack_of(state: State) -> Stack:
    """The functions that a state stands in."""
    found: list[Function] = []
    for number, site in enumerate(state.sites()):
        if number >= DEEPEST:
            found.append(Function(DEEPER, ""))
            break
        function = _function(site)
        if not found or found[-1] != function:
            found.append(function)
    found.reverse()
    return tuple(found) or (Function(TOP_LEVEL, ""),)


def _function(site: Site) -> Function:
    return Function(site.function, "" if site.spot is None else site.spot.source.file)
