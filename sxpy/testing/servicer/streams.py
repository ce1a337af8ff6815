"""What a servicer must do about streams. Next: `sxpy/testing/servicer/keys.py`."""

from __future__ import annotations

from sxpy.data import EMPTY, Dict, list_of
from sxpy.testing.servicer.registry import check
from sxpy.testing.servicer.subject import Subject, event


@check()
def an_operation_that_nobody_knows_is_refused(store: Subject) -> None:
    if store.host.owns("persist/nonsense"):
        store.fail("owns says true of persist/nonsense")
    store.refuses("nonsense")


@check()
def a_stream_that_never_was_is_empty(store: Subject) -> None:
    store.gives(EMPTY, "read", "s")
    store.gives(0, "last-seq", "s")
    store.is_empty()


@check()
def three_appends_give_three_three_three(store: Subject) -> None:
    store.append("s", 1, 2, 3)
    store.gives(3, "last-seq", "s")
    store.holds("s", 1, 2, 3)


@check()
def an_event_comes_back_equal(store: Subject) -> None:
    stored = event("s", 1, Dict({"who": "ann", "many": list_of(1, 2)}))
    store.ask("append", "s", stored)
    store.reopen()
    store.gives(list_of(stored), "read", "s")


@check()
def a_read_event_is_a_fresh_value(store: Subject) -> None:
    store.append("s", 1)
    store.items(store.ask("read", "s"))[0].set_in_place("seq", 99)
    store.note("change the event that was read")
    store.holds("s", 1)


@check()
def a_stored_event_is_no_longer_the_caller_s(store: Subject) -> None:
    stored = event("s", 1)
    store.ask("append", "s", stored)
    stored.set_in_place("seq", 99)
    store.note("change the event that was appended")
    store.holds("s", 1)


@check()
def append_never_renumbers(store: Subject) -> None:
    store.append("s", 5, 7, 100)
    store.holds("s", 5, 7, 100)
    store.gives(100, "last-seq", "s")


@check()
def streams_do_not_mix(store: Subject) -> None:
    store.append("a", 1, 2)
    store.append("b", 1)
    store.ask("truncate-through", "a", 1)
    store.reopen()
    store.holds("a", 2)
    store.holds("b", 1)


@check()
def a_used_seq_is_refused(store: Subject) -> None:
    store.append("s", 1, 3)
    for seq in (1, 2, 3):
        store.refuses("append", "s", event("s", seq, "again"))
    store.holds("s", 1, 3)
    store.gives(3, "last-seq", "s")


@check()
def a_used_seq_stays_used_after_truncation(store: Subject) -> None:
    store.append("s", 1, 2, 3)
    store.ask("truncate-through", "s", 3)
    store.reopen()
    store.refuses("append", "s", event("s", 3))
    store.append("s", 4)
    store.holds("s", 4)


@check()
def a_seq_under_one_is_refused(store: Subject) -> None:
    for seq in (0, -1):
        store.refuses("append", "s", event("s", seq))
    store.is_empty()


@check()
def truncation_drops_through_n_and_keeps_the_mark(store: Subject) -> None:
    for stream, operation in (("s", "truncate-through"), ("t", "truncate")):
        store.append(stream, 1, 2, 3, 4)
        store.ask(operation, stream, 2)
        store.reopen()
        store.holds(stream, 3, 4)
        store.gives(4, "last-seq", stream)


@check()
def truncation_beyond_the_end_empties_and_the_stream_is_listed(store: Subject) -> None:
    store.append("s", 1, 2)
    store.ask("truncate-through", "s", 1000)
    store.reopen()
    store.holds("s")
    store.gives(2, "last-seq", "s")
    store.gives_names(["s"], "streams")
    store.append("s", 3)
    store.holds("s", 3)


@check()
def truncation_below_does_nothing(store: Subject) -> None:
    store.append("s", 1, 2)
    for through in (0, -5):
        store.ask("truncate-through", "s", through)
    store.holds("s", 1, 2)


@check()
def truncation_of_no_stream_makes_none(store: Subject) -> None:
    store.ask("truncate-through", "s", 5)
    store.is_empty()
    store.append("s", 1)
    store.holds("s", 1)


@check("count")
def count_tells_the_events_that_are_stored_now(store: Subject) -> None:
    store.gives(0, "count", "s")
    store.append("s", 2, 5, 6, 20)
    store.gives(4, "count", "s")
    for through, left in ((5, 2), (7, 1), (1000, 0)):
        store.ask("truncate-through", "s", through)
        store.gives(left, "count", "s")
        store.reopen()
        store.gives(left, "count", "s")


