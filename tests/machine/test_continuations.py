"""`call/cc`, `dynamic-wind`, `reset` and `shift`: full, re-entrant, multi-shot."""

from __future__ import annotations

import pytest
from running import show

from sxpy import Interpreter

pytestmark = pytest.mark.usefixtures("tier")

TRACE = "(define trace (list)) (define (t x) (set! trace (append trace (list x)))) "
"""`(t x)` notes x in the list `trace`."""

ONCE_MORE = "(define k nil) (define n 0) (define (again v) (set! n (+ n 1)) (if (< n 3) (k (* n 100)) v)) "
"""`(again v)` enters the continuation `k` with 100, then with 200, then it is v."""


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(call/cc (fn (k) 1))", "1"),
        ("(call/cc (fn (k) (k 1) 2))", "1"),
        ("(+ 1 (call/cc (fn (k) (+ 10 (k 1)))))", "2"),
        ("(list (call/cc procedure?))", "(true)"),
        ("(call-with-current-continuation (fn (k) (k 1)))", "1"),
        # R7RS §6.10
        (
            "(call-with-current-continuation (fn (exit)"
            " (for-each (fn (x) (if (negative? x) (exit x))) '(54 0 37 -3 245 19)) true))",
            "-3",
        ),
        (
            "(define (list-length obj) (call/cc (fn (return)"
            " (letrec ((r (fn (obj) (cond ((not (list? obj)) (return false)) ((empty? obj) 0)"
            " (else (+ (r (rest obj)) 1)))))) (r obj)))))"
            " (list (list-length '(1 2 3 4)) (list-length 5))",
            "(4 false)",
        ),
        ("(call-with-values (fn () (values 4 5)) (fn (a b) b))", "5"),
        ("(call-with-values (fn () (call/cc (fn (k) (k 1 2)))) list)", "(1 2)"),
        ("(let ((x (call/cc (fn (k) k)))) (if (number? x) x (x 5)))", "5"),
    ],
)
def test_a_continuation_is_a_procedure_that_leaves(text: str, value: str) -> None:
    assert show(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(define v (+ 1 (call/cc (fn (c) (set! k c) 1)))) (again v)", "201"),
        (
            "(define v (map (fn (x) (call/cc (fn (c) (if (= x 2) (set! k c)) x))) (list 1 2 3))) (again v)",
            "(1 200 3)",
        ),
        (
            (
                "(define v (filter (fn (x) (call/cc (fn (c) (if (= x 2) (set! k c)) (odd? x)))) (list 1 "
                "2 3))) (again v)"
            ),
            "(1 2 3)",
        ),
        (
            "(define v (reduce (fn (a x) (call/cc (fn (c) (if (= x 2) (set! k c)) (+ a x)))) 0 (list 1 2 3)))"
            " (again v)",
            "203",
        ),
        (
            "(define v (fold-right (fn (x a) (call/cc (fn (c) (if (= x 2) (set! k c)) (if "
            "(list? a) (cons x a) (list x a)))))"
            " (list) (list 1 2 3))) (again v)",
            "(1 200)",
        ),
        (
            (
                "(define v (sort (list 3 1 2) (fn (a b) (call/cc (fn (c) (if (nil? k) (set! k c)) (< a "
                "b)))))) (again v)"
            ),
            "(1 2 3)",
        ),
        (
            "(define out (list)) (for-each (fn (x) (let ((v (call/cc (fn (c) (if (= x 2) (set! k c)) x))))"
            " (set! out (append out (list v))))) (list 1 2 3)) (again out)",
            "(1 2 3 100 3 200 3)",
        ),
        (
            (
                "(define v (some (fn (x) (call/cc (fn (c) (if (= x 2) (set! k c)) false))) (list "
                "1 2 3))) (again v)"
            ),
            "200",
        ),
        (
            (
                "(define v (every? (fn (x) (call/cc (fn (c) (if (= x 2) (set! k c)) x))) (list 1 "
                "2 3))) (again v)"
            ),
            "3",
        ),
        ("(define v (list 1 (call/cc (fn (c) (set! k c) 2)) (+ 1 2))) (again v)", "(1 200 3)"),
        ("(define v (let ((x (call/cc (fn (c) (set! k c) 2)))) (+ x 1))) (again v)", "201"),
        ("(define v `(1 ,(call/cc (fn (c) (set! k c) 2)))) (again v)", "(1 200)"),
        ("(define v {:a (call/cc (fn (c) (set! k c) 2)) :b 3}) (again v)", "{:a 200 :b 3}"),
        ("(define v (apply + (call/cc (fn (c) (set! k c) 2)) (list 1))) (again v)", "201"),
        ("(define v (cond ((call/cc (fn (c) (set! k c) 2)) => inc))) (again v)", "201"),
        ("(define v (match (call/cc (fn (c) (set! k c) 2)) (2 :two) (x x))) (again v)", "200"),
        ("(define v (guard (e (true e)) (raise (call/cc (fn (c) (set! k c) 2))))) (again v)", "200"),
        (
            (
                "(define v (vector->list (vector-map (fn (x) (call/cc (fn (c) (set! k c) x))) "
                "(vector 1 2)))) (again v)"
            ),
            "(1 200)",
        ),
        (
            "(define v (flat-map (fn (x) (call/cc (fn (c) (if (= x 1) (set! k c)) (list x)))) (list 1 2))) v",
            "(1 2)",
        ),
    ],
)
def test_a_continuation_can_be_entered_again(text: str, value: str) -> None:
    assert show(ONCE_MORE + text) == value


