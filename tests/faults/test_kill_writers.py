"""Kill rounds with several writers: processes that write to one root at a time are killed at random moments.

In each round the writers are killed one after the other, so that some meet what others left behind; then a
fresh process looks. `SXPY_KILL_ROUNDS` says how many rounds (6 by default), `SXPY_KILL_SEED` repeats the
moments. Prints the figures (`pytest -rP`). One writer through lib/persist: `tests/serve/test_kill.py`.
"""

from __future__ import annotations

import os
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from workers import Nursery

ROUNDS = int(os.environ.get("SXPY_KILL_ROUNDS", "6"))
SEED = int(os.environ.get("SXPY_KILL_SEED") or random.randrange(2**32))
WRITERS = 4
LONGEST_LIFE = 0.15
"""Seconds."""
FRESH = 50
"""Rounds after which a new root is begun: reading everything must not become the whole of the test."""


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    with Nursery(tmp_path_factory.mktemp("nursery")) as nursery:
        yield nursery


class Told:
    """What the writers of one root have said so far."""

    def __init__(self) -> None:
        self.events: dict[str, dict[int, Any]] = defaultdict(dict)
        self.marks: dict[str, int] = {}

    def take(self, stream: str, seq: int, data: Any) -> None:
        """An acknowledged event: nobody else may have been told this seq."""
        before = self.events[stream].setdefault(seq, data)
        assert before is data, f"seq {seq} of {stream} was given twice: to {before} and to {data}"
        if stream == "shared":
            mark = f"mark {data[0]}"
            self.marks[mark] = max(self.marks.get(mark, 0), data[1])

    def check(self, found: dict[str, Any]) -> None:
        """Every acknowledged event is there as it was, and nothing is there twice or in half."""
        assert found["problems"] == []
        for stream, events in self.events.items():
            last, count, rows = found["streams"].get(stream, (0, 0, []))
            assert [seq for seq, _ in rows] == list(range(1, last + 1)), stream
            assert count == len(rows)
            there = dict(rows)
            lost = {seq: data for seq, data in events.items() if there.get(seq) != data}
            assert not lost, f"{stream}: {lost}"
        for mark, seq in self.marks.items():
            assert found["keys"][mark] >= seq
        # A transaction is whole: a writer's key tells of its last event in the shared stream.
        last_by: dict[str, int] = {}
        for _, (me, seq, _) in found["streams"].get("shared", (0, 0, []))[2]:
            last_by[f"mark {me}"] = seq
        assert found["keys"] == last_by


def test_what_several_writers_were_told_outlives_sigkill(nursery: Nursery, tmp_path: Path) -> None:
    print(f"SXPY_KILL_SEED={SEED}")
    chance = random.Random(SEED)
    acknowledged = kills = 0
    told = Told()
    for number in range(ROUNDS):
        root = tmp_path / f"root {number // FRESH}"
        if number % FRESH == 0:
            acknowledged += sum(map(len, told.events.values()))
            told = Told()
        writers = [nursery.process("compete", root, me=me) for me in range(WRITERS)]
        for writer in writers:
            writer.go()
        if number % 4:  # most rounds begin to count when somebody writes
            told.take(*writers[0].one())
        for writer in writers:
            time.sleep(chance.uniform(0, LONGEST_LIFE / WRITERS * 2))
            writer.kill()
            kills += 1
        for writer in writers:
            for message in writer.rest():
                assert len(message) == 3 and isinstance(message[1], int), message
                told.take(*message)
        told.check(nursery.do("look beside", root)[0])
    acknowledged += sum(map(len, told.events.values()))
    print(f"{ROUNDS} rounds, {WRITERS} writers, {kills} kills, {acknowledged} events acknowledged, 0 lost")
    assert acknowledged >= ROUNDS


def test_the_rounds_would_see_a_loss() -> None:
    told = Told()
    told.take("own 1", 1, [1, 1, 0])
    told.take("own 1", 2, [1, 2, 0])
    whole = {"problems": [], "keys": {}, "streams": {"own 1": [2, 2, [[1, [1, 1, 0]], [2, [1, 2, 0]]]]}}
    told.check(whole)
    for rows in ([[1, [1, 1, 0]]], [[1, [1, 1, 0]], [2, [9, 9, 9]]], [[2, [1, 2, 0]]]):
        with pytest.raises(AssertionError):
            told.check({**whole, "streams": {"own 1": [rows[-1][0], len(rows), rows]}})
    with pytest.raises(AssertionError):
        told.take("own 1", 2, [2, 1, 0])
