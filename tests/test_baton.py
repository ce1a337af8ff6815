"""The baton: one computes at a time, in order, and nobody can keep the others from it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from sxpy import baton
from sxpy.baton import Relay, after_others, sleeper, waiting

LONG = 30
"""Seconds after which a test has failed."""


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, nobody is overdue."""
    monkeypatch.setattr(baton, "PATIENCE", LONG)


class Threads:
    """Threads that run in one relay."""

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        self.threads: list[threading.Thread] = []
        self.failed: list[BaseException] = []

    def start(self, work: Callable[[], Any]) -> None:
        def run() -> None:
            try:
                with self.relay.running():
                    work()
            except BaseException as error:
                self.failed.append(error)

        thread = threading.Thread(target=run, daemon=True)
        self.threads.append(thread)
        thread.start()

    def finish(self) -> None:
        for thread in self.threads:
            thread.join(LONG)
            assert not thread.is_alive()
        assert self.failed == []


def until(met: Callable[[], Any]) -> None:
    end = time.monotonic() + LONG
    while not met():
        assert time.monotonic() < end
        time.sleep(0.001)


@pytest.mark.usefixtures("patient")
def test_one_computes_at_a_time() -> None:
    threads = Threads(Relay())
    inside, most, rounds = 0, 0, 0

    def work() -> None:
        nonlocal inside, most, rounds
        for _ in range(20):
            inside += 1
            most = max(most, inside)
            time.sleep(0.0002)  # whoever else could run would
            rounds += 1
            inside -= 1
            with waiting():
                time.sleep(0.0002)

    for _ in range(6):
        threads.start(work)
    threads.finish()
    assert (most, rounds) == (1, 120)


def test_who_keeps_the_baton_goes_on_beside_the_others() -> None:
    told: list[bool] = []
    threads = Threads(Relay(told.append))
    done = threading.Event()
    threads.start(lambda: done.wait(LONG))
    until(lambda: threads.relay._holder is not None)
    threads.start(done.set)
    threads.finish()
    assert told == [True, False]
    assert threads.relay._holder is None
    assert threads.relay._overdue == set()


def test_so_do_many() -> None:
    told: list[bool] = []
    threads = Threads(Relay(told.append))
    done = threading.Barrier(5, timeout=LONG)
    for _ in range(5):
        threads.start(done.wait)
    threads.finish()
    assert told == [True, False]


@pytest.mark.usefixtures("patient")
def test_a_thread_that_is_woken_waits_for_its_turn() -> None:
    threads = Threads(Relay())
    order: list[str] = []
    sleepers: list[Any] = []
    busy, go_on = threading.Event(), threading.Event()

    def sleeps() -> None:
        sleepers.append(sleeper())
        sleepers[0].acquire()
        order.append("woken")

    def computes() -> None:
        busy.set()
        assert go_on.wait(LONG)
        order.append("computed")

    threads.start(sleeps)
    until(lambda: sleepers and threads.relay._holder is None)
    threads.start(computes)
    assert busy.wait(LONG)
    sleepers[0].release()
    time.sleep(0.02)
    assert order == []
    go_on.set()
    threads.finish()
    assert order == ["computed", "woken"]


@pytest.mark.usefixtures("patient")
def test_a_thread_may_be_woken_before_it_sleeps() -> None:
    threads = Threads(Relay())

    def work() -> None:
        for _ in range(3):
            mine = sleeper()
            mine.release()
            assert mine.acquire()

    threads.start(work)
    threads.finish()
    assert threads.relay._holder is None


def test_a_thread_that_was_woken_before_it_sleeps_keeps_the_baton() -> None:
    told: list[bool] = []
    threads = Threads(Relay(told.append))
    relay = threads.relay

    def work() -> None:
        mine = sleeper()
        mine.release()
        until(lambda: len(relay._waiting) == 2)
        time.sleep(4 * baton.PATIENCE)  # the other looks whether it is overdue
        assert mine.acquire()
        assert relay._holder is mine

    threads.start(work)
    until(lambda: len(relay._waiting) == 1)
    threads.start(lambda: None)
    threads.finish()
    assert told == []
    assert relay._holder is None


@pytest.mark.usefixtures("patient")
def test_a_thread_that_stands_back_goes_on_after_those_that_wait() -> None:
    threads = Threads(Relay())
    order: list[str] = []
    go_on = threading.Event()

    def stands_back() -> None:
        assert go_on.wait(LONG)
        after_others()
        order.append("stood back")
        after_others()  # nobody waits now
        order.append("again")

    threads.start(stands_back)
    until(lambda: threads.relay._holder is not None)
    for number in range(2):
        threads.start(lambda: order.append("waited"))
        until(lambda: len(threads.relay._waiting) == number + 1)  # noqa: B023
    go_on.set()
    threads.finish()
    assert order == ["waited", "waited", "stood back", "again"]


@pytest.mark.usefixtures("patient")
def test_a_thread_that_comes_from_the_disk_goes_before_those_that_wait() -> None:
    threads = Threads(Relay())
    order: list[str] = []
    written, go_on = threading.Event(), threading.Event()

    def writes() -> None:
        with waiting():
            assert written.wait(LONG)
        order.append("wrote")

    def holds() -> None:
        assert go_on.wait(LONG)

    threads.start(writes)
    until(lambda: threads.relay._holder is None)
    threads.start(holds)
    until(lambda: threads.relay._holder is not None)
    threads.start(lambda: order.append("waited"))
    until(lambda: len(threads.relay._waiting) == 1)
    written.set()
    until(lambda: len(threads.relay._waiting) == 2)
    go_on.set()
    threads.finish()
    assert order == ["wrote", "waited"]


def test_elsewhere_a_sleeper_is_a_lock_and_nothing_is_waited_for() -> None:
    lock = sleeper()
    lock.release()
    assert lock.acquire()
    with waiting():
        after_others()
    threading.Timer(0.01, lock.release).start()
    assert lock.acquire()


def test_an_error_hands_the_baton_on() -> None:
    relay = Relay()
    with pytest.raises(ZeroDivisionError), relay.running():
        1 // 0  # noqa: B018
    with relay.running():
        assert relay._holder is not None
    assert relay._holder is None
