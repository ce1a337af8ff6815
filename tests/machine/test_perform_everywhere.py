"""`perform` works everywhere: suspended by hand, resumed, resumed once more, and stepped one by one."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from running import ASK, answered, asking, number_asked, start_state, states

from sxpy import EvalError, Interpreter
from sxpy.printer import inspect

pytestmark = pytest.mark.usefixtures("tier")

# In each case `(ask n)` performs. The values are for the answers 10·n and 100·n.
CASES = {
    "argument": ("(list 1 (ask 1) 2 (ask 2))", "(1 10 2 20)", "(1 100 2 200)"),
    "argument of a primitive in a primitive": ("(* 2 (+ 1 (ask 3)))", "62", "602"),
    "head": ("((do (ask 1) list) (ask 2))", "(20)", "(200)"),
    "let initialiser": ("(let ((a (ask 1)) (b (+ a (ask 2)))) (list a b))", "(10 30)", "(100 300)"),
    "flat let initialiser": ("(let (a (ask 1) b (ask 2)) (- b a))", "10", "100"),
    "letrec initialiser": ("(letrec ((a (ask 1)) (f (fn () a))) (f))", "10", "100"),
    "named let initialiser": (
        "(let loop ((n (ask 1)) (k 0)) (if (> n 0) (loop (- n 5) (+ k 1)) k))",
        "2",
        "20",
    ),
    "named let body": (
        "(let loop ((i 1) (s 0)) (if (> i 3) s (loop (+ i 1) (+ s (ask i)))))",
        "60",
        "600",
    ),
    "do loop": ("(do ((i (ask 0) (+ i 1)) (s 0 (+ s (ask i)))) ((= i 3) s))", "30", "300"),
    "while test and body": (
        "(let ((i 0) (s 0)) (while (< (ask i) 25) (set! s (+ s (ask 1))) (set! i (+ i 1))) s)",
        "30",
        "100",
    ),
    "body": ("(begin (ask 1) (ask 2) (ask 3))", "30", "300"),
    "definition in a body": ("(let () (define a (ask 1)) (define (f) (+ a (ask 2))) (f))", "30", "300"),
    "set!": ("(let ((a 1)) (set! a (ask 1)) a)", "10", "100"),
    "global definition": ("(define here (ask 4)) here", "40", "400"),
    "if test": ("(if (= (ask 1) 10) :ten :other)", '"ten"', '"other"'),
    "if branch": ("(if true (ask 1) 0)", "10", "100"),
    "cond test": ("(cond ((= (ask 1) 100) :hundred) ((ask 2) => inc) (else 0))", "21", '"hundred"'),
    "flat cond test": ("(cond (= (ask 1) 100) :hundred :else (ask 2))", "20", '"hundred"'),
    "case": ("(case (ask 1) 10 (ask 2) 100 (ask 3))", "20", "300"),
    "when": ("(when (ask 1) (ask 2))", "20", "200"),
    "unless": ("(unless (not (ask 1)) (ask 2))", "20", "200"),
    "and": ("(and (ask 1) (ask 2) true (ask 3))", "30", "300"),
    "or": ("(or false (< (ask 1) 5) (ask 2))", "20", "200"),
    "match value and body": ("(match (ask 1) (10 (ask 2)) (x (+ x 1)))", "20", "101"),
    "match predicate": ("(match 7 ((? (fn (n) (= (ask n) 70)) n) n) (else 0))", "7", "0"),
    "dict literal": ("{:a (ask 1) :b (ask 2)}", "{:a 10 :b 20}", "{:a 100 :b 200}"),
    "quasiquote hole": ("`(1 ,(ask 1) (2 ,(ask 2)))", "(1 10 (2 20))", "(1 100 (2 200))"),
    "quasiquote splice": ("`(,@(list (ask 1)) ,@(map ask (list 2 3)))", "(10 20 30)", "(100 200 300)"),
    "quasiquote dict hole": ("`{:a ,(ask 1)}", "{:a 10}", "{:a 100}"),
    "threading step": ("(-> (ask 1) (+ (ask 2)) (list 5))", "(30 5)", "(300 5)"),
    "last threading step": ("(->> (list 1 2) (map ask) (reduce + 0))", "30", "300"),
    "naming threading step": ("(as-> (ask 1) x (+ x (ask 2)) (list x))", "(30)", "(300)"),
    "macro expansion": (
        "(defmacro twice (e) `(+ ,e ,e)) (twice (ask 1))",
        "20",
        "200",
    ),
    "hygienic macro expansion": (
        "(define-syntax plus (syntax-rules () ((_ a b) (let ((t a)) (+ t b))))) (plus (ask 1) (ask 2))",
        "30",
        "300",
    ),
    "apply": ("(apply + (ask 1) (list (ask 2)))", "30", "300"),
    "applied procedure": ("(apply ask (list 5))", "50", "500"),
    "map": ("(map ask (list 1 2 3))", "(10 20 30)", "(100 200 300)"),
    "map of several lists": ("(map (fn (a b) (+ a (ask b))) (list 1 2) (list 3 4))", "(31 42)", "(301 402)"),
    "map-indexed": ("(map-indexed (fn (i x) (+ i (ask x))) (list 1 2))", "(10 21)", "(100 201)"),
    "filter": ("(filter (fn (x) (> (ask x) 150)) (list 1 2 20))", "(20)", "(2 20)"),
    "remove": ("(remove (fn (x) (> (ask x) 150)) (list 1 2 20))", "(1 2)", "(1)"),
    "reduce": ("(reduce (fn (a x) (+ a (ask x))) 0 (list 1 2 3))", "60", "600"),
    "fold-right": ("(fold-right (fn (x a) (cons (ask x) a)) (list) (list 1 2))", "(10 20)", "(100 200)"),
    "for-each": (
        "(let ((s 0)) (for-each (fn (x) (set! s (+ s (ask x)))) (list 1 2)) s)",
        "30",
        "300",
    ),
    "some": ("(some (fn (x) (if (> (ask x) 15) (ask 9) false)) (list 1 2))", "90", "900"),
    "every?": ("(every? (fn (x) (< (ask x) 150)) (list 1 2))", "true", "false"),
    "find": ("(find (fn (x) (> (ask x) 15)) (list 1 2))", "2", "1"),
    "find-index": ("(find-index (fn (x) (> (ask x) 15)) (list 1 2))", "1", "0"),
    "flat-map": ("(flat-map (fn (x) (list x (ask x))) (list 1 2))", "(1 10 2 20)", "(1 100 2 200)"),
    "sort": ("(sort (list 2 3 1) (fn (a b) (< (ask a) (ask b))))", "(1 2 3)", "(1 2 3)"),
    "sort-by": ("(sort-by (fn (x) (- (ask x))) (list 1 3 2))", "(3 2 1)", "(3 2 1)"),
    "group-by": (
        "(group-by (fn (x) (if (> (ask x) 150) :big :small)) (list 1 20))",
        "{:small (1) :big (20)}",
        "{:small (1) :big (20)}",
    ),
    "update": ("(update {:a 1} :a (fn (v) (ask v)))", "{:a 10}", "{:a 100}"),
    "vector-map": ("(vector->list (vector-map ask (vector 1 2)))", "(10 20)", "(100 200)"),
    "dynamic-wind before": ("(dynamic-wind (fn () (ask 1)) (fn () 5) (fn () 6))", "5", "5"),
    "dynamic-wind body": ("(dynamic-wind (fn () 1) (fn () (ask 5)) (fn () 6))", "50", "500"),
    "dynamic-wind after": ("(dynamic-wind (fn () 1) (fn () 5) (fn () (ask 6)))", "5", "5"),
    "dynamic-wind after, on the way out": (
        "(call/cc (fn (k) (dynamic-wind (fn () 1) (fn () (k (ask 2))) (fn () (ask 3)))))",
        "20",
        "200",
    ),
    "guard body": ("(guard (e (true :no)) (+ 1 (ask 1)))", "11", "101"),
    "guard clause test": ("(guard (e ((= (ask e) 10) :ten) (else :other)) (raise 1))", '"ten"', '"other"'),
    "guard clause body": ("(guard (e (true (ask e))) (raise 2))", "20", "200"),
    "raised value": ("(guard (e (true (+ e 1))) (raise (ask 2)))", "21", "201"),
    "handler": ("(with-exception-handler (fn (e) (ask e)) (fn () (+ 1 (raise-continuable 2))))", "21", "201"),
    "handler-bind handler": (
        "(guard (e (true e)) (handler-bind ((number? (fn (e) (raise (ask e))))) (raise 2)))",
        "20",
        "200",
    ),
    "try-catch": ("(try-catch (fn () (raise (ask 1))) (fn (e) (+ e (ask 2))))", "30", "300"),
    "try-call": ("(get (try-call (fn () (ask 1))) :ok)", "true", "true"),
    "call/cc": ("(+ 1 (call/cc (fn (k) (k (ask 1)))))", "11", "101"),
    "reset body": ("(reset (+ 1 (ask 1)))", "11", "101"),
    "shift body": ("(reset (+ 1 (shift k (k (ask 1)))))", "11", "101"),
    "resumed delimited continuation": (
        "(reset (+ (ask 1) (shift k (list (k 1) (k (ask 2))))))",
        "(11 30)",
        "(101 300)",
    ),
    "values": ("(call-with-values (fn () (values (ask 1) (ask 2))) list)", "(10 20)", "(100 200)"),
    "let-values": ("(let-values (((a b) (values (ask 1) 2))) (list a b))", "(10 2)", "(100 2)"),
    "receive": ("(receive (a &rest b) (values 1 (ask 2) 3) (list a b))", "(1 (20 3))", "(1 (200 3))"),
    "parameterize value": ("(let ((p (make-parameter 1))) (parameterize ((p (ask 2))) (p)))", "20", "200"),
    "parameterize body": ("(let ((p (make-parameter 1))) (parameterize ((p 2)) (ask (p))))", "20", "200"),
    "parameter converter": (
        "(let ((p (make-parameter 1 ask))) (list (p) (parameterize ((p 2)) (p))))",
        "(10 20)",
        "(100 200)",
    ),
    "promise": ("(let ((p (delay (ask 1)))) (list (force p) (force p)))", "(10 10)", "(100 100)"),
    "delay-force": ("(force (delay-force (begin (ask 1) (delay (ask 2)))))", "20", "200"),
    "keyword default": ("((fn (&key (a (ask 1)) b) (list a b)) :b (ask 2))", "(10 20)", "(100 200)"),
    "provide": ('(provide "x" (ask 1) (+ (ask 2) (context "x")))', "30", "300"),
    "scope": ('(scope "s" (emit! "s" (ask 1)) (emit! "s" (ask 2)) (emitted "s"))', "(10 20)", "(100 200)"),
    "eval": ("(eval (list '+ 1 '(ask 2)))", "21", "201"),
    "case-lambda": ("((case-lambda ((a) (ask a)) ((a b) (+ (ask a) b))) 1 2)", "12", "102"),
    "coroutine": (
        "(let ((c (make-coroutine (fn () (coroutine-yield (ask 1)) (ask 2)))))"
        " (list (coroutine-resume c) (coroutine-resume c)))",
        "(10 20)",
        "(100 200)",
    ),
    "io": ('(defio "ask") (+ 1 (io "ask" 3))', "31", "301"),
}
"""Case: program, value for 10·n, value for 100·n."""

STATEFUL = {"coroutine", "delay-force", "for-each", "promise", "scope", "set!", "while test and body"}
"""Cases that change something which a second run from the same state finds changed."""

CATCHING = {"guard body", "handler-bind handler", "raised value", "try-call", "try-catch"}
"""Cases that catch what is raised."""


@pytest.mark.parametrize("name", CASES)
def test_perform_suspends_and_goes_on(name: str) -> None:
    text, tenfold, _ = CASES[name]
    runs = list(answered(asking(text), lambda n: 10 * n))
    assert len(runs) > 1, "it never performed"
    assert all(run.suspended for run in runs[:-1])
    assert inspect(runs[-1].value) == tenfold


@pytest.mark.parametrize("name", CASES)
def test_the_answers_make_the_value(name: str) -> None:
    text, _, hundredfold = CASES[name]
    assert inspect(list(answered(asking(text), lambda n: 100 * n))[-1].value) == hundredfold


@pytest.mark.parametrize("name", sorted(CASES.keys() - STATEFUL))
def test_a_suspended_program_can_be_resumed_again(name: str) -> None:
    text, tenfold, hundredfold = CASES[name]
    first = asking(text)
    assert inspect(list(answered(first, lambda n: 10 * n))[-1].value) == tenfold
    assert inspect(list(answered(first, lambda n: 100 * n))[-1].value) == hundredfold
    assert inspect(list(answered(first, lambda n: 10 * n))[-1].value) == tenfold


@pytest.mark.parametrize("name", CASES)
def test_one_step_at_a_time_is_the_same(name: str) -> None:
    text, tenfold, _ = CASES[name]
    interpreter = Interpreter()

    def answer(request: Any) -> Any:
        return 10 * request.get("args").first()

    *_, final = states(interpreter, start_state(interpreter, ASK + text), answer)
    assert inspect(final.value) == tenfold


@pytest.mark.parametrize("name", sorted(CASES.keys() - CATCHING))
def test_an_error_of_the_host_is_raised_at_the_perform(name: str) -> None:
    text, _, _ = CASES[name]
    run = asking(text)
    with pytest.raises(EvalError) as raised:
        while not run.done:
            run = run.resume_error("the host refuses")
    assert raised.value.message == "the host refuses"


def test_an_error_of_the_host_can_be_caught() -> None:
    run = asking("(guard (e (true (error-message e))) (ask 1))").resume_error("the host refuses")
    assert run.value == "the host refuses"


def test_requests_come_in_order() -> None:
    runs = answered(asking("(map ask (list 3 1 2))"), lambda n: n)
    assert [number_asked(run) for run in runs if run.suspended] == [3, 1, 2]


def test_a_file_that_is_loaded_can_suspend(tmp_path: Path) -> None:
    inner = tmp_path / "inner.sx"
    inner.write_text("(define a (ask 1)) (define b (ask 2)) (+ a b)")
    outer = tmp_path / "outer.sx"
    outer.write_text(f'(define c (load "{inner}")) (list a b c (ask 3))')
    first = asking(f'(cons 0 (load "{outer}"))')
    assert inspect(list(answered(first, lambda n: 10 * n))[-1].value) == "(0 10 20 30 30)"
    assert inspect(list(answered(first, lambda n: n))[-1].value) == "(0 1 2 3 3)"


def test_a_program_may_wait_at_many_places_at_once() -> None:
    interpreter = Interpreter()
    interpreter.eval(ASK)
    waiting = [interpreter.start(f"(+ {i} (ask {i}))") for i in range(50)]
    assert [run.resume(1).value for run in reversed(waiting)] == [i + 1 for i in reversed(range(50))]


def test_an_asynchronous_host_answers() -> None:
    async def answer(request: Any) -> Any:
        await asyncio.sleep(0)
        return 10 * request.get("args").first()

    interpreter = Interpreter()
    interpreter.eval(ASK)
    assert inspect(asyncio.run(interpreter.eval_async("(map ask (list 1 2))", answer))) == "(10 20)"