@check("read-from")
def read_from_is_inclusive(store: Subject) -> None:
    store.append("s", 1, 2, 4, 8)
    for _ in range(2):
        for low, expected in ((2, (2, 4, 8)), (3, (4, 8)), (9, ()), (-1, (1, 2, 4, 8)), (10**30, ())):
            store.has_seqs(expected, store.ask("read-from", "s", low))
        store.reopen()
    store.gives(EMPTY, "read-from", "none", 1)


@check("read-range")
def read_range_is_inclusive_on_both_sides(store: Subject) -> None:
    store.append("s", 1, 2, 4, 8)
    ranges = (((2, 4), (2, 4)), ((3, 3), ()), ((5, 2), ()), ((0, 10**30), (1, 2, 4, 8)), ((4, 4), (4,)))
    for _ in range(2):
        for (low, high), expected in ranges:
            store.has_seqs(expected, store.ask("read-range", "s", low, high))
        store.reopen()
    store.gives(EMPTY, "read-range", "none", 1, 9)


@check()
def every_stream_ever_appended_to_is_listed_once(store: Subject) -> None:
    names = ["b", "a", "C", "é", "", "$global"]
    for name in names:
        store.append(name, 1, 2)
    store.ask("truncate-through", "a", 2)
    store.gives_names(names, "streams")
    store.reopen()
    store.gives_names(names, "streams")


@check()
def many_events_stay_in_order(store: Subject) -> None:
    store.append("s", *range(1, 101))
    store.reopen()
    store.append("s", *range(101, 111))
    store.holds("s", *range(1, 111))


# -- several events, and conditions -------------------------------------------------------------------


@check("append-if")
def append_if_appends_when_the_mark_is_the_expected_one(store: Subject) -> None:
    store.gives(event("s", 1), "append-if", "s", 0, event("s", 1))
    store.gives(event("s", 2), "append-if", "s", 1, event("s", 2))
    store.reopen()
    store.holds("s", 1, 2)


@check("append-if")
def append_if_answers_a_conflict_and_stores_nothing_otherwise(store: Subject) -> None:
    store.append("s", 1, 2)
    for expected in (0, 1, 3):
        store.conflicts({"expected": expected, "actual": 2}, "append-if", "s", expected, event("s", 3))
    store.holds("s", 1, 2)
    store.conflicts({"expected": 1, "actual": 0}, "append-if", "none", 1, event("none", 2))
    store.gives_names(["s"], "streams")


@check("append-if")
def append_if_expects_the_mark_and_not_the_count(store: Subject) -> None:
    store.append("s", 1, 2)
    store.ask("truncate-through", "s", 2)
    store.conflicts({"expected": 0, "actual": 2}, "append-if", "s", 0, event("s", 3))
    store.gives(event("s", 3), "append-if", "s", 2, event("s", 3))


@check("append-many")
def append_many_stores_all_in_order(store: Subject) -> None:
    events = list_of(*(event("s", seq) for seq in (1, 2, 3)))
    store.ask("append-many", "s", events)
    store.reopen()
    store.gives(events, "read", "s")


@check("append-many")
def append_many_of_none_does_nothing(store: Subject) -> None:
    store.ask("append-many", "s", EMPTY)
    store.is_empty()


@check("append-many")
def append_many_stores_all_or_none(store: Subject) -> None:
    store.append("s", 1)
    store.refuses("append-many", "s", list_of(event("s", 2), event("s", 3), event("s", 3)))
    for _ in range(2):
        store.holds("s", 1)
        store.gives(1, "last-seq", "s")
        store.reopen()


@check("append-once")
def append_once_stores_the_first_time_only(store: Subject) -> None:
    first = event("s", 1, "first")
    store.gives(first, "append-once", "s", "idem/s/a", first)
    store.reopen()
    store.gives(first, "append-once", "s", "idem/s/a", event("s", 2))
    store.holds("s", 1)
    store.gives(first, "kv-get", "idem/s/a")


@check("append-once")
def append_once_survives_truncation(store: Subject) -> None:
    first = event("s", 1, "first")
    store.ask("append-once", "s", "idem/s/a", first)
    store.ask("truncate-through", "s", 1)
    store.reopen()
    store.gives(first, "append-once", "s", "idem/s/a", event("s", 2))
    store.holds("s")


@check("append-once")
def append_once_that_is_refused_leaves_no_marker(store: Subject) -> None:
    store.append("s", 1)
    store.refuses("append-once", "s", "idem/s/a", event("s", 1))
    store.gives(False, "kv-has?", "idem/s/a")
