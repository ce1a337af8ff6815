"""Kill rounds: a process that writes is killed at a random moment, and another looks at what is there.

Each round goes on with the store of the last one. `SXPY_KILL_ROUNDS` says how many (10 by default),
`SXPY_KILL_SEED` repeats a run.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import killing
import pytest

ROUNDS = int(os.environ.get("SXPY_KILL_ROUNDS", "10"))
SEED = int(os.environ.get("SXPY_KILL_SEED") or random.randrange(2**32))
LONGEST_LIFE = 0.12
"""Seconds: from a process that has hardly opened the store to some hundred operations."""


class Told:
    """What the writers have said so far."""

    def __init__(self) -> None:
        self.events: dict[str, dict[int, int]] = defaultdict(dict)
        """The data of every acknowledged event, by stream and seq."""
        self.used: dict[str, int] = defaultdict(int)
        """The highest seq of each stream that was ever seen: no later event may have it."""
        self.dropping: dict[str, int] = defaultdict(int)
        self.key: int | None = None

    def take(self, message: tuple[str, str, int, Any]) -> None:
        """A message of `killing.live`."""
        what, name, number, data = message
        if what == "event":
            assert number > self.used[name], f"seq {number} of {name} was used before"
            self.used[name] = number
            self.events[name][number] = data
        elif what == "dropping":
            self.dropping[name] = max(self.dropping[name], number)
        else:
            self.key = number

    def check(self, found: dict[str, Any]) -> None:
        """Everything acknowledged must be there, nothing twice, nothing that was dropped half."""
        if self.key is not None:
            assert found["key"] >= self.key
        for name, events in self.events.items():
            stream = found["streams"][name]
            seqs = [seq for seq, _ in stream["events"]]
            assert stream["last"] >= self.used[name]
            assert seqs == list(range(seqs[0], stream["last"] + 1)) if seqs else stream["last"] > 0
            there = dict(stream["events"])
            for seq, data in events.items():
                if seq in there:
                    assert there[seq] == data, f"seq {seq} of {name}"
                else:
                    assert seq <= self.dropping[name], f"seq {seq} of {name} is lost"
            self.used[name] = stream["last"]


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Processes that begin with lib/persist loaded."""
    # The server that they are forked from must find the module it is to load …
    monkeypatch.syspath_prepend(Path(killing.__file__).parent)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    # … and none of them may load the main module, which is pytest.
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)
    monkeypatch.setattr(sys.modules["__main__"], "__file__", None)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["killing"])
    return context


@contextmanager
def running(processes: Any, target: Any, *args: Any) -> Iterator[tuple[Any, Connection]]:
    """A process that runs `target(root, its end of a pipe, …)`, and our end."""
    ours, theirs = processes.Pipe(duplex=False)
    process = processes.Process(target=target, args=(args[0], theirs, *args[1:]))
    process.start()
    theirs.close()
    try:
        yield process, ours
    finally:
        process.kill()
        process.join()
        ours.close()


def received(connection: Connection) -> Iterator[Any]:
    """What was sent, until the other end is closed; a message that was cut off by the end is none."""
    try:
        while True:
            yield connection.recv()
    except (EOFError, OSError):
        return


def test_what_was_acknowledged_outlives_sigkill(processes: Any, tmp_path: Path) -> None:
    print(f"SXPY_KILL_SEED={SEED}")
    chance = random.Random(SEED)
    root, told = tmp_path / "store", Told()
    for number in range(ROUNDS):
        with running(processes, killing.live, root, number * 1_000_000) as (process, connection):
            if number % 4 != 3:  # most rounds begin to count when the writer has begun to write
                told.take(connection.recv())
            process.join(chance.uniform(0, LONGEST_LIFE))
            assert process.is_alive(), "the writer ended by itself"
            process.kill()
            for message in received(connection):
                told.take(message)
        if not root.exists():
            continue
        with running(processes, killing.look, root) as (_, connection):
            assert connection.recv() == []
            told.check(connection.recv())
    assert sum(map(len, told.events.values())) >= ROUNDS // 2


def told_three() -> Told:
    told = Told()
    for seq in (1, 2, 3):
        told.take(("event", "s", seq, 10 * seq))
    return told


def found(*seqs: int, last: int = 3) -> dict[str, Any]:
    return {"key": None, "streams": {"s": {"last": last, "events": [[seq, 10 * seq] for seq in seqs]}}}


def test_the_rounds_would_see_a_loss() -> None:
    told_three().check(found(1, 2, 3))
    for seqs, last in (((1, 2), 2), ((2, 3), 3), ((1, 3), 3), ((), 3)):
        with pytest.raises(AssertionError):
            told_three().check(found(*seqs, last=last))


def test_the_rounds_would_see_a_seq_used_twice() -> None:
    told = told_three()
    told.check(found(1, 2, 3, 4, last=4))
    with pytest.raises(AssertionError):
        told.take(("event", "s", 4, 40))


def test_the_rounds_allow_what_was_asked_to_be_dropped() -> None:
    told = told_three()
    told.take(("dropping", "s", 2, None))
    told.check(found(3))
    told.check(found(1, 2, 3))
