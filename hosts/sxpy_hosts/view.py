"""Reading through layers: what a stream, a key or a blob kind is when all changes are taken together.

A `View` looks through layers, newest first, down to the resting files; a `Draft` is a view with one
more layer on top that a transaction writes to, and the journal lines that say the same. Nothing of a
draft can be seen by others until the store merges it. Invariants: every change goes to the layer and to
`lines`, so that replaying the lines gives the layer; an append above the high-water mark is the only
append. Next: `hosts/sxpy_hosts/store.py`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Protocol

from sxpy_hosts import lines
from sxpy_hosts.errors import SequenceError
from sxpy_hosts.layer import Layer
from sxpy_hosts.log import Head

MOST = 2**63
"""Above every sequence number there is."""


class Below(Protocol):
    """What lies under the layers: the resting files."""

    def head(self, stream: str) -> Head | None:
        """What is known of the stream, or None when it was never appended to."""

    def rows(self, stream: str, low: int, high: int) -> list[bytes]:
        """The stored rows with low ≤ seq ≤ high in rising order, those under the floor included."""

    def count_rows(self, stream: str, low: int, high: int) -> int:
        """How many `rows` would answer."""

    def streams(self) -> set[str]:
        """Every stream that has a head."""

    def get(self, table: str, name: str) -> bytes | None:
        """The value of a name in a table, or None when it has none."""

    def names(self, table: str) -> set[str]:
        """Every name in a table."""


class View:
    """All there is, at one instant. Streams answer with the text of events, keys with that of values."""

    __slots__ = ("_below", "_layers")

    def __init__(self, below: Below, layers: Sequence[Layer]) -> None:
        self._below = below
        self._layers = layers
        """Newest first."""

    def last_seq(self, stream: str) -> int:
        """The high-water mark: the highest seq ever appended, 0 when none."""
        for layer in self._layers:
            delta = layer.streams.get(stream)
            if delta is not None and delta.last:
                return delta.last
        head = self._below.head(stream)
        return head.last if head is not None else 0

    def _floor(self, stream: str) -> int:
        head = self._below.head(stream)
        floor = head.floor if head is not None else 0
        for layer in self._layers:
            delta = layer.streams.get(stream)
            if delta is not None:
                floor = max(floor, delta.floor)
        return floor

    def count(self, stream: str) -> int:
        """How many events the stream holds now."""
        head = self._below.head(stream)
        count = head.count if head is not None else 0
        for layer in self._layers:
            delta = layer.streams.get(stream)
            if delta is not None:
                count += delta.change
        return count

    def rows(self, stream: str, low: int = 1, high: int = MOST) -> list[bytes]:
        """The events with low ≤ seq ≤ high, oldest first."""
        found: list[list[bytes]] = []
        for layer in self._layers:
            delta = layer.streams.get(stream)
            if delta is None:
                continue
            if low <= delta.floor:
                low = delta.floor + 1
            if delta.seqs:
                found.append(delta.texts[bisect_left(delta.seqs, low) : bisect_right(delta.seqs, high)])
                if delta.seqs[0] <= low:
                    break  # every row below is under `low`
        else:
            head = self._below.head(stream)
            if head is not None and head.count and head.last >= low:
                found.append(self._below.rows(stream, max(low, head.floor + 1), high))
        return [text for part in reversed(found) for text in part]

    def streams(self) -> list[str]:
        """Every stream ever appended to, in code point order."""
        names = self._below.streams()
        for layer in self._layers:
            names.update(layer.streams)
        return sorted(names)

    def get(self, key: str) -> bytes | None:
        """The value of a key, or None when it has none."""
        return self._find("keys", key)

    def keys(self) -> list[str]:
        """Every key that has a value, in code point order."""
        names = self._below.names("keys")
        for layer in reversed(self._layers):
            for key, value in layer.keys.items():
                if value is None:
                    names.discard(key)
                else:
                    names.add(key)
        return sorted(names)

    def kind(self, cid: str) -> bytes | None:
        """The kind remembered for a blob, or None."""
        return self._find("kinds", cid)

    def _find(self, table: str, name: str) -> bytes | None:
        for layer in self._layers:
            changes: dict[str, bytes | None] = getattr(layer, table)
            if name in changes:
                return changes[name]
        return self._below.get(table, name)


class Draft(View):
    """A view that can be changed. `lines` are the journal lines of the changes, in order."""

    __slots__ = ("layer", "lines")

    def __init__(self, below: Below, layers: Sequence[Layer]) -> None:
        self.layer = Layer()
        self.lines: list[bytes] = []
        self._below = below
        self._layers = (self.layer, *layers)

    def append(self, stream: str, seq: int, text: bytes) -> None:
        """Store an event. Raises SequenceError when the stream has used `seq` already."""
        own = self.layer.streams.get(stream)
        last = own.last if own is not None and own.last else self.last_seq(stream)
        if seq <= last:
            raise SequenceError(
                f"persist/append: stream {lines.shown(stream)} has used :seq {seq} already "
                f"(its last is {last}); read persist/last-seq and append above it"
            )
        (own or self.layer.delta(stream)).append(seq, text)
        self.lines.append(lines.append(stream, seq, text))

    def truncate(self, stream: str, through: int) -> None:
        """Drop the events with seq ≤ `through`; the high-water mark stays."""
        floor = min(through, self.last_seq(stream))
        dropped = self._count_through(stream, floor)
        if dropped:
            self.layer.truncate(stream, floor, dropped)
            self.lines.append(lines.truncate(stream, floor, dropped))

    def _count_through(self, stream: str, through: int) -> int:
        """How many events have seq ≤ `through`. O(1) for a stream without gaps, else O(answer)."""
        floor, count, last = self._floor(stream), self.count(stream), self.last_seq(stream)
        if through <= floor or count == 0:
            return 0
        if through == last:
            return count
        if count == last - floor:
            return through - floor
        low = floor + 1
        dropped = 0
        head = self._below.head(stream)
        if head is not None and head.count and head.last >= low:
            dropped = self._below.count_rows(stream, max(low, head.floor + 1), through)
        for layer in self._layers:
            delta = layer.streams.get(stream)
            if delta is not None:
                dropped += bisect_right(delta.seqs, through) - bisect_left(delta.seqs, low)
        return dropped

    def put(self, key: str, text: bytes) -> None:
        """Give a key a value."""
        self.layer.keys[key] = text
        self.lines.append(lines.put(key, text))

    def delete(self, key: str) -> None:
        """Take a key's value away."""
        if self.get(key) is not None:
            self.layer.keys[key] = None
            self.lines.append(lines.delete(key))

    def set_kind(self, cid: str, kind: bytes | None) -> None:
        """Remember the kind of a blob, or forget it."""
        if self.kind(cid) != kind:
            self.layer.kinds[cid] = kind
            self.lines.append(lines.kind(cid, kind))
