"""How a primitive is written: one Python function with a docstring and one decorator.

The arity comes from the Python signature: parameters without a default are required, `*rest` takes any
number. The function gets SX values and returns one. It must not call an SX procedure: whatever takes a
procedure is an operation of the machine (`sxpy/machine/collections.py`) or SX code (`sxpy/prelude`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from sxpy.data import Primitive, type_of
from sxpy.errors import SxTypeError

REGISTRY: dict[str, Primitive] = {}
"""Every primitive by each of its names."""

F = TypeVar("F", bound=Callable[..., Any])


def primitive(*names: str) -> Callable[[F], F]:
    """Register the function under `names`; the first is the one that errors and printing show."""

    def register(function: F) -> F:
        minimum, maximum = arity_of(function)
        made = Primitive(names[0], function, minimum, maximum, inspect.cleandoc(function.__doc__ or ""))
        for name in names:
            if name in REGISTRY:
                raise AssertionError(f"two primitives are called {name}")
            REGISTRY[name] = made
        return function

    return register


def arity_of(function: Callable[..., Any]) -> tuple[int, int | None]:
    """The least and the greatest number of positional arguments; None is no bound."""
    least, greatest = 0, 0
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            return least, None
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            greatest += 1
            if parameter.default is parameter.empty:
                least += 1
    return least, greatest


def expected(who: str, what: str, got: Any) -> SxTypeError:
    """The error for an argument of the wrong kind: `WHO: expected WHAT, got TYPE`."""
    return SxTypeError(f"{who}: expected {what}, got {type_of(got)}", got)
