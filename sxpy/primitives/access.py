"""Reading any collection: `len get nth first rest last slice index-of contains? reverse concat …`.

Owns the primitives that mean one thing for lists, strings, vectors, dicts and the other containers.
Those of one kind alone are in that kind's file. Next: `sxpy/primitives/lists.py`.
"""

from __future__ import annotations

from typing import Any

from sxpy.data import (
    EMPTY,
    Adt,
    Bytevector,
    Char,
    Dict,
    HashTable,
    List,
    MutableList,
    Record,
    SxSet,
    Vector,
    equal,
    from_list,
    hash_key,
)
from sxpy.errors import SxTypeError
from sxpy.primitives.arguments import as_integer, as_list, name_of
from sxpy.primitives.registry import expected, primitive

_SIZED = (List, str, Dict, MutableList, Vector, Bytevector, SxSet, HashTable)


@primitive("len", "length", "count")
def length(coll: Any) -> int:
    """(len coll) — how many items, entries or characters; 0 for nil.

    (len (list 1 2 3)) => 3
    (len "añb") => 3
    """
    if isinstance(coll, _SIZED):
        return len(coll)
    if coll is None:
        return 0
    raise expected("len", "collection", coll)


@primitive("empty?")
def is_empty(coll: Any) -> bool:
    """(empty? coll) — whether the collection has no items; true for nil.

    (empty? (list)) => true
    (empty? "a") => false
    """
    if isinstance(coll, _SIZED):
        return len(coll) == 0
    if coll is None:
        return True
    raise expected("empty?", "collection", coll)


@primitive("get")
def get(coll: Any, key: Any, default: Any = None) -> Any:
    """(get coll key default?) — the value at a dict key, an index or a field; else the default, nil.

    Dicts by name, lists, strings and vectors by index, records and ADT values by field name, hash tables
    by any key. Nothing is an error: a collection without that key, or no collection, has the default.

    (get {:a 1} :a) => 1
    (get (list 10 20) 1) => 20
    (get {:a 1} :b 9) => 9
    """
    if isinstance(coll, Dict):
        name = key if type(key) is str else name_of(key)
        return default if name is None else coll.get(name, default)
    if coll is None:
        return default
    if isinstance(coll, HashTable):
        pair = coll.table.get(hash_key(key))
        return default if pair is None else pair[1]
    fields = fields_of(coll)
    if fields is not None:
        name = name_of(key)
        return default if name is None else fields.get(name, default)
    if type(key) is not int or key < 0:
        return default
    return _at(coll, key, default)


def _at(coll: Any, index: int, default: Any) -> Any:
    """The item at `index` ≥ 0 of anything with an order, else the default."""
    if isinstance(coll, List):
        return coll.nth(index) if index < len(coll) else default
    if isinstance(coll, (MutableList, Vector)):
        return coll.items[index] if index < len(coll.items) else default
    if isinstance(coll, str):
        return coll[index] if index < len(coll) else default
    if isinstance(coll, Bytevector):
        return coll.data[index] if index < len(coll.data) else default
    return default


def fields_of(value: Any) -> dict[str, Any] | None:
    """The fields of a record or ADT value by name, in order; None for other kinds."""
    if isinstance(value, Record):
        return dict(zip(value.type.fields, value.values, strict=True))
    if isinstance(value, Adt):
        return dict(zip(value.type.constructors[value.constructor], value.values, strict=True))
    return None


@primitive("nth")
def nth(coll: Any, index: Any, default: Any = None) -> Any:
    """(nth coll i default?) — the item at index i of a list, string or vector; outside, the default, nil.

    (nth (list 10 20) 1) => 20
    (nth "abc" 1) => "b"
    (nth (list 10 20) 5) => nil
    """
    at = as_integer("nth", index, "integer index")
    if coll is None:
        return default
    if not isinstance(coll, (List, MutableList, str, Vector, Bytevector)):
        raise expected("nth", "list, string or vector", coll)
    return _at(coll, at, default) if at >= 0 else default


@primitive("first", "car")
def first(coll: Any) -> Any:
    """(first coll) — the first item of a list, string or vector; nil when there is none.

    (first (list 1 2)) => 1
    (first (list)) => nil
    """
    if isinstance(coll, List):
        return coll.first()
    return _end("first", coll, 0)


@primitive("last")
def last(coll: Any) -> Any:
    """(last coll) — the last item of a list, string or vector; nil when there is none.

    (last (list 1 2 3)) => 3
    (last (list)) => nil
    """
    if isinstance(coll, List):
        return coll.nth(len(coll) - 1) if len(coll) else None
    return _end("last", coll, -1)


def _end(who: str, coll: Any, index: int) -> Any:
    if coll is None:
        return None
    if isinstance(coll, (MutableList, Vector)):
        return coll.items[index] if coll.items else None
    if isinstance(coll, str):
        return coll[index] if coll else None
    if isinstance(coll, Bytevector):
        return coll.data[index] if coll.data else None
    raise expected(who, "list, string or vector", coll)


