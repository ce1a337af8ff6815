"""Whether the clauses of a `match` cover every constructor of an algebraic data type.

Only what is sure is told: all clauses that are no catch-all must be constructor patterns of one type whose
definition has been evaluated, and whatever a pattern asks of the fields, its constructor counts as covered. The warning is a Python warning of the category `SxWarning`.
"""

from __future__ import annotations

import warnings
from typing import Any

from sxpy.data import AdtType, Primitive, Symbol
from sxpy.errors import SxWarning
from sxpy.primitives.internal import CONSTRUCTED
from sxpy.syntax.analyser import Analyser, Context, head_name


def warn_if_open(analyser: Analyser, at: Context, patterns: list[Any]) -> None:
    """Warn when the patterns leave out a constructor."""
    if not patterns or any(isinstance(pattern, Symbol) for pattern in patterns):
        return
    types: set[AdtType] = set()
    covered: set[str] = set()
    for pattern in patterns:
        name = head_name(pattern)
        type_ = None if name is None else type_of_constructor(analyser, name)
        if name is None or type_ is None:
            return
        types.add(type_)
        covered.add(name)
    if len(types) != 1:
        return
    type_ = types.pop()
    missing = [name for name in type_.constructors if name not in covered]
    if missing:
        place = at.spot.place() if at.spot else None
        message = f"match on {type_.name} does not cover {', '.join(missing)}"
        file, line = (place.file, place.line) if place else ("<form>", 1)
        warnings.warn_explicit(message, SxWarning, file, line)


def type_of_constructor(analyser: Analyser, name: str) -> AdtType | None:
    """The algebraic data type whose constructor the global `name` is now; None when it is none."""
    cell = analyser.env.find(name)
    value = None if cell is None else cell.value
    return CONSTRUCTED.get(value) if isinstance(value, Primitive) else None
