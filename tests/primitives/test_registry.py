"""What holds for every primitive, whatever its family."""

from __future__ import annotations

from typing import Any

import pytest
from calling import raw

from sxpy.data import Char, keyword, symbol
from sxpy.errors import EvalError
from sxpy.primitives import REGISTRY

NAMES = sorted(name for name in REGISTRY if not name.startswith("%"))

SAMPLES: list[Any] = [
    None,
    True,
    3,
    -1,
    2.5,
    float("nan"),
    10**5000,
    -(10**5000),
    symbol("s"),
    keyword("k"),
    "text",
    "",
    Char(97),
    [1, 2],
    {"a": 1},
    (1, "x"),
    REGISTRY["+"],
]
"""Values of many kinds, right for few primitives; integers too long for Python to print."""


@pytest.mark.parametrize("name", NAMES)
def test_no_error_of_python_leaks(name: str) -> None:
    """Whatever the arguments, a primitive answers or raises an error that a program can catch."""
    primitive = REGISTRY[name]
    most = 3 if primitive.maximum is None else min(3, primitive.maximum)
    for count in range(max(1, primitive.minimum), most + 1):
        for first in SAMPLES:
            for second in SAMPLES if count > 1 else [None]:
                try:
                    raw(name, *[first, second, second][:count])
                except EvalError:
                    continue


@pytest.mark.parametrize("name", NAMES)
def test_documentation_begins_with_the_call(name: str) -> None:
    primitive = REGISTRY[name]
    assert primitive.doc.startswith(f"({primitive.name}")
    assert " — " in primitive.doc.splitlines()[0]
