"""Atoms: what one token means. Both readers decode tokens here and nowhere else.

Owns the syntax of numbers, symbols, keywords, characters and string escapes. A problem is raised as
`Problem` with an offset inside the token; the reader that called turns it into a `ReadError` with a place.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from typing import Any

from sxpy.data.chars import CHAR_NAMES, Char
from sxpy.data.symbols import keyword, symbol
from sxpy.reader.integers import parse_integer

_INTEGER = re.compile(r"[+-]?[0-9]+\Z")
_RATIONAL = re.compile(r"([+-]?[0-9]+)/([0-9]+)\Z")
_FLOAT = re.compile(r"[+-]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
_LIKE_NUMBER = re.compile(r"[+-]?\.?[0-9]")
_ASCII_SYMBOL = re.compile(r"(?:[A-Za-z_~*+\-><=/!?&$%^|][A-Za-z0-9_~*+\-><=/!?&$%^|.:/#@]*|\.\.\.|\.)\Z")
_START = frozenset("_~*+-><=/!?&$%^|")
_CONTINUE = _START | frozenset(".:/#@")

_WORDS: dict[str, Any] = {
    "true": True,
    "false": False,
    "nil": None,
    "nan": float("nan"),
    "inf": float("inf"),
    "-inf": float("-inf"),
    "+inf.0": float("inf"),
    "-inf.0": float("-inf"),
    "+nan.0": float("nan"),
    "-nan.0": float("nan"),
}
_HASH_WORDS: dict[str, bool] = {"#t": True, "#f": False, "#true": True, "#false": False}

ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "0": "\0", "`": "`"}
"""What a backslash and one character mean in a string; `u` and four hexadecimal digits come apart."""

_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.))", re.DOTALL)


class Problem(Exception):
    """A token that means nothing. `offset` is relative to the token's start."""

    def __init__(self, message: str, offset: int = 0, expected: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.expected = expected


def atom(text: str) -> Any:
    """The value of a bare token: a number, a literal word, a keyword or a symbol."""
    if _ASCII_SYMBOL.match(text):
        if text in _WORDS:
            return _WORDS[text]
        if not _LIKE_NUMBER.match(text):
            return symbol(text)
    if _INTEGER.match(text):
        return parse_integer(text)
    rational = _RATIONAL.match(text)
    if rational:
        below = parse_integer(rational.group(2))
        if below == 0:
            raise Problem(f"the denominator of {text} is zero", rational.start(2))
        value = Fraction(parse_integer(rational.group(1)), below)
        return int(value) if value.denominator == 1 else value
    if _FLOAT.match(text):
        return float(text)
    if text[0] == ":":
        return _keyword(text)
    if _LIKE_NUMBER.match(text):
        raise Problem(f"{_cut(text)} is not a number", expected=("a number",))
    _check_symbol(text)
    return symbol(text)


def is_symbol_name(name: str) -> bool:
    """Whether a symbol of this name reads back as that symbol."""
    try:
        return bool(name) and _whole_token(name) and atom(name) is symbol(name)
    except Problem:
        return False


def is_keyword_name(name: str) -> bool:
    """Whether `:name` reads back as the keyword of this name."""
    return bool(name) and all(_continues(char) for char in name)


def _whole_token(name: str) -> bool:
    return all(_continues(char) for char in name)


def _keyword(text: str) -> Any:
    if len(text) == 1:
        raise Problem("a keyword needs a name after its colon", expected=("a name",))
    for offset, char in enumerate(text[1:], 1):
        if not _continues(char):
            raise Problem(f"{char!r} cannot stand in the keyword {_cut(text)}", offset)
    return keyword(text[1:])


def _check_symbol(text: str) -> None:
    first = text[0]
    if not (first in _START or _is_letter(first)):
        raise Problem(f"{_cut(text)} is neither a number nor a symbol: {first!r} cannot begin one")
    for offset, char in enumerate(text):
        if not _continues(char):
            raise Problem(f"{char!r} cannot stand in the symbol {_cut(text)}", offset)


def _is_letter(char: str) -> bool:
    return char.isalpha()


def _continues(char: str) -> bool:
    if char < "\x80":
        return char.isalnum() or char in _CONTINUE
    return unicodedata.category(char)[0] in "LMN"


def _cut(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


def hash_word(text: str) -> bool:
    """The value of `#t`, `#f` and their long forms."""
    if text not in _HASH_WORDS:
        raise Problem(
            f"{_cut(text)} means nothing after #", expected=("#t", "#f", "#\\char", "#(", "#;", "#|")
        )
    return _HASH_WORDS[text]


def character(text: str) -> Char:
    r"""The character that a token such as `#\a`, `#\space` or `#\x3bb` means."""
    name = text[2:]
    if len(name) == 1:
        return Char(ord(name))
    if name in CHAR_NAMES:
        return Char(CHAR_NAMES[name])
    if name[:1] == "x" and re.fullmatch(r"[0-9A-Fa-f]+", name[1:]):
        code = int(name[1:], 16) if len(name) < 12 else 0x110000
        if code > 0x10FFFF:
            raise Problem(f"{_cut(text)} is beyond the last code point, #\\x10FFFF")
        return Char(code)
    raise Problem(f"{_cut(text)} names no character", expected=tuple(sorted(CHAR_NAMES)))


def string(text: str) -> str:
    """The content of a string token, quotes included; an unknown escape keeps its backslash."""
    body = text[1:-1]
    if "\\" not in body:
        return body
    return _ESCAPE.sub(_unescaped, body)


def _unescaped(match: re.Match[str]) -> str:
    if match.group(1) is not None:
        return chr(int(match.group(1), 16))
    char = match.group(2)
    if char == "u":
        raise Problem("\\u needs four hexadecimal digits", match.start() + 1, ("\\uXXXX",))
    return ESCAPES.get(char, "\\" + char)


def raw_string(text: str) -> str:
    """The content of a raw string token `#|…|`."""
    return text[2:-1]
