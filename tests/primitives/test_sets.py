"""Primitives of sets and hash tables."""

from __future__ import annotations

from typing import Any

import pytest
from calling import call, mutable, plain, raw, sx
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from sxpy.data import keyword, symbol
from sxpy.errors import SxTypeError, SxValueError

some = st.frozensets(st.integers(0, 9))


@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("make-set", [], frozenset()),
        ("make-set", [[1, 2, 1]], frozenset({1, 2})),
        ("list->set", [[1]], frozenset({1})),
        ("set?", [frozenset()], True),
        ("set?", [[1]], False),
        ("set->list", [frozenset({1, 2})], [1, 2]),
        ("set-size", [frozenset({1, 2})], 2),
        ("set-empty?", [frozenset()], True),
        ("set-member?", [frozenset({1, 2}), 1], True),
        ("set-member?", [frozenset({1, 2}), 9], False),
        ("set-member?", [frozenset({1}), 1.0], True),
        ("set-member?", [frozenset({1}), True], False),
        ("set-contains?", [frozenset({1}), 1], True),
        ("set-add!", [frozenset({1}), 2], frozenset({1, 2})),
        ("set-remove!", [frozenset({1, 2}), 2], frozenset({1})),
        ("set-delete!", [frozenset({1}), 9], frozenset({1})),
        ("set-clear!", [frozenset({1})], frozenset()),
        ("set-copy", [frozenset({1})], frozenset({1})),
        ("set-union", [], frozenset()),
        ("set-union", [frozenset({1}), frozenset({2}), frozenset({3})], frozenset({1, 2, 3})),
        ("set-intersection", [frozenset({1, 2})], frozenset({1, 2})),
        ("set-intersection", [frozenset({1, 2, 3}), frozenset({1, 2}), frozenset({2})], frozenset({2})),
        ("set-difference", [frozenset({1, 2, 3}), frozenset({1}), frozenset({2})], frozenset({3})),
        ("set-subset?", [frozenset({1}), frozenset({1, 2})], True),
        ("set-subset?", [frozenset({1, 3}), frozenset({1, 2})], False),
        ("set-subset?", [frozenset(), frozenset()], True),
    ],
)
def test_sets(name: str, args: list[Any], expected: Any) -> None:
    answer = call(name, *args)
    assert answer == expected and type(answer) is type(expected)


def test_sets_compare_items_by_content() -> None:
    made = raw("make-set", [[1, 2], {"a": 1}, (1,), "a", symbol("a"), keyword("a")])
    for item in ([1, 2], mutable(1, 2), {"a": 1.0}, (1,), "a", symbol("a"), keyword("a")):
        assert raw("set-member?", made, item) is True
    for item in ([1, 3], {"a": 2}, (2,), "b", symbol("b"), None):
        assert raw("set-member?", made, item) is False
    assert raw("set-size", made) == 6


def test_a_set_in_a_set_is_found_whatever_its_order() -> None:
    inner, other = raw("make-set", [1, 2]), raw("make-set", [2, 1])
    assert raw("set-member?", raw("make-set", sx([inner])), other) is True


def test_changing_sets_in_place_returns_the_very_set() -> None:
    target = raw("make-set", [1])
    assert raw("set-add!", target, 2) is target
    assert raw("set-remove!", target, 1) is target
    assert plain(target) == frozenset({2})
    assert raw("set-clear!", target) is target


@given(some, some)
def test_set_algebra_is_that_of_python_and_changes_nothing(a: frozenset[int], b: frozenset[int]) -> None:
    left, right = sx(a), sx(b)
    assert call("set-union", left, right) == a | b
    assert call("set-intersection", left, right) == a & b
    assert call("set-difference", left, right) == a - b
    assert call("set-subset?", left, right) == (a <= b)
    assert plain(left) == a and plain(right) == b
    for name in ("set-copy", "set-union", "set-intersection", "set-difference"):
        raw("set-add!", raw(name, left), "new")
    assert plain(left) == a


