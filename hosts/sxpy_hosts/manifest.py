"""The manifest `manifest.sx`: which bytes of which resting files count, and where the journal begins.

    {:journal 6 :commit 25001 :heads (("-" 1 4711)) :keys (("0" 2 81920) …) :kinds ()
     :remove ("streams/61.log")} ; 5 …                                     (in the file, on one line)

A checkpoint writes resting files beyond what the manifest counts, or new ones, and then replaces the
manifest: that rename is the instant at which the checkpoint happens. So after a crash the old manifest
still describes exactly the files it described, and the journal from segment `:journal` on holds the
rest. `:commit` is the last commit the resting files contain; a table lists its buckets with generation and
length (see `sxpy_hosts.table`); `:remove` names files that are not needed any more and may still be there.
The number of the record counts checkpoints. Next: `hosts/sxpy_hosts/checkpoint.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sxpy.port import Port, read_all, replace_file
from sxpy_hosts.errors import StoreDamage
from sxpy_hosts.names import quoted
from sxpy_hosts.record import open_line, seal

FILE = "manifest.sx"
TABLES = ("heads", "keys", "kinds")
"""The tables of a store: stream heads, the key-value facet, the kinds of ambiguous blobs."""


@dataclass(frozen=True, slots=True)
class Extent:
    """One bucket file: its generation, and how many of its bytes count."""

    generation: int
    end: int


# The manifest is read by its own grammar, and its rows when somebody asks for them: it can list thousands
# of buckets, and opening waits for it.
_ROW = re.compile(rb'\("([0-9a-f]+|-)" (\d+) (\d+)\)')
_PATH = re.compile(rb'"([^"]*)"')
_BODY = re.compile(
    rb"\{:journal (\d+) :commit (\d+) "
    + b" ".join(rb":%b \(([^:]*)\)" % name.encode() for name in TABLES)
    + rb" :remove \(([^:]*)\)\}"
)

Buckets = Mapping[str, Extent]
"""The buckets of a table by the digest prefix they hold."""


class _Rows(Buckets):
    """The buckets that the text of a table's rows lists."""

    __slots__ = ("_found", "_text")

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._found: dict[str, Extent] | None = None

    def _read(self) -> dict[str, Extent]:
        if self._found is None:
            self._found = {
                prefix.decode().replace("-", ""): Extent(int(generation), int(end))
                for prefix, generation, end in _ROW.findall(self._text)
            }
        return self._found

    def __getitem__(self, prefix: str) -> Extent:
        return self._read()[prefix]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the last checkpoint left. The empty one stands for a store that had none yet."""

    number: int = 0
    journal: int = 1
    commit: int = 0
    tables: dict[str, Buckets] = field(default_factory=lambda: {name: {} for name in TABLES})
    remove: tuple[str, ...] = ()


def read_manifest(port: Port) -> Manifest:
    """The manifest of the store. Raises StoreDamage, OSError."""
    try:
        file = port.open(FILE)
    except FileNotFoundError:
        return Manifest()
    try:
        data = read_all(file)
    finally:
        file.close()
    path = f"{port.root}/{FILE}"
    whole = open_line(data[:-1]) if data.endswith(b"\n") else None
    if whole is None:
        raise StoreDamage(path, 0, "the manifest is not whole")
    body, number = whole
    found = _BODY.fullmatch(body)
    if found is None:
        raise StoreDamage(path, 0, "this is no manifest")
    journal, commit, *tables, remove = found.groups()
    return Manifest(
        number,
        int(journal),
        int(commit),
        {name: _Rows(rows) for name, rows in zip(TABLES, tables, strict=True)},
        tuple(path.decode() for path in _PATH.findall(remove)),
    )


def write_manifest(port: Port, manifest: Manifest) -> None:
    """Replace the manifest, durably."""
    parts = [b"{:journal %d :commit %d" % (manifest.journal, manifest.commit)]
    for name in TABLES:
        rows = (
            b'("%b" %d %d)' % ((prefix or "-").encode(), extent.generation, extent.end)
            for prefix, extent in sorted(manifest.tables[name].items())
        )
        parts.append(b":%b (%b)" % (name.encode(), b" ".join(rows)))
    parts.append(b":remove (%b)}" % b" ".join(quoted(path) for path in manifest.remove))
    replace_file(port, FILE, seal(b" ".join(parts), manifest.number))
