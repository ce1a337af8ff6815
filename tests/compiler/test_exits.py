"""Functions that are written where they are called: as if they had been called."""

from __future__ import annotations

import pytest
from both_tiers import ending, interpreter

from sxpy.core.direct import NOT_MADE
from sxpy.printer import inspect
from sxpy.profiler.profile import Counts

TAK = "(define (f x y z) (if (not (< y x)) z (f (f (- x 1) y z) (f (- y 1) z x) (f (- z 1) x y))))"

PROGRAMS = [
    # small functions
    "(define (square x) (* x x)) (define (g x) (+ (square x) (square (+ x 1)))) (list (g 2) (g 1.5) (g 1/2))",
    "(define (square x)\n  (* x x))\n(define (g x)\n  (list (square x)))\n(g nil)",
    "(define (square x)\n  (* x x))\n(define (g x)\n  (square x))\n(g (list))",
    "(define (size x)\n  (cond ((nil? x) 0) ((list? x) (len x)) (else (first x))))\n"
    "(define (g x)\n  (list (size x)))\n(list (g nil) (g (list 1 2)))\n(g 5)",
    "(define (between a x b) (let ((low (max a x))) (if (> low b) b low))) "
    "(define (g x) (list (between 0 x 9) (between x 1 x))) (list (g 5) (g -1) (g 10) (g 2.5))",
    "(define (pick c a b) (if c a b)) (define (g c) (if (pick c c false) (pick c 1 2) (pick (not c) 3 4))) "
    "(list (g true) (g nil) (g false) (g 0))",
    "(define (adder n) (fn (x) (+ x n))) (define (g n) (map (adder n) (list 1 2))) (list (g 1) (g 2))",
    "(define (cell x) (set! x (+ x 1)) x) (define (g x) (list (cell x) x)) (g 1)",
    "(define (boxed x) (fn () (set! x (+ x 1)) x)) (define (g x) (let ((b (boxed x))) (list (b) (b) x))) "
    "(g 1)",
    "(define (same x) x) (define (g) (list (same 1) (same nil) (same :a) (same (list)))) (g)",
    "(define (one a) (list a))\n(define (g)\n  (list (one 1 2)))\n(g)",
    "(define (one a b) (list a b)) (define (g) (list (one 1) (one 1 2))) (g)",
    "(define (rest-of a &rest r) (list a r)) (define (g) (list (rest-of 1) (rest-of 1 2))) (g)",
    "(define (f x) (+ x 1)) (define (g n acc) (if (= n 0) acc (g (- n 1) (append acc (f n))))) (g 3 (list))",
    '(define (join a b) (str a "-" b)) (define (g n t) (if (= n 0) t (g (- n 1) (join t n)))) (g 3 "x")',
    "(define l (mutable-list)) (define (note x) (append! l x)) (define (g) (note 1) (note 2) (len l)) (g)",
    "(define (half x) (/ x 2)) (define (g x) (* (half x) (half x))) (list (g 3) (g 4) (g 1.0))",
    "(define (f x) (car x)) (define (g x) (list (guard (e (true 0)) (f x)) (f x)))\n(g 5)",
    "(define (pos? x) (> x 0)) (define (g xs) (filter (fn (x) (pos? x)) xs)) (g (list 1 -2 3))",
    # small functions that end in a call
    "(define (ev? n) (if (= n 0) true (od? (- n 1)))) (define (od? n) (if (= n 0) false (ev? (- n 1)))) "
    "(list (ev? 10) (ev? 11) (od? 5000) (ev? 4))",
    "(define (ev? n)\n  (if (= n 0) true (od? (- n 1))))\n(define (od? n)\n  (if (= n 0) (car n) (ev? "
    "(- n 1))))\n"
    "(define (g n)\n  (list (ev? n)))\n(list (g 4))\n(g 5)",
    "(define (ev? n)\n  (if (= n 0) true (od? (- n 1))))\n(define (od? n)\n  (if (= n 0) false (ev? (- "
    "n 1))))\n"
    "(define (g n)\n  (list (ev? n)))\n(g 4)\n(g (list 1))",
    "(define (h a b) (map (fn (x) (list a x)) b)) (define (w b) (h 1 b)) "
    "(define (g b) (list (w b) (w (list b)))) "
    "(g (list 1 2))",
    "(define (h a b)\n  (+ a b))\n(define (w b)\n  (h b b))\n(define (g b)\n  (w b))\n(list (g 1) (g "
    "2.5))\n(g nil)",
    "(define (h a) (list a))\n(define (w b)\n  (h b b))\n(define (g b)\n  (list (w b)))\n(g 1)",
    "(define (h n) (call/cc (fn (k) (if (= n 2) (k (list n)) (list n n))))) (define (w n) (h (+ n 1))) "
    "(define (g n) (list (w n) (w (+ n 1)))) (list (g 0) (g 1))",
    "(define (w n) (h n)) (define (h n) (set! w (fn (m) (list m))) n) "
    "(define (g n) (list (w n) (w n))) (g 1)",
    "(define (w n) (h n)) (define (h n) (set! h (fn (m) (list m))) n) "
    "(define (g n) (list (w n) (w n))) (g 1)",
    "(define (h n) n) (define (w n) (h n)) (define (g n) (w n)) (define a (g 1)) (define (h n) (list n)) "
    "(define b (g 1)) (define h inc) (list a b (g 1))",
    "(define (h x) (raise (list x))) (define (w x) (h x)) "
    "(define (g x) (guard (e (true (list e x))) (w x))) (g 1)",
    # the leaves of a recursion
    f"{TAK} (list (f 7 4 2) (f 7.5 4 1/2) (f 1 2 nil))",
    f"{TAK}\n(f 7 4 2)\n(f 7 4 nil)",
    f"{TAK}\n(f 7\n  4 (list))",
    "(define (f n) (if (< n 2) (car n) (+ (f (- n 1)) (f (- n 2)))))\n(f 3)",
    "(define (f n) (if (< n 2) (car n) (list (f (- n 1)) (f (- n 2)))))\n(list 1 (f 3))",
    "(define (f n) (cond ((= n 0) 1) ((= n 1) 2) (else (* (f (- n 1)) (f (- n 2)))))) (list (f 6) (f 0))",
    "(define (f t) (if (list? t) (if (empty? t) 0 (+ (f (first t)) (f (rest t)))) 1)) "
    "(list (f (list 1 (list 2 3) (list) 4)) (f 5))",
    "(define (f n) (if (= n 0) 0 (begin (f (- n 1)) (f (- n 1)) n))) (f 8)",
    "(define (f n) (if (< n 1) (call/cc (fn (k) (k n))) (+ (f (- n 1)) (f (- n 2))))) (f 6)",
    "(define (f n x) (if (= n 0) (x) (list (f (- n 1) x) (f (- n 1) x)))) (define c 0) "
    "(f 2 (fn () (set! c (+ c 1)) (call/cc (fn (k) (if (= c 3) (k 100) c)))))",
    "(define (make k) (letrec ((f (fn (n) (cond ((< n 1) k) ((= n 1) (list n k)) "
    "(else (list (f (- n 1)) (f (- n 2)))))))) f)) (list ((make 7) 4) ((make nil) 3))",
    "(define (make k)\n  (letrec ((f (fn (n) (if (< n 1) (+ k n) (list (f (- n 1)) (f (- n 2))))))) f))\n"
    "(list ((make 7) 3))\n((make nil) 3)",
    "(define (f n)\n  (if (< n 2)\n    (if (= n 0) 1 (car n))\n    (list (f (- n 1)) (f (- n 2)))))\n(f 4)",
    "(define (f a b) (cond ((> a 4) (list a b)) ((> b 4) (append (f 9 a) b)) (else "
    "(append (f (+ a 1) b) (f (+ b 1) (+ a 2)) a)))) (f 1 1)",
    # redefinition, of the functions and of what they rely on
    "(define (f x) (* x 2)) (define (g x) (list (f x) (f 1))) (define a (g 3)) "
    "(define (f x) (list x)) (define b (g 3)) (set! f inc) (list a b (g 3))",
    "(define (f x) (* x 2)) (define (g x) (list (f x) (h) (f x))) (define (h) (set! f (fn (x) (- x))) 0) "
    "(list (g 3) (g 3))",
    "(define (f x) (inc x)) (define (g x) (list (f x) (f 1))) (define a (g 3)) "
    '(define (inc x) (str "new" x)) (list a (g 3))',
    "(define (f x) (inc x)) (define (g x) (list (f x) (h) (f x))) "
    '(define (h) (set! inc (fn (x) (str "new" x))) 0) (list (g 3) (g 3))',
    "(define (a x) (inc x)) (define (b x) (list (a x) (c x))) (define (c x) (list (a x) (b0 x))) "
    '(define (b0 x) (dec x)) (define r (b 1)) (define (inc x) (str "i" x)) (define (dec x) (str "d" x)) '
    "(list r (b 1) (c 1))",
    f"{TAK} (define a (f 6 3 1)) (define (f x y z) (list x y z)) (list a (f 6 3 1))",
    "(define (f n) (if (< n 2) n (begin (if (= n 4) (set! f (fn (m) (list m))) nil) "
    "(list (f (- n 1)) (f (- n 2)))))) (list (f 6) (f 6))",
]