KEYS = [1, 2.5, "a", "1", None, True, [1], [1, [2]], {"k": 1}, (1,), frozenset({1}), symbol("a")]


class Tables(RuleBasedStateMachine):
    """One hash table beside a list of pairs: the slowest model that cannot be wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.table = raw("make-hash-table")
        self.model: list[tuple[int, Any]] = []

    def index(self, key: int) -> int | None:
        return next((at for at, (known, _) in enumerate(self.model) if known == key), None)

    @rule(key=st.integers(0, len(KEYS) - 1), value=st.integers())
    def put(self, key: int, value: int) -> None:
        assert raw("hash-table-set!", self.table, KEYS[key], value) is None
        at = self.index(key)
        if at is None:
            self.model.append((key, value))
        else:
            self.model[at] = (key, value)

    @rule(key=st.integers(0, len(KEYS) - 1))
    def delete(self, key: int) -> None:
        assert raw("hash-table-delete!", self.table, KEYS[key]) is None
        at = self.index(key)
        if at is not None:
            del self.model[at]

    @rule(key=st.integers(0, len(KEYS) - 1))
    def look_up(self, key: int) -> None:
        at = self.index(key)
        assert raw("hash-table-contains?", self.table, KEYS[key]) is (at is not None)
        wanted = "none" if at is None else self.model[at][1]
        assert raw("hash-table-ref", self.table, KEYS[key], "none") == wanted
        assert raw("get", self.table, KEYS[key], "none") == wanted

    @rule()
    def clear(self) -> None:
        raw("hash-table-clear!", self.table)
        self.model.clear()

    @invariant()
    def reads_as_the_model(self) -> None:
        assert call("hash-table-keys", self.table) == [KEYS[key] for key, _ in self.model]
        assert call("hash-table-values", self.table) == [value for _, value in self.model]
        assert raw("hash-table-size", self.table) == raw("len", self.table) == len(self.model)


TestTables = Tables.TestCase
TestTables.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


def test_hash_table_reading() -> None:
    table = raw("alist->hash-table", [[1, "one"], [[2], "two"], [1, "other"]])
    assert call("hash-table->alist", table) == [[1, "one"], [[2], "two"]]
    assert raw("hash-table-ref", table, [2]) == "two"
    assert raw("hash-table-ref/default", table, 9, None) is None
    assert raw("hash-table-exists?", table, 1.0) is True
    assert raw("hash-table-count", table) == 2
    assert raw("hash-table?", table) is True
    assert raw("hash-table?", {"a": 1}) is False


def test_hash_table_copies_are_apart_and_merge_keeps_what_is_there() -> None:
    table = raw("alist->hash-table", [[1, "one"]])
    copy = raw("hash-table-copy", table)
    raw("hash-table-set!", copy, 1, "changed")
    raw("hash-table-set!", copy, 2, "two")
    assert raw("hash-table-merge!", table, copy) is None
    assert call("hash-table->alist", table) == [[1, "one"], [2, "two"]]


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("make-set", [5], "make-set: expected list, got number"),
        ("set-add!", [[1], 2], "set-add!: expected set, got list"),
        ("set-union", [frozenset(), [1]], "set-union: expected set, got list"),
        ("set-member?", [None, 1], "set-member?: expected set, got nil"),
        ("hash-table-ref", [{"a": 1}, "a"], "hash-table-ref: expected hash-table, got dict"),
        ("hash-table-set!", [None, 1, 2], "hash-table-set!: expected hash-table, got nil"),
        ("alist->hash-table", [[[1]]], "alist->hash-table: expected lists of key and value, got list"),
    ],
)
def test_errors_say_who_wanted_what(name: str, args: list[Any], message: str) -> None:
    with pytest.raises(SxTypeError) as raised:
        call(name, *args)
    assert raised.value.message == message


def test_a_missing_key_without_a_default_is_an_error() -> None:
    with pytest.raises(SxValueError, match="hash-table-ref: the key is not in the table"):
        raw("hash-table-ref", raw("make-hash-table"), 1)
