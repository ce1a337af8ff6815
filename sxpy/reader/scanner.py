"""The scanner: text to data in one pass, without places — and the one that explains what is wrong.

Data (events, stored values, protocol payloads) is read here: one regular expression finds the tokens, an
explicit stack holds the open brackets. Source is read by the grammar (`sxpy/reader/source.py`); when the
grammar refuses a text, this scanner says why and where, so there is one account of every error.
"""

from __future__ import annotations

import re
from typing import Any, NoReturn

from sxpy.data.dicts import Dict
from sxpy.data.lists import EMPTY, from_list, list_of
from sxpy.data.symbols import Keyword, Symbol, symbol
from sxpy.data.values import Bytevector, Vector
from sxpy.errors import IncompleteRead, ReadError
from sxpy.reader import atoms
from sxpy.reader.forms import Source

_TOKEN = re.compile(
    r"""
      (?P<space>[\s]+|;[^\n]*)
    | (?P<atom>[^\s()\[\]{}"';`,\#][^\s()\[\]{}"';`,]*)
    | (?P<open>[(\[{]|\#\(|\#u8\()
    | (?P<close>[)\]}])
    | (?P<string>"(?:[^"\\]|\\.)*")
    | (?P<prefix>'|`|,@|,|\#')
    | (?P<drop>\#;)
    | (?P<char>\#\\(?:\w[\w\-]*|.))
    | (?P<raw>\#\|[^|]*\|)
    | (?P<hash>\#[^\s()\[\]{}"';`,|\\][^\s()\[\]{}"';`,]*)
    """,
    re.VERBOSE | re.DOTALL,
)

PREFIXES: dict[str, Symbol] = {
    "'": symbol("quote"),
    "#'": symbol("quote"),
    "`": symbol("quasiquote"),
    ",": symbol("unquote"),
    ",@": symbol("splice-unquote"),
}
"""What each prefix means: `'x` is `(quote x)`."""

CLOSERS = {"(": ")", "[": "]", "{": "}", "#(": ")", "#u8(": ")"}

_DROP = "#;"


def start_of(text: str) -> int:
    """The offset of the first thing to read: after a byte order mark and a `#!` line."""
    start = 1 if text.startswith("\ufeff") else 0
    if text.startswith("#!", start):
        end = text.find("\n", start)
        return len(text) if end < 0 else end
    return start


def read_data(text: str, file: str = "<data>") -> list[Any]:
    """The values that stand in `text`, without evaluation. Raises ReadError, IncompleteRead."""
    return scan(Source(text, file))


def scan(source: Source) -> list[Any]:
    """The values that stand in a source. Raises ReadError, IncompleteRead."""
    return _Scan(source).run()


def read_next(text: str, start: int, file: str = "<data>") -> tuple[list[Any], int]:
    """The next value in `text` from offset `start` on, in a list (empty: there is none), and where it ends.

    Raises ReadError, IncompleteRead.
    """
    scanner = _Scan(Source(text, file))
    items = scanner.run(start, single=True)
    return items, scanner.at


class _Open:
    """An open bracket or a prefix that waits for its form. `starts` are the offsets of the items."""

    __slots__ = ("items", "kind", "offset", "starts")

    def __init__(self, kind: str, offset: int) -> None:
        self.kind = kind
        self.offset = offset
        self.items: list[Any] = []
        self.starts: list[int] = []


