"""The lexer loses no text and knows what a name means; the editor grammar names every special form."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Comment, Error, Keyword, Name, Number, String

from sxpy.highlight.pygments_lexer import SxLexer
from sxpy.syntax import SPECIAL

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted([*ROOT.glob("lib/**/*.sx"), *ROOT.glob("examples/*.sx")])


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_sources_are_taken_whole_and_without_errors(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    pieces = list(SxLexer().get_tokens_unprocessed(text))
    assert "".join(piece for _, _, piece in pieces) == text
    assert not [piece for _, kind, piece in pieces if kind in Error]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="()[]{}\"\\#|;:'`,a1 \n", max_size=40))
def test_any_text_is_taken_whole(text: str) -> None:
    pieces = list(SxLexer().get_tokens_unprocessed(text))
    assert "".join(piece for _, _, piece in pieces) == text


def test_what_names_mean() -> None:
    kinds = {
        piece: kind
        for _, kind, piece in SxLexer().get_tokens_unprocessed('(define (f x) (map g 12 "s" :k)) ; c')
    }
    assert kinds["define"] is Keyword
    assert kinds["f"] is Name.Function
    assert kinds["map"] is Name.Builtin
    assert kinds["g"] is Name
    assert kinds["12"] in Number
    assert kinds['"s"'] in String
    assert kinds[":k"] is String.Symbol
    assert kinds["; c"] in Comment


def test_pygments_finds_the_lexer() -> None:
    assert isinstance(get_lexer_by_name("sx"), SxLexer)
    assert isinstance(get_lexer_for_filename("program.sx"), SxLexer)


GRAMMAR = json.loads((ROOT / "editors" / "sx.tmLanguage.json").read_text(encoding="utf-8"))


def test_the_editor_grammar_knows_every_special_form() -> None:
    special = re.compile(GRAMMAR["repository"]["special"]["match"])
    definition = re.compile(GRAMMAR["repository"]["definition"]["match"])
    unknown = [
        name for name in SPECIAL if not special.search(f"({name} x)") and not definition.search(f"({name} x)")
    ]
    assert unknown == []


def test_the_editor_grammar_matches_what_it_should() -> None:
    def first(rule: str, text: str) -> str | None:
        found = re.search(GRAMMAR["repository"][rule]["match"], text)
        return None if found is None else found.group()

    assert first("number", "(f -1/2)") == "-1/2"
    assert first("number", "(f a1)") is None
    assert first("keyword", "{:a 1}") == ":a"
    assert first("literal", "(f nil)") == "nil"
    assert first("literal", "(f nilly)") is None
    assert first("character", "#\\space") == "#\\space"
