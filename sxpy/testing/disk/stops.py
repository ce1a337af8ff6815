"""Loops that meet every call of a workload: the machine stops there, the call fails, or another's turn comes.

A workload is a function of a port and of a list, on which it notes what it was told had been done. Each
round begins from the same disk and ends at the next call; the loop is over when the workload comes through.
So what holds after every round holds for a stop at any instant, or for any one failure, of that workload.
Loops can be nested: the disk that one stop left is where the next loop begins.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

from sxpy.testing.disk.machine import Crash, Fault, SimulatedDisk, SimulatedPort

Work = Callable[[SimulatedPort, list[Any]], object]
"""A workload. It lets Crash through."""


@dataclass(frozen=True, slots=True)
class Stop:
    """What a round left: the disk, on which no process runs any more, and what had been done.

    `at` is the number of the call, `call` says what it was. `raised` is what came out of the workload: Crash
    for a stop; after an error, whatever the workload did not handle, or None.
    """

    disk: SimulatedDisk
    at: int
    call: str
    done: list[Any]
    raised: BaseException | None

    def __str__(self) -> str:
        return f"call {self.at}, {self.call}, after {len(self.done)} things done"


def every_crash(
    work: Work, disk: SimulatedDisk | None = None, *, power: bool = True, first: int = 1, step: int = 1
) -> Iterator[Stop]:
    """Stop at every call of `work`: of the machine, or, without `power`, of the process only.

    `disk` is where each round begins (with an empty one by default); it is not changed. `first` and `step`
    leave calls out: of a long workload every seventh, from another one each time.
    """
    return _rounds(work, disk, lambda at, _: Fault(at), first, step, power=power)


def every_error(
    work: Work,
    error: int = errno.EIO,
    disk: SimulatedDisk | None = None,
    *,
    lasting: bool = False,
    power: bool = False,
    first: int = 1,
    step: int = 1,
) -> Iterator[Stop]:
    """Fail every call of `work` with this `errno`; with `lasting`, each later one that changes the disk too.

    With `power` the machine stops afterwards. The rest as in `every_crash`.
    """
    return _rounds(work, disk, lambda at, _: Fault(at, error, lasting=lasting), first, step, power=power)


def every_turn(
    work: Work,
    other: Callable[[SimulatedDisk], object],
    disk: SimulatedDisk | None = None,
    *,
    first: int = 1,
    step: int = 1,
) -> Iterator[Stop]:
    """Give other processes their turn right before every call of `work`, as a system does when it likes.

    `other` is handed the machine, opens ports of its own, and does what it will; then `work` goes on, to its
    end. What `other` raises is raised to `work` in the place of the call. The rest as in `every_crash`.
    """
    return _rounds(work, disk, lambda at, machine: Fault(at, turn=partial(other, machine)), first, step)


def _rounds(
    work: Work,
    disk: SimulatedDisk | None,
    plan: Callable[[int, SimulatedDisk], Fault],
    first: int,
    step: int,
    *,
    power: bool = False,
) -> Iterator[Stop]:
    """A round for each call until the workload comes through; `plan` says what happens at a call."""
    for at in count(first, step):
        machine = disk.copy(at) if disk is not None else SimulatedDisk(at)
        stop = _round(work, machine, plan(at, machine))
        if stop is None:
            return
        if power:
            stop.disk.lose_power()
        yield stop


def _round(work: Work, machine: SimulatedDisk, fault: Fault) -> Stop | None:
    """One round; None when the workload ended before the call."""
    machine.fault = fault
    done: list[Any] = []
    raised: BaseException | None = None
    try:
        work(machine.port(), done)
    except (Crash, Exception) as error:
        raised = error
    if machine.calls < fault.at:
        if raised is not None:
            raise raised
        return None
    machine.fault = None
    machine.kill_all()
    return Stop(machine, fault.at, machine.trace[fault.at - 1], done, raised)
