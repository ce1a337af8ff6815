"""Every error of the stores, grouped by when it happens. Each says what, where and what to do.

All derive from `StoreError`, an `SxIOError`, so a program can catch them at its `perform`. None of them
leaves a half-done change behind. Next: `hosts/sxpy_hosts/store.py`, which raises most of them.
"""

from __future__ import annotations

import os
from typing import TypeVar

from sxpy.errors import SxIOError


class StoreError(SxIOError):
    """The base of what a store can say."""


# -- when a store is opened --------------------------------------------------------------------------


class StoreFormatError(StoreError):
    """The root was written by a newer version of the project; this one must not touch it."""


class StoreDamage(StoreError):
    """Bytes that were once written whole are not what they were. `file` and `offset` say where."""

    def __init__(self, file: str, offset: int, message: str) -> None:
        super().__init__(
            f"{file}: damaged at byte {offset}: {message} (nothing was changed; restore it from a backup)"
        )
        self.file = file
        self.offset = offset
        self.problem = message


# -- when an operation is asked for ------------------------------------------------------------------


class StoreClosed(StoreError):
    """The host was closed."""


class StoreReadOnly(StoreError):
    """A write to a store that was opened for reading."""


class StoreLocked(StoreError):
    """Another process kept the write lock for longer than this one was told to wait."""


class SequenceError(StoreError):
    """An event carries a sequence number that its stream has used already."""


# -- when the disk refuses -----------------------------------------------------------------------------


class StoreIOError(StoreError):
    """The operating system refused; earlier data is intact. `path` and `errno` say where and why."""

    def __init__(self, doing: str, path: str, error: OSError) -> None:
        reason = error.strerror or os.strerror(error.errno or 0)
        super().__init__(f"cannot {doing} {path}: {reason}")
        self.path = path
        self.errno = error.errno


class StorePoisoned(StoreError):
    """A sync failed, so what is on the disk is unknown: the store stops until it is opened anew."""


def poisoned(error: OSError) -> StorePoisoned:
    """What a failed sync means to a store."""
    return StorePoisoned(
        f"{error.filename}: a sync failed ({error.strerror}), so what is on the disk is unknown; "
        "close the store, look at the disk, and open it again"
    )


E = TypeVar("E", bound=BaseException)


def another(error: E) -> E:
    """The same error once more, for one more thread: an exception must not be raised in two at a time."""
    copy = error.__class__.__new__(error.__class__)
    copy.args = error.args
    copy.__dict__.update(error.__dict__)
    copy.__cause__ = error
    return copy
