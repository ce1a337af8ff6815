"""A table at rest: names and their values, spread over small append-only files by the digest of the name.

    ("orders" {:last 3 …}) ; 5 24 0f62a9d1        the name has this value since checkpoint 5
    ("k") ; 6 5 77aa0d2b                           the name has no value since checkpoint 6

A bucket holds the names whose SHA-256 begins with its prefix; together the buckets partition all names.
A small table is one bucket (file `-.<generation>.sx`, prefix empty); a bucket that has grown is split in
sixteen. So a lookup reads one file of bounded size, once, whatever the table has become, and a
checkpoint of thousands of names writes to few files.

Invariants: the manifest says how many bytes of which generation of each bucket count; these are never
changed in place: a checkpoint adds behind them or writes a new generation, and nothing in memory changes
before the manifest did. The last line about a name wins. Next: `hosts/sxpy_hosts/log.py`.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from functools import cached_property

from sxpy.port import Port, read_exactly, write_all
from sxpy_hosts.batch import Batch
from sxpy_hosts.errors import StoreDamage
from sxpy_hosts.manifest import Buckets, Extent
from sxpy_hosts.names import digest, quoted, unquoted
from sxpy_hosts.record import open_line, records, seal

SPLIT = 1 << 17
"""A bucket is split when its live lines are longer than this, in bytes, or up to twice this, if it has names
enough. Names are spread evenly, so with one limit for all buckets one checkpoint would split them all."""
FEWEST = 64
"""Names that make a split worth while."""
SLACK = 1 << 14
"""Dead bytes that are never worth a rewrite."""
MOST_NAMES = 1 << 19
"""Names whose places are kept in memory, per table."""

ENTRY = re.compile(rb'\(("(?:[^"\\]++|\\.)*+")(?: (.*))?\)', re.DOTALL)
_HEX = "0123456789abcdef"

Place = tuple[int, int]
"""Offset and length of a line in its bucket file, without its newline."""


class Bucket:
    """One bucket: its extent, and where each name's line is."""

    __slots__ = ("extent", "live", "places")

    def __init__(self, extent: Extent, places: dict[str, Place], live: int) -> None:
        self.extent = extent
        self.places = places
        self.live = live
        """Bytes of the lines in `places`."""


class Staged:
    """What a checkpoint wrote for a table, to be adopted when the manifest says so."""

    __slots__ = ("buckets", "dropped", "obsolete")

    def __init__(self) -> None:
        self.buckets: dict[str, Bucket] = {}
        self.dropped: list[str] = []
        self.obsolete: list[str] = []
        """Paths that are not needed once the manifest is replaced."""


