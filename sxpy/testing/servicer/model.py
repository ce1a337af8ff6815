"""What a store holds, as lists and dicts: the model that every other store is compared with.

It is the contract of `persist/*` in as few lines as it takes, kept apart from every store so that no
mistake is shared. Next: `sxpy/testing/servicer/histories.py`.
"""

from __future__ import annotations

from typing import Any

from sxpy.data import Dict, equal, from_list
from sxpy.host import operation_of

IGNORED = object()
"""The answer of an operation whose answer means nothing."""


class Refused(Exception):
    """The operation must be an error, and change nothing."""


class Conflict(Exception):
    """The answer must be this conflict, and nothing may have changed."""

    def __init__(self, **parts: Any) -> None:
        super().__init__()
        self.answer = Dict({"conflict": True, **parts})


class Model:
    """A store of events in lists and values in a dict."""

    def __init__(self) -> None:
        self.events: dict[str, list[Dict]] = {}
        self.marks: dict[str, int] = {}
        self.keys: dict[str, Any] = {}

    def answer(self, operation: str, args: list[Any]) -> Any:
        """The answer to an operation, without `persist/`. Raises Refused."""
        method = getattr(self, operation.replace("-", "_").replace("?", "_p"))
        # What is stored is replaced, never changed, so a copy of the lists and dicts is enough.
        before = self.marks.copy(), {name: list(rows) for name, rows in self.events.items()}, self.keys.copy()
        try:
            return method(*args)
        except Refused:
            self.marks, self.events, self.keys = before
            raise
        except Conflict as conflict:
            self.marks, self.events, self.keys = before
            return conflict.answer

    def append(self, stream: str, event: Dict) -> Any:
        seq = event.get("seq")
        if seq <= self.last_seq(stream):
            raise Refused
        self.events.setdefault(stream, []).append(event)
        self.marks[stream] = seq
        return IGNORED

    def append_if(self, stream: str, expected: int, event: Dict) -> Any:
        actual = self.last_seq(stream)
        if actual != expected:
            raise Conflict(expected=expected, actual=actual)
        self.append(stream, event)
        return event

    def append_many(self, stream: str, events: Any) -> Any:
        for event in events:
            self.append(stream, event)
        return IGNORED

    def append_once(self, stream: str, marker: str, event: Dict) -> Any:
        if marker not in self.keys:
            self.append(stream, event)
            self.keys[marker] = event
        return self.keys[marker]

    def read(self, stream: str) -> Any:
        return self.read_from(stream, 1)

    def read_from(self, stream: str, low: int) -> Any:
        return self.read_range(stream, low, self.last_seq(stream))

    def read_range(self, stream: str, low: int, high: int) -> Any:
        return from_list([e for e in self.events.get(stream, []) if low <= e.get("seq") <= high])

    def last_seq(self, stream: str) -> int:
        return self.marks.get(stream, 0)

    def count(self, stream: str) -> int:
        return len(self.events.get(stream, []))

    def truncate_through(self, stream: str, through: int) -> Any:
        if stream in self.events:
            self.events[stream] = [e for e in self.events[stream] if e.get("seq") > through]
        return IGNORED

    def streams(self) -> Any:
        return from_list(sorted(self.events))

    def kv_get(self, key: str) -> Any:
        return self.keys.get(key)

    def kv_put(self, key: str, value: Any) -> Any:
        self.keys[key] = value
        return IGNORED

    def kv_delete(self, key: str) -> Any:
        self.keys.pop(key, None)
        return IGNORED

    def kv_has_p(self, key: str) -> bool:
        return key in self.keys

    def kv_keys(self) -> Any:
        return from_list(sorted(self.keys))

    def kv_cas(self, key: str, expected: Any, new: Any) -> Any:
        actual = self.keys.get(key)
        if not equal(actual, expected):
            raise Conflict(expected=expected, actual=actual)
        self.keys[key] = new
        return new

    def kv_put_new(self, key: str, value: Any) -> Any:
        if key in self.keys:
            raise Conflict(actual=self.keys[key], reason="exists")
        self.keys[key] = value
        return value

    def transact(self, requests: Any) -> Any:
        for request in requests:
            operation, args = operation_of(request)
            assert operation is not None
            method = getattr(self, operation.removeprefix("persist/").replace("-", "_"))
            method(*args)
        return IGNORED
