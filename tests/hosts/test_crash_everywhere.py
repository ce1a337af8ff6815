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
from sxpy.testing import Crash, Fault, SimulatedDisk, SimulatedPort, every_crash, every_error
from sxpy_hosts.errors import StorePoisoned
from sxpy_hosts.memory import MemoryHost
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


def model_of(operations: list[Operation]) -> MemoryHost:
    model = MemoryHost()
    run(model, operations, [])
    return model


def model_after(operations: list[Operation]) -> dict[str, Any]:
    return content(model_of(operations), BLOBS)


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


def serve(port: SimulatedPort, done: list[Operation]) -> None:
    """A process that does the whole workload."""
    host = host_on(port)
    run(host, workload(), done)
    host.close()


def states() -> list[dict[str, Any]]:
    """What the model holds after each of the operations."""
    operations = workload()
    return [model_after(operations[:count]) for count in range(len(operations) + 1)]


@pytest.mark.parametrize("power", [True, False], ids=["power loss", "killed"])
def test_a_crash_at_every_call_keeps_all_that_was_acknowledged(power: bool) -> None:
    after = states()
    for stop in every_crash(serve, power=power, step=1 if power else SOME):
        assert isinstance(stop.raised, Crash)
        assert reopened(stop.disk) in after[len(stop.done) : len(stop.done) + 2], str(stop)


def test_a_crash_where_the_disk_takes_little_at_a_time_keeps_all_that_was_acknowledged() -> None:
    after, disk = states(), SimulatedDisk()
    disk.short_writes = True
    for stop in every_crash(serve, disk, step=2 * SOME):
        assert reopened(stop.disk) in after[len(stop.done) : len(stop.done) + 2], str(stop)


def recover(port: SimulatedPort, _: list[Any]) -> None:
    """A process that opens what a stop left, mends it by writing, and settles the journal."""
    host = host_on(port)
    ask(host, "kv-delete", "absent")
    host.checkpoint()
    host.close()


def test_a_crash_during_recovery_from_a_crash_keeps_all_that_was_acknowledged() -> None:
    after, chance = states(), random.Random(7)
    for stop in every_crash(serve, step=2 * SOME if SOME > 1 else 1):
        possible = after[len(stop.done) : len(stop.done) + 2]
        disk, where = stop.disk, [str(stop)]
        for _ in range(3):
            again = next(every_crash(recover, disk, first=chance.randint(1, 60)), None)
            if again is not None:
                disk, where = again.disk, [*where, str(again)]
        assert reopened(disk) in possible, where


def work_on(port: SimulatedPort, done: list[Operation]) -> None:
    """A process that goes on after whatever is refused, until it is told that the store stops."""
    host = None
    for operation in workload():
        try:
            host = host or host_on(port)
            ask(host, *operation)
            done.append(operation)
        except StorePoisoned as error:
            error.args = (*error.args, operation)
            raise
        except EvalError as problem:
            assert "disk" in str(problem)
    if host is not None:
        host.close()


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC, errno.EACCES], ids=["EIO", "ENOSPC", "EACCES"])
@pytest.mark.parametrize("lasting", [False, True], ids=["once", "lasting"])
def test_an_error_at_every_call_is_typed_and_loses_nothing(error: int, lasting: bool) -> None:
    step = min(SOME, 2) if error == errno.EIO and not lasting else SOME
    for power in (False, True):
        for stop in every_error(
            work_on, error, lasting=lasting, power=power, first=1 + power * step, step=2 * step
        ):
            assert stop.raised is None or isinstance(stop.raised, StorePoisoned), str(stop)
            possible = [content(model_of(stop.done))]
            if stop.raised is not None:  # nobody knows whether this one happened
                possible.append(content(model_of([*stop.done, stop.raised.args[-1]])))
            found = reopened(stop.disk)
            found["blobs"] = {}
            assert found in possible, str(stop)


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
