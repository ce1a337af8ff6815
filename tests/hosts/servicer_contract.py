"""The contract of a servicer: what every host that answers `persist/*` and `blob/*` must do.

A test class of a store inherits `ServicerContract` and says how to open one. Nothing here knows what a
store is made of: only requests and answers, as a program meets them.
"""

from __future__ import annotations

import abc
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from sxpy.data import (
    EMPTY,
    Bytevector,
    Char,
    Dict,
    Primitive,
    Vector,
    equal,
    from_list,
    keyword,
    list_of,
    symbol,
)
from sxpy.errors import ArityError, EvalError, SxIOError, SxTypeError, SxValueError, UnknownOperationError
from sxpy.host import Host

OPERATIONS = [
    *("persist/append", "persist/read", "persist/last-seq", "persist/truncate-through", "persist/truncate"),
    *("persist/streams", "persist/read-from", "persist/read-range", "persist/count", "persist/transact"),
    *("persist/append-if", "persist/append-many", "persist/append-once"),
    *("persist/kv-get", "persist/kv-put", "persist/kv-delete", "persist/kv-has?", "persist/kv-keys"),
    *("persist/kv-cas", "persist/kv-put-new", "blob/put", "blob/get", "blob/has?"),
]

HELLO_CID = "bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq"
"""The CID of the bytes of "hello": raw codec, sha2-256 2cf24dba…9824, base32."""

NAMES = [
    "",
    "orders",
    "a/b",
    "..",
    ".",
    "../../etc/passwd",
    "/",
    "\0",
    "a\0b",
    "new\nline",
    'quote " and \\ back',
    "Case",
    "case",
    "CASE",
    "\u00e9",
    "e\u0301",
    "\ud800",
    "\ud83d\ude00",
    "😀",
    "; comment",
    "$global",
    "x" * 126,
    "x" * 127,
    "x" * 128,
    "x" * 5000,
    "x" * 4999 + "y",
    "-",
    "6f",
    "sha256-",
]
"""Names that a careless store would confuse, lose, or take for something else."""

VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    -7,
    10**60,
    0.1,
    -0.0,
    1e300,
    2.0,
    Fraction(1, 3),
    "",
    "two\nlines",
    'tab\t quote" back\\ nul\0 cr\r',
    "; not a comment",
    " ; 1 2 3456789a",
    "\u2028\u0085\x1c",
    "\ud800 alone",
    "😀",
    symbol("a-symbol"),
    keyword("key"),
    Char(955),
    EMPTY,
    list_of(1, "two", list_of(3)),
    Vector([1, 2]),
    Bytevector(b"\x00\xff"),
    Dict({}),
    Dict({"a": 1, "b c": list_of(None), "": Dict({"deep": True})}),
]


