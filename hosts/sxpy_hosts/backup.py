"""Backup and restore: a store copied as it is at one commit, while others go on writing to it.

What a manifest counts is never changed in place, so a backup needs no lock: it reads the root as any reader
does, copies every file as far as it counts, and then writes a manifest of its own. When a checkpoint
takes a file away before it was copied, the backup looks again, and copies what is new; a writer that is
too fast for that is made to wait. Invariants: a backup has its name only once all of it is on the disk
and was read back and checked; it is a store by itself, and needs no other backup.

With an earlier backup, what is the same there, byte for byte, is a hard link to it: files of a store are
never changed where they count, so the two share them safely. Restoring is the same in the other direction,
without links. What lies in `aside/` is no part of a store's answers and is not copied.
Next: `hosts/sxpy_hosts/transfer.py`, for moving between versions and kinds of stores.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from sxpy.port import File, Port, read_exactly
from sxpy_hosts.blobs import DIRECTORY as BLOBS
from sxpy_hosts.blobs import is_cid
from sxpy_hosts.checkpoint import make_directories
from sxpy_hosts.errors import StoreDamage, StoreError, StoreIOError
from sxpy_hosts.format import Format, write_format
from sxpy_hosts.journal import segment_path
from sxpy_hosts.legacy import KEYS, STREAMS
from sxpy_hosts.lock import WriteLock
from sxpy_hosts.log import log_path, read_head
from sxpy_hosts.manifest import Manifest, read_manifest, write_manifest
from sxpy_hosts.names import name_of
from sxpy_hosts.port import RealPort
from sxpy_hosts.progress import Meter, Progress, silent
from sxpy_hosts.rewriting import files
from sxpy_hosts.root import Root, read_root
from sxpy_hosts.verify import verify

ATTEMPTS = 10
"""How often a backup looks again before it makes writers wait."""
CHUNK = 1 << 20
"""Bytes that are copied at a time."""

_OLD = re.compile(r"(?:[0-9a-f]{2})*\.(?:log|seq)")


@dataclass(slots=True)
class Backup:
    """What a backup did: the commit it holds, and how much it copied and linked."""

    commit: int = 0
    files: int = 0
    bytes: int = 0
    linked: int = 0
    """How many of the files are shared with the earlier backup."""


@dataclass(frozen=True, slots=True)
class _Moment:
    """A store at one commit: its files, and how many bytes of each count."""

    format: Format | None
    manifest: Manifest
    commit: int
    lengths: dict[str, int] = field(default_factory=dict)


def back_up(
    source: Path,
    target: Path,
    *,
    earlier: Path | None = None,
    check: bool = True,
    progress: Progress = silent,
) -> Backup:
    """Copy the store `source` to `target`, which must not be there yet, or be an empty directory.

    `earlier`: a backup to share files with. `check`: read the copy back before it gets its name.
    Raises StoreError.
    """
    _check_target(source, target)
    with _scratch(target) as partial, closing(RealPort(source)) as port:
        try:
            done = _copy(port, partial, earlier, progress)
        except OSError as error:
            raise StoreIOError("back up to", str(error.filename or target), error) from error
        if check:
            problems = verify(partial, progress).problems
            if problems:
                raise StoreError(
                    f"{source}: the store is damaged, so its copy is not kept: {problems[0]} "
                    f"({len(problems)} in all; see `sx store verify`)"
                )
        _publish(partial, target)
    return done


def _check_target(source: Path, target: Path) -> None:
    if not source.is_dir():
        raise StoreError(f"{source}: there is no store")
    if target.is_symlink() or (target.exists() and not (target.is_dir() and not any(target.iterdir()))):
        raise StoreError(f"{target}: something is there already; nothing is ever copied over it")
    if target.absolute().is_relative_to(source.absolute()):
        raise StoreError(f"{target}: the target lies in the store itself")


@contextmanager
def _scratch(target: Path) -> Iterator[Path]:
    """A directory beside the target that is gone afterwards, unless it has become the target."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{target.name[:100]}.", dir=target.parent))
    except OSError as error:
        raise StoreIOError("back up to", str(target), error) from error
    try:
        yield partial
    finally:
        if partial.exists():
            shutil.rmtree(partial)


