"""The layout of values that do not fit on one line."""

from __future__ import annotations

from sxpy.data import Adt, AdtType, Dict, Primitive, from_list, list_of
from sxpy.printer import inspect, pretty
from sxpy.reader import read_datum


def test_what_fits_stays_on_one_line() -> None:
    value = read_datum('{:a (1 2) :b "x"}')
    assert pretty(value) == '{:a (1 2) :b "x"}'
    assert pretty(value, 17) == '{:a (1 2) :b "x"}'
    assert pretty(value, 16) == '{:a (1 2)\n :b "x"}'


def test_a_dict_stands_in_lines_of_key_and_value() -> None:
    value = read_datum('{:name "a long name" :items (1 2 3) :inner {:first "value one" :second "value two"}}')
    assert pretty(value, 40).split("\n") == [
        '{:name "a long name"',
        " :items (1 2 3)",
        ' :inner {:first "value one"',
        '         :second "value two"}}',
    ]


def test_a_list_of_atoms_fills_its_lines() -> None:
    assert pretty(from_list(list(range(10, 30))), 20).split("\n") == [
        "(10 11 12 13 14 15",
        " 16 17 18 19 20 21",
        " 22 23 24 25 26 27",
        " 28 29)",
    ]


def test_a_list_of_lists_stands_in_a_column() -> None:
    assert pretty(read_datum("((1 2 3) (4 5 6) (7 8 9))"), 12) == "((1 2 3)\n (4 5 6)\n (7 8 9))"


def test_a_vector_stands_in_a_column() -> None:
    assert pretty(read_datum("#((1 2 3) (4 5 6))"), 12) == "#((1 2 3)\n  (4 5 6))"


def test_code_keeps_its_head_and_indents_its_body() -> None:
    code = read_datum("(define (f x) (if (> x 0) (g x) (h x)) (print x))")
    assert pretty(code, 24).split("\n") == [
        "(define (f x)",
        "  (if (> x 0)",
        "    (g x)",
        "    (h x))",
        "  (print x))",
    ]


def test_values_without_a_syntax_are_laid_out_too() -> None:
    pair = AdtType("Pair", {"Pair": ("a", "b")})
    value = Adt(pair, "Pair", (list_of("a long string", 1), Primitive("car", len, 1, 1)))
    assert pretty(value, 20) == '(Pair ("a long string"\n       1)\n      <primitive car>)'


def test_no_line_is_wider_than_it_must_be() -> None:
    value = read_datum("{:a (1 2 3 {:b (4 5 6 7 8 9) :c (10 11 12)} 13) :d ((14 15) (16 17 (18 19)))}")
    for width in range(18, 100):
        assert max(map(len, pretty(value, width).split("\n"))) <= width


def test_an_atom_that_is_too_long_overflows() -> None:
    assert pretty("x" * 50, 10) == inspect("x" * 50)
    assert pretty(list_of("x" * 50, 1), 10) == f'("{"x" * 50}"\n 1)'


def test_an_empty_width_still_shows_everything() -> None:
    value = Dict({"a": list_of(1, list_of(2))})
    assert read_datum(pretty(value, 0)).keys() == ["a"]
    assert pretty(list_of(), 1) == "()"
