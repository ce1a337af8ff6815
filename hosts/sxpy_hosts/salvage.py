"""Salvage: everything that can still be read of a damaged root, and what cannot.

Reads as `verify` does, but goes on behind what is broken: records check themselves, so each that is whole
counts, wherever it stands. What a lost record said is not guessed, with one exception that only errs on
the safe side: a high-water mark is the highest seq seen anywhere. Invariants: nothing is written; every
piece that could not be read is in `losses`, and the file it lies in in `damaged`; with no losses the
content is exactly that of the store. Next: `hosts/sxpy_hosts/repair.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sxpy.cid import cid_of
from sxpy.data import Dict
from sxpy.errors import ReadError
from sxpy.port import Port, read_all
from sxpy.reader import read_datum
from sxpy_hosts import lines
from sxpy_hosts.blobs import DIRECTORY as BLOBS
from sxpy_hosts.blobs import is_cid
from sxpy_hosts.errors import StoreDamage
from sxpy_hosts.format import FILE as FORMAT
from sxpy_hosts.format import Format, read_format
from sxpy_hosts.journal import DIRECTORY as JOURNAL
from sxpy_hosts.journal import segment_of
from sxpy_hosts.layer import Layer
from sxpy_hosts.legacy import Legacy
from sxpy_hosts.log import DIRECTORY as STREAMS
from sxpy_hosts.log import Head, inline_rows, log_path, read_head
from sxpy_hosts.manifest import FILE as MANIFEST
from sxpy_hosts.manifest import TABLES, Manifest, read_manifest
from sxpy_hosts.names import name_of, to_text, unquoted
from sxpy_hosts.orphans import BUCKET, LOG, stream_in
from sxpy_hosts.progress import Meter, Progress, silent
from sxpy_hosts.record import Record, records, whole_records
from sxpy_hosts.recovery import FILL, judge
from sxpy_hosts.rewriting import files
from sxpy_hosts.table import ENTRY


@dataclass(slots=True)
class Stream:
    """What is left of one stream."""

    last: int = 0
    floor: int = 0
    events: dict[int, bytes] = field(default_factory=dict)

    def add(self, seq: int, text: bytes) -> None:
        """Keep an event, unless it was dropped or is there."""
        if seq > self.floor:
            self.events.setdefault(seq, text)
        self.last = max(self.last, seq)


@dataclass(slots=True)
class Salvaged:
    """What is left of a store."""

    streams: dict[str, Stream] = field(default_factory=dict)
    keys: dict[str, bytes] = field(default_factory=dict)
    kinds: dict[str, bytes] = field(default_factory=dict)
    losses: list[str] = field(default_factory=list)
    """What was acknowledged once and cannot be read, for people."""
    damaged: set[str] = field(default_factory=set)
    """The paths of the files in which something cannot be read."""
    commit: int = 0
    """The highest commit that was seen."""

    def layer(self) -> Layer:
        """The content as changes to an empty store."""
        layer = Layer()
        for name, stream in self.streams.items():
            for seq in sorted(stream.events):
                layer.append(name, seq, stream.events[seq])
            if stream.floor:
                layer.truncate(name, stream.floor, 0)
            layer.raise_mark(name, stream.last)
        layer.keys.update(self.keys)
        layer.kinds.update(self.kinds)
        return layer


def salvage(port: Port, progress: Progress = silent) -> Salvaged:
    """Read what can be read. Raises StoreFormatError for a newer format, OSError."""
    directories = (JOURNAL, STREAMS, BLOBS, *TABLES)
    meter = Meter(progress, "reading", sum(len(files(port, name)) for name in directories))
    found = _Salvage(port, meter).run()
    meter.end()
    return found


class _Salvage:
    """One pass over a root."""

    def __init__(self, port: Port, meter: Meter) -> None:
        self._port = port
        self._meter = meter
        self._found = Salvaged()
        self._manifest: Manifest | None = None

    def run(self) -> Salvaged:
        format_: Format | None = None
        try:
            format_ = read_format(self._port)
        except StoreDamage as error:
            self._lose(FORMAT, error.problem, acknowledged=False)
        try:
            self._manifest = read_manifest(self._port)
            if not self._port.exists(MANIFEST) and any(files(self._port, name) for name in TABLES):
                self._manifest = None
                self._lose(MANIFEST, "the file is missing: what was deleted long ago may be back")
        except StoreDamage as error:
            self._lose(MANIFEST, f"{error.problem}: what was deleted long ago may be back")
        adopted = format_ is None or format_.adopted
        if adopted:
            self._older_layout()
        for name in ("keys", "kinds"):
            self._found_table(name).update(self._table(name))
        self._streams(self._table("heads"), adopted=adopted)
        self._journal()
        self._blobs()
        return self._found

    def _found_table(self, name: str) -> dict[str, bytes]:
        return self._found.keys if name == "keys" else self._found.kinds

    def _lose(self, path: str, what: str, *, acknowledged: bool = True) -> None:
        self._found.damaged.add(path)
        if acknowledged:
            self._found.losses.append(f"{self._port.root}/{path}: {what}")

    def _read(self, path: str) -> bytes | None:
        try:
            file = self._port.open(path)
        except FileNotFoundError:
            return None
        try:
            self._meter.add()
            return read_all(file)
        finally:
            file.close()

    def _records(self, path: str, length: int | None, what: str) -> list[Record]:
        """The whole records in the first `length` bytes of a file, all of it by default."""
        data = self._read(path)
        if data is None:
            self._lose(path, f"the file is missing, and {what} in it")
            return []
        counted = data if length is None else data[:length]
        found = list(records(counted))
        end = found[-1].end if found else 0
        if length is not None and end == length:
            return found
        rest = counted[end:].strip(FILL)
        later = [record for record in whole_records(counted, 0) if record.offset >= end]
        if rest or length is not None:
            self._lose(path, f"from byte {end} on {what} cannot be read, but for {len(later)} records")
        return found + later

    # -- the parts -----------------------------------------------------------------------------------

    def _table(self, name: str) -> dict[str, bytes]:
        """Names and values of a table; the line of the latest checkpoint about a name wins."""
        places: list[tuple[str, int | None]] = []
        if self._manifest is not None:
            for prefix, extent in self._manifest.tables[name].items():
                if extent.end:
                    places.append((f"{name}/{prefix or '-'}.{extent.generation}.sx", extent.end))
        else:
            found = [match for file in files(self._port, name) if (match := BUCKET.fullmatch(file))]
            found.sort(key=lambda match: (len(match[1].strip("-")), int(match[2])))
            places = [(f"{name}/{match[0]}", None) for match in found]
        values: dict[str, bytes] = {}
        for path, length in places:
            for record in self._records(path, length, "names and their values"):
                entry = ENTRY.fullmatch(record.body)
                if entry is None:
                    continue
                if entry[2] is None:
                    values.pop(unquoted(entry[1]), None)
                else:
                    values[unquoted(entry[1])] = entry[2]
        return values

    def _streams(self, heads: dict[str, bytes], *, adopted: bool) -> None:
        counted: set[str] = set()
        for name, text in heads.items():
            head = read_head(text)
            stream = self._found.streams[name] = Stream(head.last, head.floor)
            if head.end:
                path = log_path(name, head.generation)
                counted.add(path)
                self._log(path, head, stream)
            else:
                for seq, row in inline_rows(text):
                    stream.add(seq, row)
        if "heads" not in {path.partition("/")[0] for path in self._found.damaged} and self._manifest:
            return
        latest: dict[str, tuple[int, str]] = {}
        for file in files(self._port, STREAMS):
            match = LOG.fullmatch(file)
            if match is None or (adopted and match[2] is None):
                continue
            path = f"{STREAMS}/{file}"
            owner = name_of(match[1]) if not match[1].startswith("sha256-") else stream_in(self._port, path)
            if owner is not None and owner not in heads:
                latest[owner] = max(latest.get(owner, (-1, "")), (int(match[2] or 0), path))
        for name, (_, path) in latest.items():
            self._log(path, None, self._found.streams.setdefault(name, Stream()))
            self._found.losses.append(
                f"stream {lines.shown(name)}: its head is lost; its high-water mark may have been higher"
            )

    def _log(self, path: str, head: Head | None, stream: Stream) -> None:
        data = self._read(path)
        start = data.find(b"\n") + 1 if data and data.startswith(b"; stream ") else 0
        if data is None or start == 0:
            found = self._records(path, head.end if head else None, "events")
        else:
            counted = data[: head.end] if head else data
            found = list(whole_records(counted, 0))
            covered = start + sum(record.end - record.offset for record in found)
            if head is not None and covered != head.end:
                self._lose(path, f"{head.end - covered} bytes of events cannot be read")
        for record in found:
            stream.add(record.number, record.body)

    def _older_layout(self) -> None:
        gone = frozenset(self._manifest.remove if self._manifest is not None else ())
        legacy = Legacy(self._port, gone)
        for name in sorted(legacy.streams()):
            path, mark = legacy.stream_paths(name)
            try:
                log = legacy.log(name)
                if log is not None:
                    stream = self._found.streams[name] = Stream(log.head.last, log.head.floor)
                    for seq, row in log.rows(1, 2**63):
                        stream.add(seq, row)
                continue
            except StoreDamage as error:
                self._lose(path if error.file.endswith(path) else mark, error.problem)
            stream = self._found.streams[name] = Stream()
            for line in (self._read(path) or b"").split(b"\n"):
                number = _seq(line)
                if number is not None and number > stream.last:
                    stream.add(number, line.strip())
            text = (self._read(mark) or b"").strip()
            stream.last = max(stream.last, int(text) if text.isdigit() else 0)
        for key in sorted(legacy.keys()):
            try:
                value = legacy.value(key)
            except StoreDamage as error:
                self._lose(legacy.key_path(key), error.problem)
                continue
            if value is not None:
                self._found.keys[key] = value.strip()

    def _journal(self) -> None:
        first = self._manifest.journal if self._manifest is not None else 1
        expected = self._manifest.commit + 1 if self._manifest is not None else 0
        self._found.commit = expected - 1
        segments = sorted(filter(None, map(segment_of, files(self._port, JOURNAL))))
        segments = [segment for segment in segments if segment >= first]
        for segment in segments:
            path = f"{JOURNAL}/{segment:010d}.sx"
            data = self._read(path) or b""
            for record in whole_records(data, 0):
                if record.number < expected:
                    continue
                if expected and record.number > expected:
                    self._lose(path, f"commits {expected} to {record.number - 1} cannot be read")
                expected = record.number + 1
                self._found.commit = record.number
                self._apply(path, record)
            self._tail(path, data, expected, last=segment == segments[-1])
        if not segments and self._manifest is not None and self._port.exists(FORMAT):
            self._lose(f"{JOURNAL}/{first:010d}.sx", "the file is missing, and the latest commits in it")

    def _tail(self, path: str, data: bytes, expected: int, *, last: bool) -> None:
        """What stands behind the last whole record: torn, and so never acknowledged, or lost."""
        end = max((record.end for record in whole_records(data, 0)), default=0)
        rest = data[end:]
        try:
            torn = judge(path, rest, end, expected) if last else len(rest.strip(FILL))
        except StoreDamage as error:
            self._lose(path, error.problem)
            return
        if torn:
            self._lose(path, f"the record at byte {end} is not whole", acknowledged=not last)

    def _apply(self, path: str, record: Record) -> None:
        changes = Layer()
        try:
            lines.apply(record.body, changes)
        except ValueError as error:
            self._lose(path, f"commit {record.number}: {error}")
            return
        for name, delta in changes.streams.items():
            stream = self._found.streams.setdefault(name, Stream())
            for seq, text in zip(delta.seqs, delta.texts, strict=True):
                stream.add(seq, text)
            stream.last = max(stream.last, delta.last)
            if delta.floor > stream.floor:
                stream.floor = delta.floor
                stream.events = {seq: text for seq, text in stream.events.items() if seq > delta.floor}
        for found, changed in ((self._found.keys, changes.keys), (self._found.kinds, changes.kinds)):
            for key, value in changed.items():
                if value is None:
                    found.pop(key, None)
                else:
                    found[key] = value

    def _blobs(self) -> None:
        for file in files(self._port, BLOBS):
            path = f"{BLOBS}/{file}"
            if is_cid(file) and cid_of(self._read(path) or b"") != file:
                self._lose(path, "the content does not have the hash of its name")


def _seq(line: bytes) -> int | None:
    try:
        value = read_datum(to_text(line))
    except (ReadError, UnicodeDecodeError):
        return None
    seq = value.get("seq") if isinstance(value, Dict) else None
    return seq if type(seq) is int and seq > 0 else None
