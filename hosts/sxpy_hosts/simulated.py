"""A disk that can fail: a `Port` in memory that forgets what was not synced and breaks on demand.

Owns the model of what a machine may do to files. A write is in the page cache until the file is synced;
a new, renamed or removed name is in the cache until its directory is. `lose_power` keeps any part of what
was not synced: each 512-byte sector of a write and each change of a name on its own, so writes tear and
change order. `kill` ends a process only: its locks are free and its cache stays. A sync that fails drops
what it should have written for good, as Linux does: the cache still shows it, and a later sync is
content. A fault can be planned for the N-th call, so that a test meets each call of a workload in turn.

One `SimulatedDisk` is a machine; each `port()` is a process on it. Everything random comes from the seed.
Next: `tests/hosts/test_crash_everywhere.py`, which shows how it is meant to be used.
"""

from __future__ import annotations

import errno
import os
import random
from dataclasses import dataclass

from sxpy_hosts.port import SyncError

SECTOR = 512
"""Bytes that a disk writes whole or not at all."""


class Crash(BaseException):
    """The machine or the process stopped at this call. No program code may catch it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens at call number `at` (from 1), counted over all ports.

    `error` None: the process stops there, a write having been taken in part. Else the call raises this
    `errno`; a write may be taken in part then too. With `lasting`, so does every later call that writes.
    `interrupt` is raised instead, as by a signal handler, and the process goes on.
    """

    at: int
    error: int | None = None
    lasting: bool = False
    interrupt: BaseException | None = None


class _Inode:
    """A file: what the cache shows, what the disk has, and the changes between the two."""

    def __init__(self) -> None:
        self.cache = bytearray()
        self.disk = bytearray()
        self.pending: list[tuple[str, int, bytes]] = []


def _write(data: bytearray, offset: int, part: bytes) -> None:
    if len(data) < offset:
        data.extend(bytes(offset - len(data)))
    data[offset : offset + len(part)] = part


def _truncate(data: bytearray, length: int) -> None:
    if length < len(data):
        del data[length:]
    else:
        data.extend(bytes(length - len(data)))


class _Directory:
    """Names: what the cache shows, what the disk has, and the changes between the two."""

    def __init__(self) -> None:
        self.cache: dict[str, _Inode] = {}
        self.disk: dict[str, _Inode] = {}
        self.pending: list[tuple[str, str, _Inode | None]] = []


