"""The primitives: Python functions offered to SX, one family a file.

Importing the package registers every one. `REGISTRY` maps each name to its primitive; `registry.py` says
how one is written. Reading order: `numbers.py`, `strings.py`, `access.py`, `lists.py`, `dicts.py`.
"""

from __future__ import annotations

from sxpy.primitives import (
    access,
    bits,
    bytevectors,
    comparison,
    dicts,
    hashtables,
    internal,
    list_search,
    lists,
    number_predicates,
    numbers,
    predicates,
    real_functions,
    rounding,
    sets,
    vectors,
)
from sxpy.primitives.registry import REGISTRY

FAMILIES = (
    access,
    bits,
    bytevectors,
    comparison,
    dicts,
    hashtables,
    internal,
    list_search,
    lists,
    number_predicates,
    numbers,
    predicates,
    real_functions,
    rounding,
    sets,
    vectors,
)
"""The modules that register primitives."""

__all__ = ["FAMILIES", "REGISTRY"]
