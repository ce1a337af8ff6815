"""The writer: values to text, in the styles of `serialize`, `inspect` and the Scheme writer.

One walk serves them all. Its stack is on the heap, so depth costs memory only, and it knows the containers
it is in, so a value that holds itself is marked, or refused where the text must read back.
Next: `sxpy/printer/refusal.py`, `sxpy/printer/pretty.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import repeat
from typing import Any

from sxpy.data import (
    Adt,
    Bytevector,
    Char,
    Dict,
    HashTable,
    Keyword,
    List,
    MultipleValues,
    MutableList,
    Record,
    SxSet,
    Symbol,
    Vector,
    type_of,
)
from sxpy.printer.spelling import (
    bytes_text,
    char_text,
    float_text,
    fraction_text,
    key_text,
    opaque_text,
    quoted,
)
from sxpy.reader.atoms import is_keyword_name, is_symbol_name
from sxpy.reader.integers import format_integer

Spell = dict[type, Callable[[Any], str]]
Parts = tuple[str, Iterable[tuple[str, Any]], str]
"""How a container opens, its parts with what stands before each, and how it closes."""


class Unwritable(Exception):
    """An exact style met a value that no text reads back as. `what` describes it."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Style:
    """How values are written. `exact` refuses what would not read back; `sort_keys` orders dicts by key."""

    __slots__ = ("exact", "quotes", "sort_keys", "spell")

    def __init__(self, spell: Spell, *, exact: bool = False, sort_keys: bool = False) -> None:
        self.spell = spell
        self.quotes = spell[str] is quoted
        """Whether strings are written as literals."""
        self.exact = exact
        self.sort_keys = sort_keys


def _symbol_text(value: Symbol) -> str:
    if not value.interned:
        raise Unwritable(f"the symbol {value.name}, which gensym made")
    if not is_symbol_name(value.name):
        raise Unwritable(f"a symbol called {quoted(value.name)}")
    return value.name


def _keyword_text(value: Keyword) -> str:
    if not is_keyword_name(value.name):
        raise Unwritable(f"a keyword called {quoted(value.name)}")
    return ":" + value.name


_ATOMS: Spell = {
    type(None): lambda _: "nil",
    bool: lambda value: "true" if value else "false",
    int: format_integer,
    float: float_text,
    Fraction: fraction_text,
    str: quoted,
    Char: char_text,
    Symbol: lambda value: value.name,
    Keyword: lambda value: f":{value.name}",
    Bytevector: bytes_text,
}
_EXACT_ATOMS: Spell = {**_ATOMS, Symbol: _symbol_text, Keyword: _keyword_text}
_SCHEME_ATOMS: Spell = {
    **_ATOMS,
    type(None): lambda _: "()",
    bool: lambda value: "#t" if value else "#f",
}

EXACT = Style(_EXACT_ATOMS, exact=True)
"""`serialize`: what is written reads back equal."""

CANONICAL = Style(_EXACT_ATOMS, exact=True, sort_keys=True)
"""`canonical-serialize`: as EXACT, with the keys of dicts in the order of their code points."""

PLAIN = Style(_ATOMS)
"""`inspect`: every value has a text."""

SCHEME = Style(_SCHEME_ATOMS)
"""`write-to-string`: nil is `()`, booleans are `#t` and `#f`."""

DISPLAY = Style({**_SCHEME_ATOMS, str: lambda value: value, Char: lambda value: chr(value.code)})
"""As SCHEME, with strings and characters bare (R7RS 6.13.3, `display`)."""


def write(value: Any, style: Style) -> str:
    """The text of a value. Raises Unwritable in an exact style."""
    spelled = style.spell.get(type(value))
    if spelled is not None:
        return spelled(value)
    try:
        return _flat(value, style, SHALLOW)
    except _Unusual:
        return "".join(pieces(value, style))


SHALLOW = 30
"""How deep in each other lists and dicts may be to be written by recursion, which takes half the time."""

SHORT = 10**18
"""Integers below this need nothing but what Python does with them."""


class _Unusual(Exception):
    """A value that `_flat` does not write."""


