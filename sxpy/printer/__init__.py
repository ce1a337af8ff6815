"""The printer: values to text. See `writer.py` for the spelling of each kind."""

from __future__ import annotations

from typing import Any

from sxpy.data import Condition
from sxpy.printer.pretty import pretty
from sxpy.printer.writer import Style, Unwritable, refusal, write

_EXACT = Style(exact=True)
_CANONICAL = Style(exact=True, sort_keys=True)
_PLAIN = Style()
_SCHEME = Style(scheme=True)
_DISPLAY = Style(scheme=True, bare=True)


def serialize(value: Any) -> str:
    """One line of text that reads back equal. Raises SxTypeError, naming what has no syntax and where."""
    try:
        return write(value, _EXACT)
    except Unwritable as error:
        raise refusal(value, error.why) from None


def canonical(value: Any) -> str:
    """As `serialize`, with the keys of dicts sorted: equal values give equal text."""
    try:
        return write(value, _CANONICAL)
    except Unwritable as error:
        raise refusal(value, error.why) from None


def inspect(value: Any) -> str:
    """The text of any value; it never fails."""
    return write(value, _PLAIN)


def show(value: Any) -> str:
    """What `(str value)` gives: a string bare, nil as nothing, an error as its message, else as `inspect`."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    if type(value) is Condition:
        return value.message
    return write(value, _PLAIN)


def write_scheme(value: Any, display: bool = False) -> str:
    """The text that R7RS `write` gives, or with `display` that `display` gives: nil is `()`."""
    return write(value, _DISPLAY if display else _SCHEME)


__all__ = ["canonical", "inspect", "pretty", "serialize", "show", "write_scheme"]
