"""Primitives of regular expressions; the matcher itself is tested in tests/regex."""

from __future__ import annotations

import re
from typing import Any

import pytest
from calling import call, raw
from hypothesis import given
from hypothesis import strategies as st

from sxpy.data import Regex
from sxpy.errors import EvalError, SxTypeError, SxValueError


@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("regex-match?", ["[0-9]+", "abc 123"], True),
        ("regex-match?", ["^[0-9]+$", "abc 123"], False),
        ("regex-match", [r"(\w+)@(\w+)", "to ann@home"], ["ann@home", "ann", "home"]),
        ("regex-match", ["(a)|(b)", "b"], ["b", None, "b"]),
        ("regex-match", ["x", "abc"], None),
        ("regex-match-groups", [r"(?P<k>\w+)=(?P<v>\w*)", "a=1"], {"k": "a", "v": "1"}),
        ("regex-match-groups", ["(a)", "a"], {}),
        ("regex-match-groups", ["x", "a"], None),
        ("regex-index", ["[0-9]", "abc1"], 3),
        ("regex-index", ["x", "abc"], -1),
        ("regex-find-all", ["[0-9]+", "1 and 22"], ["1", "22"]),
        ("regex-find-all", ["(a)(b)", "abab"], ["ab", "ab"]),
        ("regex-find-all", ["x", "abc"], []),
        ("regex-find-all", ["a*", "baac"], ["", "aa", "", ""]),
        ("regex-match-all", [r"(\w)=(\w)", "a=1 b=2"], [["a=1", "a", "1"], ["b=2", "b", "2"]]),
        ("regex-replace", ["[0-9]+", "a1b22", "#"], "a#b#"),
        ("regex-replace", ["x", "abc", "#"], "abc"),
        ("regex-replace", [r"(\w+) (\w+)", "hello world", "$2 $1"], "world hello"),
        ("regex-replace", [r"(\w+) (\w+)", "hello world", r"\2 \1"], "world hello"),
        ("regex-replace", [r"(?P<first>\w)(?P<rest>\w*)", "ab", "${rest}${first}"], "ba"),
        ("regex-replace", ["b", "abc", "[$0$&]"], "a[bb]c"),
        ("regex-replace", ["b", "abc", r"$$0\\1$"], r"a$0\1$c"),
        ("regex-replace", ["(x)|b", "abc", "<$1>"], "a<>c"),
        ("regex-replace", ["", "ab", "-"], "-a-b-"),
        ("regex-replace-first", ["[0-9]+", "a1b22", "#"], "a#b22"),
        ("regex-split", ["[,;] *", "a, b;c"], ["a", "b", "c"]),
        ("regex-split", ["[,;] *", "a, b;c", 2], ["a", "b;c"]),
        ("regex-split", ["(,)", "a,b"], ["a", "b"]),
        ("regex-split", ["x*", "axb"], ["a", "b"]),
        ("regex-split", [",", ""], [""]),
        ("regex-escape", ["a.b"], r"a\.b"),
        ("regex?", ["a"], False),
    ],
)
def test_value(name: str, args: list[Any], expected: Any) -> None:
    assert call(name, *args) == expected


def test_compiled_patterns() -> None:
    regex = raw("regex-compile", "^b.$", "ims")
    assert type(regex) is Regex
    assert call("regex?", regex) is True
    assert call("regex-source", regex) == "^b.$"
    assert call("regex-flags", regex) == "ims"
    assert call("regex-find-all", regex, "a\nB\n") == ["B\n"]


@pytest.mark.parametrize(
    ("name", "args", "kind", "message"),
    [
        (
            "regex-match?",
            ["(", "a"],
            SxValueError,
            "regex: missing ), unterminated subpattern at character 0",
        ),
        ("regex-match?", [1, "a"], SxTypeError, "expected pattern (string or regex), got number"),
        ("regex-match?", ["a", None], SxTypeError, "regex-match?: expected string, got nil"),
        ("regex-compile", ["a", "q"], SxValueError, "unknown flag 'q'"),
        ("regex-replace", ["(a)", "a", "$2"], SxValueError, "names $2, a group the pattern does not have"),
        (
            "regex-replace",
            ["(a)", "a", "${n}"],
            SxValueError,
            "names ${n}, a group the pattern does not have",
        ),
        ("regex-replace", ["a", "a" * 2**16, "b" * 2**16], SxValueError, "more than 1073741824 characters"),
        ("regex-split", [",", "a", 0], SxValueError, "the limit must be 1 or more"),
        ("regex-source", ["a"], SxTypeError, "regex-source: expected regex, got string"),
    ],
)
def test_error(name: str, args: list[Any], kind: type[EvalError], message: str) -> None:
    with pytest.raises(kind) as caught:
        call(name, *args)
    assert message in caught.value.message


def test_catastrophic_patterns_do_not_hang() -> None:
    assert call("regex-match?", "(a+)+$", "a" * 2000 + "b") is False
    assert call("regex-replace", r"(\s+)+x", " " * 2000, "") == " " * 2000


@given(st.text("ab,; "), st.sampled_from(["[,;] ?", "a+", "(a)|b", r"\b", ""]))
def test_find_replace_and_split_agree_with_re(text: str, pattern: str) -> None:
    assert call("regex-find-all", pattern, text) == [found[0] for found in re.finditer(pattern, text)]
    assert call("regex-replace", pattern, text, "<$0>") == re.sub(pattern, r"<\g<0>>", text)


@given(st.text(), st.text())
def test_escaped_text_matches_itself_alone(text: str, other: str) -> None:
    pattern = r"\A" + call("regex-escape", text) + r"\Z"
    assert call("regex-match?", pattern, text) is True
    assert call("regex-match?", pattern, other) is (text == other)
