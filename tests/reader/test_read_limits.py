"""Deep and large input: it reads, or the error is a clear one, and it costs no Python stack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sxpy.data import is_list
from sxpy.errors import IncompleteRead, ReadError
from sxpy.reader import read_all, read_data

READERS: list[Callable[[str], list[Any]]] = [read_all, read_data]
DEEP = 100_000


def depth(value: Any) -> int:
    """How many lists, dicts or vectors stand around the innermost value."""
    levels = 0
    while True:
        if is_list(value):
            parts = list(value)
        elif hasattr(value, "values"):
            parts = value.values()
        elif hasattr(value, "items"):
            parts = value.items
        else:
            return levels
        levels += 1
        if not parts:
            return levels
        value = parts[-1]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("opening", "closing"),
    [("(", ")"), ("#(", ")"), ("{:a ", "}"), ("'", ""), (",@", "")],
)
def test_a_hundred_thousand_levels_read_and_are_let_go(
    reader: Callable[[str], list[Any]], opening: str, closing: str
) -> None:
    values = reader(opening * DEEP + "x" + closing * DEEP)
    assert depth(values[0]) == DEEP
    del values


@pytest.mark.parametrize("reader", READERS)
def test_a_hundred_thousand_drops_drop(reader: Callable[[str], list[Any]]) -> None:
    assert reader("#;" * DEEP + "1 " * DEEP + "2") == [2]


@pytest.mark.parametrize("reader", READERS)
def test_deep_wrong_and_deep_incomplete_text_give_their_errors(reader: Callable[[str], list[Any]]) -> None:
    with pytest.raises(IncompleteRead, match="and 99999 more around it"):
        reader("(" * DEEP)
    with pytest.raises(ReadError, match="does not close"):
        reader("(" * DEEP + "]")
    with pytest.raises(IncompleteRead, match="a form must follow"):
        reader("'" * DEEP)


@pytest.mark.parametrize("reader", READERS)
def test_a_megabyte_reads(reader: Callable[[str], list[Any]]) -> None:
    line = '(define (f x) {:a "hello" :b 1.5 :c (list 1 2 x)}) ; a comment\n'
    values = reader(line * 16_000)
    assert len(values) == 16_000
    assert all(len(value) == 3 for value in values)


@pytest.mark.parametrize("reader", READERS)
def test_one_long_list_string_name_and_comment_read(reader: Callable[[str], list[Any]]) -> None:
    assert len(reader(f"({'1 ' * 100_000})")[0]) == 100_000
    assert reader(f'"{"ab" * 500_000}"') == ["ab" * 500_000]
    assert reader('"' + "\\n" * 200_000 + '"') == ["\n" * 200_000]
    assert reader("a" * 100_000)[0].name == "a" * 100_000
    assert reader(";" * 200_000 + "\n" + " ;\n" * 50_000 + "1") == [1]


@pytest.mark.parametrize("reader", READERS)
def test_a_long_string_that_is_not_closed_is_found_out_at_once(reader: Callable[[str], list[Any]]) -> None:
    with pytest.raises(IncompleteRead, match="string is not closed"):
        reader('"' + "a\\n" * 200_000)
    with pytest.raises(IncompleteRead, match="raw string is not closed"):
        reader("#|" + "a" * 500_000)
