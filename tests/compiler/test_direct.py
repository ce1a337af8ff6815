"""Direct functions: where they are left, the machine goes on as if it had been there all the time."""

from __future__ import annotations

from typing import Any

import pytest
from both_tiers import ending, interpreter

from sxpy.compiler.fast import FastMachine
from sxpy.core.direct import leave
from sxpy.errors import ProgramInterrupted, SxIOError, TimeLimitError
from sxpy.host import PENDING
from sxpy.machine.limits import Limits
from sxpy.printer import inspect

PROGRAMS = [
    # calls, arities, what is called
    "(define (f a b) (list a b)) (define (g) (list (f 1) (f 1 2))) (g)",
    "(define (f a) a)\n(define (g)\n  (list (f 1 2)))\n(g)",
    "(define (f a &rest r) (list a r)) (define (g) (list (f) (f 1) (f 1 2 3))) (list (g) (f 1 2))",
    "(define (f &key a b) (list a b)) (define (g) (list (f :a 1) (f :b 2))) (g)",
    "(define (twice f x) (f (f x))) (list (twice inc 1) (twice (fn (x) (* x x)) 3) (twice list 1))",
    "(define (twice f x) (f (f x)))\n(list (twice\n  5 1))",
    "(define (twice f x) (list (f (f x))))\n(twice (fn (a) (+ a {})) 1)",
    "(define (call f) (list (f 1)))\n(call cons)",
    "(define (call f) (list (f 1)))\n(call first)",
    "(define (call p) (list (p)))\n(list (call (make-parameter 3)) (call list))",
    # variables
    "(define (counter) (let ((n 0)) (fn () (set! n (+ n 1)) n))) (define c (counter)) (list (c) (c) (c))",
    "(define (f x) (let ((y (g x))) (set! x (+ y 1)) (list x y))) (define (g x) (* x 10)) (f 2)",
    "(define total 0) (define (add n) (set! total (+ total n)) total) (list (add 1) (add 2) total)",
    "(define (f)\n  (letrec ((a (fn () b)) (b (a)))\n    b))\n(f)",
    "(define (f)\n  (letrec ((a (fn () (+ b 1))) (b (a)))\n    b))\n(f)",
    "(define (f)\n  (letrec ((a (fn () (if (< 1 b) 1 2))) (b (a)))\n    b))\n(f)",
    "(define (f)\n  (letrec ((a (fn () (list (inc b)))) (b (a)))\n    b))\n(f)",
    "(define (f x) (let ((n 0) (g (fn () 1))) (set! g (fn () n)) (list (begin (set! n (+ n x)) n) (g) "
    "(begin (set! n 5) (set! n (* n x)) n) (g)))) (list (f 1) (f 2.5) (f 1/2))",
    "(define (f) (let ((a 1) (b 2) (g nil)) (set! g (fn () (list a b))) (list (begin (set! a 3) b) "
    "(begin (set! b 4) (set! a 5) b) (begin (set! a 6) (set! b 7) b a) (g)))) (f)",
    "(define (f x) (let ((g (fn () x)) (h (fn (y) (list x y)))) "
    "(list (g) (h (g)) (map h (list (g)))))) (f 1)",
    "(define (f) (list (undefined-yet 1))) (define (undefined-yet x) (* x 2)) (f)",
    "(define (f)\n  (list (never-defined 1)))\n(f)",
    # loops
    "(define (f n) (let loop ((i 0) (acc (list))) (if (= i n) acc (loop (+ i 1) (append acc i))))) (f 5)",
    "(define (f n) (+ 1 (let loop ((i 0)) (if (= i n) (* i 2) (loop (+ i 1)))))) (list (f 5) (f 0))",
    "(define (f n) (let outer ((i 0) (acc (list))) (if (= i n) acc (let inner ((j 0) (acc acc)) "
    "(if (= j i) (outer (+ i 1) (append acc (list i))) (inner (+ j 1) (append acc j))))))) (f 4)",
    "(define (f n) (list (let outer ((i 0)) (let inner ((j 0)) (cond ((= (+ i j) 7) (list i j)) "
    "((= j 3) (outer (+ i 1))) (else (inner (+ j 1)))))) n)) (f 1)",
    "(define (f) (let a ((i 0)) (let b ((j 0)) (let c ((k 0)) (cond ((= i 3) (list i j k)) "
    "((= k 2) (b (+ j 1))) ((= j 2) (a (+ i 1))) (else (c (+ k 1)))))))) (list (f) (+ 1 (len (f))))",
    "(define (f n acc) (if (= n 0) acc (f (- n 1) (g n acc)))) (define (g a b) (+ a b)) (f 100 0)",
    "(define (f n) (let loop ((i 0) (fs (list))) (if (= i n) (map (fn (f) (f)) fs) "
    "(loop (+ i 1) (append fs (fn () (g i))))))) (define (g x) (* x x)) (f 4)",
    '(define (f) (let loop ((i 0)) (if (< i 3) (begin (h i) (loop (+ i 1))) (raise (list "end" i)))))\n'
    "(define (h x) x)\n(list (f))",
    "(define (f)\n  (let loop ((i 0))\n    (if (< i 3)\n (begin (h i) (loop (+ i 1)))\n (h (+ i {})))))\n"
    "(define (h x) x)\n(list (f))",
    "(define (f xs) (define (ev? n) (if (= n 0) true (od? (- n 1)))) "
    "(define (od? n) (if (= n 0) false (ev? (- n 1)))) (map ev? xs)) (f (list 10 11))",
    # effects are done once
    "(define l (mutable-list)) (define (f x) (append! l x) (+ x {})) (list (try-call (fn () (f 1))) l)",
    "(define l (mutable-list)) (define (f x) (list (append! l x) (g x))) (define (g x) (car x)) "
    "(list (guard (e (true 0)) (f 1)) l)",
    "(define l (mutable-list)) (define (f x) (g (begin (append! l x) x) (+ x {}))) (define (g a b) a) "
    "(list (guard (e (true 0)) (f 1)) l)",
    "(define l (mutable-list)) (define (f x) (if (> x 0) (begin (append! l x) (vector-ref l 0)) 2)) "
    "(list (guard (e (true 0)) (f 1)) l)",
    '(define d {:a 1}) (define (f k v) (dict-set! d k v) (list d (dict-set! d "b" 3))) '
    '(list (f :a 2) (f "c" 4))',
    "(define (f v i x) (vector-set! v i x) (vector->list v)) "
    "(list (f (vector 1 2) 0 9) (f (vector 1 2) 1 nil))",
    "(define (f v i x)\n  (list (vector-set! v i x)))\n(f (vector 1 2) 2 9)",
    "(define (f v i x)\n  (list (dict-set! v i x)))\n(f (list) 2 9)",
    "(define (f l) (append! l 1) (append! l 2) (list l (append! l 3))) "
    "(list (f (mutable-list)) (f (list 0)))",
    "(define (f) (let ((n 0) (g nil)) (set! g (fn () (begin (set! n (+ n 1)) (set! n (* n 2)) n))) "
    "(list (g) (g) (begin (set! n {}) (try-call g)) n))) (f)",
    "(define l (mutable-list)) (define (f c x) (if c (begin (append! l x) (+ x 1)) (begin (append! l 0) l))) "
    "(list (f true 1) (f false 2) (try-call (fn () (f true {}))) l)",
    # continuations
    "(define (f n) (if (= n 0) (call/cc (fn (k) (set! saved k) 1)) (+ 1 (f (- n 1))))) "
    "(define saved nil) (define times 0) (define r (f 5)) (set! times (+ times 1)) "
    "(if (< times 3) (saved (* 10 times)) (list r times))",
    "(define (f n) (let loop ((i 0) (acc (list))) (if (= i n) acc "
    "(loop (+ i 1) (append acc (shift k (k (k i)))))))) (reset (f 3))",
    "(define (g x) (+ 1 (raise-continuable x))) (define (f x) (* 2 (g x))) "
    "(with-exception-handler (fn (e) (* e 10)) (fn () (list (f 1) (f 2))))",
    "(let ((again nil) (r 0) (n 0)) (set! r (+ r (call/cc (fn (k) (set! again k) 1)))) (set! n (+ n 1)) "
    "(if (< n 3) (again 10) (list n r)))",
    # redefinition
    "(define (f x) (g x)) (define (g x) (* x 2)) (define a (f 1)) (define (g x) (list x)) (list a (f 1))",
    '(define (f x) (list (g x) (inc x))) (define (g x) (set! inc (fn (y) (list "mine" y))) x) (f 1)',
    "(define (f n) (if (= n 0) 0 (begin (h n) (f (- n 1))))) "
    '(define (h n) (if (= n 3) (set! f (fn (m) (list "new" m))) nil)) (f 5)',
    "(define g list) (define (f x) (g x)) (define a (f 1)) (set! g inc) (define b (f 1)) (set! g 5) "
    "(list a b (guard (e (true 0)) (f 1)))",
    "(define (f) (g) (g)) (define n 0) (define (g) (set! n (+ n 1)) (set! h (if (odd? n) inc dec)) (h n)) "
    "(define h nil) (list (f) (f) (f) (f) (f) (f) (f))",
    # depth
    "(define (deep n) (if (= n 0) 0 (+ 1 (deep (- n 1))))) (list (deep 3) (deep 3000) (deep 30000))",
    "(define (deep n)\n  (if (= n 0)\n    (car 5)\n    (+ 1 (deep (- n 1)))))\n(deep 1500)",
    "(define (ev? n) (if (= n 0) true (od? (- n 1)))) (define (od? n) (if (= n 0) false (ev? (- n 1)))) "
    "(list (ev? 5000) (ev? 5001))",
]


