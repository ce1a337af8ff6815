"""The primitives: Python functions offered to SX, one family a file.

Importing the package registers every one. `REGISTRY` maps each name to its primitive; `registry.py` says
how one is written. Reading order: `numbers.py`, `strings.py`, `access.py`, `lists.py`, `dicts.py`.
"""

from __future__ import annotations

from sxpy.primitives import (
    access,
    bits,
    buffers,
    bytevectors,
    chars,
    comparison,
    conditions,
    dicts,
    formatting,
    hashing,
    hashtables,
    internal,
    json_data,
    list_search,
    lists,
    number_predicates,
    number_text,
    numbers,
    output,
    ports,
    predicates,
    reading,
    real_functions,
    regex,
    rounding,
    sets,
    strings,
    symbols,
    vectors,
)
from sxpy.primitives.registry import REGISTRY

FAMILIES = (
    access,
    bits,
    buffers,
    bytevectors,
    chars,
    comparison,
    conditions,
    dicts,
    formatting,
    hashing,
    hashtables,
    internal,
    json_data,
    list_search,
    lists,
    number_predicates,
    number_text,
    numbers,
    output,
    ports,
    predicates,
    reading,
    real_functions,
    regex,
    rounding,
    sets,
    strings,
    symbols,
    vectors,
)
"""The modules that register primitives."""

__all__ = ["FAMILIES", "REGISTRY"]
