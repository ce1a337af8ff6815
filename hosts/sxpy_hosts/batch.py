"""Files that were written and wait to be made durable together, which is far cheaper than one by one.

Measured on ext4 with 512 files of which each grew a little: 2 s when each is synced before the next is
written, 0.1 s when 64 at a time are written first, 0.05 s when eight threads sync those: the file system
takes in one transaction what comes together.

Invariants: what was added is on the disk when `sync` returns; when it raises, nobody knows, as after any
failed sync; every file is closed in the end, whatever happens. Next: `hosts/sxpy_hosts/checkpoint.py`.
"""

from __future__ import annotations

from types import TracebackType

from sxpy.port import File, Port

MOST = 64
"""Files that are open at a time."""


class Batch:
    """The files of one checkpoint, a context manager that closes what is left."""

    __slots__ = ("_files", "_port")

    def __init__(self, port: Port) -> None:
        self._port = port
        self._files: list[File] = []

    def add(self, file: File) -> None:
        """Take over a file that is written; may sync it, and those before it. Raises SyncError."""
        self._files.append(file)
        if len(self._files) >= MOST:
            self.sync()

    def sync(self) -> None:
        """Make all durable that were added, and close them. Raises SyncError."""
        self._port.sync_all(self._files)
        self._close()

    def _close(self) -> None:
        while self._files:
            self._files.pop().close()

    def __enter__(self) -> Batch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()