class SimulatedDisk:
    """A machine's disk below one root."""

    root = "disk"

    def __init__(self, seed: int = 0) -> None:
        self.random = random.Random(seed)
        self.calls = 0
        """Calls of ports and files so far."""
        self.fault: Fault | None = None
        self.capacity: int | None = None
        """Bytes that all files together may have; more is a full disk."""
        self.trace: list[str] = []
        """What each call was, for whoever wants to know what a call number means."""
        self.locked_by: SimulatedPort | None = None
        self._directories: dict[str, _Directory] = {"": _Directory()}
        self._durable_directories: set[str] = {""}
        self._ports: list[SimulatedPort] = []

    def port(self) -> SimulatedPort:
        """A process on this machine."""
        port = SimulatedPort(self)
        self._ports.append(port)
        return port

    def kill(self, port: SimulatedPort) -> None:
        """End a process: its calls raise Crash, its locks are free, what it wrote is in the cache."""
        port.dead = True
        if self.locked_by is port:
            self.locked_by = None

    def lose_power(self) -> None:
        """Stop the machine and start it again: what was not synced is there in part, or not at all."""
        for port in self._ports:
            self.kill(port)
        self._ports.clear()
        style = self.random.choice(("all", "none", "prefix", "any"))
        for directory in self._directories.values():
            for inode in {id(i): i for i in (*directory.cache.values(), *directory.disk.values())}.values():
                self._settle(inode, style)
            for change, name, found in self._kept(directory.pending, style):
                _rename(directory.disk, change, name, found)
            directory.pending.clear()
            directory.cache = dict(directory.disk)
        for name in [name for name in self._directories if name not in self._durable_directories]:
            if style == "all" or (style == "any" and self.random.random() < 0.5):
                self._durable_directories.add(name)
            else:
                del self._directories[name]

    def _kept(
        self, changes: list[tuple[str, str, _Inode | None]], style: str
    ) -> list[tuple[str, str, _Inode | None]]:
        if style == "all":
            return changes
        if style == "none":
            return []
        if style == "prefix":
            return changes[: self.random.randint(0, len(changes))]
        return [change for change in changes if self.random.random() < 0.5]

    def _settle(self, inode: _Inode, style: str) -> None:
        """Decide which of a file's pending changes reached the disk."""
        parts: list[tuple[str, int, bytes]] = []
        for change, offset, data in inode.pending:
            if change == "truncate":
                parts.append((change, offset, data))
                continue
            at = 0
            while at < len(data):
                step = SECTOR - (offset + at) % SECTOR
                parts.append(("write", offset + at, data[at : at + step]))
                at += step
        if style == "none":
            parts = []
        elif style == "prefix":
            parts = parts[: self.random.randint(0, len(parts))]
        elif style == "any":
            parts = [part for part in parts if self.random.random() < 0.5]
        for change, offset, data in parts:
            if change == "truncate":
                _truncate(inode.disk, offset)
            else:
                _write(inode.disk, offset, data)
        inode.pending.clear()
        inode.cache = bytearray(inode.disk)

    def size(self) -> int:
        """Bytes of all files together, as the cache shows them."""
        return sum(len(inode.cache) for names in self._directories.values() for inode in names.cache.values())

    def files(self) -> dict[str, bytes]:
        """Every file by its path, as the cache shows it."""
        return {
            f"{directory}/{name}" if directory else name: bytes(inode.cache)
            for directory, names in self._directories.items()
            for name, inode in names.cache.items()
        }

    def put(self, path: str, data: bytes) -> None:
        """Make a file, durable, as if another program had: to prepare a disk, or to damage it."""
        directory, _, name = path.rpartition("/")
        names = self._directories.setdefault(directory, _Directory())
        self._durable_directories.add(directory)
        inode = names.cache.get(name) or _Inode()
        inode.cache, inode.disk = bytearray(data), bytearray(data)
        names.cache[name] = names.disk[name] = inode

    # -- for ports ---------------------------------------------------------------------------------

    def enter(self, port: SimulatedPort, call: str, path: str) -> Fault | None:
        """Count a call; the fault planned for it, if there is one. Raises Crash for a dead process."""
        if port.dead:
            raise Crash
        self.calls += 1
        self.trace.append(f"{call} {path}")
        fault = self.fault
        if fault is None or self.calls < fault.at:
            return None
        if self.calls == fault.at or (fault.lasting and call in ("write", "sync", "sync_dir", "create")):
            return fault
        return None

    def stop(self, port: SimulatedPort, fault: Fault) -> None:
        """The planned interrupt or crash."""
        if fault.interrupt is not None:
            raise fault.interrupt
        self.kill(port)
        raise Crash

    def directory(self, name: str) -> _Directory:
        """A directory. Raises FileNotFoundError."""
        try:
            return self._directories[name]
        except KeyError:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), f"{self.root}/{name}") from None

    def make_directory(self, name: str) -> bool:
        """Add a directory; answers whether it is new."""
        if name in self._directories:
            return False
        self._directories[name] = _Directory()
        return True

    def sync_directories(self) -> None:
        """The root was synced, so its directories are durable."""
        self._durable_directories.update(self._directories)


def _rename(names: dict[str, _Inode], change: str, name: str, inode: _Inode | None) -> None:
    """Make one change of names: `link`, `unlink`, or `move:<old>` to `name`."""
    if change == "unlink":
        names.pop(name, None)
    else:
        assert inode is not None
        if change.startswith("move:"):
            names.pop(change[5:], None)
        names[name] = inode


