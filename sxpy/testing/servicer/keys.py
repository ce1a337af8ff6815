"""What a servicer must do about keys, and about several changes at once.

Next: `sxpy/testing/servicer/values.py`.
"""

from __future__ import annotations

from sxpy.data import EMPTY, Dict, list_of
from sxpy.testing.servicer.registry import check
from sxpy.testing.servicer.subject import Subject, event, request, text_of


@check()
def a_key_that_never_was_is_absent(store: Subject) -> None:
    store.gives(None, "kv-get", "k")
    store.gives(False, "kv-has?", "k")
    store.gives(EMPTY, "kv-keys")


@check()
def a_stored_nil_is_present(store: Subject) -> None:
    store.ask("kv-put", "k", None)
    store.reopen()
    store.gives(None, "kv-get", "k")
    store.gives(True, "kv-has?", "k")
    store.gives_names(["k"], "kv-keys")


@check()
def the_last_put_counts(store: Subject) -> None:
    for value in (1, 2, 3):
        store.ask("kv-put", "k", value)
    store.gives(3, "kv-get", "k")
    store.reopen()
    store.gives(3, "kv-get", "k")
    store.gives_names(["k"], "kv-keys")


@check()
def a_deleted_key_is_absent(store: Subject) -> None:
    store.ask("kv-put", "k", 1)
    store.reopen()
    store.ask("kv-delete", "k")
    store.ask("kv-delete", "never")
    for _ in range(2):
        store.gives(None, "kv-get", "k")
        store.gives(False, "kv-has?", "k")
        store.gives(EMPTY, "kv-keys")
        store.reopen()


@check()
def a_value_that_was_got_is_a_fresh_one(store: Subject) -> None:
    stored = Dict({"n": 1})
    store.ask("kv-put", "k", stored)
    stored.set_in_place("n", 99)
    store.note("change the value that was put")
    store.ask("kv-get", "k").set_in_place("n", 98)
    store.note("change the value that was got")
    store.gives(Dict({"n": 1}), "kv-get", "k")


@check()
def keys_and_streams_are_apart(store: Subject) -> None:
    store.append("same", 1)
    store.gives(False, "kv-has?", "same")
    store.ask("kv-put", "same", "value")
    store.holds("same", 1)
    store.ask("kv-delete", "same")
    store.gives_names(["same"], "streams")


@check("kv-cas")
def kv_cas_puts_when_the_value_is_the_expected_one(store: Subject) -> None:
    store.ask("kv-put", "k", Dict({"n": list_of(1, 2)}))
    store.gives("new", "kv-cas", "k", Dict({"n": list_of(1, 2)}), "new")
    store.reopen()
    store.gives("new", "kv-get", "k")


@check("kv-cas")
def kv_cas_answers_a_conflict_and_puts_nothing_otherwise(store: Subject) -> None:
    store.ask("kv-put", "k", 1)
    store.conflicts({"expected": 2, "actual": 1}, "kv-cas", "k", 2, 3)
    store.conflicts({"expected": None, "actual": 1}, "kv-cas", "k", None, 3)
    store.gives(1, "kv-get", "k")
    store.conflicts({"expected": 1, "actual": None}, "kv-cas", "never", 1, 2)
    store.gives(False, "kv-has?", "never")


@check("kv-cas")
def kv_cas_from_nil_matches_an_absent_key(store: Subject) -> None:
    store.gives(1, "kv-cas", "k", None, 1)
    store.gives(1, "kv-get", "k")


@check("kv-put-new")
def kv_put_new_puts_only_what_is_not_there(store: Subject) -> None:
    store.gives(1, "kv-put-new", "k", 1)
    store.conflicts({"actual": 1, "reason": "exists"}, "kv-put-new", "k", 2)
    store.gives(1, "kv-get", "k")


@check("kv-put-new")
def kv_put_new_finds_a_stored_nil(store: Subject) -> None:
    store.ask("kv-put", "k", None)
    store.conflicts({"actual": None, "reason": "exists"}, "kv-put-new", "k", 2)


# -- transactions --------------------------------------------------------------------------------------


@check("transact")
def transact_does_all_and_answers_all(store: Subject) -> None:
    store.append("s", 1)
    requests = list_of(
        request("append", "s", event("s", 2)),
        request("last-seq", "s"),
        request("kv-put", "k", 5),
        request("kv-get", "k"),
        request("truncate-through", "s", 1),
        request("read", "s"),
        request("kv-keys"),
        request("streams"),
    )
    answers = store.items(store.ask("transact", requests))
    if len(answers) != 8 or answers[1] != 2 or answers[3] != 5:
        store.fail("a transaction sees its own changes and answers each request")
    store.has_seqs([2], answers[5])
    if [list(names) for names in answers[6:]] != [["k"], ["s"]]:
        store.fail("a transaction sees its own changes in the names of keys and streams")
    store.reopen()
    store.holds("s", 2)
    store.gives(5, "kv-get", "k")


@check("transact")
def transact_undoes_all_when_one_is_refused(store: Subject) -> None:
    store.append("s", 1, 2)
    store.ask("kv-put", "k", "old")
    store.refuses(
        "transact",
        list_of(
            request("kv-put", "k", "new"),
            request("kv-put", "k2", "new"),
            request("append", "t", event("t", 1)),
            request("truncate-through", "s", 1),
            request("append", "s", event("s", 3)),
            request("append", "s", event("s", 3)),
        ),
    )
    for _ in range(2):
        store.holds("s", 1, 2)
        store.gives(2, "last-seq", "s")
        store.gives_names(["s"], "streams")
        store.gives("old", "kv-get", "k")
        store.gives_names(["k"], "kv-keys")
        store.reopen()


@check("transact", "append-if")
def transact_undoes_all_and_answers_the_conflict(store: Subject) -> None:
    store.append("s", 1)
    requests = list_of(request("kv-put", "k", 1), request("append-if", "s", 0, event("s", 2)))
    store.conflicts({"expected": 0, "actual": 1}, "transact", requests)
    store.gives(False, "kv-has?", "k")
    store.holds("s", 1)


@check("transact", "append-if", "append-once", "kv-cas", "kv-put-new")
def transact_takes_no_stored_value_for_a_conflict(store: Subject) -> None:
    looks = Dict({"conflict": True, "expected": 0, "actual": 1})
    event_ = event("s", 1).assoc("conflict", True)
    requests = list_of(
        request("append-if", "s", 0, event_),
        request("append-once", "t", "m", event_),
        request("kv-put", "k", looks),
        request("kv-get", "k"),
        request("kv-cas", "k", looks, looks),
        request("kv-put-new", "new", looks),
    )
    answers = store.items(store.ask("transact", requests))
    if len(answers) != 6 or [text_of(answers[at]) for at in (3, 4, 5)] != [text_of(looks)] * 3:
        store.fail("a transaction whose values hold :conflict true must be done, and answer each request")
    store.gives(looks, "kv-get", "k")
    store.gives(looks, "kv-get", "new")
    store.holds("s", 1)
    store.holds("t", 1)


@check("transact")
def transact_of_nothing_answers_nothing(store: Subject) -> None:
    store.gives(EMPTY, "transact", EMPTY)


@check("transact")
def transact_takes_no_blobs_no_transaction_and_nothing_unknown(store: Subject) -> None:
    for inner in (request("blob/put", "x", "m"), request("transact", EMPTY), request("nonsense"), 5):
        store.refuses("transact", list_of(request("kv-put", "k", 1), inner))
    store.is_empty()
