"""Compact, gc, import, erase, repair and the copy of a backup, stopped and failed at every call to the disk.

After each of it the store must be sound and hold what it held before or what it should hold afterwards, and
doing the same again must finish. By default some of the calls are met; SXPY_EVERY_CALL=1 meets each. How
many were met is printed (`pytest -rP`).
"""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from store_support import ask, content, event, host_on, small_limits
from test_erase import LOGO, PICTURE, erase_event, fill

from sxpy.cid import cid_of
from sxpy.port import SyncError
from sxpy.testing import (
    Crash,
    Port,
    SimulatedDisk,
    SimulatedPort,
    Stop,
    every_crash,
    every_error,
)
from sxpy_hosts.backup import copy_store
from sxpy_hosts.disk import DiskHost
from sxpy_hosts.errors import StoreError
from sxpy_hosts.repair import repair
from sxpy_hosts.rewriting import collect_blobs, compact
from sxpy_hosts.transfer import export, import_
from sxpy_hosts.verify import verify

SOME = 1 if os.environ.get("SXPY_EVERY_CALL") else 9
"""The step of the loops; the steps of different loops begin at different calls."""
LOST = "nothing mentions this"
BLOBS = (cid_of(PICTURE), cid_of(LOGO.encode()), cid_of(LOST.encode()))

Content = dict[str, Any]


@pytest.fixture(autouse=True)
def _small() -> Iterator[None]:
    with small_limits():
        yield


def prepared() -> SimulatedDisk:
    """A store with logs, dead bytes, a journal, a torn write that was kept, and a blob that nobody needs."""
    disk = SimulatedDisk()
    host = host_on(disk.port())
    fill(host)
    ask(host, "blob/put", LOST, None)
    for seq in range(1, 6):
        ask(host, "append", "log", event("log", seq, "y" * 80))
    host.checkpoint()
    ask(host, "truncate", "log", 3)
    ask(host, "truncate", "orders", 1)
    host.checkpoint()
    ask(host, "append", "log", event("log", 6, "in the journal"))
    ask(host, "kv-put", "k", "in the journal")
    disk.put("aside/journal-0000000009.sx-9.torn", b"torn")
    disk.put("streams/6c6f67.77.log", b"left by a checkpoint that did not end")
    return disk.copy()


