"""Guesses about arguments: whatever a function is called with, it does what tier 0 does."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from both_tiers import ending, interpreter

FIB = "(define (f n) (if (< n 2) n (+ (f (- n 1)) (f (- n 2)))))"
TOTAL = "(define (f n acc) (if (= n 0) acc (f (- n 1) (+ acc n))))"
TIMES = "(define (f n x) (let loop ((i 0) (s x)) (if (= i n) s (loop (+ i 1) (+ s x)))))"
JOIN = '(define (f n text) (if (= n 0) text (f (- n 1) (str text "<" n ">"))))'
ACK = """(define (f m n) (cond ((= m 0) (+ n 1)) ((= n 0) (f (- m 1) 1))
  (else (f (- m 1) (f m (- n 1))))))"""


PROGRAMS = [
    f"{FIB} (list (f 10) (f 10.5) (f 9) (f 21/2))",
    f"{FIB}\n(f 5)\n(f (list))",
    f"{FIB}\n(f 5)\n(f nil)",
    f"{FIB} (list (f 1) (f true) (f false))",
    f"{FIB}\n(f 10)\n(f)",
    f"{FIB}\n(f 10)\n(f 1 2)",
    f"{TOTAL} (list (f 10 0) (f 10 0.5) (f 10 1/2) (f 0 {{}}))",
    f'{TOTAL}\n(f 10 0)\n(f 10 "a")',
    f"{TOTAL} (list (f 3 0) (f 3 true) (f true 1))",
    f"{TOTAL} (f 100 100000000000000000000)",
    f"{TIMES} (list (f 3 1) (f 3 1.5) (f 3 1/3) (f 0 nil))",
    f"{JOIN} (list (f 3 0) (f 3 :k) (f 3 1.0) (f 3 nil))",
    f'{JOIN} (list (f 3 "") (f 3 "a") (f 3 1) (f 3 true))',
    f"{ACK} (list (f 2 1) (f 1 3))",
    # what a variable becomes in a later round, and what a function gives now and then
    "(define (f n acc) (if (= n 0) acc (f (- n 1) (if (= n 2) (list acc) (+ n n))))) (list (f 3 0) (f 1 1))",
    '(define (f n) (if (< n 1) (if (= n 0) 1 "x") (+ (f (- n 1)) (f (- n 2)))))\n(list (f 1))',
    "(define (f n) (if (< n 1) 0.5 (+ (f (- n 1)) (f (- n 1))))) (f 4)",
    "(define (f n) (if (< n 1) true (+ (f (- n 1)) (f (- n 1))))) (list (f 0) (f 3))",
    "(define (g x) (/ x 2)) (define (f n) (if (< n 1) (g n) (+ (f (- n 1)) (f (- n 1))))) (f 4)",
    '(define (f a b) (if (= a 0) b (str (f (- a 1) (str b a)) b))) (list (f 3 "") (f 3 1))',
    # what a closure has captured
    "(define (make k) (fn (n) (let loop ((i 0) (s 0)) (if (= i n) s (loop (+ i 1) (+ s k)))))) "
    "(list ((make 1) 3) ((make 2.5) 3) ((make 1/3) 3) ((make 4) 3))",
    "(define (make k) (letrec ((go (fn (n) (if (< n 2) k (+ (go (- n 1)) (go (- n 2))))))) go)) "
    "(list ((make 1) 6) ((make 2.5) 6) ((make 1/3) 6) ((make 4) 6.5))",
    # redefinition, and continuations
    "(define (f n) (if (< n 2) n (begin (if (= n 5) (set! f (fn (m) (list m))) nil) "
    "(len (list (f (- n 1)) (+ n n))))))\n(list (f 3) (f 7) (f 1))",
    f"{FIB} (define a (f 8)) (define (f n) (* 2.5 n)) (list a (f 8))",
    "(define saved nil) (define again (list 1.5 1/2 7)) (define r (list)) "
    "(define (f n) (if (< n 1) (if (= n 0) (call/cc (fn (k) (set! saved k) 0)) 1) "
    "(+ (f (- n 1)) (f (- n 9))))) "
    "(set! r (append r (f 3))) (if (empty? again) r (let ((x (first again))) (set! again (rest again)) "
    "(saved x)))",
    # depth
    "(define (f n acc) (if (= n 0) (+ acc acc) (+ (f (- n 1) (+ acc n)) acc))) "
    "(list (f 3000 0) (f 3000 0.5))",
]


@pytest.mark.parametrize("text", PROGRAMS)
@pytest.mark.parametrize("levels", [None, 0, 1, 2, 5])
def test_a_guess_changes_nothing(text: str, levels: int | None) -> None:
    made = interpreter(compiled=True, levels=levels)
    assert ending(made, text) == ending(interpreter(compiled=False), text)


@pytest.mark.parametrize("other", [1.5, Fraction(1, 2), True])
def test_a_wrong_guess_is_the_last(other: Any) -> None:
    made = interpreter(compiled=True)
    made.eval(TOTAL)
    function = made.lookup("f")
    assert [made.call(function, 3, 1), function.template.general] == [7, False]
    assert made.call(function, 3, other) == 6 + other
    guessed_no_more = function.template.direct
    assert [made.call(function, 3, 1), made.call(function, 3, other)] == [7, 6 + other]
    assert function.template.general
    assert function.template.direct is guessed_no_more


def test_a_function_that_is_called_with_ints_asks_nothing_of_what_it_gives_itself() -> None:
    made = interpreter(compiled=True)
    made.eval(FIB)
    assert made.eval("(f 10)") == 55
    own = made.lookup("f").template.direct.__globals__["own"]
    assert "type" not in own.__code__.co_names


def test_what_is_asked_nowhere_is_not_guessed() -> None:
    made = interpreter(compiled=True)
    made.eval("(define (f x y z) (if (not (< y x)) z (f (f (- x 1) y z) (f (- y 1) z x) (f (- z 1) x y))))")
    assert made.eval("(f 7 4 2)") == 4
    assert "mistaken" not in made.lookup("f").template.direct.__code__.co_names
