"""Workers of jobs as processes that can be killed: one process with everything imported forks them.

`Nest` is the parent's view. Run as a program, this file is the process that forks: each line of its input is
the root of a store, and it answers with the id of a process that works there until nothing is left to do.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import traceback
from pathlib import Path
from types import TracebackType

from sxpy.jobs import Jobs
from sxpy_hosts.disk import open_host

LEASE = 0.4
"""Seconds. A worker that is killed holds up its job for so long."""


def work(root: str) -> None:
    """What a worker does."""
    host = open_host(root, wait=30.0)
    Jobs(host).worker(lease=LEASE, poll=0.02).run("idle")
    host.close()


class Nest:
    """Forks workers, and kills them."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )

    def __enter__(self) -> Nest:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=120)

    def worker(self) -> int:
        """A new worker's process id."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{self._root}\n".encode())
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    @staticmethod
    def kill(pid: int) -> bool:
        """Kill a worker; whether it still lived."""
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    @staticmethod
    def lives(pid: int) -> bool:
        """Whether a worker still works."""
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        return True


def main() -> None:
    """Fork a worker for each line of the input; at its end, wait for those that still work."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them, so they do not stay as zombies
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                work(line.rstrip("\n"))
                status = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(status)
        print(pid, flush=True)


if __name__ == "__main__":
    main()
