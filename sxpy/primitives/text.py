"""What the families of text share: string and char arguments, and a bound on the length of results.

Defines no primitive. Next: `sxpy/primitives/strings.py`.
"""

from __future__ import annotations

from typing import Any

from sxpy.data import Char, Keyword, Symbol
from sxpy.errors import SxValueError
from sxpy.primitives.registry import expected

MOST_CHARS = 2**30
"""Strings of more characters than this are refused before they are made."""


def as_string(who: str, value: Any, what: str = "string") -> str:
    """A string argument. Raises SxTypeError for other kinds."""
    if type(value) is str:
        return value
    raise expected(who, what, value)


def as_char(who: str, value: Any) -> Char:
    """A char argument. Raises SxTypeError for other kinds, one-character strings included."""
    if type(value) is Char:
        return value
    raise expected(who, "char", value)


def as_text(who: str, value: Any) -> str:
    """A string, or the one-character string of a char. Raises SxTypeError for other kinds."""
    if type(value) is str:
        return value
    if type(value) is Char:
        return chr(value.code)
    raise expected(who, "string or char", value)


def as_name(who: str, value: Any) -> str:
    """The text of a string, symbol or keyword. Raises SxTypeError for other kinds."""
    if type(value) is str:
        return value
    if type(value) is Symbol or type(value) is Keyword:
        return value.name
    raise expected(who, "string, symbol or keyword", value)


def refuse_length(who: str, length: int) -> None:
    """Raise SxValueError when a string of `length` characters must not be made."""
    if length > MOST_CHARS:
        raise SxValueError(f"{who}: the result would have more than {MOST_CHARS} characters")
