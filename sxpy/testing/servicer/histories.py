"""Any history of operations and restarts, on a store and on the model: the answers must be the same.

A history is a list of commands that make sense in any state (a seq is told by its distance from the
high-water mark), so Hypothesis can leave out any of them until a failing history is as short as it can be.
This is the one file of the kit that needs Hypothesis, and it is imported when it is used.
Next: `sxpy/testing/servicer/actors.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sxpy.data import from_list
from sxpy.errors import EvalError
from sxpy.testing.servicer.model import IGNORED, Model, Refused
from sxpy.testing.servicer.subject import MakeStore, Subject, event, request

STREAMS = st.sampled_from(["a", "", "x" * 200])
KEYS = st.sampled_from(["k", "", "y" * 200])
VALUES = st.sampled_from([None, 1, "a", "v" * 300])
"""Few, so that things happen to one and the same; `values.py` is for the many."""
NEAR = st.integers(-1, 3)
"""How far above the high-water mark a seq is."""

Command = tuple[Callable[..., None], tuple[Any, ...]]
"""A method of `History`, and its arguments."""


def check_histories(
    make_store: MakeStore, path: Path, operations: frozenset[str], *, durable: bool, examples: int
) -> None:
    """Try `examples` histories of the `operations`, each on a store of its own under `path`.

    Raises Failure with the shortest history that was found to go wrong.
    """
    numbers = iter(range(1_000_000_000))
    path.mkdir(parents=True)

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        print_blob=False,
        phases=[Phase.generate, Phase.shrink],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(histories(operations, durable=durable))
    def try_one(history: list[list[Command]]) -> None:
        store = Subject(make_store, path / str(next(numbers)), durable=durable)
        run = History(store)
        for method, arguments in chain.from_iterable(history):
            method(run, *arguments)
        run.all_is_the_same()
        store.close()

    try_one()


class History:
    """One history: every command asks the store and the model."""

    def __init__(self, store: Subject) -> None:
        self.store = store
        self.model = Model()

    def both(self, operation: str, *args: Any) -> None:
        """Ask both, and compare."""
        try:
            expected = self.model.answer(operation, list(args))
        except Refused:
            self.store.refuses(operation, *args)
            return
        try:
            if expected is IGNORED:
                self.store.ask(operation, *args)
            elif operation in ("streams", "kv-keys"):
                self.store.gives_names(list(expected), operation)
            else:
                self.store.gives(expected, operation, *args)
        except EvalError as error:
            self.store.fail(f"{operation} must not be refused", error)

    def seq(self, stream: str, near: int) -> int:
        """A seq near the high-water mark."""
        return max(1, self.model.last_seq(stream) + near)

    def append(self, stream: str, near: int, data: Any) -> None:
        self.both("append", stream, event(stream, self.seq(stream, near), data))

    def append_if(self, stream: str, near: int, off: int) -> None:
        expected = max(0, self.model.last_seq(stream) + off)
        self.both("append-if", stream, expected, event(stream, self.seq(stream, near)))

    def append_many(self, stream: str, steps: list[int]) -> None:
        seq, events = self.seq(stream, 0), []
        for step in steps:
            seq += step
            events.append(event(stream, seq))
        self.both("append-many", stream, from_list(events))

    def append_once(self, stream: str, marker: str, near: int) -> None:
        self.both("append-once", stream, f"marker/{marker}", event(stream, self.seq(stream, near)))

    def truncate_through(self, stream: str, back: int) -> None:
        self.both("truncate-through", stream, self.model.last_seq(stream) - back)

    def kv_put(self, key: str, value: Any) -> None:
        self.both("kv-put", key, value)

    def kv_delete(self, key: str) -> None:
        self.both("kv-delete", key)

    def kv_cas(self, key: str, known: bool, expected: Any, new: Any) -> None:
        self.both("kv-cas", key, self.model.kv_get(key) if known else expected, new)

    def kv_put_new(self, key: str, value: Any) -> None:
        self.both("kv-put-new", key, value)

    def transact(self, stream: str, other: str, key: str, value: Any, through: int, near: int) -> None:
        requests = [
            request("append", stream, event(stream, self.seq(stream, 1))),
            request("kv-put", key, value),
            request("truncate-through", other, through),
            request("append", other, event(other, self.seq(other, near))),
            request("kv-delete", key),
        ]
        self.both("transact", from_list(requests))

    def read_range(self, stream: str, low: int, length: int) -> None:
        self.both("read-from", stream, low)
        self.both("read-range", stream, low, low + length)

    def count(self, stream: str) -> None:
        self.both("count", stream)

    def read(self, stream: str) -> None:
        self.both("last-seq", stream)
        self.both("read", stream)

    def kv_get(self, key: str) -> None:
        self.both("kv-get", key)
        self.both("kv-has?", key)

    def restart(self) -> None:
        self.store.reopen()
        self.all_is_the_same()

    def all_is_the_same(self) -> None:
        """Compare all that both hold."""
        self.both("streams")
        for stream in self.model.marks:
            self.read(stream)
        self.both("kv-keys")
        for key in self.model.keys:
            self.both("kv-get", key)


# A command, the operations it needs besides the plain ones, and where its arguments come from.
COMMANDS: list[tuple[Callable[..., None], tuple[str, ...], tuple[st.SearchStrategy[Any], ...]]] = [
    (History.append, (), (STREAMS, NEAR, VALUES)),
    (History.append_if, ("append-if",), (STREAMS, NEAR, st.sampled_from([0, 0, 0, -1, 1]))),
    (History.append_many, ("append-many",), (STREAMS, st.lists(st.integers(0, 2), max_size=4))),
    (History.append_once, ("append-once",), (STREAMS, st.sampled_from(["a", "b"]), NEAR)),
    (History.truncate_through, (), (STREAMS, st.integers(-2, 6))),
    (History.kv_put, (), (KEYS, VALUES)),
    (History.kv_delete, (), (KEYS,)),
    (History.kv_cas, ("kv-cas",), (KEYS, st.booleans(), VALUES, VALUES)),
    (History.kv_put_new, ("kv-put-new",), (KEYS, VALUES)),
    (History.transact, ("transact",), (STREAMS, STREAMS, KEYS, VALUES, st.integers(0, 9), NEAR)),
    (History.read_range, ("read-from", "read-range"), (STREAMS, st.integers(-1, 20), st.integers(-1, 8))),
    (History.count, ("count",), (STREAMS,)),
    (History.read, (), (STREAMS,)),
    (History.kv_get, (), (KEYS,)),
]


def histories(operations: frozenset[str], *, durable: bool) -> st.SearchStrategy[list[list[Command]]]:
    """Histories of some 25 commands that a store can be given, up to 100.

    They come in pieces because a list of Hypothesis's is short on the average.
    """
    able = [
        st.tuples(st.just(method), st.tuples(*arguments))
        for method, needs, arguments in COMMANDS
        if {f"persist/{name}" for name in needs} <= operations
    ]
    if durable:
        able.append(st.tuples(st.just(History.restart), st.just(())))
    return st.lists(st.lists(st.one_of(able), max_size=10), max_size=10)