@pytest.mark.parametrize("text", PROGRAMS)
def test_direct_code_is_like_tier_0(text: str) -> None:
    assert ending(interpreter(compiled=True), text) == ending(interpreter(compiled=False), text)


@pytest.mark.parametrize("text", PROGRAMS)
@pytest.mark.parametrize("levels", [0, 1, 2, 3, 7])
def test_it_may_be_left_at_any_depth(text: str, levels: int) -> None:
    """With so little room, every chain of calls is made into frames on the way."""
    made = interpreter(compiled=True, levels=levels)
    assert ending(made, text) == ending(interpreter(compiled=False), text)


def test_a_run_that_performs_in_direct_code_is_resumed_many_times() -> None:
    made = interpreter(compiled=True)
    made.eval("(define (ask n) (if (= n 0) (list) (cons (* n (perform n)) (ask (- n 1)))))")
    run = made.start("(cons 0 (ask 3))")
    first = run.resume(10)
    assert [inspect(first.resume(x).resume(1).value) for x in (5, 7)] == ["(0 30 10 1)", "(0 30 14 1)"]


@pytest.mark.parametrize(
    "text",
    [
        "(define (f) (f)) (f)",
        "(let loop ((i 0)) (loop (+ i 1)))",
        "(define (f n) (if (< n 2) 1 (+ (f (- n 1)) (f (- n 2))))) (f 200)",
        "(define (f n) (if (< n 2) 1 (begin (f (- n 1)) (f (- n 2))))) (f 200)",
        "(define (a n) (b n)) (define (b n) (a n)) (a 1)",
        "(define (f n) (if (= n 0) 0 (let ((a (f (- n 1))) (b (f (- n 1)))) a))) (f 100)",
    ],
)
def test_what_never_ends_is_stopped(text: str) -> None:
    with pytest.raises(TimeLimitError):
        interpreter(compiled=True, limits=Limits(seconds=0.1)).eval(text)


