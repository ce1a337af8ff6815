"""A machine whose disk can fail: a `Port` in memory that forgets what was not synced, and breaks on demand.

One `SimulatedDisk` is a machine; each `port()` is a process on it. `lose_power` stops the machine: of what
was not synced, any part is there afterwards. `kill` ends a process only: its lock is free, and what it wrote
stays in the cache. A sync that fails drops what it should have written for good, as Linux does: the cache
still shows it, and a later sync is content. A `Fault` is planned for the N-th call, so that a test can meet
each call of a workload in turn; `sxpy/testing/disk/stops.py` does.

Invariant: everything random comes from the seed, so a workload that is itself repeatable meets the same
calls, and the same bytes are lost, each time.
"""

from __future__ import annotations

import copy
import errno
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Never

from sxpy.port import File, SyncError
from sxpy.testing.disk.medium import STYLES, Directory, Inode, Link, Survival, Truncate, Unlink, Write

CHANGES = frozenset({"write", "truncate", "sync", "sync_dir", "create", "rename", "unlink", "touch"})
"""The calls that change what is on the disk: those that a lasting error goes on to meet …"""
FILLS = frozenset({"write", "create", "sync", "sync_dir"})
"""… and those among them that need room."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class Crash(BaseException):
    """The machine or the process stopped at this call. No program code may catch it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens at call number `at` (from 1), counted over all processes.

    `error` None: the process stops there, a write having been taken in part. Else the call raises this
    `errno`; a write may be taken in part then too. With `lasting`, so does every later call that changes the
    disk (that needs room, when the error is that of a full disk). `interrupt` is raised instead, as by a
    signal handler, and the process goes on. Or it is no fault: `turn` is called, in which other processes
    may do what they like, and then the call happens.
    """

    at: int
    error: int | None = None
    lasting: bool = False
    interrupt: BaseException | None = None
    turn: Callable[[], object] | None = None

    def meets(self, number: int, call: str) -> bool:
        """Whether it happens at this call."""
        if number <= self.at or not self.lasting:
            return number == self.at
        return call in (FILLS if self.error in FULL else CHANGES)


class SimulatedDisk:
    """A machine's disk below one root, and the processes that have it open."""

    def __init__(self, seed: int = 0, *, root: str = "disk") -> None:
        """`root` is what messages call the root."""
        self.root = root
        self.random = random.Random(seed)
        self.calls = 0
        """Calls of ports and files so far."""
        self.trace: list[str] = []
        """What each call was, for whoever wants to know what a call number means."""
        self.fault: Fault | None = None
        """What is planned."""
        self.capacity: int | None = None
        """Bytes that all files together may have; more is a full disk."""
        self.short_writes = False
        """Whether a write takes only a part of what it is given, at random."""
        self.now = 0.0
        """The clock of the machine, in seconds; it stands still until somebody sets it."""
        self.locked_by: SimulatedPort | None = None
        self._directories = {"": Directory(durable=True)}
        self._ports: list[SimulatedPort] = []

    # -- what a test does ----------------------------------------------------------------------------

    def port(self) -> SimulatedPort:
        """A process on this machine."""
        port = SimulatedPort(self)
        self._ports.append(port)
        return port

    def kill(self, port: SimulatedPort) -> None:
        """End a process: its calls raise Crash, its lock is free, what it wrote is in the cache."""
        port.dead = True
        self.release(port)

    def kill_all(self) -> None:
        """End every process."""
        for port in self._ports:
            self.kill(port)
        self._ports.clear()

    def lose_power(self) -> None:
        """Stop the machine and start it again: what was not synced is there in part, or not at all."""
        self.kill_all()
        survival = Survival(self.random.choice(STYLES), self.random)
        for name, directory in list(self._directories.items()):
            directory.lose_power(survival)
            if not directory.durable:
                directory.durable = survival.one()
                if not directory.durable:
                    del self._directories[name]

    def copy(self, seed: int | None = None) -> SimulatedDisk:
        """A machine with the same disk and cache, no process and no fault, that counts from 0."""
        twin = SimulatedDisk(root=self.root)
        twin.random = random.Random(seed) if seed is not None else copy.deepcopy(self.random)
        twin.capacity, twin.short_writes, twin.now = self.capacity, self.short_writes, self.now
        twin._directories = copy.deepcopy(self._directories)
        return twin

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
        names = self._directories.setdefault(directory, Directory())
        names.durable = True
        inode = names.cache.get(name) or Inode()
        inode.cache, inode.disk, inode.modified = bytearray(data), bytearray(data), self.now
        names.cache[name] = names.disk[name] = inode

    # -- what processes do ---------------------------------------------------------------------------

    def enter(self, port: SimulatedPort, call: str, path: str) -> Fault | None:
        """Count a call; the fault that is to happen at it, if any. Raises Crash for a dead process."""
        if port.dead:
            raise Crash
        self.calls += 1
        self.trace.append(f"{call} {path}".rstrip())
        fault = self.fault
        if fault is None or not fault.meets(self.calls, call):
            return None
        if fault.turn is not None:
            self.fault = None
            fault.turn()
            return None
        return fault

    def directory(self, name: str, path: str) -> Directory:
        """A directory, for the sake of a path in it. Raises FileNotFoundError, NotADirectoryError."""
        found = self._directories.get(name)
        if found is None:
            is_file = name in self._directories[""].cache
            raise _error(errno.ENOTDIR if is_file else errno.ENOENT, f"{self.root}/{path}")
        return found

    def directories(self) -> list[str]:
        """The names of the directories in the root."""
        return [name for name in self._directories if name]

    def make_directory(self, name: str) -> bool:
        """Add a directory; answers whether it is new. Raises NotADirectoryError."""
        if name in self._directories:
            return False
        if name in self._directories[""].cache:
            raise _error(errno.ENOTDIR, f"{self.root}/{name}")
        self._directories[name] = Directory()
        return True

    def sync_directory(self, name: str) -> None:
        """Make the names of a directory durable; those of directories too, for the root."""
        self._directories[name].sync()
        if not name:
            for directory in self._directories.values():
                directory.durable = True

    def room_for(self, grown: int) -> int:
        """How many of `grown` further bytes there is room for."""
        return grown if self.capacity is None else max(0, min(grown, self.capacity - self.size()))

    def release(self, port: SimulatedPort) -> None:
        """Free the lock, if the process has it."""
        if self.locked_by is port:
            self.locked_by = None


