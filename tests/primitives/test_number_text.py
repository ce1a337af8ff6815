"""Numbers and their texts, in every radix and at any size."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from calling import call
from hypothesis import given
from hypothesis import strategies as st

from sxpy.errors import EvalError, SxTypeError, SxValueError
from sxpy.primitives.number_syntax import DIGITS

F = Fraction
NO_NUMBERS = [
    "",
    " 42",
    "+",
    "-",
    ".",
    "1.2.3",
    "42px",
    "1/0",
    "1/-3",
    "1_000",
    "٣",
    "1e",
    "e5",
    "0x10",
    "#x",
]


@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("number->string", [42], "42"),
        ("number->string", [-255, 16], "-ff"),
        ("number->string", [255, 2], "11111111"),
        ("number->string", [0, 7], "0"),
        ("number->string", [35, 36], "z"),
        ("number->string", [F(1, 3)], "1/3"),
        ("number->string", [F(-10, 3), 2], "-1010/11"),
        ("number->string", [2.0], "2.0"),
        ("number->string", [1e100], "1e100"),
        ("number->string", [0.1], "0.1"),
        ("number->string", [math.inf], "inf"),
        ("string->number", ["42"], 42),
        ("string->number", ["-3"], -3),
        ("string->number", ["+3"], 3),
        ("string->number", ["1.5"], 1.5),
        ("string->number", [".5"], 0.5),
        ("string->number", ["5."], 5.0),
        ("string->number", ["1e3"], 1000.0),
        ("string->number", ["-2.5e-3"], -0.0025),
        ("string->number", ["1/3"], F(1, 3)),
        ("string->number", ["4/2"], 2),
        ("string->number", ["-1/3"], F(-1, 3)),
        ("string->number", ["ff", 16], 255),
        ("string->number", ["FF", 16], 255),
        ("string->number", ["-zz", 36], -1295),
        ("string->number", ["1/10", 2], F(1, 2)),
        ("string->number", ["#xff"], 255),
        ("string->number", ["#b-101"], -5),
        ("string->number", ["inf"], math.inf),
        ("string->number", ["-inf.0"], -math.inf),
        *[("string->number", [text], None) for text in NO_NUMBERS],
        ("string->number", ["12", 2], None),
        ("string->number", ["1.5", 16], None),
        ("parse-int", ["42"], 42),
        ("parse-int", ["42px"], 42),
        ("parse-int", [" -7 "], -7),
        ("parse-int", ["3.9"], 3),
        ("parse-int", ["x", 7], 7),
        ("parse-int", ["x"], None),
        ("parse-int", ["٣"], None),
        ("parse-int", [3.9], 3),
        ("parse-int", [F(-7, 2)], -3),
        ("parse-int", [math.nan, 0], 0),
        ("parse-int", [None, 1], 1),
        ("parse-float", ["2.5em"], 2.5),
        ("parse-float", ["1e3x"], 1000.0),
        ("parse-float", ["1e"], 1.0),
        ("parse-float", ["x"], None),
        ("parse-float", [F(1, 2)], 0.5),
        ("parse-number", [" 42 "], 42),
        ("parse-number", ["1/3"], F(1, 3)),
        ("parse-number", ["42px", 0], 0),
    ],
)
def test_value(name: str, args: list[Any], expected: Any) -> None:
    got = call(name, *args)
    assert got == expected
    assert type(got) is type(expected)


@pytest.mark.parametrize(
    ("name", "args", "kind", "message"),
    [
        ("number->string", ["1"], SxTypeError, "number->string: expected number, got string"),
        ("number->string", [True], SxTypeError, "number->string: expected number, got boolean"),
        ("number->string", [1, 1], SxValueError, "the radix must be between 2 and 36, got 1"),
        ("number->string", [1.5, 2], SxTypeError, "floats have digits in radix 10 only"),
        ("string->number", [1], SxTypeError, "string->number: expected string, got number"),
        ("string->number", ["1", 37], SxValueError, "the radix must be between 2 and 36, got 37"),
    ],
)
def test_error(name: str, args: list[Any], kind: type[EvalError], message: str) -> None:
    with pytest.raises(kind) as caught:
        call(name, *args)
    assert message in caught.value.message


def naive(value: int, radix: int) -> str:
    """Digits by long division: the definition."""
    digits = ""
    rest = abs(value)
    while rest:
        rest, digit = divmod(rest, radix)
        digits = DIGITS[digit] + digits
    return ("-" if value < 0 else "") + (digits or "0")


@given(st.integers(-(10**60), 10**60), st.integers(2, 36))
def test_digits_are_those_of_long_division(value: int, radix: int) -> None:
    assert call("number->string", value, radix) == naive(value, radix)


@given(st.integers(-(10**60), 10**60) | st.fractions(), st.integers(2, 36))
def test_exact_numbers_read_back_in_every_radix(value: int | Fraction, radix: int) -> None:
    value = int(value) if value.denominator == 1 else value
    assert call("string->number", call("number->string", value, radix), radix) == value


@given(st.floats(allow_nan=False))
def test_floats_read_back_to_the_last_bit(value: float) -> None:
    got = call("string->number", call("number->string", value))
    assert type(got) is float
    assert got.hex() == value.hex()


@pytest.mark.parametrize("radix", [2, 3, 7, 10, 16, 32, 36])
def test_integers_of_thousands_of_digits_read_back(radix: int) -> None:
    """Python refuses more than 4300 digits; the language has no limit."""
    value = -(7**12345) - 1
    text = call("number->string", value, radix)
    assert call("string->number", text, radix) == value
    assert call("string->number", "9" * 20000) == 10**20000 - 1


def test_shortest_digits_around_the_leaf_size() -> None:
    for count in (499, 500, 501, 999, 1000, 1001, 2000, 2001):
        for value in (3**count, 3**count - 1):
            assert call("string->number", call("number->string", value, 3), 3) == value
        assert call("number->string", 3**count, 3) == "1" + "0" * count
