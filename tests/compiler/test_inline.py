"""What is written inline computes what the primitive computes, for operands of every kind."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from sxpy.compiler.fast import FastMachine
from sxpy.compiler.inline import expansions
from sxpy.data import EMPTY, Char, Dict, MutableList, Vector, from_list, keyword, list_of, symbol
from sxpy.errors import EvalError
from sxpy.interpreter import Interpreter
from sxpy.machine.step import Machine
from sxpy.printer import inspect

LONG = 40


def operands() -> list[Any]:
    """Values of every kind, and those at which the rules of numbers, strings and indexes change."""
    grown = list_of(1)
    grown.append("taken")
    stacked = list_of(3).cons(2)
    stacked.cons(1)
    long = from_list([0] * LONG)
    long.append(1)
    numbers = [0, 1, 2, -1, -7, 10**20, 0.5, -0.0, float("nan"), Fraction(1, 2), True, False, None]
    texts = ["", "a", "12", "{x}'\"\\\n", Char(97), symbol("a"), keyword("a")]
    lists = [EMPTY, grown, stacked, stacked.rest(), long.append(2), long.cons(2), MutableList([1])]
    return [*numbers, *texts, *lists, Dict(), Dict({"a": 1, "12": None}), Vector([]), Vector([1, "a"])]


def interpreter(fast: bool) -> Interpreter:
    made = Interpreter(seed=1)
    made._machine = FastMachine(made, hot=1) if fast else Machine(made)
    return made


def outcome(made: Interpreter, function: Any, args: list[Any]) -> tuple[str, Any]:
    try:
        return "value", made.call(function, *args)
    except EvalError as error:
        return type(error).__name__, error.message


def alike(one: tuple[str, Any], other: tuple[str, Any]) -> bool:
    """Whether two outcomes are the same, down to the class of a value and the sign of zero."""
    return one[0] == other[0] and type(one[1]) is type(other[1]) and inspect(one[1]) == inspect(other[1])


@pytest.mark.parametrize(("name", "count"), expansions())
def test_an_expansion_computes_what_the_primitive_computes(name: str, count: int) -> None:
    params = " ".join(f"a{index}" for index in range(count))
    text = f"(fn ({params}) ({name} {params}))"
    fast, slow = interpreter(fast=True), interpreter(fast=False)
    inlined, called = fast.eval(text), slow.eval(text)
    values = operands()
    # Beyond two arguments the others repeat what the first ones tested.
    seconds = values[:: count - 1] if count > 1 else [None]
    for index, first in enumerate(values):
        for second in seconds:
            args = [first, second, *[values[(index + at) % len(values)] for at in range(count - 2)]][:count]
            assert alike(outcome(fast, inlined, args), outcome(slow, called, args)), (name, args)


@pytest.mark.parametrize(("name", "count"), [pair for pair in expansions() if pair[1] in (1, 2)])
def test_an_expansion_with_a_constant_computes_what_the_primitive_computes(
    name: str, count: int, recwarn: pytest.WarningsRecorder
) -> None:
    fast, slow = interpreter(fast=True), interpreter(fast=False)
    for constant in ("0", "-3", "7", "0.5", '"a"', '"{x}\'\\"\\\\\\n"', "nil", "true", "false", ":a", "'b"):
        shapes = (
            [f"({name} {constant})"] if count == 1 else [f"({name} x {constant})", f"({name} {constant} x)"]
        )
        shapes += [f"({name} {' '.join(['(str x)'] * count)})", f"({name} {' '.join(['(= x x)'] * count)})"]
        for shape in shapes:
            inlined, called = fast.eval(f"(fn (x) {shape})"), slow.eval(f"(fn (x) {shape})")
            for value in operands():
                assert alike(outcome(fast, inlined, [value]), outcome(slow, called, [value])), (shape, value)
    assert not recwarn.list
