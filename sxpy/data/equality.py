"""Equality and hashing of values: `eq?`, `eqv?`, `=`/`equal?`, and keys for sets and hash tables.

All are iterative: data nested 100,000 deep is compared with a stack on the heap, and cyclic data ends
(a pair of containers that is being compared already counts as equal).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sxpy.data.chars import Char
from sxpy.data.dicts import Dict
from sxpy.data.lists import List, MutableList
from sxpy.data.symbols import Keyword, Symbol
from sxpy.data.values import Adt, Bytevector, Condition, HashTable, Record, SxSet, Vector

_NUMBERS = (int, float, Fraction)


def is_number(value: Any) -> bool:
    """Whether `value` is a number; booleans are not."""
    kind = type(value)
    return kind is int or kind is float or kind is Fraction


def eq(a: Any, b: Any) -> bool:
    """`eq?`: identity; small atoms that Python may copy (numbers, strings, chars) compare as `eqv?`."""
    return a is b or (type(a) is type(b) and type(a) in _ATOMS and a == b) or _same_char(a, b)


_ATOMS = (int, float, Fraction, str)


def _same_char(a: Any, b: Any) -> bool:
    return type(a) is Char and type(b) is Char and a.code == b.code


def eqv(a: Any, b: Any) -> bool:
    """`eqv?`: value for atoms of one exactness, identity for compounds."""
    return eq(a, b)


def equal(a: Any, b: Any) -> bool:
    """`=` and `equal?`: numbers by value, lists and dicts by content, everything else as `eqv?`."""
    if a is b:
        return not (type(a) is float and a != a)
    pending: list[tuple[Any, Any]] = [(a, b)]
    seen: set[tuple[int, int]] = set()
    while pending:
        a, b = pending.pop()
        if a is b:
            if type(a) is float and a != a:
                return False
            continue
        kind = type(a)
        if kind in _NUMBERS and type(b) in _NUMBERS:
            if a != b:
                return False
        elif kind is str:
            if type(b) is not str or a != b:
                return False
        elif kind is bool or a is None or kind is Symbol or kind is Keyword:
            return False
        elif kind is Char:
            if not _same_char(a, b):
                return False
        else:
            if (id(a), id(b)) in seen:
                continue
            seen.add((id(a), id(b)))
            if not _spread(a, b, pending):
                return False
    return True


def _spread(a: Any, b: Any, pending: list[tuple[Any, Any]]) -> bool:
    """Push the parts of two containers that must be equal; False when the containers differ already."""
    if isinstance(a, (List, MutableList)):
        if not isinstance(b, (List, MutableList)) or len(a) != len(b):
            return False
        pending.extend(zip(a, b, strict=True))
        return True
    if type(a) is not type(b) and not (isinstance(a, Dict) and isinstance(b, Dict)):
        return False
    if isinstance(a, Dict):
        if len(a) != len(b):
            return False
        other = b.to_dict()
        for key, value in a.items():
            if key not in other:
                return False
            pending.append((value, other[key]))
        return True
    if isinstance(a, (SxSet, HashTable)):
        return _same_keys(a.table, b.table, pending, paired=isinstance(a, HashTable))
    if isinstance(a, Bytevector):
        return a.data == b.data
    parts = _parts(a, b)
    if parts is None:
        return False
    left, right = parts
    if len(left) != len(right):
        return False
    pending.extend(zip(left, right, strict=True))
    return True


def _parts(a: Any, b: Any) -> tuple[Any, Any] | None:
    if isinstance(a, Vector):
        return a.items, b.items
    if isinstance(a, Adt):
        return (a.values, b.values) if a.type is b.type and a.constructor == b.constructor else None
    if isinstance(a, Record):
        return (a.values, b.values) if a.type is b.type else None
    if isinstance(a, Condition):
        return ((a.message, *a.irritants), (b.message, *b.irritants))
    return None


def _same_keys(a: dict[Any, Any], b: dict[Any, Any], pending: list[tuple[Any, Any]], *, paired: bool) -> bool:
    if a.keys() != b.keys():
        return False
    if paired:
        pending.extend((pair[1], b[key][1]) for key, pair in a.items())
    return True


def hash_key(value: Any) -> Any:
    """A Python key that is equal for two values exactly when `equal` says they are.

    Containers become nested tuples built without recursion; values compared by identity stand for
    themselves. Containers that change afterwards no longer match their key.
    """
    kind = type(value)
    if kind is str:
        return value
    if kind is int or kind is float or kind is Fraction:
        return ("n", value)
    return _compound_key(value)


def _leaf_key(value: Any) -> Any:
    kind = type(value)
    if kind is str:
        return value
    if kind in _NUMBERS:
        return ("n", value)
    if kind is Char:
        return ("c", value.code)
    if value is None or kind is bool:
        return ("b", value)
    return ("i", _Same(value))


class _Same:
    """A wrapper that hashes and compares its value by identity, and keeps it alive."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.value is self.value


def _compound_key(value: Any) -> Any:
    """Flatten a value into one tuple of tokens: equal values give equal tuples, whatever the depth."""
    tokens: list[Any] = []
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, (List, MutableList)):
            tokens.append(("(", len(item)))
            pending.extend(item)
        elif isinstance(item, Vector):
            tokens.append(("#(", len(item)))
            pending.extend(item.items)
        elif isinstance(item, Dict):
            keys = sorted(item.keys())
            tokens.append(("{", tuple(keys)))
            pending.extend(item.get(key) for key in keys)
        elif isinstance(item, Bytevector):
            tokens.append(("u8", bytes(item.data)))
        elif isinstance(item, Adt):
            tokens.append(("adt", _Same(item.type), item.constructor, len(item.values)))
            pending.extend(item.values)
        else:
            tokens.append(_leaf_key(item))
    return tokens[0] if len(tokens) == 1 else tuple(tokens)
