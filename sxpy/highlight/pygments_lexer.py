"""The Pygments lexer for SX. It takes any text, broken ones too, and loses none of it.

The pieces are those of the REPL's colours (`sxpy/cli/repl/tokens.py`); what a symbol means is looked up:
special forms are keywords, names that the language offers are built in, and the name behind a `define` is a
function. Pygments comes with pytest, and finds this lexer through an entry point.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from pygments.lexer import Lexer
from pygments.token import (
    Comment,
    Keyword,
    Name,
    Number,
    Operator,
    Punctuation,
    String,
    Text,
)

from sxpy import prelude
from sxpy.cli.repl.tokens import tokens
from sxpy.data import UNBOUND
from sxpy.syntax import SPECIAL

_KINDS: dict[str, Any] = {
    "comment": Comment.Single,
    "string": String,
    "char": String.Char,
    "prefix": Operator,
    "open": Punctuation,
    "close": Punctuation,
    "keyword": String.Symbol,
    "number": Number,
    "literal": Keyword.Constant,
    "space": Text.Whitespace,
}

_DEFINING = frozenset({"define", "def", "defmacro", "defcomp", "define-syntax", "define-type", "deftest"})


class SxLexer(Lexer):
    """Turns SX source into Pygments tokens."""

    name = "SX"
    aliases: ClassVar[list[str]] = ["sx"]
    filenames: ClassVar[list[str]] = ["*.sx", "*.sld"]
    mimetypes: ClassVar[list[str]] = ["text/x-sx"]

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, Any, str]]:
        """The offset, kind and text of every piece of `text`."""
        defining = False
        for token in tokens(text):
            piece = text[token.start : token.end]
            kind = _KINDS.get(token.kind)
            if kind is None:
                kind = Name.Function if defining else _meaning(piece)
                defining = piece in _DEFINING
            elif token.kind not in ("space", "comment", "open"):
                defining = False
            yield token.start, kind, piece


def _meaning(name: str) -> Any:
    if name in SPECIAL:
        return Keyword
    return Name.Builtin if prelude.builtin(name) is not UNBOUND else Name
