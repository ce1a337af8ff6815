"""Arguments of primitives: what a collection primitive accepts, and the error it gives for the rest.

Owns the conventions all collection families share: nil is the empty list, a mutable list is read like
any other, dict keys are names, indexes are exact integers, and a length is bounded before it is built.
Next: `sxpy/primitives/access.py`.
"""

from __future__ import annotations

from typing import Any

from sxpy.data import EMPTY, Keyword, List, MutableList, Symbol, from_list, is_number
from sxpy.errors import SxTypeError, SxValueError
from sxpy.primitives.number_syntax import shown
from sxpy.primitives.registry import expected

MOST_ITEMS = 2**28
"""More items than this are refused before they are made: a slip, not a wish."""


def as_list(who: str, value: Any) -> List:
    """The argument as an immutable list; nil is the empty one. Raises SxTypeError for other kinds."""
    if isinstance(value, List):
        return value
    if value is None:
        return EMPTY
    if isinstance(value, MutableList):
        return from_list(value.items.copy())
    raise expected(who, "list", value)


def as_items(who: str, value: Any) -> list[Any]:
    """The items of a list argument as a new Python list. Raises SxTypeError for other kinds."""
    if isinstance(value, List):
        return value.to_list()
    if value is None:
        return []
    if isinstance(value, MutableList):
        return value.items.copy()
    raise expected(who, "list", value)


def as_integer(who: str, value: Any, what: str = "integer") -> int:
    """An exact integer argument. Raises SxTypeError for booleans, floats and other kinds."""
    if type(value) is int:
        return value
    if is_number(value):
        raise SxTypeError(f"{who}: expected {what}, got {shown(value)}", value)
    raise expected(who, what, value)


def as_count(who: str, value: Any, what: str = "length") -> int:
    """How many items to make: from 0 to `MOST_ITEMS`. Raises SxTypeError, SxValueError."""
    count = as_integer(who, value, what)
    if not 0 <= count <= MOST_ITEMS:
        raise SxValueError(f"{who}: {what} must be between 0 and {MOST_ITEMS}, got {shown(count)}", value)
    return count


def as_index(who: str, value: Any, length: int) -> int:
    """An index of an existing item. Raises SxValueError naming index and length when there is none."""
    index = as_integer(who, value, "index")
    if not 0 <= index < length:
        raise SxValueError(f"{who}: index {shown(index)} is out of range for length {length}", value)
    return index


def as_range(who: str, start: Any, end: Any, length: int) -> tuple[int, int]:
    """R7RS `start` (inclusive) and `end` (exclusive, nil for `length`), checked.

    Raises SxValueError unless 0 ≤ start ≤ end ≤ length.
    """
    low = as_integer(who, start, "start")
    high = length if end is None else as_integer(who, end, "end")
    if not 0 <= low <= high <= length:
        raise SxValueError(f"{who}: range {shown(low)} to {shown(high)} is out of range for length {length}")
    return low, high


def as_byte(who: str, value: Any) -> int:
    """An integer from 0 to 255. Raises SxTypeError, SxValueError."""
    byte = as_integer(who, value, "byte")
    if not 0 <= byte <= 255:
        raise SxValueError(f"{who}: byte must be between 0 and 255, got {shown(byte)}", value)
    return byte


def name_of(value: Any) -> str | None:
    """The dict key that a string, keyword or symbol stands for; None for other kinds."""
    if type(value) is str:
        return value
    if isinstance(value, (Keyword, Symbol)):
        return value.name
    return None


def as_key(who: str, value: Any) -> str:
    """A dict key. Raises SxTypeError: dict keys are strings, other kinds belong in a hash table."""
    name = name_of(value)
    if name is None:
        raise expected(who, "string, keyword or symbol as key", value)
    return name
