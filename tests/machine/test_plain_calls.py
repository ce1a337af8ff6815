"""Calls at top level that go without code: nobody can tell, and whoever asks for the code gets it."""

from __future__ import annotations

from typing import Any

import pytest

from sxpy import EvalError, Interpreter, Limits
from sxpy.core.ir import Code
from sxpy.data import Closure
from sxpy.image.codes import blob_of
from sxpy.image.frames import sites_of
from sxpy.machine import State
from sxpy.machine.plain_calls import plain_call
from sxpy.machine.program import NestedEvaluator
from sxpy.machine.state import APPLY
from sxpy.printer import inspect
from sxpy.reader.forms import Source, Spot
from sxpy.reader.scanner import scan_forms
from sxpy.syntax import compile_form

DEFINITIONS = """
(define (pair a b) (list a b))
(define (many &rest all) all)
(define (keyed a &key (b 2)) (list a b))
(define (fails x) (nth x 1))
(define (asks x) (+ 1 (perform x)))
(define (handed) (call/cc (fn (k) (k 5))))
(defmacro twice (x) (list '+ x x))
"""

PROGRAMS = [
    '(pair 1 "two")',
    "(pair nil :key)",
    "(many true false 2.5 -7 :a :b)",
    "(keyed 1)",
    "(keyed 1 :b 3)",
    "(pair 1)",
    "(many)\n  (pair 1 2 3)",
    "(fails 5)",
    "(asks 5)",
    "(handed)",
    "(twice 4)",
    "(+ 1 2)",
    "(if 1 2 3)",
    "(nowhere 1)",
    "(pair 1 (pair 2 3))",
    "(define (pair a b) a) (pair 1 2) (define pair +) (pair 1 2)",
    "(eval '(pair 1 2))",
    "(let ((e (make-environment))) (eval-in-env e '(define (pair a) (* 2 a))) (eval-in-env e '(pair 4)))",
    "(guard (e (true (list (condition-message e)))) (eval '(fails 5)))",
    '(list 1 "x")',
    "()",
]


def made(*, limits: Limits | None = None) -> Interpreter:
    interpreter = Interpreter(limits=limits)
    interpreter.eval(DEFINITIONS)
    return interpreter


def outcome(interpreter: Interpreter, text: str) -> Any:
    try:
        return inspect(interpreter.eval(text, "p.sx"))
    except EvalError as error:
        return error.message, str(error.place), [str(frame) for frame in error.backtrace]


@pytest.mark.parametrize("text", PROGRAMS)
def test_it_is_as_if_the_form_had_been_analysed(text: str) -> None:
    assert outcome(made(), text) == outcome(made(limits=Limits(steps=10**9)), text)


def taken(interpreter: Interpreter, text: str) -> tuple[Any, Any, Source]:
    source = Source(text, "p.sx")
    [form], _ = scan_forms(source)
    return form, plain_call(form, interpreter.env), source


@pytest.mark.parametrize(
    ("text", "is_plain"),
    [
        ('(pair 1 "two")', True),
        ("(many)", True),
        ("(many nil :k)", True),
        ("(many x)", False),
        ("(many (many))", False),
        ("(many {:a 1})", False),
        ("(many #\\a)", False),
        ("(+ 1 2)", False),
        ("(twice 1)", False),
        ("(if 1 2)", False),
        ("(nowhere)", False),
        ("()", False),
        ("many", False),
    ],
)
def test_only_calls_of_functions_with_constants_are_taken(text: str, *, is_plain: bool) -> None:
    assert (taken(made(), text)[1] is not None) == is_plain


@pytest.mark.parametrize("text", ["(many)", '(many 1 "two" :k nil)', "  (pair\n 1 2)"])
def test_the_code_that_its_site_tells_is_that_of_the_form(text: str) -> None:
    interpreter = made()
    form, call, source = taken(interpreter, text)
    function, _, site = call
    assert type(function) is Closure
    spot = Spot(source, form.start)
    code = compile_form(form, interpreter.env, NestedEvaluator(interpreter._machine, interpreter.env), spot)
    wanted = sites_of(code)[site.number]
    assert (site.function, site.place, site.callee) == (wanted.function, wanted.place, wanted.callee)
    assert blob_of(site.code).text == blob_of(code).text
    assert type(site.code) is Code
    assert site.code.name == code.name
    assert sites_of(site.code)[site.number].place == site.place


def test_a_state_that_stands_at_such_a_call_can_be_frozen() -> None:
    interpreter = made()
    _, (function, args, site), _ = taken(interpreter, "(pair 1 2)")
    state = State(APPLY, function, tuple(args), None, None, site)
    text = interpreter.freeze(state).bundled()
    run = interpreter.thaw(text)
    thawed = run.state
    assert str(thawed.site.place) == "p.sx:1:1"
    assert inspect(run.interpreter.start_state(thawed).value) == "(1 2)"
