"""Text in pieces, for eyes: colours, matching brackets, whether a form is still open.

Owns a scanner that takes any text, broken or half typed, and never fails; what a text means is the reader's
to say (`sxpy/reader`). Next: `highlight.py`, which colours what this finds.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_STOP = r"""\s()\[\]{}"';,`"""

_TOKEN = re.compile(
    rf"""
      (?P<comment> ;[^\n]* | \A\#![^\n]* )
    | (?P<string>  "(?:[^"\\]|\\.)*(?:"|\\?\Z) | \#\|[^|]*(?:\||\Z) )
    | (?P<char>    \#\\(?:\w[\w\-]*|.|\Z) )
    | (?P<prefix>  \#'|\#;|,@|[',`] )
    | (?P<open>    (?:\#u8|\#)?\( | [\[{{] )
    | (?P<close>   [)\]}}] )
    | (?P<keyword> :[^{_STOP}]* )
    | (?P<number>  [-+]?(?:\d+/\d+|\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|inf|nan)(?![^{_STOP}]) )
    | (?P<literal> (?:true|false|nil|\#t|\#f)(?![^{_STOP}]) )
    | (?P<symbol>  [^{_STOP}]+ )
    | (?P<space>   \s+ )
    """,
    re.VERBOSE | re.DOTALL,
)

_END_OF = {'"': re.compile(r'(?:[^"\\]|\\.)*"', re.DOTALL), "#": re.compile(r"[^|]*\|")}
"""How the rest of a string goes that began on an earlier line, by the first character of the token."""


_CLOSES = {"(": ")", "[": "]", "{": "}"}


class Token(NamedTuple):
    """A piece of text from offset `start` to `end`. `kind` is the name of a group of the pattern above."""

    kind: str
    start: int
    end: int


@lru_cache(maxsize=8)
def tokens(text: str) -> tuple[Token, ...]:
    """The pieces of `text`, which cover all of it. A string that is not closed goes to the end."""
    return tuple([Token(str(found.lastgroup), *found.span()) for found in _TOKEN.finditer(text)])


class Pair(NamedTuple):
    """Two brackets by their offsets, and whether they belong together: `(]` do not."""

    open: int
    close: int
    agree: bool


def pair_at(text: str, cursor: int) -> Pair | None:
    """The pair of the bracket at the cursor, else of the one just before it; None when there is none."""
    waiting: list[int] = []
    before: Pair | None = None
    for token in tokens(text):
        if token.kind == "open":
            waiting.append(token.end - 1)
        elif token.kind == "close" and waiting:
            opened = waiting.pop()
            pair = Pair(opened, token.start, _CLOSES[text[opened]] == text[token.start])
            if cursor in (pair.open, pair.close):
                return pair
            if cursor - 1 in (pair.open, pair.close):
                before = pair
    return before


def indentation(text: str) -> int:
    """The column at which a new line after `text` begins: inside the innermost bracket that is open.

    Two columns into a call, one into anything else; 0 where no bracket is open, and inside a string.
    """
    waiting: list[tuple[int, bool]] = []
    pieces = tokens(text)
    for index, token in enumerate(pieces):
        if token.kind == "open":
            is_call = (
                index + 1 < len(pieces) and pieces[index + 1].kind == "symbol" and text[token.start] == "("
            )
            waiting.append((token.end - 1, is_call))
        elif token.kind == "close" and waiting:
            waiting.pop()
    if not waiting or (pieces[-1].kind == "string" and _is_open(text[pieces[-1].start :])):
        return 0
    offset, is_call = waiting[-1]
    return offset - (text.rfind("\n", 0, offset) + 1) + (2 if is_call else 1)


class Nesting:
    """Follows lines as they come, and knows whether a form is open after them; the cost stays linear."""

    def __init__(self) -> None:
        self._depth = 0
        self._string = ""

    @property
    def open(self) -> bool:
        """Whether a bracket or a string is open."""
        return self._depth > 0 or self._string != ""

    def feed(self, line: str) -> None:
        """Go on with the next line, its newline included."""
        start = 0
        if self._string:
            end = _END_OF[self._string].match(line)
            if end is None:
                return
            start, self._string = end.end(), ""
        line = line[start:]
        for kind, at, end_at in tokens(line):
            if kind == "open":
                self._depth += 1
            elif kind == "close":
                self._depth -= 1
            elif kind == "string" and end_at == len(line) and _is_open(line[at:]):
                self._string = line[at]


def _is_open(string: str) -> bool:
    """Whether the text of a string token, plain or raw, lacks its end."""
    return _END_OF[string[0]].fullmatch(string, 1 if string[0] == '"' else 2) is None
