"""The examples in the documentation of primitives, control procedures and the prelude are true.

An example is a line `EXPRESSION => VALUE` of a docstring, or of the comment above a function of the prelude.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sxpy import Interpreter, prelude
from sxpy.core.controls import CONTROLS
from sxpy.data import equal
from sxpy.primitives import REGISTRY
from sxpy.printer import inspect
from sxpy.reader import read_data

HIDDEN = "%"
"""Names that begin so are for the analyser only."""


def documentation() -> Iterator[tuple[str, str]]:
    """Every name with its documentation."""
    for name, primitive in REGISTRY.items():
        yield name, primitive.doc
    for name, control in CONTROLS.items():
        yield name, control.doc
    for name in prelude.names():
        yield name, prelude.documentation(name)


def examples() -> list[tuple[str, str, str]]:
    """Every example: name, expression, expected value. The names of one procedure share theirs."""
    found = {}
    for name, text in documentation():
        for line in text.splitlines():
            expression, arrow, expected = line.strip().rpartition(" => ")
            if arrow and expression.startswith(("(", "'", "`")) and " — " not in line:
                found.setdefault((expression, expected), name)
    return [(name, expression, expected) for (expression, expected), name in found.items()]


EXAMPLES = examples()


@pytest.mark.parametrize(
    ("name", "expression", "expected"), EXAMPLES, ids=[f"{e[0]}: {e[1]}" for e in EXAMPLES]
)
def test_the_example_is_true(name: str, expression: str, expected: str) -> None:
    value = Interpreter().eval(expression)
    if inspect(value) == expected:
        return
    (wanted,) = read_data(expected)
    assert equal(value, wanted), f"{name}: {expression} is {inspect(value)}"


def test_most_procedures_have_an_example() -> None:
    named = {text for name, text in documentation() if not name.startswith(HIDDEN)}
    assert sum(" => " in text for text in named) / len(named) > 0.9


def test_every_procedure_is_documented() -> None:
    bare = [name for name, text in documentation() if not text.strip()]
    assert bare == []
