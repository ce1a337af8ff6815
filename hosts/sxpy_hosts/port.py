"""The file system of the machine, below one root: the port (`sxpy/port.py`) that a store has in earnest.

Symbolic links below the root are not followed, only regular files are opened, and every error names the
whole path. Next: `hosts/sxpy_hosts/names.py`.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from sxpy.port import File, SyncError

READ_ONLY = (errno.EINVAL, errno.EROFS)
"""How a sync fails on a file system that cannot be written to, and so has nothing to sync."""

FEW, SYNCING = 8, 7
"""From how many files on threads help to sync them, and how many: what comes together is done together."""


if hasattr(os, "fdatasync"):
    _sync = os.fdatasync
else:  # pragma: no cover - macOS, where only this command reaches the platter

    def _sync(fd: Any) -> None:
        fcntl.fcntl(fd, getattr(fcntl, "F_FULLFSYNC"))  # noqa: B009


class RealFile:
    """A file of the operating system."""

    __slots__ = ("_fd", "_path", "_write")

    def __init__(self, fd: int, path: str, *, write: bool) -> None:
        self._fd = fd
        self._path = path
        self._write = write

    def pread(self, length: int, offset: int) -> bytes:
        return os.pread(self._fd, length, offset)

    def pwrite(self, data: bytes, offset: int) -> int:
        return os.pwrite(self._fd, data, offset)

    def truncate(self, length: int) -> None:
        os.ftruncate(self._fd, length)

    def size(self) -> int:
        return os.fstat(self._fd).st_size

    def shared(self) -> bool:
        return os.fstat(self._fd).st_nlink > 1

    def sync(self) -> None:
        try:
            _sync(self._fd)
        except OSError as error:
            if self._write or error.errno not in READ_ONLY:
                raise SyncError(error.errno, error.strerror, self._path) from error

    def close(self) -> None:
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            _close(fd)

    def __del__(self) -> None:
        self.close()


class RealPort:
    """The file system of the machine, below `root`."""

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = os.fspath(root)
        self._directories: dict[str, int] = {}

    def _directory(self, name: str) -> int:
        """A descriptor of the directory, opened once. The root may be reached through links, no more."""
        fd = self._directories.get(name)
        if fd is None:
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
            if name:
                fd = os.open(name, flags | os.O_NOFOLLOW, dir_fd=self._directory(""))
            else:
                fd = os.open(self.root, flags)
            kept = self._directories.setdefault(name, fd)
            if kept != fd:  # another thread was faster
                os.close(fd)
                fd = kept
        return fd

    def _full(self, path: str) -> str:
        return f"{self.root}/{path}" if path else self.root

    def _place(self, path: str) -> tuple[int, str]:
        directory, _, name = path.rpartition("/")
        return self._directory(directory), name

    def open(self, path: str, *, write: bool = False, create: bool = False) -> RealFile:
        # O_NONBLOCK: a pipe in the place of a file must not hang the store; it means nothing to files.
        flags = (os.O_RDWR if write else os.O_RDONLY) | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        full = self._full(path)
        with _naming(full):
            directory, name = self._place(path)
            fd = os.open(name, flags | (os.O_CREAT if create else 0), 0o666, dir_fd=directory)
        file = RealFile(fd, full, write=write)
        with _naming(full):
            mode = os.fstat(fd).st_mode
        if not stat.S_ISREG(mode):
            file.close()
            if stat.S_ISDIR(mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), full)
            raise OSError(errno.EINVAL, "not a regular file", full)
        return file

    def make_root(self) -> None:
        missing = []
        path = os.path.abspath(self.root)
        while not _is_there(path):
            missing.append(path)
            path = os.path.dirname(path)
        for path in reversed(missing):
            with contextlib.suppress(FileExistsError):
                os.mkdir(path)
            _sync_path(os.path.dirname(path))
        if not missing:
            # It may be the fresh work of a process that was killed before it came to the sync. Whoever
            # cannot even read the directory above did not make the root.
            with contextlib.suppress(PermissionError):
                _sync_path(os.path.dirname(path))

    def make_dir(self, name: str) -> bool:
        with _naming(self._full(name)):
            try:
                os.mkdir(name, dir_fd=self._directory(""))
            except FileExistsError:
                self._directory(name)  # raises when it is no directory
                return False
        return True

    def sync_dir(self, name: str = "") -> None:
        full = self._full(name)
        with _naming(full):
            fd = self._directory(name)
        _sync_directory(fd, full)

    def sync_all(self, files: Sequence[File]) -> None:
        left, errors = list(files), []

        def sync_the_next() -> None:
            while left:
                try:
                    file = left.pop()
                except IndexError:  # another thread was faster
                    return
                try:
                    file.sync()
                except BaseException as error:
                    errors.append(error)

        helpers = [threading.Thread(target=sync_the_next) for _ in range(SYNCING if len(files) >= FEW else 0)]
        started = []
        with contextlib.suppress(RuntimeError):  # no thread can be started when Python ends: then without
            for helper in helpers:
                helper.start()
                started.append(helper)
        sync_the_next()
        for helper in started:
            helper.join()
        if errors:
            raise errors[0]

    def rename(self, old: str, new: str) -> None:
        with _naming(self._full(new)):
            directory, old_name = self._place(old)
            os.rename(old_name, new.rpartition("/")[2], src_dir_fd=directory, dst_dir_fd=directory)

    def unlink(self, path: str) -> None:
        with _naming(self._full(path)):
            directory, name = self._place(path)
            os.unlink(name, dir_fd=directory)

    def list(self, name: str = "") -> list[str]:
        with _naming(self._full(name)):
            return sorted(os.listdir(self._directory(name)))

    def exists(self, path: str) -> bool:
        with _naming(self._full(path)):
            try:
                directory, name = self._place(path)
                os.stat(name, dir_fd=directory, follow_symlinks=False)
            except FileNotFoundError:
                return False
        return True

    def modified(self, path: str) -> float:
        with _naming(self._full(path)):
            directory, name = self._place(path)
            return os.stat(name, dir_fd=directory, follow_symlinks=False).st_mtime

    def touch(self, path: str) -> None:
        with _naming(self._full(path)):
            directory, name = self._place(path)
            os.utime(name, dir_fd=directory, follow_symlinks=False)

    def lock(self) -> bool:
        try:
            fcntl.flock(self._directory(""), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def unlock(self) -> None:
        fcntl.flock(self._directory(""), fcntl.LOCK_UN)

    def lock_holder(self) -> int | None:
        number = f":{os.fstat(self._directory('')).st_ino}"
        try:
            with open("/proc/locks", encoding="ascii") as table:
                rows = [row.split() for row in table]
        except OSError:  # not Linux
            return None
        for row in rows:
            if len(row) > 5 and row[1] == "FLOCK" and row[5].endswith(number) and row[4].isdigit():
                return int(row[4])
        return None

    def close(self) -> None:
        while self._directories:
            _, fd = self._directories.popitem()
            _close(fd)


@contextlib.contextmanager
def _naming(full: str) -> Iterator[None]:
    """Let errors name the whole path: the system is asked by names within directories."""
    try:
        yield
    except OSError as error:
        error.filename = full
        raise


def _is_there(path: str) -> bool:
    """Whether the path can be looked at; unlike `os.path.exists`, does not take any error for a no."""
    with _naming(path):
        try:
            os.stat(path)
        except FileNotFoundError:
            return False
    return True


def _sync_path(path: str) -> None:
    with _naming(path):
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _sync_directory(fd, path)
    finally:
        _close(fd)


def _sync_directory(fd: int, path: str) -> None:
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno not in READ_ONLY:
            raise SyncError(error.errno, error.strerror, path) from error


def _close(fd: int) -> None:
    """Give a descriptor back. An error is no news: it is gone all the same, and what counts was synced."""
    with contextlib.suppress(OSError):
        os.close(fd)
