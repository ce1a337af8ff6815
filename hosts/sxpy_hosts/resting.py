"""The resting files taken together: what the last checkpoint left, and below it the older layout.

Owns the answer to "what lies under the journal": stream heads and keys from the tables, events from the
stream logs, and from `sxpy_hosts.legacy` for what no checkpoint has touched yet. Invariants: it changes
only when a checkpoint is adopted; what it has read into memory stays true until then. One thread at a
time (the store's lock sees to it). Next: `hosts/sxpy_hosts/checkpoint.py`.
"""

from __future__ import annotations

from collections import OrderedDict

from sxpy.port import File, Port
from sxpy_hosts.legacy import FIRST_GENERATION, Legacy, LegacyLog
from sxpy_hosts.log import Head, Log, Row, inline_rows, log_path, read_head
from sxpy_hosts.manifest import TABLES, Manifest, read_manifest
from sxpy_hosts.table import MOST_NAMES, Staged, Table

OPEN_LOGS = 64
"""Stream logs that stay open."""


class Resting:
    """The resting files as `manifest` describes them."""

    def __init__(
        self, port: Port, manifest: Manifest, *, adopted: bool, first_generation: int | None = None
    ) -> None:
        """`adopted`: files of the older layout may be there.

        `first_generation` is that of a new stream's first log, when it is not the usual one.
        """
        self.port = port
        self.manifest = manifest
        self.adopted = adopted
        self.first_generation = first_generation or (FIRST_GENERATION if adopted else 0)
        """The generation of a new stream's first log."""
        self.tables = {name: Table(port, name, manifest.tables[name]) for name in TABLES}
        self.legacy = Legacy(port, frozenset(manifest.remove)) if adopted else None
        self._heads: dict[str, Head | None] = {}
        self._open: OrderedDict[str, File] = OrderedDict()

    def head(self, stream: str) -> Head | None:
        """What is known of the stream, or None when it was never appended to."""
        try:
            return self._heads[stream]
        except KeyError:
            text = self.tables["heads"].get(stream)
            head: Head | None = None
            if text is not None:
                head = read_head(text)
            elif self.legacy is not None:
                old = self.legacy.log(stream)
                head = old.head if old is not None else None
            if len(self._heads) >= MOST_NAMES:
                self._heads.clear()
            self._heads[stream] = head
            return head

    def old_log(self, stream: str) -> LegacyLog | None:
        """The stream as the older layout holds it, unless a checkpoint has taken it over."""
        if self.legacy is None or self.tables["heads"].get(stream) is not None:
            return None
        return self.legacy.log(stream)

    def log(self, stream: str, head: Head) -> Log:
        """The stream's log. Raises StoreDamage, FileNotFoundError when a checkpoint elsewhere removed it."""
        path = log_path(stream, head.generation)
        file = self._open.get(path)
        if file is None:
            file = self._open[path] = self.port.open(path)
            if len(self._open) > OPEN_LOGS:
                self._open.popitem(last=False)[1].close()
        else:
            self._open.move_to_end(path)
        return Log(file, f"{self.port.root}/{path}", stream, head.end)

    def is_stale(self) -> bool:
        """Whether another process has replaced the manifest, or removed what it gave up.

        Its list must not be followed then: what is on it may have been put again.
        """
        now = read_manifest(self.port)
        return (now.number, now.remove) != (self.manifest.number, self.manifest.remove)

    def rows(self, stream: str, low: int, high: int) -> list[bytes]:
        """The stored rows with low ≤ seq ≤ high, in rising order."""
        head = self.head(stream)
        if head is not None and head.end:
            return self.log(stream, head).texts(low, high)
        return [text for _, text in self.loose_rows(stream, low, high)]

    def loose_rows(self, stream: str, low: int, high: int) -> list[Row]:
        """The same with their seqs, for a stream that has no log of ours."""
        old = self.old_log(stream)
        if old is not None:
            return old.rows(low, high)
        text = self.tables["heads"].get(stream)
        if text is None:
            return []
        return [row for row in inline_rows(text) if low <= row[0] <= high]

    def count_rows(self, stream: str, low: int, high: int) -> int:
        """How many rows `rows` would answer."""
        return len(self.rows(stream, low, high))

    def streams(self) -> set[str]:
        """Every stream that has a head."""
        names = self.tables["heads"].names()
        if self.legacy is not None:
            names |= self.legacy.streams()
        return names

    def get(self, table: str, name: str) -> bytes | None:
        """The text of a name's value in a table, or None."""
        text = self.tables[table].get(name)
        if text is None and table == "keys" and self.legacy is not None:
            text = self.legacy.value(name)
        return text

    def names(self, table: str) -> set[str]:
        """Every name that has a value in a table."""
        names = self.tables[table].names()
        if table == "keys" and self.legacy is not None:
            names |= self.legacy.keys()
        return names

    def adopt(self, manifest: Manifest, staged: dict[str, Staged], heads: dict[str, Head]) -> None:
        """A checkpoint happened: read what it wrote from now on."""
        self.manifest = manifest
        for name, table in self.tables.items():
            table.adopt(staged[name])
        self._heads.update(heads)
        for path in manifest.remove:
            if path in self._open:
                self._open.pop(path).close()
        if self.legacy is not None:
            self.legacy.give_up(manifest.remove, heads)

    def close(self) -> None:
        """Let go of the open files."""
        while self._open:
            self._open.popitem()[1].close()
