"""JSON: `json-encode` and `json-decode` (RFC 8259).

Owns the mapping between SX values and JSON: dict ↔ object, list (or vector) ↔ array, string, number,
true, false, null ↔ nil. Integers keep every digit; a number with a point or an exponent is a float.
Both ways use a stack on the heap, so depth is bounded by memory alone; strings and their escapes are left
to Python's `json`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from sxpy.data import Dict, Keyword, Symbol, Vector, from_list, is_list, type_of
from sxpy.errors import SxParseError, SxTypeError, SxValueError
from sxpy.primitives.number_syntax import integer_text, read_number
from sxpy.primitives.registry import primitive
from sxpy.primitives.text import as_string

# -- writing ---------------------------------------------------------------------------------------


@primitive("json-encode")
def json_encode(value: Any) -> str:
    """(json-encode x) — x as JSON text, without white space, keys in the order of the dict.

    Symbols and keywords become strings. Values JSON has no form for (nan, infinities, rationals,
    functions …) and cyclic values are errors.

    (json-encode {:a (list 1 2.5 nil true)}) => "{\\"a\\":[1,2.5,null,true]}"
    """
    pieces: list[str] = []
    open_: list[tuple[Any, Iterator[Any], str]] = []  # container, what is left of it, closing bracket
    on_path: set[int] = set()

    def begin(item: Any) -> None:
        inner = _parts(item)
        if inner is None:
            pieces.append(_atom(item))
            return
        if id(item) in on_path:
            raise SxValueError("json-encode: the value contains itself")
        on_path.add(id(item))
        parts, bracket, closing = inner
        pieces.append(bracket)
        open_.append((item, parts, closing))

    begin(value)
    while open_:
        container, parts, closing = open_[-1]
        item: Any = next(parts, _END)
        if item is _END:
            pieces.append(closing)
            on_path.discard(id(container))
            open_.pop()
            continue
        if pieces[-1] not in ("[", "{"):
            pieces.append(",")
        if closing == "}":
            key, item = item
            pieces.append(_string(key))
            pieces.append(":")
        begin(item)
    return "".join(pieces)


_END = object()


def _parts(value: Any) -> tuple[Iterator[Any], str, str] | None:
    """The parts and the brackets of a container; None for atoms."""
    if isinstance(value, Dict):
        return iter(value.items()), "{", "}"
    if is_list(value):
        return iter(value), "[", "]"
    if type(value) is Vector:
        return iter(value.items), "[", "]"
    return None


def _atom(value: Any) -> str:
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    kind = type(value)
    if kind is str:
        return _string(value)
    if kind is int:
        return integer_text(value)
    if kind is float:
        if math.isfinite(value):
            return repr(value)
        raise SxValueError(f"json-encode: JSON has no {value}", value)
    if kind is Fraction:
        raise SxTypeError("json-encode: JSON has no rationals; make it a float with (inexact x)", value)
    if kind is Symbol or kind is Keyword:
        return _string(value.name)
    raise SxTypeError(f"json-encode: JSON has no {type_of(value)}", value)


def _string(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    # A lone surrogate has no UTF-8: it is written as an escape.
    return quoted if text.isascii() or not _SURROGATE.search(text) else json.dumps(text)


_SURROGATE = re.compile("[\ud800-\udfff]")

# -- reading ---------------------------------------------------------------------------------------

_read_string: Callable[[str, int], tuple[str, int]] = json.JSONDecoder().raw_decode
"""Reads the string that begins at an offset; the text, and where it ends."""

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None}


@primitive("json-decode")
def json_decode(string: Any) -> Any:
    """(json-decode s) — the value of JSON text. Text that is no JSON is an error that says where.

    Of a key that is repeated in an object the last value counts.

    (json-decode "{\\"a\\": [1, 2.5, null]}") => {:a (1 2.5 nil)}
    """
    return _Decoder(as_string("json-decode", string)).value()


class _Decoder:
    """One text, and how far it has been read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def value(self) -> Any:
        """The value of the whole text."""
        # Open containers, outermost first. An object is a dict and the key that waits for its value.
        open_: list[tuple[list[Any] | dict[str, Any], str]] = []
        while True:
            self._skip()
            char = self.text[self.at : self.at + 1]
            if char == "[" and not self._empty("]"):
                open_.append(([], ""))
                continue
            if char == "{" and not self._empty("}"):
                open_.append(({}, self._key()))
                continue
            value = from_list([]) if char == "[" else Dict() if char == "{" else self._atom(char)
            # The value may be the last of its container, that one the last of its own, and so on.
            while True:
                self._skip()
                if not open_:
                    if self.at < len(self.text):
                        raise self._wrong("the end of the text")
                    return value
                container, key = open_[-1]
                char = self.text[self.at : self.at + 1]
                self.at += 1
                if isinstance(container, list):
                    container.append(value)
                    if char == ",":
                        break
                    if char != "]":
                        self.at -= 1
                        raise self._wrong("`,` or `]`")
                    value = from_list(container)
                else:
                    container[key] = value
                    if char == ",":
                        open_[-1] = container, self._key()
                        break
                    if char != "}":
                        self.at -= 1
                        raise self._wrong("`,` or `}`")
                    value = Dict(container)
                open_.pop()

    def _skip(self) -> None:
        found = _SPACE.match(self.text, self.at)
        assert found is not None
        self.at = found.end()

    def _empty(self, bracket: str) -> bool:
        """Step over the opening bracket, and over the closing one when it follows at once."""
        self.at += 1
        self._skip()
        if not self.text.startswith(bracket, self.at):
            return False
        self.at += 1
        return True

    def _key(self) -> str:
        self._skip()
        if not self.text.startswith('"', self.at):
            raise self._wrong("a string as key")
        key = self._string()
        self._skip()
        if not self.text.startswith(":", self.at):
            raise self._wrong("`:`")
        self.at += 1
        return key

    def _atom(self, char: str) -> Any:
        if char == '"':
            return self._string()
        for word, value in _WORDS.items():
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return value
        found = _NUMBER.match(self.text, self.at)
        if found is None:
            raise self._wrong("a value")
        self.at = found.end()
        return float(found[0]) if found[2] or found[3] else read_number(found[1])

    def _string(self) -> str:
        try:
            text, self.at = _read_string(self.text, self.at)
        except json.JSONDecodeError as error:
            self.at = error.pos
            raise self._wrong(f"a string ({error.msg})") from None
        return text

    def _wrong(self, wanted: str) -> SxParseError:
        line = self.text.count("\n", 0, self.at) + 1
        column = self.at - self.text.rfind("\n", 0, self.at)
        found = repr(self.text[self.at]) if self.at < len(self.text) else "the end"
        return SxParseError(f"json-decode: line {line}, column {column}: expected {wanted}, found {found}")
