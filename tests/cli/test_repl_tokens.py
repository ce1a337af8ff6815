"""The scanner for eyes: it takes any text, and agrees with the reader on where forms end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sxpy.cli.repl.tokens import Nesting, Pair, indentation, pair_at, tokens
from sxpy.reader import status

PIECES = st.lists(
    st.sampled_from([*"()[]{}\"';,`#|\\:@ \n", "#\\(", "#|", "#;", "a", "1.5", "#\\space", "#(", "#u8("])
).map("".join)


def kinds(text: str) -> list[tuple[str, str]]:
    return [(kind, text[start:end]) for kind, start, end in tokens(text) if kind != "space"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("; a (comment", "comment"),
        ("#!/usr/bin/env -S sx run", "comment"),
        ('"a \\" b"', "string"),
        ('"open (', "string"),
        ('"ends with \\', "string"),
        ("#|raw \\|", "string"),
        ("#|open", "string"),
        ("#\\(", "char"),
        ("#\\space", "char"),
        ("#\\x41", "char"),
        ("-12", "number"),
        ("1/3", "number"),
        ("-2.5e-3", "number"),
        ("inf", "number"),
        ("true", "literal"),
        ("nil", "literal"),
        ("#f", "literal"),
        (":name", "keyword"),
        ("set!", "symbol"),
        ("->", "symbol"),
        ("-", "symbol"),
        ("1+", "symbol"),
        ("information", "symbol"),
        ("nil?", "symbol"),
        ("persist/kv-has?", "symbol"),
        ("λ", "symbol"),
        ("#(", "open"),
        ("#u8(", "open"),
        (",@", "prefix"),
        ("#;", "prefix"),
    ],
)
def test_kinds(text: str, kind: str) -> None:
    assert kinds(text) == [(kind, text)]


def test_a_comma_ends_a_symbol() -> None:
    assert kinds("a,b") == [("symbol", "a"), ("prefix", ","), ("symbol", "b")]


@given(st.text() | PIECES)
def test_the_pieces_cover_any_text(text: str) -> None:
    assert "".join(text[start:end] for _, start, end in tokens(text)) == text


@pytest.mark.parametrize(
    ("text", "cursor", "pair"),
    [
        ("(a (b))", 0, Pair(0, 6, True)),
        ("(a (b))", 7, Pair(0, 6, True)),
        ("(a (b))", 6, Pair(0, 6, True)),
        ("(a (b))", 3, Pair(3, 5, True)),
        ("(a]", 0, Pair(0, 2, False)),
        ("#(1)", 1, Pair(1, 3, True)),
        ('(")")', 2, None),
        ("(#\\))", 0, Pair(0, 4, True)),
        ("(a", 0, None),
        ("a)", 1, None),
        ("", 0, None),
    ],
)
def test_matching_brackets(text: str, cursor: int, pair: Pair | None) -> None:
    assert pair_at(text, cursor) == pair


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("", 0),
        ("(f 1)", 0),
        ("(define (f x)", 2),
        ("(let ((a 1)", 6),
        ("(list 1\n  {:a", 3),
        ("  (f (g x)", 4),
        ("(f [1", 4),
        ('(f "text', 0),
        ("(f ; ((", 2),
        ("(", 1),
        (")(f", 3),
    ],
)
def test_indentation(text: str, column: int) -> None:
    assert indentation(text) == column


@given(PIECES)
def test_no_line_that_leaves_a_form_open_is_taken_for_whole(text: str) -> None:
    # A prefix without its form (`'`, `#;`, `#`) is for the reader to notice.
    nesting = Nesting()
    for line in text.splitlines(keepends=True):
        nesting.feed(line)
    if nesting.open:
        assert status(text) != "complete"


@pytest.mark.parametrize(
    ("lines", "still_open"),
    [
        (["(a\n"], True),
        (["(a\n", "b)\n"], False),
        (['"a\n'], True),
        (['"a\n', '(" (\n', ")\n"], False),
        (["#|a\n", "\\| \n"], False),
        (["(#\\)\n"], True),
        (["; (\n"], False),
        (['("a \\\n', '") b"\n'], True),
        (['("a \\\\\n', '"  )\n'], False),
        ([")\n"], False),
    ],
)
def test_nesting_follows_lines(lines: list[str], still_open: bool) -> None:
    nesting = Nesting()
    for line in lines:
        nesting.feed(line)
    assert nesting.open is still_open
