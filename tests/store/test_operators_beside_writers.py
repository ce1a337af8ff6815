"""Operators at work while others write, whose turn comes before every call that the operator makes to a disk.

A copy or an export holds one commit, and all that was acknowledged before it was begun; a check finds nothing
wrong; and whatever rewrites the store takes nothing of the others' work away.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from store_support import ask, host_on, small_limits
from turns import TURNS, Rounds, a_store, events_of

from sxpy.host import Host
from sxpy.testing import SimulatedDisk, SimulatedPort, every_turn
from sxpy_hosts.backup import copy_store
from sxpy_hosts.disk import DiskHost
from sxpy_hosts.erasure import Erasure
from sxpy_hosts.rewriting import collect_blobs, compact
from sxpy_hosts.transfer import export, import_
from sxpy_hosts.verify import verify

SOME = 1 if os.environ.get("SXPY_EVERY_CALL") else 3
"""The step of the loops; set SXPY_EVERY_CALL to meet each call."""

OTHERS = {
    **TURNS,
    "an erasure": ("append", "erasure", "append"),
    "blobs collected": ("blob", "gc", "append", "checkpoint"),
}


@pytest.fixture(autouse=True)
def _small() -> Iterator[None]:
    with small_limits():
        yield


def copied(port: SimulatedPort) -> Host:
    """A backup, opened."""
    copy = SimulatedDisk()
    copy_store(port, copy.port())
    assert verify(copy.port()).problems == []
    return host_on(copy.port())


def exported(port: SimulatedPort) -> Host:
    """An export, imported into an empty store."""
    out = io.BytesIO()
    host = host_on(port, read_only=True)
    export(host.store, out)
    host.close()
    copy = host_on(SimulatedDisk().port())
    import_(copy.store, out.getvalue().splitlines(keepends=True), "file")
    return copy


@pytest.mark.parametrize("others", OTHERS)
@pytest.mark.parametrize("take", [copied, exported])
def test_what_is_taken_beside_writers_is_one_commit(
    take: Callable[[SimulatedPort], Host], others: str
) -> None:
    disk, rounds = a_store(), Rounds()

    def work(port: SimulatedPort, done: list[Any]) -> None:
        rounds.begin(disk)
        before = dict(rounds.told)
        copy = take(port)
        found = events_of(copy)
        assert found.items() >= before.items()
        assert found.items() <= rounds.told.items()
        assert sorted(found) == list(range(1, len(found) + 1))
        assert ask(copy, "kv-get", "mark") == len(found)

    count = 0
    for stop in every_turn(work, rounds.others(*OTHERS[others]), disk, step=SOME):
        rounds.check(stop)
        count += 1
    print(f"{count} turns")


@pytest.mark.parametrize("others", OTHERS)
def test_a_check_beside_writers_finds_nothing_wrong(others: str) -> None:
    disk, rounds = a_store(), Rounds()

    def work(port: SimulatedPort, done: list[Any]) -> None:
        rounds.begin(disk)
        assert [str(problem) for problem in verify(port).problems] == []

    count = 0
    for stop in every_turn(work, rounds.others(*OTHERS[others]), disk, step=SOME):
        rounds.check(stop)
        count += 1
    print(f"{count} turns")


REWRITING: dict[str, Callable[[DiskHost], object]] = {
    "compact": lambda host: compact(host.store),
    "gc": lambda host: collect_blobs(host.store, 0.0),
    "erase": lambda host: host.erase(Erasure(keys=("picture",))),
}


@pytest.mark.parametrize("others", OTHERS)
@pytest.mark.parametrize("what", REWRITING)
def test_what_rewrites_the_store_takes_nothing_from_writers(what: str, others: str) -> None:
    disk, rounds = a_store(), Rounds()

    def work(port: SimulatedPort, done: list[Any]) -> None:
        rounds.begin(disk)
        host = host_on(port, wait=0)
        REWRITING[what](host)
        rounds.append(host, ask(host, "last-seq", "s"), "after")
        host.close()

    count = 0
    for stop in every_turn(work, rounds.others(*OTHERS[others]), disk, step=SOME):
        rounds.blob = rounds.blob and what != "gc"
        rounds.check(stop)
        count += 1
    print(f"{count} turns")
