"""What a step does beyond its state: changes of globals, boxes and mutable values, output, performs.

Going back from a step undoes none of this, so the debugger says what it was. It is read from the code of the
step, not observed: an expression that may stop half-way is told whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sxpy.core import ir
from sxpy.data import Primitive
from sxpy.host import operation_of
from sxpy.machine.state import APPLY, EVAL, SUSPENDED, State
from sxpy.primitives import REGISTRY
from sxpy.printer import inspect

_OUTSIDE_NAMES = """
display write write-string write-char newline print println random-int
read read-char read-line read-string read-all close-port close-input-port close-output-port
"""
_OUTSIDE = frozenset(_OUTSIDE_NAMES.split())
"""Primitives whose names do not say that they change something."""

_NAMES = {primitive.function: name for name, primitive in REGISTRY.items()}


def effects(state: State) -> Iterator[str]:
    """What the step from `state` changes for good, each in a few words."""
    if state.phase == SUSPENDED:
        operation, _ = operation_of(state.request)
        yield f"perform {operation if operation is not None else inspect(state.request)}"
    elif state.phase == APPLY and type(state.control) is Primitive:
        if _changes(state.control.name):
            yield state.control.name
    elif state.phase == EVAL:
        term = state.control
        for name in ("expr", "test", "head"):
            if hasattr(term, name):
                yield from _in(getattr(term, name))
        for argument in getattr(term, "arguments", ()):
            yield from _in(argument)


def _in(expr: ir.Expr) -> Iterator[str]:
    ahead: list[Any] = [expr]
    while ahead:
        part = ahead.pop()
        if isinstance(part, ir.SetCell):
            yield f"{'define' if part.define else 'set!'} {part.cell.name}"
        elif isinstance(part, ir.SetBox):
            yield f"set! {part.slot.var.name}"
        elif isinstance(part, (ir.Primitive1, ir.Primitive2, ir.PrimitiveN)):
            name = _NAMES.get(part.function, "")
            if _changes(name):
                yield name
        ahead += _parts(part)


def _parts(expr: Any) -> Iterator[Any]:
    """The expressions in an expression."""
    for kind in type(expr).__mro__:
        for name in getattr(kind, "__slots__", ()):
            value = getattr(expr, name, None)
            if isinstance(value, ir.Expr):
                yield value
            elif isinstance(value, tuple):
                yield from (item for item in value if isinstance(item, ir.Expr))


def _changes(name: str) -> bool:
    return name.endswith("!") or name in _OUTSIDE