class _Scan:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.top = _Open("", 0)
        self.stack = [self.top]
        self.at = 0

    def run(self, start: int | None = None, *, single: bool = False) -> list[Any]:
        """The values from `start` on, by default from the first thing to read; only the first if `single`."""
        text, match = self.text, _TOKEN.match
        self.at = start_of(text) if start is None else start
        while self.at < len(text) and not (single and self.top.items):
            found = match(text, self.at)
            if found is None:
                self.unreadable()
            kind, token = found.lastgroup, found.group()
            try:
                if kind == "atom":
                    self.add(atoms.atom(token))
                elif kind in ("open", "prefix", "drop"):
                    self.stack.append(_Open(token, self.at))
                elif kind == "close":
                    self.close(token)
                elif kind == "string":
                    self.add(atoms.string(token))
                elif kind == "char":
                    self.add(atoms.character(token))
                elif kind == "raw":
                    self.add(atoms.raw_string(token))
                elif kind == "hash":
                    self.add(atoms.hash_word(token))
            except atoms.Problem as problem:
                self.fail(problem.message, self.at + problem.offset, problem.expected)
            self.at = found.end()
        if len(self.stack) > 1:
            self.unfinished()
        return self.top.items

    def add(self, value: Any, offset: int = -1) -> None:
        """A form is complete: give it to what waits for it."""
        offset = self.at if offset < 0 else offset
        while True:
            waiting = self.stack[-1]
            if waiting.kind == _DROP:
                self.stack.pop()
                return
            name = PREFIXES.get(waiting.kind)
            if name is None:
                break
            self.stack.pop()
            value, offset = list_of(name, value), waiting.offset
        waiting.items.append(value)
        waiting.starts.append(offset)

    def close(self, token: str) -> None:
        opened = self.stack[-1]
        if opened.kind in PREFIXES or opened.kind == _DROP:
            self.fail(f"a form must follow {opened.kind} before {token}", self.at, ("a form",))
        if opened is self.top:
            self.fail(f"{token} closes nothing", self.at)
        if CLOSERS[opened.kind] != token:
            wanted = CLOSERS[opened.kind]
            place = self.source.place(opened.offset)
            message = (
                f"{token} does not close {opened.kind}, opened at line {place.line}, column {place.column}"
            )
            self.fail(message, self.at, (wanted,), opened.offset)
        self.stack.pop()
        self.add(self.value_of(opened), opened.offset)

    def value_of(self, opened: _Open) -> Any:
        kind, items = opened.kind, opened.items
        if kind in ("(", "["):
            return from_list(items) if items else EMPTY
        if kind == "{":
            return Dict(self.entries(opened))
        if kind == "#(":
            return Vector(items)
        for index, item in enumerate(items):
            if type(item) is not int or not 0 <= item <= 255:
                self.fail("a bytevector holds integers from 0 to 255", opened.starts[index])
        return Bytevector(bytes(items))

    def entries(self, opened: _Open) -> dict[str, Any]:
        items, starts = opened.items, opened.starts
        made: dict[str, Any] = {}
        for index in range(0, len(items) - len(items) % 2, 2):
            key = items[index]
            if isinstance(key, (Keyword, Symbol)):
                key = key.name
            elif type(key) is not str:
                self.fail("a dict key must be a keyword, a string or a symbol", starts[index])
            if key in made:
                self.fail(f"the key {key} stands twice in one dict", starts[index])
            made[key] = items[index + 1]
        if len(items) % 2:
            self.fail("a dict needs a value for every key; this key has none", starts[-1], ("a value",))
        return made

    # -- errors ------------------------------------------------------------------------------------

    def fail(
        self, message: str, offset: int, expected: tuple[str, ...] = (), opened: int | None = None
    ) -> NoReturn:
        raise ReadError(
            message,
            place=self.source.place(offset),
            expected=expected,
            opened=None if opened is None else self.source.place(opened),
        )

    def incomplete(self, message: str, opened: int, expected: tuple[str, ...]) -> NoReturn:
        place = self.source.place(opened)
        raise IncompleteRead(message, place=place, expected=expected, opened=place)

    def unreadable(self) -> NoReturn:
        """No token stands at the present offset: an unfinished string, or something that means nothing."""
        rest = self.text[self.at : self.at + 2]
        if rest[0] == '"':
            self.incomplete('this string is not closed by "', self.at, ('"',))
        if rest == "#|":
            self.incomplete("this raw string is not closed by |", self.at, ("|",))
        if rest in ("#", "#\\"):
            if self.at + len(rest) == len(self.text):
                self.incomplete(f"the text ends after {rest}", self.at, ("a character",))
            self.fail("# means nothing here", self.at, ("#t", "#f", "#\\char", "#(", "#;", "#|"))
        self.fail(f"{rest[0]!r} cannot begin a form", self.at)

    def unfinished(self) -> NoReturn:
        """The text ends inside of brackets or after a prefix."""
        last = self.stack[-1]
        if last.kind in PREFIXES or last.kind == _DROP:
            self.incomplete(f"a form must follow {last.kind}", last.offset, ("a form",))
        closer = CLOSERS[last.kind]
        deep = f" (and {len(self.stack) - 2} more around it)" if len(self.stack) > 2 else ""
        self.incomplete(f"{last.kind} is never closed{deep}", last.offset, (closer,))
