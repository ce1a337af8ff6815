"""Source: text to forms with places, by the Lark grammar `sx.lark`.

The parser is LALR and builds values from the leaves up, so nesting costs no Python stack. Each rule's
callback returns `(value, offset)`; lists become `Form`, dict literals `FormDict`, which remember where
their parts stand. A text that the grammar or a callback refuses is given to the scanner, which names the
error. Lark is imported when the first source is read.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

from sxpy.data.symbols import Keyword, Symbol
from sxpy.data.values import Bytevector, Vector
from sxpy.errors import InternalError, ReadError
from sxpy.reader import atoms
from sxpy.reader.forms import Form, FormDict, Source
from sxpy.reader.scanner import PREFIXES, scan, start_of

_Read = tuple[Any, int]


class _Dropped:
    """The value of a form behind `#;`."""


_DROPPED = _Dropped()


class _Refused(Exception):
    """A callback found something wrong; the scanner will say what."""


class _Builder(threading.local):
    """The callbacks of the grammar's rules. `source` is the text that the present thread reads."""

    source: Source

    def start(self, children: list[_Read]) -> list[_Read]:
        return [child for child in children if child[0] is not _DROPPED]

    def sequence(self, children: list[Any]) -> _Read:
        opened, *items = children[:-1]
        kept = self.start(items)
        values = [value for value, _ in kept]
        starts = tuple([offset for _, offset in kept])
        return Form(values, self.source, opened.start_pos, starts), opened.start_pos

    def mapping(self, children: list[Any]) -> _Read:
        opened, *items = children[:-1]
        kept = self.start(items)
        if len(kept) % 2:
            raise _Refused
        values: dict[str, Any] = {}
        starts: dict[str, int] = {}
        for (key, _), (value, offset) in zip(kept[::2], kept[1::2], strict=True):
            name = key.name if isinstance(key, (Keyword, Symbol)) else key
            if type(name) is not str or name in values:
                raise _Refused
            values[name], starts[name] = value, offset
        return FormDict(values, self.source, opened.start_pos, starts), opened.start_pos

    def vector(self, children: list[Any]) -> _Read:
        opened, *items = children[:-1]
        return Vector([value for value, _ in self.start(items)]), opened.start_pos

    def bytevector(self, children: list[Any]) -> _Read:
        opened, *items = children[:-1]
        values = [value for value, _ in self.start(items)]
        if not all(type(value) is int and 0 <= value <= 255 for value in values):
            raise _Refused
        return Bytevector(bytes(values)), opened.start_pos

    def prefixed(self, children: list[Any]) -> _Read:
        prefix, (value, offset) = children[0], children[-1]
        start = prefix.start_pos
        return Form([PREFIXES[str(prefix)], value], self.source, start, (start, offset)), start

    def dropped(self, children: list[Any]) -> _Read:
        return _DROPPED, children[0].start_pos

    def atom(self, children: list[Any]) -> _Read:
        return atoms.atom(str(children[0])), children[0].start_pos

    def string(self, children: list[Any]) -> _Read:
        return atoms.string(str(children[0])), children[0].start_pos

    def raw(self, children: list[Any]) -> _Read:
        return atoms.raw_string(str(children[0])), children[0].start_pos

    def char(self, children: list[Any]) -> _Read:
        return atoms.character(str(children[0])), children[0].start_pos

    def hash(self, children: list[Any]) -> _Read:
        return atoms.hash_word(str(children[0])), children[0].start_pos


@lru_cache(maxsize=1)
def _parser() -> tuple[Any, _Builder]:
    from lark import Lark  # noqa: PLC0415  importing it costs more than the interpreter's start

    builder = _Builder()
    grammar = Path(__file__).with_name("sx.lark").read_text(encoding="utf-8")
    return Lark(
        grammar, parser="lalr", lexer="basic", transformer=builder, propagate_positions=False
    ), builder


def read_source(source: Source) -> tuple[list[Any], list[int]]:
    """The top-level forms of a source and their offsets. Raises ReadError, IncompleteRead."""
    from lark.exceptions import LarkError  # noqa: PLC0415

    parser, builder = _parser()
    start = start_of(source.text)
    # A text that does not begin at its first character keeps its offsets: what is skipped becomes space.
    text = " " * start + source.text[start:] if start else source.text
    builder.source = source
    try:
        forms: list[_Read] = parser.parse(text)
    except (LarkError, atoms.Problem, _Refused) as error:
        raise _explained(source, error) from None
    return [value for value, _ in forms], [offset for _, offset in forms]


def _explained(source: Source, error: Exception) -> ReadError | InternalError:
    """The scanner's account of a text that the grammar refused."""
    try:
        scan(source)
    except ReadError as explained:
        return explained
    return InternalError(f"the grammar refuses what the scanner reads: {error}")
