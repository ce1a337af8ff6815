"""Every line of `language.txt`: an expression, and the value it has in a fresh environment.

The last ` => ` splits a line; the right side is SX text and values are compared, not spelling; `!error`
means that the expression raises.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from sxpy import EvalError, Interpreter
from sxpy.data import equal
from sxpy.errors import UnboundError
from sxpy.printer import inspect
from sxpy.reader import read_datum

LINES = [
    line
    for line in Path(__file__).with_name("language.txt").read_text(encoding="utf-8").splitlines()
    if line.strip() and not line.startswith(";")
]


def test_the_file_is_whole() -> None:
    assert len(LINES) == 202
    assert all(" => " in line for line in LINES)


@pytest.mark.parametrize("line", LINES)
def test_vector(line: str) -> None:
    expression, _, expected = line.rpartition(" => ")
    interpreter = Interpreter()
    if expected == "!error":
        with pytest.raises(EvalError) as raised:
            interpreter.eval(expression)
        assert not isinstance(raised.value, UnboundError), "it names what is not there"
        return
    value = interpreter.eval(expression)
    assert equal(value, read_datum(expected)), f"{expression} is {inspect(value)}, not {expected}"