def damaged() -> SimulatedDisk:
    """The same with a bit of a log and one of a bucket flipped, so that something is lost."""
    disk = prepared()
    for directory in ("streams/6f", "keys/"):
        _, path = max((len(data), path) for path, data in disk.files().items() if path.startswith(directory))
        data = bytearray(disk.files()[path])
        data[len(data) // 2] ^= 1
        disk.put(path, bytes(data))
    return disk


@cache
def foreign_export() -> list[bytes]:
    """An export with a stream, keys and a blob that the prepared store has not."""
    host = host_on(SimulatedDisk().port())
    for seq in range(1, 7):
        ask(host, "append-once", "foreign", f"idem/foreign/{seq}", event("foreign", seq, "z" * 60))
    ask(host, "append", "log", event("log", 9, "a later one"))
    ask(host, "truncate", "log", 9)
    ask(host, "blob/put", "foreign bytes", None)
    out = io.BytesIO()
    export(host.store, out)
    return out.getvalue().splitlines(keepends=True)


def on_store(work: Callable[[DiskHost], object]) -> Callable[[Port], None]:
    """An operator's work, in a process of its own."""

    def run(port: Port) -> None:
        host = host_on(port)
        work(host)
        host.close()

    return run


OPERATORS: dict[str, Callable[[Port], object]] = {
    "compact": on_store(lambda host: compact(host.store)),
    "gc": on_store(lambda host: collect_blobs(host.store, 0.0)),
    "import": on_store(lambda host: import_(host.store, foreign_export(), "file")),
    "erase": on_store(erase_event),
    "repair": lambda port: repair(port, give_up=True),
}


@dataclass(frozen=True)
class Case:
    """An operator's work, where it begins, and what the store holds before it and afterwards."""

    work: Callable[[Port], object]
    disk: SimulatedDisk
    possible: tuple[Content, ...]
    after: Content

    def __call__(self, port: SimulatedPort, done: list[Any]) -> None:
        self.work(port)
        done.append("all of it")


@pytest.fixture(params=OPERATORS)
def case(request: pytest.FixtureRequest) -> Case:
    work = OPERATORS[request.param]
    disk = damaged() if request.param == "repair" else prepared()
    twin = disk.copy()
    # What is damaged cannot be asked, and is damaged or mended after a stop.
    before = () if request.param == "repair" else (everything(twin.copy()),)
    work(twin.port())
    after = everything(twin)
    assert verify(twin.port()).problems == []
    assert after not in before or request.param == "compact", "there was nothing to do"
    return Case(work, disk, (*before, after), after)


def everything(disk: SimulatedDisk) -> Content:
    host = host_on(disk.port())
    found = content(host, BLOBS)
    host.close()
    return found


def check(case: Case, stop: Stop) -> None:
    """What is there is sound, whole, and can be finished; a power loss after that changes nothing."""
    where, disk = f"{stop}, {stop.raised!r}", stop.disk
    report = verify(disk.port())
    if report.ok:
        found = everything(disk)
        assert found in case.possible, where
        assert found == case.after or not stop.done, where
        disk.lose_power()
        assert everything(disk) == found, where
    else:
        assert len(case.possible) == 1 and not stop.done, f"{where}: {report.problems[0]}"
    case.work(disk.port())
    disk.lose_power()
    assert everything(disk) == case.after, where
    report = verify(disk.port())
    assert report.problems == [], where


@pytest.mark.parametrize("power", [True, False], ids=["power loss", "killed"])
def test_an_operator_that_is_stopped_at_any_call_has_done_all_or_nothing(case: Case, power: bool) -> None:
    points = 0
    for stop in every_crash(case, case.disk, power=power, first=1 + power, step=SOME):
        assert isinstance(stop.raised, Crash)
        check(case, stop)
        points += 1
    print(f"stopped at {points} calls")
    assert points * SOME > 20


def recover(port: SimulatedPort, _: list[Any]) -> None:
    """A process that opens what a stop left and writes, so that it mends and tidies."""
    try:
        host = host_on(port)
        ask(host, "kv-delete", "absent")
        host.checkpoint()
        host.close()
    except StoreError:
        pass  # damaged, before a repair


def test_an_operator_that_is_stopped_again_in_the_recovery_has_done_all_or_nothing(case: Case) -> None:
    points = 0
    for number, stop in enumerate(every_crash(case, case.disk, first=3, step=2 * SOME)):
        for again in every_crash(recover, stop.disk, first=1 + number % 5, step=2 * SOME):
            points += 1
            check(case, Stop(again.disk, stop.at, f"{stop.call}, then {again}", stop.done, again.raised))
    print(f"stopped at {points} pairs of calls")
    assert points > 10


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC], ids=["EIO", "ENOSPC"])
@pytest.mark.parametrize("lasting", [False, True], ids=["once", "lasting"])
def test_an_operator_for_whom_any_call_fails_says_so_and_has_done_all_or_nothing(
    case: Case, error: int, lasting: bool
) -> None:
    points = seen = 0
    for stop in every_error(
        case, error, case.disk, lasting=lasting, power=lasting, first=1 + lasting, step=SOME
    ):
        assert stop.raised is None or isinstance(stop.raised, StoreError), f"{stop}: {stop.raised!r}"
        assert stop.done or stop.raised is not None
        points, seen = points + 1, seen + (stop.raised is not None)
        check(case, stop)
    print(f"failed {points} calls, of which {seen} were told")
    assert seen * SOME > 20


# -- copying a store -------------------------------------------------------------------------------------


def test_a_copy_is_whole_and_on_the_disk_when_it_is_said_to_be_done() -> None:
    source = prepared()
    expected = everything(source.copy())
    for seed in range(40):
        target = SimulatedDisk(seed)
        target.short_writes = seed % 2 == 0
        copy_store(source.port(), target.port())
        target.lose_power()
        assert everything(target) == expected, seed
        assert verify(target.port()).problems == [], seed


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "lasting"])
def test_a_copy_for_which_any_call_fails_says_so_and_leaves_the_source_alone(lasting: bool) -> None:
    source = prepared()
    expected, before = everything(source.copy()), source.files()

    def from_it(port: SimulatedPort, done: list[Any]) -> None:
        target = SimulatedDisk()
        copy_store(port, target.port())
        done.append(target)

    def to_it(port: SimulatedPort, done: list[Any]) -> None:
        copy_store(source.copy().port(), port)
        done.append(port.disk)

    for work, disk in ((from_it, source), (to_it, None)):
        for error in (errno.EIO, errno.ENOSPC, errno.EACCES):
            for stop in every_error(work, error, disk, lasting=lasting, step=SOME):
                if stop.done:
                    assert everything(stop.done[0].copy()) == expected, str(stop)
                else:
                    assert isinstance(stop.raised, (OSError, StoreError)), str(stop)
                    is_sync = "sync" in stop.call
                    assert isinstance(stop.raised, SyncError) or not is_sync or work is from_it, str(stop)
    assert source.files() == before
