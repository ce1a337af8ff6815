"""What a servicer must do for several who use it at the same time.

Each demand is made twice, of threads that share a host and of processes that have one each, as far as the
store promises that. A race that a store loses by luck alone is not proof that it is right: a mistake shows
in most runs, not in all. Next: `sxpy/testing/servicer/__init__.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from sxpy.data import Dict, list_of
from sxpy.errors import EvalError
from sxpy.testing.servicer.actors import Actor, Together, in_processes, in_threads
from sxpy.testing.servicer.registry import check
from sxpy.testing.servicer.subject import Subject, event, request

ROUNDS = 12
"""How often each actor does what it does."""

SETTINGS: list[tuple[str, list[str], Together, int]] = [
    ("threads", ["threads"], in_threads, 8),
    ("processes", ["durable", "processes"], in_processes, 3),
]
"""A name, what a store must promise, how it is used then, and by how many."""

Race = Callable[[Subject, Together, int], None]


def race(*needs: str) -> Callable[[Race], Race]:
    """Put a race on the list, once for each setting."""

    def listed(body: Race) -> Race:
        for kind, promises, together, count in SETTINGS:

            def demanded(store: Subject, together: Together = together, count: int = count) -> None:
                body(store, together, count)

            demanded.__name__ = f"{kind}:_{body.__name__}"
            check(*needs, promises=promises)(demanded)
        return body

    return listed


def is_conflict(answer: Any) -> bool:
    """Whether an answer is a conflict."""
    return isinstance(answer, Dict) and answer.get("conflict") is True


def has_one_winner_per_seq(store: Subject, stream: str, won: list[list[int]]) -> None:
    """Check that a stream holds what each of several says it has won, and no seq is missing."""
    seqs = sorted(seq for mine in won for seq in mine)
    if seqs != list(range(1, len(seqs) + 1)):
        store.fail(f"the seqs that were won are {seqs}: each from 1 on must have one winner")
    owner = {seq: me for me, mine in enumerate(won) for seq in mine}
    events = store.items(store.ask("read", stream))
    found = [(one.get("seq"), one.get("data")) for one in events]
    if found != sorted(owner.items()):
        store.fail(f"stored are {found}, won were {sorted(owner.items())} (seq, by whom)")
    store.gives(len(seqs), "last-seq", stream)


@race()
def each_has_a_stream_of_its_own(store: Subject, together: Together, count: int) -> None:
    def write(own: Subject, me: int) -> None:
        for seq in range(1, ROUNDS + 1):
            own.append(f"s{me}", seq)
            own.gives(seq, "last-seq", f"s{me}")
            own.holds(f"s{me}", *range(1, seq + 1))

    together(store, [write] * count)
    for me in range(count):
        store.holds(f"s{me}", *range(1, ROUNDS + 1))


@race()
def of_appends_with_one_seq_one_is_stored(store: Subject, together: Together, count: int) -> None:
    def contend(own: Subject, me: int) -> list[int]:
        won: list[int] = []
        while len(won) < ROUNDS:
            seq = own.ask("last-seq", "s") + 1
            try:
                own.ask("append", "s", event("s", seq, me))
                won.append(seq)
            except EvalError:
                pass  # another one was faster
        return won

    has_one_winner_per_seq(store, "s", together(store, [contend] * count))


@race("append-if")
def of_appends_with_one_expectation_one_is_stored(store: Subject, together: Together, count: int) -> None:
    def contend(own: Subject, me: int) -> list[int]:
        won: list[int] = []
        while len(won) < ROUNDS:
            last = own.ask("last-seq", "s")
            if not is_conflict(own.ask("append-if", "s", last, event("s", last + 1, me))):
                won.append(last + 1)
        return won

    has_one_winner_per_seq(store, "s", together(store, [contend] * count))


@race("kv-cas")
def no_change_by_kv_cas_is_lost(store: Subject, together: Together, count: int) -> None:
    def increase(own: Subject, me: int) -> None:
        done = 0
        while done < ROUNDS:
            now = own.ask("kv-get", "n")
            done += not is_conflict(own.ask("kv-cas", "n", now, (now or 0) + 1))

    together(store, [increase] * count)
    store.gives(count * ROUNDS, "kv-get", "n")


@race("kv-put-new")
def kv_put_new_has_one_winner(store: Subject, together: Together, count: int) -> None:
    def claim(own: Subject, me: int) -> list[int]:
        return [n for n in range(ROUNDS) if not is_conflict(own.ask("kv-put-new", f"k{n}", me))]

    claimed = together(store, [claim] * count)
    if sorted(n for mine in claimed for n in mine) != list(range(ROUNDS)):
        store.fail(f"each key must be claimed once, but they were claimed so: {claimed}")
    for me, mine in enumerate(claimed):
        for n in mine:
            store.gives(me, "kv-get", f"k{n}")


@race("append-once")
def append_once_stores_one_event(store: Subject, together: Together, count: int) -> None:
    def deliver(own: Subject, me: int) -> list[Any]:
        kept = []
        for n in range(ROUNDS):
            while True:
                seq = own.ask("last-seq", "s") + 1
                try:
                    answer = own.ask("append-once", "s", f"idem/s/{n}", event("s", seq, n))
                    break
                except EvalError:
                    pass  # the seq was used meanwhile
            kept.append((answer.get("seq"), answer.get("data")))
        return kept

    kept = together(store, [deliver] * count)
    if any(one != kept[0] for one in kept):
        store.fail(f"all must be answered with the same events, but were with {kept}")
    store.holds("s", *range(1, ROUNDS + 1))


@race("transact")
def a_transaction_is_seen_whole_or_not_at_all(store: Subject, together: Together, count: int) -> None:
    def change(own: Subject, me: int) -> None:
        for n in range(1, ROUNDS + 1):
            both = list_of(request("kv-put", "a", n), request("append", "s", event("s", n)))
            own.ask("transact", both)

    def look(own: Subject, me: int) -> None:
        before = 0
        deadline = time.monotonic() + 30
        while before < ROUNDS and time.monotonic() < deadline:
            both = own.items(own.ask("transact", list_of(request("kv-get", "a"), request("last-seq", "s"))))
            if (both[0] or 0) != both[1] or both[1] < before:
                own.fail(f"a key and a stream that change together are {both[0]} and {both[1]}")
            before = both[1]
        if before < ROUNDS:
            own.fail(f"only {before} of {ROUNDS} transactions became visible")

    together(store, [change, *[look] * (count - 1)])


@race()
def readers_go_on_and_see_a_growing_prefix(store: Subject, together: Together, count: int) -> None:
    total = 3 * ROUNDS

    def write(own: Subject, me: int) -> None:
        own.append("s", *range(1, total + 1))

    def read(own: Subject, me: int) -> None:
        before = 0
        deadline = time.monotonic() + 30
        while before < total and time.monotonic() < deadline:
            answer = own.ask("read", "s")
            now = len(own.items(answer))
            if now < before:
                own.fail(f"{before} events were there, and now {now}")
            own.has_seqs(range(1, now + 1), answer)
            before = now
        if before < total:
            own.fail(f"only {before} of {total} events became visible")

    actors: list[Actor] = [write, *[read] * (count - 1)]
    together(store, actors)
