"""Primitives that read any collection."""

from __future__ import annotations

from typing import Any

import pytest
from calling import call, mutable, plain, raw, sx
from hypothesis import given
from hypothesis import strategies as st

from sxpy.data import (
    EMPTY,
    Adt,
    AdtType,
    Char,
    HashTable,
    List,
    Record,
    RecordType,
    Vector,
    hash_key,
    keyword,
    symbol,
)
from sxpy.errors import SxTypeError

POINT = Record(RecordType("point", ("x", "y")), [1, 2])
SOME = Adt(AdtType("Opt", {"Some": ("v",), "None": ()}), "Some", (9,))
TABLE = HashTable({hash_key(sx([1])): (sx([1]), "one")})


# language.md §2 and §7, the vectors, R7RS 6.4 and 6.8.
@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("len", [[1, 2, 3]], 3),
        ("len", [None], 0),
        ("len", ["añ😀"], 3),
        ("len", [{"a": 1}], 1),
        ("len", [(1, 2)], 2),
        ("len", [b"abc"], 3),
        ("len", [frozenset({1})], 1),
        ("len", [TABLE], 1),
        ("len", [mutable(1, 2)], 2),
        ("length", [[1]], 1),
        ("count", [[1]], 1),
        ("empty?", [None], True),
        ("empty?", [""], True),
        ("empty?", [[]], True),
        ("empty?", [{}], True),
        ("empty?", [{"a": None}], False),
        ("get", [{"a": 1}, "a"], 1),
        ("get", [{"a": 1}, keyword("a")], 1),
        ("get", [{"a": 1}, symbol("a")], 1),
        ("get", [{"a": 1}, "b"], None),
        ("get", [{"a": 1}, "b", 9], 9),
        ("get", [{"a": None}, "a", 9], None),
        ("get", [{"a": 1}, 5, 9], 9),
        ("get", [[10, 20, 30], 9], None),
        ("get", [[10, 20, 30], 2], 30),
        ("get", [[10, 20, 30], -1], None),
        ("get", [[10, 20, 30], "a", 0], 0),
        ("get", [[10, 20, 30], True, 0], 0),
        ("get", [mutable(1, 2), 1], 2),
        ("get", [(1, 2), 1], 2),
        ("get", [(1, 2), 2, "d"], "d"),
        ("get", ["abc", 1], "b"),
        ("get", ["abc", 3], None),
        ("get", [b"ab", 0], 97),
        ("get", [5, "a"], None),
        ("get", [5, 0, "d"], "d"),
        ("get", [None, "a"], None),
        ("get", [None, "a", 1], 1),
        ("get", [POINT, "y"], 2),
        ("get", [POINT, keyword("x")], 1),
        ("get", [POINT, "z", 0], 0),
        ("get", [SOME, "v"], 9),
        ("get", [TABLE, [1]], "one"),
        ("get", [TABLE, 1, "none"], "none"),
        ("nth", [[10, 20], 1], 20),
        ("nth", [[10, 20], 2], None),
        ("nth", [[10, 20], -1], None),
        ("nth", [[10, 20], 5, "d"], "d"),
        ("nth", ["abc", 1], "b"),
        ("nth", [None, 0], None),
        ("nth", [(1, 2), 0], 1),
        ("nth", [mutable(1, 2), 1], 2),
        ("first", [[]], None),
        ("first", [None], None),
        ("first", [[1, 2]], 1),
        ("first", ["abc"], "a"),
        ("first", [""], None),
        ("first", [(7,)], 7),
        ("first", [mutable()], None),
        ("car", [[1, 2]], 1),
        ("last", [[]], None),
        ("last", [None], None),
        ("last", [[1, 2, 3]], 3),
        ("last", ["abc"], "c"),
        ("last", [(1, 2)], 2),
        ("last", [mutable(1, 2)], 2),
        ("last", [b"ab"], 98),
        ("rest", [[]], []),
        ("rest", [None], []),
        ("rest", [[1, 2, 3]], [2, 3]),
        ("rest", [mutable(1, 2)], [2]),
        ("rest", [(1, 2)], [2]),
        ("rest", ["abc"], "bc"),
        ("cdr", [[1, 2]], [2]),
        ("slice", [[1, 2, 3, 4], 1, 3], [2, 3]),
        ("slice", ["hello", 1], "ello"),
        ("slice", ["hello", -3], "llo"),
        ("slice", ["hello", -3, -1], "ll"),
        ("slice", [[1, 2, 3], -2], [2, 3]),
        ("slice", [[1, 2, 3], 2, 1], []),
        ("slice", [[1, 2, 3], 1, 99], [2, 3]),
        ("slice", [[1, 2, 3], -99, 1], [1]),
        ("slice", [[1, 2, 3], 1, None], [2, 3]),
        ("slice", [None, 0, 2], []),
        ("slice", [(1, 2, 3), 1], (2, 3)),
        ("slice", [b"abc", 1], b"bc"),
        ("slice", [mutable(1, 2, 3), 1], [2, 3]),
        ("contains?", [[1, 2], 2.0], True),
        ("contains?", [[[1]], [1]], True),
        ("contains?", [[1, 2], "1"], False),
        ("contains?", [{"a": 1}, "a"], True),
        ("contains?", [{"a": 1}, keyword("a")], True),
        ("contains?", [{"a": 1}, 1], False),
        ("contains?", ["hello", "ell"], True),
        ("contains?", ["hello", Char(104)], True),
        ("contains?", ["hello", "z"], False),
        ("contains?", [None, 1], False),
        ("contains?", [(1, 2), 2], True),
        ("contains?", [frozenset({1, 2}), 2], True),
        ("contains?", [TABLE, [1]], True),
        ("contains?", [b"ab", 97], True),
        ("contains?", [b"ab", 300], False),
        ("index-of", [[5, 6, 7], 6], 1),
        ("index-of", [[5, 6, 7], 9], -1),
        ("index-of", [[5, 6, 5], 5, 1], 2),
        ("index-of", ["hello", "l"], 2),
        ("index-of", ["hello", "l", 3], 3),
        ("index-of", ["hello", "z"], -1),
        ("index-of", ["hello", ""], 0),
        ("index-of", [None, 1], -1),
        ("index-of", [(5, 6), 6], 1),
        ("reverse", [[1, 2, 3]], [3, 2, 1]),
        ("reverse", ["abc"], "cba"),
        ("reverse", [None], []),
        ("reverse", [(1, 2)], (2, 1)),
        ("reverse", [mutable(1, 2)], [2, 1]),
        ("concat", [[1], [2], [3]], [1, 2, 3]),
        ("concat", [], []),
        ("concat", [None, [1], None, mutable(2)], [1, 2]),
        ("concat", ["ab", "c"], "abc"),
        ("concat", [(1,), (2, 3)], (1, 2, 3)),
    ],
)
def test_table(name: str, args: list[Any], expected: Any) -> None:
    answer = call(name, *args)
    assert answer == expected and type(answer) is type(expected)


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("len", [5], "len: expected collection, got number"),
        ("empty?", [True], "empty?: expected collection, got boolean"),
        ("nth", [[1], 1.5], "nth: expected integer index, got 1.5"),
        ("nth", [[1], "0"], "nth: expected integer index, got string"),
        ("nth", [{"a": 1}, 0], "nth: expected list, string or vector, got dict"),
        ("first", [5], "first: expected list, string or vector, got number"),
        ("last", [{}], "last: expected list, string or vector, got dict"),
        ("rest", [symbol("a")], "rest: expected list, string or vector, got symbol"),
        ("slice", [[1], "a"], "slice: expected integer start, got string"),
        ("slice", [5, 0], "slice: expected list, string or vector, got number"),
        ("contains?", [5, 1], "contains?: expected collection, got number"),
        ("contains?", ["5", 5], "contains?: expected string or char, got number"),
        ("index-of", [{}, 1], "index-of: expected list, string or vector, got dict"),
        ("reverse", [5], "reverse: expected list, got number"),
        ("concat", [[1], "a"], "concat: expected all lists, all strings or all vectors"),
    ],
)
def test_errors_say_who_wanted_what(name: str, args: list[Any], message: str) -> None:
    with pytest.raises(SxTypeError) as raised:
        call(name, *args)
    assert raised.value.message == message


