"""Kinds of value, equality and order, declared types, and what can be asked of a condition."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from calling import call, mutable, raw

from sxpy.data import (
    EMPTY,
    Adt,
    AdtType,
    Char,
    Circumstances,
    Condition,
    Environment,
    Macro,
    Parameter,
    Promise,
    PromiseState,
    Record,
    RecordType,
    keyword,
    symbol,
)
from sxpy.errors import Frame, Place, SxTypeError
from sxpy.primitives import REGISTRY

MAYBE = AdtType("Maybe", {"Just": ("value",)})
KINDS: dict[str, Any] = {
    "nil?": None,
    "boolean?": False,
    "string?": "",
    "symbol?": symbol("s"),
    "keyword?": keyword("k"),
    "char?": Char(97),
    "number?": 0,
    "list?": EMPTY,
    "dict?": {"a": 1},
    "vector?": (1,),
    "procedure?": REGISTRY["+"],
    "macro?": Macro("m", None),
    "promise?": Promise(PromiseState(done=True)),
    "record?": Record(RecordType("point", ("x",)), [1]),
    "environment?": Environment("e"),
    "error-object?": Condition("boom"),
    "eof-object?": REGISTRY["eof-object"].function(),
    "port?": raw("open-output-string"),
    "buffer?": raw("make-buffer"),
    "regex?": raw("regex-compile", "a"),
}


@pytest.mark.parametrize("predicate", sorted(KINDS))
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_value_is_of_one_kind(predicate: str, kind: str) -> None:
    assert call(predicate, KINDS[kind]) is (predicate == kind)


@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("list?", [mutable(1)], True),
        ("parameter?", [Parameter(1)], True),
        ("callable?", [Parameter(1)], True),
        ("lambda?", [REGISTRY["+"]], True),
        ("lambda?", [Parameter(1)], False),
        ("dict?", [Adt(MAYBE, "Just", (1,))], True),
        ("adt?", [Adt(MAYBE, "Just", (1,))], True),
        ("adt?", [{"a": 1}], False),
        ("not-nil?", [False], True),
        ("true?", [1], False),
        ("true?", [True], True),
        ("false?", [None], False),
        ("atom?", ["a"], True),
        ("atom?", [[1]], False),
        ("not", [None], True),
        ("not", [False], True),
        ("not", [0], False),
        ("not", [EMPTY], False),
        ("void", [1, 2], None),
        ("type-of", [Adt(MAYBE, "Just", (1,))], "Maybe"),
        ("type-of", [Fraction(1, 3)], "number"),
        ("boolean=?", [True, True, True], True),
        ("boolean=?", [True, False], False),
        ("symbol=?", [symbol("a"), symbol("a")], True),
        ("symbol=?", [symbol("a"), symbol("b")], False),
        # equality and order
        ("=", [1], True),
        ("=", [1, 1.0, Fraction(2, 2)], True),
        ("=", [2.5, Fraction(5, 2)], True),
        ("=", [1, True], False),
        ("=", [0, False], False),
        ("=", [None, EMPTY], False),
        ("=", [None, False], False),
        ("=", ["a", symbol("a")], False),
        ("=", ["a", Char(97)], False),
        ("=", [[1, [2]], [1, [2]]], True),
        ("=", [mutable(1, 2), [1, 2]], True),
        ("=", [{"a": 1, "b": 2}, {"b": 2, "a": 1}], True),
        ("=", [float("nan"), float("nan")], False),
        ("!=", [1, 2], True),
        ("!=", [1, 1, 2], True),
        ("!=", [1, 1], False),
        ("eq?", [symbol("a"), symbol("a")], True),
        ("eq?", [[1], [1]], False),
        ("eqv?", [1, 1], True),
        ("eqv?", [1, 1.0], False),
        ("eqv?", ["a", "a"], True),
        ("eqv?", [True, True], True),
        ("equal?", [{"a": 1}, {"a": 2}], False),
        ("<", [1, 2, 3], True),
        ("<", [1, 3, 2], False),
        ("<", [1], True),
        ("<", [None, 1], True),
        ("<", ["a", "b"], True),
        ("<=", [1, 1.0], True),
        (">", [Fraction(1, 2), 0.4], True),
        (">=", ["b", "b", "a"], True),
        ("<", [10**400, float("inf")], True),
        # declared types
        ("value-matches-type?", [5, "any"], True),
        ("value-matches-type?", [5, "number"], True),
        ("value-matches-type?", [True, "number"], False),
        ("value-matches-type?", [None, "string?"], True),
        ("value-matches-type?", ["a", "string?"], True),
        ("value-matches-type?", [5, "string?"], False),
        ("value-matches-type?", [None, "string"], False),
        ("value-matches-type?", [5, "integer"], True),
        ("value-matches-type?", [5.5, "integer"], False),
        ("value-matches-type?", [REGISTRY["+"], "callable"], True),
        ("value-matches-type?", [Adt(MAYBE, "Just", (1,)), "Maybe"], True),
        ("value-matches-type?", [[1], symbol("list")], True),
        ("value-matches-type?", [[1], "no-such-type"], False),
    ],
)
def test_value(name: str, args: list[Any], expected: Any) -> None:
    assert call(name, *args) is expected or call(name, *args) == expected


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("<", ["a", 1], "<: cannot compare a string with a number"),
        (">", [1, "a"], ">: cannot compare a string with a number"),
        ("<", [1, 2, "a"], "<: cannot compare"),
        ("<", [[1], 2], "Expected number, got list"),
        (">=", [1, symbol("a")], "Expected number, got symbol"),
        ("boolean=?", [True, 1], "boolean=?: expected boolean, got number"),
        ("symbol=?", ["a", "a"], "symbol=?: expected symbol, got string"),
        ("value-matches-type?", [1, 2], "expected type name, got number"),
        ("error-message", [1], "error-message: expected error object, got number"),
    ],
)
def test_error(name: str, args: list[Any], message: str) -> None:
    with pytest.raises(SxTypeError) as caught:
        call(name, *args)
    assert message in caught.value.message


def test_conditions_tell_what_happened_and_where() -> None:
    place = Place("a.sx", 3, 7)
    condition = Condition("boom", (1, "x"), Circumstances(place, (Frame("f", place), Frame("g", None))))
    where = {"file": "a.sx", "line": 3, "column": 7}
    assert call("error-message", condition) == "boom"
    assert call("error-object-message", condition) == "boom"
    assert call("error-irritants", condition) == [1, "x"]
    assert call("error-kind", condition) == "error"
    assert call("error-place", condition) == where
    assert call("error-backtrace", condition) == [
        {"function": "f", "place": where},
        {"function": "g", "place": None},
    ]
    assert call("error-place", Condition("boom")) is None


def test_a_message_string_stands_for_its_condition() -> None:
    assert call("error-message", "boom") == "boom"
    assert call("error-irritants", "boom") == []
    assert call("error-place", "boom") is None
    assert call("error-backtrace", "boom") == []
    assert call("error-object?", "boom") is False


def test_conditions_of_files_and_of_reading() -> None:
    assert call("file-error?", Condition("no", kind="SxIOError")) is True
    assert call("read-error?", Condition("no", kind="SxParseError")) is True
    assert call("file-error?", Condition("no")) is False
    assert call("read-error?", "no") is False
