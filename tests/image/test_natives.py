"""Every kind of frame of the machine itself survives its text, and a thaw checks what it holds."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sxpy import Interpreter
from sxpy.errors import EvalError, ThawError
from sxpy.image.natives import SCHEMAS
from sxpy.interpreter import Run
from sxpy.machine.driver import resume_error
from sxpy.machine.program import program_state
from sxpy.machine.state import NATIVES, Native
from sxpy.machine.step import Machine
from sxpy.printer import inspect

ASK = '(define (ask x) (perform {:op "ask" :args (list x)}))\n'
WALK = "({} (fn (x) (ask x)) (list 1 2 3))"

PROGRAMS = {
    **{
        name: WALK.format(name)
        for name in ("map", "filter", "remove", "for-each", "some", "every?", "none?", "find", "find-index")
    },
    "flat-map": "(flat-map (fn (x) (list x (ask x))) (list 1 2))",
    "vector-map": "(vector-map (fn (x) (ask x)) (vector 1 2))",
    "vector-for-each": "(vector-for-each (fn (x) (ask x)) (vector 1 2))",
    "map-indexed": "(map-indexed (fn (i x) (list i (ask x))) (list 5 6))",
    "map of several": "(map (fn (x y) (+ y (ask x))) (list 1 2) (list 3 4))",
    "for-each of several": "(for-each (fn (x y) (ask x)) (list 1 2) (list 3 4))",
    "some of several": "(some (fn (x y) (< 2 (ask x) y)) (list 1 2) (list 3 4))",
    "every? of several": "(every? (fn (x y) (ask x)) (list 1 2) (list 3 4))",
    "vector-map of several": "(vector-map (fn (x y) (+ y (ask x))) (vector 1 2) (vector 3 4))",
    "vector-for-each of several": "(vector-for-each (fn (x y) (ask x)) (vector 1 2) (vector 3 4))",
    "reduce": "(reduce (fn (a x) (+ a (ask x))) 0 (list 1 2 3))",
    "fold-right": "(fold-right (fn (x a) (+ a (ask x))) 0 (list 1 2 3))",
    "sort": "(sort (list 4 3 1 2 5) (fn (a b) (ask 1) (< a b)))",
    "dynamic-wind": "(dynamic-wind (fn () 1) (fn () (ask 1)) (fn () 2))",
    "dynamic-wind entry": "(dynamic-wind (fn () (ask 1)) (fn () 5) (fn () 2))",
    "dynamic-wind exit": "(dynamic-wind (fn () 1) (fn () 5) (fn () (ask 2)))",
    "winding": "(+ 1 (call/cc (fn (k) (dynamic-wind list (fn () (k 5)) (fn () (ask 1))))))",
    "handler": "(with-exception-handler (fn (e) 5) (fn () (+ (ask 1) (raise-continuable 2))))",
    "guard": "(guard (e (true (list :caught e))) (ask 1) (raise 5))",
    "try-catch": "(try-catch (fn () (ask 1) (raise 7)) inc)",
    "try-call": "(try-call (fn () (ask 1) (error \"full\")))",
    "handling": "(with-exception-handler (fn (e) (ask e)) (fn () (+ 1 (raise-continuable 2))))",
    "handler-bind": "(guard (e (true e)) (handler-bind ((number? (fn (e) (ask 2)))) (ask 1) (raise 5)))",
    "handler-bind search": "(guard (e (true e)) (handler-bind ((number? (fn (e) (ask 2)))) (raise 5)))",
    "raise": "(with-exception-handler (fn (e) (ask e)) (fn () (list (raise-continuable 5))))",
    "perform": "(list (ask 1) (ask 2))",
    "call-with-values": "(call-with-values (fn () (ask 1) (values 1 2)) list)",
    "parameterize": "(let ((p (make-parameter 1))) (parameterize ((p 2)) (ask 1) (p)))",
    "make-parameter": "((make-parameter 5 (fn (x) (ask x))))",
    "parameter conversion": "(let ((p (make-parameter 1 (fn (x) (ask x))))) (parameterize ((p 2)) (p)))",
    "force": "(let ((p (delay (ask 1)))) (list (force p) (force p)))",
    "reset": "(+ 1 (reset (+ (ask 1) (shift k (k (k 5))))))",
    "coroutine": "(let ((c (make-coroutine (fn () (coroutine-yield (ask 1)) 9))))"
    " (list (coroutine-resume c) (coroutine-resume c)))",
    "program": "(define a (ask 1)) (define b (+ a 1)) (list a b)",
    "import": "(import (not there yet)) (f 1)",
    "define-library": "(define-library (my own) (export g)"
    " (import (not there yet)) (begin (define (g) (f 2)))) (import (my own)) (g)",
    "cek-step-loop": None,
    "scope": "(provide \"depth\" 3 (ask 1) (context \"depth\"))",
}  # fmt: skip
LIBRARY = "(define-library (not there yet) (export f) (begin (define (f x) (* 10 x))))"


def _answer(run: Run) -> Any:
    return LIBRARY if run.request.get("op") == "import" else 3


def _shown(run: Run) -> str:
    return inspect(run.value)


def test_every_kind_of_frame_has_a_schema_and_a_program() -> None:
    assert set(SCHEMAS) == set(NATIVES)
    assert set(PROGRAMS) == set(NATIVES)


@pytest.mark.parametrize("name", [name for name, program in PROGRAMS.items() if program is not None])
def test_a_frame_survives_its_text(name: str) -> None:
    run = plain = Interpreter().start(ASK + str(PROGRAMS[name]))
    met = False
    while not run.done:
        met = met or any(type(frame[0]) is Native and frame[0].name == name for frame in run.state.frames())
        frozen = run.freeze()
        thawed = Interpreter().thaw(frozen.text, code=frozen.code)
        assert thawed.freeze().text == frozen.text
        run, plain = thawed.resume(_answer(run)), plain.resume(_answer(plain))
    assert met, f"no frame of the kind {name} was frozen"
    assert _shown(run) == _shown(plain)


def test_an_inner_machine_is_frozen_in_the_middle_of_its_work() -> None:
    here = Interpreter()
    here.eval("(define (count n) (if (= n 0) :done (count (- n 1))))")
    state = program_state(
        here.read_text("(cek-value (cek-run (make-cek-state '(count 5000))))", "x"), here.env
    )
    for _ in range(200):
        state = Machine(here).run(state, 1)
        if any(type(frame[0]) is Native and frame[0].name == "cek-step-loop" for frame in state.frames()):
            break
    else:
        raise AssertionError("no frame of the inner machine was met")
    thawed = here.thaw(here.freeze(state).bundled())
    assert inspect(thawed.interpreter._finish(thawed.state)) == '"done"'


WRONG = {
    "map": (r'\(native "map" %(\d+) %(\d+) 0', r'(native "map" %\1 %\2 9'),
    "reduce": (r'\(native "reduce" %(\d+) %(\d+) 1', r'(native "reduce" %\1 %\1 1'),
    "dynamic-wind": (r'\(native "dynamic-wind" %(\d+) %(\d+) nil', r'(native "dynamic-wind" %\1 %\2 %0'),
    "force": (r'\(native "force" %(\d+)', r'(native "force" 5'),
    "program": (r'\(native "program" %(\d+) %(\d+) 0', r'(native "program" %\1 %\2 77'),
    "perform": (r'\(native "perform" %(\d+)', r'(native "perform" %0'),
    "scope": (r'\(native "scope" "depth"', r'(native "scopes" "depth"'),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_frame_that_does_not_hold_what_it_must_is_refused(name: str) -> None:
    text = Interpreter().start(ASK + str(PROGRAMS[name])).freeze().bundled()
    wrong, found = re.subn(*WRONG[name], text, count=1)
    assert found == 1, text
    with pytest.raises(ThawError):
        Interpreter().thaw(wrong)


def test_a_thawed_error_is_the_error_that_was_raised() -> None:
    run = Interpreter().start(ASK + "(list (ask 1))", "prog.sx")
    text = run.interpreter.freeze(resume_error(run.state, EvalError("refused"))).bundled()
    with pytest.raises(EvalError, match="refused"):
        thawed = Interpreter().thaw(text)
        thawed.interpreter._finish(thawed.state)