def _publish(partial: Path, target: Path) -> None:
    try:
        partial.rename(target)
        descriptor = os.open(target.absolute().parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StoreIOError("rename the copy to", str(target), error) from error


# -- what counts at one commit ---------------------------------------------------------------------------


def _moment(port: Port) -> _Moment:
    """The store as it is now. Raises StoreDamage, and OSError, FileNotFoundError after a checkpoint."""
    root = read_root(port, patient=True)
    try:
        manifest = root.resting.manifest
        found = _Moment(root.format, manifest, root.journal.commit)
        if root.format is not None:
            _count_ours(port, root, found.lengths)
        if root.resting.adopted:
            for path in _old_files(port):
                if path not in manifest.remove:
                    found.lengths[path] = _size(port, path)
        for file in files(port, BLOBS):
            path = f"{BLOBS}/{file}"
            if is_cid(file) and path not in manifest.remove:
                found.lengths[path] = _size(port, path)
        return found
    finally:
        root.close()


def _count_ours(port: Port, root: Root, lengths: dict[str, int]) -> None:
    for stream, text in root.resting.tables["heads"].entries():
        head = read_head(text)
        if head.end:
            lengths[log_path(stream, head.generation)] = head.end
    for table in root.resting.tables.values():
        for prefix, extent in table.extents().items():
            if extent.end:
                lengths[table.path(prefix, extent.generation)] = extent.end
    journal = root.journal
    for segment in range(root.resting.manifest.journal, journal.segment):
        lengths[segment_path(segment)] = _size(port, segment_path(segment))
    lengths[segment_path(journal.segment)] = journal.end


def _old_files(port: Port) -> Iterator[str]:
    for file in files(port, STREAMS):
        if _OLD.fullmatch(file):
            yield f"{STREAMS}/{file}"
    for file in files(port, KEYS):
        if name_of(file) is not None:
            yield f"{KEYS}/{file}"


def _size(port: Port, path: str) -> int:
    file = port.open(path)
    try:
        return file.size()
    finally:
        file.close()


# -- copying ---------------------------------------------------------------------------------------------


def _copy(port: RealPort, partial: Path, earlier: Path | None, progress: Progress) -> Backup:
    done = Backup()
    have: dict[str, int] = {}
    for _ in range(ATTEMPTS):
        number = read_manifest(port).number
        try:
            return _copy_moment(port, partial, earlier, have, done, progress)
        except FileNotFoundError as error:
            if read_manifest(port).number == number:
                raise StoreDamage(str(error.filename), 0, "the file is missing") from error
    lock = WriteLock(port, wait=60)
    lock.acquire()
    try:
        return _copy_moment(port, partial, earlier, have, done, progress)
    finally:
        lock.release()


def _copy_moment(
    port: RealPort,
    partial: Path,
    earlier: Path | None,
    have: dict[str, int],
    done: Backup,
    progress: Progress,
) -> Backup:
    moment = _moment(port)
    meter = Meter(progress, "copying", sum(moment.lengths.values()))
    target = RealPort(partial)
    with closing(target):
        partial.chmod(Path(port.root).stat().st_mode & 0o7777)
        make_directories(target)
        if any(path.startswith(KEYS + "/") for path in moment.lengths):
            target.make_dir(KEYS)
        for path, length in moment.lengths.items():
            if have.get(path) != length:
                old = earlier / path if earlier is not None else None
                done.linked += _fetch(port, path, length, partial / path, old)
                done.bytes += length
                have[path] = length
            meter.add(length)
        for path in have.keys() - moment.lengths.keys():
            (partial / path).unlink()
        for directory in sorted({path.partition("/")[0] for path in moment.lengths}):
            target.sync_dir(directory)
        if moment.format is not None:
            write_manifest(target, replace(moment.manifest, remove=()))
            write_format(target, moment.format)
        target.sync_dir()
    meter.end()
    done.commit, done.files = moment.commit, len(moment.lengths)
    return done


def _fetch(port: Port, path: str, length: int, target: Path, earlier: Path | None) -> bool:
    """Make `target` the first `length` bytes of a file; answers whether it is a link to `earlier`."""
    target.unlink(missing_ok=True)
    file = port.open(path)
    try:
        if earlier is not None and _is_same(file, length, earlier):
            try:
                os.link(earlier, target, follow_symlinks=False)
                return True
            except OSError:
                pass  # another file system, or one without links: then it is copied
        with target.open("xb") as out:
            for part in _parts(file, length, f"{port.root}/{path}"):
                out.write(part)
            _sync(out)
    finally:
        file.close()
    return False


def _is_same(file: File, length: int, earlier: Path) -> bool:
    if earlier.is_symlink() or not earlier.is_file() or earlier.stat().st_size != length:
        return False
    with earlier.open("rb") as other:
        return all(part == other.read(len(part)) for part in _parts(file, length, ""))


def _parts(file: File, length: int, name: str) -> Iterator[bytes]:
    at = 0
    while at < length:
        part = read_exactly(file, min(CHUNK, length - at), at)
        if not part:
            raise StoreDamage(name, at, f"the file ends here, but {length} bytes of it count")
        yield part
        at += len(part)


def _sync(out: BinaryIO) -> None:
    out.flush()
    os.fsync(out.fileno())


def restore(backup: Path, target: Path, *, check: bool = True, progress: Progress = silent) -> Backup:
    """Make the store `target` from a backup; `target` must not be there yet, or be an empty directory.

    Raises StoreError; then there is no target.
    """
    return back_up(backup, target, check=check, progress=progress)
