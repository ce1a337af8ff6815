"""Repair: a damaged store becomes a sound one that holds what could be read; nothing is deleted.

Every file in which something cannot be read is first copied to `aside/`, whole. Then what can be read
(`sxpy_hosts.salvage`) is written as one checkpoint, all of it under generations and numbers that no file
in the root has used, so until the new manifest is there the old files are as they were; a repair that
crashes is simply done again. Invariants: a store in which verify finds nothing is not touched; without
permission nothing is changed when something acknowledged would be given up.
Next: `hosts/sxpy_hosts/verify.py`.
"""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass, field

from sxpy.port import Port, SyncError, read_all, replace_file
from sxpy_hosts.checkpoint import Anew, checkpoint, make_directories, remove_obsolete
from sxpy_hosts.errors import StoreDamage, StoreError, StoreIOError, poisoned
from sxpy_hosts.format import Format, write_format
from sxpy_hosts.journal import Journal, segment_of
from sxpy_hosts.lock import WriteLock
from sxpy_hosts.manifest import TABLES, Buckets, Extent, Manifest, read_manifest
from sxpy_hosts.orphans import BUCKET, LOG
from sxpy_hosts.progress import Progress, counted, silent
from sxpy_hosts.recovery import DIRECTORY as ASIDE
from sxpy_hosts.resting import Resting
from sxpy_hosts.rewriting import files
from sxpy_hosts.salvage import Salvaged, salvage
from sxpy_hosts.verify import verify

_SEGMENT = re.compile(r"\d{10,}\.sx")
_STREAM = re.compile(LOG.pattern + r"|(?:[0-9a-f]{2})*\.seq")
_KEY = re.compile(r"(?:[0-9a-f]{2})+")
_NUMBER = re.compile(rb"; (\d+) \d+ [0-9a-f]{8}\n")


@dataclass(slots=True)
class Repaired:
    """What a repair did."""

    needed: bool = True
    losses: list[str] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    """The files that were set aside, as they are called now."""


class WouldLose(StoreError):
    """Repairing would give up acknowledged data, and nobody has said that it may; `losses` says what."""

    def __init__(self, root: str, losses: list[str]) -> None:
        super().__init__(
            f"{root}: repairing gives up acknowledged data; restore a backup instead, or permit it"
        )
        self.losses = losses


def repair(port: Port, *, give_up: bool = False, wait: float = 5.0, progress: Progress = silent) -> Repaired:
    """Make the store sound. Raises WouldLose unless `give_up`, StoreLocked, StoreFormatError, StoreError."""
    lock = WriteLock(port, wait)
    try:
        lock.acquire()
        try:
            if verify(port, progress).ok:
                return Repaired(needed=False)
            found = salvage(port, progress)
            if found.losses and not give_up:
                raise WouldLose(port.root, found.losses)
            return _repair(port, found, progress)
        finally:
            lock.release()
    except SyncError as error:
        raise poisoned(error) from error
    except OSError as error:
        raise StoreIOError("repair", str(error.filename or port.root), error) from error


def _repair(port: Port, found: Salvaged, progress: Progress) -> Repaired:
    before = _our_files(port)
    done = Repaired(losses=found.losses)
    for path in counted(sorted(found.damaged), len(found.damaged), progress, "setting aside"):
        if port.exists(path):
            done.aside.append(f"{port.root}/{_set_aside(port, path)}")
    make_directories(port)
    segments = [segment_of(path.rpartition("/")[2]) or 0 for path in before if path.startswith("journal/")]
    buckets = [int(match[2]) for path in before if (match := BUCKET.fullmatch(path.rpartition("/")[2]))]
    logs = [int(match[2] or 0) for path in before if (match := LOG.fullmatch(path.rpartition("/")[2]))]
    segment = max(segments, default=0) + 1
    fresh: dict[str, Buckets] = {name: {"": Extent(max(buckets, default=0) + 1, 0)} for name in TABLES}
    base = Manifest(_highest_number(port, before) + 1, segment, max(found.commit, 0), fresh)
    damaged_blobs = tuple(path for path in found.damaged if path.startswith("blobs/"))
    resting = Resting(port, base, adopted=False, first_generation=max(logs, default=0) + 1)
    with closing(resting), closing(Journal(port, segment, base.commit)) as journal:
        journal.start()
        obsolete = (*before, *damaged_blobs)
        checkpoint(port, journal, resting, found.layer(), Anew(remove=obsolete), progress)
        write_format(port, Format(adopted=False))
        remove_obsolete(port, resting.manifest)
    report = verify(port, progress)
    if not report.ok:
        raise StoreError(f"{port.root}: the repaired store is not sound: {report.problems[0]}")
    return done


def _our_files(port: Port) -> list[str]:
    """The files whose content the repaired store holds in files of its own."""
    patterns = {"journal": _SEGMENT, "streams": _STREAM, "kv": _KEY, **dict.fromkeys(TABLES, BUCKET)}
    return [
        f"{directory}/{file}"
        for directory, pattern in patterns.items()
        for file in files(port, directory)
        if pattern.fullmatch(file)
    ]


def _highest_number(port: Port, paths: list[str]) -> int:
    """The highest number that a checkpoint can have had."""
    try:
        highest = read_manifest(port).number
    except StoreDamage:
        highest = 0
    for path in paths:
        if path.startswith(TABLES):
            highest = max([highest, *map(int, _NUMBER.findall(_content(port, path)))])
    return highest


def _set_aside(port: Port, path: str) -> str:
    """Copy a file to `aside/`, durably, under a name of its own; the path of the copy."""
    port.make_dir(ASIDE)
    stem, number = f"{ASIDE}/{path.replace('/', '-')}", 1
    aside = f"{stem}.damaged"
    while port.exists(aside):
        number += 1
        aside = f"{stem}-{number}.damaged"
    replace_file(port, aside, _content(port, path))
    port.sync_dir()
    return aside


def _content(port: Port, path: str) -> bytes:
    file = port.open(path)
    try:
        return read_all(file)
    finally:
        file.close()
