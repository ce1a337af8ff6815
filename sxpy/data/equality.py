"""Equality and hashing of values: `eq?`, `eqv?`, `=`/`equal?`, and keys for sets and hash tables.

All are iterative: data nested 100,000 deep is compared with a stack on the heap, and cyclic data ends
(a pair of containers that is being compared already counts as equal). Next: `sxpy/data/types.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
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
    """`eq?` and `eqv?` (R7RS 6.1): identity for compounds, value for atoms of one kind and exactness.

    Numbers, strings and chars are atoms because their identity is an accident of the host. All empty
    immutable lists are one. `0.0` and `-0.0` differ; every not-a-number is the same.
    """
    if a is b:
        return True
    kind = type(a)
    if kind is not type(b):
        return isinstance(a, List) and isinstance(b, List) and len(a) == 0 == len(b)
    if kind is str or kind is int or kind is Fraction:
        return bool(a == b)
    if kind is float:
        return math.isnan(b) if math.isnan(a) else a == b and math.copysign(1.0, a) == math.copysign(1.0, b)
    if kind is Char:
        return bool(a.code == b.code)
    return isinstance(a, List) and len(a) == 0 == len(b)


def eqv(a: Any, b: Any) -> bool:
    """`eqv?`: the same as `eq?`, whose atoms already compare by value."""
    return eq(a, b)


def equal(a: Any, b: Any) -> bool:
    """`=` and `equal?`: numbers by value whatever their exactness, containers by content, else `eqv?`.

    Lists equal mutable lists; the order of dicts, sets and hash tables does not count; records and ADT
    values must be of one type. Not-a-number equals nothing, not even itself.
    """
    if a is b:
        return not (type(a) is float and math.isnan(a))
    pending: list[tuple[Any, Any]] = [(a, b)]
    seen: set[tuple[int, int]] = set()
    while pending:
        a, b = pending.pop()
        kind = type(a)
        if kind is str:
            if type(b) is not str or a != b:
                return False
        elif kind in _NUMBERS:
            if type(b) not in _NUMBERS or a != b:
                return False
        elif a is b:
            continue
        elif kind is bool or a is None or kind is Symbol or kind is Keyword:
            return False
        elif kind is Char:
            if type(b) is not Char or a.code != b.code:
                return False
        elif (id(a), id(b)) not in seen:
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
    if isinstance(a, Dict):
        return isinstance(b, Dict) and _same_entries(a.to_dict(), b.to_dict(), pending)
    if type(a) is not type(b):
        return False
    if isinstance(a, Bytevector):
        return bool(a.data == b.data)
    if isinstance(a, (SxSet, HashTable)):
        return _same_keys(a, b, pending)
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


def _same_entries(a: dict[str, Any], b: dict[str, Any], pending: list[tuple[Any, Any]]) -> bool:
    if len(a) != len(b):
        return False
    for key, value in a.items():
        if key not in b:
            return False
        pending.append((value, b[key]))
    return True


def _same_keys(a: SxSet | HashTable, b: Any, pending: list[tuple[Any, Any]]) -> bool:
    """Pair the keys of two sets or tables by their hashes, so that nested sets need no recursion."""
    if len(a.table) != len(b.table):
        return False
    by_hash: dict[int, list[Any]] = {}
    for key in b.table:
        by_hash.setdefault(hash(key), []).append(key)
    for key, entry in a.table.items():
        rivals = by_hash.get(hash(key), [])
        # One rival: `pending` finds out. Several are a collision of hashes, where `==` must decide now.
        found = rivals[0] if len(rivals) == 1 else next((rival for rival in rivals if rival == key), _NONE)
        if found is _NONE or not rivals:
            return False
        rivals.remove(found)
        other = b.table[found]
        pending.extend(zip(entry, other, strict=True) if isinstance(a, HashTable) else ((entry, other),))
    return True


_NONE: Any = object()


def hash_key(value: Any) -> Any:
    """A Python key that is equal for two values when `equal` says they are, and only then.

    Not-a-number is the exception: it has one key, so that a set can hold it and find it again. A
    container that changes after its key was made is not found by that key any more.
    """
    kind = type(value)
    if kind is str or kind is int or kind is Symbol or kind is Fraction or kind is Keyword:
        return value
    if kind is float:
        return ("nan",) if math.isnan(value) else value
    if kind is bool or value is None:
        # Python's true is its 1; SX's is not.
        return ("b", value)
    if kind is Char:
        return ("c", value.code)
    return _Structure(value) if isinstance(value, _COMPOUND) else _Same(value)


_COMPOUND = (List, MutableList, Dict, Vector, Bytevector, SxSet, HashTable, Record, Adt, Condition)


class _Same:
    """A key that compares its value by identity, whatever Python's `==` says of it."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.value is self.value


class _Structure:
    """A key that compares its value by `equal`, with the hash the value had when the key was made."""

    __slots__ = ("hash", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        self.hash = _structural_hash(value)

    def __hash__(self) -> int:
        return self.hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Structure) and self.hash == other.hash and equal(self.value, other.value)


_MOST_TOKENS = 1 << 16
"""How much of a value its hash looks at: enough to tell values apart, and an end for cyclic ones."""


def _structural_hash(value: Any) -> int:
    """A hash that is the same for all values that are `equal`."""
    tokens: list[Any] = []
    pending = [value]
    while pending and len(tokens) < _MOST_TOKENS:
        item = pending.pop()
        if not isinstance(item, _COMPOUND):
            tokens.append(hash_key(item))
        elif isinstance(item, Dict):
            entries = item.to_dict()
            names = sorted(entries)
            tokens.append(("dict", *names))
            pending.extend(entries[name] for name in names)
        else:
            token, parts = _token(item)
            tokens.append(token)
            pending.extend(parts)
    return hash(tuple(tokens))


def _token(item: Any) -> tuple[Any, Iterable[Any]]:
    """What tells a container from others at once, and its parts in an order that `equal` values share."""
    if isinstance(item, (List, MutableList)):
        return ("list", len(item)), item
    if isinstance(item, Vector):
        return ("vector", len(item.items)), item.items
    if isinstance(item, Bytevector):
        return ("bytevector", bytes(item.data)), ()
    if isinstance(item, (SxSet, HashTable)):
        # The hashes of the keys are known already; the values of a table are left to `equal`.
        return (type(item).__name__, *sorted(map(hash, item.table))), ()
    if isinstance(item, Adt):
        return ("adt", id(item.type), item.constructor), item.values
    if isinstance(item, Record):
        return ("record", id(item.type)), item.values
    return ("condition", item.message), item.irritants