def test_a_generator_by_re_entry() -> None:
    text = """
    (define (tree-walk tree yield)
      (if (list? tree) (for-each (fn (t) (tree-walk t yield)) tree) (yield tree)))
    (define (leaves tree)
      (define return nil)
      (define (give x) (call/cc (fn (next) (set! resume next) (return x))))
      (define resume (fn (v) (tree-walk tree give) (return :end)))
      (fn () (call/cc (fn (r) (set! return r) (resume nil)))))
    (define next (leaves '(1 (2 (3)) 4)))
    (let loop ((out (list))) (let ((x (next))) (if (= x :end) out (loop (append out x)))))
    """
    assert show(text) == "(1 2 3 4)"


def test_a_continuation_outlives_the_eval_that_made_it() -> None:
    interpreter = Interpreter()
    interpreter.eval("(define k nil) (define n 0) (set! n (+ 1 (call/cc (fn (c) (set! k c) 1))))")
    assert interpreter.eval("n") == 2
    interpreter.eval("(k 41)")
    assert interpreter.eval("n") == 42


# -- dynamic-wind ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # R7RS §6.10: connect talk1 disconnect connect talk2 disconnect
        (
            "(define path (list)) (define c nil) (define (add s) (set! path (append path (list s))))"
            "(dynamic-wind (fn () (add 'connect)) (fn () (add (call/cc (fn (c0) (set! c c0) 'talk1))))"
            " (fn () (add 'disconnect)))"
            "(if (< (len path) 4) (c 'talk2) path)",
            "(connect talk1 disconnect connect talk2 disconnect)",
        ),
        ("(dynamic-wind (fn () (t 1)) (fn () (t 2) 5) (fn () (t 3))) trace", "(1 2 3)"),
        ("(dynamic-wind (fn () (t 1)) (fn () 5) (fn () (t 3) 6))", "5"),
        ("(call/cc (fn (k) (dynamic-wind (fn () (t 1)) (fn () (k 2)) (fn () (t 3))))) trace", "(1 3)"),
        (
            "(guard (e (true (t e))) (dynamic-wind (fn () (t 1)) (fn () (raise 2)) (fn () (t 3)))) trace",
            "(1 3 2)",
        ),
        (
            "(guard (e (true (t 4))) (dynamic-wind (fn () (t 1)) (fn () (car 5)) (fn () (t 3)))) trace",
            "(1 3 4)",
        ),
        (
            "(try-catch (fn () (dynamic-wind (fn () (t 1)) (fn () (raise 2)) (fn () (t 3)))) t) trace",
            "(1 3 2)",
        ),
        ("(try-call (fn () (dynamic-wind (fn () (t 1)) (fn () (raise 2)) (fn () (t 3))))) trace", "(1 3)"),
        (
            "(with-exception-handler (fn (e) (t e) 9)"
            " (fn () (dynamic-wind (fn () (t 1)) (fn () (t (raise-continuable 2))) (fn () (t 3))))) trace",
            "(1 2 9 3)",
        ),
        (
            "(call/cc (fn (k) (dynamic-wind (fn () (t 1)) (fn () (dynamic-wind (fn () (t 2)) (fn () (k 0))"
            " (fn () (t 3)))) (fn () (t 4))))) trace",
            "(1 2 3 4)",
        ),
        (
            "(call/cc (fn (k) (dynamic-wind (fn () (t 1)) (fn () 5) (fn () (t 2) (k 6) (t 3))))) trace",
            "(1 2)",
        ),
        ("(call/cc (fn (k) (dynamic-wind (fn () (k 7)) (fn () (t 1)) (fn () (t 2))))) trace", "()"),
        (
            "(define k nil) (define n 0)"
            "(dynamic-wind (fn () (t :in)) (fn () (dynamic-wind (fn () (t 1)) (fn () (call/cc (fn "
            "(c) (set! k c))))"
            " (fn () (t 2)))) (fn () (t :out)))"
            "(set! n (+ n 1)) (if (< n 2) (k 0) trace)",
            '("in" 1 2 "out" "in" 1 2 "out")',
        ),
        (
            "(define k nil) (define n 0)"
            "(dynamic-wind (fn () (t :a)) (fn () (dynamic-wind (fn () (t 1)) (fn () (call/cc (fn (c) "
            "(set! k c))))"
            " (fn () (t 2))) (set! n (+ n 1)) (if (< n 2) (k 0))) (fn () (t :b))) trace",
            '("a" 1 2 1 2 "b")',
        ),
        ("(list (dynamic-wind (fn () 1) (fn () (values 2)) (fn () 3)))", "(2)"),
        ("(call-with-values (fn () (dynamic-wind (fn () 1) (fn () (values 2 3)) (fn () 4))) list)", "(2 3)"),
        (
            "(define p (make-parameter 1)) (parameterize ((p 2)) (dynamic-wind (fn () (t (p)))"
            " (fn () (parameterize ((p 3)) (t (p)))) (fn () (t (p))))) trace",
            "(2 3 2)",
        ),
        (
            "(define p (make-parameter 1)) (call/cc (fn (k) (dynamic-wind (fn () (t (p)))"
            " (fn () (parameterize ((p 3)) (k 0))) (fn () (t (p)))))) trace",
            "(1 1)",
        ),
        (
            "(guard (e (true (t e))) (dynamic-wind (fn () (t 1)) (fn () (raise 2)) (fn () (raise 3)))) trace",
            "(1 3)",
        ),
        (
            (
                "(reset (dynamic-wind (fn () (t 1)) (fn () (shift k (k 1) (k 2)) (t :body)) (fn () (t "
                "2)))) trace"
            ),
            '(1 2 1 "body" 2 1 "body" 2)',
        ),
    ],
)
def test_winders_run_on_every_way_in_and_out(text: str, value: str) -> None:
    assert show(TRACE + text) == value


