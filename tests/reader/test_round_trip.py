"""What `serialize` writes reads back equal: every value with a syntax, nested, to the last bit."""

from __future__ import annotations

import struct
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from snapshot import snapshot

from sxpy.data import Bytevector, Char, Dict, MutableList, Vector, from_list, keyword, symbol
from sxpy.printer import canonical, pretty, serialize
from sxpy.reader import read_all, read_datum
from sxpy.reader.atoms import is_keyword_name, is_symbol_name

texts = st.text(
    st.one_of(st.characters(codec=None), st.sampled_from('"\\\n\r\t\0`u|;\x85\u2028\ud83d\ude00')),
    max_size=12,
)
floats = st.one_of(
    st.floats(allow_nan=True),
    st.binary(min_size=8, max_size=8).map(lambda data: struct.unpack(">d", data)[0]),
)
names = st.one_of(
    st.text("abcxyzAZ_~*+-><=/!?&$%^|0189.:#@", min_size=1, max_size=6),
    st.sampled_from(["...", ".", "+", "-", "nile", "a.b", "persist/kv-has?", "é", "変数", "e\u0301", "x²"]),
)
atoms = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(2**4000), 2**4000),
    floats,
    st.fractions().map(lambda value: value if value.denominator > 1 else value.numerator),
    texts,
    st.integers(0, 0x10FFFF).map(Char),
    st.integers(0, 0x200).map(Char),
    names.filter(is_symbol_name).map(symbol),
    names.filter(is_keyword_name).map(keyword),
    st.binary(max_size=6).map(Bytevector),
)
values = st.recursive(
    atoms,
    lambda parts: st.one_of(
        st.lists(parts, max_size=4).map(from_list),
        st.lists(parts, max_size=4).map(MutableList),
        st.lists(parts, max_size=4).map(Vector),
        st.dictionaries(st.one_of(texts, names), parts, max_size=4).map(Dict),
    ),
    max_leaves=12,
)


@settings(max_examples=500, deadline=None)
@given(values)
@example("\ud83d\ude00")
@example("😀")
@example("\\u0041")
@example(-0.0)
@example(symbol("."))
@example(Dict({"": 1, "1": 2, "nil": 3, "a b": 4}))
def test_what_serialize_writes_reads_back_equal(value: Any) -> None:
    text = serialize(value)
    assert snapshot(read_datum(text)) == snapshot(value)
    assert text.encode("utf-8").decode("utf-8") == text
    assert len(text.splitlines()) == 1
    assert not any(ord(char) < 32 for char in text)


@settings(max_examples=100, deadline=None)
@given(values)
def test_programs_read_what_serialize_writes(value: Any) -> None:
    (form,) = read_all(serialize(value))
    assert snapshot(form) == snapshot(value)


@settings(max_examples=150, deadline=None)
@given(values, st.integers(1, 40))
def test_a_pretty_printed_value_reads_back_equal(value: Any, width: int) -> None:
    assert snapshot(read_datum(pretty(value, width))) == snapshot(value)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(texts, st.integers(), max_size=6), st.randoms())
def test_canonical_text_does_not_depend_on_the_order_of_keys(entries: dict[str, int], random: Any) -> None:
    shuffled = list(entries.items())
    random.shuffle(shuffled)
    text = canonical(Dict(entries))
    assert text == canonical(Dict(dict(shuffled)))
    assert read_datum(text).keys() == sorted(entries)


@settings(max_examples=300, deadline=None)
@given(floats)
def test_floats_keep_every_bit(value: float) -> None:
    back = read_datum(serialize(value))
    assert type(back) is float
    assert snapshot(back) == snapshot(value)


@pytest.mark.parametrize("end", [0x3000, 0xD7F0, 0xE010])
def test_every_character_reads_back(end: int) -> None:
    for code in range(max(0, end - 0x3000), end):
        assert read_datum(serialize(Char(code))).code == code
    text = "".join(map(chr, range(max(0, end - 0x3000), end)))
    assert read_datum(serialize(text)) == text


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=5), texts)
def test_a_name_is_written_bare_only_when_it_reads_back(name: str, other: str) -> None:
    for text in (name, other):
        if is_symbol_name(text):
            assert read_datum(text) is symbol(text)
        if is_keyword_name(text):
            assert read_datum(f":{text}") is keyword(text)


def test_large_numbers_read_back() -> None:
    for value in (10**20_000, -(7**9_000), Fraction(3**9_000, 2**9_000)):
        assert read_datum(serialize(value)) == value