def test_an_interrupt_reaches_direct_code() -> None:
    made = interpreter(compiled=True)
    made.define("interrupt", made.interrupt)
    with pytest.raises(ProgramInterrupted):
        made.eval("(define (f n) (if (= n 5) (interrupt) nil) (f (+ n 1))) (f 0)")


def test_direct_code_nests_no_deeper_than_pythons_stack_allows() -> None:
    made = interpreter(compiled=True)
    made.eval("(define (deep n) (if (= n 0) 0 (+ 1 (deep (- n 1)))))")

    def deeper(levels: int) -> Any:
        return made.eval("(deep 5000)") if levels == 0 else deeper(levels - 1)

    assert [deeper(levels) for levels in (0, 300, 600, 100)] == [5000] * 4


def test_a_function_that_is_always_left_is_direct_no_more() -> None:
    made = interpreter(compiled=True)
    made.eval("(define (f n) (if (= n 0) 0 (begin (reset (shift k (k 1))) (f (- n 1)))))")
    template = made.lookup("f").template
    made.eval("(f 1)")
    assert template.direct is not leave
    for _ in range(500):  # a run that leaves it again and again becomes a trace, but these are short ones
        made.call("f", 1)
    assert template.direct is leave
    made.eval("(f 3000)")  # it gets another chance after a while
    assert made.eval("(f 10)") == 0


