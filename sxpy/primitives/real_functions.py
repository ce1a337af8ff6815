"""Powers, roots, logarithms, angles, and chance.

Owns the functions whose values are mostly irrational. Exact results are given where they are exact
(`(sqrt 4)`, `(expt 2/3 2)`), floats else. Outside a function's domain an exact argument is an error and a
float follows IEEE 754: `(sqrt -1)` is an error, `(sqrt -1.0)` is nan. Next: `sxpy/primitives/bits.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from sxpy.data import MultipleValues
from sxpy.errors import SxTypeError, SxValueError
from sxpy.primitives.number_syntax import shown
from sxpy.primitives.numbers import float_quotient, quotient_of
from sxpy.primitives.numeric import (
    Number,
    as_exact_integer,
    as_number,
    reduced,
    refuse_bits,
    to_float,
)
from sxpy.primitives.registry import primitive
from sxpy.runtime import current

# -- powers ----------------------------------------------------------------------------------------


MOST_POWER_BITS = 2**25
"""Exact powers of more bits than this are refused: ten million digits, and some seconds of multiplying."""


@primitive("expt", "pow")
def power(base: Any, exponent: Any) -> Number:
    """(expt x y) — x to the power y.

    An exact x to an integer y is exact, except that an integer to a negative power is as `/` divides:
    (expt 2 -1) is 0.5. A result of more than 2^25 bits is an error. Every other power is a float.

    (expt 2 10) => 1024
    (expt 1/2 2) => 1/4
    (expt 2 -1) => 0.5
    """
    x, y = as_number(base), as_number(exponent)
    if type(y) is int and type(x) is not float:
        return _exact_power(x, y)
    return _float_power(x, y)


def _exact_power(x: Number, n: int) -> Number:
    if n < 0 and x == 0:
        raise SxValueError(f"expt: division by zero: 0 to the power {shown(n)}", x, n)
    if x in (0, 1, -1):
        return x if n % 2 else int(x * x) if n else 1
    top, bottom = (x, 1) if type(x) is int else (x.numerator, x.denominator)  # type: ignore[union-attr]
    bits = max(top.bit_length(), bottom.bit_length()) - 1
    if n < 0 and type(x) is int and bits * -n > 1100:  # nearer to zero than any float
        return -0.0 if x < 0 and n % 2 else 0.0
    refuse_bits("expt", bits * abs(n), MOST_POWER_BITS)
    if n >= 0:
        return reduced(Fraction(top**n, bottom**n)) if bottom != 1 else top**n
    if type(x) is int:
        return quotient_of("expt", 1, x**-n)
    return reduced(Fraction(bottom**-n, top**-n))


def _float_power(x: Number, y: Number) -> float:
    """`math.pow` with IEEE 754 results where Python raises, and the right sign for odd integer powers."""
    base, exponent = to_float(x), to_float(y)
    odd = (type(y) is int and y % 2 == 1) or (type(y) is float and y.is_integer() and y % 2.0 == 1.0)
    sign = -1.0 if odd and math.copysign(1.0, base) < 0 else 1.0
    if base < 0 and exponent.is_integer():
        base = -base
    try:
        return sign * math.pow(abs(base) if base == 0.0 else base, exponent)
    except OverflowError:
        return sign * math.inf
    except ValueError:
        return sign * math.inf if base == 0.0 else math.nan


# -- roots -----------------------------------------------------------------------------------------


@primitive("sqrt")
def square_root(number: Any) -> Number:
    """(sqrt x) — the square root: exact when x is an exact square, else the nearest float.

    (sqrt 16) => 4
    (sqrt 1/4) => 1/2
    (sqrt 2.25) => 1.5
    """
    value = as_number(number)
    if type(value) is float:
        return math.sqrt(value) if value >= 0.0 else math.nan
    if value < 0:
        raise _outside("sqrt", number)
    top, bottom = value.as_integer_ratio()
    product = top * bottom  # sqrt(top/bottom) = sqrt(top·bottom)/bottom
    root = math.isqrt(product)
    if root * root == product:
        return reduced(Fraction(root, bottom))
    # 130 bits below the point of the quotient: more than the 53 of a float and its rounding boundary.
    shift = max(0, 130 + 2 * bottom.bit_length() - product.bit_length())
    shift += shift % 2
    root = math.isqrt(product << shift)
    # The true root lies strictly between root and root+1; root+1/2 rounds to the same float.
    return to_float(Fraction(2 * root + 1, bottom << (shift // 2 + 1)))


@primitive("exact-integer-sqrt")
def exact_integer_sqrt(number: Any) -> MultipleValues:
    """(exact-integer-sqrt n) — two values: the greatest s with s² ≤ n, and n − s² (R7RS 6.2.6).

    (call-with-values (fn () (exact-integer-sqrt 17)) list) => (4 1)
    """
    value = as_exact_integer("exact-integer-sqrt", number)
    if value < 0:
        raise SxTypeError(f"exact-integer-sqrt: expected an integer of 0 or more, got {shown(value)}", number)
    root = math.isqrt(value)
    return MultipleValues((root, value - root * root))


# -- exponentials, logarithms, angles --------------------------------------------------------------


@primitive("exp")
def exponential(number: Any) -> float:
    """(exp x) — e to the power x.

    (exp 0) => 1.0
    """
    return _apply("exp", math.exp, number)


@primitive("log", "ln")
def logarithm(number: Any, base: Any = None) -> float:
    """(log x base?) — the logarithm of x; natural without a base.

    (log 1) => 0.0
    (log 1000 10) => 3.0
    (log 8 2) => 3.0
    """
    if base is None:
        return _log("log", number)
    value = as_number(base)
    if type(value) is int and value in (2, 10):
        _log("log", number)
        ratio = as_number(number)
        if 0.0 < to_float(ratio) < math.inf:
            return math.log2(ratio) if value == 2 else math.log10(ratio)
    return float_quotient(_log("log", number), _log("log", base))


def _log(who: str, value: Any) -> float:
    """The natural logarithm, of exact numbers beyond the range of floats too."""
    number = as_number(value)
    if type(number) is float:
        if number == 0.0:
            return -math.inf
        return math.log(number) if number > 0.0 else math.nan
    if number <= 0:
        raise _outside(who, value)
    top, bottom = number.as_integer_ratio()
    near = to_float(number)
    return math.log(near) if 0.0 < near < math.inf else math.log(top) - math.log(bottom)


@primitive("sin")
def sine(angle: Any) -> float:
    """(sin x) — of an angle in radians.

    (sin 0) => 0.0
    """
    return _apply("sin", math.sin, angle)


@primitive("cos")
def cosine(angle: Any) -> float:
    """(cos x) — of an angle in radians.

    (cos 0) => 1.0
    """
    return _apply("cos", math.cos, angle)


@primitive("tan")
def tangent(angle: Any) -> float:
    """(tan x) — of an angle in radians.

    (tan 0) => 0.0
    """
    return _apply("tan", math.tan, angle)


@primitive("asin")
def arc_sine(number: Any) -> float:
    """(asin x) — the angle in radians, −π/2 to π/2, whose sine is x.

    (asin 0) => 0.0
    """
    return _apply("asin", math.asin, number)


@primitive("acos")
def arc_cosine(number: Any) -> float:
    """(acos x) — the angle in radians, 0 to π, whose cosine is x.

    (acos 1) => 0.0
    """
    return _apply("acos", math.acos, number)


@primitive("atan", "atan2")
def arc_tangent(number: Any, run: Any = None) -> float:
    """(atan y x?) — the angle in radians whose tangent is y; of the point (x, y) when x is given.

    (atan 0) => 0.0
    (atan 0 1) => 0.0
    """
    if run is None:
        return _apply("atan", math.atan, number)
    return math.atan2(to_float(as_number(number)), to_float(as_number(run)))


def _apply(who: str, function: Callable[[float], float], value: Any) -> float:
    number = as_number(value)
    try:
        return function(to_float(number))
    except OverflowError:
        return math.inf
    except ValueError:
        if type(number) is not float:
            raise _outside(who, value) from None
        return math.nan


def _outside(who: str, value: Any) -> SxValueError:
    return SxValueError(f"{who}: {shown(as_number(value))} is outside the domain of {who}", value)


# -- chance ----------------------------------------------------------------------------------------


@primitive("random-int")
def random_int(low: Any, high: Any = None) -> int:
    """(random-int low high) — an integer by chance from low to high, both possible; (random-int n): 0 to n-1.

    The numbers come from the interpreter's generator, so a seed makes a program repeatable. They are no
    secrets: do not make keys or tokens of them.

    (random-int 5 5) => 5
    """
    least, greatest = as_exact_integer("random-int", low), as_exact_integer("random-int", high or 0)
    if high is None:
        least, greatest = 0, least - 1
    if least > greatest:
        raise SxValueError(
            f"random-int: there is no integer from {shown(least)} to {shown(greatest)}", low, high
        )
    return current().random.randint(least, greatest)
