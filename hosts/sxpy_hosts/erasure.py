"""Erasure: what must change so that an event, a stream or a key is gone for good, in every kind of store.

An erased event keeps its place: its seq stays used, and reading yields

    {:stream "orders" :seq 3 :type "erased" :at 12 :data nil :erased true}

(`:at` is the event's when that was a number, else nil.) A stream that is erased whole loses its events as
by truncation: it stays in the catalogue, and its high-water mark stays. A key goes with its value. With the
event go its copies that the library made, the markers of `append-once`, which become the erased event too;
snapshots and other keys that were folded from it go when they are named. With all of these go the blobs
they mention and nothing else does.

A mention is the text of a cid anywhere in a stored event, value or name: wider than a reference `{:cid …}`,
so that what is in doubt is kept. Invariant: a plan is a function of the store's content alone.
Next: `hosts/sxpy_hosts/rewriting.py`, which makes it happen on a disk.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sxpy.data import Dict
from sxpy.errors import SxValueError
from sxpy.printer import serialize
from sxpy.reader import read_datum
from sxpy_hosts import lines
from sxpy_hosts.names import to_bytes, to_text
from sxpy_hosts.progress import Meter, Progress, counted, silent

_CID = re.compile(rb"bafkrei[a-z2-7]{52}")


class Content(Protocol):
    """What an erasure asks of a store: a part of `sxpy_hosts.operations.Reading`."""

    def last_seq(self, stream: str) -> int:
        """The high-water mark, 0 when none."""

    def count(self, stream: str) -> int:
        """How many events the stream holds now."""

    def rows(self, stream: str, low: int = ..., high: int = ...) -> list[bytes]:
        """The texts of the events with low ≤ seq ≤ high, oldest first."""

    def streams(self) -> list[str]:
        """Every stream ever appended to, sorted."""

    def get(self, key: str) -> bytes | None:
        """The text of a key's value, or None when it has none."""

    def keys(self) -> list[str]:
        """Every key that has a value, sorted."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """What is to be erased: events by stream and seq, whole streams, keys."""

    events: Mapping[str, Collection[int]] = field(default_factory=dict)
    streams: Collection[str] = ()
    keys: Collection[str] = ()


@dataclass(slots=True)
class Plan:
    """What an erasure changes."""

    texts: dict[str, dict[int, bytes]] = field(default_factory=dict)
    """Events that get another text; a stream may be listed with none."""
    streams: dict[str, int] = field(default_factory=dict)
    """Streams that lose all their events, and how many."""
    puts: dict[str, bytes] = field(default_factory=dict)
    deletes: set[str] = field(default_factory=set)
    blobs: set[str] = field(default_factory=set)
    """Cids whose bytes go, if there are any."""
    erased: int = 0
    """How many events there were to erase."""

    def answer(self, blobs: int) -> Dict:
        """What `persist/erase` answers, when `blobs` of the blobs were there."""
        return Dict({"events": self.erased, "keys": len(self.deletes), "blobs": blobs})


def plan(store: Content, wanted: Erasure, progress: Progress = silent) -> Plan:
    """What to do. Raises SxValueError when a seq was never used: then it is most likely a slip."""
    found = Plan()
    gone: list[bytes] = []
    for stream, seqs in wanted.events.items():
        _plan_events(store, stream, seqs, found, gone)
    for stream in wanted.streams:
        rows = store.rows(stream)
        found.texts.pop(stream, None)
        found.streams[stream] = len(rows)
        found.erased += sum(not _is_erased(row) for row in rows)
        gone += rows
    for key in wanted.keys:
        text = store.get(key)
        if text is not None:
            found.deletes.add(key)
            gone.append(text)
    _plan_markers(store, wanted, gone, found, progress)
    mentioned = {cid for text in gone for cid in mentions(text)}
    if mentioned:
        found.blobs = unmentioned(store, mentioned, found, progress)
    return found


def _plan_events(store: Content, stream: str, seqs: Collection[int], found: Plan, gone: list[bytes]) -> None:
    last = store.last_seq(stream)
    texts = found.texts.setdefault(stream, {})
    for seq in seqs:
        if not 1 <= seq <= last:
            raise SxValueError(
                f"persist/erase: stream {lines.shown(stream)} has never used :seq {seq} (its last is {last})",
                seq,
            )
        for row in store.rows(stream, seq, seq):
            texts[seq] = erased_event(stream, seq, row)
            found.erased += not _is_erased(row)
            gone.append(row)


def _plan_markers(
    store: Content, wanted: Erasure, gone: list[bytes], found: Plan, progress: Progress
) -> None:
    """Markers of `append-once` hold their event: as it was stored, or, under the library's key, any event."""
    if not (wanted.events or wanted.streams):
        return
    copies = set(gone)
    keys = store.keys()
    for key in counted(keys, len(keys), progress, "reading keys"):
        if key in found.deletes:
            continue
        text = store.get(key)
        if text is None or not (key.startswith("idem/") or text in copies):
            continue
        value = read_datum(to_text(text))
        if not isinstance(value, Dict):
            continue
        stream, seq = value.get("stream"), value.get("seq")
        if not (type(seq) is int and isinstance(stream, str)):
            continue
        if seq in wanted.events.get(stream, ()) or stream in wanted.streams:
            found.puts[key] = erased_event(stream, seq, text)
            gone.append(text)


def erased_event(stream: str, seq: int, text: bytes) -> bytes:
    """The text of an erased event, given what it was."""
    value = read_datum(to_text(text))
    at = value.get("at") if isinstance(value, Dict) else None
    kept = at if type(at) in (int, float) else None
    return to_bytes(
        serialize(
            Dict({"stream": stream, "seq": seq, "type": "erased", "at": kept, "data": None, "erased": True})
        )
    )


def _is_erased(text: bytes) -> bool:
    return text.endswith(b":data nil :erased true}")


# -- blobs ---------------------------------------------------------------------------------------------


def mentions(text: bytes) -> set[str]:
    """The cids that a text mentions."""
    return {cid.decode() for cid in _CID.findall(text)}


def texts_of(store: Content, changed: Plan) -> Iterator[bytes]:
    """Every event, value and name of a store as it would be after `changed`, erased events left out."""
    for stream in store.streams():
        yield to_bytes(stream)
        if stream not in changed.streams:
            others = {row for seq in changed.texts.get(stream, ()) for row in store.rows(stream, seq, seq)}
            yield from (row for row in store.rows(stream) if row not in others)
    keys = store.keys()
    for key in keys:
        if key not in changed.deletes:
            yield to_bytes(key)
            text = changed.puts.get(key) or store.get(key)
            if text is not None:
                yield text


def unmentioned(
    store: Content, cids: Collection[str], changed: Plan | None = None, progress: Progress = silent
) -> set[str]:
    """Those of `cids` that a store mentions nowhere, once `changed` is made."""
    left = set(cids)
    streams = store.streams()
    texts = len(streams) + sum(map(store.count, streams)) + 2 * len(store.keys())
    meter = Meter(progress, "looking for mentions", texts)
    for text in texts_of(store, changed or Plan()):
        if not left:
            break
        left -= mentions(text)
        meter.add()
    meter.end()
    return left
