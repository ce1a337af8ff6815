"""What each text reads as: every row of the table of section 1, by both readers."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from snapshot import snapshot, snapshots

from sxpy.data import Bytevector, Char, Dict, Vector, keyword, list_of, symbol
from sxpy.reader import read_all, read_data, read_datum

READERS: list[Callable[[str], list[Any]]] = [read_all, read_data]

x, quote = symbol("x"), symbol("quote")

ROWS: list[tuple[str, Any]] = [
    # numbers
    ("12", 12),
    ("-3", -3),
    ("+3", 3),
    ("007", 7),
    ("-0", 0),
    ("123456789012345678901234567890", 123456789012345678901234567890),
    ("1.5", 1.5),
    ("1e3", 1000.0),
    ("1E3", 1000.0),
    ("-2.5e-3", -0.0025),
    ("+1.5", 1.5),
    ("1e+2", 100.0),
    ("-0.0", -0.0),
    ("1e400", float("inf")),
    ("5e-324", 5e-324),
    ("nan", float("nan")),
    ("inf", float("inf")),
    ("-inf", float("-inf")),
    ("1/3", Fraction(1, 3)),
    ("-2/6", Fraction(-1, 3)),
    ("4/2", 2),
    ("0/5", 0),
    # literals
    ("true", True),
    ("false", False),
    ("nil", None),
    ("#t", True),
    ("#f", False),
    # keywords and symbols
    (":name", keyword("name")),
    (":a.b/c?", keyword("a.b/c?")),
    (":élan", keyword("élan")),
    ("set!", symbol("set!")),
    ("persist/kv-has?", symbol("persist/kv-has?")),
    ("->", symbol("->")),
    ("->>", symbol("->>")),
    ("~card", symbol("~card")),
    ("a.b", symbol("a.b")),
    ("...", symbol("...")),
    ("+", symbol("+")),
    ("-", symbol("-")),
    ("-x", symbol("-x")),
    ("+a1", symbol("+a1")),
    ("a1:b#c@d", symbol("a1:b#c@d")),
    ("|", symbol("|")),
    ("&rest", symbol("&rest")),
    ("$%^", symbol("$%^")),
    ("<=>", symbol("<=>")),
    ("_", symbol("_")),
    ("λ", symbol("λ")),
    ("変数2", symbol("変数2")),
    ("nile", symbol("nile")),
    ("truex", symbol("truex")),
    ("infinity", symbol("infinity")),
    ("NaN", symbol("NaN")),
    # characters
    (r"#\a", Char(0x61)),
    (r"#\x", Char(0x78)),
    (r"#\3", Char(0x33)),
    (r"#\(", Char(0x28)),
    (r"#\)", Char(0x29)),
    (r"#\"", Char(0x22)),
    (r"#\;", Char(0x3B)),
    (r"#\\", Char(0x5C)),
    (r"#\λ", Char(0x3BB)),
    (r"#\😀", Char(0x1F600)),
    (r"#\space", Char(0x20)),
    (r"#\newline", Char(0x0A)),
    (r"#\tab", Char(0x09)),
    (r"#\return", Char(0x0D)),
    (r"#\nul", Char(0)),
    (r"#\null", Char(0)),
    (r"#\escape", Char(0x1B)),
    (r"#\altmode", Char(0x1B)),
    (r"#\delete", Char(0x7F)),
    (r"#\rubout", Char(0x7F)),
    (r"#\backspace", Char(0x08)),
    (r"#\x41", Char(0x41)),
    (r"#\x3bB", Char(0x3BB)),
    (r"#\x10FFFF", Char(0x10FFFF)),
    (r"#\xd800", Char(0xD800)),
    # strings
    ('""', ""),
    ('"abc"', "abc"),
    (r'"\n\t\r\"\\\0"', '\n\t\r"\\\0'),
    (r'"\`"', "`"),
    (r'"\d"', r"\d"),
    (r'"\x41;"', r"\x41;"),
    (r'"\u0041\u00e9"', "Aé"),
    (r'"\ud83d\ude00"', "\ud83d\ude00"),
    (r'"\U0041"', r"\U0041"),
    (r'"\\u0041"', r"\u0041"),
    ('"a\nb"', "a\nb"),
    ('"é😀 ;(,`"', "é😀 ;(,`"),
    (r'#|raw \n "x"|', r'raw \n "x"'),
    ("#||", ""),
    ("#|a\nb|", "a\nb"),
    # lists
    ("()", list_of()),
    ("[]", list_of()),
    ("(1 2)", list_of(1, 2)),
    ("[1 2]", list_of(1, 2)),
    ("(a [b] ())", list_of(symbol("a"), list_of(symbol("b")), list_of())),
    ("(a . b)", list_of(symbol("a"), symbol("."), symbol("b"))),
    # dicts
    ("{}", Dict()),
    ("{:a 1}", Dict({"a": 1})),
    ('{:a 1 "b c" 2 d 3}', Dict({"a": 1, "b c": 2, "d": 3})),
    ("{:b (f) :a {:c nil}}", Dict({"b": list_of(symbol("f")), "a": Dict({"c": None})})),
    # vectors
    ("#()", Vector([])),
    ("#(1 (2) #(3))", Vector([1, list_of(2), Vector([3])])),
    ("#u8()", Bytevector(b"")),
    ("#u8(0 255)", Bytevector(b"\x00\xff")),
    # prefixes
    ("'x", list_of(quote, x)),
    ("#'x", list_of(quote, x)),
    ("`x", list_of(symbol("quasiquote"), x)),
    (",x", list_of(symbol("unquote"), x)),
    (",@x", list_of(symbol("splice-unquote"), x)),
    ("''x", list_of(quote, list_of(quote, x))),
    ("'(x)", list_of(quote, list_of(x))),
    ("' x", list_of(quote, x)),
    ("'; why not\nx", list_of(quote, x)),
    ("'#;y x", list_of(quote, x)),
    # comments
    ("; c\nx", x),
    ("x;c", x),
    ("x ; (", x),
    ("#;y x", x),
    ("#;(y z) x", x),
    ("#;#;y z x", x),
    ("#;'y x", x),
    ("(#;1)", list_of()),
    ("(1 #;2 3)", list_of(1, 3)),
    ("{:a #;0 1 #;:b}", Dict({"a": 1})),
    ("#(1 #;2)", Vector([1])),
]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("text", "value"), ROWS, ids=[text for text, _ in ROWS])
def test_each_row_of_the_table_reads(reader: Callable[[str], list[Any]], text: str, value: Any) -> None:
    assert snapshots(reader(text)) == [snapshot(value)]
    assert snapshots(reader(f"\n  {text}\t\n")) == [snapshot(value)]
    assert snapshots(reader(f"({text}\n)")) == [snapshot(list_of(value))]


SEVERAL: list[tuple[str, list[Any]]] = [
    ("", []),
    (" \n ; only a comment", []),
    ("#;x", []),
    ("1 2", [1, 2]),
    ("a,b", [symbol("a"), list_of(symbol("unquote"), symbol("b"))]),
    ("a,@b", [symbol("a"), list_of(symbol("splice-unquote"), symbol("b"))]),
    ("1,2", [1, list_of(symbol("unquote"), 2)]),
    ("a'b", [symbol("a"), list_of(quote, symbol("b"))]),
    ('a"b"c', [symbol("a"), "b", symbol("c")]),
    ("a(b)c", [symbol("a"), list_of(symbol("b")), symbol("c")]),
    ("#t(1)", [True, list_of(1)]),
    ("#\\a(1)", [Char(0x61), list_of(1)]),
    ("#\\((1)", [Char(0x28), list_of(1)]),
    ("\ufeffx", [x]),
    ("#!/usr/bin/env sx\nx", [x]),
    ("#! /usr/bin/env sx\nx", [x]),
    ("\ufeff#!/usr/bin/env sx\nx", [x]),
    ("#!/usr/bin/env sx", []),
    ("x\r\n(x)\r\n; c\r\nx\r\n", [x, list_of(x), x]),
]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("text", "values"), SEVERAL, ids=[repr(text) for text, _ in SEVERAL])
def test_forms_follow_each_other(reader: Callable[[str], list[Any]], text: str, values: list[Any]) -> None:
    assert snapshots(reader(text)) == snapshots(values)


def test_symbols_and_keywords_are_interned() -> None:
    first, second = read_data("abc abc")
    assert first is second is symbol("abc")
    assert read_datum(":k") is keyword("k")


def test_a_keyword_keeps_the_order_of_its_dict() -> None:
    assert read_datum("{:z 1 :a 2 :m 3}").keys() == ["z", "a", "m"]


@pytest.mark.parametrize("reader", READERS)
def test_every_character_of_a_string_reads_as_itself(reader: Callable[[str], list[Any]]) -> None:
    text = "".join(chr(code) for code in [*range(0x3000), 0xD800, 0xDFFF, 0xFEFF, 0x1F600, 0x10FFFF])
    text = text.replace("\\", "").replace('"', "")
    assert reader(f'"{text}"') == [text]
