"""The writer: values to text.

Owns the spelling of every kind of value, in three styles: `serialize` (reads back equal, refuses what has
no syntax), `inspect` (shows anything, never fails) and the Scheme writer. One walk with an explicit stack
serves all three, so depth costs heap only, and a container that holds itself is marked, or refused.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Any

from sxpy.data import (
    EOF,
    NAME_OF_CODE,
    Adt,
    AdtType,
    Bytevector,
    Char,
    Closure,
    Condition,
    Continuation,
    Control,
    Dict,
    Environment,
    HashTable,
    InputPort,
    Keyword,
    List,
    Macro,
    MultipleValues,
    MutableList,
    OutputPort,
    Parameter,
    Primitive,
    Promise,
    Record,
    RecordType,
    Regex,
    Reraise,
    StringBuffer,
    SxSet,
    Symbol,
    Vector,
    type_of,
)
from sxpy.errors import SxTypeError
from sxpy.reader.atoms import is_keyword_name, is_symbol_name
from sxpy.reader.integers import format_integer

_SPECIAL = re.compile(r'["\\\n\t\r\x00\ud800-\udfff]')
_ESCAPED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}


class Style:
    """How a walk writes. `exact`: refuse what does not read back; `scheme`, `bare`: as R7RS."""

    __slots__ = ("bare", "exact", "scheme", "sort_keys")

    def __init__(
        self, *, exact: bool = False, scheme: bool = False, bare: bool = False, sort_keys: bool = False
    ) -> None:
        self.exact = exact
        self.scheme = scheme
        self.bare = bare
        self.sort_keys = sort_keys


def quoted(text: str) -> str:
    """A string literal that reads back as `text`. It holds no line break and encodes to UTF-8."""
    return '"' + _SPECIAL.sub(_escape, text) + '"'


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    return _ESCAPED.get(char) or f"\\u{ord(char):04x}"


def float_text(value: float) -> str:
    """The shortest text that reads back as this float, bit for bit (a NaN's payload apart)."""
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    text = repr(value)
    return text.replace("e+", "e")


def key_text(key: str) -> str:
    """A dict key: `:name`, or a string when the key is no plain name."""
    return ":" + key if is_keyword_name(key) else quoted(key)


def char_text(char: Char) -> str:
    """A character literal."""
    name = NAME_OF_CODE.get(char.code)
    if name is not None:
        return "#\\" + name
    shown = chr(char.code)
    if shown.isprintable() and not shown.isspace():
        return "#\\" + shown
    return f"#\\x{char.code:x}"


class Unwritable(Exception):
    """A value that has no syntax met by an exact walk."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def _atom(value: Any, style: Style) -> str | None:
    """The text of a value without parts; None for a container."""
    kind = type(value)
    if kind is str:
        return value if style.bare else quoted(value)
    if kind is int:
        return format_integer(value)
    if value is None:
        return "()" if style.scheme else "nil"
    if kind is bool:
        return ("#t" if value else "#f") if style.scheme else ("true" if value else "false")
    if kind is float:
        return float_text(value)
    if kind is Fraction:
        return f"{format_integer(value.numerator)}/{format_integer(value.denominator)}"
    if isinstance(value, Symbol):
        if style.exact and not (value.interned and is_symbol_name(value.name)):
            why = "has a name that does not read back" if value.interned else "was made by gensym"
            raise Unwritable(f"the symbol {value.name!r} {why}")
        return value.name
    if kind is Keyword:
        if style.exact and not is_keyword_name(value.name):
            raise Unwritable(f"the keyword {value.name!r} has a name that does not read back")
        return ":" + str(value.name)
    if kind is Char:
        return chr(value.code) if style.bare else char_text(value)
    if isinstance(value, (List, MutableList, Dict, Vector, Bytevector)):
        return None
    if style.exact:
        raise Unwritable(f"a {type_of(value)} has no syntax")
    return None if isinstance(value, (Adt, Record, SxSet, HashTable, MultipleValues)) else _opaque(value)


def _opaque(value: Any) -> str:
    """The text of a value that nobody looks into."""
    match value:
        case Closure():
            return f"<lambda {value.template.name}/{value.template.arity}>"
        case Primitive() | Control():
            return f"<primitive {value.name}>"
        case Macro():
            return f"<macro {value.name}>"
        case Continuation() | Reraise():
            return "<continuation>"
        case Parameter():
            return "<parameter>"
        case Promise():
            return "<promise, forced>" if value.state.done else "<promise>"
        case Condition():
            return f"<error {quoted(value.message)}>"
        case Environment():
            return f"<environment {value.name}>"
        case RecordType():
            return f"<record-type {value.name}>"
        case AdtType():
            return f"<type {value.name}>"
        case Regex():
            return f"<regex {quoted(value.source)}>"
        case StringBuffer():
            return f"<string-buffer of {sum(map(len, value.parts))}>"
        case InputPort() | OutputPort():
            return f"<{type_of(value)}{'' if value.open else ', closed'}>"
    return "#!eof" if value is EOF else f"<{type_of(value)}>"


_CLOSE = object()


class _Walk:
    """One walk over a value. `path` are the containers around the present one, with what leads into each."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self.out: list[str] = []
        self.around: set[int] = set()

    def run(self, root: Any) -> str:
        pending: list[Any] = [root]
        out, style = self.out, self.style
        spaced = False
        while pending:
            value = pending.pop()
            if type(value) is _Close:
                out.append(value.text)
                self.around.discard(value.identity)
                spaced = True
                continue
            if type(value) is _Literal:
                if spaced:
                    out.append(" ")
                out.append(value.text)
                spaced = True
                continue
            text = _atom(value, style)
            if text is None and id(value) in self.around:
                if style.exact:
                    raise Unwritable("a value that holds itself has no syntax")
                text = "<cycle>"
            if spaced:
                out.append(" ")
            if text is not None:
                out.append(text)
                spaced = True
                continue
            opening, parts, closing = self.parts(value)
            out.append(opening)
            spaced = len(opening) > 0 and opening[-1] not in "([{"
            self.around.add(id(value))
            pending.append(_Close(closing, id(value)))
            pending.extend(reversed(parts))
        return "".join(out)

    def parts(self, value: Any) -> tuple[str, list[Any], str]:
        """How a container opens, what stands in it, and how it closes."""
        if isinstance(value, (List, MutableList)):
            return "(", list(value), ")"
        if isinstance(value, Dict):
            keys = sorted(value.keys()) if self.style.sort_keys else value.keys()
            items = value.to_dict()
            return "{", [part for key in keys for part in (_Literal(key_text(key)), items[key])], "}"
        if isinstance(value, Vector):
            return "#(", list(value.items), ")"
        if isinstance(value, Bytevector):
            return "#u8(", [_Literal(" ".join(map(str, value.data)))] if value.data else [], ")"
        if isinstance(value, Adt):
            return "(", [_Literal(value.constructor), *value.values], ")"
        if isinstance(value, Record):
            fields = [
                part
                for name, item in zip(value.type.fields, value.values, strict=True)
                for part in (_Literal(name + ":"), item)
            ]
            return f"<{value.type.name}", fields, ">"
        if isinstance(value, SxSet):
            return "<set", list(value.table.values()), ">"
        if isinstance(value, MultipleValues):
            return "<values", list(value.items), ">"
        entries = [part for key, item in value.table.values() for part in (key, item)]
        return "<hash-table", entries, ">"


class _Close:
    __slots__ = ("identity", "text")

    def __init__(self, text: str, identity: int) -> None:
        self.text = text
        self.identity = identity


class _Literal:
    """Text that stands for itself among the parts of a container."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def write(value: Any, style: Style) -> str:
    """The text of a value. Raises Unwritable in an exact style."""
    return _Walk(style).run(value)


def refusal(value: Any, why: str) -> SxTypeError:
    """The error for a value that cannot be serialized: what stands in the way, and where in the value."""
    path = _path_to_unwritable(value)
    where = f" at {path}" if path else ""
    return SxTypeError(f"serialize: {why}{where}; it would not read back", value)


def _path_to_unwritable(root: Any) -> str:
    """The way to the first part of a value that has no syntax, such as `.data[2].f`."""
    exact = Style(exact=True)
    pending: list[tuple[Any, Any]] = [(root, None)]
    seen: set[int] = set()
    while pending:
        value, way = pending.pop()
        try:
            atom = _atom(value, exact)
        except Unwritable:
            return _way_text(way)
        if atom is not None:
            continue
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Dict):
            steps = [
                (item, (way, "." + key if is_keyword_name(key) else f"[{quoted(key)}]"))
                for key, item in value.items()
            ]
        elif isinstance(value, Bytevector):
            steps = []
        else:
            items = value.items if isinstance(value, Vector) else value
            steps = [(item, (way, f"[{index}]")) for index, item in enumerate(items)]
        pending.extend(reversed(steps))
    return ""


def _way_text(way: Any) -> str:
    parts = []
    while way is not None:
        way, part = way
        parts.append(part)
    return "".join(reversed(parts))
