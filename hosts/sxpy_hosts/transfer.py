"""Export and import: the content of a store as SX text, one line a fact, for other versions and other stores.

    (sx-export {:version 1})
    (stream "orders" 5)                                the high-water mark; its events follow
    (event {:stream "orders" :seq 3 …})
    (key "snapshot/total" {:value 11 :seq 2})          markers of append-once are keys like others
    (blob "bafk…" "cGljdHVyZQ==" "string")             base64, and the kind of SX value it was
    (end 4 "9f86d081…")                                lines before this one, and their SHA-256

Invariants: an export holds one commit; a file without its last line, or with another hash, is refused;
an import happens at one instant (one checkpoint) or not at all, never changes an event, and never lowers
a high-water mark. It is held in memory meanwhile. Next: `hosts/sxpy_hosts/backup.py`, which is faster
and smaller and for the same version.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from sxpy.cid import cid_of
from sxpy.data import Dict, Symbol, equal, is_list
from sxpy.errors import ReadError
from sxpy.printer import serialize
from sxpy.reader import read_datum
from sxpy_hosts.blobs import BYTEVECTOR, STRING, Blobs, is_cid, kind_to_remember, value_of
from sxpy_hosts.blobs import DIRECTORY as BLOBS
from sxpy_hosts.checkpoint import Anew
from sxpy_hosts.erasure import mentions
from sxpy_hosts.errors import StoreError
from sxpy_hosts.layer import Layer
from sxpy_hosts.lines import shown
from sxpy_hosts.names import quoted, to_bytes, to_text
from sxpy_hosts.progress import Meter, Progress, counted, silent
from sxpy_hosts.resting import Resting
from sxpy_hosts.rewriting import files
from sxpy_hosts.store import Store
from sxpy_hosts.view import View

VERSION = 1


@dataclass(slots=True)
class Counts:
    """How much was moved."""

    streams: int = 0
    events: int = 0
    keys: int = 0
    blobs: int = 0


class TransferError(StoreError):
    """A file is no whole export, or holds what contradicts the store."""


# -- export ----------------------------------------------------------------------------------------------


def export(
    store: Store, out: BinaryIO, streams: Collection[str] | None = None, progress: Progress = silent
) -> Counts:
    """Write the content to `out`, a seekable file that is written from its beginning.

    With `streams`: only these, their markers of append-once, and the blobs these mention.
    Raises TransferError for a stream that is not there, StoreError, OSError.
    """

    def write(view: View) -> Counts:
        out.seek(0)
        out.truncate()
        counts, digest, lines = Counts(), hashlib.sha256(), 0
        meter = Meter(progress, "writing", _about(store, view, streams))
        for line in _lines(store, view, streams, counts):
            out.write(line)
            digest.update(line)
            lines += 1
            meter.add()
        meter.end()
        out.write(b'(end %d "%b")\n' % (lines, digest.hexdigest().encode()))
        return counts

    return store.read(write)


def _about(store: Store, view: View, wanted: Collection[str] | None) -> int:
    """About how many lines an export has."""
    names = view.streams() if wanted is None else wanted
    events = len(names) + sum(map(view.count, names))
    return events if wanted is not None else events + len(view.keys()) + len(files(store.port, BLOBS))


def _lines(store: Store, view: View, wanted: Collection[str] | None, counts: Counts) -> Iterator[bytes]:
    names = view.streams()
    for stream in wanted or ():
        if stream not in names:
            raise TransferError(f"{store.port.root}: there is no stream {shown(stream)}")
    mentioned: set[str] = set()
    yield b"(sx-export {:version %d})\n" % VERSION
    for stream in names if wanted is None else wanted:
        counts.streams += 1
        yield b"(stream %b %d)\n" % (quoted(stream), view.last_seq(stream))
        for row in view.rows(stream):
            counts.events += 1
            if wanted is not None:
                mentioned |= mentions(row)
            yield b"(event %b)\n" % row
    keys = view.keys()
    for key in keys:
        if wanted is None or any(key.startswith(f"idem/{stream}/") for stream in wanted):
            text = view.get(key)
            if text is not None:
                counts.keys += 1
                yield b"(key %b %b)\n" % (quoted(key), text.strip())
    blobs = Blobs(store.port, store.is_given_up)
    for cid in files(store.port, BLOBS):
        if is_cid(cid) and (wanted is None or cid in mentioned):
            data = blobs.get(cid)
            if data is not None:
                counts.blobs += 1
                kind = STRING if isinstance(value_of(data, view.kind(cid)), str) else BYTEVECTOR
                yield b'(blob "%b" "%b" %b)\n' % (cid.encode(), base64.b64encode(data), kind)


# -- import ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Stream:
    last: int
    events: dict[int, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class _Content:
    """What an export holds."""

    streams: dict[str, _Stream] = field(default_factory=dict)
    keys: dict[str, bytes] = field(default_factory=dict)
    blobs: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)


def import_(
    store: Store,
    source: Iterable[bytes],
    name: str,
    *,
    replace_keys: bool = False,
    size: int = 0,
    progress: Progress = silent,
) -> Counts:
    """Take over what an export holds; what is there already, and the same, is passed over.

    `source` are the lines, of `size` bytes together (0: nobody knows), `name` what messages call them.
    `replace_keys`: a key that has another value gets that of the export. Raises TransferError for anything
    else that differs, with nothing changed.
    """
    content = _read(_metered(source, Meter(progress, "reading", size)) if size else source, name)
    counts = Counts()

    def make(resting: Resting) -> tuple[Layer, Anew]:
        view, layer = View(resting, ()), Layer()
        items = content.streams.items()
        for stream, found in counted(items, len(items), progress, "comparing"):
            _add_stream(view, layer, stream, found, counts)
        for key, text in content.keys.items():
            present = view.get(key)
            if present is not None and _same(present, text):
                continue
            if present is not None and not replace_keys:
                raise TransferError(f"{store.port.root}: the key {shown(key)} has another value already")
            layer.keys[key] = text
            counts.keys += 1
        blobs = Blobs(store.port, store.is_given_up)
        for cid, (data, kind) in content.blobs.items():
            if not blobs.has(cid):
                counts.blobs += 1
            blobs.put(cid, data)
            layer.kinds[cid] = kind_to_remember(data, kind)
        return layer, Anew()

    store.rewrite(make, progress)
    return counts


def _metered(lines: Iterable[bytes], meter: Meter) -> Iterator[bytes]:
    for line in lines:
        yield line
        meter.add(len(line))
    meter.end()


def _add_stream(view: View, layer: Layer, stream: str, found: _Stream, counts: Counts) -> None:
    last = view.last_seq(stream)
    for seq, text in found.events.items():
        if seq <= last:
            present = view.rows(stream, seq, seq)
            if not present or not _same(present[0], text):
                raise TransferError(
                    f"the stream {shown(stream)} has used :seq {seq} for something else already"
                )
        else:
            layer.append(stream, seq, text)
            counts.events += 1
    if found.last > last:
        layer.raise_mark(stream, found.last)
        counts.streams += 1


def _same(left: bytes, right: bytes) -> bool:
    return left == right or equal(read_datum(to_text(left)), read_datum(to_text(right)))


def _read(source: Iterable[bytes], name: str) -> _Content:
    content, digest, stream = _Content(), hashlib.sha256(), None
    ended = False
    for number, line in enumerate(source):
        if ended:
            raise TransferError(f"{name}:{number + 1}: nothing may follow the last line")
        try:
            verb, *rest = _parts(line)
            if (verb == "sx-export") != (number == 0):
                raise ValueError("an export begins with (sx-export …), once")
            if verb == "sx-export":
                _check_version(*rest)
            elif verb == "stream":
                stream = _begin(content, *rest)
            elif verb == "event":
                _event(stream, *rest)
            elif verb == "key":
                _key(content, *rest)
            elif verb == "blob":
                _blob(content, *rest)
            elif verb == "end":
                ended = True
                if rest != [number, digest.hexdigest()]:
                    raise ValueError("lines are missing or were changed: count or SHA-256 do not match")
            else:
                raise ValueError(f"an unknown line ({verb} …)")
        except (ValueError, TypeError, ReadError, binascii.Error) as error:
            raise TransferError(f"{name}:{number + 1}: this is no export: {error}") from error
        digest.update(line)
    if not ended:
        raise TransferError(f"{name}: the export is not whole: its last line, (end …), is missing")
    return content


def _parts(line: bytes) -> list[Any]:
    value = read_datum(to_text(line))
    parts = list(value) if is_list(value) else []
    if not parts or not isinstance(parts[0], Symbol):
        raise ValueError("a line that is no list with a word at its head")
    return [parts[0].name, *parts[1:]]


def _check_version(header: Any) -> None:
    version = header.get("version") if isinstance(header, Dict) else None
    if version != VERSION:
        raise ValueError(f"version {VERSION} is known here, this is {version!r}")


def _begin(content: _Content, stream: Any, last: Any) -> _Stream:
    if type(stream) is not str or type(last) is not int or last < 0 or stream in content.streams:
        raise ValueError("a stream has a name of its own and a high-water mark")
    found = content.streams[stream] = _Stream(last)
    return found


def _event(stream: _Stream | None, event: Any) -> None:
    seq = event.get("seq") if isinstance(event, Dict) else None
    if stream is None or type(seq) is not int:
        raise ValueError("an event has a :seq, and follows its stream")
    if not next(reversed(stream.events), 0) < seq <= stream.last:
        raise ValueError(f":seq {seq} does not rise, or is above the high-water mark {stream.last}")
    stream.events[seq] = to_bytes(serialize(event))


def _key(content: _Content, key: Any, value: Any) -> None:
    if type(key) is not str:
        raise ValueError("a key is a string")
    content.keys[key] = to_bytes(serialize(value))


def _blob(content: _Content, cid: Any, text: Any, kind: Any) -> None:
    data = base64.b64decode(text, validate=True)
    if cid_of(data) != cid or kind not in ("string", "bytevector"):
        raise ValueError("the bytes do not have the cid of the line")
    content.blobs[cid] = (data, STRING if kind == "string" else BYTEVECTOR)


__all__ = ["Counts", "TransferError", "export", "import_"]
