"""The consistency check: read everything a root holds, and say what is not as it should be.

Unlike opening, which costs what the journal's tail costs, `verify` reads every byte that counts: all
checksums, all heads against their logs, all hashes, and whether every stored text is a value. It writes
nothing and takes no lock; when another process's checkpoint gets in its way, it begins again. A problem
is damage; a note is something that is allowed to be there, such as a torn write that the next writer will
cut. Next: `docs/store.md`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from sxpy.cid import cid_of
from sxpy.data import Dict
from sxpy.errors import ReadError
from sxpy.port import Port, read_all
from sxpy.reader import read_datum
from sxpy_hosts.blobs import DIRECTORY as BLOBS
from sxpy_hosts.errors import StoreDamage, StoreFormatError
from sxpy_hosts.format import FILE as FORMAT
from sxpy_hosts.format import Format, read_format
from sxpy_hosts.journal import DIRECTORY as JOURNAL
from sxpy_hosts.journal import Journal, segment_of, segment_path
from sxpy_hosts.layer import Layer
from sxpy_hosts.legacy import KEYS, STREAMS
from sxpy_hosts.log import Head, log_path, read_head
from sxpy_hosts.manifest import TABLES, Manifest, read_manifest
from sxpy_hosts.names import name_of, to_text
from sxpy_hosts.port import RealPort
from sxpy_hosts.progress import Meter, Progress, silent
from sxpy_hosts.resting import Resting
from sxpy_hosts.view import MOST, View

ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """Damage: the file, the byte where it shows, and what is wrong."""

    file: str
    offset: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}: byte {self.offset}: {self.message}"


@dataclass(slots=True)
class Report:
    """What was found: how much there is, the problems, and the notes."""

    streams: int = 0
    events: int = 0
    keys: int = 0
    blobs: int = 0
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether there is no problem."""
        return not self.problems


def verify(root: str | os.PathLike[str] | Port, progress: Progress = silent) -> Report:
    """Check the store in `root`. Raises StoreFormatError when it is newer, OSError when it cannot be read."""
    if isinstance(root, (str, os.PathLike)):
        with closing(RealPort(root)) as port:
            return _verify(port, progress)
    return _verify(root, progress)


def _verify(port: Port, progress: Progress) -> Report:
    report = Report()
    for _ in range(ATTEMPTS):
        before = _manifest_number(port)
        report = _Check(port, progress).run()
        if _manifest_number(port) == before:
            break
    else:
        report.notes.append("other processes kept checkpointing: some problems may be none")
    return report


def _manifest_number(port: Port) -> int:
    try:
        return read_manifest(port).number
    except (StoreDamage, OSError):  # the check will say so
        return -1


