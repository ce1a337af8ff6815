"""Primitives of strings, chars, symbols and string buffers."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from calling import call, mutable, raw
from hypothesis import given
from hypothesis import strategies as st

from sxpy.data import Char, Symbol, keyword, symbol
from sxpy.errors import EvalError, SxTypeError, SxValueError


def c(char: str) -> Char:
    return Char(ord(char))


# language.md §6 and §7, the vectors; R7RS 6.6 and 6.7 for their names.
@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("str", [], ""),
        ("str", ["a", 1, None, "b"], "a1b"),
        ("str", [True, 2.0, keyword("k"), c("x")], "true2.0:k#\\x"),
        ("str", [["a", None]], '("a" nil)'),
        ("string-append", [], ""),
        ("string-append", ["ab", "", "c"], "abc"),
        ("string", [c("a"), "bc"], "abc"),
        ("make-string", [3, c("z")], "zzz"),
        ("make-string", [2], "  "),
        ("repeat", ["ab", 3], "ababab"),
        ("repeat", ["ab", 0], ""),
        ("string-copy", ["hello"], "hello"),
        ("string-copy", ["hello", 1, 3], "el"),
        ("list->string", [["a", c("b")]], "ab"),
        ("list->string", [None], ""),
        ("list->string", [mutable("a", "b")], "ab"),
        ("string->list", ["añ"], ["a", "ñ"]),
        ("string->list", ["hello", 3], ["l", "o"]),
        ("string-length", ["a😀"], 2),
        ("string-null?", [""], True),
        ("blank?", [" \n"], True),
        ("blank?", [None], True),
        ("blank?", ["a"], False),
        ("string-ref", ["abc", 1], "b"),
        ("char-at", ["abc", 1], "b"),
        ("char-at", ["abc", 3], None),
        ("char-at", ["abc", -1], None),
        ("char-code", ["A"], 65),
        ("char-code", ["AB", 1], 66),
        ("char-from-code", [955], "λ"),
        ("substring", ["hello", 1, 3], "el"),
        ("substring", ["hello", 1], "ello"),
        ("substring", ["hello", 5, 5], ""),
        ("trim", ["\t a \n"], "a"),
        ("trim-left", [" a "], "a "),
        ("trim-right", [" a "], " a"),
        ("split", ["a,b", ","], ["a", "b"]),
        ("split", [",a,,", ","], ["", "a", "", ""]),
        ("split", ["", ","], [""]),
        ("split", ["a--b", "--"], ["a", "b"]),
        ("split", ["a,b,c", ",", 2], ["a", "b,c"]),
        ("split", ["a,b,c", ",", 1], ["a,b,c"]),
        ("split", [" a  b "], ["a", "b"]),
        ("split", ["abc", ""], ["a", "b", "c"]),
        ("split", ["abc", "", 2], ["a", "bc"]),
        ("split-lines", ["a\nb\r\nc"], ["a", "b", "c"]),
        ("split-lines", ["a\n\n"], ["a", ""]),
        ("split-lines", [""], []),
        ("join", [",", ["a", "b"]], "a,b"),
        ("join", [", ", [1, None, keyword("k")]], "1, , :k"),
        ("join", ["-", None], ""),
        ("join", ["-", ("a", "b")], "a-b"),
        ("string-join", [["a", "b"]], "a b"),
        ("string-join", [["a", "b"], ", "], "a, b"),
        ("upper", ["straße"], "STRASSE"),
        ("upcase", ["abc"], "ABC"),
        ("lower", ["ABC"], "abc"),
        ("string-foldcase", ["Straße"], "strasse"),
        ("capitalize", ["hELLO"], "Hello"),
        ("string-reverse", ["abc"], "cba"),
        ("replace", ["a-b-c", "-", "+"], "a+b+c"),
        ("replace", ["aaa", "aa", "b"], "ba"),
        ("replace", ["abc", "b", ""], "ac"),
        ("replace-first", ["a-b-c", "-", ""], "ab-c"),
        ("starts-with?", ["hello", "he"], True),
        ("starts-with?", ["hello", "lo"], False),
        ("ends-with?", ["hello", "lo"], True),
        ("string-contains?", ["hello", "ell"], True),
        ("string-contains?", ["hello", c("z")], False),
        ("string-index", ["hello", c("l")], 2),
        ("string-index", ["hello", "l", 3], 3),
        ("string-index", ["hello", "z"], False),
        ("string-index-right", ["hello", "l"], 3),
        ("string-count", ["banana", "an"], 2),
        ("string=?", ["a", "a", "a"], True),
        ("string<?", ["a", "b", "a"], False),
        ("string<=?", ["a", "a", "b"], True),
        ("string>?", ["b", "a"], True),
        ("string-ci=?", ["Straße", "STRASSE"], True),
        ("char=?", [c("a"), c("a")], True),
        ("char<?", [c("a"), c("b"), c("c")], True),
        ("char-ci=?", [c("a"), c("A")], True),
        ("char->integer", [c("λ")], 955),
        ("integer->char", [955], "λ"),
        ("char->string", [c("a")], "a"),
        ("char-upcase", [c("a")], "A"),
        ("char-upcase", [c("ß")], "ß"),
        ("char-downcase", [c("Ä")], "ä"),
        ("char-alphabetic?", [c("λ")], True),
        ("char-numeric?", [c("٣")], True),
        ("char-whitespace?", [c("\u00a0")], True),
        ("char-upper-case?", [c("A")], True),
        ("char-lower-case?", [c("A")], False),
        ("digit-value", [c("7")], 7),
        ("digit-value", [c("٣")], 3),
        ("digit-value", [c("a")], False),
        ("symbol-name", [symbol("a")], "a"),
        ("symbol->string", [symbol("a b")], "a b"),
        ("keyword-name", [keyword("a")], "a"),
        ("keyword-name", ["a"], "a"),
        ("make-symbol", ["a"], symbol("a")),
        ("intern", [keyword("a")], symbol("a")),
        ("make-keyword", ["a"], keyword("a")),
        ("symbol-interned?", [symbol("a")], True),
    ],
)
def test_value(name: str, args: list[Any], expected: Any) -> None:
    assert call(name, *args) == expected


@pytest.mark.parametrize(
    ("name", "args", "kind", "message"),
    [
        ("string-append", ["a", 1], SxTypeError, "string-append: expected string, got number"),
        ("string", [1], SxTypeError, "string: expected string or char, got number"),
        ("make-string", [-1], SxValueError, "expected a count of 0 or more, got -1"),
        ("make-string", [10**5000], SxValueError, "more than 1073741824 characters"),
        ("repeat", ["ab", 2**30], SxValueError, "more than 1073741824 characters"),
        ("repeat", [1, 2], SxTypeError, "repeat: expected string, got number"),
        ("string-ref", ["abc", 3], SxValueError, "index 3 is out of range for length 3"),
        ("string-ref", ["abc", 1.0], SxTypeError, "string-ref: expected start, got 1.0"),
        ("substring", ["hello", 2, 9], SxValueError, "range 2 to 9 is out of range for length 5"),
        ("substring", ["hello", 3, 2], SxValueError, "out of range"),
        ("char-code", [""], SxValueError, "index 0 is out of range for length 0"),
        ("char-from-code", [0xD800], SxValueError, "55296 is no Unicode character"),
        ("integer->char", [0x110000], SxValueError, "is no Unicode character"),
        ("integer->char", [-1], SxValueError, "is no Unicode character"),
        ("split", ["a", ",", 0], SxValueError, "the limit must be 1 or more"),
        ("split", [None, ","], SxTypeError, "split: expected string, got nil"),
        ("join", [",", "ab"], SxTypeError, "join: expected list, got string"),
        ("string-join", [["a", 1]], SxTypeError, "string-join: expected string, got number"),
        ("upper", [symbol("a")], SxTypeError, "upper: expected string, got symbol"),
        ("replace", ["a" * 2**16, "a", "b" * 2**16], SxValueError, "more than 1073741824 characters"),
        ("starts-with?", ["a", None], SxTypeError, "starts-with?: expected string or char, got nil"),
        ("string-count", ["a", ""], SxValueError, "the part to count is empty"),
        ("string<?", ["a", 1], SxTypeError, "string<?: expected string, got number"),
        ("char=?", [c("a"), "a"], SxTypeError, "char=?: expected char, got string"),
        ("char-upcase", ["a"], SxTypeError, "char-upcase: expected char, got string"),
        ("symbol-name", ["a"], SxTypeError, "symbol-name: expected symbol, got string"),
        ("make-symbol", [1], SxTypeError, "expected string, symbol or keyword, got number"),
        ("buffer->string", ["a"], SxTypeError, "buffer->string: expected string buffer, got string"),
    ],
)
def test_error(name: str, args: list[Any], kind: type[EvalError], message: str) -> None:
    with pytest.raises(kind) as caught:
        call(name, *args)
    assert message in caught.value.message


def test_chars_are_no_strings() -> None:
    assert type(raw("string-ref", "abc", 0)) is Char
    assert [type(item) for item in raw("string->list", "ab")] == [Char, Char]
    assert call("char?", raw("string-ref", "a", 0)) is True
    assert call("char?", "a") is False


def test_gensym_makes_symbols_no_text_can_name() -> None:
    first, second = raw("gensym"), raw("gensym", "tmp")
    assert type(first) is type(second) is Symbol
    assert first is not second
    assert second.name.startswith("tmp")
    assert raw("make-symbol", second.name) is not second
    assert call("symbol-interned?", first) is False


def test_buffer_collects_what_str_shows() -> None:
    buffer = raw("make-string-buffer", "a")
    assert call("string-buffer?", buffer) is True
    assert raw("buffer-append!", buffer, "b", 5, None) is buffer
    assert call("buffer->string", buffer) == "ab5"
    assert call("buffer-length", buffer) == 3
    assert call("string-buffer->string", raw("buffer-clear!", buffer)) == ""
    assert call("buffer?", 1) is False


@given(st.text(), st.text(min_size=1))
def test_join_undoes_split(text: str, separator: str) -> None:
    assert call("join", separator, raw("split", text, separator)) == text


@given(st.text())
def test_string_and_list_of_chars_convert_both_ways(text: str) -> None:
    assert call("list->string", raw("string->list", text)) == text
    assert call("list->string", raw("split", text, "")) == text


@given(st.text(max_size=8), st.integers(-20, 20), st.none() | st.integers(-20, 20))
def test_substring_is_a_slice_or_an_error(text: str, start: int, end: int | None) -> None:
    high = len(text) if end is None else end
    if 0 <= start <= high <= len(text):
        assert call("substring", text, start, end) == text[start:high]
    else:
        with pytest.raises(SxValueError):
            call("substring", text, start, end)


@given(st.lists(st.text(max_size=3), min_size=1, max_size=4))
def test_string_order_is_by_code_point(texts: list[str]) -> None:
    codes = [[ord(char) for char in text] for text in texts]
    pairs = list(pairwise(codes))
    assert call("string<?", *texts) is all(a < b for a, b in pairs)
    assert call("string>=?", *texts) is all(a >= b for a, b in pairs)
    assert call("<", *texts) is all(a < b for a, b in pairs)
