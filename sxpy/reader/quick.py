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
from typing import Any, NoReturn

from sxpy.data.dicts import Dict
from sxpy.data.lists import from_list

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
    structure = _with_keys(STRING.join(parts[::2]))
    keys = structure.count('"') // 2
    if ":" in structure or "," in structure or "[" in structure or "]" in structure:
        raise Doubt
    if "nil" in structure or "null" in structure:
        if _NULL.search(structure):
            raise Doubt
        structure = _NIL.sub("null", structure)
    # Behind a quote, which ends a key, a space becomes a colon.
    structure = structure.replace('" ', '":').replace(" ", ",").replace("\n", newline)
    lists = "(" in structure
    if lists:
        structure = structure.replace("(", '{"(":[').replace(")", "]}")
    elif ")" in structure:
        raise Doubt
    parts[::2] = structure.split(STRING)
    json = '"'.join(parts)
    if escapes:
        json = json.replace(BACKSLASH, "\\\\").replace(QUOTE, '\\"')
    return _made(f"{before}{json}{after}", keys, lists)


def _with_keys(structure: str) -> str:
    """The structure with quotes around the keys."""
    end = structure.find("\n")
    if end > 0:
        # Many lines have the keys of the first one, mostly; to replace them by name takes half the time.
        for key in set(_KEY.findall(structure, 0, end)):
            structure = structure.replace(f":{key} ", f'"{key}" ')
    return '"'.join(_KEY.split(structure)) if ":" in structure else structure


def _marked(text: str) -> str:
    """The text without escaped backslashes and quotes, when what else is escaped means the same in JSON."""
    if BACKSLASH in text or QUOTE in text:
        raise Doubt
    text = text.replace("\\\\", BACKSLASH).replace('\\"', QUOTE)
    if _OTHER_ESCAPE.search(text):
        raise Doubt
    return text


class _Maker:
    """Makes dicts and lists of JSON's objects; counts keys, of which one that stands twice counts once."""

    __slots__ = ("dicts", "dicts_and_lists", "keys")

    def __init__(self) -> None:
        from json.decoder import JSONDecoder  # noqa: PLC0415  not every program reads data

        self.keys = 0
        self.dicts = JSONDecoder(object_hook=self.make_dict, parse_constant=_doubt)
        self.dicts_and_lists = JSONDecoder(object_hook=self.make_either, parse_constant=_doubt)

    def make_dict(self, made: dict[str, Any]) -> Dict:
        self.keys += len(made)
        return Dict(made)

    def make_either(self, made: dict[str, Any]) -> Any:
        if LIST in made:
            return from_list(made[LIST])
        self.keys += len(made)
        return Dict(made)


_makers: list[_Maker] = []
"""Those that are not at work: a thread takes one, or makes one."""


def _made(json: str, keys: int, lists: bool) -> list[Any]:
    """The array that stands in `json`, in whose objects so many keys stand. Raises Doubt."""
    try:
        maker = _makers.pop()
    except IndexError:
        maker = _Maker()
    maker.keys = 0
    try:
        made, end = (maker.dicts_and_lists if lists else maker.dicts).raw_decode(json)
        if maker.keys != keys or end != len(json):
            raise Doubt
    except (ValueError, RecursionError):
        raise Doubt from None
    finally:
        _makers.append(maker)
    return made  # type: ignore[no-any-return]


def _doubt(_: str) -> NoReturn:
    """What Python's JSON takes for a number, and nobody else does."""
    raise Doubt