# -- what is written by hand ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "(define (f xs) (map (fn (x) (* x x)) xs)) (f (list 1 2 3))",
        "(define (f xs) (map (fn (x) (* x (call/cc (fn (k) (k x))))) xs)) (f (list 1 2 3))",
        "(define (f xs) (list (map (fn (x) (map (fn (y) (+ x y)) xs)) xs)))\n(f (list 1 2 {}))",
        "(define (f xs)\n  (list (map 5 xs)))\n(f (list 1))",
        "(define (f xs)\n  (list (map (fn (x) x) xs)))\n(f 5)",
        "(define (f xs) (map (fn (a b c) (list a b c)) xs)) (f (list 1 2))",
        "(define (f xs) (map (fn () 1) xs))\n(f (list 1 2))",
        "(define ks (mutable-list)) (define (f xs) (map (fn (x) (call/cc (fn (k) (append! ks k) x))) xs)) "
        "(define n 0) (define r (f (list 1 2 3))) (set! n (+ n 1)) "
        "(if (< n 4) ((nth ks (- n 1)) (* 10 n)) (list n r))",
        "(define (f xs) (map (fn (x) (if (= x 2) (raise x) x)) xs)) (guard (e (true e)) (f (list 1 2 3)))",
        "(define (deep n) (if (= n 0) 0 (+ 1 (first (map deep (list (- n 1))))))) (deep 3000)",
        "(define (f xs) (map (fn (x y) (call/cc (fn (k) (k (+ x y))))) xs xs)) (f (list 1 2 3))",
        "(define (f xs) (map-indexed (fn (i x) (call/cc (fn (k) (k (* i x))))) xs)) (f (list 1 2 3))",
        "(define (f xs)\n  (filter (fn (x) x) xs xs))\n(f (list 1))",
        "(define (f xs)\n  (map display xs))\n(f (list 1))",
        "(define (f xs)\n  (list (map cons xs)))\n(f (list 1))",
        "(define (f p xs) (list (filter p xs) (remove p xs) (some p xs) (every? p xs) (find p xs) "
        "(find-index p xs) (none? p xs) (flat-map (fn (x) (list x (p x))) xs))) "
        "(list (f odd? (range 5)) (f (fn (x) (> x 3)) (range 5)) (f (fn (x) (call/cc (fn (k) (k (> x 1))))) "
        "(range 4)) (f (fn (x) nil) nil))",
        "(define ks (mutable-list)) (define (f xs) (filter (fn (x) (call/cc (fn (k) (append! ks k) x))) xs)) "
        "(define n 0) (define r (f (list 1 2 3))) (set! n (+ n 1)) "
        "(if (< n 4) ((nth ks (- n 1)) nil) (list n r))",
        "(define (f xs)\n  (flat-map (fn (x) x) xs))\n(f (list 5))",
        "(define (f g xs) (list (reduce g 0 xs) (reduce g xs) (reduce g 1 ()) (fold-right g 0 xs))) "
        "(list (f + (list 1 2 3)) (f (fn (a b) (- b a)) (range 6)) (f (fn (a b) (call/cc (fn (k) "
        "(k (- a b))))) (range 6)))",
        "(define (f)\n  (reduce (fn (a) a) 0 (list 1 2)))\n(f)",
        "(define (f)\n  (reduce + 0 (list 1 {})))\n(f)",
        "(define (f xs) (reduce (fn (a x) (+ a x {})) 0 xs))\n(f (list 1 2))",
        "(define ks (mutable-list)) (define (f xs) (reduce (fn (a x) "
        "(+ a (call/cc (fn (k) (append! ks k) x)))) 0 xs)) (define n 0) "
        "(define r (f (list 1 2 3))) (set! n (+ n 1)) (if (< n 4) ((nth ks (- n 1)) 100) (list n r))",
        "(define (f less) (sort (map (fn (i) (list (mod (* i 7) 5) i)) (range 23)) less)) (list "
        "(f (fn (a b) (< (first a) (first b)))) (f (fn (a b) true)) (f (fn (a b) false)) "
        "(f (fn (a b) (call/cc (fn (k) (k (> (second a) (second b))))))))",
        "(define (f xs less) (sort xs less)) (list (f (list 3 1 2) >) (f (list 3 1 2) <) (f () >) (f nil >) "
        "(f (list 1) (fn (a b) (a b))))",
        "(define (f)\n  (sort (list 3 1 2) (fn (a) a)))\n(f)",
        "(define seen (mutable-list)) (define (f) (sort (list 5 2 4 1 3) (fn (a b) (append! seen (list a b)) "
        "(< a b)))) (list (f) seen)",
        "(define (f g &rest xs) (list (apply g xs) (apply g 1 2 xs) (apply g 1 nil))) "
        "(list (f + 3 4) (f (fn (a &rest b) (list a b)) 3 4) (f (fn (a b c d) (call/cc (fn (k) (k (list a b)"
        ")))) 3 4))",
        "(define (f)\n  (apply + 5))\n(f)",
        "(define (f)\n  (apply (fn (a) a) (list 1 2)))\n(f)",
        "(define (f)\n  (apply car (list 1 2)))\n(f)",
        "(define (f)\n  (apply car (list 1)))\n(f)",
        "(define (loop n) (if (= n 0) 'done (apply loop (list (- n 1))))) (loop 3000)",
        "(define (f p) (call-with-values p (fn (a &rest b) (list a b)))) (list (f (fn () (values 1 2))) "
        "(f (fn () 1)) (f (fn () (call/cc (fn (k) (k 1 2 3))))) (f (fn () (apply values (list 1 2)))))",
        "(define (f) (receive (q r) (values 3 1) (call/cc (fn (k) (k (list q r)))))) (f)",
        "(define (f)\n  (call-with-values (fn () (values 1 2)) (fn (a) a)))\n(f)",
        "(define ks (mutable-list)) (define (f) (call-with-values (fn () (call/cc (fn (k) "
        "(append! ks k) 1))) list)) (define n 0) (define r (f)) (set! n (+ n 1)) "
        "(if (< n 3) ((nth ks 0) n (* 2 n)) (list n r))",
        "(define log (mutable-list)) (define (f) (for-each (fn (x y) (append! log (+ x y))) (list 1 2) "
        "(list 3 4 5))) (list (f) log)",
    ],
)
@pytest.mark.parametrize("levels", [2, 3, None])
def test_an_operation_written_by_hand_waits_in_its_frame(text: str, levels: int | None) -> None:
    made, plain = interpreter(compiled=True, levels=levels), interpreter(compiled=False)
    expected = ending(plain, text)
    assert ending(made, text) == expected


