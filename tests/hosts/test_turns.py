"""Another process's turn before every call that a process makes to the disk.

Whatever the two do to each other's view of the root, nobody is told a seq that another was told, nothing
that was acknowledged goes, and nobody reads a state older than what was acknowledged before it asked.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from store_support import ask, event, host_on, request, small_limits

from sxpy.cid import cid_of
from sxpy.data import Dict, from_list
from sxpy.port import read_all
from sxpy.testing import SimulatedDisk, SimulatedPort, Stop, every_crash, every_error, every_turn
from sxpy.testing.disk.machine import SimulatedFile
from sxpy_hosts.erasure import Erasure
from sxpy_hosts.errors import StoreIOError, StoreLocked, StorePoisoned
from sxpy_hosts.verify import verify

SOME = 1 if os.environ.get("SXPY_EVERY_CALL") else 11
"""The step of the loop in a loop; set SXPY_EVERY_CALL to have it meet each call."""


@pytest.fixture(autouse=True)
def _small() -> Iterator[None]:
    with small_limits():
        yield


PICTURE = "a picture"


def tear(port: SimulatedPort) -> None:
    """Leave what a process leaves that is killed while it writes to the journal."""
    *_, last = port.list("journal")
    file = port.open(f"journal/{last}", write=True)
    file.pwrite(b'(append "s" 99 {:stream "s" :seq ' + b"9" * 2000, len(read_all(file).rstrip(b"\n")) + 1)


class Rounds:
    """The two processes of one round after the other, and what they were told."""

    def __init__(self) -> None:
        self.told: dict[int, str] = {}
        self.blob = False
        """Whether somebody was told that the picture is kept."""

    def write(self, port: SimulatedPort, done: list[Any]) -> None:
        """The process whose calls are met: it opens the store, and appends four events, each at the end."""
        host = host_on(port, wait=0)
        for number in range(4):
            before = max(self.told, default=0)
            last = ask(host, "last-seq", "s")
            assert last >= before, "an acknowledged event was not seen"
            self.append(host, last, f"mine {number}")
            if number == 1:
                host.checkpoint()
            done.append(number)
        host.close()

    def begin(self, disk: SimulatedDisk) -> None:
        """Nobody has been told anything but what is on the disk."""
        self.blob = False
        host = host_on(disk.copy().port(), read_only=True)
        self.told = {event.get("seq"): event.get("data") for event in ask(host, "read", "s")}

    def append(self, host: Any, last: int, data: str) -> None:
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
                    port = disk.port()
                    host = host_on(port, wait=0)
                    if step == "append":
                        self.append(host, ask(host, "last-seq", "s"), "theirs")
                    elif step == "blob":
                        ask(host, "blob/put", PICTURE, None)
                        self.blob = True
                    elif step == "checkpoint":
                        host.checkpoint()
                    else:
                        tear(port)
                    disk.kill(port)

        return turn

    def check(self, stop: Stop) -> None:
        """All that anybody was told is there, and the store is sound."""
        if stop.raised is not None and not isinstance(stop.raised, StoreLocked):
            raise AssertionError(str(stop)) from stop.raised
        host = host_on(stop.disk.port())
        found = {event.get("seq"): event.get("data") for event in ask(host, "read", "s")}
        assert {seq: found.get(seq) for seq in self.told} == self.told, str(stop)
        assert ask(host, "kv-get", "mark") == max(found)
        if self.blob:
            assert ask(host, "blob/get", cid_of(PICTURE.encode())) == PICTURE, str(stop)
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
    "a torn write": ("append", "torn write"),
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
        rounds.append(host, ask(host, "last-seq", "s"), "left")
        host.checkpoint()
    rounds.append(host, ask(host, "last-seq", "s"), "left")


def test_another_process_before_every_call_on_what_a_kill_left() -> None:
    rounds = Rounds()
    count = 0
    for left in every_crash(leave, a_store(), power=False, step=SOME):

        def work(port: SimulatedPort, done: list[Any], disk: SimulatedDisk = left.disk) -> None:
            rounds.begin(disk)
            rounds.write(port, done)

        turn = rounds.others(*TURNS["two checkpoints"])
        for stop in every_turn(work, turn, left.disk, step=max(1, SOME // 2)):
            rounds.check(stop)
            count += 1
    print(f"{count} turns of another process on what a kill left")
    assert count > 100


@pytest.mark.parametrize("turn", TURNS)
def test_another_process_makes_the_store(turn: str) -> None:
    rounds = Rounds()

    def work(port: SimulatedPort, done: list[Any]) -> None:
        rounds.told.clear()
        rounds.write(port, done)

    for stop in every_turn(work, rounds.others(*TURNS[turn])):
        rounds.check(stop)


def erase(port: SimulatedPort, _: list[Any]) -> None:
    """A process that keeps a picture, and erases the only key that mentions it."""
    host = host_on(port)
    ask(host, "blob/put", PICTURE, None)
    ask(host, "kv-put", "picture", cid_of(PICTURE.encode()))
    host.erase(Erasure(keys=("picture",)))


def test_a_blob_that_is_put_again_while_its_removal_is_under_way() -> None:
    rounds = Rounds()
    count = 0
    for left in every_crash(erase, a_store(), power=False, step=min(SOME, 5)):

        def work(port: SimulatedPort, done: list[Any], disk: SimulatedDisk = left.disk) -> None:
            rounds.begin(disk)
            rounds.write(port, done)

        for stop in every_turn(work, rounds.others("blob", "checkpoint", "append"), left.disk, step=SOME):
            rounds.check(stop)
            count += 1
    assert count > 100


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC], ids=["EIO", "ENOSPC"])
@pytest.mark.parametrize("failures", [1, 2])
def test_other_processes_go_on_where_one_met_errors(error: int, failures: int) -> None:
    rounds, disk = Rounds(), a_store()
    turn = rounds.others(*TURNS["two checkpoints"])

    def work(port: SimulatedPort, done: list[Any]) -> None:
        rounds.begin(disk)
        host, left = None, failures
        for number in range(8):
            try:
                host = host or host_on(port, wait=0)
                if number % 3 == 1:
                    host.checkpoint()
                rounds.append(host, ask(host, "last-seq", "s"), f"mine {number}")
            except StoreIOError:
                left -= 1
                if left == 0:  # the disk is well again
                    port.disk.fault = None
                    turn(port.disk)
            done.append(number)
        if host is not None:
            host.close()

    for stop in every_error(work, error, disk, lasting=failures > 1):
        if not isinstance(stop.raised, StorePoisoned):
            rounds.check(stop)


class NoNewFiles(SimulatedPort):
    """A process that may not make new files, for as long as that is `refused`."""

    refused = False

    def open(self, path: str, *, write: bool = False, create: bool = False) -> SimulatedFile:
        if self.refused and create and not self.exists(path):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), f"{self.root}/{path}")
        return super().open(path, write=write, create=create)


def test_a_segment_that_could_not_be_begun_is_begun_by_others() -> None:
    rounds, disk = Rounds(), a_store()
    rounds.begin(disk)
    port = NoNewFiles(disk)
    host = host_on(port, wait=0)
    port.refused = True
    for refused in (host.checkpoint, lambda: rounds.append(host, 5, "mine 1")):
        with pytest.raises(StoreIOError):
            refused()
    port.refused = False
    rounds.others(*TURNS["two checkpoints"])(disk)
    rounds.append(host, ask(host, "last-seq", "s"), "mine 2")
    host.close()
    rounds.check(Stop(disk, 0, "none", [], None))
