"""Primitives of dicts."""

from __future__ import annotations

from typing import Any

import pytest
from calling import call, mutable, plain, raw, sx
from hypothesis import given
from hypothesis import strategies as st

from sxpy.data import Adt, AdtType, Dict, HashTable, Record, RecordType, hash_key, keyword, symbol
from sxpy.errors import SxTypeError, SxValueError

K = keyword
POINT = Record(RecordType("point", ("x", "y")), [1, 2])
SOME = Adt(AdtType("Opt", {"Some": ("v",), "None": ()}), "Some", (9,))


# language.md §2, §7 and the vectors; where they are silent, Clojure.
@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("dict", [], {}),
        ("dict", [K("a"), 1, "b", 2, symbol("c"), 3], {"a": 1, "b": 2, "c": 3}),
        ("dict", ["a", 1, "a", 2], {"a": 2}),
        ("zip-dict", [[K("a"), "b"], [1, 2, 3]], {"a": 1, "b": 2}),
        ("zip-dict", [None, [1]], {}),
        ("dict-get", [{"a": 1}, K("a")], 1),
        ("dict-get", [{"a": 1}, "b", 9], 9),
        ("dict-get", [None, "b", 9], 9),
        ("get-in", [{"a": {"b": [5, 6]}}, ["a", K("b"), 1]], 6),
        ("get-in", [{"a": 1}, ["x", "y"]], None),
        ("get-in", [{"a": 1}, ["x", "y"], 0], 0),
        ("get-in", [{"a": None}, ["a"], 0], None),
        ("get-in", [{"a": 1}, []], {"a": 1}),
        ("get-in", [None, ["a"], 0], 0),
        ("has-key?", [{"a": None}, "a"], True),
        ("has-key?", [{"a": 1}, K("a")], True),
        ("has-key?", [{"a": 1}, 1], False),
        ("has-key?", [None, "a"], False),
        ("has-key?", [POINT, "x"], True),
        ("keys", [{"b": 1, "a": 2}], ["b", "a"]),
        ("keys", [None], []),
        ("keys", [POINT], ["x", "y"]),
        ("vals", [{"b": 1, "a": 2}], [1, 2]),
        ("vals", [SOME], [9]),
        ("entries", [{"b": 1, "a": 2}], [["b", 1], ["a", 2]]),
        ("entries", [None], []),
        ("assoc", [{"a": 1}, K("b"), 2], {"a": 1, "b": 2}),
        ("assoc", [{"a": 1}, "a", 2, "b", 3], {"a": 2, "b": 3}),
        ("assoc", [None, "a", 1], {"a": 1}),
        ("assoc", [{"a": 1}], {"a": 1}),
        ("assoc-in", [{"a": {"b": 1}}, ["a", "c"], 2], {"a": {"b": 1, "c": 2}}),
        ("assoc-in", [None, [K("a"), K("b")], 2], {"a": {"b": 2}}),
        ("assoc-in", [{"a": None}, ["a", "b"], 2], {"a": {"b": 2}}),
        ("assoc-in", [{"a": 1}, ["a"], 2], {"a": 2}),
        ("dissoc", [{"a": 1, "b": 2}, K("a")], {"b": 2}),
        ("dissoc", [{"a": 1, "b": 2}, "a", "b", "c"], {}),
        ("dissoc", [None, "a"], {}),
        ("merge", [], {}),
        ("merge", [{"a": 1, "b": 1}, None, {"b": 2}], {"a": 1, "b": 2}),
        ("merge", [None, {"b": 2}], {"b": 2}),
        ("select-keys", [{"a": 1, "b": 2, "c": 3}, [K("c"), "a", "x"]], {"c": 3, "a": 1}),
        ("select-keys", [None, ["a"]], {}),
        ("dict-copy", [{"a": 1}], {"a": 1}),
        ("into", [{"a": 1}, {"b": 2}], {"a": 1, "b": 2}),
        ("into", [{"a": 1}, [[K("b"), 2], ("c", 3)]], {"a": 1, "b": 2, "c": 3}),
        ("into", [{"a": 1}, None], {"a": 1}),
        ("into", [[1], [2, 3]], [1, 2, 3]),
        ("into", [None, (1, 2)], [1, 2]),
        ("into", [[], {"a": 1}], [["a", 1]]),
        ("into", [(1,), [2]], (1, 2)),
        ("into", [frozenset({1}), [2, 1]], frozenset({1, 2})),
        ("into", [[], frozenset({1})], [1]),
        ("into", [[], HashTable({hash_key(1): (1, "one")})], [[1, "one"]]),
        ("into", [mutable(1), [2]], [1, 2]),
        ("dict-set!", [{"a": 1}, K("b"), 2], {"a": 1, "b": 2}),
        ("dict-delete!", [{"a": 1, "b": 2}, "a"], {"b": 2}),
        ("dict-delete!", [{"a": 1}, "z"], {"a": 1}),
    ],
)
def test_table(name: str, args: list[Any], expected: Any) -> None:
    answer = call(name, *args)
    assert answer == expected and type(answer) is type(expected)
    if isinstance(expected, dict):
        assert list(answer) == list(expected)


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("dict", ["a"], "dict: the last key has no value; keys and values come in pairs"),
        ("dict", [1, 2], "dict: expected string, keyword or symbol as key, got number"),
        ("assoc", [{}, "a"], "assoc: the last key has no value; keys and values come in pairs"),
        ("assoc", [{}, None, 1], "assoc: expected string, keyword or symbol as key, got nil"),
        ("assoc", [[1], 0, 1], "assoc: expected dict, got list"),
        ("assoc", ["b", [["b", 1]]], "association lists are for assoc-list"),
        ("assoc-in", [{}, [], 1], "assoc-in: the path must have at least one key"),
        ("assoc-in", [{"a": 1}, ["a", "b"], 1], "assoc-in: expected dict, got number"),
        ("dissoc", [{}, 1], "dissoc: expected string, keyword or symbol as key, got number"),
        ("dissoc", [[1], "a"], "dissoc: expected dict, got list"),
        ("merge", [{}, 5], "merge: expected dict, got number"),
        ("keys", [5], "keys: expected dict, got number"),
        ("has-key?", [[1], 0], "has-key?: expected dict, got list"),
        ("dict-get", [[1], 0], "dict-get: expected dict, got list"),
        ("dict-set!", [None, "a", 1], "dict-set!: expected dict, got nil"),
        ("dict-set!", [{}, 1, 1], "dict-set!: expected string, keyword or symbol as key, got number"),
        ("dict-delete!", [5, "a"], "dict-delete!: expected dict, got number"),
        ("into", [{}, [1]], "into: expected list of key and value, got number"),
        ("into", [{}, [["a"]]], "into: expected list of key and value, got list"),
        ("into", [5, [1]], "into: expected list, dict, set or vector, got number"),
        ("into", [[], 5], "into: expected list, got number"),
        ("zip-dict", [[1], [2]], "zip-dict: expected string, keyword or symbol as key, got number"),
    ],
)
def test_errors_say_who_wanted_what(name: str, args: list[Any], message: str) -> None:
    with pytest.raises((SxTypeError, SxValueError)) as raised:
        call(name, *args)
    assert message in raised.value.message


