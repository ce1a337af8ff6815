"""Colours: words by what they mean now, and the bracket that matches the one at the cursor."""

from __future__ import annotations

from collections.abc import Callable

from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.formatted_text.utils import split_lines
from prompt_toolkit.layout.processors import Processor, Transformation, TransformationInput
from prompt_toolkit.layout.utils import explode_text_fragments
from prompt_toolkit.lexers import Lexer
from prompt_toolkit.styles import Style

from sxpy import Interpreter
from sxpy.cli.repl.commands import find_command
from sxpy.cli.repl.tokens import pair_at, tokens
from sxpy.data import Macro
from sxpy.errors import UnboundError
from sxpy.syntax import SPECIAL

STYLE = Style.from_dict(
    {
        "prompt": "ansigreen bold",
        "continuation": "ansibrightblack",
        "sx.comment": "ansibrightblack italic",
        "sx.string": "ansigreen",
        "sx.char": "ansigreen",
        "sx.number": "ansicyan",
        "sx.literal": "ansicyan",
        "sx.keyword": "ansimagenta",
        "sx.special": "ansiblue bold",
        "sx.bound": "ansiblue",
        "sx.command": "ansiyellow bold",
        "bracket.match": "bold underline",
        "bracket.clash": "bg:ansired ansiwhite",
    }
)
"""The colours, of the sixteen that every terminal theme defines."""


def meaning_in(interpreter: Interpreter) -> Callable[[str], str]:
    """What a symbol is now: "special" for forms and macros, "bound" for other names, else "symbol"."""

    def meaning(name: str) -> str:
        try:
            value = interpreter.lookup(name)
        except UnboundError:
            return "special" if name in SPECIAL else "symbol"
        return "special" if isinstance(value, Macro) else "bound"

    return meaning


class SxLexer(Lexer):
    """Colours SX text; `meaning` is as `meaning_in` makes it."""

    def __init__(self, meaning: Callable[[str], str]) -> None:
        self._meaning = meaning

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        lines = list(split_lines(self._fragments(document.text)))
        return lambda number: lines[number] if number < len(lines) else []

    def _fragments(self, text: str) -> StyleAndTextTuples:
        fragments: StyleAndTextTuples = []
        command_is_next = find_command(text) is not None
        for kind, start, end in tokens(text):
            piece = text[start:end]
            shown = self._meaning(piece) if kind == "symbol" else kind
            if command_is_next and kind != "space":
                shown, command_is_next = "command", False
            fragments.append((f"class:sx.{shown}", piece))
        return fragments


class MatchingBrackets(Processor):
    """Marks the bracket at or before the cursor and the one that it belongs to."""

    def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
        document = transformation_input.document
        pair = pair_at(document.text, document.cursor_position)
        if pair is None:
            return Transformation(transformation_input.fragments)
        fragments = explode_text_fragments(transformation_input.fragments)
        mark = " class:bracket.match" if pair.agree else " class:bracket.clash"
        for offset in (pair.open, pair.close):
            row, column = document.translate_index_to_position(offset)
            column = transformation_input.source_to_display(column)
            if row == transformation_input.lineno and column < len(fragments):
                style, text, *_ = fragments[column]
                fragments[column] = (style + mark, text)
        return Transformation(fragments)
