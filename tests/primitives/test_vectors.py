"""Primitives of vectors and bytevectors (R7RS 6.8, 6.9)."""

from __future__ import annotations

from typing import Any

import pytest
from calling import call, plain, raw, sx
from hypothesis import given
from hypothesis import strategies as st

from sxpy.data import Char, Vector
from sxpy.errors import SxTypeError, SxValueError


@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("vector", [1, 2], (1, 2)),
        ("make-vector", [2, "x"], ("x", "x")),
        ("make-vector", [1], (None,)),
        ("make-vector", [0], ()),
        ("vector-length", [(1, 2, 3)], 3),
        ("vector-ref", [(1, 2, 3), 2], 3),
        ("vector->list", [(1, 2, 3)], [1, 2, 3]),
        ("vector->list", [(1, 2, 3), 1], [2, 3]),
        ("vector->list", [(1, 2, 3), 1, 2], [2]),
        ("vector->list", [(1, 2, 3), 3, 3], []),
        ("list->vector", [[1, 2]], (1, 2)),
        ("list->vector", [None], ()),
        ("vector-copy", [(1, 2, 3)], (1, 2, 3)),
        ("vector-copy", [(1, 2, 3), 2, 2], ()),
        ("vector-copy", [(1, 2, 3), 1, 3], (2, 3)),
        ("vector-append", [(1,), (), (2, 3)], (1, 2, 3)),
        ("vector-append", [], ()),
        ("vector->string", [(Char(97), Char(955))], "aλ"),
        ("vector->string", [(Char(97), Char(98), Char(99)), 1, 2], "b"),
        ("string->vector", ["aλ"], ("a", "λ")),
        ("string->vector", ["abc", 1], ("b", "c")),
        ("bytevector?", [b"a"], True),
        ("bytevector?", [(1,)], False),
        ("bytevector", [1, 255], b"\x01\xff"),
        ("bytevector", [], b""),
        ("make-bytevector", [2, 7], b"\x07\x07"),
        ("make-bytevector", [2], b"\x00\x00"),
        ("bytevector-length", [b"abc"], 3),
        ("bytevector-u8-ref", [b"abc", 1], 98),
        ("bytevector-copy", [b"abc", 1], b"bc"),
        ("bytevector-copy", [b"abc", 1, 1], b""),
        ("bytevector-append", [b"a", b"", b"bc"], b"abc"),
        ("bytevector->list", [b"ab"], [97, 98]),
        ("list->bytevector", [[97, 98]], b"ab"),
        ("utf8->string", ["λ".encode()], "λ"),
        ("utf8->string", [b"abc", 1, 2], "b"),
        ("string->utf8", ["λx"], "λx".encode()),
        ("string->utf8", ["λxy", 1], b"xy"),
        ("string->utf8", ["😀", 0, 1], "😀".encode()),
    ],
)
def test_table(name: str, args: list[Any], expected: Any) -> None:
    answer = call(name, *args)
    assert answer == expected and type(answer) is type(expected)


@pytest.mark.parametrize(
    ("start", "name", "args", "expected"),
    [
        ((1, 2), "vector-set!", [0, "x"], ("x", 2)),
        ((1, 2, 3), "vector-fill!", [0], (0, 0, 0)),
        ((1, 2, 3), "vector-fill!", [0, 1], (1, 0, 0)),
        ((1, 2, 3), "vector-fill!", [0, 1, 2], (1, 0, 3)),
        ((1, 2, 3, 4), "vector-copy!", [1, ("a", "b")], (1, "a", "b", 4)),
        ((1, 2, 3, 4), "vector-copy!", [0, ("a", "b", "c"), 1, 2], ("b", 2, 3, 4)),
        ((1, 2), "vector-copy!", [2, ()], (1, 2)),
        (b"ab", "bytevector-u8-set!", [1, 0], b"a\x00"),
        (b"abc", "bytevector-fill!", [0, 1], b"a\x00\x00"),
        (b"abcd", "bytevector-copy!", [1, b"xy"], b"axyd"),
        (b"abcd", "bytevector-copy!", [0, b"xyz", 2], b"zbcd"),
    ],
)
def test_change_in_place_returns_nil(start: Any, name: str, args: list[Any], expected: Any) -> None:
    target = sx(start)
    assert raw(name, target, *args) is None
    assert plain(target) == expected


