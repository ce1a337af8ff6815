"""Values of SX as nested Python tuples that Python compares exactly: kinds, float bits, order of keys."""

from __future__ import annotations

import math
import struct
from fractions import Fraction
from typing import Any

from sxpy.data import Bytevector, Char, Dict, Keyword, Symbol, Vector, is_list


def snapshot(value: Any) -> Any:
    """The value as data that is equal only for values of the same kinds, to the last bit (one NaN)."""
    if is_list(value):
        return ("list", *map(snapshot, value))
    if isinstance(value, Dict):
        return ("dict", *[(key, snapshot(item)) for key, item in value.items()])
    if isinstance(value, Vector):
        return ("vector", *map(snapshot, value.items))
    if isinstance(value, Bytevector):
        return ("bytes", bytes(value.data))
    if isinstance(value, float):
        return ("float", "nan" if math.isnan(value) else struct.pack(">d", value))
    if isinstance(value, Char):
        return ("char", value.code)
    if isinstance(value, Symbol):
        assert value.interned
        return ("symbol", value.name)
    if isinstance(value, Keyword):
        return ("keyword", value.name)
    assert value is None or type(value) in (bool, int, str, Fraction), value
    return (type(value).__name__, value)


def snapshots(values: list[Any]) -> list[Any]:
    """The snapshots of several values."""
    return [snapshot(value) for value in values]
