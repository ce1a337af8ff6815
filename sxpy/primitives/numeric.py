"""What the families of numbers share: coercion to a number, conversion to a float, bounds on size.

Owns the coercions of arithmetic (nil and false are 0, true is 1, a numeric string is its number; none of
them in strict mode) and the rule for operands outside a function's domain: exact ones are an error, floats
follow IEEE 754 (nan, inf). Defines no primitive. Next: `sxpy/primitives/numbers.py`.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, TypeAlias

from sxpy.data import is_number, type_of
from sxpy.errors import SxTypeError, SxValueError
from sxpy.primitives.number_syntax import read_number, shown
from sxpy.runtime import current

Number: TypeAlias = int | float | Fraction

MOST_BITS = 2**28
"""Integers of more bits than this are refused before they are made."""


def as_number(value: Any) -> Number:
    """The number that `value` is or stands for in arithmetic. Raises SxTypeError for other values."""
    kind = type(value)
    if kind is int or kind is float or kind is Fraction:
        return value  # type: ignore[no-any-return]
    if not current().strict:
        if value is None or value is False:
            return 0
        if value is True:
            return 1
        if kind is str:
            number = read_number(value)
            if number is not None:
                return number
    raise SxTypeError(f"Expected number, got {type_of(value)}", value)


def as_real_number(who: str, value: Any) -> Number:
    """A number as it is, without coercion. Raises SxTypeError for other values."""
    if is_number(value):
        return value  # type: ignore[no-any-return]
    raise SxTypeError(f"{who}: expected number, got {type_of(value)}", value)


def as_whole(who: str, value: Any) -> int | float:
    """An integer, exact or a float with an integral value; coerced as in arithmetic.

    Raises SxTypeError for numbers with a fraction, nan and infinities, and for values that are no number.
    """
    number = as_number(value)
    if type(number) is int or (type(number) is float and number.is_integer()):
        return number
    raise SxTypeError(f"{who}: expected integer, got {shown(number)}", value)


def as_exact_integer(who: str, value: Any) -> int:
    """As `as_whole`, but exact: bit operations are not defined on floats."""
    number = as_number(value)
    if type(number) is int:
        return number
    raise SxTypeError(f"{who}: expected exact integer, got {shown(number)}", value)


def reduced(value: Fraction) -> int | Fraction:
    """A rational with denominator 1 as the integer it is."""
    return value.numerator if value.denominator == 1 else value


def is_nan(number: Number) -> bool:
    """Whether the number is the float nan."""
    return type(number) is float and math.isnan(number)


def to_float(number: Number) -> float:
    """The nearest float; ±inf for exact numbers beyond the range of floats."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def refuse_bits(who: str, bits: int, most: int = MOST_BITS) -> None:
    """Raise SxValueError when a result of about `bits` bits must not be computed."""
    if bits > most:
        raise SxValueError(f"{who}: the result would have more than {most} bits")
