"""Vectors: arrays of fixed length that change in place (R7RS 6.8).

Owns the primitives of vectors alone; `len get nth slice reverse concat` take vectors too and are in
`sxpy/primitives/access.py`. `start` is inclusive and `end` exclusive everywhere; what does not exist is an
error. `vector-map` and `vector-for-each` are operations of the machine. Next:
`sxpy/primitives/bytevectors.py`.
"""

from __future__ import annotations

from typing import Any

from sxpy.data import Char, List, Vector, from_list
from sxpy.errors import SxValueError
from sxpy.primitives.arguments import as_count, as_index, as_integer, as_items, as_range
from sxpy.primitives.number_syntax import shown
from sxpy.primitives.registry import expected, primitive


def as_vector(who: str, value: Any) -> Vector:
    """The argument, which must be a vector. Raises SxTypeError."""
    if isinstance(value, Vector):
        return value
    raise expected(who, "vector", value)


def _part(who: str, vector: Any, start: Any, end: Any) -> list[Any]:
    items = as_vector(who, vector).items
    low, high = as_range(who, start, end, len(items))
    return items[low:high]


@primitive("vector")
def make(*items: Any) -> Vector:
    """(vector x …) — a new vector of the arguments.

    (vector-length (vector 1 2 3)) => 3
    """
    return Vector(list(items))


@primitive("make-vector")
def make_vector(count: Any, fill: Any = None) -> Vector:
    """(make-vector n fill?) — a new vector of n times the same item, nil by default.

    (vector->list (make-vector 2 "x")) => ("x" "x")
    """
    return Vector([fill] * as_count("make-vector", count))


@primitive("vector-length")
def vector_length(vector: Any) -> int:
    """(vector-length v) — the number of items.

    (vector-length (vector 1 2 3)) => 3
    """
    return len(as_vector("vector-length", vector).items)


@primitive("vector-ref")
def vector_ref(vector: Any, index: Any) -> Any:
    """(vector-ref v i) — the item at index i; an error when there is none.

    (vector-ref (vector 1 2 3) 2) => 3
    """
    items = as_vector("vector-ref", vector).items
    return items[as_index("vector-ref", index, len(items))]


@primitive("vector-set!")
def vector_set(vector: Any, index: Any, item: Any) -> None:
    """(vector-set! v i x) — put x at index i; an error when there is none. Returns nil.

    (let ((v (vector 1 2))) (vector-set! v 0 "x") (vector->list v)) => ("x" 2)
    """
    items = as_vector("vector-set!", vector).items
    items[as_index("vector-set!", index, len(items))] = item


@primitive("vector->list")
def vector_to_list(vector: Any, start: Any = 0, end: Any = None) -> List:
    """(vector->list v start? end?) — a list of the items from start up to end.

    (vector->list (vector 1 2 3)) => (1 2 3)
    (vector->list (vector 1 2 3) 1) => (2 3)
    """
    return from_list(_part("vector->list", vector, start, end))


@primitive("list->vector")
def list_to_vector(xs: Any) -> Vector:
    """(list->vector xs) — a new vector of the items.

    (vector-length (list->vector (list 1 2))) => 2
    """
    return Vector(as_items("list->vector", xs))


@primitive("vector-fill!")
def vector_fill(vector: Any, item: Any, start: Any = 0, end: Any = None) -> None:
    """(vector-fill! v x start? end?) — put x at every index from start up to end. Returns nil.

    (let ((v (vector 1 2 3))) (vector-fill! v 0 1) (vector->list v)) => (1 0 0)
    """
    items = as_vector("vector-fill!", vector).items
    low, high = as_range("vector-fill!", start, end, len(items))
    items[low:high] = [item] * (high - low)


@primitive("vector-copy")
def vector_copy(vector: Any, start: Any = 0, end: Any = None) -> Vector:
    """(vector-copy v start? end?) — a new vector of the items from start up to end.

    (vector->list (vector-copy (vector 1 2 3) 1 2)) => (2)
    """
    return Vector(_part("vector-copy", vector, start, end))


@primitive("vector-copy!")
def vector_copy_into(target: Any, at: Any, source: Any, start: Any = 0, end: Any = None) -> None:
    """(vector-copy! to at from start? end?) — put a part of one vector into another. Returns nil.

    The two may be one vector, and the parts may overlap.

    (let ((v (vector 1 2 3 4))) (vector-copy! v 1 v 0 3) (vector->list v)) => (1 1 2 3)
    """
    copied = _part("vector-copy!", source, start, end)
    items = as_vector("vector-copy!", target).items
    place = as_integer("vector-copy!", at, "index")
    check_room("vector-copy!", place, len(copied), len(items))
    items[place : place + len(copied)] = copied


def check_room(who: str, at: int, count: int, length: int) -> None:
    """Raise SxValueError unless `count` items from index `at` on lie within `length`."""
    if at < 0 or at + count > length:
        raise SxValueError(f"{who}: {count} items at index {shown(at)} do not fit into length {length}")


@primitive("vector-append")
def vector_append(*vectors: Any) -> Vector:
    """(vector-append v …) — a new vector of the items of all.

    (vector->list (vector-append (vector 1) (vector 2 3))) => (1 2 3)
    """
    return Vector([item for vector in vectors for item in as_vector("vector-append", vector).items])


@primitive("vector->string")
def vector_to_string(vector: Any, start: Any = 0, end: Any = None) -> str:
    """(vector->string v start? end?) — the string of the characters from start up to end.

    (vector->string (vector #\\a #\\b)) => "ab"
    """
    characters = []
    for item in _part("vector->string", vector, start, end):
        if not isinstance(item, Char):
            raise expected("vector->string", "vector of chars", item)
        characters.append(chr(item.code))
    return "".join(characters)


@primitive("string->vector")
def string_to_vector(text: Any, start: Any = 0, end: Any = None) -> Vector:
    """(string->vector s start? end?) — a new vector of the characters from start up to end.

    (vector-length (string->vector "abc")) => 3
    """
    if not isinstance(text, str):
        raise expected("string->vector", "string", text)
    low, high = as_range("string->vector", start, end, len(text))
    return Vector([Char(ord(character)) for character in text[low:high]])
