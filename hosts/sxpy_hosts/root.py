"""Opening: what a root says about itself, read in the order in which it can be trusted.

The marker first, since a newer format must not be read at all; then the manifest; then the journal from
where the manifest says, into a layer; the resting files are only read when somebody asks. So opening costs
what the journal's tail costs, whatever the history. Invariant: what `read_root` returns was all there at
one instant. A process that reads without the write lock may come between another's steps and must be
patient: what looks damaged may look well a moment later. Next: `hosts/sxpy_hosts/store.py`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from sxpy.port import Port
from sxpy_hosts.errors import StoreDamage
from sxpy_hosts.format import FILE as FORMAT
from sxpy_hosts.format import Format, read_format
from sxpy_hosts.journal import Journal, segment_path
from sxpy_hosts.layer import Layer
from sxpy_hosts.manifest import read_manifest
from sxpy_hosts.resting import Resting

ATTEMPTS = 5
"""How often a root that stays as it is must look damaged to be so."""
PAUSE = 0.0005
"""Seconds between attempts, times the number of the attempt."""


@dataclass(slots=True)
class Root:
    """An open root. `format` is None while it is no store of ours yet."""

    format: Format | None
    journal: Journal
    resting: Resting
    layer: Layer
    """What the journal holds and the resting files do not."""

    def close(self) -> None:
        """Let its files go."""
        self.journal.close()
        self.resting.close()


def read_root(port: Port, *, patient: bool) -> Root:
    """Read the root; `patient` when other processes may be writing. Raises StoreDamage, OSError."""
    number, attempt = -1, 0
    while True:
        try:
            return _read_root(port)
        except (StoreDamage, FileNotFoundError):
            if not patient:
                raise
            now = read_manifest(port).number
            # Others who got on may have been the reason each time.
            attempt = attempt + 1 if now == number else 1
            if attempt == ATTEMPTS:
                raise
            number = now
            time.sleep(PAUSE * attempt)


def _read_root(port: Port) -> Root:
    format_ = read_format(port)
    manifest = read_manifest(port)
    layer = Layer()
    journal = Journal(port, manifest.journal, manifest.commit)
    try:
        journal.follow(layer)
        if format_ is None and (layer or manifest.number):
            raise StoreDamage(f"{port.root}/{FORMAT}", 0, "the file is missing")
        first = segment_path(manifest.journal)
        if format_ is not None and journal.end == 0 and journal.segment == manifest.journal:
            # It had its first record on the disk before the marker or the manifest named it.
            lost = "the first record is gone" if port.exists(first) else "the file is missing"
            raise StoreDamage(f"{port.root}/{first}", 0, lost)
        if journal.sealed and read_manifest(port).number != manifest.number:
            raise StoreDamage(journal.path, journal.end, "the segment after this one is gone")
    except BaseException:
        journal.close()
        raise
    return Root(format_, journal, Resting(port, manifest, adopted=format_ is None or format_.adopted), layer)