@given(st.lists(st.integers()), st.integers(-9, 9), st.none() | st.integers(-9, 9))
def test_slice_means_what_python_means(items: list[int], start: int, end: int | None) -> None:
    for kind in (list, tuple):
        assert call("slice", kind(items), start, end) == kind(items)[start:end]
    text = "".join(chr(97 + item % 26) for item in items)
    assert call("slice", text, start, end) == text[start:end]


@given(st.lists(st.lists(st.integers(), max_size=4)))
def test_concat_joins_in_order(parts: list[list[int]]) -> None:
    assert call("concat", *parts) == [item for part in parts for item in part]


def test_results_are_immutable_and_apart_from_a_mutable_argument() -> None:
    source = mutable(1, 2, 3)
    made = [raw("rest", source), raw("slice", source, 0), raw("reverse", source), raw("concat", source)]
    source.items[:] = ["changed"]
    assert all(isinstance(value, List) for value in made)
    assert [plain(value) for value in made] == [[2, 3], [1, 2, 3], [3, 2, 1], [1, 2, 3]]


def test_a_part_of_a_vector_is_a_vector_of_its_own() -> None:
    source = Vector([1, 2, 3])
    part = raw("slice", source, 0)
    part.items[0] = "changed"
    assert source.items == [1, 2, 3]


def test_nothing_makes_the_shared_empty_list_grow() -> None:
    for name in ("rest", "reverse", "concat"):
        made = raw(name, None)
        assert len(made) == 0
        made.append(1)
    assert len(EMPTY) == 0
