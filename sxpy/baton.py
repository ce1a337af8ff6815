"""The baton: of many threads that serve programs, one computes at a time, and the others sleep.

Python lets one thread compute at a time anyway. But threads that all want to, contend for the interpreter
lock: each time one of them reads a byte of a file it loses the lock to another, and those that wait for it
wake up again and again. With sixteen clients that costs as much as their work. So a thread that runs here
has the baton, except while it waits for a client, a commit or a disk; whoever wants it sleeps until it is
handed over. Nobody may keep it for long: when others wait, whoever has had it for `PATIENCE` goes on
without it, beside the next one, as threads do.

A host says `with waiting():` around what it waits for, and threads that sleep until another thread has done
something for them do so on a `sleeper()`: neither costs anything in a thread that does not run here.
Invariants: a thread that runs has the baton, is overdue, or waits; who waits for the baton gets it in the
order in which they came, but for those that come from a disk, for whom others wait.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Protocol

PATIENCE = 0.005
"""Seconds for which a thread has the baton to itself."""


class Sleeper(Protocol):
    """What a thread sleeps on until another thread wakes it: once each, in any order. A lock is one."""

    def acquire(self) -> bool:
        """Sleep until somebody wakes this thread."""

    def release(self) -> None:
        """Wake it."""


class Relay:
    """Threads with one baton. `crowded` is told when somebody is overdue, and when nobody is any more."""

    def __init__(self, crowded: Callable[[bool], None] = lambda _: None) -> None:
        self._crowded = crowded
        self._gate = threading.Lock()
        self._holder: Runner | None = None
        self._since = 0.0
        """When the baton was handed to the holder."""
        self._waiting: deque[Runner] = deque()
        self._overdue: set[Runner] = set()
        """Those who lost the baton and have not noticed yet."""

    @contextmanager
    def running(self) -> Iterator[None]:
        """Within: this thread runs, with the baton but while it waits."""
        me = _mine.runner = Runner(self)
        me.take()
        try:
            yield
        finally:
            _mine.runner = None
            me.give()

    def _grab(self, runner: Runner, *, first: bool) -> bool:
        """Whether `runner` has the baton now; else it is among those that wait."""
        with self._gate:
            if self._holder is None:
                self._holder, self._since = runner, monotonic()
                return True
            if first:
                self._waiting.appendleft(runner)
            else:
                self._waiting.append(runner)
            return False

    def _wake(self, runner: Runner) -> None:
        """`runner`, which sleeps or is about to, is to go on when its turn has come."""
        with self._gate:
            self._waiting.append(runner)
            if self._holder is None:
                self._hand_over()

    def _hand_over(self) -> None:
        """With the gate: the next one gets the baton."""
        if self._waiting:
            self._holder = self._waiting.popleft()
            self._since = monotonic()
            self._holder.woken.release()
        else:
            self._holder = None

    def _look(self) -> None:
        """Hand the baton over if whoever has it has had it for too long."""
        with self._gate:
            holder = self._holder
            if holder is None or not self._waiting or monotonic() - self._since < PATIENCE:
                return
            if holder in self._waiting:
                return  # woken before it slept: it is about to
            self._overdue.add(holder)
            self._hand_over()
            if len(self._overdue) == 1:
                self._crowded(True)

    def _take_back(self, runner: Runner) -> None:
        """`runner` needs the baton no more, if it still has it."""
        with self._gate:
            if self._holder is runner:
                self._hand_over()
            elif runner in self._overdue:
                self._overdue.remove(runner)
                if not self._overdue:
                    self._crowded(False)


class Runner:
    """One thread in a relay, as a Sleeper too: whoever is woken has the baton when its turn has come."""

    __slots__ = ("_relay", "woken")

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self.woken = threading.Lock()
        """Released by whoever hands this thread the baton."""
        self.woken.acquire()

    def take(self, *, first: bool = False) -> None:
        """Wait for the baton; `first`: before all others."""
        if not self._relay._grab(self, first=first):
            self._sleep()

    def give(self) -> None:
        """Let another one have it."""
        self._relay._take_back(self)

    def stand_back(self) -> None:
        """Let all that wait for the baton have it first."""
        if self._relay._waiting:
            self._relay._take_back(self)
            self.take()

    def acquire(self) -> bool:
        """Sleep without the baton, until woken and handed the baton."""
        self._relay._take_back(self)
        self._sleep()
        return True

    def release(self) -> None:
        """Wake this thread, when its turn has come."""
        self._relay._wake(self)

    def _sleep(self) -> None:
        while not self.woken.acquire(timeout=PATIENCE):
            self._relay._look()


class _Mine(threading.local):
    """The present thread's part in a relay."""

    runner: Runner | None = None


_mine = _Mine()


def sleeper() -> Sleeper:
    """Something for the present thread to sleep on, once."""
    runner = _mine.runner
    if runner is not None:
        return runner
    lock = threading.Lock()
    lock.acquire()
    return lock


def after_others() -> None:
    """Let everybody who wants to compute now do so before the present thread goes on."""
    runner = _mine.runner
    if runner is not None:
        runner.stand_back()


class _Waiting:
    """`waiting`; it holds nothing, so one is enough."""

    __slots__ = ()

    def __enter__(self) -> None:
        runner = _mine.runner
        if runner is not None:
            runner.give()

    def __exit__(self, *_: object) -> None:
        runner = _mine.runner
        if runner is not None:
            runner.take(first=True)


_WAITING = _Waiting()


def waiting() -> _Waiting:
    """Within: the present thread waits for the outside, and computes next to nothing."""
    return _WAITING