@primitive("rest", "cdr")
def rest(coll: Any) -> Any:
    """(rest coll) — all but the first item: a string of a string, else a list.

    (rest (list 1 2 3)) => (2 3)
    (rest (list)) => ()
    (rest "abc") => "bc"
    """
    if isinstance(coll, List):
        return coll.rest()
    if isinstance(coll, str):
        return coll[1:]
    if coll is None:
        return EMPTY
    if isinstance(coll, (MutableList, Vector)):
        return from_list(coll.items[1:])
    raise expected("rest", "list, string or vector", coll)


@primitive("slice")
def slice_(coll: Any, start: Any, end: Any = None) -> Any:
    """(slice coll start end?) — the part from start up to end, of the same kind.

    A negative index counts from the end; what lies outside is left out.

    (slice (list 1 2 3 4) 1 3) => (2 3)
    (slice "hello" -3) => "llo"
    """
    low = as_integer("slice", start, "integer start")
    high = None if end is None else as_integer("slice", end, "integer end")
    return window("slice", coll, low, high)


def window(who: str, coll: Any, low: int, high: int | None) -> Any:
    """`coll[low:high]` with Python's meaning of negative and outlying bounds, of the same kind."""
    if isinstance(coll, str):
        return coll[low:high]
    if coll is None:
        return EMPTY
    if isinstance(coll, List):
        start, end, _ = slice(low, high).indices(len(coll))
        return coll.slice(start, max(start, end))
    if isinstance(coll, MutableList):
        return from_list(coll.items[low:high])
    if isinstance(coll, Vector):
        return Vector(coll.items[low:high])
    if isinstance(coll, Bytevector):
        return Bytevector(coll.data[low:high])
    raise expected(who, "list, string or vector", coll)


@primitive("contains?")
def contains(coll: Any, item: Any) -> bool:
    """(contains? coll x) — an item of a list, vector or set, a key of a dict or table, a part of a string.

    (contains? (list 1 2) 2) => true
    (contains? {:a 1} :a) => true
    (contains? "hello" "ell") => true
    """
    if isinstance(coll, (List, MutableList, Vector)):
        return _position(coll, item, 0) >= 0
    if coll is None:
        return False
    if isinstance(coll, Dict):
        return name_of(item) in coll
    if isinstance(coll, str):
        return _text("contains?", item) in coll
    if isinstance(coll, (SxSet, HashTable)):
        return hash_key(item) in coll.table
    if isinstance(coll, Bytevector):
        return type(item) is int and 0 <= item <= 255 and item in coll.data
    raise expected("contains?", "collection", coll)


def _text(who: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Char):
        return chr(value.code)
    raise expected(who, "string or char", value)


@primitive("index-of")
def index_of(coll: Any, item: Any, start: Any = 0) -> int:
    """(index-of coll x start?) — where x first is in a list or vector, or a part in a string; else -1.

    (index-of (list 5 6 7) 6) => 1
    (index-of "hello" "l") => 2
    (index-of "hello" "z") => -1
    """
    low = max(0, as_integer("index-of", start, "integer start"))
    if isinstance(coll, str):
        return coll.find(_text("index-of", item), low)
    if coll is None:
        return -1
    if isinstance(coll, (List, MutableList, Vector)):
        return _position(coll, item, low)
    raise expected("index-of", "list, string or vector", coll)


def _position(coll: List | MutableList | Vector, item: Any, start: int) -> int:
    """The first index from `start` on whose item equals `item`, else -1."""
    items = coll.items if isinstance(coll, Vector) else coll
    for index, candidate in enumerate(items):
        if index >= start and equal(candidate, item):
            return index
    return -1


@primitive("reverse")
def reverse(coll: Any) -> Any:
    """(reverse coll) — a list, string or vector of the items in opposite order.

    (reverse (list 1 2 3)) => (3 2 1)
    (reverse "abc") => "cba"
    """
    if isinstance(coll, str):
        return coll[::-1]
    if isinstance(coll, Vector):
        return Vector(coll.items[::-1])
    return as_list("reverse", coll).reversed()


@primitive("concat")
def concat(*colls: Any) -> Any:
    """(concat a b …) — one collection of all items: of lists (nil is empty), of strings or of vectors.

    (concat (list 1) (list 2) nil (list 3)) => (1 2 3)
    (concat "ab" "c") => "abc"
    """
    given = [coll for coll in colls if coll is not None]
    if given and all(isinstance(coll, str) for coll in given):
        return "".join(given)
    if given and all(isinstance(coll, Vector) for coll in given):
        return Vector([item for vector in given for item in vector.items])
    result: List = EMPTY
    for coll in given:
        if not isinstance(coll, (List, MutableList)):
            raise SxTypeError("concat: expected all lists, all strings or all vectors", coll)
        result = joined(result, coll)
    return result


def joined(front: List, back: List | MutableList) -> List:
    """The items of both; shares what can be shared."""
    if not len(front):
        return back if isinstance(back, List) else from_list(back.items.copy())
    return front.concat(back) if len(back) else front
