"""The formatter keeps forms and comments, changes nothing the second time, and lays out by its rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sxpy.data import from_list
from sxpy.errors import ReadError
from sxpy.formatter import format_source
from sxpy.formatter.layout import WIDTH
from sxpy.printer import serialize
from sxpy.reader import read_data

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted([*ROOT.glob("lib/**/*.sx"), *ROOT.glob("examples/*.sx"), *ROOT.glob("sxpy/prelude/*.sx")])


def forms(text: str) -> str:
    return serialize(from_list(read_data(text)))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_our_own_sources_are_in_the_layout(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert format_source(text) == text


@pytest.mark.parametrize(
    ("text", "laid_out"),
    [
        ("(a   b\tc)", "(a b c)\n"),
        ("", ""),
        ("; only a comment", "; only a comment\n"),
        ("(f ; why\n x)", "(f  ; why\n  x)\n"),
        ("(define (f x)\n(g x)\n   (h x))", "(define (f x)\n  (g x)\n  (h x))\n"),
        ("(if a\nb\nc)", "(if a\n  b\n  c)\n"),
        ("(let ((a 1)\n(b 2))\na)", "(let ((a 1)\n      (b 2))\n  a)\n"),
        ("(or a\nb)", "(or a\n    b)\n"),
        ("(cond\n((f x)\ny)\n(else z))", "(cond\n  ((f x)\n    y)\n  (else z))\n"),
        ("{:a 1\n:b 2}", "{:a 1\n :b 2}\n"),
        ("'(1 2\n3)", "'(1 2\n  3)\n"),
        ("a\n\n\n\nb", "a\n\nb\n"),
        ("(f x) ; last", "(f x)  ; last\n"),
        ("(f\n ; above\n x)", "(f\n  ; above\n  x)\n"),
        ("(f x\n ; below\n)", "(f x\n  ; below\n)\n"),
        ("#!/usr/bin/env sx\n(f)", "#!/usr/bin/env sx\n(f)\n"),
        ("(f #;(g  h) x)", "(f #;(g h) x)\n"),
        ('(f "a\n  b")', '(f "a\n  b")\n'),
    ],
)
def test_the_layout(text: str, laid_out: str) -> None:
    assert format_source(text) == laid_out
    assert format_source(laid_out) == laid_out


def test_a_long_call_puts_its_arguments_on_lines_of_their_own() -> None:
    text = f"(call {'x' * 60} {'y' * 60})"
    assert format_source(text) == f"(call\n  {'x' * 60}\n  {'y' * 60})\n"


def test_text_that_is_no_sx_is_refused_with_its_place() -> None:
    with pytest.raises(ReadError) as caught:
        format_source("(a", "file.sx")
    assert str(caught.value.place) == "file.sx:1:1"


def test_deep_nesting_is_laid_out() -> None:
    text = "(f\n" * 3000 + ")" * 3000
    assert format_source(format_source(text)) == format_source(text)


ATOMS = st.sampled_from(
    ["a", "define", "let", "if", "cond", "1", "-2.5", ":k", '"s t"', "#\\a", "'q", "or", "loop"]
)
GAPS = st.sampled_from([" ", "  ", "\n", "\n\n", " ; note\n", "\n; above\n", "\n\n\n"])


def sequence(children: list[str], gaps: list[str], brackets: str) -> str:
    inside = "".join(gap + child for child, gap in zip(children, gaps, strict=False))
    return brackets[0] + inside + gaps[0] + brackets[1]


TEXTS = st.recursive(
    ATOMS,
    lambda inner: st.builds(
        sequence,
        st.lists(inner, max_size=5),
        st.lists(GAPS, min_size=6, max_size=6),
        st.sampled_from(["()", "[]"]),
    ),
    max_leaves=30,
)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_forms_and_comments_are_kept_and_twice_is_once(text: str) -> None:
    once = format_source(text)
    assert forms(once) == forms(text)
    assert once.count("; note") + once.count("; above") == text.count("; note") + text.count("; above")
    assert format_source(once) == once


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=200))
def test_what_can_be_broken_fits_the_width(numbers: list[int]) -> None:
    text = format_source("(list " + " ".join(map(str, numbers)) + ")")
    assert all(len(line) <= WIDTH for line in text.splitlines())
