"""Frozen text of format version 1, as it was written when the format was made: it thaws for ever.

`tests/golden/frozen-1` holds one text a program. They are never written anew: a version of sxpy that cannot
read one of them has broken the format. `tests/store/test_golden.py` holds every byte to SHA256SUMS.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sxpy import Interpreter
from sxpy.printer import canonical, inspect
from sxpy.reader import read_datum

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "frozen-1"
ASK = '(define (ask x) (perform {:op "ask" :args (list x)}))\n'

PROGRAMS: dict[str, tuple[str, list[Any], str]] = {
    "calls": ("(define (down n) (if (= n 0) (ask n) (+ n (down (- n 1))))) (list (down 4))", [1], "(11)"),
    "walks": ("(map (fn (x) (reduce (fn (a y) (+ a (ask y))) x (list 1 2))) (list 10 20))",
              [1, 2, 3, 4], "(13 27)"),
    "sorting": ("(sort (list 3 1 2) (fn (a b) (ask a) (< a b)))", [0, 0, 0], "(1 2 3)"),
    "state": (
        "(define n 1) (define (bump) (set! n (+ n 1)) n) (let ((m 10)) (let ((f (fn () (set! m (+ m 1)) m)))"
        " (f) (ask 1) (list (bump) (f) m n)))",
        [0],
        "(2 12 12 2)",
    ),
    "data": (
        "(define data (list nil true 5 -0.5 1/3 \"a\\nb\" 'sym :key #\\a"
        " (vector 1 2) {:b 2 :a 1} #u8(1 2) ()))"
        "(ask 1) data",
        [0],
        '(nil true 5 -0.5 1/3 "a\\nb" sym "key" #\\a #(1 2) {:b 2 :a 1} #u8(1 2) ())',
    ),
    "cycle": ("(define v (vector 1 nil)) (vector-set! v 1 v) (ask 1) (eq? v (vector-ref v 1))", [0], "true"),
    "records": (
        "(define-record-type point (make x y) point? (x px set-px!) (y py)) (define p (make 1 2)) (ask 1)"
        "(set-px! p 9) (list (point? p) (px p) (py p))",
        [0],
        "(true 9 2)",
    ),
    "types": (
        "(define-type Shape (Circle r) (Square a)) (define s (Square 3)) (ask 1)"
        "(match s ((Circle r) r) ((Square a) (* a a)))",
        [0],
        "9",
    ),
    "handlers": (
        "(guard (e (true (list :caught e))) (with-exception-handler (fn (e) (ask e)) (fn ()"
        " (list (raise-continuable 1) (raise 2)))))",
        [5, 6],
        '("caught" <error "the handler of a raise returned; it must not: 2">)',
    ),
    "winding": (
        "(define l (mutable-list)) (dynamic-wind (fn () (append! l (ask 1))) (fn () (append! l (ask 2)))"
        " (fn () (append! l (ask 3)))) l",
        [10, 20, 30],
        "(10 20 30)",
    ),
    "parameters": ("(define p (make-parameter 1)) (parameterize ((p (ask 1))) (ask 2) (p))", [5, 0], "5"),
    "continuations": (
        "(define k nil) (define n 0) (define r (list (call/cc (fn (j) (set! k j) (ask 1)))))"
        "(set! n (+ n 1)) (if (< n 2) (k (ask 2)) (list n r))",
        [10, 20],
        "(2 (20))",
    ),
    "coroutines": (
        "(define c (make-coroutine (fn () (coroutine-yield (ask 1)) (coroutine-yield 2) 3)))"
        "(list (coroutine-resume c) (coroutine-resume c) (coroutine-resume c))",
        [1],
        "(1 2 3)",
    ),
    "delimited": ("(reset (+ 1 (shift k (+ (k (ask 1)) (k (ask 2))))))", [10, 20], "32"),
    "promises": ("(define p (delay (ask 1))) (list (force p) (force p))", [7], "(7 7)"),
    "tables": (
        "(define h (make-hash-table)) (hash-table-set! h (list 1) 2) (define s (make-set (list 1 2)))"
        "(ask 1) (list (hash-table-ref h (list 1)) (set-member? s 2))",
        [0],
        "(2 true)",
    ),
    "macros": (
        "(defmacro twice (x) `(* 2 ,x)) (define-syntax pair (syntax-rules () ((_ a b) (list b a)))) (ask 1)"
        "(pair (twice 4) 1)",
        [0],
        "(1 8)",
    ),
    "evaluation": ("(define x 5) (ask 1) (eval (list '+ 'x (ask 2)))", [0, 37], "42"),
    "libraries": (
        "(define-library (my counter) (export next) (begin (define n 0) (define (next) (set! n (+ n 1)) n)))"
        "(import (prefix (my counter) c:)) (c:next) (ask 1) (c:next)",
        [0],
        "2",
    ),
    "machines": (
        "(define inner (cek-step-loop (make-cek-state '(+ 1 (perform \"in\"))))) (ask 1)"
        "(cek-value (cek-run (cek-resume inner 41)))",
        [0],
        "42",
    ),
    "ports": (
        '(define in (open-input-string "abc")) (read-char in) (define out (open-output-string)) (write 1 out)'
        "(ask 1) (list (read-char in) (get-output-string out))",
        [0],
        '(#\\b "1")',
    ),
}  # fmt: skip
"""What the frozen programs were, the answers to their performs, and the values they come to."""


def test_every_program_has_its_text() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(PROGRAMS)


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_thaws_and_goes_on(name: str) -> None:
    _, answers, value = PROGRAMS[name]
    run = Interpreter().thaw((GOLDEN / f"{name}.sx").read_text(encoding="utf-8").rstrip("\n"))
    for answer in answers:
        run = run.resume(answer)
    assert inspect(run.value) == value


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_is_canonical_sx_data(name: str) -> None:
    text = (GOLDEN / f"{name}.sx").read_text(encoding="utf-8").rstrip("\n")
    assert canonical(read_datum(text)) == text


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_program_is_the_one_that_was_frozen(name: str) -> None:
    program, answers, value = PROGRAMS[name]
    run = Interpreter().start(ASK + program)
    for answer in answers:
        run = run.resume(answer)
    assert inspect(run.value) == value
