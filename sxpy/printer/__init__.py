"""The printer: values to text.

`serialize` and `canonical` write what reads back, `inspect` and `pretty` show anything, `show` is what `str`
gives, `write_scheme` is the writer of Scheme. Read `spelling.py` first, then `writer.py`.
"""

from __future__ import annotations

from typing import Any

from sxpy.data import Condition
from sxpy.printer.pretty import pretty
from sxpy.printer.refusal import refusal
from sxpy.printer.writer import CANONICAL, DISPLAY, EXACT, PLAIN, SCHEME, SHORT, Unwritable, write


def serialize(value: Any) -> str:
    """One line of text, encodable to UTF-8, that reads back as an equal value.

    Raises SxTypeError for a value that has no such text, naming what stands in the way, and where.
    """
    try:
        return write(value, EXACT)
    except Unwritable:
        raise refusal("serialize", value, EXACT) from None


def canonical(value: Any) -> str:
    """As `serialize`, with the keys of dicts in the order of their code points. Raises SxTypeError."""
    try:
        return write(value, CANONICAL)
    except Unwritable:
        raise refusal("canonical-serialize", value, CANONICAL) from None


def inspect(value: Any) -> str:
    """The text of any value; it never fails."""
    return write(value, PLAIN)


def show(value: Any) -> str:
    """What `(str value)` gives: a string bare, nil as nothing, an error as its message, else as `inspect`."""
    kind = type(value)
    if type(value) is str:
        return value
    if kind is int and -SHORT < value < SHORT:
        return str(value)
    if value is None:
        return ""
    if isinstance(value, Condition):
        return value.message
    return write(value, PLAIN)


def write_scheme(value: Any, display: bool = False) -> str:
    """What R7RS `write` gives, with `display` what `display` gives; nil is `()`, booleans `#t`, `#f`."""
    return write(value, DISPLAY if display else SCHEME)


__all__ = ["canonical", "inspect", "pretty", "serialize", "show", "write_scheme"]
