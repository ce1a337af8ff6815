"""Any workload, stopped anywhere, any number of times: always a state that the model passed through.

Where `test_crash_everywhere` stops one workload at each of its calls, this takes workloads, limits, stops
and what a stop leaves from a seed. Set SXPY_SEEDS to try more of them.
"""

from __future__ import annotations

import contextlib
import os
import random
from typing import Any

import pytest
from store_support import ask, content, event, host_on, request, small_limits

from sxpy.cid import cid_of
from sxpy.data import Bytevector, from_list
from sxpy.errors import EvalError
from sxpy.host import Host
from sxpy.testing import Crash, Fault, SimulatedDisk
from sxpy_hosts.errors import StoreError, StorePoisoned
from sxpy_hosts.memory import MemoryHost
from sxpy_hosts.verify import verify

SEEDS = int(os.environ.get("SXPY_SEEDS", "40"))
BLOBS = tuple(cid_of(data) for data in (b"text", b"\xff"))
STREAMS = ["a", "b", "c/d", "", "long" * 70]
KEYS = [*(f"key {number}" for number in range(8)), "", "idem/a/1", "long" * 70]

Operation = tuple[Any, ...]


def an_operation(chance: random.Random, model: Host) -> Operation:
    """An operation that may be sensible or not, given what the model holds."""
    stream, other = chance.choice(STREAMS), chance.choice(STREAMS)
    key, value = chance.choice(KEYS), chance.choice([None, 1, "text", "v" * chance.choice([10, 200, 900])])
    seq = ask(model, "last-seq", stream) + chance.choice([0, 1, 1, 1, 1, 3])
    after = ask(model, "last-seq", other) + 1
    return chance.choice(
        [
            ("append", stream, event(stream, max(1, seq), value)),
            ("append", stream, event(stream, max(1, seq), value)),
            (
                "append-many",
                stream,
                from_list([event(stream, max(1, seq) + step, value) for step in (0, 1, 5)]),
            ),
            ("append-once", stream, "idem/a/1", event(stream, max(1, seq), value)),
            ("append-if", stream, max(0, seq - 1), event(stream, max(1, seq), value)),
            ("truncate", stream, chance.randint(0, seq + 1)),
            ("kv-put", key, value),
            ("kv-put", key, value),
            ("kv-delete", key),
            ("kv-cas", key, ask(model, "kv-get", key), value),
            ("blob/put", chance.choice(["text", Bytevector(b"text"), Bytevector(b"\xff")]), "m"),
            (
                "transact",
                from_list(
                    [
                        request("append", other, event(other, after, value)),
                        request("truncate", other, after - chance.randint(0, 3)),
                        request("kv-put", key, after),
                        request("append", other, event(other, after + chance.choice([0, 1, 1]))),
                    ]
                ),
            ),
        ]
    )


def a_fault(chance: random.Random, disk: SimulatedDisk) -> Fault:
    at = disk.calls + chance.randint(1, 250)
    kind = chance.choice(["crash", "crash", "error", "interrupt"])
    if kind == "error":
        return Fault(at, chance.choice([5, 28]), lasting=chance.random() < 0.3)
    return Fault(at, interrupt=KeyboardInterrupt()) if kind == "interrupt" else Fault(at)


def apply(model: MemoryHost, operation: Operation) -> None:
    with contextlib.suppress(StoreError):  # refused by the model as it was by the store
        ask(model, *operation)


class Machine:
    """A disk, a process on it, and the model with what may or may not have happened on top."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.disk = SimulatedDisk(seed)
        self.done: list[Operation] = []
        self.port = self.disk.port()
        self.host: Host | None = None

    def model(self, *more: Operation) -> MemoryHost:
        model = MemoryHost()
        for operation in (*self.done, *more):
            apply(model, operation)
        return model

    def step(self) -> None:
        """One operation, with whatever happens to it, and a restart if that was the end of the process."""
        model = self.model()
        operation = an_operation(self.chance, model)
        try:
            if self.host is None:
                self.host = host_on(self.port)
            ask(self.host, *operation)
            self.done.append(operation)
        except (Crash, StorePoisoned, KeyboardInterrupt) as stop:
            self.disk.fault = None
            if self.host is None or not isinstance(stop, KeyboardInterrupt) or self.chance.random() < 0.3:
                self.restart()
            self.find_out(operation)
        except EvalError as error:
            if "disk" in str(error) and self.disk.fault is not None:
                self.disk.fault = None  # refused, so it did not happen
            else:
                before = content(model)
                apply(model, operation)
                assert content(model) == before, f"{error}: the model took {operation}"

    def restart(self) -> None:
        """Start anew, perhaps after one more stop on the way."""
        self.disk.kill(self.port)
        if self.chance.random() < 0.6:
            self.disk.lose_power()
        if self.chance.random() < 0.5:
            self.disk.fault = a_fault(self.chance, self.disk)
            self.port = self.disk.port()
            with contextlib.suppress(Crash, EvalError, KeyboardInterrupt):
                host = host_on(self.port)
                ask(host, "kv-delete", "never")
                host.checkpoint()
                host.close()
            self.disk.fault = None
            self.disk.kill(self.port)
            self.disk.lose_power()
        self.port = self.disk.port()
        self.host = host_on(self.port)

    def find_out(self, unsure: Operation) -> None:
        """Whether the operation happened, which must be all of it or nothing."""
        assert self.host is not None
        found = content(self.host)
        without, with_it = content(self.model()), content(self.model(unsure))
        assert found in (without, with_it)
        if found != without:
            self.done.append(unsure)


@pytest.mark.parametrize("block", range(4))
def test_any_workload_stopped_anywhere_is_a_state_of_the_model(block: int) -> None:
    for seed in range(block, SEEDS, 4):
        machine = Machine(seed)
        chance = machine.chance
        with small_limits(
            segment=chance.choice([300, 2000, 20_000]),
            touched=chance.choice([1, 3, 50]),
            split=chance.choice([300, 2000]),
            fewest=chance.choice([2, 6]),
            slack=chance.choice([0, 100, 2000]),
            inline=chance.choice([0, 150, 1000]),
        ):
            for step in range(chance.randint(20, 70)):
                if step % 12 == 5:
                    machine.disk.fault = a_fault(chance, machine.disk)
                machine.step()
            machine.disk.fault = None
            machine.disk.lose_power()
            host = host_on(machine.disk.port())
            assert content(host) == content(machine.model()), f"seed {seed}"
            host.close()
            assert verify(machine.disk.port()).problems == [], f"seed {seed}"
