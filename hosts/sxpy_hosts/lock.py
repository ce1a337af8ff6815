"""The write lock: at any instant one process writes to a root.

Invariants: it is the kernel's lock (`flock`) of the root directory itself, so it ends with the process
that holds it, however that ends, and there is no file to be left behind or deleted by a tidy hand. It is
held for one group of commits, or as long as the host is open when that was asked for. Readers never take
it. Next: `hosts/sxpy_hosts/store.py`.
"""

from __future__ import annotations

import logging
import random
import time

from sxpy.port import Port
from sxpy_hosts.errors import StoreLocked

log = logging.getLogger("sxpy_hosts")

SHORTEST, LONGEST = 0.0002, 0.004
"""Seconds between attempts. Uneven, so as not to keep step with a process that writes all the time."""


class WriteLock:
    """The lock of one root, for one open store."""

    def __init__(self, port: Port, wait: float) -> None:
        """`wait`: how many seconds to wait for another holder."""
        self._port = port
        self._wait = wait
        self.held = False

    def acquire(self) -> None:
        """Take the lock. Raises StoreLocked after `wait` seconds, OSError."""
        deadline = time.monotonic() + self._wait
        while not self.try_acquire():
            left = deadline - time.monotonic()
            if left <= 0:
                holder = self._port.lock_holder()
                who = f"process {holder}" if holder else "another process"
                raise StoreLocked(
                    f"{self._port.root}: {who} is writing to the store; waited {self._wait:g} s. "
                    "Wait longer, or end that process"
                )
            time.sleep(min(left, random.uniform(SHORTEST, LONGEST)))

    def try_acquire(self) -> bool:
        """Take the lock if it is free, or held already; answers whether it is held now. Raises OSError."""
        if not self.held:
            self.held = self._port.lock()
        return self.held

    def release(self) -> None:
        """Let the lock go."""
        if self.held:
            self.held = False
            try:
                self._port.unlock()
            except OSError as error:
                # What was committed is committed; the kernel frees the lock with the process, if not sooner.
                log.warning("%s: the write lock cannot be let go: %s", self._port.root, error.strerror)
