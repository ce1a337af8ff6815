"""The disk port: the few things a store may ask of a file system.

Owns the protocols `Port` and `File`, and what is made of them alone. All access of a store to files goes
through a port. Because the list is short, a simulated disk can stand in for the real one
(`sxpy.testing.SimulatedDisk`) and a test can stop a store at every call.

Paths are relative to the root, `name` or `directory/name`; a store never builds a longer one, so no
name can lead out of the root. All methods raise `OSError` (its `filename` is the full path), and `sync`
and `sync_dir` the kind `SyncError`, because a failed sync is final; the layers above translate both.
Next: `hosts/sxpy_hosts/port.py`, the file system of the machine; `sxpy/testing/disk/machine.py`.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from typing import Protocol


class SyncError(OSError):
    """A sync failed: what of the file is on the disk is unknown, and trying again proves nothing."""


class File(Protocol):
    """An open regular file. Positions and lengths are in bytes."""

    def pread(self, length: int, offset: int) -> bytes:
        """Up to `length` bytes from `offset`; fewer only at the end of the file."""

    def pwrite(self, data: bytes, offset: int) -> int:
        """Write at `offset`; answers how many bytes were taken, which may be fewer."""

    def truncate(self, length: int) -> None:
        """Cut (or extend with zero bytes) to `length`."""

    def size(self) -> int:
        """The length of the file now."""

    def shared(self) -> bool:
        """Whether the file has another name, under which what is written to it would be seen too."""

    def sync(self) -> None:
        """Return when data and length are on the disk. Raises SyncError."""

    def close(self) -> None:
        """Let the file go."""


class Port(Protocol):
    """A directory tree of depth two: a root, directories in it, files in both."""

    root: str
    """What messages call the root."""

    def open(self, path: str, *, write: bool = False, create: bool = False) -> File:
        """Open a regular file. With `create` it may be new (and then needs `sync_dir`)."""

    def make_root(self) -> None:
        """Create the root and the directories above it that are missing; return when they are durable."""

    def make_dir(self, name: str) -> bool:
        """Create a directory in the root unless it is there; answers whether it is new."""

    def sync_dir(self, name: str = "") -> None:
        """Return when the entries of a directory (the root by default) are on the disk. Raises SyncError."""

    def sync_all(self, files: Sequence[File]) -> None:
        """Return when each of these open files is on the disk, in any order. Raises SyncError."""

    def rename(self, old: str, new: str) -> None:
        """Give a file another name in the same directory, replacing what had it."""

    def unlink(self, path: str) -> None:
        """Remove a file's name."""

    def list(self, name: str = "") -> list[str]:
        """The names in a directory, sorted."""

    def exists(self, path: str) -> bool:
        """Whether there is anything of this name, a dangling link included."""

    def modified(self, path: str) -> float:
        """When a file was written or touched last, in seconds since 1970."""

    def touch(self, path: str) -> None:
        """Make now the time that `modified` answers."""

    def lock(self) -> bool:
        """Try to take the kernel's exclusive lock of the root; it dies with the process."""

    def unlock(self) -> None:
        """Let the lock go."""

    def lock_holder(self) -> int | None:
        """The id of the process that has the lock, where the system tells; for messages."""

    def close(self) -> None:
        """Let go of everything that is open for the port itself, and of the lock."""


def read_all(file: File) -> bytes:
    """The whole content of a file that does not grow meanwhile."""
    return read_exactly(file, file.size(), 0)


def read_exactly(file: File, length: int, offset: int) -> bytes:
    """`length` bytes from `offset`, fewer only when the file ends before."""
    data = file.pread(length, offset)
    if len(data) == length:
        return data
    parts = [data]
    while data and length > len(data):
        length, offset = length - len(data), offset + len(data)
        data = file.pread(length, offset)
        parts.append(data)
    return b"".join(parts)


def write_all(file: File, data: bytes, offset: int) -> None:
    """Write all of `data` at `offset`, however many bytes the disk takes at a time."""
    taken = file.pwrite(data, offset)
    while taken < len(data):
        if taken == 0:
            raise OSError(errno.EIO, "the disk takes no bytes")
        data, offset = data[taken:], offset + taken
        taken = file.pwrite(data, offset)


def replace_file(port: Port, path: str, data: bytes) -> None:
    """Make `data` the content of `path`, at once and durably: after a crash it is the old or the new."""
    fresh = path + ".new"
    file = port.open(fresh, write=True, create=True)
    try:
        file.truncate(0)  # a crash may have left one
        write_all(file, data, 0)
        file.sync()
    finally:
        file.close()
    port.rename(fresh, path)
    port.sync_dir(path.rpartition("/")[0])
