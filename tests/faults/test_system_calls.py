"""A kill and a disk error at the N-th call of each kind, for every N of a workload, on the real file system.

By default a sample of the points is met; `SXPY_FAULTS=all` meets every one. `SXPY_FAULTS_SEED` repeats a
sample. Each test prints how many points it met (`pytest -rP`).
"""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from store_support import ask
from strace import CHANGING, FAILING, FILLING, calls_in, known, traced, unavailable
from workers import CHECKPOINT, REOPEN, Nursery, contents, model_after, workload

from sxpy.errors import EvalError
from sxpy_hosts.memory import MemoryHost

ALL = os.environ.get("SXPY_FAULTS") == "all"
SAMPLE = 15
"""Points of each test, unless all are asked for."""
SEED = int(os.environ.get("SXPY_FAULTS_SEED") or random.randrange(2**32))

Point = tuple[str, int]
"""The name of a call, and which of the workload's calls of this name."""


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    reason = unavailable()
    if reason is not None:
        pytest.skip(reason)
    with Nursery(tmp_path_factory.mktemp("nursery")) as nursery:
        yield nursery


def points(nursery: Nursery, scratch: Path, task: str, calls: frozenset[str], **options: Any) -> list[Point]:
    """Where a fault can be put: all points, or a sample that has every kind of call."""
    log = scratch / "calls"
    told = traced(nursery.process(task, scratch / "whole", **options), log, calls)
    assert told[-1] == "done", told
    found = [(call, n) for call, count in sorted(calls_in(log).items()) for n in range(1, count + 1)]
    if ALL:
        return found
    chance = random.Random(SEED)
    print(f"SXPY_FAULTS_SEED={SEED}")
    one_each = {call: chance.choice([point for point in found if point[0] == call]) for call, _ in found}
    return sorted({*one_each.values(), *chance.sample(found, min(SAMPLE, len(found)))})


def report(what: str, met: Counter[str]) -> None:
    print(f"{what}: {met.total()} points,", ", ".join(f"{call} {n}" for call, n in sorted(met.items())))


def test_a_kill_at_every_system_call_keeps_all_that_was_acknowledged(
    nursery: Nursery, tmp_path: Path
) -> None:
    calls = known(CHANGING)
    operations = workload()
    states = [model_after(operations[:count]) for count in range(len(operations) + 1)]
    met: Counter[str] = Counter()
    for call, n in points(nursery, tmp_path, "write", calls):
        root, log = tmp_path / "root", tmp_path / "log"
        told = traced(nursery.process("write", root), log, calls, f"{call}:signal=KILL:when={n}")
        where = f"{call} {n}, after operation {len(told)}"
        assert "killed by SIGKILL" in log.read_text(encoding="utf-8"), where
        acknowledged = [number for number in told if number != "done"]
        assert acknowledged == list(range(1, len(acknowledged) + 1)), where
        assert nursery.found(root) in states[len(acknowledged) : len(acknowledged) + 2], where
        met[call] += 1
        shutil.rmtree(root, ignore_errors=True)
    report("killed", met)


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "lasting"])
@pytest.mark.parametrize("error", ["EIO", "ENOSPC"])
def test_a_disk_error_at_every_system_call_is_typed_and_loses_nothing(
    nursery: Nursery, tmp_path: Path, error: str, lasting: bool
) -> None:
    calls = known(FAILING if error == "EIO" else FILLING)
    met: Counter[str] = Counter()
    visible = 0
    for call, n in points(nursery, tmp_path, "stumble", calls, lasting=lasting):
        root, log = tmp_path / "root", tmp_path / "log"
        inject = f"{call}:error={error}:when={n}{'+' if lasting else ''}"
        told = traced(nursery.process("stumble", root, lasting=lasting), log, calls, inject)
        where = f"{inject}: {told}"
        assert "(INJECTED)" in log.read_text(encoding="utf-8"), where
        assert told[-1:] == ["done"], where
        possible = follow(told[:-1], tmp_path, where)
        assert nursery.found(root) in possible, where
        met[call] += 1
        visible += any(row[1] in ("refused", "poisoned") for row in told[:-1])
        shutil.rmtree(root, ignore_errors=True)
    report(f"{error} {'lasting' if lasting else 'once'} ({visible} seen by the program)", met)


@pytest.mark.parametrize("fault", ["signal=KILL", "error=EIO", "error=ENOSPC"])
def test_a_restore_that_is_stopped_at_any_system_call_has_brought_back_all_or_nothing(
    nursery: Nursery, tmp_path: Path, fault: str
) -> None:
    backup, root, log = tmp_path / "backup", tmp_path / "restored" / "root", tmp_path / "log"
    assert nursery.do("write", backup)[-1] == "done"
    shutil.copytree(backup, tmp_path / "to look at")
    expected = nursery.found(tmp_path / "to look at")
    options = {"backup": str(backup)}
    calls = known(FILLING if fault == "error=ENOSPC" else CHANGING)
    met: Counter[str] = Counter()
    whole = 0
    for call, n in points(nursery, tmp_path, "restore", calls, **options):
        if call == "write" and fault != "signal=KILL":
            continue  # what it would tell would be lost
        told = traced(nursery.process("restore", root, **options), log, calls, f"{call}:{fault}:when={n}")
        where = f"{call} {n}: {told}"
        if root.exists():
            whole += 1
            assert nursery.found(root) == expected, where
            assert told[:1] in ([], ["done"]) or "though it is whole" in told[0][1], where
        else:
            assert told[:1] != ["done"], where
        if fault != "signal=KILL":
            assert told[-1] == "done", where
            assert told[0] == "done" or str(tmp_path) in told[0][1], where
            assert set(root.parent.glob(".*")) == set() or "unlink" in call, where
        met[call] += 1
        shutil.rmtree(root.parent, ignore_errors=True)
    report(f"restore, {fault} ({whole} times all was there)", met)


def follow(told: list[Any], place: Path, where: str) -> list[dict[str, Any]]:
    """What the store may hold after what was told; fails when an error names nothing in `place`, where the
    store lies, and is not one that the model has too."""
    operations, model = workload(), MemoryHost()
    possible: list[dict[str, Any]] = []
    for number, outcome, detail in told:
        operation = operations[number - 1]
        if outcome == "ok":
            if operation not in (REOPEN, CHECKPOINT):
                ask(model, *operation)
            possible = [contents(model)]
        elif outcome == "refused":
            if str(place) not in detail:  # not the disk's error, so the model has it too
                with pytest.raises(EvalError, match="seq"):
                    ask(model, *operation)
        elif outcome == "poisoned":
            assert str(place) in detail, where
            before = contents(model)
            if operation not in (REOPEN, CHECKPOINT):
                ask(model, *operation)
            possible = [before, contents(model)]
        elif outcome == "stays poisoned":
            assert detail, where
        else:
            assert outcome == "holds", where
            assert detail in possible, where
            if detail == possible[0] != possible[-1]:
                # It was not done: go on as if it had not been asked for.
                model = MemoryHost()
                for row in told[: told.index([number, outcome, detail])]:
                    if row[1] == "ok" and operations[row[0] - 1] not in (REOPEN, CHECKPOINT):
                        ask(model, *operations[row[0] - 1])
            possible = [detail]
    return possible or [contents(model)]
