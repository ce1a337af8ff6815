"""Conditions: what a program can ask of an error it caught.

Owns `error-object?` and the accessors of R7RS 6.11, and those of the place and the backtrace. Raising and
catching belong to the machine.
"""

from __future__ import annotations

from typing import Any

from sxpy.data import EMPTY, Condition, Dict, List, from_list
from sxpy.errors import Frame, Place
from sxpy.primitives.registry import expected, primitive


@primitive("error-object?", "condition?")
def error_object_p(value: Any) -> bool:
    """(error-object? x) — whether x is a condition: what `error` raises, and errors of primitives.

    (guard (e (true (error-object? e))) (error "boom")) => true
    (guard (e (true (error-object? e))) (raise 5)) => false
    """
    return type(value) is Condition


@primitive("error-message", "error-object-message")
def error_message(value: Any) -> str:
    """(error-message e) — the message of a condition; a string is its own message.

    (guard (e (true (error-message e))) (error "boom" 1)) => "boom"
    """
    if type(value) is Condition:
        return value.message
    if type(value) is str:
        return value
    raise expected("error-message", "error object", value)


@primitive("error-irritants", "error-object-irritants")
def error_irritants(value: Any) -> List:
    """(error-irritants e) — the values that were given to `error` after the message; () of a string.

    (guard (e (true (error-irritants e))) (error "boom" 1 "a")) => (1 "a")
    """
    if type(value) is str:
        return EMPTY
    return from_list(list(_condition("error-irritants", value).irritants))


@primitive("error-kind")
def error_kind(value: Any) -> str:
    """(error-kind e) — "error" for what `error` raised, else the name of the kind of error.

    (guard (e (true (error-kind e))) (error "boom")) => "error"
    """
    return _condition("error-kind", value).kind


@primitive("error-place")
def error_place(value: Any) -> Dict | None:
    """(error-place e) — where the condition was raised, {:file :line :column}; nil when it is not known.

    (error-place "boom") => nil
    """
    return None if type(value) is str else _place(_condition("error-place", value).place)


@primitive("error-backtrace")
def error_backtrace(value: Any) -> List:
    """(error-backtrace e) — the calls that led there, the innermost first: {:function :place} each.

    (error-backtrace "boom") => ()
    """
    if type(value) is str:
        return EMPTY
    frames: tuple[Frame, ...] = _condition("error-backtrace", value).backtrace
    return from_list([Dict({"function": each.function, "place": _place(each.place)}) for each in frames])


def _place(place: Place | None) -> Dict | None:
    if place is None:
        return None
    return Dict({"file": place.file, "line": place.line, "column": place.column})


def _condition(who: str, value: Any) -> Condition:
    if type(value) is Condition:
        return value
    raise expected(who, "error object", value)


@primitive("file-error?")
def file_error_p(value: Any) -> bool:
    """(file-error? x) — whether x is a condition of the outside: a file, a port or a host refused.

    (file-error? "boom") => false
    """
    return type(value) is Condition and value.kind == "SxIOError"


@primitive("read-error?")
def read_error_p(value: Any) -> bool:
    """(read-error? x) — whether x is a condition of text that is no SX.

    (read-error? "boom") => false
    """
    return type(value) is Condition and value.kind == "SxParseError"
