"""Between exact and inexact: rounding, extremes, and the parts of a rational.

Owns what turns a number into a nearby one. Rounding gives integers, always; nan and infinities, which are
near none, are an error. Next: `sxpy/primitives/real_functions.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from sxpy.errors import SxValueError
from sxpy.primitives.number_syntax import shown
from sxpy.primitives.numeric import Number, as_exact_integer, as_number, is_nan, reduced, to_float
from sxpy.primitives.registry import primitive

# -- rounding --------------------------------------------------------------------------------------


@primitive("floor")
def floor(number: Any) -> int:
    """(floor x) — the greatest integer not above x. nan and infinities have none: an error.

    (floor 2.5) => 2
    (floor -2.5) => -3
    """
    return _rounded("floor", math.floor, number)


@primitive("ceil", "ceiling")
def ceiling(number: Any) -> int:
    """(ceil x) — the least integer not below x. nan and infinities have none: an error.

    (ceil 2.1) => 3
    """
    return _rounded("ceil", math.ceil, number)


@primitive("truncate")
def truncate(number: Any) -> int:
    """(truncate x) — the integer part of x. nan and infinities have none: an error.

    (truncate -2.7) => -2
    """
    return _rounded("truncate", math.trunc, number)


MOST_PLACES = 400
"""`round` to more decimal places than this, either way, is refused; floats have no more than 324."""


@primitive("round")
def round_(number: Any, places: Any = None) -> Number:
    """(round x places?) — the nearest integer, the even one when two are as near.

    With `places`, a number of decimal places (negative ones are left of the point), the nearest number
    with that many, of the exactness of x. nan and infinities have no integer: an error.

    (round 2.6) => 3
    (round 2.5) => 2
    (round 3.14159 2) => 3.14
    """
    if places is None:
        return _rounded("round", round, number)
    value, count = as_number(number), as_exact_integer("round", places)
    if abs(count) > MOST_PLACES:
        raise SxValueError(
            f"round: places must be between -{MOST_PLACES} and {MOST_PLACES}, got {shown(count)}"
        )
    if type(value) is float:
        try:
            return round(value, count)
        except OverflowError:
            return math.copysign(math.inf, value)
    scale = Fraction(10) ** count
    return reduced(round(value * scale) / scale)


def _rounded(who: str, rounding: Callable[[Any], int], value: Any) -> int:
    number = as_number(value)
    if type(number) is int:
        return number
    if type(number) is float and not math.isfinite(number):
        raise SxValueError(f"{who}: {number} has no integer part", value)
    return rounding(number)


@primitive("abs", "magnitude")
def absolute(number: Any) -> Number:
    """(abs x) — x without its sign.

    (abs -5) => 5
    """
    value = as_number(number)
    if type(value) is float:
        return math.fabs(value)
    return -value if value < 0 else value


# -- extremes --------------------------------------------------------------------------------------


@primitive("min")
def minimum(number: Any, *numbers: Any) -> Number:
    """(min x …) — the least; a float when any is a float, nan when any is nan (R7RS 6.2.6).

    (min 4 1 2) => 1
    """
    return _extreme(number, numbers, lambda a, b: a < b)


@primitive("max")
def maximum(number: Any, *numbers: Any) -> Number:
    """(max x …) — the greatest; a float when any is a float, nan when any is nan (R7RS 6.2.6).

    (max 4 1 2) => 4
    (max 1 2.5 2) => 2.5
    """
    return _extreme(number, numbers, lambda a, b: a > b)


def _extreme(first: Any, others: tuple[Any, ...], beats: Callable[[Any, Any], bool]) -> Number:
    best = as_number(first)
    inexact = type(best) is float
    for other in others:
        number = as_number(other)
        inexact = inexact or type(number) is float
        if is_nan(best) or is_nan(number):
            return math.nan
        if beats(number, best):
            best = number
    return to_float(best) if inexact else best


@primitive("clamp")
def clamp(number: Any, low: Any, high: Any) -> Number:
    """(clamp x low high) — x limited to low … high. It is an error when low is above high.

    (clamp 12 0 10) => 10
    (clamp 5 0 10) => 5
    """
    value, least, greatest = as_number(number), as_number(low), as_number(high)
    if least > greatest:
        raise SxValueError(f"clamp: low {shown(least)} is above high {shown(greatest)}", low, high)
    if value < least:
        return least
    return greatest if value > greatest else value


# -- rationals and exactness -----------------------------------------------------------------------


@primitive("make-rational")
def make_rational(numerator: Any, denominator: Any) -> int | Fraction:
    """(make-rational n d) — the exact n/d, reduced. A zero d is an error.

    (make-rational 2 6) => 1/3
    """
    top = as_exact_integer("make-rational", numerator)
    bottom = as_exact_integer("make-rational", denominator)
    if bottom == 0:
        raise SxValueError("make-rational: the denominator is zero", numerator, denominator)
    return reduced(Fraction(top, bottom))


@primitive("numerator")
def numerator_of(number: Any) -> Number:
    """(numerator x) — of x in lowest terms; a float of a float.

    (numerator 6/4) => 3
    """
    return _term("numerator", number, 0)


@primitive("denominator")
def denominator_of(number: Any) -> Number:
    """(denominator x) — of x in lowest terms, above zero; a float of a float.

    (denominator 6/4) => 2
    (denominator 5) => 1
    """
    return _term("denominator", number, 1)


def _term(who: str, value: Any, index: int) -> Number:
    number = as_number(value)
    if type(number) is not float:
        return number.as_integer_ratio()[index]
    if not math.isfinite(number):
        raise SxValueError(f"{who}: {number} is no ratio of integers", value)
    return to_float(number.as_integer_ratio()[index])


@primitive("exact", "inexact->exact")
def exact(number: Any) -> int | Fraction:
    """(exact x) — the exact number equal to x. nan and infinities have none: an error.

    (exact 2.0) => 2
    (exact 0.25) => 1/4
    """
    value = as_number(number)
    if type(value) is not float:
        return value  # type: ignore[return-value]
    if not math.isfinite(value):
        raise SxValueError(f"exact: {value} has no exact value", number)
    return reduced(Fraction(value))


@primitive("inexact", "exact->inexact")
def inexact(number: Any) -> float:
    """(inexact x) — the float nearest to x; inf when x is beyond the range of floats.

    (inexact 1/4) => 0.25
    """
    return to_float(as_number(number))