def _flat(value: Any, style: Style, depth: int) -> str:
    """The text of a list or dict of atoms and of such, at most `depth` deep in each other.

    Short integers and strings without escapes, which events are full of, are spelled on the spot.
    Raises _Unusual, also for a value that holds itself, which is deeper than any depth; Unwritable.
    """
    if not depth:
        raise _Unusual
    pairs: Iterable[tuple[str | None, Any]]
    if type(value) is Dict:
        pairs = sorted(value.items(), key=_first) if style.sort_keys else value.items()
        opening, closing = "{", "}"
    elif isinstance(value, (List, MutableList)):
        pairs = zip(repeat(None), value)
        opening, closing = "(", ")"
    else:
        raise _Unusual
    spell, quotes = style.spell, style.quotes
    parts: list[str] = []
    for key, part in pairs:
        kind = type(part)
        if kind is str and quotes and part.isprintable() and '"' not in part and "\\" not in part:
            parts.append(f'{_BEFORE[key]}"{part}"')
        elif kind is int and -SHORT < part < SHORT:
            parts.append(f"{_BEFORE[key]}{part}")
        else:
            spelled = spell.get(kind)
            text = _flat(part, style, depth - 1) if spelled is None else spelled(part)
            parts.append(_BEFORE[key] + text)
    return f"{opening}{' '.join(parts)}{closing}"


class _Before(dict[str | None, str]):
    """What stands before a part, by its key in a dict; nothing before a part of a list, whose key is None."""

    def __missing__(self, key: str) -> str:
        text = key_text(key) + " "
        if len(self) < MOST_KEYS and len(key) <= LONGEST_KEY:
            self[key] = text
        return text


MOST_KEYS, LONGEST_KEY = 4096, 64
"""How many keys are remembered as they are written, and how long they may be."""

_BEFORE = _Before({None: ""})


def write_within(value: Any, style: Style, width: int) -> str | None:
    """The text of a value if it has at most `width` characters, else None."""
    found: list[str] = []
    for piece in pieces(value, style):
        width -= len(piece)
        if width < 0:
            return None
        found.append(piece)
    return "".join(found)


def pieces(root: Any, style: Style) -> Iterator[str]:
    """The text of a value, piece by piece. Raises Unwritable in an exact style."""
    spell = style.spell
    parts: Iterator[tuple[str, Any]] = iter((("", root),))
    closing, identity, between = "", 0, ""
    around: list[tuple[Iterator[tuple[str, Any]], str, int]] = []
    inside: set[int] = set()
    while True:
        for before, value in parts:
            spelled = spell.get(type(value))
            if spelled is not None:
                yield between + before + spelled(value)
                between = " "
                continue
            opened = open_value(value, style, inside)
            if isinstance(opened, str):
                yield between + before + opened
                between = " "
                continue
            around.append((parts, closing, identity))
            opening, inner, closing = opened
            yield between + before + opening
            parts, identity, between = iter(inner), id(value), ""
            inside.add(identity)
            break
        else:
            if not around:
                return
            yield closing
            inside.discard(identity)
            parts, closing, identity = around.pop()
            between = " "


def open_value(value: Any, style: Style, inside: set[int]) -> Parts | str:
    """How a container is written, or the whole text of a value without parts, of a kind not in `style.spell`.

    `inside` are the identities of the containers around it. Raises Unwritable in an exact style.
    """
    if id(value) in inside:
        if style.exact:
            raise Unwritable(f"a {type_of(value)} that holds itself")
        return "<cycle>"
    if isinstance(value, (List, MutableList)):
        return "(", zip(repeat(""), list(value)), ")"
    if isinstance(value, Dict):
        items = sorted(value.items(), key=_first) if style.sort_keys else value.items()
        return "{", [(key_text(key) + " ", item) for key, item in items], "}"
    if isinstance(value, Vector):
        return "#(", zip(repeat(""), list(value.items)), ")"
    if isinstance(value, Symbol):
        return style.spell[Symbol](value)
    if style.exact:
        raise Unwritable(f"the {type_of(value)} {_cut(value)}")
    return _shown_parts(value)


def _shown_parts(value: Any) -> Parts | str:
    """The containers that have no syntax."""
    if isinstance(value, Adt):
        return _named_parts("(" + value.constructor, [("", item) for item in value.values], ")")
    if isinstance(value, Record):
        names = [f"{name}: " for name in value.type.fields]
        return _named_parts("<" + value.type.name, list(zip(names, value.values, strict=True)), ">")
    if isinstance(value, SxSet):
        return _named_parts("<set", [("", item) for item in value.table.values()], ">")
    if isinstance(value, HashTable):
        pairs = [(("", key), ("", item)) for key, item in value.table.values()]
        return _named_parts("<hash-table", [part for pair in pairs for part in pair], ">")
    if isinstance(value, MultipleValues):
        return _named_parts("<values", [("", item) for item in value.items], ">")
    return opaque_text(value)


def _named_parts(opening: str, parts: list[tuple[str, Any]], closing: str) -> Parts:
    return opening + " " if parts else opening, parts, closing


def _cut(value: Any) -> str:
    text = write_within(value, PLAIN, 60)
    return text if text is not None else "with many parts"


def _first(item: tuple[Any, Any]) -> Any:
    return item[0]
