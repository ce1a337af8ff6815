"""Atoms: what one token means. Both readers decode tokens here and nowhere else.

Owns the syntax of numbers, symbols, keywords, characters and string escapes. A problem is raised as
`Problem` with an offset inside the token; the reader that called turns it into a `ReadError` with a place.
Next: `sxpy/reader/scanner.py`.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from functools import lru_cache
from typing import Any

from sxpy.data.chars import CHAR_NAMES, Char
from sxpy.data.symbols import keyword, symbol
from sxpy.lazy import lazy_pattern
from sxpy.reader.integers import parse_integer

_INTEGER = lazy_pattern(r"[+-]?[0-9]+\Z")
_RATIONAL = lazy_pattern(r"([+-]?[0-9]+)/([0-9]+)\Z")
_FLOAT = lazy_pattern(r"[+-]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
_LIKE_NUMBER = lazy_pattern(r"[+-]?\.?[0-9]")

_START = "A-Za-z_~*+><=/!?&$%^|-"
_CONTINUE = "0-9.:/#@" + _START
_ASCII_SYMBOL = lazy_pattern(rf"(?:[{_START}][{_CONTINUE}]*|\.\.\.|\.)\Z")
_ASCII_NAME = lazy_pattern(rf"[{_CONTINUE}]*\Z")
_ASCII_START = lazy_pattern(rf"[{_START}]")

_WORDS: dict[str, Any] = {
    "true": True,
    "false": False,
    "nil": None,
    "nan": float("nan"),
    "inf": float("inf"),
    "-inf": float("-inf"),
    # R7RS 7.1.1
    "+inf.0": float("inf"),
    "-inf.0": float("-inf"),
    "+nan.0": float("nan"),
    "-nan.0": float("nan"),
}
_HASH_WORDS: dict[str, bool] = {"#t": True, "#f": False, "#true": True, "#false": False}

AFTER_HASH = ("#t", "#f", "#\\char", "#(", "#u8(", "#;", "#'", "#|")
"""What may follow a number sign."""

ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "0": "\0", "`": "`"}
"""What a backslash and one character mean in a string; `u` and four hexadecimal digits come apart."""

_ESCAPE = lazy_pattern(r"\\(?:u([0-9A-Fa-f]{4})|(.))", re.DOTALL)
_CUT_ESCAPE = lazy_pattern(r"[0-9A-Fa-f]{0,3}\Z")

_LONGEST_CACHED = 64


class Problem(Exception):
    """A token that means nothing. `offset` is relative to the token's start."""

    def __init__(self, message: str, offset: int = 0, expected: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.expected = expected


def atom(text: str) -> Any:
    """The value of a bare token: a number, a literal word, a keyword or a symbol. Raises Problem."""
    # The cache saves most of the time of reading data, where few names stand many times; it must not
    # keep long tokens alive.
    return _cached(text) if len(text) <= _LONGEST_CACHED else _decoded(text)


def _decoded(text: str) -> Any:
    if _ASCII_SYMBOL.match(text):
        if text in _WORDS:
            return _WORDS[text]
        if not _LIKE_NUMBER.match(text):
            return symbol(text)
    if _LIKE_NUMBER.match(text):
        return _number(text)
    if text[0] == ":":
        return _keyword(text)
    if not (_ASCII_START.match(text) or text[0].isalpha()):
        raise Problem(f"{shown(text)} is neither a number nor a name: {shown(text[0])} cannot begin one")
    _check_name(text, 0, "symbol")
    return symbol(text)


_cached = lru_cache(maxsize=8192)(_decoded)


def _number(text: str) -> int | float | Fraction:
    if _INTEGER.match(text):
        return parse_integer(text)
    if _FLOAT.match(text):
        return float(text)
    rational = _RATIONAL.match(text)
    if rational is None:
        raise Problem(f"{shown(text)} is not a number", expected=("a number",))
    below = parse_integer(rational.group(2))
    if below == 0:
        raise Problem(f"the denominator of {shown(text)} is zero", rational.start(2))
    value = Fraction(parse_integer(rational.group(1)), below)
    return value.numerator if value.denominator == 1 else value


def _keyword(text: str) -> Any:
    if len(text) == 1:
        raise Problem("a keyword needs a name after its colon", expected=("a name",))
    _check_name(text, 1, "keyword")
    return keyword(text[1:])


def is_symbol_name(name: str) -> bool:
    """Whether a symbol of this name reads back as that symbol."""
    if not is_keyword_name(name):
        return False
    try:
        return atom(name) is symbol(name)
    except Problem:
        return False


def is_keyword_name(name: str) -> bool:
    """Whether `:name` reads back as the keyword of this name."""
    return name != "" and (_ASCII_NAME.match(name) is not None or all(map(_continues, name)))


def _check_name(text: str, start: int, kind: str) -> None:
    if _ASCII_NAME.match(text, start):
        return
    for offset in range(start, len(text)):
        if not _continues(text[offset]):
            raise Problem(f"{shown(text[offset])} cannot stand in the {kind} {shown(text)}", offset)


def _continues(char: str) -> bool:
    if char < "\x80":
        return _ASCII_NAME.match(char) is not None
    return unicodedata.category(char)[0] in "LMN"


def shown(text: str) -> str:
    """A token for a message: not too long, and without what would act on a terminal."""
    cut = text if len(text) <= 40 else text[:39] + "…"
    return cut if cut.isprintable() else ascii(cut)[1:-1]


def hash_word(text: str) -> bool:
    """The value of `#t`, `#f` and their long forms. Raises Problem."""
    if text not in _HASH_WORDS:
        raise Problem(f"{shown(text)} means nothing", expected=AFTER_HASH)
    return _HASH_WORDS[text]


def character(text: str) -> Char:
    r"""The character that a token such as `#\a`, `#\space` or `#\x3bb` means. Raises Problem."""
    name = text[2:]
    if len(name) == 1:
        return Char(ord(name))
    if name in CHAR_NAMES:
        return Char(CHAR_NAMES[name])
    if re.fullmatch(r"x[0-9A-Fa-f]+", name):
        digits = name[1:].lstrip("0") or "0"
        if len(digits) > 6 or int(digits, 16) > 0x10FFFF:
            raise Problem(f"{shown(text)} is beyond the last code point, #\\x10FFFF")
        return Char(int(digits, 16))
    raise Problem(f"{shown(text)} names no character", expected=("one character", "#\\xHH", *CHAR_NAMES))


def string(text: str) -> str:
    """What a string token means; an unknown escape keeps its backslash. Raises Problem."""
    body = text[1:-1]
    return _ESCAPE.sub(_unescaped, body) if "\\" in body else body


def _unescaped(match: re.Match[str]) -> str:
    if match.group(1) is not None:
        return chr(int(match.group(1), 16))
    if match.group(2) == "u":
        raise _bad_escape(match.start() + 1)
    return ESCAPES.get(match.group(2), match.group())


def check_open_string(text: str) -> None:
    """Raise Problem when no more text can complete the string that `text` begins: an escape is wrong."""
    for match in _ESCAPE.finditer(text):
        if match.group(2) == "u" and not _CUT_ESCAPE.match(text, match.end()):
            raise _bad_escape(match.start())


def _bad_escape(offset: int) -> Problem:
    return Problem("\\u needs four hexadecimal digits", offset, ("\\uXXXX",))


def raw_string(text: str) -> str:
    """The content of a raw string token `#|…|`."""
    return text[2:-1]
