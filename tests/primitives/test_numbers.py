"""Arithmetic: the tower, division, rounding, powers and roots, against Python's exact types and by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal, localcontext
from fractions import Fraction
from math import copysign
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sxpy.data import list_of, symbol
from sxpy.errors import EvalError, SxTypeError, SxValueError
from sxpy.primitives import REGISTRY
from sxpy.runtime import Runtime, activate, deactivate

INF, NAN = math.inf, math.nan
HUGE = 10**400

integers = st.integers(-(10**30), 10**30)
floats = st.floats(allow_nan=True, allow_infinity=True)
exacts = st.one_of(integers, st.fractions())
numbers = st.one_of(integers, st.integers(-(10**400), 10**400), st.fractions(), floats)


def call(name: str, *args: Any) -> Any:
    return REGISTRY[name].function(*args)


def is_nan(value: Any) -> bool:
    return type(value) is float and math.isnan(value)


def same(got: Any, wanted: Any) -> bool:
    """One type and one value; nan is nan, and the sign of zero counts."""
    if type(got) is not type(wanted):
        return False
    if type(got) is float:
        return is_nan(got) if is_nan(wanted) else got == wanted and copysign(1, got) == copysign(1, wanted)
    return bool(got == wanted)


def sx(value: Fraction | int) -> Fraction | int:
    """An exact number as SX holds it."""
    value = Fraction(value)
    return value.numerator if value.denominator == 1 else value


F = Fraction

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("+", (), 0),
    ("+", (5,), 5),
    ("+", (1, 1.0), 2.0),
    ("+", (1, 2, 3, 4), 10),
    ("+", (False, 1), 1),
    ("+", (True, 1), 2),
    ("+", (True, True), 2),
    ("+", (None, 5), 5),
    ("+", (None,), 0),
    ("+", ("3", 4), 7),
    ("+", ("1/2", 4), F(9, 2)),
    ("+", ("1.5", 1), 2.5),
    ("+", (1, F(1, 2)), F(3, 2)),
    ("+", (F(1, 2), F(1, 2)), 1),
    ("+", (-0.0,), -0.0),
    ("+", (HUGE, 1.0), INF),
    ("+", (-HUGE, 1.0), -INF),
    ("+", (2**62, 2**62), 2**63),
    ("-", (5,), -5),
    ("-", (10, 1, 2), 7),
    ("-", (None,), 0),
    ("-", (F(1, 2), F(1, 2)), 0),
    ("-", (1, 0.5), 0.5),
    ("*", (), 1),
    ("*", (2, 3, 4), 24),
    ("*", (F(1, 2), 2), 1),
    ("*", (F(1, 2), 2.0), 1.0),
    ("*", (1e308, 10), INF),
    ("*", (None, 7), 0),
    ("/", (6, 2), 3),
    ("/", (1, 4), 0.25),
    ("/", (5, 2), 2.5),
    ("/", (1, 20), 0.05),
    ("/", (F(1, 2), 2), F(1, 4)),
    ("/", (2, F(1, 2)), 4),
    ("/", (4,), 0.25),
    ("/", (F(1, 3),), 3),
    ("/", (1.0, 0), INF),
    ("/", (-1.0, 0), -INF),
    ("/", (1, -0.0), -INF),
    ("/", (0.0, 0), NAN),
    ("/", (10**400 + 1, 10**400), 1.0),
    ("/", (HUGE + 1, 2), INF),
    ("/", (-HUGE - 1, 2), -INF),
    ("/", (24, 2, 3), 4),
    ("inc", (4,), 5),
    ("inc", (1.5,), 2.5),
    ("inc", (None,), 1),
    ("dec", (4,), 3),
    ("dec", (F(1, 2),), F(-1, 2)),
    ("square", (-3,), 9),
    ("mod", (7, 3), 1),
    ("mod", (-7, 3), 2),
    ("mod", (7, -3), -2),
    ("mod", (5.5, 2), 1.5),
    ("mod", (5.5, 0), NAN),
    ("mod", (F(7, 2), 2), F(3, 2)),
    ("mod", (4, F(1, 2)), 0),
    ("remainder", (-7, 3), -1),
    ("remainder", (7, -3), 1),
    ("remainder", (-5.5, 2), -1.5),
    ("remainder", (INF, 2), NAN),
    ("remainder", (F(-7, 2), 2), F(-3, 2)),
    ("quotient", (7, 2), 3),
    ("quotient", (-7, 2), -3),
    ("quotient", (-7.0, 2), -3.0),
    ("quotient", (F(7, 2), 1), 3),
    ("quotient", (1.0, 0.0), INF),
    ("quotient", (5.0, INF), 0.0),
    ("floor-quotient", (-7, 2), -4),
    ("floor-quotient", (-7.5, 2), -4.0),
    ("gcd", (), 0),
    ("gcd", (12, -18), 6),
    ("gcd", (12.0, 18), 6.0),
    ("lcm", (), 1),
    ("lcm", (32, -36), 288),
    ("floor", (2.5,), 2),
    ("floor", (-2.5,), -3),
    ("floor", (F(-5, 2),), -3),
    ("floor", (1e300,), int(1e300)),
    ("floor", (None,), 0),
    ("ceil", (2.1,), 3),
    ("ceiling", (-2.1,), -2),
    ("truncate", (-2.7,), -2),
    ("round", (2.6,), 3),
    ("round", (2.5,), 2),
    ("round", (3.5,), 4),
    ("round", (-2.5,), -2),
    ("round", (F(7, 2),), 4),
    ("round", (3.14159, 2), 3.14),
    ("round", (1250, -2), 1200),
    ("round", (F(1, 3), 2), F(33, 100)),
    ("round", (1.7e308, -308), INF),
    ("abs", (-5,), 5),
    ("abs", (-0.0,), 0.0),
    ("abs", (0.0,), 0.0),
    ("abs", (F(-1, 2),), F(1, 2)),
    ("min", (4, 1, 2), 1),
    ("min", (1, 2.0), 1.0),
    ("max", (1, 2.5, 2), 2.5),
    ("max", (3, 2.5), 3.0),
    ("max", (1, NAN, 2), NAN),
    ("max", (NAN, 2), NAN),
    ("clamp", (12, 0, 10), 10),
    ("clamp", (-1, 0, 10), 0),
    ("clamp", (5, 0, 10), 5),
    ("expt", (2, 100), 1267650600228229401496703205376),
    ("pow", (2, 3), 8),
    ("expt", (0, 0), 1),
    ("expt", (0.0, 0), 1.0),
    ("expt", (2, -1), 0.5),
    ("expt", (F(2, 3), -2), F(9, 4)),
    ("expt", (F(1, 2), -2), 4),
    ("expt", (4, 0.5), 2.0),
    ("expt", (-8, F(1, 3)), NAN),
    ("expt", (0.0, -1), INF),
    ("expt", (-0.0, -1), -INF),
    ("expt", (-0.0, -2), INF),
    ("expt", (10.0, 400), INF),
    ("expt", (-10.0, 401), -INF),
    ("expt", (-1.0, 2**60 + 1), -1.0),
    ("expt", (1, 10**100), 1),
    ("expt", (-1, 10**100 + 1), -1),
    ("expt", (0, 10**100), 0),
    ("expt", (2, -(10**100)), 0.0),
    ("sqrt", (16,), 4),
    ("sqrt", (F(1, 4),), F(1, 2)),
    ("sqrt", (2,), math.sqrt(2)),
    ("sqrt", (2.25,), 1.5),
    ("sqrt", (-1.0,), NAN),
    ("sqrt", (NAN,), NAN),
    ("sqrt", (10**800,), HUGE),
    ("sqrt", (10**400 + 1,), 1e200),
    ("sqrt", (HUGE * HUGE + 1,), INF),
    ("sqrt", (F(1, 10**400),), F(1, 10**200)),
    ("exp", (0,), 1.0),
    ("exp", (1000,), INF),
    ("log", (1,), 0.0),
    ("log", (0.0,), -INF),
    ("log", (-1.0,), NAN),
    ("log", (8, 2), 3.0),
    ("log", (1000, 10), 3.0),
    ("log", (9, 3), 2.0),
    ("sin", (0,), 0.0),
    ("sin", (INF,), NAN),
    ("cos", (0,), 1.0),
    ("atan", (1,), math.pi / 4),
    ("atan", (1, -1), 3 * math.pi / 4),
    ("atan", (INF,), math.pi / 2),
    ("asin", (1,), math.pi / 2),
    ("asin", (2.0,), NAN),
    ("acos", (1,), 0.0),
    ("make-rational", (2, 6), F(1, 3)),
    ("make-rational", (4, -2), -2),
    ("numerator", (F(3, 2),), 3),
    ("denominator", (5,), 1),
    ("denominator", (0.5,), 2.0),
    ("exact", (2.0,), 2),
    ("exact", (0.25,), F(1, 4)),
    ("inexact->exact", (0.1,), F(0.1)),
    ("inexact", (F(1, 4),), 0.25),
    ("exact->inexact", (HUGE,), INF),
    ("random-int", (5, 5), 5),
    ("random-int", (1,), 0),
]


@pytest.mark.parametrize(("name", "args", "wanted"), CASES)
def test_value(name: str, args: tuple[Any, ...], wanted: Any) -> None:
    assert same(call(name, *args), wanted), call(name, *args)


ERRORS: list[tuple[str, tuple[Any, ...], type[EvalError], str]] = [
    ("+", (1, list_of()), SxTypeError, "Expected number, got list"),
    ("+", (1, "x"), SxTypeError, "Expected number, got string"),
    ("+", (symbol("a"),), SxTypeError, "Expected number, got symbol"),
    ("inc", ("x",), SxTypeError, "Expected number, got string"),
    ("/", (1, 0), SxValueError, "/: division by zero"),
    ("/", (0,), SxValueError, "/: division by zero"),
    ("/", (F(1, 2), None), SxValueError, "/: division by zero"),
    ("mod", (1, 0), SxValueError, "mod: division by zero"),
    ("remainder", (1, 0), SxValueError, "remainder: division by zero"),
    ("quotient", (1, 0), SxValueError, "quotient: division by zero"),
    ("floor", (NAN,), SxValueError, "floor: nan has no integer part"),
    ("round", (INF,), SxValueError, "round: inf has no integer part"),
    ("round", (1.5, 10**100), SxValueError, "places must be between"),
    ("gcd", (1.5,), SxTypeError, "gcd: expected integer, got 1.5"),
    ("odd?", (F(1, 2),), SxTypeError, "odd?: expected integer, got 1/2"),
    ("even?", (NAN,), SxTypeError, "even?: expected integer, got nan"),
    ("clamp", (1, 10, 0), SxValueError, "clamp: low 10 is above high 0"),
    ("expt", (0, -1), SxValueError, "division by zero"),
    ("expt", (2, 2**40), SxValueError, "more than 33554432 bits"),
    ("expt", (F(2, 3), -(2**40)), SxValueError, "more than 33554432 bits"),
    ("expt", (10**100, 10**100), SxValueError, "more than 33554432 bits"),
    ("sqrt", (-4,), SxValueError, "sqrt: -4 is outside the domain of sqrt"),
    ("sqrt", (-(10**9000),), SxValueError, "sqrt: a number of 29898 bits is outside"),
    ("log", (0,), SxValueError, "log: 0 is outside the domain of log"),
    ("asin", (2,), SxValueError, "asin: 2 is outside the domain of asin"),
    ("exact", (INF,), SxValueError, "exact: inf has no exact value"),
    ("numerator", (NAN,), SxValueError, "nan is no ratio"),
    ("make-rational", (1, 0), SxValueError, "the denominator is zero"),
    ("random-int", (2, 1), SxValueError, "there is no integer from 2 to 1"),
    ("random-int", (0,), SxValueError, "there is no integer from 0 to -1"),
    ("exact-integer-sqrt", (-1,), SxTypeError, "0 or more"),
    ("exact-integer-sqrt", (4.0,), SxTypeError, "expected exact integer, got 4.0"),
]


@pytest.mark.parametrize(("name", "args", "kind", "message"), ERRORS)
def test_error(name: str, args: tuple[Any, ...], kind: type[EvalError], message: str) -> None:
    with pytest.raises(kind) as caught:
        call(name, *args)
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("name", "args", "wanted"),
    [
        ("floor/", (-5, 2), (-3, 1)),
        ("floor/", (5, -2), (-3, -1)),
        ("truncate/", (-5, 2), (-2, -1)),
        ("truncate/", (-5.0, 2), (-2.0, -1.0)),
        ("exact-integer-sqrt", (17,), (4, 1)),
    ],
)
def test_two_values(name: str, args: tuple[Any, ...], wanted: tuple[Any, ...]) -> None:
    assert call(name, *args).items == wanted


PREDICATES: list[tuple[str, Any, bool]] = [
    ("number?", 1, True),
    ("number?", F(1, 3), True),
    ("number?", True, False),
    ("number?", "1", False),
    ("integer?", 5, True),
    ("integer?", 2.0, True),
    ("integer?", 2.5, False),
    ("integer?", INF, False),
    ("integer?", True, False),
    ("rational?", F(1, 3), True),
    ("rational?", 0.5, True),
    ("rational?", NAN, False),
    ("float?", 5, False),
    ("float?", 2.5, True),
    ("exact?", F(1, 3), True),
    ("exact?", 2.5, False),
    ("exact?", False, False),
    ("inexact?", F(1, 3), False),
    ("inexact?", 2.5, True),
    ("exact-integer?", 2.0, False),
    ("exact-nonnegative-integer?", 0, True),
    ("zero?", 0, True),
    ("zero?", -0.0, True),
    ("zero?", None, True),
    ("positive?", F(1, 2), True),
    ("negative?", -0.0, False),
    ("odd?", 3, True),
    ("odd?", -3, True),
    ("odd?", 3.0, True),
    ("even?", 0, True),
    ("even?", 2**100, True),
    ("nan?", NAN, True),
    ("nan?", 1, False),
    ("finite?", F(1, 2), True),
    ("finite?", NAN, False),
    ("infinite?", -INF, True),
    ("infinite?", HUGE, False),
]


@pytest.mark.parametrize(("name", "value", "wanted"), PREDICATES)
def test_predicate(name: str, value: Any, wanted: bool) -> None:
    assert call(name, value) is wanted


def test_strict_mode_takes_numbers_only() -> None:
    token = activate(Runtime(strict=True))
    try:
        for value in (None, False, True, "3"):
            with pytest.raises(SxTypeError, match="Expected number, got"):
                call("+", value, 1)
        assert call("+", 1, 2.5) == 3.5
    finally:
        deactivate(token)


def test_random_int_is_repeatable_and_stays_in_range() -> None:
    def draw() -> list[int]:
        token = activate(Runtime(seed=7))
        try:
            return [call("random-int", 1, 6) for _ in range(200)]
        finally:
            deactivate(token)

    first = draw()
    assert first == draw()
    assert set(first) == {1, 2, 3, 4, 5, 6}


@given(exacts, exacts)
def test_exact_arithmetic_is_that_of_fractions(a: Any, b: Any) -> None:
    a, b = sx(a), sx(b)
    assert same(call("+", a, b), sx(Fraction(a) + b))
    assert same(call("-", a, b), sx(Fraction(a) - b))
    assert same(call("*", a, b), sx(Fraction(a) * b))
    if b:
        quotient, modulo = call("floor-quotient", a, b), call("mod", a, b)
        assert quotient == math.floor(Fraction(a) / b)
        assert quotient * b + modulo == a
        assert call("quotient", a, b) == math.trunc(Fraction(a) / b)
        assert call("quotient", a, b) * b + call("remainder", a, b) == a


@given(st.integers(-(10**400), 10**400), st.integers(-(10**400), 10**400).filter(bool))
def test_integer_division_is_exact_or_the_nearest_float(a: int, b: int) -> None:
    got = call("/", a, b)
    if a % b == 0:
        assert same(got, a // b)
        return
    assert type(got) is float
    exact = Fraction(a, b)
    if abs(exact) > 2**1024:
        assert math.isinf(got)
        return
    for neighbour in (math.nextafter(got, -INF), math.nextafter(got, INF)):
        if math.isfinite(neighbour) and math.isfinite(got):
            assert abs(Fraction(got) - exact) <= abs(Fraction(neighbour) - exact)


@given(numbers, numbers)
def test_arithmetic_never_leaks_an_error_of_python(a: Any, b: Any) -> None:
    a, b = (sx(x) if type(x) is Fraction else x for x in (a, b))
    for name in ("+", "-", "*", "/", "mod", "remainder", "quotient", "floor-quotient", "min", "max", "atan"):
        try:
            result = call(name, a, b)
        except EvalError:
            continue
        assert type(result) in (int, float) or result.denominator > 1
    for name in (
        "floor",
        "round",
        "abs",
        "sqrt",
        "exp",
        "log",
        "sin",
        "tan",
        "asin",
        "exact",
        "inexact",
        "numerator",
    ):
        try:
            result = call(name, a)
        except EvalError:
            continue
        assert type(result) in (int, float) or result.denominator > 1


@given(numbers, st.one_of(floats, st.integers(-300, 300), st.fractions(-300, 300, max_denominator=9)))
def test_powers_never_leak_an_error_of_python(a: Any, b: Any) -> None:
    a, b = (sx(x) if type(x) is Fraction else x for x in (a, b))
    try:
        result = call("expt", a, b)
    except EvalError:
        return
    assert type(result) in (int, float) or result.denominator > 1


@given(st.one_of(st.integers(0, 10**400), st.fractions(min_value=0)))
def test_sqrt_is_exact_or_the_nearest_float(value: Any) -> None:
    got = call("sqrt", sx(value))
    if type(got) is not float:
        assert got * got == value
        return
    with localcontext() as context:
        context.prec = 500
        wanted = (Decimal(value.numerator) / Decimal(value.denominator)).sqrt()
        assert got == float(wanted)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_rounding_agrees_with_exact_rounding(value: float) -> None:
    exact = Fraction(value)
    assert call("floor", value) == math.floor(exact)
    assert call("ceil", value) == math.ceil(exact)
    assert call("truncate", value) == math.trunc(exact)
    assert call("round", value) == round(exact)
    for name in ("floor", "ceil", "truncate", "round"):
        assert type(call(name, value)) is int


@pytest.mark.parametrize(
    ("name", "args", "wanted"),
    [
        ("bitwise-and", (), -1),
        ("bitwise-and", (12, 10), 8),
        ("bitwise-or", (12, 10), 14),
        ("bitwise-xor", (12, 10), 6),
        ("bitwise-not", (0,), -1),
        ("arithmetic-shift", (16, -2), 4),
        ("arithmetic-shift", (-1, -(10**100)), -1),
        ("arithmetic-shift", (-5, -1), -3),
        ("arithmetic-shift", (1, 100), 2**100),
        ("arithmetic-shift", (0, 10**100), 0),
        ("shift-left", (1, 4), 16),
        ("shift-right", (17, 4), 1),
        ("bit-count", (7,), 3),
        ("bit-count", (-1,), 0),
        ("bit-count", (-8,), 3),
        ("integer-length", (8,), 4),
        ("integer-length", (-8,), 3),
        ("bit-set?", (1, 6), True),
        ("bit-set?", (10**100, -1), True),
    ],
)
def test_bits(name: str, args: tuple[Any, ...], wanted: Any) -> None:
    assert same(call(name, *args), wanted)


def test_bits_refuse_floats_and_monstrous_shifts() -> None:
    with pytest.raises(SxTypeError, match="expected exact integer, got"):
        call("bitwise-and", 1.0)
    with pytest.raises(SxValueError, match="more than 268435456 bits"):
        call("arithmetic-shift", 1, 2**60)
    with pytest.raises(SxValueError, match="0 or more"):
        call("shift-left", 1, -1)


def _holds(name: str) -> Callable[[Any, Any], bool]:
    return lambda a, b: bool(call(name, a, b))


@given(st.one_of(exacts, floats), st.one_of(exacts, floats))
def test_order_is_that_of_the_exact_values(a: Any, b: Any) -> None:
    a, b = (sx(x) if type(x) is Fraction else x for x in (a, b))
    if is_nan(a) or is_nan(b):
        assert not any(_holds(name)(a, b) for name in ("<", ">", "<=", ">=", "="))
        return
    if any(type(x) is float and math.isinf(x) for x in (a, b)):
        left, right = (1 if x == INF else -1 if x == -INF else 0 for x in (a, b))
    else:
        left, right = Fraction(a), Fraction(b)
    assert call("<", a, b) is (left < right)
    assert call(">", a, b) is (left > right)
    assert call("<=", a, b) is (left <= right)
    assert call(">=", a, b) is (left >= right)
    assert call("=", a, b) is (left == right)
    assert call("!=", a, b) is (left != right)