def test_a_vector_is_copied_onto_itself_as_if_through_a_third() -> None:
    target = sx((1, 2, 3, 4))
    raw("vector-copy!", target, 1, target, 0, 3)
    assert plain(target) == (1, 1, 2, 3)
    data = sx(b"1234")
    raw("bytevector-copy!", data, 0, data, 1, 4)
    assert plain(data) == b"2344"


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("vector-ref", [(1, 2), 2], "vector-ref: index 2 is out of range for length 2"),
        ("vector-ref", [(1, 2), -1], "vector-ref: index -1 is out of range for length 2"),
        ("vector-ref", [(1, 2), 1.0], "vector-ref: expected index, got 1.0"),
        ("vector-ref", [[1], 0], "vector-ref: expected vector, got list"),
        ("vector-set!", [(1, 2), 2, 0], "vector-set!: index 2 is out of range for length 2"),
        ("vector-copy", [(1, 2), 2, 1], "vector-copy: range 2 to 1 is out of range for length 2"),
        ("vector-copy", [(1, 2), 0, 3], "vector-copy: range 0 to 3 is out of range for length 2"),
        ("vector->list", [(1,), -1], "vector->list: range -1 to 1 is out of range for length 1"),
        ("vector-copy!", [(1, 2), 1, (1, 2)], "vector-copy!: 2 items at index 1 do not fit into length 2"),
        ("vector-copy!", [(1, 2), -1, (1,)], "vector-copy!: 1 items at index -1 do not fit into length 2"),
        ("make-vector", [-1], "make-vector: length must be between 0 and 268435456, got -1"),
        ("vector-append", [(1,), [2]], "vector-append: expected vector, got list"),
        ("vector->string", [("a",)], "vector->string: expected vector of chars, got string"),
        ("string->vector", [(1,)], "string->vector: expected string, got vector"),
        ("list->vector", [(1,)], "list->vector: expected list, got vector"),
        ("bytevector", [256], "bytevector: byte must be between 0 and 255, got 256"),
        ("bytevector", ["a"], "bytevector: expected byte, got string"),
        ("bytevector-u8-ref", [b"a", 1], "bytevector-u8-ref: index 1 is out of range for length 1"),
        ("bytevector-u8-set!", [b"a", 0, -1], "bytevector-u8-set!: byte must be between 0 and 255, got -1"),
        ("bytevector-copy", [(1,)], "bytevector-copy: expected bytevector, got vector"),
        (
            "bytevector-copy!",
            [b"a", 0, b"ab"],
            "bytevector-copy!: 2 items at index 0 do not fit into length 1",
        ),
        ("utf8->string", [b"a\xff"], "utf8->string: byte 1 of the part is no UTF-8"),
        ("string->utf8", ["\ud800"], "string->utf8: the text has half a surrogate pair"),
        ("string->utf8", [b"a"], "string->utf8: expected string, got bytevector"),
    ],
)
def test_errors_say_who_wanted_what(name: str, args: list[Any], message: str) -> None:
    with pytest.raises((SxTypeError, SxValueError)) as raised:
        call(name, *args)
    assert raised.value.message.startswith(message)


def test_a_failed_change_changes_nothing() -> None:
    target = sx(b"abc")
    with pytest.raises(SxValueError):
        raw("bytevector-fill!", target, 256)
    assert plain(target) == b"abc"


def test_copies_are_apart() -> None:
    source = Vector([1, 2])
    for copy in (raw("vector-copy", source), raw("vector-append", source)):
        raw("vector-set!", copy, 0, "changed")
    assert plain(source) == (1, 2)
    data = sx(b"ab")
    raw("bytevector-u8-set!", raw("bytevector-copy", data), 0, 0)
    assert plain(data) == b"ab"


@given(st.text().filter(lambda text: text.isprintable()))
def test_text_survives_its_bytes(text: str) -> None:
    assert call("utf8->string", raw("string->utf8", text)) == text


@given(st.lists(st.integers(0, 255)), st.data())
def test_parts_are_python_slices(items: list[int], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(items)))
    end = data.draw(st.integers(start, len(items)))
    assert call("vector-copy", tuple(items), start, end) == tuple(items[start:end])
    assert call("bytevector-copy", bytes(items), start, end) == bytes(items[start:end])