@pytest.mark.parametrize("text", PROGRAMS)
@pytest.mark.parametrize("levels", [None, 0, 1, 2, 5])
def test_nobody_can_tell(text: str, levels: int | None) -> None:
    made = interpreter(compiled=True, levels=levels)
    assert ending(made, text) == ending(interpreter(compiled=False), text)


def called(text: str, name: str) -> bool:
    """Whether a function was called while a program ran."""
    made = interpreter(compiled=True)
    made.eval(text)
    return made.lookup(name).template.direct.__code__ is not NOT_MADE


def test_a_small_function_is_not_called() -> None:
    assert not called("(define (f x) (* x x)) (define (g x) (+ (f x) 1)) (g 2)", "f")
    assert called("(define (f x) (map f x)) (define (g x) (list (f x))) (g (list))", "f")


@pytest.mark.parametrize(
    ("changes", "expected"), [("(define (f x) (list x))", "((2) (3))"), ("(define (inc x) nil)", "(nil nil)")]
)
def test_functions_that_are_written_in_each_other_are_made_anew(changes: str, expected: str) -> None:
    made = interpreter(compiled=True)
    made.eval("(define (f x) (inc x)) (define (g x y) (list (f x) (f y))) (g 2 3)")
    assert inspect(made.eval("(g 2 3)")) == "(3 4)"
    made.eval(changes)
    assert inspect(made.eval("(g 2 3)")) == expected


def test_calls_of_what_is_written_in_place_are_counted() -> None:
    """fib(n) makes 2·fib(n+1) - 1 calls."""
    made = interpreter(compiled=True)
    counts = made._machine.counts = Counts()
    made.eval(
        "(define (f n) (if (< n 2) n (+ (f (- n 1)) (f (- n 2))))) (define (g x) (* 2 x)) "
        "(define (h x) (+ (g x) (f x))) (h 6) (h 7)"
    )
    assert {entry.site.function: count for entry, (count,) in counts.items() if count} == {
        "f": 25 + 41,
        "g": 2,
        "h": 2,
    }
