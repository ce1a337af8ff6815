"""What kind of number: `number? integer? exact? zero? even? nan? …`.

Owns the questions about numbers. `number?` and the questions about kind are false for values that are no
numbers; the questions about value (`zero?`, `odd?`, `nan?` …) coerce as arithmetic does.
Next: `sxpy/primitives/numbers.py`.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from sxpy.data import is_number
from sxpy.primitives.numeric import as_number, as_whole, is_nan
from sxpy.primitives.registry import primitive


@primitive("number?", "real?", "complex?")
def number_p(value: Any) -> bool:
    """(number? x) — whether x is a number; booleans are none.

    (number? 1/3) => true
    (number? true) => false
    """
    return is_number(value)


@primitive("integer?", "int?")
def integer_p(value: Any) -> bool:
    """(integer? x) — whether x is an integer, exact or a float with an integral value (R7RS 6.2.6).

    (integer? 5) => true
    (integer? 2.0) => true
    (integer? 2.5) => false
    """
    return type(value) is int or (type(value) is float and value.is_integer())


@primitive("rational?")
def rational_p(value: Any) -> bool:
    """(rational? x) — whether x is a ratio of integers: any number but nan and the infinities.

    (rational? 1/3) => true
    (rational? 0.5) => true
    (rational? inf) => false
    """
    return is_number(value) and (type(value) is not float or math.isfinite(value))


@primitive("float?")
def float_p(value: Any) -> bool:
    """(float? x) — whether x is a float.

    (float? 2.5) => true
    (float? 5) => false
    """
    return type(value) is float


@primitive("exact?", "exact-rational?")
def exact_p(value: Any) -> bool:
    """(exact? x) — whether x is an exact number: an integer or a rational, no float.

    (exact? 1/3) => true
    (exact? 2.5) => false
    """
    return type(value) is int or type(value) is Fraction


@primitive("inexact?")
def inexact_p(value: Any) -> bool:
    """(inexact? x) — whether x is an inexact number: a float.

    (inexact? 2.5) => true
    (inexact? 1/3) => false
    """
    return type(value) is float


@primitive("exact-integer?")
def exact_integer_p(value: Any) -> bool:
    """(exact-integer? x) — whether x is an exact integer.

    (exact-integer? 5) => true
    (exact-integer? 5.0) => false
    """
    return type(value) is int


@primitive("exact-nonnegative-integer?")
def exact_nonnegative_integer_p(value: Any) -> bool:
    """(exact-nonnegative-integer? x) — whether x is an exact integer of 0 or more.

    (exact-nonnegative-integer? 0) => true
    (exact-nonnegative-integer? -1) => false
    """
    return type(value) is int and value >= 0


@primitive("zero?")
def zero_p(number: Any) -> bool:
    """(zero? x) — whether x is 0.

    (zero? 0) => true
    (zero? 0.1) => false
    """
    return as_number(number) == 0


@primitive("positive?", "pos?")
def positive_p(number: Any) -> bool:
    """(positive? x) — whether x is above 0.

    (positive? 1/2) => true
    (positive? 0) => false
    """
    return as_number(number) > 0


@primitive("negative?", "neg?")
def negative_p(number: Any) -> bool:
    """(negative? x) — whether x is below 0.

    (negative? -1) => true
    (negative? 0) => false
    """
    return as_number(number) < 0


@primitive("odd?")
def odd_p(number: Any) -> bool:
    """(odd? n) — whether the integer n is odd; a number with a fraction is an error.

    (odd? 3) => true
    (odd? 4) => false
    """
    return (number if type(number) is int else as_whole("odd?", number)) % 2 == 1


@primitive("even?")
def even_p(number: Any) -> bool:
    """(even? n) — whether the integer n is even; a number with a fraction is an error.

    (even? 4) => true
    (even? -3) => false
    """
    return (number if type(number) is int else as_whole("even?", number)) % 2 == 0


@primitive("nan?")
def nan_p(number: Any) -> bool:
    """(nan? x) — whether the number x is nan, which is no number.

    (nan? nan) => true
    (nan? 1) => false
    """
    return is_nan(as_number(number))


@primitive("finite?")
def finite_p(number: Any) -> bool:
    """(finite? x) — whether the number x is neither nan nor infinite.

    (finite? 1e300) => true
    (finite? inf) => false
    """
    value = as_number(number)
    return type(value) is not float or math.isfinite(value)


@primitive("infinite?")
def infinite_p(number: Any) -> bool:
    """(infinite? x) — whether the number x is inf or -inf.

    (infinite? -inf) => true
    (infinite? nan) => false
    """
    value = as_number(number)
    return type(value) is float and math.isinf(value)
