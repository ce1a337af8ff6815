"""A crash at every call of a store to its disk: what was acknowledged stays, and nothing is there in half.

A workload that meets every kind of change, checkpoints, rewrites and splits runs on a simulated disk that
stops at call 1, then 2, and so on to the last. After each, power included, the store must open and hold
what the model holds either before or after the operation that was under way.
"""

from __future__ import annotations

import contextlib
import errno
import os
import random
from collections.abc import Iterator
from typing import Any

import pytest
from store_support import ask, content, event, host_on, request, small_limits

from sxpy.cid import cid_of
from sxpy.data import Bytevector, Dict, from_list
from sxpy.errors import EvalError
from sxpy.host import Host
from sxpy_hosts.errors import StorePoisoned
from sxpy_hosts.memory import MemoryHost
from sxpy_hosts.simulated import Crash, Fault, SimulatedDisk
from sxpy_hosts.verify import verify

BLOBS = (cid_of(b"picture"), cid_of(b"\xff\x00"))

Operation = tuple[Any, ...]

SOME = 1 if os.environ.get("SXPY_EVERY_CALL") else 5
"""The step of the variants that do not meet each call; set SXPY_EVERY_CALL to have them do so."""


def workload() -> list[Operation]:
    """Operations that a store must survive being stopped in."""
    operations: list[Operation] = []
    for seq in range(1, 6):
        operations.append(("append", "orders", event("orders", seq, "x" * 90)))
    operations += [
        ("append-many", "batch", from_list([event("batch", seq) for seq in (1, 2, 3)])),
        ("kv-put", "k", Dict({"n": 1})),
        ("kv-put", "other", "o" * 200),
        ("append-once", "once", "idem/once/a", event("once", 1)),
        ("truncate", "orders", 3),
        ("append-once", "once", "idem/once/a", event("once", 2)),
        ("blob/put", "picture", "image/png"),
        ("blob/put", Bytevector(b"\xff\x00"), "image/png"),
        ("kv-delete", "k"),
        (
            "transact",
            from_list(
                [
                    request("append", "a", event("a", 1)),
                    request("append", "b", event("b", 7)),
                    request("kv-put", "both", 2),
                    request("truncate", "batch", 2),
                ]
            ),
        ),
        ("append-if", "a", 1, event("a", 2)),
        ("append-if", "a", 1, event("a", 2)),
        ("truncate", "orders", 99),
        ("append", "orders", event("orders", 6)),
        ("kv-cas", "other", "o" * 200, "short"),
    ]
    for number in range(8):
        operations.append(("kv-put", f"key {number}", "v" * 100))
        operations.append(("append", f"stream {number}", event(f"stream {number}", 1)))
    operations += [
        ("truncate", "stream 1", 1),
        ("kv-put", "key 3", "again"),
        ("append", "orders", event("orders", 9, "gap")),
        ("append", "long" * 70, event("long", 1)),
        ("kv-put", "long" * 70, 1),
    ]
    return operations


def run(host: Host, operations: list[Operation], done: list[Operation]) -> None:
    """Do the operations; `done` grows by each that was acknowledged or refused."""
    for operation in operations:
        ask(host, *operation)
        done.append(operation)


def model_after(operations: list[Operation]) -> dict[str, Any]:
    model = MemoryHost()
    run(model, operations, [])
    return content(model, BLOBS)


def calls_of_the_workload() -> int:
    disk = SimulatedDisk()
    host = host_on(disk.port())
    run(host, workload(), [])
    host.close()
    return disk.calls


@pytest.fixture(autouse=True)
def _small() -> Iterator[None]:
    with small_limits():
        yield


def test_the_workload_checkpoints_and_splits() -> None:
    disk = SimulatedDisk()
    host = host_on(disk.port())
    run(host, workload(), [])
    assert sum(call == "rename manifest.sx.new" for call in disk.trace) >= 3
    assert any(
        (path.startswith("keys/") and len(path.split("/")[1]) > len("-.1.sx")) or path.startswith("keys/a.")
        for path in disk.files()
    )
    assert content(host, BLOBS) == model_after(workload())
    assert verify(disk.port()).problems == []


def reopened(disk: SimulatedDisk) -> dict[str, Any]:
    """What a new process finds, with a write to make it mend and tidy; then the check."""
    host = host_on(disk.port())
    found = content(host, BLOBS)
    ask(host, "kv-put", "after", 1)
    ask(host, "kv-delete", "after")
    assert content(host, BLOBS) == found
    host.close()
    disk.lose_power()  # what was found, and was built on, must be durable now
    host = host_on(disk.port())
    assert content(host, BLOBS) == found
    host.close()
    assert verify(disk.port()).problems == []
    return found


