"""The programs in `examples/` that need no store: each prints what is written down here by hand."""

from __future__ import annotations

import io
from pathlib import Path
from textwrap import dedent

import pytest

from sxpy import Interpreter

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"

EXPECTED = {
    "metacircular": """
        factorial: 2432902008176640000
        map: (10 20 30)
        even and odd: (true false)
        counter: (3 1)
        fixed point: 55
        tail calls: done
        error: unbound variable: nobody
    """,
    "amb": """
        triples: ((3 4 5) (6 8 10) (5 12 13) (9 12 15) (8 15 17) (12 16 20))
        dwelling: ({:baker 3 :cooper 2 :fletcher 4 :miller 5 :smith 1})
        colourings: 6
        the first: {:wa "red" :nt "green" :sa "blue" :q "red" :nsw "green" :v "red"}
        six queens: ((5 3 1 6 4 2) (4 1 5 2 6 3) (3 6 2 5 1 4) (2 4 6 1 3 5))
        no choice is left
    """,
    "generators": """
        fibonacci: 0 1 1 2 3 5 8 13 21 34 55 89
        primes: 2 3 5 7 11 13 17 19 23 29
        squares below 60: 1 4 9 16 25 36 49
        zip: ("a" 1) ("b" 2) ("c" 3)
        append: 1 2 10 11
        leaves: 1 2 3 4 5
        same fringe: true
        same fringe: false
        again: 6 6
    """,
    "scheduler": """
        [0] taking turns
        [0] a 1
        [0] b 1
        [0] c 1
        [0] a 2
        [0] b 2
        [0] c 2
        [0] sleeping
        [10] slept 10
        [20] slept 20
        [30] slept 30
        [30] a pipeline
        [30] got 1
        [31] got 4
        [32] got 9
        [33] sum 14
    """,
    "json": r"""
        {:id 17 :guest {:name "Ada λ" :vip true} :lines LINES :note nil :empty (() {})}
        Ada λ
        total -97.5
        as json-decode: true
        [1, 2      expected ] at position 5, found the end
        {"a" 1}    expected : at position 5, found 1
        [1,]       expected a value at position 3, found ]
        tru        expected a value at position 0, found t
        01         expected the end at position 1, found 1
        "\x"       expected an escape at position 2, found x
                   expected a value at position 0, found the end
        [] x       expected the end at position 3, found x
    """.replace("LINES", r'({:item "tea" :price 2.5} {:item "scone\n" :price -100.0})'),
    "regex": r"""
        b+                     "aabbbc"               {:start 2 :text "bbb" :groups {}}
        ^a.c$                  "abc"                  {:start 0 :text "abc" :groups {}}
        ^a.c$                  "abcd"                 nil
        colou?r                "the color red"        {:start 4 :text "color" :groups {}}
        (cat|dog)s?            "hotdogs"              {:start 3 :text "dogs" :groups {:1 "dog"}}
        ([a-z]+)@([a-z]+)      "to ann@home"          ANN
        [^0-9 ]+               "42 is it"             {:start 3 :text "is" :groups {}}
        (a*)*b                 "aaab"                 {:start 0 :text "aaab" :groups {:1 "aaa"}}
        (a|ab)(c|bcd)          "abcd"                 {:start 0 :text "abcd" :groups {:1 "a" :2 "bcd"}}
        \$[0-9]+               "costs $15"            {:start 6 :text "$15" :groups {}}
        x*                     "aaa"                  {:start 0 :text "" :groups {}}
        z                      "abc"                  nil
        (a                     "a"                    "a group is not closed"
        *                      "a"                    "nothing to repeat"
    """.replace("ANN", '{:start 3 :text "ann@home" :groups {:1 "ann" :2 "home"}}'),
    "processes": """
        2 ended with 55
        1 says the worker found 55
        1 ended with "done"
        4 ended with ("short")
        6 died: vector-ref: index 2 is out of range for length 2
        5 ended with "no such operation: launch"
        3 ended with ("short" "long")
        finished: short, long
    """,
    "orders": """
        stock: {:tea 7 :cup 4}
        ordered: 4 cup as event 4
        sold out: 1 cup
        events stored: 0, last seq: 4
        stock: {:tea 7 :cup 0}
    """,
    "stepper": """
        trace (factorial 3)
          factorial{:n 3}
          factorial{:n 3} > factorial{:n 2}
          factorial{:n 3} > factorial{:n 2} > factorial{:n 1}
          factorial{:n 3} > factorial{:n 2}
          factorial{:n 3}
          -
          = 6, at most 3 calls waiting
        trace (factorial-loop 3 1)
          = 6, at most 0 calls waiting
        debug
          stop at count, value 3, inside (top level) > report > average
          = "* average 4"
        with 2: * average 6
        with 6: * average 2
        with an error: no count
    """,
}

NEED_A_STORE = {"guestbook", "guestbook-read", "order"}


@pytest.mark.parametrize("name", EXPECTED)
def test_an_example_prints_what_it_should(name: str) -> None:
    printed = io.StringIO()
    Interpreter(output=printed).eval_file(EXAMPLES / f"{name}.sx")
    assert printed.getvalue() == dedent(EXPECTED[name]).lstrip("\n")


def test_every_example_is_tested() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.sx")} == {*EXPECTED, *NEED_A_STORE}


@pytest.mark.parametrize("name", EXPECTED)
def test_an_example_is_short(name: str) -> None:
    assert len((EXAMPLES / f"{name}.sx").read_text(encoding="utf-8").splitlines()) < 200
