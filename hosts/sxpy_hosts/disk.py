"""The disk servicer: answers `persist/*` and `blob/*` against real files.

`open_host` is what the entry point `disk` of the group `sxpy.hosts` names. The root is its argument, else
the environment variable `SX_PERSIST_DIR` when that is not empty, else `./persist-data`. What lies in a
root is described in `docs/store.md`; the code begins at `hosts/sxpy_hosts/store.py`.
"""

from __future__ import annotations

import os
from typing import Any

from sxpy.data import Dict
from sxpy.port import Port
from sxpy_hosts.blobs import Blobs
from sxpy_hosts.erasure import Erasure
from sxpy_hosts.operations import OPERATIONS, answer
from sxpy_hosts.port import RealPort
from sxpy_hosts.recovery import Cut
from sxpy_hosts.rewriting import erase
from sxpy_hosts.store import Store

ENVIRONMENT = "SX_PERSIST_DIR"
DEFAULT_ROOT = "persist-data"


class DiskHost:
    """A host over an open store. Its `answer` may be called by many threads at a time."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.blobs = Blobs(store.port, store.is_given_up)
        self.read = store.read
        self.commit = store.commit

    def owns(self, operation: str) -> bool:
        """Whether `answer` knows the operation."""
        return operation in OPERATIONS

    def answer(self, operation: str, args: list[Any], request: Any = None) -> Any:
        """Answer a request; when it changed something, that is on the disk then.

        Raises UnknownOperationError, ArityError, SxTypeError, SxValueError, StoreError.
        """
        return answer(self, operation, args)

    @property
    def cuts(self) -> list[Cut]:
        """The torn writes, never acknowledged, that were cut since the host was opened."""
        return self.store.cuts

    def checkpoint(self) -> None:
        """Move everything from the journal to the resting files, now. Raises StoreError."""
        self.store.checkpoint()

    def erase(self, wanted: Erasure) -> Dict:
        """Erase for good: when this returns, no file of the root holds it. Raises StoreError."""
        return erase(self.store, wanted)

    def close(self) -> None:
        """Let the files go; further requests are errors."""
        self.store.close()


def open_host(
    root: str | os.PathLike[str] | None = None,
    *,
    read_only: bool = False,
    wait: float = 5.0,
    exclusive: bool = False,
) -> DiskHost:
    """A host over the store in `root`; see the module for the default.

    `read_only`: writes are refused, and nothing in the root is ever touched; the root must exist. `wait`:
    how many seconds a write waits while another process writes. `exclusive`: hold the write lock as long
    as the host is open, so that other writers are refused. Raises StoreDamage, StoreFormatError,
    StoreIOError, StoreLocked.
    """
    if root is None:
        root = os.environ.get(ENVIRONMENT) or DEFAULT_ROOT
    port: Port = RealPort(root)
    return DiskHost(Store(port, read_only=read_only, wait=wait, exclusive=exclusive))