def _error(number: int, path: str) -> OSError:
    """An error as the system raises it."""
    return OSError(number, os.strerror(number), path)


class SimulatedPort:
    """A process's view of a simulated disk; a `Port`."""

    def __init__(self, disk: SimulatedDisk) -> None:
        self.disk = disk
        self.root = disk.root
        self.dead = False

    def _enter(self, call: str, path: str, named: str | None = None) -> None:
        """`named`: the path that errors name, when it is another one."""
        fault = self.disk.enter(self, call, path)
        if fault is not None:
            self.fail(fault, f"{self.root}/{path if named is None else named}", sync=call == "sync_dir")

    def fail(self, fault: Fault, full: str, *, sync: bool = False) -> Never:
        """Let the fault happen, at a path. Raises Crash, OSError, SyncError, or the planned interrupt."""
        if fault.interrupt is not None:
            raise fault.interrupt
        if fault.error is None:
            self.disk.kill(self)
            raise Crash
        if sync:
            raise SyncError(fault.error, os.strerror(fault.error), full)
        raise _error(fault.error, full)

    def open(self, path: str, *, write: bool = False, create: bool = False) -> SimulatedFile:
        directory, name = self._place(path)
        self._enter("create" if create and name not in directory.cache else "open", path)
        inode = directory.cache.get(name)
        if inode is None:
            if path in self.disk.directories():
                raise _error(errno.EISDIR, f"{self.root}/{path}")
            if not create:
                raise _error(errno.ENOENT, f"{self.root}/{path}")
            inode = Inode(modified=self.disk.now)
            directory.change(Link(name, inode))
        return SimulatedFile(self, inode, f"{self.root}/{path}", write=write)

    def _place(self, path: str, named: str | None = None) -> tuple[Directory, str]:
        directory, _, name = path.rpartition("/")
        return self.disk.directory(directory, path if named is None else named), name

    def _found(self, path: str, named: str | None = None) -> tuple[Directory, str, Inode]:
        directory, name = self._place(path, named)
        if name not in directory.cache:
            raise _error(errno.ENOENT, f"{self.root}/{path if named is None else named}")
        return directory, name, directory.cache[name]

    def make_root(self) -> None:
        self._enter("make_root", "")

    def make_dir(self, name: str) -> bool:
        self._enter("create", name)
        return self.disk.make_directory(name)

    def sync_dir(self, name: str = "") -> None:
        self._enter("sync_dir", name)
        self.disk.directory(name, name)
        self.disk.sync_directory(name)

    def sync_all(self, files: Sequence[File]) -> None:
        for file in files:
            file.sync()

    def rename(self, old: str, new: str) -> None:
        self._enter("rename", old, new)
        directory, old_name, inode = self._found(old, new)
        directory.change(Link(new.rpartition("/")[2], inode, old_name))

    def unlink(self, path: str) -> None:
        self._enter("unlink", path)
        directory, name, _ = self._found(path)
        directory.change(Unlink(name))

    def list(self, name: str = "") -> list[str]:
        self._enter("list", name)
        entries = [*self.disk.directory(name, name).cache]
        return sorted(entries if name else entries + self.disk.directories())

    def exists(self, path: str) -> bool:
        self._enter("exists", path)
        if path in self.disk.directories():
            return True
        try:
            self._found(path)
        except FileNotFoundError:
            return False
        return True

    def modified(self, path: str) -> float:
        self._enter("modified", path)
        return self._found(path)[2].modified

    def touch(self, path: str) -> None:
        self._enter("touch", path)
        self._found(path)[2].modified = self.disk.now

    def lock(self) -> bool:
        self._enter("lock", "")
        if self.disk.locked_by not in (None, self):
            return False
        self.disk.locked_by = self
        return True

    def unlock(self) -> None:
        self.disk.release(self)

    def lock_holder(self) -> int | None:
        return None

    def close(self) -> None:
        self.unlock()


