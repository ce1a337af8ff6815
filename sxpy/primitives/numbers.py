"""Arithmetic: `+ - * / inc dec`, and division with remainder.

Owns the tower: integers of any size, rationals, floats. int∘int is exact; a float operand makes a float,
correctly rounded; a rational operand stays exact. `/` of two integers is exact when it comes out even and
a float when not. Two integers or two floats take the short way through `+ - * inc dec`: the machine is
only as fast as these lines. Next: `sxpy/primitives/rounding.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from sxpy.data import MultipleValues
from sxpy.errors import SxValueError
from sxpy.primitives.numeric import (
    Number,
    as_number,
    as_whole,
    reduced,
    to_float,
)
from sxpy.primitives.registry import primitive

# -- + - * / ---------------------------------------------------------------------------------------


@primitive("+")
def add(*numbers: Any) -> Number:
    """(+ x …) — the sum; 0 of none.

    (+ 1 2 3) => 6
    (+ 1 1/2) => 3/2
    (+ "3" 4) => 7
    """
    if len(numbers) == 2:
        a, b = numbers
        kind = type(a)
        if kind is type(b) and (kind is int or kind is float):
            return a + b  # type: ignore[no-any-return]
        return _add(as_number(a), as_number(b))
    total: Number = 0
    for position, number in enumerate(numbers):
        total = as_number(number) if position == 0 else _add(total, as_number(number))
    return total


def _add(a: Number, b: Number) -> Number:
    if type(a) is float or type(b) is float:
        return to_float(a) + to_float(b)
    total = a + b
    return reduced(total) if type(total) is Fraction else total


@primitive("-")
def subtract(number: Any, *numbers: Any) -> Number:
    """(- x y …) — x less all the others; of one number, its negation.

    (- 10 1 2) => 7
    (- 5) => -5
    """
    if len(numbers) == 1:
        other = numbers[0]
        kind = type(number)
        if kind is type(other) and (kind is int or kind is float):
            return number - other  # type: ignore[no-any-return]
        return _subtract(as_number(number), as_number(other))
    total = as_number(number)
    if not numbers:
        return -total
    for other in numbers:
        total = _subtract(total, as_number(other))
    return total


def _subtract(a: Number, b: Number) -> Number:
    if type(a) is float or type(b) is float:
        return to_float(a) - to_float(b)
    difference = a - b
    return reduced(difference) if type(difference) is Fraction else difference


@primitive("*")
def multiply(*numbers: Any) -> Number:
    """(* x …) — the product; 1 of none.

    (* 2 3 4) => 24
    (* 1/2 2) => 1
    """
    if len(numbers) == 2:
        a, b = numbers
        kind = type(a)
        if kind is type(b) and (kind is int or kind is float):
            return a * b  # type: ignore[no-any-return]
        return _multiply(as_number(a), as_number(b))
    product: Number = 1
    for position, number in enumerate(numbers):
        product = as_number(number) if position == 0 else _multiply(product, as_number(number))
    return product


def _multiply(a: Number, b: Number) -> Number:
    if type(a) is float or type(b) is float:
        return to_float(a) * to_float(b)
    product = a * b
    return reduced(product) if type(product) is Fraction else product


@primitive("/")
def divide(number: Any, *numbers: Any) -> Number:
    """(/ x y …) — x divided by each of the others in turn; of one number, its inverse.

    Two integers give an integer when the division comes out even, else the nearest float; a rational
    operand stays exact. Exact division by zero is an error; with a float it is inf or nan (IEEE 754).

    (/ 6 2) => 3
    (/ 1 4) => 0.25
    (/ 1/2 2) => 1/4
    (/ 1.0 0) => inf
    """
    if not numbers:
        return quotient_of("/", 1, as_number(number))
    result = as_number(number)
    for other in numbers:
        result = quotient_of("/", result, as_number(other))
    return result


def quotient_of(who: str, a: Number, b: Number) -> Number:
    """a / b as `/` defines it; `who` is named when b is an exact zero."""
    if type(a) is float or type(b) is float:
        return float_quotient(to_float(a), to_float(b))
    if b == 0:
        raise SxValueError(f"{who}: division by zero", a, b)
    if type(a) is int and type(b) is int:
        whole, left = divmod(a, b)
        if left == 0:
            return whole
        try:
            return a / b
        except OverflowError:
            return math.inf if (a > 0) == (b > 0) else -math.inf
    return reduced(Fraction(a) / Fraction(b))


def float_quotient(a: float, b: float) -> float:
    """a / b as IEEE 754 defines it, zero divisors included."""
    if b != 0.0:
        return a / b
    if a == 0.0 or math.isnan(a):
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1.0, b)


@primitive("inc")
def increment(number: Any) -> Number:
    """(inc x) — one more.

    (inc 4) => 5
    """
    if type(number) is int:
        return number + 1
    return _add(as_number(number), 1)


@primitive("dec")
def decrement(number: Any) -> Number:
    """(dec x) — one less.

    (dec 4) => 3
    """
    if type(number) is int:
        return number - 1
    return _subtract(as_number(number), 1)


@primitive("square")
def square(number: Any) -> Number:
    """(square x) — x times x.

    (square 12) => 144
    """
    value = as_number(number)
    return _multiply(value, value)


# -- division with remainder -----------------------------------------------------------------------


@primitive("mod", "modulo", "floor-remainder")
def modulo(number: Any, divisor: Any) -> Number:
    """(mod x y) — what remains when x is divided by y, with the sign of y. An exact zero y is an error.

    (mod 7 3) => 1
    (mod -7 3) => 2
    (mod 7 -3) => -2
    """
    if type(number) is int and type(divisor) is int and divisor != 0:
        return number % divisor
    a, b = _dividable("mod", number, divisor)
    if type(a) is float and type(b) is float:
        return math.nan if b == 0.0 else a % b
    rest = a % b
    return reduced(rest) if type(rest) is Fraction else rest


@primitive("remainder", "rem", "truncate-remainder")
def remainder(number: Any, divisor: Any) -> Number:
    """(remainder x y) — what remains when x is divided by y, with the sign of x. Exact zero y: an error.

    (remainder 7 3) => 1
    (remainder -7 3) => -1
    """
    if type(number) is int and type(divisor) is int and divisor != 0:
        left = abs(number) % abs(divisor)
        return -left if number < 0 else left
    a, b = _dividable("remainder", number, divisor)
    if type(a) is float and type(b) is float:
        return math.nan if b == 0.0 or math.isinf(a) else math.fmod(a, b)
    rest = (-a if a < 0 else a) % (-b if b < 0 else b)
    rest = -rest if a < 0 else rest
    return reduced(rest) if type(rest) is Fraction else rest


@primitive("quotient", "quot", "truncate-quotient")
def quotient(number: Any, divisor: Any) -> Number:
    """(quotient x y) — x divided by y, rounded toward zero. Division by an exact zero is an error.

    (quotient 7 2) => 3
    (quotient -7 2) => -3
    """
    if type(number) is int and type(divisor) is int and divisor != 0:
        whole = abs(number) // abs(divisor)
        return whole if (number < 0) == (divisor < 0) else -whole
    return _rounded_quotient("quotient", number, divisor, math.trunc)


@primitive("floor-quotient")
def floor_quotient(number: Any, divisor: Any) -> Number:
    """(floor-quotient x y) — x divided by y, rounded down. Division by an exact zero is an error.

    (floor-quotient -7 2) => -4
    """
    if type(number) is int and type(divisor) is int and divisor != 0:
        return number // divisor
    return _rounded_quotient("floor-quotient", number, divisor, math.floor)


def _rounded_quotient(who: str, number: Any, divisor: Any, rounding: Callable[[Fraction], int]) -> Number:
    a, b = _dividable(who, number, divisor)
    if type(a) is float and type(b) is float:
        if b == 0.0 or not math.isfinite(a) or not math.isfinite(b):
            plain = float_quotient(a, b)
            return plain if not math.isfinite(plain) else float(rounding(Fraction(plain)))
        return to_float(rounding(Fraction(a) / Fraction(b)))
    return rounding(Fraction(a) / Fraction(b))


def _dividable(who: str, number: Any, divisor: Any) -> tuple[Number, Number]:
    """Both operands as floats, or both exact and the divisor not zero."""
    a, b = as_number(number), as_number(divisor)
    if type(a) is float or type(b) is float:
        return to_float(a), to_float(b)
    if b == 0:
        raise SxValueError(f"{who}: division by zero", a, b)
    return a, b


@primitive("floor/")
def floor_division(number: Any, divisor: Any) -> MultipleValues:
    """(floor/ x y) — two values: the quotient rounded down, and the remainder (R7RS 6.2.6).

    (call-with-values (fn () (floor/ -5 2)) list) => (-3 1)
    """
    return MultipleValues((floor_quotient(number, divisor), modulo(number, divisor)))


@primitive("truncate/")
def truncate_division(number: Any, divisor: Any) -> MultipleValues:
    """(truncate/ x y) — two values: the quotient rounded toward zero, and the remainder (R7RS 6.2.6).

    (call-with-values (fn () (truncate/ -5 2)) list) => (-2 -1)
    """
    return MultipleValues((quotient(number, divisor), remainder(number, divisor)))


@primitive("gcd")
def greatest_common_divisor(*numbers: Any) -> Number:
    """(gcd n …) — the greatest common divisor, never negative; 0 of none.

    (gcd 12 18) => 6
    """
    wholes = [as_whole("gcd", number) for number in numbers]
    return _with_exactness(wholes, math.gcd(*map(int, wholes)))


@primitive("lcm")
def least_common_multiple(*numbers: Any) -> Number:
    """(lcm n …) — the least common multiple, never negative; 1 of none.

    (lcm 4 6) => 12
    """
    wholes = [as_whole("lcm", number) for number in numbers]
    return _with_exactness(wholes, math.lcm(*map(int, wholes)))


def _with_exactness(operands: list[int | float], result: int) -> Number:
    return to_float(result) if float in map(type, operands) else result