class SimulatedFile:
    """An open file of a simulated disk."""

    def __init__(self, port: SimulatedPort, inode: _Inode, path: str) -> None:
        self.port = port
        self._disk = port.disk
        self._inode = inode
        self._path = path

    def _fail(self, fault: Fault | None) -> None:
        if fault is None:
            return
        if fault.error is None:
            self._disk.stop(self.port, fault)
        else:
            raise OSError(fault.error, os.strerror(fault.error), self._path)

    def pread(self, length: int, offset: int) -> bytes:
        self._fail(self._disk.enter(self.port, "read", self._path))
        return bytes(self._inode.cache[offset : offset + length])

    def pwrite(self, data: bytes, offset: int) -> int:
        fault = self._disk.enter(self.port, "write", self._path)
        taken = len(data)
        if fault is not None:
            taken = self._disk.random.randint(0, len(data))
        grown = max(0, offset + taken - len(self._inode.cache))
        room = None if self._disk.capacity is None else max(0, self._disk.capacity - self._disk.size())
        if room is not None and grown > room:
            taken -= grown - room
        part = data[: max(0, taken)]
        if part:
            _write(self._inode.cache, offset, part)
            self._inode.pending.append(("write", offset, part))
        self._fail(fault)
        if room is not None and not part:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), self._path)
        return len(part)

    def truncate(self, length: int) -> None:
        self._fail(self._disk.enter(self.port, "truncate", self._path))
        _truncate(self._inode.cache, length)
        self._inode.pending.append(("truncate", length, b""))

    def size(self) -> int:
        self._fail(self._disk.enter(self.port, "size", self._path))
        return len(self._inode.cache)

    def sync(self) -> None:
        fault = self._disk.enter(self.port, "sync", self._path)
        if fault is not None and fault.error is not None:
            for change, offset, data in self._inode.pending:
                if self._disk.random.random() < 0.5:
                    if change == "truncate":
                        _truncate(self._inode.disk, offset)
                    else:
                        _write(self._inode.disk, offset, data)
            self._inode.pending.clear()  # never to be written: the cache calls these pages clean
            raise SyncError(fault.error, os.strerror(fault.error), self._path)
        self._fail(fault)
        for change, offset, data in self._inode.pending:
            if change == "truncate":
                _truncate(self._inode.disk, offset)
            else:
                _write(self._inode.disk, offset, data)
        self._inode.pending.clear()

    def close(self) -> None:
        """A simulated file holds nothing."""


class SimulatedPort:
    """A process's view of a simulated disk."""

    def __init__(self, disk: SimulatedDisk) -> None:
        self.disk = disk
        self.root = disk.root
        self.dead = False

    def _enter(self, call: str, path: str) -> None:
        fault = self.disk.enter(self, call, path)
        if fault is not None:
            if fault.error is None:
                self.disk.stop(self, fault)
            elif call == "sync_dir":
                raise SyncError(fault.error, os.strerror(fault.error), f"{self.root}/{path}")
            else:
                raise OSError(fault.error, os.strerror(fault.error), f"{self.root}/{path}")

    def open(self, path: str, *, write: bool = False, create: bool = False) -> SimulatedFile:
        directory_name, _, name = path.rpartition("/")
        directory = self.disk.directory(directory_name)
        inode = directory.cache.get(name)
        self._enter("create" if create and inode is None else "open", path)
        if inode is None:
            if not create:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), f"{self.root}/{path}")
            inode = directory.cache[name] = _Inode()
            directory.pending.append(("link", name, inode))
        return SimulatedFile(self, inode, f"{self.root}/{path}")

    def make_root(self) -> None:
        self._enter("make_root", "")

    def make_dir(self, name: str) -> bool:
        self._enter("create", name)
        return self.disk.make_directory(name)

    def sync_dir(self, name: str = "") -> None:
        directory = self.disk.directory(name)
        self._enter("sync_dir", name)
        for change, entry, inode in directory.pending:
            _rename(directory.disk, change, entry, inode)
        directory.pending.clear()
        if not name:
            self.disk.sync_directories()

    def rename(self, old: str, new: str) -> None:
        self._enter("rename", old)
        directory_name, _, old_name = old.rpartition("/")
        directory = self.disk.directory(directory_name)
        new_name = new.rpartition("/")[2]
        inode = directory.cache.pop(old_name)
        directory.cache[new_name] = inode
        directory.pending.append((f"move:{old_name}", new_name, inode))

    def unlink(self, path: str) -> None:
        self._enter("unlink", path)
        directory_name, _, name = path.rpartition("/")
        directory = self.disk.directory(directory_name)
        if name not in directory.cache:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), f"{self.root}/{path}")
        del directory.cache[name]
        directory.pending.append(("unlink", name, None))

    def list(self, name: str = "") -> list[str]:
        self._enter("list", name)
        entries = list(self.disk.directory(name).cache)
        if not name:
            entries += [directory for directory in self.disk._directories if directory]
        return sorted(entries)

    def exists(self, path: str) -> bool:
        self._enter("exists", path)
        directory_name, _, name = path.rpartition("/")
        directory = self.disk._directories.get(directory_name)
        return directory is not None and name in directory.cache

    def modified(self, path: str) -> float:
        self._enter("modified", path)
        return 0.0

    def touch(self, path: str) -> None:
        self._enter("touch", path)

    def lock(self) -> bool:
        self._enter("lock", "")
        if self.disk.locked_by not in (None, self):
            return False
        self.disk.locked_by = self
        return True

    def unlock(self) -> None:
        if self.disk.locked_by is self:
            self.disk.locked_by = None

    def lock_holder(self) -> int | None:
        return None

    def close(self) -> None:
        self.unlock()
