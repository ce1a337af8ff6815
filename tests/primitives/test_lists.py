"""Primitives of lists."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from calling import call, mutable, plain, raw, sx
from hypothesis import given
from hypothesis import strategies as st

from sxpy.data import EMPTY, List, MutableList, keyword, symbol
from sxpy.errors import EvalError, SxTypeError, SxValueError

A, B, C = symbol("a"), symbol("b"), symbol("c")


# language.md §7 and the vectors; R7RS 6.4 for its names; SRFI 1 for iota, cons*, last-pair.
@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("list", [], []),
        ("list", [1, None, [2]], [1, None, [2]]),
        ("cons", [0, [1, 2]], [0, 1, 2]),
        ("cons", [1, None], [1]),
        ("cons", [[1], [2]], [[1], 2]),
        ("cons", [0, mutable(1)], [0, 1]),
        ("cons*", [1, 2, [3, 4]], [1, 2, 3, 4]),
        ("cons*", [[3]], [3]),
        ("list*", [1, None], [1]),
        ("make-list", [2, "x"], ["x", "x"]),
        ("make-list", [2], [None, None]),
        ("make-list", [0, 1], []),
        ("range", [0, 4], [0, 1, 2, 3]),
        ("range", [3], [0, 1, 2]),
        ("range", [0, 10, 3], [0, 3, 6, 9]),
        ("range", [3, 0, -1], [3, 2, 1]),
        ("range", [0, 3, -1], []),
        ("range", [-2], []),
        ("range", [0, 1, 0.25], [0.0, 0.25, 0.5, 0.75]),
        ("range", [1.5], [0, 1]),
        ("range", [0, 1.1, 0.1], [index * 0.1 for index in range(11)]),
        ("range", [0.5, 2], [0.5, 1.5]),
        ("range", [1, 0, Fraction(-1, 2)], [1, Fraction(1, 2)]),
        ("range", [0, 1, 2**100], [0]),
        ("iota", [3], [0, 1, 2]),
        ("iota", [3, 10], [10, 11, 12]),
        ("iota", [3, 10, -2], [10, 8, 6]),
        ("iota", [3, 0, Fraction(1, 2)], [0, Fraction(1, 2), 1]),
        ("append", [], []),
        ("append", [[1, 2], 3], [1, 2, 3]),
        ("append", [[1], [2, 3]], [1, 2, 3]),
        ("append", [[1], [2], 3, [4]], [1, 2, 3, 4]),
        ("append", [None, 3], [3]),
        ("append", [[1], None], [1]),
        ("append", [[1], {"a": 1}], [1, {"a": 1}]),
        ("append", [[1], "ab"], [1, "ab"]),
        ("append", [[1], (2, 3)], [1, (2, 3)]),
        ("append", [[1], [[2]]], [1, [2]]),
        ("append", [mutable(1), mutable(2)], [1, 2]),
        ("second", [[1, 2, 3]], 2),
        ("second", [[1]], None),
        ("cadr", [[1, 2, 3]], 2),
        ("third", [[1, 2, 3]], 3),
        ("caddr", [[1, 2, 3]], 3),
        ("fourth", [[1, 2, 3, 4]], 4),
        ("cadddr", [[1, 2, 3, 4]], 4),
        ("fifth", [[1, 2, 3, 4, 5]], 5),
        ("fifth", [None], None),
        ("caar", [[[1, 2], 3]], 1),
        ("cdar", [[[1, 2], 3]], [2]),
        ("cddr", [[1, 2, 3]], [3]),
        ("cddr", [[1]], []),
        ("butlast", [[1, 2, 3]], [1, 2]),
        ("butlast", [[]], []),
        ("init", [None], []),
        ("take", [[1, 2, 3], 2], [1, 2]),
        ("take", [[1, 2, 3], 9], [1, 2, 3]),
        ("take", [[1, 2, 3], -1], []),
        ("take", [None, 2], []),
        ("take", ["abc", 2], "ab"),
        ("drop", [[1, 2, 3], 2], [3]),
        ("drop", [[1, 2, 3], 9], []),
        ("drop", [[1, 2, 3], -1], [1, 2, 3]),
        ("drop", [mutable(1, 2), 1], [2]),
        ("list-tail", [[1, 2, 3], 3], []),
        ("list-tail", [[1, 2, 3], 1], [2, 3]),
        ("list-ref", [[1, 2, 3], 1], 2),
        ("last-pair", [[1, 2, 3]], [3]),
        ("last-pair", [[]], []),
        ("chunk-every", [[1, 2, 3, 4], 2], [[1, 2], [3, 4]]),
        ("chunk-every", [[1, 2, 3], 2], [[1, 2], [3]]),
        ("chunk-every", [None, 2], []),
        ("zip-pairs", [[1, 2, 3]], [[1, 2], [2, 3]]),
        ("zip-pairs", [[1]], []),
        ("zip-pairs", [None], []),
        ("zip", [[1, 2, 3], ["a", "b"]], [[1, "a"], [2, "b"]]),
        ("zip", [[1, 2]], [[1], [2]]),
        ("zip", [], []),
        ("interpose", [[1, 2, 3], 0], [1, 0, 2, 0, 3]),
        ("interpose", [[1], 0], [1]),
        ("interpose", [[], 0], []),
        ("flatten", [[1, [2, [3, []]], 4]], [1, 2, 3, 4]),
        ("flatten", [[mutable(1, [2]), None, (3,)]], [1, 2, None, (3,)]),
        ("flatten", [None], []),
        ("member", [2, [1, 2, 3]], [2, 3]),
        ("member", [[2], [1, [2], 3]], [[2], 3]),
        ("member", [9, [1, 2]], False),
        ("member", [9, None], False),
        ("member", [2.0, [1, 2, 3]], [2, 3]),
        ("memv", [2.0, [1, 2, 3]], False),
        ("memv", [2, [1, 2, 3]], [2, 3]),
        ("memq", [B, [A, B, C]], [B, C]),
        ("memq", [[1], [[1]]], False),
        ("assoc-list", ["b", [["a", 1], ["b", 2]]], ["b", 2]),
        ("assoc-list", [[1], [[[1], 2]]], [[1], 2]),
        ("assoc-list", ["z", [["a", 1]]], False),
        ("assq", [B, [[A, 1], [B, 2]]], [B, 2]),
        ("assq", [[1], [[[1], 2]]], False),
        ("assv", [2, [[1, "one"], [2, "two"]]], [2, "two"]),
        ("assv", [2, None], False),
        ("distinct", [[3, 1, 3, 2, 1]], [3, 1, 2]),
        ("distinct", [[1, 1.0, True, "1", [1], [1]]], [1, True, "1", [1]]),
        ("frequencies", [["a", "b", "a"]], {"a": 2, "b": 1}),
        ("frequencies", [[keyword("a"), "a", symbol("a")]], {"a": 3}),
        ("frequencies", [[1, 1, True]], {"1": 2, "true": 1}),
        ("frequencies", [None], {}),
        ("null?", [[]], True),
        ("null?", [None], True),
        ("null?", [mutable()], True),
        ("null?", [[1]], False),
        ("null?", [""], False),
        ("pair?", [[1]], True),
        ("pair?", [[]], False),
        ("pair?", [None], False),
        ("pair?", [(1,)], False),
        ("mutable-list", [1, 2], [1, 2]),
        ("list-copy", [[1, 2]], [1, 2]),
        ("list-copy", [None], []),
        ("append!", [mutable(1), 2], [1, 2]),
        ("append!", [[1], [2]], [1, [2]]),
        ("append!", [None, 1], [1]),
        ("set-nth!", [mutable(1, 2), 0, "x"], ["x", 2]),
        ("set-nth!", [[1, 2], 1, "x"], [1, "x"]),
    ],
)
def test_table(name: str, args: list[Any], expected: Any) -> None:
    answer = call(name, *args)
    assert answer == expected
    assert type(answer) is type(expected)
    if isinstance(expected, list):
        assert [type(item) for item in answer] == [type(item) for item in expected]


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("cons", [1, 2], "cons: expected list, got number"),
        ("cons*", [1, 2], "cons*: expected list, got number"),
        ("cons*", [], "cons*: expected at least a list, got no arguments"),
        ("append", [1, 2], "append: expected list, got number"),
        ("take", [2, [1]], "take: expected integer, got list"),
        ("take", [5, 1], "take: expected list, string or vector, got number"),
        ("drop", [[1], 0.5], "drop: expected integer, got 0.5"),
        ("range", ["a"], "range: expected number, got string"),
        ("range", [0, 1, 0], "range: step must not be 0"),
        ("range", [0, math.inf], "range: expected finite numbers, got inf"),
        ("range", [2**28 + 1], "range: 268435457 items are more than 268435456; use a loop"),
        ("range", [0, 1e300], "more than 268435456; use a loop"),
        ("range", [0, 1e308, 1e-308], "more than 268435456; use a loop"),
        ("iota", [-1], "iota: length must be between 0 and 268435456, got -1"),
        ("iota", [2, "a"], "iota: expected number, got string"),
        ("make-list", [10**12], "make-list: length must be between 0 and 268435456, got 1000000000000"),
        ("list-tail", [[1, 2], 3], "list-tail: index 3 is out of range for length 2"),
        ("list-ref", [[1, 2], 2], "list-ref: index 2 is out of range for length 2"),
        ("list-ref", [[1, 2], -1], "list-ref: index -1 is out of range for length 2"),
        ("chunk-every", [[1], 0], "chunk-every: size must be at least 1, got 0"),
        ("member", [[1], 1], "member: expected list, got number"),
        ("assq", [A, [1]], "assq: expected list of non-empty lists, got number"),
        ("assq", [A, [[]]], "assq: expected list of non-empty lists, got list"),
        ("set-nth!", [[1, 2], 2, 0], "set-nth!: index 2 is out of range for length 2"),
        ("set-nth!", [[1, 2], "0", 0], "set-nth!: expected index, got string"),
        ("append!", [5, 1], "append!: expected list, got number"),
        ("distinct", [{"a": 1}], "distinct: expected list, got dict"),
    ],
)
def test_errors_say_who_wanted_what(name: str, args: list[Any], message: str) -> None:
    with pytest.raises((SxTypeError, SxValueError)) as raised:
        call(name, *args)
    assert message in raised.value.message


def test_what_changes_in_place_returns_the_very_list() -> None:
    target = mutable(1)
    assert raw("append!", target, 2) is target
    assert raw("set-nth!", target, 0, "x") is target
    assert plain(target) == ["x", 2]


def test_changing_an_immutable_list_makes_a_mutable_one() -> None:
    source = sx([1, 2])
    for made in (raw("append!", source, 3), raw("set-nth!", source, 0, 9)):
        assert isinstance(made, MutableList)
    assert plain(source) == [1, 2]


def test_a_copy_of_a_mutable_list_is_mutable_and_apart() -> None:
    source = mutable(1)
    copy = raw("list-copy", source)
    raw("append!", copy, 2)
    assert plain(source) == [1] and plain(copy) == [1, 2]


def test_results_do_not_follow_a_mutable_argument() -> None:
    source = mutable(1, 2)
    made = [raw("append", source, 3), raw("cons", 0, source), raw("take", source, 2), raw("append", source)]
    raw("set-nth!", source, 0, "changed")
    assert [plain(value) for value in made] == [[1, 2, 3], [0, 1, 2], [1, 2], [1, 2]]
    assert all(isinstance(value, List) for value in made)


def test_flatten_takes_any_depth_and_refuses_a_list_in_itself() -> None:
    deep: Any = 1
    for _ in range(100_000):
        deep = sx([deep])
    assert call("flatten", deep) == [1]
    knot = mutable(1)
    knot.items.append(knot)
    with pytest.raises(EvalError, match="contains itself"):
        call("flatten", knot)
    twice = mutable(1)
    assert call("flatten", [twice, twice]) == [1, 1]


def test_flatten_leaves_the_shared_parts_alone() -> None:
    inner = sx([1, 2])
    assert call("flatten", [inner, [inner]]) == [1, 2, 1, 2]
    assert plain(inner) == [1, 2]


@given(
    st.integers(-50, 50) | st.fractions(-9, 9, max_denominator=8),
    st.integers(-50, 50) | st.fractions(-9, 9, max_denominator=8),
    st.integers(-9, 9).filter(bool) | st.fractions(-3, 3, max_denominator=8).filter(bool),
)
def test_range_counts_from_start_to_but_without_end(start: Any, end: Any, step: Any) -> None:
    expected = []
    at = start
    while (at < end) if step > 0 else (at > end):
        expected.append(at)
        at += step
    assert call("range", start, end, step) == expected


def test_range_of_floats_does_not_drift() -> None:
    tenths = call("range", 0, 1, 0.1)
    assert len(tenths) == 10
    assert tenths[9] == 9 * 0.1


@given(st.lists(st.integers(), max_size=20), st.integers(-3, 25))
def test_take_and_drop_part_a_list(items: list[int], count: int) -> None:
    assert call("take", items, count) + call("drop", items, count) == items


@given(st.lists(st.integers(0, 5)))
def test_distinct_keeps_first_occurrences(items: list[int]) -> None:
    assert call("distinct", items) == list(dict.fromkeys(items))


@given(st.lists(st.lists(st.integers(), max_size=3) | st.integers(), max_size=6))
def test_append_splices_lists_and_adds_items(parts: list[Any]) -> None:
    expected: list[int] = []
    for part in parts:
        expected += part if isinstance(part, list) else [part]
    assert call("append", [], *parts) == expected


def test_appending_item_by_item_shares_one_buffer() -> None:
    grown = raw("append", [0], 1)
    buffer = grown.buffer
    for item in range(2, 200):
        grown = raw("append", grown, item)
    assert grown.buffer is buffer
    assert len(EMPTY) == 0
