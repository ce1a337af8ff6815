"""Backup and restore: a store copied as it is at one commit, while others go on writing to it.

What a manifest counts is never changed in place, so a backup needs no lock: it reads the root as any reader
does, copies every file as far as it counts, and then writes a manifest of its own. When a checkpoint
takes a file away before it was copied, the backup looks again, and copies what is new; a writer that is
too fast for that is made to wait. Invariants: a backup has its name only once all of it is on the disk
and was read back and checked; it is a store by itself, and needs no other backup.

With an earlier backup, what is the same there, byte for byte, is a hard link to it: files of a store are
never changed where they count, and none that has two names is added to (`File.shared`), so each goes its
own way when somebody writes to it. Only the journal is always copied. Restoring is the same in the other
direction, without links. What lies in `aside/` is no part of a store's answers and is not copied.
Next: `hosts/sxpy_hosts/transfer.py`, for moving between versions and kinds of stores.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from sxpy.port import File, Port, read_exactly, write_all
from sxpy_hosts.blobs import DIRECTORY as BLOBS
from sxpy_hosts.blobs import is_cid
from sxpy_hosts.checkpoint import make_directories
from sxpy_hosts.errors import StoreDamage, StoreError, StoreIOError
from sxpy_hosts.format import Format, write_format
from sxpy_hosts.journal import DIRECTORY as JOURNAL
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
    Raises StoreError; then there is no target, unless its name was all that could not be made durable.
    """
    _check_target(source, target)
    with _scratch(target) as partial, closing(RealPort(source)) as port, closing(RealPort(partial)) as copy:
        try:
            done = copy_store(port, copy, _Sharing(earlier, partial).share if earlier else _own, progress)
            partial.chmod(source.stat().st_mode & 0o7777)
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
    doing = "rename the copy to"
    try:
        partial.rename(target)
        doing = "make durable, though it is whole, the name of"
        descriptor = os.open(target.absolute().parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StoreIOError(doing, str(target), error) from error


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


Share = Callable[[File, str, int], bool]
"""Make a path in the copy the first bytes of a file without copying them, if that can be; whether it was."""


def _own(file: File, path: str, length: int) -> bool:
    """A copy that shares nothing."""
    return False


class _Sharing:
    """Hard links to an earlier backup, for what is the same there."""

    def __init__(self, earlier: Path, partial: Path) -> None:
        self._earlier = earlier
        self._partial = partial

    def share(self, file: File, path: str, length: int) -> bool:
        earlier = self._earlier / path
        if path.startswith(JOURNAL + "/") or not _is_same(file, length, earlier):
            return False
        try:
            os.link(earlier, self._partial / path, follow_symlinks=False)
        except OSError:
            return False  # another file system, or one without links: then it is copied
        return True


def copy_store(source: Port, target: Port, share: Share = _own, progress: Progress = silent) -> Backup:
    """Copy the store to the empty root of `target`, durably; `share` is asked for each file first.

    Raises StoreDamage, StoreError, OSError.
    """
    done = Backup()
    have: dict[str, int] = {}
    for _ in range(ATTEMPTS):
        number = read_manifest(source).number
        try:
            return _copy_moment(source, target, share, have, done, progress)
        except FileNotFoundError as error:
            if read_manifest(source).number == number:
                raise StoreDamage(str(error.filename), 0, "the file is missing") from error
    lock = WriteLock(source, wait=60)
    lock.acquire()
    try:
        return _copy_moment(source, target, share, have, done, progress)
    finally:
        lock.release()


def _copy_moment(
    source: Port, target: Port, share: Share, have: dict[str, int], done: Backup, progress: Progress
) -> Backup:
    moment = _moment(source)
    meter = Meter(progress, "copying", sum(moment.lengths.values()))
    make_directories(target)
    if any(path.startswith(KEYS + "/") for path in moment.lengths):
        target.make_dir(KEYS)
    for path, length in moment.lengths.items():
        if have.get(path) != length:
            if path in have:  # it may be shared: it is replaced, not written to
                target.unlink(path)
                del have[path]
            done.linked += _fetch(source, target, path, length, share)
            done.bytes += length
            have[path] = length
        meter.add(length)
    for path in have.keys() - moment.lengths.keys():
        target.unlink(path)
        del have[path]
    for directory in sorted({path.partition("/")[0] for path in moment.lengths}):
        target.sync_dir(directory)
    if moment.format is not None:
        write_manifest(target, replace(moment.manifest, remove=()))
        write_format(target, moment.format)
    target.sync_dir()
    meter.end()
    done.commit, done.files = moment.commit, len(moment.lengths)
    return done


def _fetch(source: Port, target: Port, path: str, length: int, share: Share) -> bool:
    """Make `path` the first `length` bytes of a file; answers whether it is shared."""
    file = source.open(path)
    try:
        if share(file, path, length):
            return True
        out = target.open(path, write=True, create=True)
        try:
            at = 0
            for part in _parts(file, length, f"{source.root}/{path}"):
                write_all(out, part, at)
                at += len(part)
            out.sync()
        finally:
            out.close()
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


def restore(backup: Path, target: Path, *, check: bool = True, progress: Progress = silent) -> Backup:
    """Make the store `target` from a backup; `target` must not be there yet, or be an empty directory.

    Raises StoreError as `back_up` does.
    """
    return back_up(backup, target, check=check, progress=progress)
