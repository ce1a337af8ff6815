"""Proper tail calls: a loop through any last expression runs in constant continuation depth."""

from __future__ import annotations

import pytest

from sxpy import Interpreter, Limits
from sxpy.printer import inspect

# Each defines `loop`, which calls itself from one tail position until its argument is 0.
POSITIONS = {
    "if consequence": "(define (loop n) (if (> n 0) (loop (- n 1)) :end))",
    "if alternative": "(define (loop n) (if (= n 0) :end (loop (- n 1))))",
    "cond": "(define (loop n) (cond ((= n 0) :end) (else (loop (- n 1)))))",
    "cond clause": "(define (loop n) (cond ((> n 0) 1 (loop (- n 1))) (else :end)))",
    "cond arrow": "(define (loop n) (cond ((= n 0) :end) ((- n 1) => loop)))",
    "flat cond": "(define (loop n) (cond (= n 0) :end :else (loop (- n 1))))",
    "case": "(define (loop n) (case n 0 :end :else (loop (- n 1))))",
    "case clause": "(define (loop n) (case n ((0) :end) (else (loop (- n 1)))))",
    "when": "(define (loop n) (when (>= n 0) (if (= n 0) :end (loop (- n 1)))))",
    "unless": "(define (loop n) (unless (< n 0) (if (= n 0) :end (loop (- n 1)))))",
    "and": "(define (loop n) (and true (if (= n 0) :end (loop (- n 1)))))",
    "or": "(define (loop n) (or false (if (= n 0) :end (loop (- n 1)))))",
    "begin": "(define (loop n) (begin 1 (if (= n 0) :end (loop (- n 1)))))",
    "do sequence": "(define (loop n) (do 1 (if (= n 0) :end (loop (- n 1)))))",
    "do result": "(define (loop n) (do ((i 0 1)) ((= i 1) (if (= n 0) :end (loop (- n 1))))))",
    "let": "(define (loop n) (let ((m (- n 1))) (if (< m 0) :end (loop m))))",
    "let*": "(define (loop n) (let* ((m n) (k (- m 1))) (if (< k 0) :end (loop k))))",
    "letrec": "(define (loop n) (letrec ((f (fn () (if (= n 0) :end (loop (- n 1)))))) (f)))",
    "named let": "(define (loop n) (let again ((m n)) (if (= m 0) :end (again (- m 1)))))",
    "named let body": "(define (loop n) (let once ((m (- n 1))) (if (< m 0) :end (loop m))))",
    "let-values": "(define (loop n) (let-values (((m) (- n 1))) (if (< m 0) :end (loop m))))",
    "receive": "(define (loop n) (receive (m) (- n 1) (if (< m 0) :end (loop m))))",
    "let-match": "(define (loop n) (let-match (m) (list (- n 1)) (if (< m 0) :end (loop m))))",
    "match": "(define (loop n) (match n (0 :end) (m (loop (- m 1)))))",
    "match with several tests": (
        "(define (loop n) (match (list n 1) ((0 1) :end) ((m 2) :no) ((m 1) (loop (- m 1)))))"
    ),
    "guard clause": "(define (loop n) (guard (e ((= e 0) :end) (else (loop (- e 1)))) (raise n)))",
    "body with definitions": "(define (loop n) (define m (- n 1)) (if (< m 0) :end (loop m)))",
    "body with a boxed definition": (
        "(define (loop n) (define m n) (set! m (- m 1)) (if (< m 0) :end (loop m)))"
    ),
    "lambda call": "(define (loop n) ((fn (m) (if (< m 0) :end (loop m))) (- n 1)))",
    "apply": "(define (loop n) (if (= n 0) :end (apply loop (list (- n 1)))))",
    "call/cc": "(define (loop n) (call/cc (fn (k) (if (= n 0) :end (loop (- n 1))))))",
    "call-with-values": (
        "(define (loop n) (call-with-values (fn () (- n 1)) (fn (m) (if (< m 0) :end (loop m)))))"
    ),
    "values": "(define (loop n) (if (= n 0) (values :end) (loop (- n 1))))",
    "thread": "(define (loop n) (if (= n 0) :end (-> n (- 1) loop)))",
    "as->": "(define (loop n) (if (= n 0) :end (as-> n m (- m 1) (loop m))))",
    "eval": "(define (loop n) (if (= n 0) :end (eval (list 'loop (- n 1)))))",
    "reduce's last callback": (
        "(define (loop n) (reduce (fn (a x) (if (= x 0) :end (loop (- x 1)))) 0 (list n)))"
    ),
    "mutual": (
        "(define (loop n) (if (= n 0) :end (pool (- n 1)))) (define (pool n) (if (= n 0) :end (loop (- n "
        "1))))"
    ),
    "mutual in a body": (
        "(define (loop n) (define (a m) (if (= m 0) :end (b (- m 1)))) (define (b m) (a m)) (a n))"
    ),
    "macro": "(defmacro again (f n) `(,f (- ,n 1))) (define (loop n) (if (= n 0) :end (again loop n)))",
    "keyword arguments": "(define (loop n) (go :n n)) (define (go &key n) (if (= n 0) :end (go :n (- n 1))))",
    "rest arguments": (
        "(define (loop n) (go n 1 2)) (define (go n &rest more) (if (= n 0) :end (go (- n 1) 3)))"
    ),
    "case-lambda": "(define loop (case-lambda ((n) (loop n 0)) ((n k) (if (= n 0) :end (loop (- n 1) k)))))",
    "composed": "(define (loop n) (if (= n 0) :end ((compose loop dec) n)))",
}