class _Check:
    """One pass over a root."""

    def __init__(self, port: Port, progress: Progress) -> None:
        self._port = port
        self._progress = progress
        self._report = Report()
        self._meter = Meter(silent, "", 0)
        self._expected: set[str] = set()
        """The paths that have a right to be there."""

    def run(self) -> Report:
        self._port.list()
        manifest, layer, adopted = Manifest(), Layer(), True
        format_: Format | None = Format(adopted=True)
        with self._noting():
            format_ = read_format(self._port)
            adopted = format_ is None or format_.adopted
        with self._noting():
            manifest = read_manifest(self._port)
        with self._noting():
            journal = Journal(self._port, manifest.journal, manifest.commit)
            try:
                journal.follow(layer)
            finally:
                journal.close()
            if format_ is None and (layer or manifest.number):
                self._problem(FORMAT, 0, "the file is missing")
            # The segment after it may be empty: whoever began it was killed before it had a record.
            if format_ is not None and journal.end == 0 and journal.segment == manifest.journal:
                self._problem(segment_path(manifest.journal), 0, "the file is missing or has no first record")
            if journal.torn:
                self._report.notes.append(
                    f"{journal.path}: a torn write at byte {journal.end}, which the next writer will cut"
                )
            for segment in self._files(JOURNAL):
                number = segment_of(segment)
                if number is not None and manifest.journal <= number <= journal.segment:
                    self._expected.add(f"{JOURNAL}/{segment}")
        resting = Resting(self._port, manifest, adopted=adopted)
        self._meter = Meter(self._progress, "checking", self._steps(View(resting, (layer,))))
        try:
            self._tables(resting)
            self._streams(resting, layer)
            self._keys(resting, layer)
        finally:
            resting.close()
        self._blobs()
        self._strangers(manifest, adopted=adopted)
        self._meter.end()
        return self._report

    def _steps(self, view: View) -> int:
        """About how much there is to check, as far as it can be told now."""
        blobs = len(self._files(BLOBS))
        with suppress(StoreDamage, OSError):  # the check will say so
            return sum(1 + view.count(stream) for stream in view.streams()) + len(view.keys()) + blobs
        return blobs

    @contextmanager
    def _noting(self) -> Iterator[None]:
        """Turn damage into a problem of the report, and go on."""
        try:
            yield
        except StoreDamage as error:
            self._report.problems.append(Problem(error.file, error.offset, error.problem))
        except FileNotFoundError as error:
            self._report.problems.append(Problem(str(error.filename), 0, "the file is missing"))
        except OSError as error:  # a directory in the place of a file, no permission, a broken disk
            path = str(error.filename or self._port.root)
            self._report.problems.append(Problem(path, 0, f"it cannot be read: {error.strerror}"))

    def _problem(self, path: str, offset: int, message: str) -> None:
        self._report.problems.append(Problem(f"{self._port.root}/{path}", offset, message))

    def _files(self, directory: str) -> list[str]:
        with self._noting():
            try:
                return self._port.list(directory)
            except FileNotFoundError:
                pass  # not needed yet
        return []

    # -- the parts -----------------------------------------------------------------------------------

    def _tables(self, resting: Resting) -> None:
        for table in resting.tables.values():
            for prefix, extent in table.extents().items():
                path = table.path(prefix, extent.generation)
                if extent.end:
                    self._expected.add(path)
                with self._noting():
                    at = max((end for _, end, _, _ in table.lines(prefix, extent)), default=0)
                    if at != extent.end:
                        self._problem(path, at, f"{extent.end} bytes count, but the line here is not whole")

    def _streams(self, resting: Resting, layer: Layer) -> None:
        view = View(resting, (layer,))
        names: set[str] = set(layer.streams)
        for stream_table in (resting.tables["heads"],):
            with self._noting():
                names |= stream_table.names()
        if resting.legacy is not None:
            names |= resting.legacy.streams()
        for stream in sorted(names):
            with self._noting():
                self._stream(resting, view, stream)

    def _stream(self, resting: Resting, view: View, stream: str) -> None:
        self._report.streams += 1
        self._meter.add()
        text = resting.tables["heads"].get(stream)
        if text is not None:
            self._log(resting, stream, read_head(text))
        rows = view.rows(stream)
        self._report.events += len(rows)
        where = f"stream {stream!r}"
        if len(rows) != view.count(stream):
            self._problem(where, 0, f"{len(rows)} events are stored, but {view.count(stream)} are counted")
        before, last = 0, view.last_seq(stream)
        for row in rows:
            self._meter.add()
            seq = _seq(row)
            if seq is None:
                self._problem(where, 0, f"the event after :seq {before} is no dict with a :seq")
                return
            if not before < seq <= last:
                self._problem(where, 0, f":seq {seq} follows {before}, and the high-water mark is {last}")
            before = seq

    def _log(self, resting: Resting, stream: str, head: Head) -> None:
        if head.end == 0:
            return  # its events follow the head, and are checked with the rest
        path = log_path(stream, head.generation)
        self._expected.add(path)
        live = 0
        for record in resting.log(stream, head).records(1, MOST):
            live += record.number > head.floor
            if record.number > head.last:
                self._problem(path, record.offset, f":seq {record.number} is above the high-water mark")
            if _seq(record.body) != record.number:
                self._problem(path, record.offset, "the record's number is not the event's :seq")
        if live != head.count:
            self._problem(path, head.end, f"{live} events are stored, but {head.count} are counted")

    def _keys(self, resting: Resting, layer: Layer) -> None:
        view = View(resting, (layer,))
        with self._noting():
            names = view.keys()
            for key in names:
                self._report.keys += 1
                with self._noting():
                    text = view.get(key)
                    self._meter.add()
                    if text is None or _datum(text, lambda _: True) is None:
                        self._problem(f"key {key!r}", 0, "the stored text is no value")

    def _blobs(self) -> None:
        for file in self._files(BLOBS):
            if file.endswith(".new"):
                self._report.notes.append(f"{BLOBS}/{file}: left by a put that did not finish")
            else:
                with self._noting():
                    self._blob(file)

    def _blob(self, file: str) -> None:
        handle = self._port.open(f"{BLOBS}/{file}")
        try:
            data = read_all(handle)
        finally:
            handle.close()
        self._report.blobs += 1
        self._meter.add()
        if cid_of(data) != file:
            self._problem(f"{BLOBS}/{file}", 0, "the content does not have the hash of its name")

    def _strangers(self, manifest: Manifest, *, adopted: bool) -> None:
        """Note files that no part of the store names."""
        for directory in (JOURNAL, STREAMS, *(name for name in TABLES)):
            for file in self._files(directory):
                path = f"{directory}/{file}"
                known = path in self._expected or path in manifest.remove
                old = adopted and directory == STREAMS and file.endswith((".log", ".seq"))
                if not known and not (old and name_of(file[:-4]) is not None):
                    self._report.notes.append(f"{path}: no part of the store; a crash may have left it")
        for file in self._files(KEYS):
            if adopted and name_of(file) is None:
                self._report.notes.append(f"{KEYS}/{file}: its name is no key's")


def _datum(text: bytes, use: Callable[[Any], Any]) -> Any:
    """What `use` makes of the value in `text`, or None when there is no value in it."""
    try:
        return use(read_datum(to_text(text)))
    except (ReadError, UnicodeDecodeError):
        return None


def _seq(text: bytes) -> int | None:
    """The seq of an event, or None when it is none."""
    seq: int | None = _datum(text, lambda value: value.get("seq") if isinstance(value, Dict) else None)
    return seq


__all__ = ["Problem", "Report", "StoreFormatError", "verify"]