def test_what_changes_in_place_returns_the_very_dict() -> None:
    target = sx({"a": 1})
    assert raw("dict-set!", target, "b", 2) is target
    assert raw("dict-delete!", target, "a") is target
    assert plain(target) == {"b": 2}


@pytest.mark.parametrize("size", [1, 40, 200])
def test_new_dicts_are_apart_from_the_old_one(size: int) -> None:
    source = sx({f"k{number}": number for number in range(size)})
    made: list[Dict] = [
        raw("assoc", source),
        raw("assoc", source, "k0", 0),
        raw("dissoc", source, "absent"),
        raw("merge", source),
        raw("merge", source, None),
        raw("into", source, None),
        raw("dict-copy", source),
        raw("select-keys", source, ["k0"]),
    ]
    for index, one in enumerate(made):
        raw("dict-set!", one, f"mine{index}", 1)
    raw("dict-set!", source, "yours", 1)
    assert [key for key in plain(source) if key.startswith("mine")] == []
    for index, one in enumerate(made):
        assert [key for key in plain(one) if not key.startswith("k")] == [f"mine{index}"]


def test_assoc_in_leaves_every_level_as_it_was() -> None:
    source = sx({"a": {"b": {"c": 1}}, "z": 0})
    made = raw("assoc-in", source, ["a", "b", "d"], 2)
    assert plain(source) == {"a": {"b": {"c": 1}}, "z": 0}
    assert plain(made) == {"a": {"b": {"c": 1, "d": 2}}, "z": 0}


def test_get_in_takes_a_path_of_any_length() -> None:
    deep: Any = sx({})
    deep.set_in_place("in", deep)
    assert raw("get-in", deep, ["in"] * 100_000) is deep


names = st.sampled_from([f"k{number}" for number in range(12)])


@given(st.lists(st.dictionaries(names, st.integers(), max_size=8), max_size=4))
def test_merge_is_python_union(dicts: list[dict[str, int]]) -> None:
    expected: dict[str, int] = {}
    for one in dicts:
        expected |= one
    merged = call("merge", *dicts)
    assert list(merged.items()) == list(expected.items())


@given(st.dictionaries(names, st.integers()), st.lists(names))
def test_select_and_dissoc_part_a_dict(source: dict[str, int], chosen: list[str]) -> None:
    selected, left = call("select-keys", source, chosen), call("dissoc", source, *chosen)
    assert selected | left == source
    assert not selected.keys() & left.keys()


@given(st.dictionaries(names, st.integers()))
def test_entries_read_back_by_into(source: dict[str, int]) -> None:
    assert call("into", {}, call("entries", source)) == source
    assert call("zip-dict", call("keys", source), call("vals", source)) == source
