"""Bytevectors: arrays of bytes that change in place, and their way to and from text (R7RS 6.9).

Owns the primitives of bytevectors alone. `start` is inclusive and `end` exclusive everywhere; what does
not exist is an error. Next: `sxpy/primitives/sets.py`.
"""

from __future__ import annotations

from typing import Any

from sxpy.data import Bytevector, List, from_list
from sxpy.errors import SxValueError
from sxpy.primitives.arguments import as_byte, as_count, as_index, as_integer, as_items, as_range
from sxpy.primitives.registry import expected, primitive
from sxpy.primitives.vectors import check_room


def as_bytes(who: str, value: Any) -> bytearray:
    """The bytes of the argument, which must be a bytevector: they are shared, not copied."""
    if isinstance(value, Bytevector):
        return value.data
    raise expected(who, "bytevector", value)


def _part(who: str, value: Any, start: Any, end: Any) -> bytearray:
    data = as_bytes(who, value)
    low, high = as_range(who, start, end, len(data))
    return data[low:high]


@primitive("bytevector?")
def is_bytevector(value: Any) -> bool:
    """(bytevector? x) — whether x is a bytevector.

    (bytevector? (bytevector 1 2)) => true
    """
    return isinstance(value, Bytevector)


@primitive("bytevector")
def make(*items: Any) -> Bytevector:
    """(bytevector b …) — a new bytevector of the arguments, integers from 0 to 255.

    (bytevector-length (bytevector 1 255)) => 2
    """
    return Bytevector(bytes(as_byte("bytevector", item) for item in items))


@primitive("make-bytevector")
def make_bytevector(count: Any, fill: Any = 0) -> Bytevector:
    """(make-bytevector n fill?) — a new bytevector of n times the same byte, 0 by default.

    (bytevector->list (make-bytevector 2 7)) => (7 7)
    """
    return Bytevector(bytes([as_byte("make-bytevector", fill)]) * as_count("make-bytevector", count))


@primitive("bytevector-length")
def bytevector_length(data: Any) -> int:
    """(bytevector-length bv) — the number of bytes.

    (bytevector-length (bytevector 1 2)) => 2
    """
    return len(as_bytes("bytevector-length", data))


@primitive("bytevector-u8-ref")
def bytevector_ref(data: Any, index: Any) -> int:
    """(bytevector-u8-ref bv i) — the byte at index i; an error when there is none.

    (bytevector-u8-ref (bytevector 7 8) 1) => 8
    """
    found = as_bytes("bytevector-u8-ref", data)
    return found[as_index("bytevector-u8-ref", index, len(found))]


@primitive("bytevector-u8-set!")
def bytevector_set(data: Any, index: Any, byte: Any) -> None:
    """(bytevector-u8-set! bv i b) — put a byte at index i; an error when there is none. Returns nil.

    (let ((b (bytevector 1 2))) (bytevector-u8-set! b 0 9) (bytevector->list b)) => (9 2)
    """
    found = as_bytes("bytevector-u8-set!", data)
    place = as_index("bytevector-u8-set!", index, len(found))
    found[place] = as_byte("bytevector-u8-set!", byte)


@primitive("bytevector-fill!")
def bytevector_fill(data: Any, byte: Any, start: Any = 0, end: Any = None) -> None:
    """(bytevector-fill! bv b start? end?) — put a byte at every index from start up to end. Returns nil.

    (let ((b (bytevector 1 2 3))) (bytevector-fill! b 0 1) (bytevector->list b)) => (1 0 0)
    """
    found = as_bytes("bytevector-fill!", data)
    low, high = as_range("bytevector-fill!", start, end, len(found))
    found[low:high] = bytes([as_byte("bytevector-fill!", byte)]) * (high - low)


@primitive("bytevector-copy")
def bytevector_copy(data: Any, start: Any = 0, end: Any = None) -> Bytevector:
    """(bytevector-copy bv start? end?) — a new bytevector of the bytes from start up to end.

    (bytevector->list (bytevector-copy (bytevector 1 2 3) 1)) => (2 3)
    """
    return Bytevector(_part("bytevector-copy", data, start, end))


@primitive("bytevector-copy!")
def bytevector_copy_into(target: Any, at: Any, source: Any, start: Any = 0, end: Any = None) -> None:
    """(bytevector-copy! to at from start? end?) — put a part of one bytevector into another. Returns nil.

    The two may be one bytevector, and the parts may overlap.

    (let ((b (bytevector 1 2 3))) (bytevector-copy! b 0 b 1) (bytevector->list b)) => (2 3 3)
    """
    copied = _part("bytevector-copy!", source, start, end)
    found = as_bytes("bytevector-copy!", target)
    place = as_integer("bytevector-copy!", at, "index")
    check_room("bytevector-copy!", place, len(copied), len(found))
    found[place : place + len(copied)] = copied


@primitive("bytevector-append")
def bytevector_append(*parts: Any) -> Bytevector:
    """(bytevector-append bv …) — a new bytevector of the bytes of all.

    (bytevector->list (bytevector-append (bytevector 1) (bytevector 2 3))) => (1 2 3)
    """
    return Bytevector(b"".join(as_bytes("bytevector-append", part) for part in parts))


@primitive("bytevector->list")
def bytevector_to_list(data: Any, start: Any = 0, end: Any = None) -> List:
    """(bytevector->list bv start? end?) — a list of the bytes from start up to end.

    (bytevector->list (bytevector 1 2)) => (1 2)
    """
    return from_list(list(_part("bytevector->list", data, start, end)))


@primitive("list->bytevector")
def list_to_bytevector(xs: Any) -> Bytevector:
    """(list->bytevector xs) — a new bytevector of a list of integers from 0 to 255.

    (bytevector-length (list->bytevector (list 1 2))) => 2
    """
    return Bytevector(bytes(as_byte("list->bytevector", item) for item in as_items("list->bytevector", xs)))


@primitive("utf8->string")
def utf8_to_string(data: Any, start: Any = 0, end: Any = None) -> str:
    """(utf8->string bv start? end?) — the text that the bytes from start up to end encode.

    Bytes that are no UTF-8 are an error.

    (utf8->string (bytevector 206 187)) => "λ"
    """
    part = _part("utf8->string", data, start, end)
    try:
        return part.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SxValueError(f"utf8->string: byte {error.start} of the part is no UTF-8", data) from error


@primitive("string->utf8")
def string_to_utf8(text: Any, start: Any = 0, end: Any = None) -> Bytevector:
    """(string->utf8 s start? end?) — the bytes of the text from start up to end, which count code points.

    (bytevector->list (string->utf8 "λ")) => (206 187)
    """
    if not isinstance(text, str):
        raise expected("string->utf8", "string", text)
    low, high = as_range("string->utf8", start, end, len(text))
    try:
        return Bytevector(text[low:high].encode("utf-8"))
    except UnicodeEncodeError as error:
        raise SxValueError(
            "string->utf8: the text has half a surrogate pair, which UTF-8 cannot hold"
        ) from error
