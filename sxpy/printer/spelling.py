"""Spelling: the text of values without parts — numbers, strings, characters, names, and what has no syntax.

Owns the escapes of strings and the shapes of numbers and characters, for every style of writing. What is
written here the reader's atoms read back (`sxpy/reader/atoms.py`). Next: `sxpy/printer/writer.py`.
"""

from __future__ import annotations

import math
import re
import unicodedata
from fractions import Fraction
from typing import Any

from sxpy.data import (
    EOF,
    NAME_OF_CODE,
    Bytevector,
    Char,
    Closure,
    Condition,
    Control,
    InputPort,
    OutputPort,
    Primitive,
    Promise,
    Regex,
    StringBuffer,
    type_of,
)
from sxpy.lazy import lazy_pattern
from sxpy.reader.atoms import is_keyword_name
from sxpy.reader.integers import format_integer

_SPECIAL = lazy_pattern(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""What a string literal spells as an escape, beside `"`, `\\` and newline: control characters and all line
ends, so that it stays one line everywhere and does not act on a terminal; lone surrogates, so that it
encodes to UTF-8."""

_ESCAPES = {"\t": "\\t", "\r": "\\r", "\0": "\\0"}


def quoted(text: str) -> str:
    """The string literal that reads back as `text`: one line, encodable to UTF-8."""
    # What a program's text is full of goes first, in C: what is left seldom has anything to escape.
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{text}"' if text.isprintable() else f'"{_SPECIAL.sub(_escaped, text)}"'


def _escaped(match: re.Match[str]) -> str:
    char = match.group()
    return _ESCAPES.get(char) or f"\\u{ord(char):04x}"


_EXPONENT = lazy_pattern(r"e\+?(-?)0*")


def float_text(value: float) -> str:
    """The shortest text that reads back as this float, bit for bit (the payload of a NaN apart)."""
    if math.isfinite(value):
        return _EXPONENT.sub(r"e\1", repr(value))
    if math.isnan(value):
        return "nan"
    return "inf" if value > 0 else "-inf"


def fraction_text(value: Fraction) -> str:
    """A rational as `1/3`."""
    return f"{format_integer(value.numerator)}/{format_integer(value.denominator)}"


def char_text(char: Char) -> str:
    """A character as `#\\a`, `#\\space` or `#\\x301`; the last for what could not be seen."""
    name = NAME_OF_CODE.get(char.code)
    if name is not None:
        return "#\\" + name
    shown = chr(char.code)
    if shown.isprintable() and not shown.isspace() and not unicodedata.category(shown).startswith("M"):
        return "#\\" + shown
    return f"#\\x{char.code:x}"


def bytes_text(value: Bytevector) -> str:
    """A bytevector as `#u8(1 2)`."""
    return f"#u8({' '.join(map(str, value.data))})"


def key_text(key: str) -> str:
    """A dict key: `:name`, or a string when the key is no plain name."""
    return ":" + key if is_keyword_name(key) else quoted(key)


def opaque_text(value: Any) -> str:
    """The text of a value that has no syntax and no parts to show: `<lambda name/2>` and the like."""
    match value:
        case Closure():
            template = value.template
            return f"<{type_of(value)} {getattr(template, 'name', '?')}/{getattr(template, 'arity', '?')}>"
        case Primitive() | Control():
            return f"<primitive {value.name}>"
        case Promise():
            return "<promise, forced>" if value.state.done else "<promise>"
        case Condition():
            return f"<error {quoted(value.message)}>"
        case Regex():
            return f"<regex {quoted(value.source)}>"
        case StringBuffer():
            return f"<string-buffer of {sum(map(len, value.parts))}>"
        case InputPort() | OutputPort():
            return f"<{type_of(value)}{'' if value.open else ', closed'}>"
    if value is EOF:
        return "#!eof"
    name = getattr(value, "name", None)
    return f"<{type_of(value)} {name}>" if isinstance(name, str) and name else f"<{type_of(value)}>"