# -- delimited continuations -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(reset 1)", "1"),
        ("(reset 1 2)", "2"),
        ("(+ 1 (reset 2))", "3"),
        ("(+ 1 (reset (+ 10 (shift k 2))))", "3"),
        ("(+ 1 (reset (+ 10 (shift k (k 2)))))", "13"),
        ("(reset (+ 1 (shift k (list (k 10) (k 20)))))", "(11 21)"),
        ("(+ 1 (reset (* 2 (shift k (k (k 5))))))", "21"),
        ("(reset (list (shift k (k (k 1)))))", "((1))"),
        ("(reset (list 1 (shift a (list 2 (a 3))) (shift b (list 4 (b 5)))))", "(2 (4 (1 3 5)))"),
        ("(reset (let ((x (shift k (map k (list 1 2 3))))) (* x x)))", "(1 4 9)"),
        (
            (
                "(reset (let ((a (shift k (flat-map k (list 1 2)))) (b (shift k (flat-map k (list 3 "
                "4))))) (list (list a b))))"
            ),
            "((1 3) (1 4) (2 3) (2 4))",
        ),
        ("(reset (cons 1 (reset (cons 2 (shift k (list 3))))))", "(1 3)"),
        ("(define k2 nil) (reset (+ 1 (shift k (set! k2 k) 0))) (list (k2 1) (k2 (k2 1)))", "(2 3)"),
        ("(define f (reset (fn (x) (+ x (shift k k))))) (procedure? f)", "true"),
        ("(reset (map (fn (x) (shift k (cons x (k x)))) (list 1 2 3)))", "(1 2 3 1 2 3)"),
        (
            (
                "(define (each xs) (for-each (fn (x) (shift k (cons x (k nil)))) xs) (list)) (reset "
                "(each (list 1 2 3)))"
            ),
            "(1 2 3)",
        ),
        ("(define p (make-parameter 1)) (reset (parameterize ((p 2)) (shift k (k 0)) (p)))", "2"),
        ("(define p (make-parameter 1)) (reset (parameterize ((p 2)) (shift k (p)) 0))", "1"),
        (
            "(define p (make-parameter 1)) (define k2 (reset (shift k k) (p))) (parameterize ((p 5)) (k2 0))",
            "5",
        ),
        (
            "(guard (e (true (list :outer e))) (reset (guard (e ((string? e) e)) (shift k (raise 1)))))",
            '("outer" 1)',
        ),
        ("(reset (guard (e (true (list :inner e))) (raise (shift k (k 1)))))", '("inner" 1)'),
        (
            "(define k2 (reset (guard (e (true (list :inner e))) (raise (shift k k)))))"
            " (guard (e (true :outer)) (k2 7))",
            '("inner" 7)',
        ),
        ("(reset (call/cc (fn (c) (+ 1 (shift k (c 5))))))", "5"),
        ("(+ (reset (+ 1 (call/cc (fn (c) (shift k (k (c 5))))))) 100)", "106"),
        (
            "(define k2 (reset (with-exception-handler (fn (e) (shift k k) (* e 10)) (fn () (+ 1 "
            "(raise-continuable 4))))))"
            " (k2 0)",
            "41",
        ),
        (
            "(define k2 (reset (with-exception-handler (fn (e) (shift k k) (+ 1 (raise-continuable e)))"
            " (fn () (+ 1 (raise-continuable 4))))))"
            " (with-exception-handler (fn (e) (* e 10)) (fn () (k2 0)))",
            "42",
        ),
    ],
)
def test_a_delimited_continuation_is_composable(text: str, value: str) -> None:
    assert show(text) == value


def test_shift_without_reset_is_an_error() -> None:
    assert show("(shift k 1)") == "! shift: there is no reset around it"


def test_a_delimited_continuation_brings_its_own_prompt() -> None:
    """A second shift in the resumed frames stops at the prompt of the continuation, not at one outside."""
    define = "(define k2 (reset (let ((x (shift k k))) (list x (shift k (list :inner (k 1)))))))"
    assert show(f"{define} (reset (list :outer (k2 0)))") == '("outer" ("inner" (0 1)))'


def test_thousands_of_captures_in_one_reset() -> None:
    loop = "(let loop ((i 0)) (if (= i 2000) i (begin (shift k (k 0)) (loop (+ i 1)))))"
    assert show(f"(reset {loop})") == "2000"