class SimulatedFile:
    """An open file of a simulated disk; a `File`."""

    def __init__(self, port: SimulatedPort, inode: Inode, path: str, *, write: bool) -> None:
        self._port = port
        self._disk = port.disk
        self._inode = inode
        self._path = path
        self._write = write
        self._open = True

    def _enter(self, call: str, *, writes: bool = False) -> None:
        fault = self._disk.enter(self._port, call, self._path)
        self._check(writes=writes)
        if fault is not None:
            self._port.fail(fault, self._path)

    def _check(self, *, writes: bool) -> None:
        if not self._open or (writes and not self._write):
            raise _error(errno.EBADF, self._path)

    def pread(self, length: int, offset: int) -> bytes:
        self._enter("read")
        return bytes(self._inode.cache[offset : offset + length])

    def pwrite(self, data: bytes, offset: int) -> int:
        fault = self._disk.enter(self._port, "write", self._path)
        self._check(writes=True)
        taken = len(data)
        if fault is not None:
            taken = self._disk.random.randint(0, taken)
        elif self._disk.short_writes and taken > 1:
            taken = self._disk.random.randint(1, taken)
        grown = max(0, offset + taken - len(self._inode.cache))
        taken = max(0, taken - grown + self._disk.room_for(grown))
        if taken:
            self._inode.change(Write(offset, bytes(data[:taken])))
            self._inode.modified = self._disk.now
        if fault is not None:
            self._port.fail(fault, self._path)
        if data and not taken:
            raise _error(errno.ENOSPC, self._path)
        return taken

    def truncate(self, length: int) -> None:
        self._enter("truncate", writes=True)
        self._inode.change(Truncate(length))

    def size(self) -> int:
        self._enter("size")
        return len(self._inode.cache)

    def shared(self) -> bool:
        self._enter("shared")
        return False  # there are no links

    def sync(self) -> None:
        fault = self._disk.enter(self._port, "sync", self._path)
        self._check(writes=False)
        if fault is not None:
            if fault.error is not None and fault.interrupt is None:
                self._inode.fail_to_sync(self._disk.random)
            self._port.fail(fault, self._path, sync=True)
        self._inode.sync()

    def close(self) -> None:
        self._open = False
