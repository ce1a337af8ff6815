"""Another process's turn before every call that a process makes to the disk.

Whatever the two do to each other's view of the root, nobody is told a seq that another was told, nothing
that was acknowledged goes, and nobody reads a state older than what was acknowledged before it asked.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from typing import Any

import pytest
from store_support import ask, host_on, small_limits
from turns import PICTURE, TURNS, Rounds, a_store

from sxpy.cid import cid_of
from sxpy.testing import SimulatedDisk, SimulatedPort, Stop, every_crash, every_error, every_turn
from sxpy.testing.disk.machine import SimulatedFile
from sxpy_hosts.erasure import Erasure
from sxpy_hosts.errors import StoreIOError, StorePoisoned

SOME = 1 if os.environ.get("SXPY_EVERY_CALL") else 11
"""The step of the loop in a loop; set SXPY_EVERY_CALL to have it meet each call."""


@pytest.fixture(autouse=True)
def _small() -> Iterator[None]:
    with small_limits():
        yield


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
    print(f"{count} turns")
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
    print(f"{count} turns")
    assert count > 100


@pytest.mark.parametrize("turn", TURNS)
def test_another_process_makes_the_store(turn: str) -> None:
    rounds = Rounds()

    def work(port: SimulatedPort, done: list[Any]) -> None:
        rounds.told.clear()
        rounds.write(port, done)

    count = 0
    for stop in every_turn(work, rounds.others(*TURNS[turn])):
        rounds.check(stop)
        count += 1
    print(f"{count} turns")


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
    print(f"{count} turns")
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