@pytest.mark.parametrize("power", [True, False], ids=["power loss", "killed"])
def test_a_crash_at_every_call_keeps_all_that_was_acknowledged(power: bool) -> None:
    operations = workload()
    states = [model_after(operations[:count]) for count in range(len(operations) + 1)]
    for at in range(1, calls_of_the_workload() + 1, 1 if power else SOME):
        disk = SimulatedDisk(seed=at)
        disk.fault = Fault(at)
        done: list[Operation] = []
        port = disk.port()
        with pytest.raises(Crash):
            host = host_on(port)
            run(host, operations, done)
            host.close()
            pytest.fail("no crash")
        where = f"call {at}: {disk.trace[-1]}, operation {len(done)}"
        disk.fault = None
        if power:
            disk.lose_power()
        found = reopened(disk)
        assert found in states[len(done) : len(done) + 2], where


def test_a_crash_during_recovery_from_a_crash_keeps_all_that_was_acknowledged() -> None:
    operations = workload()
    states = [model_after(operations[:count]) for count in range(len(operations) + 1)]
    chance = random.Random(7)
    total = calls_of_the_workload()
    for round_ in range(150 if SOME > 1 else 3000):
        disk = SimulatedDisk(seed=round_)
        disk.fault = Fault(chance.randint(1, total))
        done: list[Operation] = []
        with pytest.raises(Crash):
            host = host_on(disk.port())
            run(host, operations, done)
            host.close()
        for _ in range(3):
            disk.lose_power()
            disk.fault = Fault(disk.calls + chance.randint(1, 60))
            try:
                host = host_on(disk.port())
                ask(host, "kv-delete", "absent")
                host.checkpoint()
                host.close()
            except Crash:
                pass
        disk.fault = None
        disk.lose_power()
        assert reopened(disk) in states[len(done) : len(done) + 2], f"round {round_}"


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC], ids=["EIO", "ENOSPC"])
@pytest.mark.parametrize("lasting", [False, True], ids=["once", "lasting"])
def test_an_error_at_every_call_is_typed_and_loses_nothing(error: int, lasting: bool) -> None:
    operations = workload()
    step = min(SOME, 2) if error == errno.EIO and not lasting else SOME
    for at in range(1, calls_of_the_workload() + 1, step):
        disk = SimulatedDisk(seed=at)
        disk.fault = Fault(at, error, lasting=lasting)
        port = disk.port()
        model, unsure, host = MemoryHost(), [], None
        for operation in operations:
            try:
                host = host or host_on(port)
                ask(host, *operation)
                ask(model, *operation)
            except StorePoisoned:
                unsure = [operation]
                break
            except EvalError as problem:
                assert "disk" in str(problem)
        where = f"call {at}: {disk.trace[at - 1 :][:1]}"
        possible = [content(model)]
        for operation in unsure:
            ask(model, *operation)
            possible.append(content(model))
        disk.fault = None
        if host is not None:
            host.close()
        disk.kill(port)
        if at % 2:
            disk.lose_power()
        found = reopened(disk)
        found["blobs"] = {}
        assert found in possible, where


def test_an_interrupt_at_every_call_leaves_memory_and_disk_the_same() -> None:
    operations = workload()
    for at in range(1, calls_of_the_workload() + 1, SOME):
        disk = SimulatedDisk(seed=at)
        host = host_on(disk.port())
        disk.fault = Fault(disk.calls + at, interrupt=KeyboardInterrupt())
        model = MemoryHost()
        for operation in operations:
            try:
                ask(host, *operation)
            except KeyboardInterrupt:
                where = f"call {at}: {disk.trace[-1]}"
                before = content(model)
                with contextlib.suppress(EvalError):
                    ask(model, *operation)
                assert content(host) in (before, content(model)), where
                # Whether it happened is now for the program to find out: start over from what there is.
                break
            ask(model, *operation)
        disk.fault = None
        found = content(host)
        ask(host, "append", "more", event("more", 1))
        disk.lose_power()
        again = host_on(disk.port())
        assert ask(again, "last-seq", "more") == 1
        found["streams"]["more"] = content(again)["streams"]["more"]
        assert content(again) == found
        assert verify(disk.port()).problems == []
