r"""The quick way for plain data: what has a counterpart in JSON is rewritten as JSON and read in C.

    {:who "Ada" :items (1 2.5) :note nil}     {"who":"Ada","items":{"(":[1,2.5]},"note":null}

Rewriting is a handful of passes that run in C over the whole text. First the strings are taken out, by their
quotes; what is left is the structure. There a keyword before a space becomes a key, another space a comma, a
bracket a bracket. Then JSON's grammar is the judge. It is strict: structure that is not plain — a symbol, a
comment, a character, a keyword that is a value, a blank at the wrong place, a bracket too many — becomes
something that is no JSON. The few things that both languages can read, and read differently, are looked for:
commas, colons, square brackets, `null`, escapes that are not JSON's, a key that stands twice.

Whatever is not read here, right or wrong, is left to the scanner (`sxpy/reader/scanner.py`), which is the
definition: there are no errors here, only `Doubt`. Tests hold both to the same values. Why the split by
quotes cannot be fooled: the scanner disagrees with it about a quote only behind a `;`, `#` or backslash that
stands in the structure, and there JSON has none of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn

from sxpy.data.dicts import Dict
from sxpy.data.lists import from_list

if TYPE_CHECKING:
    from json.decoder import JSONDecoder

STRING, BACKSLASH, QUOTE = "\x01", "\x02", "\x03"
"""What stands for a string in the structure, and for an escaped backslash and quote in a string."""

LIST = "("
"""The key that marks a list: no keyword can be called so."""

_KEY = re.compile(r":([0-9A-Za-z_./#@~*+><=!?&$%^|-]+)(?= )")
_NIL = re.compile(r"(?<![^\s(])nil(?![^\s)}])")
_NULL = re.compile(r"(?<![^\s(])null")
_OTHER_ESCAPE = re.compile(r"\\[^ntr]")


class Doubt(Exception):
    """The text is not plain, or not right; the scanner will say which."""


def values(text: str) -> list[Any]:
    """The values that stand in a text, one space or newline between them. Raises Doubt."""
    return _decoded(text.strip(" \n"), "[", ",", "]")


def lines(text: str) -> list[Any]:
    """The values of the lines of a text, each line being one value. Raises Doubt."""
    # A line is an array of its own, so that no value can begin on one line and end on another.
    rows = _decoded(text, "[[", "],[", "]]")
    try:
        return [value for [value] in rows]
    except ValueError:
        raise Doubt from None


def _decoded(text: str, before: str, newline: str, after: str) -> list[Any]:
    """The array that a text is between `before` and `after`, its newlines being `newline`. Raises Doubt."""
    if STRING in text:
        raise Doubt
    escapes = "\\" in text
    if escapes:
        text = _marked(text)
    parts = text.split('"')
    if not len(parts) & 1:
        raise Doubt
    keyed = _KEY.split(STRING.join(parts[::2]))
    structure = '"'.join(keyed)
    if ":" in structure or "," in structure or "[" in structure or "]" in structure:
        raise Doubt
    if "nil" in structure or "null" in structure:
        if _NULL.search(structure):
            raise Doubt
        structure = _NIL.sub("null", structure)
    # Behind a quote, which ends a key, a space becomes a colon.
    structure = structure.replace('" ', '":').replace(" ", ",").replace("\n", newline)
    make: Callable[[list[tuple[str, Any]]], Any] = _dict
    if "(" in structure:
        make = _dict_or_list
        structure = structure.replace("(", '{"(":[').replace(")", "]}")
    elif ")" in structure:
        raise Doubt
    parts[::2] = structure.split(STRING)
    json = '"'.join(parts)
    if escapes:
        json = json.replace(BACKSLASH, "\\\\").replace(QUOTE, '\\"')
    json = f"{before}{json}{after}"
    try:
        made, end = _decoder(make).raw_decode(json)
    except (ValueError, RecursionError):
        raise Doubt from None
    if end != len(json):
        raise Doubt
    return made  # type: ignore[no-any-return]


def _marked(text: str) -> str:
    """The text without escaped backslashes and quotes, when what else is escaped means the same in JSON."""
    if BACKSLASH in text or QUOTE in text:
        raise Doubt
    text = text.replace("\\\\", BACKSLASH).replace('\\"', QUOTE)
    if _OTHER_ESCAPE.search(text):
        raise Doubt
    return text


def _dict(pairs: list[tuple[str, Any]]) -> Dict:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Doubt
    return Dict(made)


def _dict_or_list(pairs: list[tuple[str, Any]]) -> Any:
    if pairs and pairs[0][0] == LIST:
        return from_list(pairs[0][1])
    return _dict(pairs)


def _doubt(_: str) -> NoReturn:
    raise Doubt


@cache
def _decoder(make: Callable[[list[tuple[str, Any]]], Any]) -> JSONDecoder:
    """A decoder for objects that `make` makes; what is a number to Python's JSON only is not one here."""
    from json.decoder import JSONDecoder  # noqa: PLC0415  not every program reads data

    return JSONDecoder(object_pairs_hook=make, parse_constant=_doubt)
