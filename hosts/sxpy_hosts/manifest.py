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

from dataclasses import dataclass, field

from sxpy.data import Dict, is_list
from sxpy.errors import ReadError
from sxpy.reader import read_datum
from sxpy_hosts.errors import StoreDamage
from sxpy_hosts.names import quoted, to_text
from sxpy_hosts.port import Port, read_all, replace_file
from sxpy_hosts.record import open_line, seal

FILE = "manifest.sx"
TABLES = ("heads", "keys", "kinds")
"""The tables of a store: stream heads, the key-value facet, the kinds of ambiguous blobs."""


@dataclass(frozen=True, slots=True)
class Extent:
    """One bucket file: its generation, and how many of its bytes count."""

    generation: int
    end: int


Buckets = dict[str, Extent]
"""The buckets of a table by the digest prefix they hold."""


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
    try:
        return _parse(read_datum(to_text(body)), number)
    except (ReadError, ValueError, TypeError) as error:
        raise StoreDamage(path, 0, f"this is no manifest: {error}") from error


def _parse(value: object, number: int) -> Manifest:
    if not isinstance(value, Dict):
        raise TypeError("it is no dict")
    tables: dict[str, Buckets] = {}
    for name in TABLES:
        rows = value.get(name)
        if not is_list(rows):
            raise TypeError(f"it has no :{name}")
        tables[name] = {}
        for row in rows:
            prefix, generation, end = row
            tables[name]["" if prefix == "-" else prefix] = Extent(generation, end)
    return Manifest(number, value.get("journal"), value.get("commit"), tables, tuple(value.get("remove")))


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
