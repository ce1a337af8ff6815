"""The disk store against the model, on any sequence of operations, restarts, power losses and checkpoints."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from store_support import ask, content, event, host_on, request, small_limits

from sxpy.data import Bytevector, from_list
from sxpy.errors import EvalError
from sxpy.printer import canonical
from sxpy.testing import SimulatedDisk
from sxpy_hosts.memory import MemoryHost
from sxpy_hosts.verify import verify

streams = st.sampled_from(["a", "b", "", "c/d", "x" * 200])
keys = st.sampled_from(["k", "l", "", "idem/a/1", "y" * 200])
values = st.one_of(st.none(), st.integers(-3, 3), st.text(max_size=40), st.just("v" * 300))
steps = st.integers(-1, 3)


class DiskIsLikeMemory(RuleBasedStateMachine):
    """Each rule asks both; the answers, and after each restart the whole content, must be the same."""

    def __init__(self) -> None:
        super().__init__()
        self.limits = small_limits(segment=900, touched=3, split=500, fewest=3, slack=60)
        self.limits.__enter__()
        self.model = MemoryHost()
        self.blobs: set[str] = set()

    @initialize(seed=st.integers(0, 2**16))
    def start(self, seed: int) -> None:
        self.disk = SimulatedDisk(seed)
        self.port = self.disk.port()
        self.host = host_on(self.port)

    def both(self, operation: str, *args: Any) -> Any:
        answers = []
        for host in (self.model, self.host):
            try:
                answer = ask(host, operation, *args)
                answers.append(str(content_of(answer)))
            except EvalError as error:
                answers.append(type(error).__name__)
        assert answers[0] == answers[1]
        return answers[0]

    def seq(self, stream: str, step: int) -> int:
        return ask(self.model, "last-seq", stream) + step

    @rule(stream=streams, step=steps, data=values)
    def append(self, stream: str, step: int, data: Any) -> None:
        self.both("append", stream, event(stream, self.seq(stream, step), data))

    @rule(stream=streams, step=steps, off=steps)
    def append_if(self, stream: str, step: int, off: int) -> None:
        expected = max(0, self.seq(stream, off - 1))
        self.both("append-if", stream, expected, event(stream, self.seq(stream, step)))

    @rule(stream=streams, steps=st.lists(st.integers(0, 2), max_size=4))
    def append_many(self, stream: str, steps: list[int]) -> None:
        seq, events = self.seq(stream, 0), []
        for step in steps:
            seq += step
            events.append(event(stream, seq))
        self.both("append-many", stream, from_list(events))

    @rule(stream=streams, key=keys)
    def append_once(self, stream: str, key: str) -> None:
        self.both("append-once", stream, key, event(stream, self.seq(stream, 1)))

    @rule(stream=streams, back=st.integers(-2, 6))
    def truncate(self, stream: str, back: int) -> None:
        self.both("truncate", stream, self.seq(stream, -back))

    @rule(key=keys, value=values)
    def put(self, key: str, value: Any) -> None:
        self.both("kv-put", key, value)

    @rule(key=keys)
    def delete(self, key: str) -> None:
        self.both("kv-delete", key)

    @rule(key=keys, expected=values, new=values)
    def cas(self, key: str, expected: Any, new: Any) -> None:
        self.both("kv-cas", key, expected, new)
        self.both("kv-put-new", key, new)

    @rule(text=st.sampled_from(["hello", "", "é"]), as_bytes=st.booleans())
    def blob(self, text: str, as_bytes: bool) -> None:
        value = Bytevector(text.encode()) if as_bytes else text
        self.both("blob/put", value, "m")
        self.blobs.add(ask(self.model, "blob/put", value, "m"))

    @rule(stream=streams, other=streams, key=keys, value=values, through=st.integers(0, 9), step=steps)
    def transact(self, stream: str, other: str, key: str, value: Any, through: int, step: int) -> None:
        self.both(
            "transact",
            from_list(
                [
                    request("append", stream, event(stream, self.seq(stream, 1))),
                    request("kv-put", key, value),
                    request("truncate", other, through),
                    request("append-if", other, self.seq(other, 0), event(other, self.seq(other, step))),
                    request("kv-delete", key),
                    request("count", other),
                    request("read", stream),
                ]
            ),
        )

    @rule(stream=streams, low=st.integers(-1, 20), length=st.integers(-1, 8))
    def ranges(self, stream: str, low: int, length: int) -> None:
        self.both("read-from", stream, low)
        self.both("read-range", stream, low, low + length)
        self.both("count", stream)

    @rule()
    def checkpoint(self) -> None:
        self.host.checkpoint()

    @rule(how=st.sampled_from(["close", "kill", "power"]))
    def restart(self, how: str) -> None:
        if how == "close":
            self.host.close()
        self.disk.kill(self.port)
        if how == "power":
            self.disk.lose_power()
        self.port = self.disk.port()
        self.host = host_on(self.port)
        self.same()

    @precondition(lambda self: hasattr(self, "host"))
    @rule()
    def another_process(self) -> None:
        """Two processes take turns: the new one writes from here on, the old one reads and then goes."""
        old = self.host
        self.host = host_on(self.disk.port())
        self.both("kv-put", "turn", 1)
        assert content(old) == content(self.model)
        old.close()

    def same(self) -> None:
        blobs = tuple(sorted(self.blobs))
        assert content(self.host, blobs) == content(self.model, blobs)

    @invariant()
    def is_sound(self) -> None:
        if hasattr(self, "disk"):
            assert verify(self.disk.port()).problems == []

    def teardown(self) -> None:
        try:
            if hasattr(self, "disk"):
                self.same()
        finally:
            self.limits.__exit__(None, None, None)


def content_of(answer: Any) -> Any:
    """An answer as text that can be compared."""
    return canonical(answer)


DiskIsLikeMemory.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestDiskIsLikeMemory = DiskIsLikeMemory.TestCase
