"""Templates, columns, plurals, escaping."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from calling import call, raw
from hypothesis import given
from hypothesis import strategies as st

from sxpy.errors import EvalError, SxTypeError, SxValueError


# The vectors, SRFI 28 and SRFI 48 for their directives.
@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("format", ["plain"], "plain"),
        ("format", ["~a", "x"], "x"),
        ("format", ["~a", None], ""),
        ("format", ["~s", "x"], '"x"'),
        ("format", ["~A~S", "x", "y"], 'x"y"'),
        ("format", ["~d", 42], "42"),
        ("format", ["~d", Fraction(1, 3)], "1/3"),
        ("format", ["~b ~o ~x", 5, 8, 255], "101 10 ff"),
        ("format", ["~x", -255], "-ff"),
        ("format", ["a~%b~nc~td~~"], "a\nb\nc\td~"),
        ("format", ["~f", 1.5], "1.5"),
        ("format", ["~f", 1e21], "1000000000000000000000"),
        ("format", ["~,2f", 3.14159], "3.14"),
        ("format", ["~,2f", 2], "2.00"),
        ("format", ["~,0f", 2.5], "2"),
        ("format", ["~,3f", -0.0625], "-0.062"),
        ("format", ["~8,2f|", 3.14159], "    3.14|"),
        ("format", ["~,2f", Fraction(2, 3)], "0.67"),
        ("format", ["~,1f", float("inf")], "inf"),
        ("format", ["~,1f", 2.0**70], "1180591620717411303424.0"),
        ("pad-left", ["7", 3, "0"], "007"),
        ("pad-left", [7, 3], "  7"),
        ("pad-left", ["long", 2], "long"),
        ("pad-left", ["x", 6, "ab"], "ababax"),
        ("pad-right", ["ab", 4, "."], "ab.."),
        ("pad-right", ["ab", -1], "ab"),
        ("pluralize", [1, "item"], "item"),
        ("pluralize", [0, "item"], "items"),
        ("pluralize", [1.0, "item"], "item"),
        ("pluralize", [2, "child", "children"], "children"),
        ("pluralize", [1], ""),
        ("pluralize", [2], "s"),
        ("strip-tags", ["<b>bold</b> text"], "bold text"),
        ("strip-tags", ["a < b"], "a < b"),
        ("strip-tags", ["<a href='x'>y</a><"], "y<"),
        ("escape", ['<a href="x">&\'</a>'], "&lt;a href=&quot;x&quot;&gt;&amp;&#x27;&lt;/a&gt;"),
        ("escape", [5], "5"),
        ("escape-string", ['a"b\\c\nd'], 'a\\"b\\\\c\\nd'),
    ],
)
def test_value(name: str, args: list[Any], expected: Any) -> None:
    assert call(name, *args) == expected


@pytest.mark.parametrize(
    ("name", "args", "kind", "message"),
    [
        ("format", ["~q", 1], SxValueError, "format: unknown directive '~q'; use ~a"),
        ("format", ["a~"], SxValueError, "unknown directive '~'"),
        ("format", ["~5a", 1], SxValueError, "unknown directive '~5a'"),
        ("format", ["~a ~a", 1], SxValueError, "no argument is left for '~a'"),
        ("format", ["~a", 1, 2], SxValueError, '1 arguments more than "~a" has directives for'),
        ("format", ["~d", "x"], SxTypeError, "Expected number, got string"),
        ("format", ["~x", 1.5], SxTypeError, "format: expected integer, got 1.5"),
        ("format", ["~,99999f", 1], SxValueError, "more than 10000 places"),
        ("format", [1], SxTypeError, "format: expected template string, got number"),
        ("pad-left", ["a", 2**40], SxValueError, "more than 1073741824 characters"),
        ("pad-left", ["a", 3, ""], SxValueError, "the text to fill with is empty"),
        ("pluralize", ["x", "item"], SxTypeError, "pluralize: expected number, got string"),
        ("strip-tags", [None], SxTypeError, "strip-tags: expected string, got nil"),
    ],
)
def test_error(name: str, args: list[Any], kind: type[EvalError], message: str) -> None:
    with pytest.raises(kind) as caught:
        call(name, *args)
    assert message in caught.value.message


@given(st.text())
def test_escaped_strings_read_back_between_quotes(text: str) -> None:
    assert call("sx-parse", '"' + call("escape-string", text) + '"') == [text]


@given(st.text(), st.integers(0, 30), st.text(min_size=1, max_size=3))
def test_padded_text_is_as_wide_as_asked(text: str, width: int, fill: str) -> None:
    left, right = call("pad-left", text, width, fill), call("pad-right", text, width, fill)
    assert len(left) == len(right) == max(width, len(text))
    assert left.endswith(text)
    assert right.startswith(text)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3), st.integers(1, 3))
def test_fixed_places_round_the_exact_value(number: Any, places: int) -> None:
    exact = Fraction(number)
    text = raw("format", f"~,{places}f", int(exact) if exact.denominator == 1 else exact)
    assert len(text.partition(".")[2]) == places
    assert abs(Fraction(text) - exact) * 2 <= Fraction(1, 10**places)


def test_many_unclosed_tags_take_linear_time() -> None:
    text = "<" * 1_000_000
    assert call("strip-tags", text) == text
