"""JSON: the mapping to SX values, round trips, errors with a place, depth."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from calling import call, mutable, plain, raw, sx
from hypothesis import given
from hypothesis import strategies as st

from sxpy.data import Dict, MutableList, keyword, symbol
from sxpy.errors import EvalError, SxParseError, SxTypeError, SxValueError


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (42, "42"),
        (10**30, "1" + "0" * 30),
        (2.0, "2.0"),
        (0.1, "0.1"),
        ('a"b\\\n\u0001é😀', '"a\\"b\\\\\\n\\u0001é😀"'),
        ("\ud800", '"\\ud800"'),
        ([], "[]"),
        ({}, "{}"),
        ([1, [2, []], {}], "[1,[2,[]],{}]"),
        ({"b": 1, "a": [True, None]}, '{"b":1,"a":[true,null]}'),
        ((1, 2), "[1,2]"),
        (mutable(1, 2), "[1,2]"),
        (symbol("s"), '"s"'),
        ([keyword("k")], '["k"]'),
    ],
)
def test_encode(value: Any, text: str) -> None:
    assert call("json-encode", value) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("null", None),
        (" [ ] ", []),
        ("{ }", {}),
        ("[1, 2.5, -0, 1e2, true, false, null]", [1, 2.5, 0, 100.0, True, False, None]),
        ('{"a": {"b": [1, {"c": 2}]}, "d": []}', {"a": {"b": [1, {"c": 2}]}, "d": []}),
        ('"\\u00e9\\n\\"\\ud83d\\ude00"', 'é\n"😀'),
        ('{"a": 1, "a": 2}', {"a": 2}),
        ("123456789012345678901234567890", 123456789012345678901234567890),
    ],
)
def test_decode(text: str, value: Any) -> None:
    assert call("json-decode", text) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1, column 1: expected a value, found the end"),
        ("[1, 2", "line 1, column 6: expected `,` or `]`, found the end"),
        ("[1,]", "line 1, column 4: expected a value, found ']'"),
        ("[1\n 2]", "line 2, column 2: expected `,` or `]`, found '2'"),
        ('{"a" 1}', "column 6: expected `:`, found '1'"),
        ('{"a": 1,}', "column 9: expected a string as key, found '}'"),
        ("{1: 2}", "column 2: expected a string as key"),
        ('{"a": 1]', "column 8: expected `,` or `}`, found ']'"),
        ("1 2", "column 3: expected the end of the text, found '2'"),
        ("01", "column 2: expected the end of the text"),
        ("nan", "column 1: expected a value, found 'n'"),
        ("Infinity", "expected a value"),
        ("'a'", "expected a value"),
        ('"abc', "expected a string (Unterminated string starting at)"),
        ('"\\x"', "expected a string (Invalid \\escape"),
        ('"a\nb"', "expected a string (Invalid control character"),
        ("]", "expected a value"),
        ("truex", "expected the end of the text"),
        ("1.", "expected the end of the text"),
        ("+1", "expected a value"),
    ],
)
def test_text_that_is_no_json(text: str, message: str) -> None:
    with pytest.raises(SxParseError) as caught:
        call("json-decode", text)
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        (float("nan"), SxValueError, "JSON has no nan"),
        ([float("inf")], SxValueError, "JSON has no inf"),
        (Fraction(1, 3), SxTypeError, "JSON has no rationals"),
        ({"f": raw("open-input-string", "")}, SxTypeError, "JSON has no input-port"),
    ],
)
def test_values_json_has_no_form_for(value: Any, kind: type[EvalError], message: str) -> None:
    with pytest.raises(kind) as caught:
        call("json-encode", value)
    assert message in caught.value.message


def test_a_cyclic_value_is_an_error_and_a_shared_one_is_not() -> None:
    cycle = MutableList([1])
    cycle.items.append(Dict({"again": cycle}))
    with pytest.raises(SxValueError, match="contains itself"):
        raw("json-encode", cycle)
    shared = sx([1])
    assert raw("json-encode", sx([shared, shared])) == "[[1],[1]]"


def test_integers_keep_every_digit() -> None:
    text = "9" * 5000
    assert call("json-decode", text) == 10**5000 - 1
    assert call("json-encode", 10**5000 - 1) == text


def test_depth_is_bounded_by_memory_alone() -> None:
    text = "[" * 30_000 + "]" * 30_000
    assert raw("json-encode", raw("json-decode", text)) == text
    objects = '{"a":' * 30_000 + "1" + "}" * 30_000
    assert raw("json-encode", raw("json-decode", objects)) == objects


values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
)


def same(a: Any, b: Any) -> bool:
    """Equality that tells 1 from 1.0 and true, and heeds the order of keys."""
    return repr(a) == repr(b)


@given(values)
def test_values_come_back_from_json(value: Any) -> None:
    text = call("json-encode", value)
    assert same(plain(raw("json-decode", text)), value)
    assert same(json.loads(text), value)


@given(values, st.none() | st.integers(0, 3))
def test_what_python_writes_is_read(value: Any, indent: int | None) -> None:
    assert same(call("json-decode", json.dumps(value, indent=indent)), value)


@given(st.text('[]{}",:0123456789.eE+- \\tfnul', max_size=12))
def test_the_same_texts_are_refused_as_by_python(text: str) -> None:
    try:
        wanted = json.loads(text)
    except ValueError:
        with pytest.raises(SxParseError):
            call("json-decode", text)
        return
    assert same(call("json-decode", text), wanted)
