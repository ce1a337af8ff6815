"""The worker: takes jobs that can go on, runs them, keeps their leases alive, and stops at a commit.

A job is taken by appending a `claimed` event to its stream, on the event that showed it free; of two workers
that try, one succeeds. The lease has an end, which every commit and, in long steps, a heartbeat moves on.
When a worker dies, its leases run out and others take its jobs, from their last commits. A worker that was
only slow finds that its next commit is refused.

Threads: `threads` that run jobs, one that renews leases, and the caller's, which waits. `stop` may be called
by any thread, and by a signal handler. Next: `sxpy/jobs/jobs.py`.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from sxpy.errors import EvalError, SxError
from sxpy.jobs.board import Board
from sxpy.jobs.errors import LeaseLost
from sxpy.jobs.ledger import Entry, Kept
from sxpy.jobs.record import READY, Given, Lease
from sxpy.jobs.runner import Running, Setting

POLL = 0.2
"""Seconds between two looks at the store when there is nothing to do."""

TROUBLES = 5
"""How often in a row the store may refuse to work before the worker gives up."""

FOREVER, IDLE, ONCE = "forever", "idle", "once"
"""Until when to work: until `stop`; until no job can go on, whoever has it; until none is left to take."""


def owner_name() -> str:
    """A name for a worker that tells where it runs, and that no other has."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"


class Worker:
    """Runs the jobs of one store. `run` is called once."""

    def __init__(
        self,
        setting: Setting,
        *,
        threads: int = 1,
        name: str | None = None,
        poll: float = POLL,
        tell: Callable[[str], None] = lambda text: None,
    ) -> None:
        """`tell` gets a line for everything that people may want to know. Other arguments: `Jobs.worker`."""
        self.name = name or owner_name()
        self._setting = setting
        self._count = threads
        self._poll = poll
        self._tell = tell
        self._board = Board(setting.ledger, setting.watch)
        self._choosing = threading.Condition()
        self._running: dict[str, Running] = {}
        self._until = FOREVER
        self._looked = -1e9
        self._idle = False
        self._trouble: BaseException | None = None
        self._troubles = 0
        self.finished = 0
        """How many times a job was run to where it waited or ended."""

    def stop(self) -> None:
        """Stop taking jobs, and let go of those that run at their next commit."""
        self._setting.stopping.set()

    def interrupt(self) -> None:
        """Stop also the programs that are computing; their jobs are let go as of their last `perform`."""
        self.stop()
        for running in list(self._running.values()):
            running.interrupt()

    def run(self, until: str = FOREVER, *, grace: float = 5.0) -> None:
        """Work until `stop`, or as `until` says.

        After `stop`, programs that have not come to a commit within `grace` seconds are interrupted. Raises
        what the store raised when it refused to work several times in a row.
        """
        self._until = until
        threads = [threading.Thread(target=self._work, name=f"job {n}") for n in range(self._count)]
        for thread in threads:
            thread.start()
        stopped_at: float | None = None
        beat = time.monotonic()
        while any(thread.is_alive() for thread in threads):
            threads[0].join(min(self._poll, self._setting.lease / 8)) if threads[
                0
            ].is_alive() else time.sleep(0.01)
            now = time.monotonic()
            if now - beat >= self._setting.lease / 8:
                beat = now
                self._renew()
            if self._setting.stopping.is_set():
                stopped_at = now if stopped_at is None else stopped_at
                if now - stopped_at > grace:
                    self.interrupt()
        if self._trouble is not None:
            raise self._trouble

    # -- the threads -----------------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            try:
                taken = self._take()
                if taken is None:
                    return
                self._run(taken)
            except SxError as error:
                self._note(error)
            except BaseException as error:  # `run` raises it
                self._trouble = error
                self.stop()
                return

    def _take(self) -> Running | None:
        """The next job, under a lease; None when there is nothing more to do."""
        with self._choosing:
            while not (self._setting.stopping.is_set() or self._idle):
                running = self._choose()
                if running is not None:
                    return running
                if not self._running and self._is_idle():
                    self._idle = True
                    self._choosing.notify_all()
                    return None
                self._choosing.wait(self._poll)
        return None

    def _choose(self) -> Running | None:
        """Claim a job of those on the board; look again first when what it says is old."""
        setting = self._setting
        if time.monotonic() - self._looked >= self._poll:
            self._board.refresh(self._running)
            self._looked = time.monotonic()
        for kept, given in self._board.takable(setting.clock(), setting.lease_clock(), self._running):
            try:
                claimed = self._claim(kept, given)
            except LeaseLost:
                continue
            running = Running(setting, claimed, setting.ledger.birth(kept.job))
            self._running[kept.job] = running
            return running
        return None

    def _claim(self, kept: Kept, given: Given | None) -> Kept:
        setting = self._setting
        until = round(setting.lease_clock() + setting.lease, 3)
        record = kept.record.changed(
            status=READY, since=setting.clock(), wait=None, given=given, lease=Lease(self.name, until)
        )
        return setting.ledger.change(kept, Entry("claimed", record, {}), at=setting.clock())

    def _is_idle(self) -> bool:
        if self._until == FOREVER:
            return False
        return self._until == ONCE or not self._board.is_leased(self._setting.lease_clock())

    def _run(self, running: Running) -> None:
        try:
            record = running.run()
        except LeaseLost as lost:
            self._tell(lost.message)
        else:
            self._troubles = 0
            self._tell(f"{running.job}: {record.status} at step {record.step}")
        finally:
            with self._choosing:
                self.finished += 1
                del self._running[running.job]
                self._looked = -1e9
                self._choosing.notify_all()

    def _renew(self) -> None:
        for running in list(self._running.values()):
            with suppress(EvalError):  # the next commit meets it too, and tells it
                running.renew()

    def _note(self, error: SxError) -> None:
        """The store refused. Give it some time, and give up when that does not help."""
        self._tell(f"the store refused: {error.message}")
        self._troubles += 1
        if self._troubles >= TROUBLES:
            self._trouble = error
            self.stop()
        self._setting.stopping.wait(min(2.0, self._poll * self._troubles))


__all__ = ["FOREVER", "IDLE", "ONCE", "Worker", "owner_name"]
