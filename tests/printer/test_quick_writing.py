"""Shallow lists and dicts are written by recursion: the text is that of the walk, which is the definition."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sxpy.data import Dict, MutableList, Vector, from_list, keyword, symbol
from sxpy.printer.writer import (
    CANONICAL,
    DISPLAY,
    EXACT,
    LONGEST_KEY,
    PLAIN,
    SCHEME,
    SHALLOW,
    Style,
    pieces,
    write,
)

STYLES = [EXACT, CANONICAL, PLAIN, SCHEME, DISPLAY]

ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(10**18 - 2, 10**18 + 2),
    st.integers(-(10**18) - 2, 2 - 10**18),
    st.floats(),
    st.fractions(),
    st.text(),
    st.sampled_from(
        ['"', "\\", 'a"b', "a\\b", "\n", "\t", "\x00", "\x7f", "\u2028", "\ud800", "é", "", "plain"]
    ),
    st.sampled_from([symbol("a"), keyword("k"), Vector([1, "x"])]),
)

VALUES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(from_list),
        st.lists(inner, max_size=4).map(MutableList),
        st.dictionaries(st.one_of(st.text(), st.sampled_from(["stream", "seq"])), inner, max_size=4).map(
            Dict
        ),
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(VALUES)
def test_the_quick_way_writes_what_the_walk_writes(value: Any) -> None:
    for style in STYLES:
        assert write(value, style) == "".join(pieces(value, style))


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("depth", [SHALLOW - 1, SHALLOW, SHALLOW + 1])
def test_so_it_does_at_the_depth_where_it_gives_up(style: Style, depth: int) -> None:
    value: Any = "in"
    for _ in range(depth):
        value = Dict({"a": from_list([value])})
    assert write(value, style) == "".join(pieces(value, style))


def test_a_key_is_written_alike_whether_it_is_remembered_or_too_long_for_that() -> None:
    for key in ("k" * LONGEST_KEY, "k" * (LONGEST_KEY + 1)):
        for _ in range(2):
            assert write(Dict({key: 1}), EXACT) == f"{{:{key} 1}}"


def test_what_begins_shallow_and_holds_itself_is_marked() -> None:
    value = Dict({"n": 1, "third": Fraction(1, 3)})
    value.set_in_place("me", value)
    assert write(value, PLAIN) == "{:n 1 :third 1/3 :me <cycle>}"
