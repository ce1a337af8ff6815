"""A servicer in memory: the same contract, kept nowhere. For tests, and the model the disk is tested by.

It holds texts, as the disk does, so it refuses exactly the values that have no syntax and hands out a
fresh value for each read. It shares only `sxpy_hosts.operations` with the disk store, and is as plain as
it can be: that is its worth as a model. Invariant: a transaction that raises is undone.
Next: `hosts/sxpy_hosts/store.py`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from sxpy.data import Dict
from sxpy_hosts import lines
from sxpy_hosts.erasure import Erasure, plan
from sxpy_hosts.errors import SequenceError, StoreClosed
from sxpy_hosts.operations import OPERATIONS, answer


class _Stream:
    """The high-water mark, and the text of each stored event by its seq."""

    def __init__(self) -> None:
        self.last = 0
        self.events: dict[int, bytes] = {}


class _Memory:
    """A store as plain dicts; `undo` holds what takes the running transaction back, newest last."""

    def __init__(self) -> None:
        self._streams: dict[str, _Stream] = {}
        self._keys: dict[str, bytes] = {}
        self._kinds: dict[str, bytes] = {}
        self.undo: list[Callable[[], Any]] = []

    def last_seq(self, stream: str) -> int:
        found = self._streams.get(stream)
        return found.last if found else 0

    def count(self, stream: str) -> int:
        return len(self.rows(stream))

    def rows(self, stream: str, low: int = 1, high: int | None = None) -> list[bytes]:
        found = self._streams.get(stream)
        if found is None:
            return []
        return [text for seq, text in found.events.items() if low <= seq and (high is None or seq <= high)]

    def streams(self) -> list[str]:
        return sorted(self._streams)

    def get(self, key: str) -> bytes | None:
        return self._keys.get(key)

    def keys(self) -> list[str]:
        return sorted(self._keys)

    def kind(self, cid: str) -> bytes | None:
        return self._kinds.get(cid)

    def append(self, stream: str, seq: int, text: bytes) -> None:
        found = self._streams.get(stream)
        if found is None:
            found = self._streams[stream] = _Stream()
            self.undo.append(lambda: self._streams.pop(stream))
        if seq <= found.last:
            raise SequenceError(
                f"persist/append: stream {lines.shown(stream)} has used :seq {seq} already "
                f"(its last is {found.last}); read persist/last-seq and append above it"
            )
        before = found.last
        found.last = seq
        found.events[seq] = text

        def undo() -> None:
            found.last = before
            del found.events[seq]

        self.undo.append(undo)

    def truncate(self, stream: str, through: int) -> None:
        found = self._streams.get(stream)
        if found is not None:
            kept, before = found, found.events

            def undo() -> None:
                kept.events = before

            self.undo.append(undo)
            found.events = {seq: text for seq, text in before.items() if seq > through}

    def replace(self, stream: str, texts: dict[int, bytes]) -> None:
        """Give events other texts, for good."""
        self._streams[stream].events.update(texts)

    def put(self, key: str, text: bytes) -> None:
        self._set(self._keys, key, text)

    def delete(self, key: str) -> None:
        self._set(self._keys, key, None)

    def set_kind(self, cid: str, kind: bytes | None) -> None:
        self._set(self._kinds, cid, kind)

    def _set(self, table: dict[str, bytes], name: str, text: bytes | None) -> None:
        before = table.get(name)
        self.undo.append(lambda: _assign(table, name, before))
        _assign(table, name, text)


def _assign(table: dict[str, bytes], name: str, text: bytes | None) -> None:
    if text is None:
        table.pop(name, None)
    else:
        table[name] = text


class _MemoryBlobs:
    """Blobs as a dict."""

    def __init__(self) -> None:
        self._data: dict[str, bytes] = {}

    def put(self, cid: str, data: bytes) -> None:
        self._data[cid] = data

    def get(self, cid: str) -> bytes | None:
        return self._data.get(cid)

    def has(self, cid: str) -> bool:
        return cid in self._data

    def remove(self, cid: str) -> None:
        del self._data[cid]


class MemoryHost:
    """A host whose store is gone when it is closed. Its `answer` may be called by many threads."""

    def __init__(self) -> None:
        self.blobs = _MemoryBlobs()
        self._memory = _Memory()
        self._lock = threading.Lock()
        self._closed = False

    def owns(self, operation: str) -> bool:
        """Whether `answer` knows the operation."""
        return operation in OPERATIONS

    def answer(self, operation: str, args: list[Any], request: Any = None) -> Any:
        """Answer a request. Raises the same errors as the disk host."""
        return answer(self, operation, args)

    def read(self, work: Callable[[_Memory], Any]) -> Any:
        """The value of `work` on what is there."""
        with self._lock:
            self._check_open()
            return work(self._memory)

    def commit(self, work: Callable[[_Memory], Any]) -> Any:
        """The value of `work`, all of whose changes stay, or, when it raises, none."""
        with self._lock:
            self._check_open()
            self._memory.undo.clear()
            try:
                return work(self._memory)
            except BaseException:
                while self._memory.undo:
                    self._memory.undo.pop()()
                raise

    def erase(self, wanted: Erasure) -> Dict:
        """Erase for good. Raises SxValueError."""

        def work(memory: _Memory) -> Dict:
            found = plan(memory, wanted)
            for stream, texts in found.texts.items():
                memory.replace(stream, texts)
            for stream in found.streams:
                memory.truncate(stream, memory.last_seq(stream))
            for key, text in found.puts.items():
                memory.put(key, text)
            for key in found.deletes:
                memory.delete(key)
            blobs = [cid for cid in found.blobs if self.blobs.has(cid)]
            for cid in blobs:
                self.blobs.remove(cid)
                memory.set_kind(cid, None)
            memory.undo.clear()
            return found.answer(len(blobs))

        answer: Dict = self.commit(work)
        return answer

    def _check_open(self) -> None:
        if self._closed:
            raise StoreClosed("the store in memory is closed")

    def close(self) -> None:
        """Forget everything; further requests are errors."""
        self._closed = True
        self._memory = _Memory()
