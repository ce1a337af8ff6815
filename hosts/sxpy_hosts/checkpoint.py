"""The checkpoint: what the journal holds moves to the resting files, and the journal begins anew.

In this order: the journal segment is sealed and the next one begun; events are added to their streams'
logs, heads, keys and kinds to their tables, all synced; the manifest is replaced, which is the instant
it happens; then the old segments and the files that were rewritten are removed. Invariants: before that
instant no byte that the old manifest counts has changed, so a crash or an error leaves the store as it
was, and the work is simply done again some time; after it, what is left to remove is listed in the
manifest, so it is removed by whoever writes next. A file's removal is on the disk before the list
forgets it. A checkpoint can also write things anew (`Anew`), so that nothing dead is left in the files:
that is how a store is compacted and how events are erased. Next: `hosts/sxpy_hosts/store.py`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from sxpy.port import Port
from sxpy_hosts.batch import Batch
from sxpy_hosts.journal import Journal, segment_path
from sxpy_hosts.layer import Delta, Layer
from sxpy_hosts.log import (
    DIRECTORY,
    INLINE,
    Head,
    Log,
    Piece,
    Row,
    create_log,
    extend_log,
    head_text,
    log_path,
    sealed,
)
from sxpy_hosts.manifest import TABLES, Manifest, write_manifest
from sxpy_hosts.progress import Progress, counted, silent
from sxpy_hosts.record import seal
from sxpy_hosts.recovery import Cut, keep_aside
from sxpy_hosts.resting import Resting
from sxpy_hosts.table import Staged
from sxpy_hosts.view import MOST

log = logging.getLogger("sxpy_hosts")

DIRECTORIES = ("journal", DIRECTORY, *TABLES, "blobs")
"""The directories of a store."""

SLACK = 1 << 14
"""Dead bytes of a stream's log that are never worth a rewrite."""


def make_directories(port: Port) -> None:
    """Make the directories of a store that are missing, durably."""
    new = [name for name in DIRECTORIES if port.make_dir(name)]
    if new:
        port.sync_dir()


REUSED = ("blobs/", "aside/")
"""How the paths begin that may be given to a new file once the old one is removed."""


@dataclass(frozen=True, slots=True)
class Anew:
    """What a checkpoint writes anew: every table that holds dead bytes, and what is named here."""

    streams: Mapping[str, Mapping[int, bytes]] = field(default_factory=dict)
    """The streams whose events are written anew, and the events that get another text, by seq."""
    remove: tuple[str, ...] = ()
    """Files that the store has no more use for once the checkpoint has happened."""


@dataclass(slots=True)
class _Work:
    """What one checkpoint has done so far."""

    batch: Batch
    heads: dict[str, Head] = field(default_factory=dict)
    texts: dict[str, bytes | None] = field(default_factory=dict)
    """What the table `heads` keeps of each stream."""
    obsolete: list[str] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    new_logs: bool = False


def checkpoint(
    port: Port,
    journal: Journal,
    resting: Resting,
    layer: Layer,
    anew: Anew | None = None,
    progress: Progress = silent,
) -> list[Cut]:
    """Move what is in `layer`, which must be all the journal holds, to the resting files.

    `anew` asks for more, at the same instant; the layer may then be one that the journal never held, if
    the journal holds nothing else. With the write lock. Afterwards `resting` has it: the layer must be
    forgotten, and `remove_obsolete` can be called. Answers the torn lines of the older layout that were
    set aside.
    Raises StoreIOError, StorePoisoned, StoreDamage, OSError: then nothing has changed.
    """
    make_directories(port)
    first = resting.manifest.journal
    journal.roll()
    number = resting.manifest.number + 1
    with Batch(port) as batch:
        work = _Work(batch)
        _write_streams(port, resting, layer, anew.streams if anew is not None else {}, work, progress)
        staged = _write_tables(resting, layer, number, work, clean=anew is not None)
        batch.sync()
    if resting.legacy is not None:
        paths = (resting.legacy.key_path(key) for key in layer.keys)
        work.obsolete += [path for path in paths if resting.legacy.has(path)]
    work.obsolete += [segment_path(segment) for segment in range(first, journal.segment)]
    work.obsolete += anew.remove if anew is not None else ()
    for directory in {path.rpartition("/")[0] for path in resting.manifest.remove}:
        port.sync_dir(directory)
    still_there = [path for path in resting.manifest.remove if port.exists(path)]
    manifest = Manifest(
        number,
        journal.segment,
        journal.commit - 1,  # the last commit is the first record of the new segment
        {name: table.extents_with(staged[name]) for name, table in resting.tables.items()},
        tuple(dict.fromkeys(still_there + work.obsolete)),
    )
    write_manifest(port, manifest)
    resting.adopt(manifest, staged, work.heads)
    return work.cuts


