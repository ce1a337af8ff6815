"""What stands behind the last whole commit: nothing, a torn write, or damage.

A commit is one write into a region of newlines (or behind the end of the file), synced before the next
one is written; so at most one record is in flight when a machine stops. What a stop can leave of it is
some of its 512-byte sectors and, of the others, what was there before: newlines, zeros, or no file.

Invariants: a whole record behind a broken place proves that the broken one had been synced: damage. A
broken record that has all its bytes, its trailer included, and no trace of what was there before did
not come from a stop either: damage. Everything else is a torn write that nobody was told about: it is
kept in `aside/`, reported, and cut, before anything is written behind it. Damage is never cut.
Next: `hosts/sxpy_hosts/journal.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from sxpy.port import File, Port, replace_file
from sxpy_hosts.errors import StoreDamage
from sxpy_hosts.record import trailer_of, whole_records

DIRECTORY = "aside"
FILL = b"\n\0"
"""What unwritten space holds: our newlines, or zeros from a file system that lost them."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A torn write that was cut: where it stood, how long it was, and the file that keeps it."""

    file: str
    offset: int
    length: int
    aside: str


def judge(path: str, rest: bytes, offset: int, number: int) -> int:
    """How many bytes of `rest`, which follows the last whole record, are a torn write; 0 when none.

    `offset` is where `rest` starts in the file `path`, `number` what the next record would carry.
    Raises StoreDamage when the bytes were once part of a whole record.
    """
    torn = rest.rstrip(FILL)
    if not torn:
        return 0
    for record in whole_records(rest, offset):
        if record.number >= number:
            raise StoreDamage(path, offset, f"record {number} is not whole, but a later one is")
    if rest[len(torn) : len(torn) + 1] == b"\n" and b"\n\n" not in torn and b"\0" not in torn:
        found = trailer_of(torn[torn.rfind(b"\n") + 1 :])
        if (
            found is not None
            and found.number == number
            and found.length == len(torn) - found.size + 1
            and torn[:1] not in FILL
        ):
            raise StoreDamage(path, offset, f"the checksum of record {number} does not match")
    return len(torn)


def keep_aside(port: Port, path: str, offset: int, torn: bytes) -> Cut:
    """Keep torn bytes in a file of their own, durably, before they are cut off or left behind."""
    port.make_dir(DIRECTORY)
    stem = f"{DIRECTORY}/{path.replace('/', '-')}-{offset}"
    aside, number = f"{stem}.torn", 1
    while port.exists(aside):
        number += 1
        aside = f"{stem}-{number}.torn"
    replace_file(port, aside, torn)
    port.sync_dir()
    return Cut(f"{port.root}/{path}", offset, len(torn), f"{port.root}/{aside}")


def cut(port: Port, file: File, path: str, offset: int, torn: bytes) -> Cut:
    """Keep the torn bytes aside and cut them off the file, durably."""
    done = keep_aside(port, path, offset, torn)
    file.truncate(offset)
    file.sync()
    return done
