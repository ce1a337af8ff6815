"""What shares in memory shares as text: no program grows by being frozen."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sxpy import Interpreter
from sxpy.data import Dict, from_list
from sxpy.printer import inspect

ASK = '(define (ask x) (perform {:op "ask" :args (list x)}))\n'


def _size(program: str, count: int) -> int:
    return len(Interpreter().start(ASK + program.format(n=count)).freeze().text)


def _grows_linearly(program: str) -> bool:
    """Whether the text grows as much from 800 to 1,600 as four times what it grows from 400 to 600."""
    sizes = [_size(program, count) for count in (400, 600, 800, 1600)]
    return sizes[3] - sizes[2] < 1.3 * 4 * (sizes[1] - sizes[0])


def test_lists_that_share_their_tails_cost_one_item_each() -> None:
    assert _grows_linearly(
        "(define (down n l) (if (= n 0) (ask 0) (let ((r (down (- n 1) (cons n l)))) (list r l))))"
        " (down {n} ())"
    )


def test_lists_that_share_their_beginnings_cost_one_item_each() -> None:
    assert _grows_linearly(
        "(define (down n l) (if (= n 0) (ask 0) (let ((r (down (- n 1) (append l n)))) (list r l))))"
        " (down {n} (list 0))"
    )


def test_versions_of_a_dict_cost_what_differs() -> None:
    assert _grows_linearly(
        "(define (down n d) (if (= n 0) (ask 0) "
        '(let ((r (down (- n 1) (assoc d (str "k" n) n)))) (list r d))))'
        " (down {n} (reduce (fn (d i) (assoc d (str i) i)) {{}} (range 0 300)))"
    )


def test_one_long_text_is_kept_once() -> None:
    once = _size('(let ((s (repeat "x" {n}))) (ask (list s)))', 5_000)
    often = _size('(let ((s (repeat "x" {n}))) (ask (map (fn (i) s) (range 0 100))))', 5_000)
    assert often - once < 2_000


STEPS = st.lists(
    st.tuples(st.integers(0, 250), st.integers(0, 3), st.integers(0, 20)), min_size=1, max_size=30
)


@settings(max_examples=60)
@given(STEPS)
def test_every_version_of_a_dict_comes_back_in_its_order(steps: list[tuple[int, int, int]]) -> None:
    start = Dict({f"k{number}": number for number in range(200)})
    versions = [start.assoc("first", 0)]
    for number, how, of in steps:
        before = versions[of % len(versions)]
        made = before.dissoc(f"k{number}") if how == 0 else before.assoc(f"k{number}", how)
        versions.append(made)
    here = Interpreter()
    here.eval(ASK)
    for order in (versions, versions[::-1]):
        held: Any = from_list(list(order))
        thawed = here.thaw(here.start_call("ask", held).freeze().bundled())
        assert inspect(thawed.request.get("args").first()) == inspect(held)
