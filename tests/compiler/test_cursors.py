"""Cursors: a loop that keeps a place in a list is, wherever it is left, a loop that holds the list."""

from __future__ import annotations

import pytest

from sxpy.compiler.fast import FastMachine
from sxpy.errors import EvalError
from sxpy.interpreter import Interpreter
from sxpy.machine.step import Machine
from sxpy.printer import inspect

WALKS = {
    "local": "(define (walk xs) (let loop ((xs xs) (out (list))) "
    "(if (empty? xs) out (loop (rest xs) (append out (list (use (first xs) (len xs))))))))",
    "itself": "(define (walk xs &rest more) (go xs (list))) (define (go xs out) "
    "(if (pair? xs) (go (rest xs) (append out (list (use (first xs) (len xs))))) out))",
    "nested": "(define (walk xs) (let outer ((xs xs) (out (list))) (if (or (null? xs) (empty? xs)) out "
    "(let inner ((ys (list 1 2)) (out out)) (if (empty? ys) (outer (rest xs) out) "
    "(inner (rest ys) (append out (list (use (first xs) (first ys))))))))))",
    "unsure": "(define (walk xs) (let loop ((xs xs) (n 0) (out (list))) (if (= n 4) out "
    "(loop (rest xs) (+ n 1) (append out (list (use (first xs) (len xs))))))))",
    "staying": "(define (walk xs) (let loop ((xs xs) (again true) (out (list))) (cond ((empty? xs) out) "
    "(again (loop xs false (append out (list 0)))) "
    "(else (loop (rest xs) true (append out (list (use (first xs) 0))))))))",
}
"""Loops that walk their argument; they use each item, with something else, by `use`."""

USES = {
    "plain": "(define (use a b) (list a b))",
    "performing": "(define (use a b) (list a (perform 'ask b)))",
    "failing": "(define (use a b)\n  (if (and (number? b) (= b 1)) (+ a {}) a))",
    "reentered": "(define saved nil) (define (use a b) (list a (call/cc (fn (k) (set! saved k) b))))",
}

LISTS = [
    "(list)",
    "nil",
    "(list 1 2 3)",
    "(rest (list 1 2 3))",
    "(cons 1 (cons 2 (list)))",
    "(rest (reverse (list 1 2 3 4)))",
    "(reverse (rest (list 1 2 3)))",
    "'(1 2 (3))",
    "(concat (range 40) (cons 1 (range 40)))",
    "(rest (concat (range 40) (reverse (range 34))))",
    "(append! (mutable-list 1) 2)",
    "(vector 1 2)",
    '"abc"',
    "7",
    "{}",
]


def ending(text: str, levels: int | None, *, compiled: bool) -> str:
    made = Interpreter(seed=1)
    made._machine = FastMachine(made, hot=1, levels=levels) if compiled else Machine(made)
    try:
        run = made.start(text, "p.sx")
        while run.suspended:
            run = run.resume("answer")
        return inspect(run.value)
    except EvalError as error:
        calls = " < ".join(f"{frame.function}@{frame.place}" for frame in error.backtrace)
        return f"{type(error).__name__}: {error.message} at {error.place} in {calls}"


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("walk", WALKS)
def test_a_walk_is_like_tier_0(walk: str, use: str) -> None:
    once_more = "(when saved (let ((k saved)) (set! saved nil) (k 'again)))" if use == "reentered" else "nil"
    for given in LISTS:
        text = f"{USES[use]} {WALKS[walk]}\n(define (run) (let ((xs {given})) (list (walk xs) xs)))"
        text += f"\n(define out (list (run) (run)))\n{once_more}\nout"
        expected = ending(text, None, compiled=False)
        for levels in (1, 3, None):
            assert ending(text, levels, compiled=True) == expected, (given, levels)


def test_what_is_walked_is_seen_by_nobody() -> None:
    text = (
        "(define (sum xs) (let loop ((xs xs) (n 0)) (if (empty? xs) n (loop (rest xs) (+ n (first xs))))))"
        "(define kept (cons 1 (list 2 3))) (list (sum kept) (sum kept) (sum (rest kept)) kept)"
    )
    assert ending(text, None, compiled=True) == "(6 6 5 (1 2 3))"


@pytest.mark.parametrize(
    "use",
    ["(eq? xs ys)", "(same xs)", "(begin (set! kept (fn () xs)) false)", "(nil? xs)", "(equal? xs (list 9))"],
)
def test_a_list_that_is_used_otherwise_stays_one(use: str) -> None:
    text = (
        "(define kept nil) (define (same xs) (eq? xs nil))"
        f"(define (f ys) (let loop ((xs ys) (n 0)) (if (or (empty? xs) (and (> n 1) {use})) (list n xs) "
        "(loop (rest xs) (+ n 1))))) (list (f (list 1 2 3)) (f (list 1 2 3)))"
    )
    assert ending(text, None, compiled=True) == "((3 ()) (3 ()))"