# -- what grows in place ---------------------------------------------------------------------------------

GROWING = [
    # nobody else holds it
    "(define (f n) (let loop ((i 0) (xs (list))) (if (= i n) xs (loop (+ i 1) (append xs i))))) (f 20)",
    "(define (f n) (let loop ((i 0) (xs (list))) (if (= i n) xs (loop (+ i 1) (cons i xs))))) (f 20)",
    "(define (f n) (let loop ((i 0) (d {})) "
    "(if (= i n) d (loop (+ i 1) (assoc d (str (mod i 3)) i))))) (f 20)",
    "(define (f xs) (let loop ((xs xs) (n 0)) (if (empty? xs) n (loop (rest xs) (+ n (first xs)))))) "
    "(let ((xs (range 20))) (list (f xs) (f xs) xs (f (cons 1 (cons 2 xs)))))",
    '(define (f n) (let loop ((i 0) (s "")) (if (= i n) s (loop (+ i 1) (str s i ","))))) (f 20)',
    '(define (f s n) (let loop ((i 0) (s s)) (if (= i n) s (loop (+ i 1) (str s i "," (* i 0.5)))))) '
    '(list (f "" 5) (f nil 3) (f 1 3) (f (list 1 "a") 2))',
    '(define (f s n) (let loop ((i 0) (s s)) (if (= i n) s (loop (+ i 1) (string-append s "{" s))))) '
    '(list (f "a" 3) (try-call (fn () (f 1 3))))',
    "(define (f s n) (let loop ((i 0) (s s)) (if (= i n) s (loop (+ i 1) (string-append s (str i)))))) "
    '(let ((a "x")) (list (f a 3) a (try-call (fn () (f 1 3)))))',
    # every version is held
    "(define (f s n) (let loop ((i 0) (s s) (all (list))) "
    '(if (= i n) (list s all) (loop (+ i 1) (str s i) (cons s all))))) (f "" 6)',
    "(define (f n) (let loop ((i 0) (xs (list)) (all (list))) "
    "(if (= i n) (list xs all) (loop (+ i 1) (append xs i) (cons xs all))))) (f 6)",
    "(define (f n) (let loop ((i 0) (xs (list)) (all (list))) "
    "(if (= i n) (map (fn (f) (f)) all) (loop (+ i 1) (cons i xs) (cons (fn () xs) all))))) (f 6)",
    "(define (f n) (let loop ((i 0) (d {}) (all (list))) "
    "(if (= i n) all (loop (+ i 1) (assoc d (str i) i) (append all (assoc {} :d d)))))) (f 6)",
    "(define (f xs) (let loop ((xs xs) (all (list))) (if (empty? xs) all (loop (rest xs) (cons xs all))))) "
    "(f (range 6))",
    "(define kept (list)) (define (keep x) (set! kept (cons x kept))) "
    "(define (f n) (let loop ((i 0) (xs (list))) "
    "(if (= i n) xs (begin (keep xs) (loop (+ i 1) (append xs i)))))) "
    "(list (f 5) kept)",
    "(define (f n) (let loop ((i 0) (xs (list)) (before nil)) "
    "(if (= i n) (list xs before) (loop (+ i 1) (append xs i) xs)))) (f 5)",
    "(define (f n) (let loop ((i 0) (xs (list 1))) (if (= i n) xs (loop (+ i 1) (append xs xs))))) (f 3)",
    "(define (f n) (let loop ((i 0) (xs (list 1))) "
    "(if (= i n) xs (loop (+ i 1) (append xs (len xs)))))) (f 5)",
    # entered again
    "(define ks (list)) (define (f n) (let loop ((i 0) (xs (list))) (if (= i n) xs "
    "(loop (+ i 1) (append xs (call/cc (fn (k) (set! ks (append ks k)) i))))))) "
    "(define n 0) (define r (f 4)) (set! n (+ n 1)) (if (< n 4) ((nth ks n) (* 100 n)) (list n r))",
    "(define (f n) (let loop ((i 0) (d {})) (if (= i n) d "
    "(loop (+ i 1) (assoc d (str i) (shift k (list (k i) (k (* i 10))))))))) (reset (f 3))",
    # what raises leaves everything as it was
    "(define (f xs y) (let loop ((i 0) (xs xs) (y y)) "
    "(if (= i 3) (list xs y) (loop (+ i 1) (append xs i) (+ y 1))))) "
    '(list (f (list) "1") (try-call (fn () (f (list) {}))) (f nil 1) (f "a" 1))',
]


