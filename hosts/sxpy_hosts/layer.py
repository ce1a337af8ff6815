"""A layer: changes in memory that lie over whatever is below them.

Owns what the journal holds and the resting files do not hold yet (one layer per open store), what a
group of commits adds while it is written, and what a single transaction has done so far: three layers,
one kind. Invariants: the rows of a stream are in rising order of seq, all above every row below; a
`floor` hides rows at or under it in this layer and below; a key with the value None was deleted.
Next: `hosts/sxpy_hosts/view.py`, which reads through layers.
"""

from __future__ import annotations

from bisect import bisect_right


class Delta:
    """What a layer changes about one stream. `last` and `floor` are 0 where it changes nothing."""

    __slots__ = ("change", "floor", "last", "seqs", "texts")

    def __init__(self) -> None:
        self.last = 0
        self.floor = 0
        self.change = 0
        """Rows added minus rows dropped, those below included."""
        self.seqs: list[int] = []
        self.texts: list[bytes] = []

    def append(self, seq: int, text: bytes) -> None:
        """Add a row; `seq` is above every earlier one of the stream."""
        self.last = seq
        self.change += 1
        self.seqs.append(seq)
        self.texts.append(text)

    def raise_floor(self, floor: int) -> None:
        """Hide the rows at or under `floor`."""
        if floor > self.floor:
            self.floor = floor
            hidden = bisect_right(self.seqs, floor)
            del self.seqs[:hidden]
            del self.texts[:hidden]


class Layer:
    """Changes to streams, keys and blob kinds."""

    __slots__ = ("keys", "kinds", "streams")

    def __init__(self) -> None:
        self.streams: dict[str, Delta] = {}
        self.keys: dict[str, bytes | None] = {}
        self.kinds: dict[str, bytes | None] = {}

    def __bool__(self) -> bool:
        return bool(self.streams or self.keys or self.kinds)

    def delta(self, stream: str) -> Delta:
        """What the layer changes about the stream, to be changed."""
        delta = self.streams.get(stream)
        if delta is None:
            delta = self.streams[stream] = Delta()
        return delta

    def append(self, stream: str, seq: int, text: bytes) -> None:
        """Add a row; `seq` is above every earlier one of the stream."""
        self.delta(stream).append(seq, text)

    def raise_mark(self, stream: str, last: int) -> None:
        """Make `last` the high-water mark, without an event; it is above every earlier one."""
        self.delta(stream).last = last

    def truncate(self, stream: str, floor: int, dropped: int) -> None:
        """Hide the rows at or under `floor`, which are `dropped` in number, here and below."""
        delta = self.delta(stream)
        delta.raise_floor(floor)
        delta.change -= dropped

    def merge(self, above: Layer) -> None:
        """Take over the changes of the layer above, which must not be used afterwards."""
        for stream, newer in above.streams.items():
            delta = self.streams.get(stream)
            if delta is None:
                self.streams[stream] = newer
                continue
            delta.raise_floor(newer.floor)
            delta.last = max(delta.last, newer.last)
            delta.change += newer.change
            delta.seqs += newer.seqs
            delta.texts += newer.texts
        if above.keys:
            self.keys.update(above.keys)
        if above.kinds:
            self.kinds.update(above.kinds)
