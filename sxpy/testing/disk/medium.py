"""What holds files: what the cache shows, what the disk has, and the changes that lie between the two.

A write is in the page cache until its file is synced; a new, renamed or removed name is in the cache until
its directory is. When power is lost any part of what was not synced may have reached the disk: each
512-byte sector of a write and each change of a name on its own, so writes tear and change order. How much
it is, is the `Survival`. Invariant: whatever was synced is the same in the cache and on the disk, unless a
sync failed: then the cache shows what the disk will never have. Next: `sxpy/testing/disk/machine.py`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

SECTOR = 512
"""Bytes that a disk writes whole or not at all."""

Style = Literal["all", "none", "prefix", "any"]
STYLES: tuple[Style, ...] = ("all", "none", "prefix", "any")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Survival:
    """Which of the changes that were not synced reached the disk."""

    style: Style
    random: random.Random

    def of(self, changes: Sequence[T]) -> list[T]:
        """Those that did, in their order."""
        if self.style == "all":
            return list(changes)
        if self.style == "none":
            return []
        if self.style == "prefix":
            return list(changes[: self.random.randint(0, len(changes))])
        return [change for change in changes if self.one()]

    def one(self) -> bool:
        """Whether a change that depends on no other did."""
        return self.style == "all" or (self.style == "any" and self.random.random() < 0.5)


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes at an offset; what lies between the end and the offset becomes zeros."""

    offset: int
    data: bytes

    def make(self, content: bytearray) -> None:
        """Make the change in a file's content."""
        if len(content) < self.offset:
            content.extend(bytes(self.offset - len(content)))
        content[self.offset : self.offset + len(self.data)] = self.data

    def sectors(self) -> list[Write]:
        """The same in parts, each of which is written whole or not at all."""
        parts, at = [], 0
        while at < len(self.data):
            step = SECTOR - (self.offset + at) % SECTOR
            parts.append(Write(self.offset + at, self.data[at : at + step]))
            at += step
        return parts


@dataclass(frozen=True, slots=True)
class Truncate:
    """The length of a file cut, or made longer with zeros."""

    length: int

    def make(self, content: bytearray) -> None:
        """Make the change in a file's content."""
        if self.length < len(content):
            del content[self.length :]
        else:
            content.extend(bytes(self.length - len(content)))

    def sectors(self) -> list[Truncate]:
        """A length is written whole or not at all."""
        return [self]


class Inode:
    """A file without its name."""

    __slots__ = ("cache", "disk", "modified", "pending")

    def __init__(self, content: bytes = b"", modified: float = 0.0) -> None:
        """A file whose `content` is on the disk."""
        self.cache = bytearray(content)
        self.disk = bytearray(content)
        self.pending: list[Write | Truncate] = []
        self.modified = modified
        """In seconds, by the clock of the machine."""

    def change(self, change: Write | Truncate) -> None:
        """Make a change in the cache."""
        change.make(self.cache)
        self.pending.append(change)

    def sync(self) -> None:
        """Make on the disk what is pending."""
        self._reach(self.pending)

    def fail_to_sync(self, chance: random.Random) -> None:
        """Make some of what is pending, and never the rest: the cache calls these pages clean."""
        self._reach([change for change in self.pending if chance.random() < 0.5])

    def lose_power(self, survival: Survival) -> None:
        """Make what survives, and show that."""
        self._reach(survival.of([part for change in self.pending for part in change.sectors()]))
        self.cache = bytearray(self.disk)

    def _reach(self, changes: Sequence[Write | Truncate]) -> None:
        for change in changes:
            change.make(self.disk)
        self.pending.clear()


@dataclass(frozen=True, slots=True)
class Link:
    """A name for a file; it had the name `old`, if that is not None."""

    name: str
    inode: Inode
    old: str | None = None

    def make(self, names: dict[str, Inode]) -> None:
        """Make the change in a directory."""
        if self.old is not None:
            names.pop(self.old, None)
        names[self.name] = self.inode


@dataclass(frozen=True, slots=True)
class Unlink:
    """A name no more."""

    name: str

    def make(self, names: dict[str, Inode]) -> None:
        """Make the change in a directory."""
        names.pop(self.name, None)


class Directory:
    """Names of files."""

    __slots__ = ("cache", "disk", "durable", "pending")

    def __init__(self, *, durable: bool = False) -> None:
        self.cache: dict[str, Inode] = {}
        self.disk: dict[str, Inode] = {}
        self.pending: list[Link | Unlink] = []
        self.durable = durable
        """Whether its own name is on the disk."""

    def change(self, change: Link | Unlink) -> None:
        """Make a change in the cache."""
        change.make(self.cache)
        self.pending.append(change)

    def sync(self) -> None:
        """Make on the disk what is pending."""
        self._reach(self.pending)

    def lose_power(self, survival: Survival) -> None:
        """Make what survives of names and of content, and show that."""
        linked = (change.inode for change in self.pending if isinstance(change, Link))
        inodes = {id(inode): inode for inode in (*self.cache.values(), *self.disk.values(), *linked)}
        for inode in inodes.values():
            inode.lose_power(survival)
        self._reach(survival.of(self.pending))
        self.cache = dict(self.disk)

    def _reach(self, changes: Sequence[Link | Unlink]) -> None:
        for change in changes:
            change.make(self.disk)
        self.pending.clear()
