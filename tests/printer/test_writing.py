"""How each kind of value is written: section 6, row by row."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest

from sxpy.data import (
    EMPTY,
    EOF,
    Adt,
    AdtType,
    Bytevector,
    Char,
    Condition,
    Dict,
    Environment,
    HashTable,
    InputPort,
    List,
    Macro,
    MultipleValues,
    MutableList,
    OutputPort,
    Primitive,
    Record,
    RecordType,
    StringBuffer,
    SxSet,
    Symbol,
    Vector,
    closure_of,
    from_list,
    hash_key,
    keyword,
    list_of,
    symbol,
)
from sxpy.errors import SxTypeError
from sxpy.printer import canonical, inspect, serialize, show, write_scheme

OPTION = AdtType("Option", {"Some": ("v",), "Nothing": ()})
POINT = RecordType("point", ("x", "y"))


def table(*pairs: tuple[Any, Any]) -> HashTable:
    return HashTable({hash_key(key): (key, value) for key, value in pairs})


def conses(*items: Any) -> List:
    made: List = EMPTY
    for item in reversed(items):
        made = made.cons(item)
    return made


WRITTEN: list[tuple[Any, str]] = [
    (None, "nil"),
    (True, "true"),
    (False, "false"),
    (0, "0"),
    (-12, "-12"),
    (10**30, "1" + 30 * "0"),
    (Fraction(1, 3), "1/3"),
    (Fraction(-7, 2), "-7/2"),
    # floats
    (2.0, "2.0"),
    (-0.0, "-0.0"),
    (0.1, "0.1"),
    (1e100, "1e100"),
    (1e22, "1e22"),
    (1e-7, "1e-7"),
    (1.5e-10, "1.5e-10"),
    (0.0001, "0.0001"),
    (1e16, "1e16"),
    (123456789.125, "123456789.125"),
    (5e-324, "5e-324"),
    (1.7976931348623157e308, "1.7976931348623157e308"),
    (float("nan"), "nan"),
    (float("inf"), "inf"),
    (float("-inf"), "-inf"),
    # strings
    ("", '""'),
    ("abc", '"abc"'),
    ('a"b\\c', '"a\\"b\\\\c"'),
    ("\n\t\r\0", r'"\n\t\r\0"'),
    ("\x1b\x07\x7f\x85\u2028", r'"\u001b\u0007\u007f\u0085\u2028"'),
    ("é😀", '"é😀"'),
    ("\ud83d\ude00", r'"\ud83d\ude00"'),
    ("`'(", '"`\'("'),
    # characters
    (Char(0x61), r"#\a"),
    (Char(0x20), r"#\space"),
    (Char(0x0A), r"#\newline"),
    (Char(0x09), r"#\tab"),
    (Char(0x0D), r"#\return"),
    (Char(0), r"#\nul"),
    (Char(0x1B), r"#\escape"),
    (Char(0x7F), r"#\delete"),
    (Char(0x08), r"#\backspace"),
    (Char(0x28), r"#\("),
    (Char(0x3BB), r"#\λ"),
    (Char(0x1F600), r"#\😀"),
    (Char(0x01), r"#\x1"),
    (Char(0x301), r"#\x301"),
    (Char(0xA0), r"#\xa0"),
    (Char(0xD800), r"#\xd800"),
    (Char(0x10FFFF), r"#\x10ffff"),
    # names
    (symbol("set!"), "set!"),
    (symbol("a.b"), "a.b"),
    (keyword("k"), ":k"),
    # lists, however they were made
    (EMPTY, "()"),
    (list_of(1, "a", None), '(1 "a" nil)'),
    (conses(1, 2), "(1 2)"),
    (list_of(1).append(2).concat(range(40)).slice(0, 3), "(1 2 0)"),
    (MutableList([]), "()"),
    (MutableList([1, list_of()]), "(1 ())"),
    (list_of(symbol("quote"), symbol("x")), "(quote x)"),
    # dicts
    (Dict(), "{}"),
    (Dict({"a": 1, "b": "x"}), '{:a 1 :b "x"}'),
    (Dict({"z": 1, "a": 2}), "{:z 1 :a 2}"),
    (Dict({"a b": 1, "": 2, "é": 3, "x/y?": 4, "\n": 5}), r'{"a b" 1 "" 2 :é 3 :x/y? 4 "\n" 5}'),
    (Dict({"a": Dict({"b": list_of(1)})}), "{:a {:b (1)}}"),
    # vectors
    (Vector([]), "#()"),
    (Vector([1, Vector([2]), list_of(3)]), "#(1 #(2) (3))"),
    (Bytevector(b""), "#u8()"),
    (Bytevector(b"\x00\xff"), "#u8(0 255)"),
]


@pytest.mark.parametrize(("value", "text"), WRITTEN, ids=[text for _, text in WRITTEN])
def test_values_with_a_syntax_are_written_so_by_all(value: Any, text: str) -> None:
    assert inspect(value) == text
    assert serialize(value) == text
    if not isinstance(value, Dict):
        assert canonical(value) == text
    if type(value) is not str and value is not None:
        assert show(value) == text


SHOWN: list[tuple[Any, str]] = [
    (Adt(OPTION, "Some", (42,)), "(Some 42)"),
    (Adt(OPTION, "Nothing", ()), "(Nothing)"),
    (Adt(OPTION, "Some", (Adt(OPTION, "Some", ("x",)),)), '(Some (Some "x"))'),
    (Record(POINT, [1, "a"]), '<point x: 1 y: "a">'),
    (Record(RecordType("unit", ()), []), "<unit>"),
    (SxSet({hash_key(1): 1, hash_key("a"): "a"}), '<set 1 "a">'),
    (SxSet({}), "<set>"),
    (table((1, "one"), ("two", 2)), '<hash-table 1 "one" "two" 2>'),
    (MultipleValues((1, 2)), "<values 1 2>"),
    (Primitive("car", len, 1, 1), "<primitive car>"),
    (Macro("my-if", None), "<macro my-if>"),
    (Environment("global"), "<environment global>"),
    (POINT, "<record-type point>"),
    (Condition('it "broke"'), r'<error "it \"broke\"">'),
    (InputPort("abc"), "<input-port>"),
    (OutputPort(), "<output-port>"),
    (StringBuffer(), "<string-buffer of 0>"),
    (EOF, "#!eof"),
    (Symbol("g12"), "g12"),
    (symbol("a b"), "a b"),
    (object(), "<object>"),
]


@pytest.mark.parametrize(("value", "text"), SHOWN, ids=[text for _, text in SHOWN])
def test_values_without_a_syntax_are_shown(value: Any, text: str) -> None:
    assert inspect(value) == text
    assert inspect(list_of(1, value, 2)) == f"(1 {text} 2)"
    with pytest.raises(SxTypeError, match=r"^serialize: no text reads back as "):
        serialize(value)
    with pytest.raises(SxTypeError, match=r"^canonical-serialize: .*, found at \.a\[1\]$"):
        canonical(Dict({"a": Vector([1, value])}))


def test_a_closed_port_says_so() -> None:
    port = InputPort("")
    port.open = False
    assert inspect(port) == "<input-port, closed>"


def test_functions_show_their_name_and_arity() -> None:
    function = closure_of(SimpleNamespace(name="add", arity=2, component=False), ())
    assert inspect(function) == "<lambda add/2>"
    component = closure_of(SimpleNamespace(name="~card", arity=0, component=True), ())
    assert inspect(component) == "<component ~card/0>"


# -- what str shows ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\nb", "a\nb"),
        ("", ""),
        (None, ""),
        (list_of("a", None), '("a" nil)'),
        (Condition("it broke", (1,)), "it broke"),
        (list_of(Condition("it broke")), '(<error "it broke">)'),
        (Char(0x61), r"#\a"),
        (keyword("k"), ":k"),
        (True, "true"),
        (2.0, "2.0"),
    ],
)
def test_str_shows_strings_bare_and_nil_as_nothing(value: Any, text: str) -> None:
    assert show(value) == text


# -- the Scheme writer -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "written", "displayed"),
    [
        (None, "()", "()"),
        (EMPTY, "()", "()"),
        (True, "#t", "#t"),
        (False, "#f", "#f"),
        (EOF, "#!eof", "#!eof"),
        ('a"b', r'"a\"b"', 'a"b'),
        (Char(0x20), r"#\space", " "),
        (list_of(None, True, "a", Char(0x62)), r'(() #t "a" #\b)', "(() #t a b)"),
        (Vector([False, 1.5]), "#(#f 1.5)", "#(#f 1.5)"),
        (Dict({"a": None, "b c": "d"}), '{:a () "b c" "d"}', '{:a () "b c" d}'),
        (Adt(OPTION, "Some", (True,)), "(Some #t)", "(Some #t)"),
        (Fraction(1, 3), "1/3", "1/3"),
        (symbol("x"), "x", "x"),
    ],
)
def test_the_scheme_writer_writes_and_displays(value: Any, written: str, displayed: str) -> None:
    assert write_scheme(value) == written
    assert write_scheme(value, display=True) == displayed


# -- refusals ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (Primitive("car", len, 1, 1), "serialize: no text reads back as the lambda <primitive car>"),
        (
            Dict({"data": list_of(1, 2, Dict({"f": Primitive("car", len, 1, 1)}))}),
            "serialize: no text reads back as the lambda <primitive car>, found at .data[2].f",
        ),
        (
            Dict({"a b": Vector([Symbol("g1")])}),
            'serialize: no text reads back as the symbol g1, which gensym made, found at ["a b"][0]',
        ),
        (symbol("a b"), 'serialize: no text reads back as a symbol called "a b"'),
        (symbol("nil"), 'serialize: no text reads back as a symbol called "nil"'),
        (symbol("12"), 'serialize: no text reads back as a symbol called "12"'),
        (symbol(":a"), 'serialize: no text reads back as a symbol called ":a"'),
        (symbol("#t"), 'serialize: no text reads back as a symbol called "#t"'),
        (symbol(""), 'serialize: no text reads back as a symbol called ""'),
        (list_of(keyword("a,b")), 'serialize: no text reads back as a keyword called "a,b", found at [0]'),
        (Adt(OPTION, "Some", (1,)), "serialize: no text reads back as the Option (Some 1)"),
        (
            list_of(Record(POINT, ["x" * 99, 2])),
            "serialize: no text reads back as the record with many parts, found at [0]",
        ),
    ],
)
def test_a_refusal_names_what_and_where(value: Any, message: str) -> None:
    with pytest.raises(SxTypeError) as caught:
        serialize(value)
    assert caught.value.message == message


def test_a_refusal_hands_over_what_was_refused() -> None:
    lost = Symbol("g1")
    with pytest.raises(SxTypeError) as caught:
        serialize(list_of(1, lost))
    assert caught.value.irritants == (lost,)


def test_the_way_into_deep_data_is_cut() -> None:
    value: Any = Symbol("g1")
    for _ in range(100_000):
        value = list_of(value)
    with pytest.raises(SxTypeError, match=r"found at (\[0\]){10}…(\[0\]){10}$"):
        serialize(value)


# -- canonical text -------------------------------------------------------------------------------------


def test_canonical_text_orders_keys_by_code_point_at_every_level() -> None:
    value = from_list([Dict({"b": 1, "a": Dict({"é": 1, "z": 2, "B": 3, "\ud800": 4, "10": 5, "9": 6})})])
    assert canonical(value) == r'({:a {:10 5 :9 6 :B 3 :z 2 :é 1 "\ud800" 4} :b 1})'


def test_canonical_text_of_a_large_dict_is_sorted_too() -> None:
    keys = [f"k{number:03}" for number in range(200)]
    value = Dict({})
    for key in reversed(keys):
        value = value.assoc(key, 0)
    assert canonical(value) == "{" + " ".join(f":{key} 0" for key in keys) + "}"