@pytest.mark.parametrize("text", GROWING)
@pytest.mark.parametrize("levels", [1, 4, None])
def test_no_version_changes_for_whoever_holds_it(text: str, levels: int | None) -> None:
    made = interpreter(compiled=True, levels=levels)
    assert ending(made, text) == ending(interpreter(compiled=False), text)


# -- perform ---------------------------------------------------------------------------------------------


class _Counting:
    """A host that numbers its answers, refuses every fifth time, and answers `later` later."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def owns(self, operation: str) -> bool:
        return operation != "unknown"

    def answer(self, operation: str, args: Any, request: Any) -> Any:
        self.asked.append(operation)
        if operation == "later":
            return PENDING
        if len(self.asked) % 5 == 0:
            raise SxIOError("no more")
        return len(self.asked)

    def close(self) -> None:
        pass


ASKING = [
    '(define (f n) (if (= n 0) (list) (cons (perform {:op "n" :args ()}) (f (- n 1))))) (f 3)',
    '(define (f n)\n  (if (= n 0)\n    (list)\n    (cons (perform {:op "n" :args ()}) (f (- n 1)))))\n(f 7)',
    '(define (f) (+ 1 (perform {:op "n" :args ()}))) '
    "(define (g n) (if (= n 0) (list) (cons (guard (e (true (error-message e))) (f)) (g (- n 1))))) (g 9)",
    '(define (f)\n  (list (perform {:op "unknown" :args ()})))\n(f)',
    '(define (f n) (if (= n 0) (perform {:op "n" :args ()}) (+ 1 (f (- n 1))))) (list (f 500) (f 900))',
]


@pytest.mark.parametrize("text", ASKING)
def test_a_host_that_answers_at_once_is_asked_on_the_spot(text: str) -> None:
    fast, plain = interpreter(compiled=True), interpreter(compiled=False)
    fast.host, plain.host = _Counting(), _Counting()
    assert ending(fast, text) == ending(plain, text)
    assert fast.host.asked == plain.host.asked


def test_nothing_is_suspended_for_an_answer_that_comes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = interpreter(compiled=True)
    made.host = _Counting()
    made.eval('(define (f) (perform {:op "n" :args ()})) (f)')
    monkeypatch.setattr(FastMachine, "left", None)
    assert made.eval("(+ 10 (f))") == 12


def test_a_request_whose_answer_comes_later_is_put_once() -> None:
    made = interpreter(compiled=True)
    host = made.host = _Counting()
    made.eval('(define (f x) (list x (perform {:op "later" :args ()})))')
    run = made.start("(f (f 1))", hosted=True)
    assert (run.suspended, host.asked) == (True, ["later"])
    second = run.resume(2)
    assert (second.suspended, host.asked) == (True, ["later", "later"])
    assert inspect(second.resume(3).value) == "((1 2) 3)"


GUARDED = "(define (f g) (list (guard (e ((number? e) (* 2 e)) ((string? e) e)) (list (g)))))\n"


@pytest.mark.parametrize(
    "text",
    [
        f"{GUARDED}(define (g) (+ 1 (raise 21)))\n(f g)",
        f'{GUARDED}(define (g) 5)\n(list (f g) (f (fn () (raise "a"))) (f (fn () (call/cc (fn (k) (k 1))))))',
        f"{GUARDED}(define (g) (list (raise 'odd)))\n(f g)",
        f"{GUARDED}(define (g) (list (raise 'odd)))\n(guard (e (true (list e))) (f g))",
        f"{GUARDED}(define (g) (list (raise 'odd)))\n"
        "(define (h) (guard (e ((symbol? e) (list e (quote outer)))) (list (f g))))\n(h)",
        f'{GUARDED}(define (g) (list (error "no" 1)))\n(define (h) (guard (e (true (error-message e) '
        "(map (fn (c) (get c :function)) (error-backtrace e)))) (list (f g))))\n(h)",
        '(define (g x) (list (error "no:" x)))\n(define (f x) (guard (e (true (list (error-message e) '
        "(error-irritants e) (error-place e) (error-backtrace e)))) (list (g x))))\n(list (f 1) 2)",
        '(define (deep n) (if (= n 0) (error "deep") (+ 1 (deep (- n 1)))))\n(define (f) '
        "(guard (e (true (list (len (error-backtrace e)) (error-place e)))) (deep 100)))\n(list (f))",
        '(define (f x) (guard (e (true (list e (error-irritants (guard (o (true o)) (error "in" e)))))) '
        "(raise x)))\n(f 7)",
        f"{GUARDED}(with-exception-handler (fn (e) 10) (fn () (list (f (fn () (+ 1 (raise 'odd)))))))",
        "(define (f) (with-exception-handler (fn (e) 10) (fn () (guard (e ((string? e) e)) "
        "(+ 1 (raise-continuable 5))))))\n(f)",
        "(define log (mutable-list)) (define (f) (guard (e ((= e 1) (append! log e) log)) (dynamic-wind "
        "(fn () (append! log 'in)) (fn () (raise 1)) (fn () (append! log 'out)))))\n(f)",
        "(define (f) (guard (e ((= e 2) 'outer)) (guard (e ((= e 1) (raise 2))) (raise 1))))\n(f)",
        "(define (f) (guard (e (false 1)) (raise 1)))\n(f)",
        "(define (f) (guard (e ((undefined-thing) 1)) (raise 1)))\n(f)",
        "(define (f)\n  (guard (e (true (+ e {}))) (raise 1)))\n(f)",
        "(define (f) (guard (e (true (error-message e))) (+ 1 {})))\n(f)",
        "(define p (make-parameter 1)) (define (f) (guard (e (true (list e (p)))) (parameterize ((p 2)) "
        "(raise (p)))))\n(f)",
        "(define k2 nil) (define n 0) (define (f) (guard (e (true (list 'caught e))) (+ 1 (call/cc (fn (k) "
        "(set! k2 k) 1)) (if (= n 1) (raise 'late) 0))))\n(define r (f)) (set! n (+ n 1))\n"
        "(if (< n 3) (k2 n) (list n r))",
        "(define k2 nil) (define n 0) (define (f) (guard (e (true (list e (call/cc (fn (k) (set! k2 k) "
        "1))))) (raise 'x)))\n(define r (f)) (set! n (+ n 1))\n(if (< n 3) (k2 n) (list n r))",
        "(define (loop n) (if (= n 0) 'done (guard (e (true (loop (- n 1)))) (raise n))))\n(loop 3000)",
        "(define (loop n) (if (= n 0) (raise 'end) (guard (e ((number? e) 1)) (list (loop (- n 1))))))\n"
        "(guard (e (true e)) (loop 1000))",
        "(define (f) (map (fn (x) (guard (e (true (* 10 e))) (if (odd? x) (raise x) x))) (range 6)))\n(f)",
        "(define (f) (guard (e ((> e 2) (list e))) (for-each (fn (x) (when (= x 3) (raise x))) "
        "(range 6))))\n(f)",
        "(define (f)\n  (guard (e (true 1)) (error)))\n(f)",
        "(define (f)\n  (guard (e (true (error-message e))) (raise)))\n(f)",
        "(raise (guard (e (true e)) (raise 1)))",
    ],
)
@pytest.mark.parametrize("levels", [2, 3, None])
def test_what_is_raised_in_direct_code_finds_its_handler(text: str, levels: int | None) -> None:
    made = interpreter(compiled=True, levels=levels)
    assert ending(made, text) == ending(interpreter(compiled=False), text)
