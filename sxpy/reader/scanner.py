"""The scanner: text to data in one pass — and the one that explains what is wrong.

Data (events, stored values, protocol payloads) is read here, without places: plain data the quick way
(`sxpy/reader/quick.py`), else one regular expression finds the tokens, an explicit stack holds the open
brackets. Text that a program reads may be long, and code: `scan_forms` keeps the places. Source is read by
the grammar (`sxpy/reader/source.py`); when the grammar refuses a text, this scanner says why and where, so
there is one account of every error.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NoReturn

from sxpy.data.dicts import Dict
from sxpy.data.lists import EMPTY, from_list, list_of
from sxpy.data.symbols import Keyword, Symbol, symbol
from sxpy.data.values import Bytevector, Vector
from sxpy.errors import IncompleteRead, ReadError
from sxpy.reader import atoms, quick
from sxpy.reader.forms import Form, FormDict, Source

TOKEN = re.compile(
    r"""
    \s* (?: ;[^\n]* \s* )*
    (?: (?P<atom> [^\s()\[\]{}"';`,\#] [^\s()\[\]{}"';`,]* )
      | (?P<open> [(\[{] | \#\( | \#u8\( )
      | (?P<close> [)\]}] )
      | (?P<string> "[^"\\]*(?:\\.[^"\\]*)*" )
      | (?P<prefix> ' | ` | ,@ | , | \#' | \#; )
      | (?P<char> \#\\(?: \w[\w-]* | . ) )
      | (?P<raw> \#\|[^|]*\| )
      | (?P<hash> \#[^\s()\[\]{}"';`,|\\][^\s()\[\]{}"';`,]* )
      | (?P<end> \Z )
      | (?P<wrong> . )
    )
    """,
    re.VERBOSE | re.DOTALL,
)

_DECODE: dict[str, Callable[[str], Any]] = {
    "atom": atoms.atom,
    "string": atoms.string,
    "char": atoms.character,
    "raw": atoms.raw_string,
    "hash": atoms.hash_word,
}

PREFIXES: dict[str, Symbol] = {
    "'": symbol("quote"),
    "#'": symbol("quote"),
    "`": symbol("quasiquote"),
    ",": symbol("unquote"),
    ",@": symbol("splice-unquote"),
}
"""What each prefix means: `'x` is `(quote x)`."""

CLOSERS = {"(": ")", "[": "]", "{": "}", "#(": ")", "#u8(": ")"}

_SHEBANG = re.compile(r"\ufeff?(?:#! ?/[^\n]*)?")


def start_of(text: str) -> int:
    """Where reading begins: after a byte order mark and a line such as `#!/usr/bin/env sx`."""
    found = _SHEBANG.match(text)
    return found.end() if found else 0


def read_data(text: str, file: str = "<data>") -> list[Any]:
    """The values that stand in `text`, without evaluation. Raises ReadError, IncompleteRead."""
    try:
        return quick.values(text)
    except quick.Doubt:
        return scan(Source(text, file))


def read_lines(text: str, file: str = "<data>") -> list[Any]:
    """The values of the lines of `text`, each line being one value. Raises ReadError, IncompleteRead."""
    try:
        return quick.lines(text)
    except quick.Doubt:
        return [read_datum(line, file) for line in text.split("\n")]


def read_datum(text: str, file: str = "<data>") -> Any:
    """The one value that stands in `text`. Raises ReadError when there is none, or more than one."""
    try:
        [value] = quick.values(text)
    except (quick.Doubt, ValueError):
        return _scan_datum(Source(text, file))
    return value


def scan(source: Source) -> list[Any]:
    """The values that stand in a source, read in the definitive way. Raises ReadError, IncompleteRead."""
    return _Scan(source).run(start_of(source.text))


def scan_forms(source: Source) -> tuple[list[Any], list[int]]:
    """The top-level forms of a source, which know their places, and their offsets.

    As `read_source`. Raises ReadError, IncompleteRead.
    """
    scanner = _FormScan(source)
    return scanner.run(start_of(source.text)), scanner.top.starts


def _scan_datum(source: Source) -> Any:
    text = source.text
    scanner = _Scan(source)
    values = scanner.run(start_of(text))
    if not values:
        scanner.fail("there is no form here", len(text), ("one form",))
    if len(values) > 1:
        scanner.fail(f"one form is expected, here begins the second of {len(values)}", scanner.top.starts[1])
    return values[0]


def read_next(text: str, start: int, file: str = "<data>") -> tuple[list[Any], int]:
    """The next value in `text` from offset `start` on, in a list (empty: there is none), and where it ends.

    Raises ReadError, IncompleteRead.
    """
    scanner = _Scan(Source(text, file))
    values = scanner.run(start, single=True)
    return values, scanner.at


class _Open:
    """An open bracket, or a prefix that waits for its form. `starts` are the offsets of the items."""

    __slots__ = ("is_prefix", "items", "kind", "offset", "starts")

    def __init__(self, kind: str, offset: int, *, is_prefix: bool = False) -> None:
        self.kind = kind
        self.offset = offset
        self.is_prefix = is_prefix
        self.items: list[Any] = []
        self.starts: list[int] = []


class _Scan:
    """One reading of a text. `at` is the offset of the present token, and afterwards where reading ended."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.top = _Open("", 0)
        self.stack = [self.top]
        self.at = 0

    def run(self, start: int, *, single: bool = False) -> list[Any]:
        """The values from `start` on; only the first if `single`."""
        stack, opened = self.stack, self.top
        # Local names: this loop is the cost of reading data.
        decode = _DECODE
        for found in TOKEN.finditer(self.text, start):
            kind: Any = found.lastgroup
            token = found.group(kind)
            at = self.at = found.start(kind)
            if kind in decode:
                try:
                    value = decode[kind](token)
                except atoms.Problem as problem:
                    self.fail(problem.message, at + problem.offset, problem.expected)
            elif kind == "open":
                opened = _Open(token, at)
                stack.append(opened)
                continue
            elif kind == "close":
                self.check_closer(token, opened)
                value, at = self.value_of(opened), opened.offset
                stack.pop()
                opened = stack[-1]
            elif kind == "prefix":
                opened = _Open(token, at, is_prefix=True)
                stack.append(opened)
                continue
            elif kind == "end":
                break
            else:
                self.unreadable()
            if opened.is_prefix:
                opened = self.give(value, at)
            else:
                opened.items.append(value)
                opened.starts.append(at)
            if single and self.top.items:
                self.at = found.end()
                break
        if opened is not self.top:
            self.unfinished(opened)
        return self.top.items

    def give(self, value: Any, at: int) -> _Open:
        """Give a complete form to the prefixes that wait for it; answer what stands around them."""
        waiting = self.stack[-1]
        while waiting.is_prefix:
            self.stack.pop()
            if waiting.kind == "#;":
                return self.stack[-1]
            value, at = self.prefixed(waiting, value, at), waiting.offset
            waiting = self.stack[-1]
        waiting.items.append(value)
        waiting.starts.append(at)
        return waiting

    def prefixed(self, waiting: _Open, value: Any, at: int) -> Any:
        """The list that a prefix and its form stand for."""
        return list_of(PREFIXES[waiting.kind], value)

    def check_closer(self, token: str, opened: _Open) -> None:
        if opened.is_prefix:
            self.fail(f"a form must follow {opened.kind} before {token}", self.at, ("a form",), opened.offset)
        if opened is self.top:
            self.fail(f"{token} closes nothing", self.at)
        wanted = CLOSERS[opened.kind]
        if token != wanted:
            place = self.source.place(opened.offset)
            where = f"line {place.line}, column {place.column}"
            message = f"{token} does not close {opened.kind}, opened at {where}"
            self.fail(message, self.at, (wanted,), opened.offset)

    def value_of(self, opened: _Open) -> Any:
        """The value of a bracket that is closed now."""
        kind, items = opened.kind, opened.items
        if kind in ("(", "["):
            return from_list(items) if items else EMPTY
        if kind == "{":
            if len(items) % 2:
                self.check_keys(opened)
                message = "a dict needs a value for every key; this key has none"
                self.fail(message, opened.starts[-1], ("a value",), opened.offset)
            return Dict(self.entries(opened))
        if kind == "#(":
            return Vector(items)
        self.check_bytes(opened)
        return Bytevector(bytes(items))

    def entries(self, opened: _Open) -> dict[str, Any]:
        items = opened.items
        made: dict[str, Any] = {}
        for key, value in zip(items[::2], items[1::2], strict=True):
            made[key.name if isinstance(key, (Keyword, Symbol)) else key] = value
        if 2 * len(made) != len(items) or not all(type(key) is str for key in made):
            self.check_keys(opened)
        return made

    def check_keys(self, opened: _Open) -> None:
        """Refuse keys of a dict that is closed or not: wrong ones, and any that stands there already."""
        seen: set[str] = set()
        for key, at in zip(opened.items[::2], opened.starts[::2], strict=True):
            name = key.name if isinstance(key, (Keyword, Symbol)) else key
            if type(name) is not str:
                expected = ("a keyword", "a string", "a symbol")
                self.fail("a dict key must be a keyword, a string or a symbol", at, expected, opened.offset)
            if name in seen:
                self.fail(f"the key {atoms.shown(name)} stands twice in one dict", at, (), opened.offset)
            seen.add(name)

    def check_bytes(self, opened: _Open) -> None:
        for item, at in zip(opened.items, opened.starts, strict=True):
            if type(item) is not int or not 0 <= item <= 255:
                expected = ("an integer from 0 to 255",)
                self.fail("a bytevector holds integers from 0 to 255", at, expected, opened.offset)

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
        """The text ends too early — unless what is open holds something that no more text can mend."""
        for around in self.stack:
            if around.kind == "{":
                self.check_keys(around)
            elif around.kind == "#u8(":
                self.check_bytes(around)
        place = self.source.place(opened)
        raise IncompleteRead(message, place=place, expected=expected, opened=place)

    def unreadable(self) -> NoReturn:
        """No token stands at the present offset: an unfinished string, or something that means nothing."""
        rest = self.text[self.at : self.at + 2]
        if rest[0] == '"':
            try:
                atoms.check_open_string(self.text[self.at :])
            except atoms.Problem as problem:
                self.fail(problem.message, self.at + problem.offset, problem.expected)
            self.incomplete('this string is not closed by "', self.at, ('"',))
        if rest == "#|":
            self.incomplete("this raw string is not closed by |", self.at, ("|",))
        if rest in ("#", "#\\") and self.at + len(rest) == len(self.text):
            self.incomplete(f"the text ends after {rest}", self.at, atoms.AFTER_HASH)
        self.fail("# means nothing here", self.at, atoms.AFTER_HASH)

    def unfinished(self, opened: _Open) -> NoReturn:
        """The text ends inside of brackets or after a prefix."""
        if opened.is_prefix:
            self.incomplete(f"a form must follow {opened.kind}", opened.offset, ("a form",))
        around = sum(not other.is_prefix for other in self.stack) - 2
        deep = f" (and {around} more around it)" if around else ""
        self.incomplete(f"{opened.kind} is never closed{deep}", opened.offset, (CLOSERS[opened.kind],))


class _FormScan(_Scan):
    """A reading that keeps the places, for text that may be a program."""

    def prefixed(self, waiting: _Open, value: Any, at: int) -> Any:
        start = waiting.offset
        return Form([PREFIXES[waiting.kind], value], self.source, start, (start, at))

    def value_of(self, opened: _Open) -> Any:
        kind, start = opened.kind, opened.offset
        if kind in ("(", "["):
            return Form(opened.items, self.source, start, tuple(opened.starts))
        value = super().value_of(opened)
        if kind == "{":
            return FormDict(
                value.plain, self.source, start, dict(zip(value.plain, opened.starts[1::2], strict=True))
            )
        return value