SLOW = {"eval": 2_000, "composed": 5_000}
"""Rounds where one takes much longer: each of these analyses a form, or makes closures."""


@pytest.mark.parametrize("name", POSITIONS)
def test_a_tail_call_needs_no_frame(name: str) -> None:
    """Fifteen frames are enough for what a round may push and pop; a leak of one a round would show."""
    interpreter = Interpreter(limits=Limits(depth=15))
    rounds = SLOW.get(name, 8_000)
    assert inspect(interpreter.eval(f"{POSITIONS[name]} (loop {rounds})")) == '"end"'


@pytest.mark.parametrize("name", ["if alternative", "mutual", "named let", "match"])
def test_a_million_rounds_run_in_constant_depth(name: str) -> None:
    rounds = 1_000_000 if name == "if alternative" else 100_000
    interpreter = Interpreter(limits=Limits(depth=5))
    assert inspect(interpreter.eval(f"{POSITIONS[name]} (loop {rounds})")) == '"end"'


@pytest.mark.parametrize(
    "text",
    [
        "(let ((i 0)) (while (< i 20000) (set! i (+ i 1))) i)",
        "(do ((i 0 (+ i 1))) ((= i 20000) i))",
        "(let loop ((i 0)) (if (< i 20000) (loop (+ i 1)) i))",
    ],
)
def test_a_loop_needs_no_frame(text: str) -> None:
    assert Interpreter(limits=Limits(depth=5)).eval(text) == 20_000


def test_streams_of_promises_run_in_constant_memory() -> None:
    """SRFI-45: `delay-force` chains do not grow the continuation."""
    program = """
    (define (loop n) (if (= n 0) (delay :end) (delay-force (loop (- n 1)))))
    (force (loop 20000))
    """
    assert inspect(Interpreter(limits=Limits(depth=10)).eval(program)) == '"end"'


def test_a_handler_that_raises_again_is_not_in_the_way_of_the_next() -> None:
    program = """
    (define (loop n)
      (if (= n 0) :end
        (guard (e (true (loop e))) (guard (e2 ((string? e2) 0)) (raise (- n 1))))))
    (loop 2000)
    """
    assert inspect(Interpreter(limits=Limits(depth=30)).eval(program)) == '"end"'


def test_the_forms_of_a_file_stand_in_no_frame_of_each_other() -> None:
    text = "(begin (+ 1 2)) " * 2_000
    assert Interpreter(limits=Limits(depth=3)).eval(text) == 3


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(define (d n) (if (= n 0) 0 (+ 1 (d (- n 1))))) (d 200000)", 200_000),
        ("(define (build n) (if (= n 0) (list) (cons n (build (- n 1))))) (len (build 200000))", 200_000),
        (
            "(define (ev n) (if (= n 0) 0 (+ 1 (od (- n 1))))) (define (od n) (if (= n 0) 0 (+ 1 (ev "
            "(- n 1)))))"
            "(ev 200000)",
            200_000,
        ),
        ("(define (d n) (if (= n 0) 0 (first (map (fn (x) (+ 1 (d (- x 1)))) (list n))))) (d 50000)", 50_000),
        ("(define (d n) (if (= n 0) 0 (guard (e (true e)) (+ 1 (d (- n 1)))))) (d 50000)", 50_000),
        (
            (
                "(define (d n) (if (= n 0) 0 (dynamic-wind (fn () 1) (fn () (+ 1 (d (- n 1)))) (fn () "
                "1)))) (d 50000)"
            ),
            50_000,
        ),
    ],
)
def test_deep_recursion_needs_memory_only(text: str, value: int) -> None:
    assert Interpreter().eval(text) == value
