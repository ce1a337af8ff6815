"""`sort` is stable: random lists against Python's `sorted`, which is (R7RS-large and SRFI 132 want it so)."""

from __future__ import annotations

import random
from typing import Any

import pytest
from running import ASK

from sxpy import Interpreter, to_python

pytestmark = pytest.mark.usefixtures("tier")


def pairs(seed: int) -> list[list[int]]:
    """Pairs of a key, of which many are equal, and where the pair stood."""
    chance = random.Random(seed)
    return [[chance.randrange(6), index] for index in range(chance.randrange(60))]


def by_key(pair: list[int]) -> int:
    return pair[0]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(
    ("call", "backwards"),
    [
        ("(sort xs (fn (a b) (< (first a) (first b))))", False),
        ("(sort xs (fn (a b) (> (first a) (first b))))", True),
        ("(sort-by first xs)", False),
    ],
)
def test_items_that_are_equal_stay_in_order(call: str, seed: int, *, backwards: bool) -> None:
    interpreter = Interpreter()
    interpreter.define("xs", pairs(seed))
    wanted = sorted(pairs(seed), key=lambda pair: -pair[0] if backwards else pair[0])
    assert to_python(interpreter.eval(call)) == wanted


@pytest.mark.parametrize("seed", range(5))
def test_also_when_each_comparison_waits_for_an_answer(seed: int) -> None:
    interpreter = Interpreter()
    interpreter.eval(ASK)
    interpreter.define("xs", pairs(seed))
    run = interpreter.start("(sort xs (fn (a b) (ask (list (first a) (first b)))))")
    while not run.done:
        left, right = (to_python(item) for item in asked(run.request))
        run = run.resume(left < right)
    assert to_python(run.value) == sorted(pairs(seed), key=by_key)


def asked(request: Any) -> list[Any]:
    """The two keys that are compared."""
    return list(request.get("args").first())


@pytest.mark.parametrize("seed", range(8))
def test_numbers_and_strings_have_an_order_of_their_own(seed: int) -> None:
    chance = random.Random(seed)
    numbers = [chance.randrange(-50, 50) for _ in range(chance.randrange(40))]
    strings = ["".join(chance.choices("abcé", k=3)) for _ in range(chance.randrange(40))]
    interpreter = Interpreter()
    interpreter.define("numbers", numbers)
    interpreter.define("strings", strings)
    assert to_python(interpreter.eval("(sort numbers)")) == sorted(numbers)
    assert to_python(interpreter.eval("(sort strings)")) == sorted(strings)
