"""How anything is measured: contenders take turns, and a figure is the median of the rounds' ratios.

A machine that is busy is busy for all who take turns, so the ratio of two contenders within one round says
more than the time of either; the median of several rounds forgives a round that was disturbed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from time import perf_counter, process_time
from typing import Any, TypeVar

Key = TypeVar("Key")

ROUNDS = 5
"""How many rounds, when nobody says."""


def in_turns(works: Mapping[Key, Callable[[], float]], rounds: int) -> dict[Key, list[float]]:
    """What each work answered in each round, the works taking turns."""
    found: dict[Key, list[float]] = {key: [] for key in works}
    for _ in range(rounds):
        for key, work in works.items():
            found[key].append(work())
    return found


def ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """The median of the rounds' ratios."""
    return median(a / b for a, b in zip(above, below, strict=True))


def mean(ratios: Sequence[float]) -> float:
    """The geometric mean."""
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def seconds(work: Callable[[], Any]) -> float:
    """How long `work` takes by the clock on the wall."""
    start = perf_counter()
    work()
    return perf_counter() - start


def cpu(work: Callable[[], Any]) -> float:
    """How long the processor works on `work`: other processes do not count."""
    start = process_time()
    work()
    return process_time() - start


def call_time(times: int = 200_000) -> float:
    """Seconds of processor that one call of a Python function of one argument takes, with the loop around it.

    The unit of whatever is said "in calls' time".
    """

    def called(value: int) -> int:
        return value

    def calls() -> None:
        for number in range(times):
            called(number)

    return cpu(calls) / times
