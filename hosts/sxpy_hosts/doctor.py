"""The doctor: whether the place where a store lies is fit for one.

Looks at what the store itself cannot mend: permissions, the kind of file system, room, what a sync costs,
who holds the write lock, the format, and what was set aside. Invariant: it leaves nothing behind; the
sync is measured on a file without a name, or one that is removed. Next: `hosts/sxpy_hosts/verify.py`.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from sxpy_hosts.errors import StoreError
from sxpy_hosts.format import VERSION, read_format
from sxpy_hosts.port import RealPort
from sxpy_hosts.recovery import DIRECTORY as ASIDE
from sxpy_hosts.rewriting import files
from sxpy_hosts.root import read_root

NETWORKED = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph"})
"""File systems on which locks and syncs do not always do what they say."""
VOLATILE = frozenset({"tmpfs", "ramfs"})
"""File systems that forget when the machine stops."""
LEAST_ROOM = 64 << 20
"""Free bytes under which a store is about to be refused."""
SYNCS = 16


def examine(root: Path) -> list[dict[str, Any]]:
    """The findings: `name`, `ok`, `says`. Raises StoreError when there is no store at all."""
    if not root.is_dir():
        raise StoreError(f"{root}: there is no store")
    found = [_permissions(root), _file_system(root), _room(root), _sync(root)]
    with closing(RealPort(root)) as port:
        found += [_lock(port), _format(port), _journal(port), _aside(port)]
    return found


def _finding(name: str, ok: bool, says: str) -> dict[str, Any]:
    return {"name": name, "ok": ok, "says": says}


def _permissions(root: Path) -> dict[str, Any]:
    places = [root, *(path for path in sorted(root.iterdir()) if path.is_dir())]
    for path in places:
        if not os.access(path, os.R_OK | os.X_OK):
            return _finding("permissions", False, f"{path} cannot be read by this user")
        if not os.access(path, os.W_OK):
            return _finding("permissions", False, f"{path} cannot be written by this user")
    others = [path for path in places if path.stat().st_mode & 0o002]
    if others:
        return _finding("permissions", False, f"{others[0]} can be written by everybody")
    return _finding("permissions", True, "this user can read and write, not everybody can")


def _file_system(root: Path) -> dict[str, Any]:
    kind = file_system_of(root)
    if kind is None:
        return _finding("file system", True, "the kind is not known here")
    if kind in NETWORKED:
        return _finding("file system", False, f"{kind}: locks and syncs over a network may not hold")
    if kind in VOLATILE:
        return _finding("file system", False, f"{kind}: all is forgotten when the machine stops")
    return _finding("file system", True, kind)


def file_system_of(path: Path) -> str | None:
    """The kind of file system a path lies on, or None where the system does not tell."""
    mounts = Path("/proc/self/mountinfo")
    if not mounts.exists():
        return None
    device = path.stat().st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        before, _, after = line.partition(" - ")
        if before.split()[2:3] == [wanted]:
            return after.split()[0]
    return None


def _room(root: Path) -> dict[str, Any]:
    free = shutil.disk_usage(root).free
    return _finding("free space", free >= LEAST_ROOM, f"{free} bytes free")


def _sync(root: Path) -> dict[str, Any]:
    times = []
    try:
        with tempfile.TemporaryFile(dir=root) as file:
            for _ in range(SYNCS):
                file.write(b"\n" * 512)
                file.flush()
                start = time.perf_counter()
                os.fsync(file.fileno())
                times.append(time.perf_counter() - start)
    except OSError as error:
        return _finding("sync", False, f"cannot be tried: {error.strerror}")
    middle = sorted(times)[len(times) // 2]
    return _finding("sync", True, f"{1000 * middle:.3f} ms (median of {SYNCS}); a commit costs about one")


def _lock(port: RealPort) -> dict[str, Any]:
    if port.lock():
        port.unlock()
        return _finding("write lock", True, "free")
    holder = port.lock_holder()
    return _finding("write lock", True, f"held by {f'process {holder}' if holder else 'another process'}")


def _format(port: RealPort) -> dict[str, Any]:
    try:
        found = read_format(port)
    except StoreError as error:
        return _finding("format", False, error.message)
    if found is None:
        return _finding("format", True, "older layout, or empty; the first write makes it a store")
    adopted = "; files of the older layout may lie beside" if found.adopted else ""
    return _finding("format", True, f"version {VERSION}{adopted}")


def _journal(port: RealPort) -> dict[str, Any]:
    try:
        root = read_root(port, patient=True)
    except StoreError as error:
        return _finding("journal", False, error.message)
    try:
        torn = "; a torn write behind it, which the next writer cuts" if root.journal.torn else ""
        return _finding("journal", True, f"commit {root.journal.commit}, {root.journal.end} bytes{torn}")
    finally:
        root.close()


def _aside(port: RealPort) -> dict[str, Any]:
    kept = files(port, ASIDE)
    damaged = [file for file in kept if file.endswith(".damaged")]
    if damaged:
        return _finding(
            "set aside", False, f"{len(damaged)} damaged files: {port.root}/{ASIDE}/{damaged[0]} …"
        )
    return _finding("set aside", True, f"{len(kept)} torn writes" if kept else "nothing")
