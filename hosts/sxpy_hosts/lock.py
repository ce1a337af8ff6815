"""The write lock: at any instant one process writes to a root.

Invariants: it is the kernel's lock (`flock`) of the file `lock`, so it ends with the process that holds
it, however that ends; nothing is ever deduced from the file's existence. The file's content, the holder's
process id, only serves the error message of the one who waits in vain. The lock is held for one group
of commits, or as long as the host is open when that was asked for. Readers never take it.
Next: `hosts/sxpy_hosts/store.py`.
"""

from __future__ import annotations

import os
import random
import time

from sxpy_hosts.errors import StoreLocked
from sxpy_hosts.port import File, Port, read_all, write_all

FILE = "lock"


class WriteLock:
    """The lock of one root, for one open store."""

    def __init__(self, port: Port, wait: float) -> None:
        """`wait`: how many seconds to wait for another holder."""
        self._port = port
        self._wait = wait
        self._file: File | None = None
        self.held = False

    def acquire(self) -> None:
        """Take the lock. Raises StoreLocked after `wait` seconds, OSError."""
        if not self.try_acquire():
            assert self._file is not None
            self._wait_for(self._file)
            self.held = True

    def try_acquire(self) -> bool:
        """Take the lock if it is free, or held already; answers whether it is held now. Raises OSError."""
        if not self.held:
            if self._file is None:
                self._file = self._port.open(FILE, write=True, create=True)
            self.held = self._file.lock()
        return self.held

    def _wait_for(self, file: File) -> None:
        deadline = time.monotonic() + self._wait
        while not file.lock():
            left = deadline - time.monotonic()
            if left <= 0:
                raise StoreLocked(
                    f"{self._port.root}: another process{self._holder(file)} is writing to the store; "
                    f"waited {self._wait:g} s. Wait longer, or end that process"
                )
            # Uneven pauses, so that two who wait do not keep step with one who writes all the time.
            time.sleep(min(left, random.uniform(0.0002, 0.004)))

    @staticmethod
    def _holder(file: File) -> str:
        text = read_all(file).strip()
        return f" ({text.decode()})" if text.isdigit() else ""

    def sign(self) -> None:
        """Write the process id into the file, for others' messages; for locks that are held long."""
        assert self._file is not None
        self._file.truncate(0)
        write_all(self._file, b"%d\n" % os.getpid(), 0)

    def release(self) -> None:
        """Let the lock go."""
        if self.held:
            assert self._file is not None
            self.held = False
            self._file.unlock()

    def close(self) -> None:
        """Let the lock and its file go."""
        if self._file is not None:
            file, self._file = self._file, None
            self.held = False
            file.close()