def _write_streams(
    port: Port,
    resting: Resting,
    layer: Layer,
    rewritten: Mapping[str, Mapping[int, bytes]],
    work: _Work,
    progress: Progress,
) -> None:
    streams = dict.fromkeys((*layer.streams, *rewritten))
    for stream in counted(streams, len(streams), progress, "writing"):
        delta = layer.streams.get(stream) or Delta()
        _write_stream(port, resting, stream, delta, rewritten.get(stream), work)
    if work.new_logs:
        port.sync_dir(DIRECTORY)


def _write_tables(
    resting: Resting, layer: Layer, number: int, work: _Work, *, clean: bool
) -> dict[str, Staged]:
    changes: dict[str, dict[str, bytes | None]] = {
        "heads": work.texts,
        "keys": layer.keys,
        "kinds": layer.kinds,
    }
    staged: dict[str, Staged] = {}
    for name, table in resting.tables.items():
        staged[name] = table.write(changes[name], number, work.batch, clean=clean)
        work.obsolete += staged[name].obsolete
    return staged


def remove_obsolete(port: Port, manifest: Manifest) -> Manifest:
    """Remove the files the manifest has no more use for; the manifest as it is then.

    One that cannot be removed stays listed, and so does one that was, until the next checkpoint. But a
    path that may be used again is taken off the list at once, or a later file would be removed with it.
    """
    failed = set()
    for path in manifest.remove:
        try:
            if port.exists(path):
                port.unlink(path)
        except OSError as error:
            failed.add(path)
            log.warning("%s/%s is of no more use but cannot be removed: %s", port.root, path, error.strerror)
    reused = [path for path in manifest.remove if path.startswith(REUSED) and path not in failed]
    if reused:
        for directory in {path.rpartition("/")[0] for path in reused}:
            port.sync_dir(directory)
        manifest = replace(manifest, remove=tuple(p for p in manifest.remove if p not in reused))
        write_manifest(port, manifest)
    return manifest


def _write_stream(
    port: Port,
    resting: Resting,
    stream: str,
    delta: Delta,
    replaced: Mapping[int, bytes] | None,
    work: _Work,
) -> None:
    """Write what a layer says of one stream to its log, if it has one, and its head to `work`.

    With `replaced`, the log is written anew, these events with these texts.
    """
    old = resting.head(stream) or Head(0, 0, 0, resting.first_generation, 0)
    floor = max(old.floor, delta.floor)
    rows: list[Row] = list(zip(delta.seqs, delta.texts, strict=True))
    generation, end = old.generation, old.end
    if old.end:
        path = log_path(stream, old.generation)
        live = resting.log(stream, old).offset_of(floor + 1) if floor or replaced is not None else 0
        kept = old.end - live
        extended = None
        if replaced is None and kept and (live <= kept or live <= SLACK):
            extended = extend_log(port, path, sealed(rows), old.end, work.batch) if rows else old.end
        if extended is not None:
            end, rows = extended, []
        else:  # more of the log is dead than alive, or another store shares the file: what lives moves
            generation += 1
            work.obsolete.append(path)
            if kept > INLINE:
                parts = _copied(resting.log(stream, old), Piece(path, live, old.end), replaced or {})
                end = create_log(port, stream, generation, (*parts, sealed(rows)), work.batch)
                work.new_logs, rows = True, []
            else:
                rows, end = resting.log(stream, old).rows(floor + 1, MOST) + rows, 0
    else:
        rows = resting.loose_rows(stream, floor + 1, MOST) + rows
        _leave_old_files(port, resting, stream, work)
    rows = [(seq, replaced.get(seq, text)) for seq, text in rows] if replaced else rows
    if sum(len(text) for _, text in rows) > INLINE:
        end, rows = create_log(port, stream, generation, (sealed(rows),), work.batch), []
        work.new_logs = True
    head = Head(max(old.last, delta.last), floor, old.count + delta.change, generation, end)
    work.heads[stream] = head
    work.texts[stream] = head_text(head, rows)


def _copied(log: Log, piece: Piece, replaced: Mapping[int, bytes]) -> Iterator[Piece | bytes]:
    """A piece of a log, with other texts in the place of some of its events."""
    at = piece.start
    for seq in sorted(replaced):
        start, end = log.offset_of(seq), log.offset_of(seq + 1)
        if start >= at and end > start:
            yield Piece(piece.path, at, start)
            yield seal(replaced[seq], seq)
            at = end
    yield Piece(piece.path, at, piece.stop)


def _leave_old_files(port: Port, resting: Resting, stream: str, work: _Work) -> None:
    """Note the files of the older layout that are not needed any more; keep what was torn aside."""
    legacy, old_log = resting.legacy, resting.old_log(stream)
    if legacy is None or old_log is None:
        return
    paths = [path for path in legacy.stream_paths(stream) if legacy.has(path)]
    work.obsolete += paths
    if old_log.torn:
        work.cuts.append(keep_aside(port, paths[0], old_log.end, old_log.torn))
