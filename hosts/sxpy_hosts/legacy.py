"""The layout found in the field, read as it is: what another SX host left in the root.

    streams/<hex>.log   one serialized event per line          streams/<hex>.seq   the high-water mark
    kv/<hex>            one serialized value

(Blobs lie there as they lie with us.) These files carry no checksums and are never written to: a
checkpoint that touches a stream or key copies what is needed into our own files and has the old one
removed. Invariants: a line that is no event is damage, except a torn last one, which the old host had
not acknowledged; a path the manifest has given up (`gone`) counts as absent even while it is still there.
Next: `hosts/sxpy_hosts/resting.py`.
"""

from __future__ import annotations

import logging
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import Any

from sxpy.data import Dict
from sxpy.errors import ReadError
from sxpy.port import Port, read_all
from sxpy.reader import read_datum
from sxpy_hosts.errors import StoreDamage
from sxpy_hosts.log import Head
from sxpy_hosts.names import name_of, to_bytes, to_text

log = logging.getLogger("sxpy_hosts")

STREAMS = "streams"
KEYS = "kv"
FIRST_GENERATION = 1
"""The generation of our first log beside old ones, whose file names are those of generation 0."""

_SEQ = re.compile(rb":seq (\d+)[ }]")


class LegacyLog:
    """One stream of the old layout, indexed in memory when it is first touched."""

    __slots__ = ("_data", "_path", "_places", "_seqs", "end", "head", "torn")

    def __init__(self, path: str, data: bytes, mark: int) -> None:
        """`path` for messages; `data` the log, `mark` the content of the `.seq` file or 0."""
        self._path = path
        self._data = data
        self._seqs: list[int] = []
        self._places: list[tuple[int, int]] = []
        self.end = 0
        """Where the last whole line ends."""
        self.torn = b""
        """A torn last line; it stays where it is until a checkpoint takes the stream over."""
        self._index()
        last = max(mark, self._seqs[-1] if self._seqs else 0)
        floor = self._seqs[0] - 1 if self._seqs else last
        self.head = Head(last, floor, len(self._seqs), FIRST_GENERATION, 0)

    def _index(self) -> None:
        data, start = self._data, 0
        while start < len(data):
            newline = data.find(b"\n", start)
            end = newline if newline >= 0 else len(data)
            line = data[start:end]
            if line.strip():
                try:
                    seq = _seq_of(line, last=end >= len(data.rstrip()))
                except (ReadError, ValueError) as error:
                    if data[end:].strip():
                        raise StoreDamage(self._path, start, f"the line is no event: {error}") from error
                    self.torn = data[start:]
                    log.warning(
                        "%s: the last line, from byte %d, is torn and does not count", self._path, start
                    )
                    return
                if self._seqs and seq <= self._seqs[-1]:
                    raise StoreDamage(self._path, start, "the sequence numbers do not rise")
                self._seqs.append(seq)
                self._places.append((start, end))
            start = self.end = min(end + 1, len(data))

    def rows(self, low: int, high: int) -> list[tuple[int, bytes]]:
        """Seq and text of the events with low ≤ seq ≤ high."""
        first, after = bisect_left(self._seqs, low), bisect_right(self._seqs, high)
        found = []
        for at in range(first, after):
            start, end = self._places[at]
            text = self._data[start:end].strip()
            try:
                _event_seq(text)
            except (ReadError, ValueError) as error:
                raise StoreDamage(self._path, start, f"the line is no event: {error}") from error
            found.append((self._seqs[at], text))
        return found


def _seq_of(line: bytes, *, last: bool) -> int:
    """The seq of an event line. Only the last line, which may be torn, is read in full for it."""
    found = _SEQ.findall(line)
    if len(found) == 1 and not last and b'"seq"' not in line:
        return int(found[0])
    return _event_seq(line)


def _event_seq(line: bytes) -> int:
    value = _datum(line)
    seq = value.get("seq") if isinstance(value, Dict) else None
    if type(seq) is not int or seq < 1:
        raise ValueError("no dict with a :seq of 1 or more")
    return seq


def _datum(text: bytes) -> Any:
    return read_datum(to_text(text))


def is_populated(port: Port) -> bool:
    """Whether files of the old layout lie in the root."""
    present = set(port.list())
    return any(name in present and port.list(name) for name in (STREAMS, KEYS))


class Legacy:
    """All files of the old layout under a root."""

    def __init__(self, port: Port, gone: frozenset[str]) -> None:
        self._port = port
        self._gone = gone
        self._logs: dict[str, LegacyLog | None] = {}

    def give_up(self, paths: Iterable[str], streams: Iterable[str]) -> None:
        """These files count as absent from now on, and these streams rest elsewhere."""
        self._gone = frozenset(paths)
        for stream in streams:
            self._logs[stream] = None

    def _content(self, path: str) -> bytes | None:
        if path in self._gone:
            return None
        try:
            file = self._port.open(path)
        except FileNotFoundError:
            return None
        try:
            return read_all(file)
        finally:
            file.close()

    def log(self, stream: str) -> LegacyLog | None:
        """The stream, or None when the old layout has none of this name."""
        if stream not in self._logs:
            self._logs[stream] = self._load(stream)
        return self._logs[stream]

    def _load(self, stream: str) -> LegacyLog | None:
        log, mark = self.stream_paths(stream)
        if len(log.rpartition("/")[2]) > 255:
            return None
        data, text = self._content(log), self._content(mark)
        if data is None and text is None:
            return None
        high = 0
        if text is not None:
            if not text.strip().isdigit():
                raise StoreDamage(f"{self._port.root}/{mark}", 0, "this is no high-water mark")
            high = int(text)
        return LegacyLog(f"{self._port.root}/{log}", data or b"", high)

    def stream_paths(self, stream: str) -> tuple[str, str]:
        """The paths of the log and of the high-water mark of a stream."""
        stem = f"{STREAMS}/{to_bytes(stream).hex()}"
        return stem + ".log", stem + ".seq"

    def key_path(self, key: str) -> str:
        """The path of the file of a key."""
        return f"{KEYS}/{to_bytes(key).hex()}"

    def value(self, key: str) -> bytes | None:
        """The text of a key's value, or None."""
        path = self.key_path(key)
        if len(path.rpartition("/")[2]) not in range(1, 256):
            return None
        text = self._content(path)
        if text is not None:
            try:
                _datum(text)
            except (ReadError, ValueError) as error:
                raise StoreDamage(f"{self._port.root}/{path}", 0, f"this is no value: {error}") from error
        return text

    def has(self, path: str) -> bool:
        """Whether a file of the old layout is there."""
        return path not in self._gone and len(path.rpartition("/")[2]) <= 255 and self._port.exists(path)

    def streams(self) -> set[str]:
        """The names of all streams of the old layout."""
        found = set()
        for file in self._list(STREAMS):
            stem, _, suffix = file.rpartition(".")
            name = name_of(stem) if suffix in ("log", "seq") else None
            if name is not None and f"{STREAMS}/{file}" not in self._gone:
                found.add(name)
        return found

    def keys(self) -> set[str]:
        """The names of all keys of the old layout."""
        found = set()
        for file in self._list(KEYS):
            name = name_of(file)
            if name is not None and f"{KEYS}/{file}" not in self._gone:
                found.add(name)
        return found

    def _list(self, directory: str) -> list[str]:
        try:
            return self._port.list(directory)
        except FileNotFoundError:
            return []