class Table:
    """The names and values of one table."""

    def __init__(self, port: Port, name: str, buckets: Buckets) -> None:
        self._port = port
        self._name = name
        self._buckets = buckets
        self._loaded: OrderedDict[str, Bucket] = OrderedDict()
        self._names = 0
        """Names in the loaded buckets."""

    @cached_property
    def _extents(self) -> dict[str, Extent]:
        # Not before somebody asks: opening a store does not.
        return dict(self._buckets)

    def extents(self) -> dict[str, Extent]:
        """The buckets as the manifest should list them."""
        return dict(self._extents)

    def path(self, prefix: str, generation: int) -> str:
        """The file of a bucket."""
        return f"{self._name}/{prefix or '-'}.{generation}.sx"

    def get(self, name: str) -> bytes | None:
        """The text of the name's value, or None. Raises StoreDamage, OSError."""
        prefix = self._prefix(name)
        if prefix is None:
            return None
        bucket = self._bucket(prefix)
        place = bucket.places.get(name)
        if place is None:
            return None
        line = self._line(prefix, bucket.extent, place)
        return line[len(quoted(name)) + 2 : -1]

    def entries(self) -> Iterator[tuple[str, bytes]]:
        """Every name that has a value, with it; each bucket is read once."""
        for prefix, extent in self._extents.items():
            found: dict[str, bytes] = {}
            for _, _, name, value in self.lines(prefix, extent):
                if value is None:
                    found.pop(name, None)
                else:
                    found[name] = value
            yield from found.items()

    def names(self) -> set[str]:
        """Every name that has a value."""
        found: set[str] = set()
        for prefix in self._extents:
            found.update(self._bucket(prefix).places)
        return found

    def _prefix(self, name: str) -> str | None:
        """The prefix of the bucket that is the name's; None when the table is empty."""
        if "" in self._extents:
            return ""
        hashed = digest(name) if self._extents else ""
        for length in range(1, len(hashed)):
            if hashed[:length] in self._extents:
                return hashed[:length]
        return None

    def _full_path(self, prefix: str, extent: Extent) -> str:
        return f"{self._port.root}/{self.path(prefix, extent.generation)}"

    def _line(self, prefix: str, extent: Extent, place: Place) -> bytes:
        """The body of the line at `place`."""
        offset, length = place
        file = self._port.open(self.path(prefix, extent.generation))
        try:
            whole = open_line(read_exactly(file, length, offset))
        finally:
            file.close()
        if whole is None:
            raise StoreDamage(self._full_path(prefix, extent), offset, "the line is not whole")
        return whole[0]

    def _bucket(self, prefix: str) -> Bucket:
        bucket = self._loaded.get(prefix)
        if bucket is None:
            bucket = self._load(prefix, self._extents[prefix])
            self._keep(prefix, bucket)
        else:
            self._loaded.move_to_end(prefix)
        return bucket

    def _keep(self, prefix: str, bucket: Bucket) -> None:
        """Keep a bucket in memory, and let those go that were not used for longest."""
        self._forget(prefix)
        self._loaded[prefix] = bucket
        self._names += len(bucket.places)
        while self._names > MOST_NAMES and len(self._loaded) > 1:
            self._forget(next(iter(self._loaded)))

    def _forget(self, prefix: str) -> None:
        bucket = self._loaded.pop(prefix, None)
        if bucket is not None:
            self._names -= len(bucket.places)

    def _load(self, prefix: str, extent: Extent) -> Bucket:
        places: dict[str, Place] = {}
        at = 0
        for offset, end, name, value in self.lines(prefix, extent):
            if value is None:
                places.pop(name, None)
            else:
                places[name] = (offset, end - offset - 1)
            at = end
        if at != extent.end:
            raise StoreDamage(self._full_path(prefix, extent), at, "the line is not whole")
        return Bucket(extent, places, sum(length + 1 for _, length in places.values()))

    def lines(self, prefix: str, extent: Extent) -> Iterable[tuple[int, int, str, bytes | None]]:
        """Offset, end, name and value of every whole line of a bucket, from its beginning."""
        if extent.end == 0:
            return
        file = self._port.open(self.path(prefix, extent.generation))
        try:
            data = read_exactly(file, extent.end, 0)
        finally:
            file.close()
        for body, _, offset, end in records(data):
            found = ENTRY.fullmatch(body)
            if found is None:
                raise StoreDamage(self._full_path(prefix, extent), offset, "this is no table line")
            name = unquoted(found[1])
            if prefix and not digest(name).startswith(prefix):
                raise StoreDamage(self._full_path(prefix, extent), offset, "a name of another bucket")
            yield offset, end, name, found[2]

    # -- changing ----------------------------------------------------------------------------------

    def write(
        self, changes: dict[str, bytes | None], number: int, batch: Batch, *, clean: bool = False
    ) -> Staged:
        """Write `changes` in a batch; once that is synced, checkpoint `number` can adopt them.

        `clean`: every bucket whose file has bytes that do not count is written anew without them.
        """
        staged = Staged()
        if not (changes or (clean and self._extents)):
            return staged
        new_files = False
        if not self._extents:
            self._extents[""] = Extent(1, 0)  # an empty bucket has no file: nothing changes for readers
        grouped: dict[str, list[str]] = {prefix: [] for prefix in self._extents} if clean else {}
        for name in changes:
            prefix = self._prefix(name)
            assert prefix is not None
            grouped.setdefault(prefix, []).append(name)
        for prefix, names in grouped.items():
            lines = {name: _line_of(name, changes[name], number) for name in names}
            new_files |= self._write_bucket(prefix, changes, lines, staged, batch, clean)
        if new_files:
            self._port.sync_dir(self._name)
        return staged

    def _write_bucket(
        self,
        prefix: str,
        changes: dict[str, bytes | None],
        lines: dict[str, bytes],
        staged: Staged,
        batch: Batch,
        clean: bool,
    ) -> bool:
        """Write one bucket, by adding to it, rewriting or splitting it; answers whether a file is new."""
        old = self._bucket(prefix)
        lines = {n: line for n, line in lines.items() if changes[n] is not None or n in old.places}
        if not lines and not (clean and self._has_dead_bytes(prefix, old)):
            return False
        live = old.live
        for name, line in lines.items():
            if name in old.places:
                live -= old.places[name][1] + 1
            if changes[name] is not None:
                live += len(line)
        end = old.extent.end + sum(map(len, lines.values()))
        names = len(old.places.keys() | lines.keys())
        splits = _splits(prefix, live, names)
        if not splits and not clean and end <= 2 * live + SLACK:
            added = self._add(prefix, old, changes, lines, live, batch)
            if added is not None:
                staged.buckets[prefix] = added
                return old.extent.end == 0
        kept = self._live_lines(prefix, old, changes, lines)
        if old.extent.end:
            staged.obsolete.append(self.path(prefix, old.extent.generation))
        if not splits:
            staged.buckets[prefix] = self._create(prefix, old.extent.generation + 1, kept, batch)
            return True
        staged.dropped.append(prefix)
        for part, part_lines in _parts(prefix, kept):
            staged.buckets[part] = self._create(part, old.extent.generation + 1, part_lines, batch)
        return True

    def _has_dead_bytes(self, prefix: str, bucket: Bucket) -> bool:
        """Whether the file of a bucket holds anything but the live lines."""
        if bucket.extent.end != bucket.live:
            return True
        if bucket.extent.end == 0:
            return False
        file = self._port.open(self.path(prefix, bucket.extent.generation))
        try:
            return file.size() > bucket.extent.end
        finally:
            file.close()

    def _add(
        self,
        prefix: str,
        old: Bucket,
        changes: dict[str, bytes | None],
        lines: dict[str, bytes],
        live: int,
        batch: Batch,
    ) -> Bucket | None:
        """Write the lines behind what counts; None, with nothing written, when others share the file."""
        if not self._write_file(prefix, old.extent, b"".join(lines.values()), batch):
            return None
        places = dict(old.places)
        at = old.extent.end
        for name, line in lines.items():
            if changes[name] is None:
                places.pop(name, None)
            else:
                places[name] = (at, len(line) - 1)
            at += len(line)
        return Bucket(Extent(old.extent.generation, at), places, live)

    def _live_lines(
        self, prefix: str, old: Bucket, changes: dict[str, bytes | None], lines: dict[str, bytes]
    ) -> dict[str, bytes]:
        """The lines that count after `changes`."""
        kept: dict[str, bytes] = {}
        if old.places:
            file = self._port.open(self.path(prefix, old.extent.generation))
            try:
                data = read_exactly(file, old.extent.end, 0)
            finally:
                file.close()
            for name, (offset, length) in old.places.items():
                line = data[offset : offset + length + 1]
                if open_line(line[:-1]) is None:
                    raise StoreDamage(self._full_path(prefix, old.extent), offset, "the line is not whole")
                kept[name] = line
        for name, line in lines.items():
            if changes[name] is None:
                kept.pop(name, None)
            else:
                kept[name] = line
        return kept

    def _create(self, prefix: str, generation: int, lines: dict[str, bytes], batch: Batch) -> Bucket:
        places: dict[str, Place] = {}
        at = 0
        for name, line in lines.items():
            places[name] = (at, len(line) - 1)
            at += len(line)
        extent = Extent(generation, 0)
        if at:
            self._write_file(prefix, extent, b"".join(lines.values()), batch)
        return Bucket(Extent(generation, at), places, at)

    def _write_file(self, prefix: str, extent: Extent, data: bytes, batch: Batch) -> bool:
        """Write `data` behind what counts of a bucket file; not to one that another store shares."""
        path = self.path(prefix, extent.generation)
        file = self._port.open(path, write=True, create=extent.end == 0)
        try:
            if extent.end and file.shared():
                file.close()
                return False
            file.truncate(extent.end)  # a crash may have left a longer one
            write_all(file, data, extent.end)
        except BaseException:
            file.close()
            raise
        batch.add(file)
        return True

    def extents_with(self, staged: Staged) -> dict[str, Extent]:
        """The buckets as they are when `staged` is adopted."""
        extents = dict(self._extents)
        for prefix in staged.dropped:
            del extents[prefix]
        extents.update((prefix, bucket.extent) for prefix, bucket in staged.buckets.items())
        return extents

    def adopt(self, staged: Staged) -> None:
        """The manifest names what was staged: read that from now on."""
        self._extents = self.extents_with(staged)
        for prefix in staged.dropped:
            self._forget(prefix)
        for prefix, bucket in staged.buckets.items():
            self._keep(prefix, bucket)


def _splits(prefix: str, live: int, names: int) -> bool:
    """Whether a bucket with so many live bytes and names is to be split."""
    return names >= FEWEST and live > SPLIT + SPLIT * int(digest(prefix)[:4], 16) // 0x10000


def _parts(prefix: str, lines: dict[str, bytes]) -> Iterator[tuple[str, dict[str, bytes]]]:
    """What a bucket is split into: sixteen buckets, and those that would be too large again."""
    parts: dict[str, dict[str, bytes]] = {prefix + digit: {} for digit in _HEX}
    for name, line in lines.items():
        parts[digest(name)[: len(prefix) + 1]][name] = line
    for part, part_lines in parts.items():
        if _splits(part, sum(map(len, part_lines.values())), len(part_lines)):
            yield from _parts(part, part_lines)
        else:
            yield part, part_lines


def _line_of(name: str, value: bytes | None, number: int) -> bytes:
    body = b"(%b)" % quoted(name) if value is None else b"(%b %b)" % (quoted(name), value)
    return seal(body, number)
