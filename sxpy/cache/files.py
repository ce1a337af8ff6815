"""The files of the cache: small pieces of bytes by name, in a directory that nobody else can write to.

Owns what makes it safe. A file is written beside its place and renamed, so readers see all of it or none,
however many processes write. The directory and each file must belong to this user and be writable by nobody
else, and links are not followed: what is read was written by this user. Whatever fails, fails in silence:
the cache is then empty, or does not keep what it was given. What the bytes mean is `entry.py`'s affair.
"""

from __future__ import annotations

import os
import stat
import time
from contextlib import suppress

MOST_BYTES = 64 << 20
"""When the files take more than this, the ones that were not used for longest are removed."""

MOST_FILES = 4000
"""When there are more than this, likewise."""

KEPT = 3 / 4
"""The part of a full cache that is left after that."""

FRESH = 24 * 3600.0
"""Seconds after which a use of a file is noted on it again."""

STALE = 3600.0
"""Seconds after which a file that was never renamed was left by a process that died."""

_OTHERS = stat.S_IWGRP | stat.S_IWOTH


class CacheFiles:
    """The files under `directory`, which is made when it is needed."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self._usable: bool | None = None
        self._written = 0

    def read(self, name: str) -> bytes | None:
        """The bytes of a file; None when it is not there, or not to be trusted."""
        if not self._is_usable(make=False):
            return None
        try:
            descriptor = os.open(self._path(name), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            with open(descriptor, "rb") as file:
                found = os.fstat(descriptor)
                if not stat.S_ISREG(found.st_mode) or not _is_mine(found):
                    return None
                data = file.read()
        except OSError:
            return None
        if time.time() - found.st_mtime > FRESH:
            self._note_use(name)
        return data

    def write(self, name: str, data: bytes) -> bool:
        """Keep the bytes under a name, instead of what was there; whether that worked."""
        if not self._is_usable(make=True):
            return False
        beside = self._path(f"{name}.{os.getpid()}-{self._written}.tmp")
        self._written += 1
        try:
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                with open(descriptor, "wb") as file:
                    file.write(data)
                os.rename(beside, self._path(name))
            except OSError:
                os.unlink(beside)
                raise
        except OSError:
            return False
        return True

    def tidy(self) -> None:
        """Remove what was not used for longest when there is too much, and what dead processes left."""
        now = time.time()
        found: list[tuple[float, int, str]] = []
        try:
            for item in os.scandir(self.directory):
                state = item.stat(follow_symlinks=False)
                if not item.name.endswith(".tmp"):
                    found.append((state.st_mtime, state.st_size, item.path))
                elif now - state.st_mtime > STALE:
                    os.unlink(item.path)
            size, count = sum(each[1] for each in found), len(found)
            if size <= MOST_BYTES and count <= MOST_FILES:
                return
            for _, bytes_, path in sorted(found):
                os.unlink(path)
                size, count = size - bytes_, count - 1
                if size <= MOST_BYTES * KEPT and count <= MOST_FILES * KEPT:
                    break
        except OSError:
            return  # another process tidies up, too

    def _path(self, name: str) -> str:
        return f"{self.directory}/{name}"

    def _is_usable(self, *, make: bool) -> bool:
        """Whether the directory is there and safe; it is looked at once, and again when it may be made."""
        if self._usable is None:
            self._usable = self._is_safe()
        if self._usable is False and make and not os.path.lexists(self.directory):
            with suppress(OSError):  # another process may have made it just now
                os.makedirs(self.directory, 0o700)
            self._usable = self._is_safe()
        return self._usable

    def _is_safe(self) -> bool:
        try:
            found = os.lstat(self.directory)
        except OSError:
            return False
        return stat.S_ISDIR(found.st_mode) and _is_mine(found)

    def _note_use(self, name: str) -> None:
        with suppress(OSError):  # it is only older than it might be
            os.utime(self._path(name))


def _is_mine(found: os.stat_result) -> bool:
    return found.st_uid == os.geteuid() and not found.st_mode & _OTHERS


def cache_directory() -> str | None:
    """Where the cache is: `$SX_CACHE_DIR`, else `sxpy` in `$XDG_CACHE_HOME` or `~/.cache`; None: nowhere."""
    named = os.environ.get("SX_CACHE_DIR")
    if named:
        return named
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):  # nor is one that is not absolute to be used
        base = os.path.expanduser("~/.cache")
    return os.path.join(base, "sxpy") if os.path.isabs(base) else None
