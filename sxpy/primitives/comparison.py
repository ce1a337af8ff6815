"""Comparison: `= != < > <= >= eq? eqv? equal?`.

Owns equality and order as programs see them. `=` is by value on numbers and deep equality on everything
else; order is defined on numbers and between strings, and on nothing else. Two integers, floats or
strings take the short way. The rules of equality are in `sxpy/data/equality.py`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from sxpy.data import eq, equal, eqv, type_of
from sxpy.errors import SxTypeError
from sxpy.primitives.numeric import as_number
from sxpy.primitives.registry import primitive


@primitive("=")
def equals(value: Any, *others: Any) -> bool:
    """(= a b …) — whether all are equal: numbers by value, everything else by content.

    (= 2.5 5/2) => true
    (= (list 1 2) (list 1 2)) => true
    (= 1 1 2) => false
    """
    if len(others) == 1:
        other = others[0]
        kind = type(value)
        if kind is type(other) and (kind is int or kind is str or kind is float):
            return value == other  # type: ignore[no-any-return]
        return equal(value, other)
    return all(equal(value, other) for other in others)


@primitive("!=", "not=")
def differs(value: Any, *others: Any) -> bool:
    """(!= a b …) — whether not all are equal: the opposite of `=`.

    (!= 1 2) => true
    """
    return not equals(value, *others)


def _ordered(who: str, compare: Callable[[Any, Any], bool], values: tuple[Any, ...]) -> bool:
    """Whether `compare` holds between neighbours; every value is checked, whatever the answer."""
    if any(type(value) is str for value in values):
        for value in values:
            if type(value) is not str:
                raise SxTypeError(f"{who}: cannot compare a string with a {type_of(value)}", *values)
        ranked = list(values)
    else:
        ranked = [as_number(value) for value in values]
    return all(map(compare, ranked, ranked[1:]))


@primitive("<")
def less(value: Any, *others: Any) -> bool:
    """(< a b …) — whether each is less than the next: numbers, or strings by code point.

    (< 1 2 3) => true
    (< "a" "b") => true
    """
    if len(others) == 1:
        other = others[0]
        kind = type(value)
        if kind is type(other) and (kind is int or kind is float):
            return value < other  # type: ignore[no-any-return]
    return _ordered("<", operator.lt, (value, *others))


@primitive(">")
def greater(value: Any, *others: Any) -> bool:
    """(> a b …) — whether each is greater than the next: numbers, or strings by code point.

    (> 3 2 1) => true
    """
    if len(others) == 1:
        other = others[0]
        kind = type(value)
        if kind is type(other) and (kind is int or kind is float):
            return value > other  # type: ignore[no-any-return]
    return _ordered(">", operator.gt, (value, *others))


@primitive("<=")
def at_most(value: Any, *others: Any) -> bool:
    """(<= a b …) — whether none is greater than the next: numbers, or strings by code point.

    (<= 1 1 2) => true
    """
    if len(others) == 1:
        other = others[0]
        kind = type(value)
        if kind is type(other) and (kind is int or kind is float):
            return value <= other  # type: ignore[no-any-return]
    return _ordered("<=", operator.le, (value, *others))


@primitive(">=")
def at_least(value: Any, *others: Any) -> bool:
    """(>= a b …) — whether none is less than the next: numbers, or strings by code point.

    (>= 2 2 1) => true
    """
    if len(others) == 1:
        other = others[0]
        kind = type(value)
        if kind is type(other) and (kind is int or kind is float):
            return value >= other  # type: ignore[no-any-return]
    return _ordered(">=", operator.ge, (value, *others))


@primitive("eq?")
def eq_p(a: Any, b: Any) -> bool:
    """(eq? a b) — whether a and b are one object; numbers, strings and chars count by value.

    (eq? 'a 'a) => true
    (eq? (list 1) (list 1)) => false
    """
    return eq(a, b)


@primitive("eqv?", "identical?")
def eqv_p(a: Any, b: Any) -> bool:
    """(eqv? a b) — whether a and b are equal atoms of one exactness, or one object.

    (eqv? "a" "a") => true
    (eqv? 1 1.0) => false
    """
    return eqv(a, b)


@primitive("equal?")
def equal_p(a: Any, b: Any) -> bool:
    """(equal? a b) — whether a and b are equal by content, however deep: what `=` says of two values.

    (equal? {:a (list 1)} {:a (list 1)}) => true
    """
    return equal(a, b)


@primitive("not")
def negation(value: Any) -> bool:
    """(not x) — true for false and nil, false for everything else.

    (not nil) => true
    (not 0) => false
    """
    return value is None or value is False
