"""Another process's turn before every call that a process makes to the disk.

Whatever the two do to each other's view of the root, nobody is told a seq that another was told, nothing
that was acknowledged goes, and nobody reads a state older than what was acknowledged before it asked.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from store_support import ask, event, host_on, request, small_limits

from sxpy.data import Dict, from_list
from sxpy.testing import SimulatedDisk, SimulatedPort, Stop, every_crash, every_turn
from sxpy_hosts.errors import StoreLocked
from sxpy_hosts.verify import verify

SOME = 1 if os.environ.get("SXPY_EVERY_CALL") else 7
"""The step of the loop in a loop; set SXPY_EVERY_CALL to have it meet each call."""


@pytest.fixture(autouse=True)
def _small() -> Iterator[None]:
    with small_limits():
        yield


class Rounds:
    """The two processes of one round after the other, and what they were told."""

    def __init__(self) -> None:
        self.told: dict[int, str] = {}

    def write(self, port: SimulatedPort, done: list[Any]) -> None:
        """The process whose calls are met: it opens the store, and appends four events, each at the end."""
        host = host_on(port, wait=0)
        for number in range(4):
            before = max(self.told, default=0)
            last = ask(host, "last-seq", "s")
            assert last >= before, "an acknowledged event was not seen"
            self._append(host, last, f"mine {number}")
            if number == 1:
                host.checkpoint()
            done.append(number)
        host.close()

    def begin(self, disk: SimulatedDisk) -> None:
        """Nobody has been told anything but what is on the disk."""
        host = host_on(disk.copy().port(), read_only=True)
        self.told = {event.get("seq"): event.get("data") for event in ask(host, "read", "s")}

    def _append(self, host: Any, last: int, data: str) -> None:
        wanted = [
            request("append-if", "s", last, event("s", last + 1, data)),
            request("kv-put", "mark", last + 1),
        ]
        answer = ask(host, "transact", from_list(wanted))
        if not isinstance(answer, Dict):  # no conflict
            assert last + 1 not in self.told, "a seq was given twice"
            self.told[last + 1] = data

    def others(self, *steps: str) -> Callable[[SimulatedDisk], None]:
        """Other processes that do these steps, each by one of its own, unless somebody holds the lock."""

        def turn(disk: SimulatedDisk) -> None:
            with contextlib.suppress(StoreLocked):
                for step in steps:
                    host = host_on(disk.port(), wait=0)
                    if step == "append":
                        self._append(host, ask(host, "last-seq", "s"), "theirs")
                    else:
                        host.checkpoint()
                    host.store.port.close()

        return turn

    def check(self, stop: Stop) -> None:
        """All that anybody was told is there, and the store is sound."""
        if stop.raised is not None and not isinstance(stop.raised, StoreLocked):
            raise AssertionError(str(stop)) from stop.raised
        host = host_on(stop.disk.port())
        found = {event.get("seq"): event.get("data") for event in ask(host, "read", "s")}
        assert {seq: found.get(seq) for seq in self.told} == self.told, str(stop)
        assert ask(host, "kv-get", "mark") == max(found)
        host.close()
        assert verify(stop.disk.port()).problems == [], str(stop)


def a_store() -> SimulatedDisk:
    """A machine with a store that has been written to for a while."""
    disk = SimulatedDisk()
    host = host_on(disk.port())
    for seq in range(1, 6):
        ask(host, "append", "s", event("s", seq, "old"))
        ask(host, "kv-put", "mark", seq)
        if seq == 3:
            host.checkpoint()
    host.store.port.close()
    return disk


TURNS = {
    "a commit": ("append",),
    "a checkpoint": ("append", "checkpoint"),
    "two checkpoints": ("append", "checkpoint", "append", "checkpoint", "append"),
}


@pytest.mark.parametrize("turn", TURNS)
def test_another_process_before_every_call(turn: str) -> None:
    disk, rounds = a_store(), Rounds()

    def work(port: SimulatedPort, done: list[Any]) -> None:
        rounds.begin(disk)
        rounds.write(port, done)

    count = 0
    for stop in every_turn(work, rounds.others(*TURNS[turn]), disk):
        rounds.check(stop)
        count += 1
    assert count > 50


def leave(port: SimulatedPort, _: list[Any]) -> None:
    """A process that is killed in the middle: it appends, and checkpoints twice."""
    rounds = Rounds()
    host = host_on(port)
    for _ in range(2):
        rounds._append(host, ask(host, "last-seq", "s"), "left")
        host.checkpoint()
    rounds._append(host, ask(host, "last-seq", "s"), "left")


def test_another_process_before_every_call_on_what_a_kill_left() -> None:
    rounds = Rounds()
    count = 0
    for left in every_crash(leave, a_store(), power=False, step=SOME):

        def work(port: SimulatedPort, done: list[Any], disk: SimulatedDisk = left.disk) -> None:
            rounds.begin(disk)
            rounds.write(port, done)

        turn = rounds.others(*TURNS["two checkpoints"])
        for stop in every_turn(work, turn, left.disk, step=max(1, SOME // 3)):
            rounds.check(stop)
            count += 1
    print(f"{count} turns of another process on what a kill left")
    assert count > 100
