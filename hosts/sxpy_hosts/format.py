"""The marker `format.sx` in the root: which version of the layout lies here.

Invariants: it is written once, after the first journal segment, so a root that has it is a store; a
version this code does not know is refused before anything else is read. A root without it is either
empty or holds the layout found in the field (`adopted`), which `sxpy_hosts.legacy` reads.
Next: `hosts/sxpy_hosts/manifest.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sxpy.port import Port, read_all, replace_file
from sxpy_hosts.errors import StoreDamage, StoreFormatError
from sxpy_hosts.record import open_line, seal

FILE = "format.sx"
VERSION = 1

_BODY = re.compile(rb'\{:format "sxpy-store" :version (\d+)(?: :adopted (true|false))?')


@dataclass(frozen=True, slots=True)
class Format:
    """What the marker says. `adopted`: files of the older layout may lie here and must be looked for."""

    adopted: bool


def read_format(port: Port) -> Format | None:
    """The marker, or None when the root has none. Raises StoreFormatError, StoreDamage, OSError."""
    try:
        file = port.open(FILE)
    except FileNotFoundError:
        return None
    try:
        data = read_all(file)
    finally:
        file.close()
    path = f"{port.root}/{FILE}"
    whole = open_line(data[:-1]) if data.endswith(b"\n") else None
    if whole is None:
        raise StoreDamage(path, 0, "the format marker is not whole")
    found = _BODY.match(whole[0])
    if found is None:
        raise StoreDamage(path, 0, "this is no format marker")
    version = int(found[1])
    if version > VERSION:
        raise StoreFormatError(
            f"{path}: the store has format {version}, this program knows up to {VERSION}; use a newer sxpy"
        )
    return Format(adopted=found[2] == b"true")


def write_format(port: Port, format_: Format) -> None:
    """Write the marker, durably."""
    adopted = b"true" if format_.adopted else b"false"
    body = b'{:format "sxpy-store" :version %d :adopted %b}' % (VERSION, adopted)
    replace_file(port, FILE, seal(body, VERSION))
