"""How a primitive is written: one Python function with a docstring and one decorator.

The arity comes from the Python signature: parameters without a default are required, `*rest` takes any
number. The function gets SX values and returns one. It must not call an SX procedure: whatever takes a
procedure is an operation of the machine (`sxpy/machine/collections.py`) or SX code (`sxpy/prelude`).
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar

from sxpy.data import Primitive, type_of
from sxpy.errors import SxTypeError
from sxpy.lazy import Catalogue
from sxpy.primitives.index import INDEX

REGISTRY: Catalogue[Primitive] = Catalogue(__package__, INDEX)
"""Every primitive by each of its names."""

VARIADIC = 0x04
"""The flag of a code object that takes `*args` (`inspect.CO_VARARGS`)."""

F = TypeVar("F", bound=Callable[..., Any])


def primitive(*names: str, home: str | None = None) -> Callable[[F], F]:
    """Register the function under `names`; the first is the one that errors and printing show.

    `index.py` lists them, too, under the module: that of the function, or `home`.
    """

    def register(function: F) -> F:
        made = Primitive(names[0], function, *arity_of(function), function.__doc__ or "")
        for name in names:
            REGISTRY.add(name, made, home or function.__module__)
        return function

    return register


def arity_of(function: Callable[..., Any]) -> tuple[int, int | None]:
    """The least and the greatest number of positional arguments; None is no bound.

    Raises TypeError or ValueError for a built-in function that does not tell.
    """
    if type(function) is FunctionType and not function.__dict__:
        code = function.__code__  # what follows would say the same, and takes far longer
        least = code.co_argcount - len(function.__defaults__ or ())
        return least, None if code.co_flags & VARIADIC else code.co_argcount
    from inspect import signature  # noqa: PLC0415  not for what every start needs

    least, greatest = 0, 0
    for parameter in signature(function).parameters.values():
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