class ServicerContract(abc.ABC):
    """Inherit, say how to open a new and empty host, and all tests below are run on it."""

    host: Host
    directory: Path
    """An empty directory of the test's own."""

    @abc.abstractmethod
    def open(self) -> Host:
        """A new, empty host."""

    def reopen(self) -> None:  # noqa: B027 - a store that keeps nothing leaves it empty
        """Close the host and open the same store again."""

    def check(self) -> None:  # noqa: B027 - a store without a check leaves it empty
        """Check the closed store, after each test."""

    @pytest.fixture(autouse=True)
    def _host(self, tmp_path: Path) -> Iterator[None]:
        self.directory = tmp_path
        self.host = self.open()
        yield
        self.host.close()
        self.check()

    def ask(self, operation: str, *args: Any) -> Any:
        name = operation if operation.startswith("blob/") else f"persist/{operation}"
        return self.host.answer(name, list(args), request(operation, *args))

    def event(self, stream: str, seq: int, data: Any = None) -> Dict:
        return Dict({"stream": stream, "seq": seq, "type": "t", "at": 10 * seq, "data": data})

    def fill(self, stream: str, *numbers: int) -> None:
        for seq in numbers:
            self.ask("append", stream, self.event(stream, seq))

    def seqs(self, stream: str) -> list[int]:
        return [event.get("seq") for event in self.ask("read", stream)]

    # -- owning ----------------------------------------------------------------------------------------

    def test_it_owns_every_operation(self) -> None:
        assert [name for name in OPERATIONS if not self.host.owns(name)] == []

    def test_it_owns_nothing_else(self) -> None:
        assert not self.host.owns("persist/nonsense")
        with pytest.raises(UnknownOperationError):
            self.host.answer("persist/nonsense", [], None)

    # -- streams ---------------------------------------------------------------------------------------

    def test_a_stream_that_never_was_is_empty(self) -> None:
        assert self.ask("read", "s") is EMPTY
        assert self.ask("last-seq", "s") == 0
        assert self.ask("count", "s") == 0
        assert list(self.ask("streams")) == []

    def test_three_appends_give_three_three_three(self) -> None:
        self.fill("s", 1, 2, 3)
        events = list(self.ask("read", "s"))
        assert (events[2].get("seq"), self.ask("count", "s"), len(events)) == (3, 3, 3)

    def test_an_event_comes_back_equal(self) -> None:
        stored = self.event("s", 1, Dict({"who": "ann", "many": list_of(1, 2)}))
        self.ask("append", "s", stored)
        self.reopen()
        assert equal(next(iter(self.ask("read", "s"))), stored)

    def test_a_read_event_is_a_fresh_value(self) -> None:
        self.fill("s", 1)
        next(iter(self.ask("read", "s"))).set_in_place("seq", 99)
        assert self.seqs("s") == [1]

    def test_append_never_renumbers(self) -> None:
        self.fill("s", 5, 7, 100)
        assert self.seqs("s") == [5, 7, 100]
        assert self.ask("last-seq", "s") == 100
        assert self.ask("count", "s") == 3

    @pytest.mark.parametrize("seq", [1, 2, 3])
    def test_a_used_seq_is_refused(self, seq: int) -> None:
        self.fill("s", 1, 3)
        with pytest.raises(SxIOError, match=r"used :seq|has used"):
            self.fill("s", seq)
        assert self.seqs("s") == [1, 3]

    def test_a_used_seq_stays_used_after_truncation(self) -> None:
        self.fill("s", 1, 2, 3)
        self.ask("truncate", "s", 3)
        self.reopen()
        with pytest.raises(SxIOError):
            self.fill("s", 3)
        self.fill("s", 4)
        assert self.seqs("s") == [4]

    @pytest.mark.parametrize("operation", ["truncate", "truncate-through"])
    def test_truncation_drops_through_n_and_keeps_the_mark(self, operation: str) -> None:
        self.fill("s", 1, 2, 3, 4)
        self.ask(operation, "s", 2)
        self.reopen()
        assert self.seqs("s") == [3, 4]
        assert (self.ask("last-seq", "s"), self.ask("count", "s")) == (4, 2)

    def test_truncation_beyond_the_end_empties_but_the_stream_is_listed(self) -> None:
        self.fill("s", 1, 2)
        self.ask("truncate", "s", 1000)
        self.reopen()
        assert self.seqs("s") == []
        assert (self.ask("last-seq", "s"), self.ask("count", "s")) == (2, 0)
        assert list(self.ask("streams")) == ["s"]
        self.fill("s", 3)
        assert self.seqs("s") == [3]

    def test_truncation_below_does_nothing(self) -> None:
        self.fill("s", 1, 2)
        for through in (0, -5):
            self.ask("truncate", "s", through)
        assert self.seqs("s") == [1, 2]

    def test_truncation_of_no_stream_makes_none(self) -> None:
        self.ask("truncate", "s", 5)
        assert list(self.ask("streams")) == []
        self.fill("s", 1)
        assert self.seqs("s") == [1]

    def test_truncation_counts_gaps_right(self) -> None:
        self.fill("s", 2, 5, 6, 20)
        self.ask("truncate", "s", 5)
        assert (self.seqs("s"), self.ask("count", "s")) == ([6, 20], 2)
        self.reopen()
        self.ask("truncate", "s", 7)
        assert (self.seqs("s"), self.ask("count", "s")) == ([20], 1)

    def test_read_from_and_read_range_are_inclusive(self) -> None:
        self.fill("s", 1, 2, 4, 8)
        ranges = {
            ("read-from", 2): [2, 4, 8],
            ("read-from", 3): [4, 8],
            ("read-from", 9): [],
            ("read-from", -1): [1, 2, 4, 8],
            ("read-range", 2, 4): [2, 4],
            ("read-range", 3, 3): [],
            ("read-range", 5, 2): [],
            ("read-range", 0, 10**30): [1, 2, 4, 8],
        }
        for _ in range(2):
            for (operation, *bounds), expected in ranges.items():
                assert [e.get("seq") for e in self.ask(operation, "s", *bounds)] == expected
            self.reopen()

    def test_streams_are_listed_in_order(self) -> None:
        for name in ("b", "a", "C", "é", ""):
            self.fill(name, 1)
        self.reopen()
        assert list(self.ask("streams")) == ["", "C", "a", "b", "é"]

    # -- names and values ------------------------------------------------------------------------------

    def test_every_string_is_a_name_of_its_own(self) -> None:
        for number, name in enumerate(NAMES):
            self.ask("append", name, self.event(name, number + 1))
            self.ask("kv-put", name, number)
        self.reopen()
        for number, name in enumerate(NAMES):
            assert self.seqs(name) == [number + 1]
            assert self.ask("kv-get", name) == number
        assert sorted(self.ask("streams")) == sorted(NAMES)
        assert sorted(self.ask("kv-keys")) == sorted(NAMES)
        for name in NAMES:
            self.ask("kv-delete", name)
            self.ask("truncate", name, 10**9)
        self.reopen()
        assert list(self.ask("kv-keys")) == []
        assert sorted(self.ask("streams")) == sorted(NAMES)

    @pytest.mark.parametrize("value", VALUES, ids=repr)
    def test_every_value_comes_back_equal(self, value: Any) -> None:
        self.ask("kv-put", "k", value)
        self.ask("append", "s", self.event("s", 1, value))
        self.reopen()
        for found in (self.ask("kv-get", "k"), next(iter(self.ask("read", "s"))).get("data")):
            if isinstance(value, (Vector, Bytevector)):
                assert type(found) is type(value)
                assert list(getattr(found, "items", getattr(found, "data", ()))) == list(
                    getattr(value, "items", getattr(value, "data", ()))
                )
            else:
                assert equal(found, value)
                assert type(found) is type(value) or not isinstance(value, (int, float))

    def test_values_without_a_syntax_are_refused_and_nothing_is_written(self) -> None:
        function = Primitive("f", lambda: None, 0, 0)
        event = self.event("s", 1, list_of(1, function))
        for operation, *args in (
            ("append", "s", event),
            ("append-if", "s", 0, event),
            ("append-many", "s", list_of(self.event("s", 1), self.event("s", 2, function))),
            ("append-once", "s", "k", event),
            ("kv-put", "k", function),
            ("kv-put", "k", Dict({"deep": list_of(function)})),
            ("kv-cas", "k", None, function),
            ("kv-put-new", "k", function),
            ("transact", list_of(request("kv-put", "a", 1), request("kv-put", "k", function))),
        ):
            with pytest.raises(EvalError):
                self.ask(operation, *args)
        assert list(self.ask("streams")) == []
        assert list(self.ask("kv-keys")) == []

    @pytest.mark.parametrize(
        "event",
        [
            "no dict",
            None,
            Dict({}),
            Dict({"seq": None}),
            Dict({"seq": "1"}),
            Dict({"seq": 1.0}),
            Dict({"seq": True}),
        ],
        ids=repr,
    )
    def test_what_is_no_event_is_refused(self, event: Any) -> None:
        with pytest.raises(SxTypeError, match=r"persist/append.*(event|:seq)"):
            self.ask("append", "s", event)
        assert list(self.ask("streams")) == []

    @pytest.mark.parametrize("seq", [0, -1, 2**63])
    def test_a_seq_under_one_is_refused(self, seq: int) -> None:
        with pytest.raises(SxValueError, match=":seq must be 1 to"):
            self.fill("s", seq)

    @pytest.mark.parametrize("operation", OPERATIONS)
    def test_a_wrong_number_of_arguments_is_refused(self, operation: str) -> None:
        with pytest.raises(ArityError, match=operation.replace("?", r"\?")):
            self.host.answer(operation, ["a"] * 5, None)

    @pytest.mark.parametrize(
        ("operation", "args", "argument"),
        [
            ("append", [1, None], "stream"),
            ("read", [None], "stream"),
            ("last-seq", [symbol("s")], "stream"),
            ("count", [1], "stream"),
            ("truncate", ["s", "1"], "n"),
            ("truncate", ["s", 1.5], "n"),
            ("truncate", ["s", True], "n"),
            ("read-from", ["s", None], "seq"),
            ("read-range", ["s", 1, "2"], "hi"),
            ("append-if", ["s", "0", None], "expected"),
            ("append-many", ["s", 5], "events"),
            ("append-once", ["s", 5, None], "marker-key"),
            ("kv-get", [5], "key"),
            ("kv-put", [None, 1], "key"),
            ("kv-delete", [keyword("k")], "key"),
            ("kv-has?", [1], "key"),
            ("kv-cas", [1, 2, 3], "key"),
            ("kv-put-new", [1, 2], "key"),
            ("transact", [5], "requests"),
            ("transact", [list_of(5)], "request 1"),
            ("blob/put", [5, "text/plain"], "bytes"),
            ("blob/put", ["x", 5], "mime"),
            ("blob/get", [5], "cid"),
            ("blob/has?", [None], "cid"),
        ],
    )
    def test_an_argument_of_the_wrong_kind_is_named(
        self, operation: str, args: list[Any], argument: str
    ) -> None:
        name = operation if "/" in operation else f"persist/{operation}"
        with pytest.raises(SxTypeError) as caught:
            self.host.answer(name, args, None)
        assert name.rstrip("?") in str(caught.value)
        assert argument in str(caught.value)

    # -- keys ------------------------------------------------------------------------------------------

    def test_a_key_that_never_was_is_absent(self) -> None:
        assert self.ask("kv-get", "k") is None
        assert self.ask("kv-has?", "k") is False
        assert list(self.ask("kv-keys")) == []

    def test_a_stored_nil_is_present(self) -> None:
        self.ask("kv-put", "k", None)
        self.reopen()
        assert self.ask("kv-get", "k") is None
        assert self.ask("kv-has?", "k") is True
        assert list(self.ask("kv-keys")) == ["k"]

    def test_the_last_put_counts(self) -> None:
        for value in (1, 2, 3):
            self.ask("kv-put", "k", value)
        self.reopen()
        assert self.ask("kv-get", "k") == 3

    def test_a_deleted_key_is_absent(self) -> None:
        self.ask("kv-put", "k", 1)
        self.reopen()
        self.ask("kv-delete", "k")
        self.ask("kv-delete", "never")
        assert self.ask("kv-has?", "k") is False
        self.reopen()
        assert self.ask("kv-get", "k") is None
        assert list(self.ask("kv-keys")) == []

    def test_kv_cas_puts_when_the_value_is_the_expected_one(self) -> None:
        self.ask("kv-put", "k", Dict({"n": list_of(1, 2)}))
        assert self.ask("kv-cas", "k", Dict({"n": list_of(1, 2)}), "new") == "new"
        self.reopen()
        assert self.ask("kv-get", "k") == "new"

    def test_kv_cas_answers_a_conflict_and_puts_nothing_otherwise(self) -> None:
        self.ask("kv-put", "k", 1)
        conflict = self.ask("kv-cas", "k", 2, 3)
        assert conflict.to_dict() == {"conflict": True, "expected": 2, "actual": 1}
        assert self.ask("kv-get", "k") == 1

    def test_kv_cas_from_nil_matches_an_absent_key(self) -> None:
        assert self.ask("kv-cas", "k", None, 1) == 1
        assert self.ask("kv-cas", "k", None, 2).get("actual") == 1

    def test_kv_put_new_puts_only_what_is_not_there(self) -> None:
        assert self.ask("kv-put-new", "k", 1) == 1
        conflict = self.ask("kv-put-new", "k", 2)
        assert conflict.to_dict() == {"conflict": True, "actual": 1, "reason": "exists"}
        assert self.ask("kv-get", "k") == 1

    def test_kv_put_new_finds_a_stored_nil(self) -> None:
        self.ask("kv-put", "k", None)
        assert self.ask("kv-put-new", "k", 2).get("reason") == "exists"

    # -- expectations, batches, transactions ---------------------------------------------------------------

    def test_append_if_appends_when_the_mark_is_the_expected_one(self) -> None:
        stored = self.event("s", 1)
        assert equal(self.ask("append-if", "s", 0, stored), stored)
        assert self.seqs("s") == [1]

    @pytest.mark.parametrize("expected", [0, 1, 3])
    def test_append_if_answers_a_conflict_and_stores_nothing_otherwise(self, expected: int) -> None:
        self.fill("s", 1, 2)
        conflict = self.ask("append-if", "s", expected, self.event("s", 3))
        assert conflict.to_dict() == {"conflict": True, "expected": expected, "actual": 2}
        assert self.seqs("s") == [1, 2]

    def test_append_if_expects_the_mark_and_not_the_count(self) -> None:
        self.fill("s", 1, 2)
        self.ask("truncate", "s", 2)
        assert self.ask("append-if", "s", 0, self.event("s", 3)).get("actual") == 2
        assert self.ask("append-if", "s", 2, self.event("s", 3)).get("seq") == 3

    def test_append_many_stores_all_in_order(self) -> None:
        events = list_of(*(self.event("s", seq) for seq in (1, 2, 3)))
        assert equal(self.ask("append-many", "s", events), events)
        self.reopen()
        assert self.seqs("s") == [1, 2, 3]

    def test_append_many_of_none_does_nothing(self) -> None:
        assert list(self.ask("append-many", "s", EMPTY)) == []
        assert list(self.ask("streams")) == []

    def test_append_many_stores_all_or_none(self) -> None:
        self.fill("s", 1)
        with pytest.raises(SxIOError):
            self.ask("append-many", "s", list_of(self.event("s", 2), self.event("s", 3), self.event("s", 3)))
        assert self.seqs("s") == [1]
        assert self.ask("last-seq", "s") == 1

    def test_append_once_stores_the_first_time_only(self) -> None:
        first = self.event("s", 1, "first")
        assert equal(self.ask("append-once", "s", "idem/s/a", first), first)
        self.reopen()
        assert equal(self.ask("append-once", "s", "idem/s/a", self.event("s", 2)), first)
        assert self.seqs("s") == [1]
        assert equal(self.ask("kv-get", "idem/s/a"), first)

    def test_append_once_survives_truncation(self) -> None:
        first = self.event("s", 1, "first")
        self.ask("append-once", "s", "idem/s/a", first)
        self.ask("truncate", "s", 1)
        self.reopen()
        assert equal(self.ask("append-once", "s", "idem/s/a", self.event("s", 2)), first)
        assert self.seqs("s") == []

    def test_append_once_that_is_refused_leaves_no_marker(self) -> None:
        self.fill("s", 1)
        with pytest.raises(SxIOError):
            self.ask("append-once", "s", "idem/s/a", self.event("s", 1))
        assert self.ask("kv-has?", "idem/s/a") is False

    def test_transact_does_all_and_answers_all(self) -> None:
        self.fill("s", 1)
        answers = self.ask(
            "transact",
            list_of(
                request("append", "s", self.event("s", 2)),
                request("last-seq", "s"),
                request("kv-put", "k", 5),
                request("kv-get", "k"),
                request("truncate", "s", 1),
                request("read", "s"),
                request("count", "s"),
                request("kv-keys"),
                request("streams"),
            ),
        )
        found = list(answers)
        assert (found[1], found[3], found[6]) == (2, 5, 1)
        assert [event.get("seq") for event in found[5]] == [2]
        assert (list(found[7]), list(found[8])) == (["k"], ["s"])
        self.reopen()
        assert (self.seqs("s"), self.ask("kv-get", "k")) == ([2], 5)

    def test_transact_undoes_all_when_one_is_refused(self) -> None:
        self.fill("s", 1, 2)
        self.ask("kv-put", "k", "old")
        with pytest.raises(SxIOError):
            self.ask(
                "transact",
                list_of(
                    request("kv-put", "k", "new"),
                    request("kv-put", "k2", "new"),
                    request("append", "t", self.event("t", 1)),
                    request("truncate", "s", 1),
                    request("append", "s", self.event("s", 3)),
                    request("append", "s", self.event("s", 3)),
                ),
            )
        for _ in range(2):
            assert self.seqs("s") == [1, 2]
            assert self.ask("last-seq", "s") == 2
            assert list(self.ask("streams")) == ["s"]
            assert self.ask("kv-get", "k") == "old"
            assert list(self.ask("kv-keys")) == ["k"]
            self.reopen()

    def test_transact_undoes_all_and_answers_the_conflict(self) -> None:
        self.fill("s", 1)
        conflict = self.ask(
            "transact",
            list_of(request("kv-put", "k", 1), request("append-if", "s", 0, self.event("s", 2))),
        )
        assert conflict.to_dict() == {"conflict": True, "expected": 0, "actual": 1}
        assert self.ask("kv-has?", "k") is False

    def test_transact_of_nothing_answers_nothing(self) -> None:
        assert list(self.ask("transact", EMPTY)) == []

    def test_transact_takes_no_blobs_and_no_transaction(self) -> None:
        for inner in (
            Dict({"op": "blob/put", "args": list_of("x", "m")}),
            request("transact", EMPTY),
            request("nonsense"),
        ):
            with pytest.raises(UnknownOperationError, match="request 1"):
                self.ask("transact", list_of(inner))

    # -- blobs -----------------------------------------------------------------------------------------

    def test_a_blob_round_trips(self) -> None:
        assert self.ask("blob/put", "hello", "text/plain") == HELLO_CID
        self.reopen()
        assert self.ask("blob/get", HELLO_CID) == "hello"
        assert self.ask("blob/has?", HELLO_CID) is True

    def test_the_same_bytes_have_the_same_cid(self) -> None:
        assert self.ask("blob/put", "hello", "text/plain") == self.ask("blob/put", "hello", "image/png")
        assert self.ask("blob/put", Bytevector(b"hello"), None) == HELLO_CID

    @pytest.mark.parametrize("cid", [HELLO_CID, "", "nonsense", "../format.sx", "b" + "a" * 58, "x\0y"])
    def test_a_blob_that_never_was_is_nil(self, cid: str) -> None:
        assert self.ask("blob/get", cid) is None
        assert self.ask("blob/has?", cid) is False

    @pytest.mark.parametrize(
        "data", [b"", b"plain", "é".encode(), b"\xff\x00\x80", bytes(range(256)) * 300], ids=len
    )
    def test_bytes_come_back_as_bytes(self, data: bytes) -> None:
        cid = self.ask("blob/put", Bytevector(data), "image/png")
        self.reopen()
        found = self.ask("blob/get", cid)
        assert isinstance(found, Bytevector)
        assert bytes(found.data) == data

    @pytest.mark.parametrize("text", ["", "plain", "é😀\n\0", "\ud800 alone", "x" * 100_000], ids=len)
    def test_text_comes_back_as_text(self, text: str) -> None:
        cid = self.ask("blob/put", text, "text/plain")
        self.reopen()
        assert self.ask("blob/get", cid) == text

    def test_the_kind_of_the_last_put_counts(self) -> None:
        cid = self.ask("blob/put", Bytevector(b"same"), None)
        self.ask("blob/put", "same", None)
        self.reopen()
        assert self.ask("blob/get", cid) == "same"
        self.ask("blob/put", Bytevector(b"same"), None)
        self.reopen()
        assert isinstance(self.ask("blob/get", cid), Bytevector)

    # -- closing ---------------------------------------------------------------------------------------

    def test_a_closed_host_answers_with_an_error(self) -> None:
        self.host.close()
        self.host.close()
        for operation, args in (("persist/read", ["s"]), ("persist/kv-put", ["k", 1])):
            with pytest.raises(SxIOError, match="closed"):
                self.host.answer(operation, args, None)


def request(operation: str, *args: Any) -> Dict:
    """A request as `perform` makes them."""
    name = operation if operation.startswith("blob/") else f"persist/{operation}"
    return Dict({"op": name, "args": from_list(list(args))})
