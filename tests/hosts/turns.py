"""Processes that share one simulated disk and take turns, and what each was told."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from store_support import ask, event, host_on, request

from sxpy.cid import cid_of
from sxpy.data import Dict, from_list
from sxpy.host import Host
from sxpy.port import Port, read_all
from sxpy.testing import SimulatedDisk, SimulatedPort, Stop
from sxpy_hosts.disk import DiskHost
from sxpy_hosts.erasure import Erasure
from sxpy_hosts.errors import StoreLocked
from sxpy_hosts.rewriting import collect_blobs
from sxpy_hosts.verify import verify

PICTURE = "a picture"


def tear(port: Port) -> None:
    """Leave what a process leaves that is killed while it writes to the journal."""
    *_, last = port.list("journal")
    file = port.open(f"journal/{last}", write=True)
    file.pwrite(b'(append "s" 99 {:stream "s" :seq ' + b"9" * 2000, len(read_all(file).rstrip(b"\n")) + 1)


def events_of(host: Host) -> dict[int, str]:
    """What the stream of the rounds holds: the data of its events by seq."""
    return {event.get("seq"): event.get("data") for event in ask(host, "read", "s")}


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
        self.told = events_of(host)

    def append(self, host: Host, last: int, data: str) -> None:
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
                    STEPS[step](self, host_on(port, wait=0))
                    disk.kill(port)

        return turn

    def check(self, stop: Stop) -> None:
        """All that anybody was told is there, and the store is sound."""
        if stop.raised is not None and not isinstance(stop.raised, StoreLocked):
            raise AssertionError(str(stop)) from stop.raised
        host = host_on(stop.disk.port())
        found = events_of(host)
        assert {seq: found.get(seq) for seq in self.told} == self.told, str(stop)
        assert ask(host, "kv-get", "mark") == max(found)
        if self.blob:
            assert ask(host, "blob/get", cid_of(PICTURE.encode())) == PICTURE, str(stop)
        host.close()
        assert verify(stop.disk.port()).problems == [], str(stop)

    def _append(self, host: DiskHost) -> None:
        self.append(host, ask(host, "last-seq", "s"), "theirs")

    def _put_blob(self, host: DiskHost) -> None:
        ask(host, "blob/put", PICTURE, None)
        self.blob = True

    def _collect_blobs(self, host: DiskHost) -> None:
        collect_blobs(host.store, 0.0)
        self.blob = False


STEPS: dict[str, Callable[[Rounds, DiskHost], object]] = {
    "append": Rounds._append,
    "checkpoint": lambda rounds, host: host.checkpoint(),
    "torn write": lambda rounds, host: tear(host.store.port),
    "blob": Rounds._put_blob,
    "gc": Rounds._collect_blobs,
    "erasure": lambda rounds, host: host.erase(Erasure(keys=("not there",))),
}
"""What a process can do in its turn."""


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
