"""Who leads: many threads bring work, one at a time does all of it that waits.

The first to come leads: it takes everything in the queue and serves it as one batch, while the others
sleep. Then it wakes those, and if more has come meanwhile, the first of the new ones leads next. So while
one batch waits for the disk the next one gathers, and nobody waits longer than for two.

Invariants: at most one thread leads; every ticket in the queue is served exactly once, or was abandoned
by a thread that was interrupted while it waited; a leader that is interrupted still wakes everybody and
hands on. Next: `hosts/sxpy_hosts/store.py`, which serves.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from sxpy.baton import after_others, sleeper
from sxpy_hosts.errors import StoreError, another


class Ticket:
    """A piece of work in the queue, and what became of it. `alone`: it is no transaction."""

    __slots__ = ("alone", "done", "error", "promoted", "value", "wake", "work")

    def __init__(self, work: Callable[..., Any], *, alone: bool = False) -> None:
        self.work = work
        self.alone = alone
        self.value: Any = None
        self.error: BaseException | None = None
        self.done = False
        self.promoted = False
        self.wake = sleeper()
        """What the thread that made the ticket sleeps on while others serve it."""


class Queue:
    """The queue of one store."""

    def __init__(self, serve: Callable[[list[Ticket]], None], afterwards: Callable[[], None]) -> None:
        """`serve` does a batch; `afterwards` is run by each leader once those it served were woken."""
        self._serve = serve
        self._afterwards = afterwards
        self._gate = threading.Lock()
        self._waiting: list[Ticket] = []
        self._leading = False

    def do(self, ticket: Ticket) -> Any:
        """The value of the ticket's work, once it was served. Raises what serving it raised."""
        with self._gate:
            self._waiting.append(ticket)
            leads = not self._leading
            self._leading = True
        if leads:
            after_others()  # what they bring becomes part of the batch
        else:
            self._wait(ticket)
        if not ticket.done:
            self._lead(ticket)
        if ticket.error is not None:
            raise ticket.error
        return ticket.value

    def _wait(self, ticket: Ticket) -> None:
        """Sleep until the ticket was served, or is to lead."""
        try:
            ticket.wake.acquire()
        except BaseException:
            self._abandon(ticket)
            raise

    def _lead(self, mine: Ticket) -> None:
        with self._gate:
            batch, self._waiting = self._waiting, []
        try:
            self._serve(batch)
        except Exception as error:
            for ticket in batch:
                if ticket.error is None:
                    ticket.error = error if ticket is mine else another(error)
        except BaseException as interruption:
            for ticket in batch:
                if ticket.error is None:
                    ticket.error = StoreError("the commit was interrupted: whether it happened is unknown")
            mine.error = interruption
        finally:
            for ticket in batch:
                ticket.done = True
                if ticket is not mine:
                    ticket.wake.release()
            try:
                self._afterwards()
            finally:
                with self._gate:
                    self._promote()

    def _promote(self) -> None:
        if self._waiting:
            self._waiting[0].promoted = True
            self._waiting[0].wake.release()
        else:
            self._leading = False

    def _abandon(self, ticket: Ticket) -> None:
        """Nobody waits for the ticket any more; if it was to lead, another one must."""
        with self._gate:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
                if ticket.promoted:
                    self._promote()
