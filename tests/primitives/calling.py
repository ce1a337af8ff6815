"""Calling primitives from tests: Python lists and dicts in, Python lists and dicts out."""

from __future__ import annotations

from typing import Any

from sxpy.data import (
    Bytevector,
    Char,
    Dict,
    HashTable,
    MutableList,
    SxSet,
    Vector,
    from_list,
    hash_key,
    is_list,
)
from sxpy.primitives.registry import REGISTRY


def call(name: str, *args: Any) -> Any:
    """What the primitive answers, as Python data."""
    return plain(raw(name, *args))


def raw(name: str, *args: Any) -> Any:
    """What the primitive answers, as an SX value."""
    return REGISTRY[name].function(*(sx(arg) for arg in args))


def sx(value: Any) -> Any:
    """SX data of Python data: lists, dicts, tuples as vectors, sets, bytes; SX values stay as they are."""
    match value:
        case list():
            return from_list([sx(item) for item in value])
        case tuple():
            return Vector([sx(item) for item in value])
        case dict():
            return Dict({key: sx(item) for key, item in value.items()})
        case frozenset():
            return SxSet({hash_key(sx(item)): sx(item) for item in sorted(value)})
        case bytes():
            return Bytevector(value)
    return value


def plain(value: Any) -> Any:
    """Python data of SX data, the inverse of `sx`; hash tables become lists of pairs."""
    if is_list(value):
        return [plain(item) for item in value]
    if isinstance(value, Vector):
        return tuple(plain(item) for item in value.items)
    if isinstance(value, Dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, SxSet):
        return frozenset(plain(item) for item in value.table.values())
    if isinstance(value, Bytevector):
        return bytes(value.data)
    if isinstance(value, HashTable):
        return [(plain(key), plain(item)) for key, item in value.table.values()]
    if isinstance(value, Char):
        return chr(value.code)
    return value


def mutable(*items: Any) -> MutableList:
    """A mutable list of the items."""
    return MutableList([sx(item) for item in items])
