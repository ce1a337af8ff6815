"""The queue: each piece of work is served once, by whoever leads, and nobody waits for ever."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from sxpy_hosts.errors import StoreError
from sxpy_hosts.queue import Queue, Ticket


def serve(batch: list[Ticket]) -> None:
    for ticket in batch:
        try:
            ticket.value = ticket.work()
        except Exception as error:
            ticket.error = error


def test_work_is_done_and_its_value_answered() -> None:
    assert Queue(serve, lambda: None).do(Ticket(lambda: 5)) == 5


def test_what_work_raises_is_raised() -> None:
    queue = Queue(serve, lambda: None)
    with pytest.raises(ZeroDivisionError):
        queue.do(Ticket(lambda: 1 // 0))
    assert queue.do(Ticket(lambda: 5)) == 5


def together(queue: Queue, works: list[Any]) -> list[Any]:
    """Queue the works from a thread each while a first one is being served; their outcomes."""
    outcomes: list[Any] = [None] * len(works)
    busy, go_on = threading.Event(), threading.Event()

    def first() -> None:
        busy.set()
        assert go_on.wait(10)

    def ask(number: int) -> None:
        try:
            outcomes[number] = queue.do(Ticket(works[number]))
        except BaseException as error:
            outcomes[number] = error

    leader = threading.Thread(target=queue.do, args=(Ticket(first),))
    leader.start()
    assert busy.wait(10)
    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    while len(queue._waiting) < len(works):
        pass
    go_on.set()
    for thread in [leader, *threads]:
        thread.join(10)
        assert not thread.is_alive()
    return outcomes


def test_what_waits_is_served_as_one_batch() -> None:
    batches: list[int] = []

    def counting(batch: list[Ticket]) -> None:
        batches.append(len(batch))
        serve(batch)

    assert together(Queue(counting, lambda: None), [lambda: 1, lambda: 2, lambda: 3]) == [1, 2, 3]
    assert batches == [1, 3]


def test_a_batch_that_fails_fails_for_each_with_an_error_of_its_own() -> None:
    def failing(batch: list[Ticket]) -> None:
        serve(batch)
        if len(batch) > 1:
            for ticket in batch:
                ticket.error = None
            raise StoreError("refused")

    outcomes = together(Queue(failing, lambda: None), [lambda: 1, lambda: 2])
    assert [str(outcome) for outcome in outcomes] == ["refused", "refused"]
    assert outcomes[0] is not outcomes[1]


def test_an_interrupted_leader_wakes_everybody_and_hands_on() -> None:
    interrupted: list[BaseException] = []

    def interrupting(batch: list[Ticket]) -> None:
        serve(batch[:1])
        if len(batch) > 1:
            raise KeyboardInterrupt

    queue = Queue(interrupting, lambda: None)
    outcomes = together(queue, [lambda: 1, lambda: 2, lambda: 3])
    interrupted = [outcome for outcome in outcomes if isinstance(outcome, KeyboardInterrupt)]
    others = [outcome for outcome in outcomes if isinstance(outcome, StoreError)]
    assert len(interrupted) == 1
    assert len(others) >= 1
    assert queue.do(Ticket(lambda: 5)) == 5


def test_a_waiter_that_is_interrupted_leaves_the_queue() -> None:
    queue = Queue(serve, lambda: None)
    served: list[str] = []

    abandoned = Ticket(lambda: served.append("abandoned"))

    class Lock:
        def acquire(self) -> None:
            raise KeyboardInterrupt

        def release(self) -> None:
            pass

    abandoned.wake = Lock()  # type: ignore[assignment]

    def first() -> None:
        with pytest.raises(KeyboardInterrupt):
            queue.do(abandoned)

    queue.do(Ticket(first))
    assert served == []
    assert queue.do(Ticket(lambda: 5)) == 5


def test_an_abandoned_ticket_that_was_to_lead_lets_another_lead() -> None:
    queue = Queue(serve, lambda: None)
    queue._leading = True
    promoted, other = Ticket(lambda: 1), Ticket(lambda: 2)
    queue._waiting = [promoted, other]
    queue._promote()
    assert promoted.promoted
    queue._abandon(promoted)
    assert other.promoted
    queue._abandon(other)
    assert queue.do(Ticket(lambda: 5)) == 5
