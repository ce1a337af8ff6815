"""Whether the clauses of a `match` cover every constructor of an algebraic data type.

Only what is sure is told: all clauses that are no catch-all must be constructor patterns of one type whose
definition has been evaluated, and whatever a pattern asks of the fields, its constructor counts as
covered. The warning is a Python warning of the category `SxWarning`.
"""

from __future__ import annotations

import warnings
from typing import Any

from sxpy.data import AdtType, Primitive, Symbol, is_list
from sxpy.errors import SxWarning
from sxpy.primitives.internal import CONSTRUCTED
from sxpy.syntax.analyser import Analyser, Context, head_of


def warn_if_open(analyser: Analyser, at: Context, patterns: list[Any]) -> None:
    """Warn when the patterns leave out a constructor."""
    if not patterns or any(isinstance(pattern, Symbol) for pattern in patterns):
        return
    types: set[AdtType] = set()
    covered: set[str] = set()
    for pattern in patterns:
        constructor = known_constructor(analyser, pattern)
        if constructor is None:
            return
        types.add(CONSTRUCTED[constructor])
        covered.add(constructor.name)
    if len(types) != 1:
        return
    type_ = types.pop()
    missing = [name for name in type_.constructors if name not in covered]
    if missing:
        place = at.spot.place() if at.spot else None
        message = f"match on {type_.name} does not cover {', '.join(missing)}"
        file, line = (place.file, place.line) if place else ("<form>", 1)
        warnings.warn_explicit(message, SxWarning, file, line)


def known_constructor(analyser: Analyser, pattern: Any) -> Primitive | None:
    """The constructor that the head of a pattern means as a global, if it has a value by now."""
    head = head_of(pattern) if is_list(pattern) and len(pattern) > 0 else None
    if not isinstance(head, Symbol):
        return None
    cell = analyser.home_cell(head) or analyser.env.find(head.name)
    value = None if cell is None else cell.value
    if isinstance(value, Primitive) and value in CONSTRUCTED:
        analyser.analysis.private = True
        return value
    analyser.analysis.patterns.add(head.name)
    return None
