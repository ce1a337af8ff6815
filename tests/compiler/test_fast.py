"""The fast machine: the same values, errors, places and backtraces as tier 0, with every block compiled."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sxpy.compiler.choose import machine_for
from sxpy.compiler.emit import compile_block
from sxpy.compiler.fast import FastMachine
from sxpy.compiler.runners import as_blocks, call
from sxpy.core.direct import Direct, leave
from sxpy.core.ir import Template
from sxpy.data import Closure
from sxpy.errors import EvalError
from sxpy.interpreter import Interpreter
from sxpy.machine.limits import Limits
from sxpy.machine.program import program_state
from sxpy.machine.step import Machine
from sxpy.printer import inspect

VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "language.txt"


class OnlyBlocks(FastMachine):
    """A machine on which every function is as one that direct code was left in all the time."""

    def direct_for(self, template: Template, given: Sequence[Any] = ()) -> Direct:
        template.become(leave)
        return leave


def interpreter(machine: str) -> Interpreter:
    """An interpreter in which every block is compiled at its first run, or none ever is."""
    made = Interpreter(seed=1)
    kinds = {"fast": partial(FastMachine, hot=1), "blocks": partial(OnlyBlocks, hot=1)}
    made._machine = kinds.get(machine, Machine)(made)
    return made


def ending(machine: str, text: str) -> str:
    """The value of a program, or its error with place and backtrace."""
    try:
        return inspect(interpreter(machine).eval(text, "p.sx"))
    except EvalError as error:
        calls = " < ".join(f"{frame.function}@{frame.place}" for frame in error.backtrace)
        return f"{type(error).__name__}: {error.message} at {error.place} in {calls}"


LINES = [
    line.rpartition(" => ")[0]
    for line in VECTORS.read_text(encoding="utf-8").splitlines()
    if line and not line.startswith(";")
]

PROGRAMS = [
    "(define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))) (fib 15)",
    '(define (f x) (+ x 1)) (list (f 1) (f 1.5) (f 1/2) (f nil) (f true) (f "3"))',
    "(define (f x) (* 2 (+ x 1)))\n(define (g x) (list (f x)))\n(g {})",
    "(define (loop i acc) (if (= i 0) acc (loop (- i 1) (+ acc i)))) (loop 5000 0)",
    "(define (deep n) (if (= n 0) 0 (+ 1 (deep (- n 1))))) (deep 20000)",
    "(let loop ((i 0) (fs (list))) (if (= i 3) (map (fn (f) (f)) fs) (loop (+ i 1) (append fs (fn () i)))))",
    "(define k2 nil) (define n 0)\n(define r (+ 100 (call/cc (fn (k) (set! k2 k) 1))))\n"
    "(set! n (+ n 1))\n(if (< n 3) (k2 n) (list n r))",
    "(define (f x) (inc x)) (define a (f 1)) (define (inc x) (* x 100)) (list a (f 1))",
    "(define (f x) (list (display x) (+ nil x) (car x))) (f 1)",
    "(define (f a b) (list (dict-set! a :x 1) (+ b {}))) (f {} 1)",
    "(define (f x) (nowhere x)) (f 1)",
    "(define (f x) (x 1)) (f 5)",
    "(define (f a) a) (f 1 2)",
    "(define (f x) (< x 3)) (list (f 1) (f 4.5) (f true) (f nil))",
    '(define (f x) (= x 1)) (list (f 1) (f 1.0) (f true) (f nil) (f "1"))',
    "(define (f x) (if (not x) 1 2)) (list (f nil) (f false) (f 0) (f (list)))",
    "(define (f &key a (b 2) &rest r) (list a b r)) (list (f) (f :a 1) (f :b 3 4))",
    "(guard (e (true (list e))) (dynamic-wind (fn () 1) (fn () (raise 5)) (fn () 3)))",
    "(reset (+ 1 (shift k (list (k 10) (k 20)))))",
    "(define (f) (define (ev? n) (if (= n 0) true (od? (- n 1)))) "
    "(define (od? n) (if (= n 0) false (ev? (- n 1)))) (ev? 1001)) (f)",
    "(let ((x 1)) (let ((f (fn () (set! x (+ x 1)) x))) (f) (f) x))",
    "(sort (list 3 1 2) (fn (a b) (> a b)))",
    "(define (f x) (match x ((Some v) v) ((list-of a b) a) (else 0))) (f 3)",
    "(defmacro m (x) `(+ ,x (undefined-thing))) (define (f) (m 1))\n(f)",
    "(raise 5)",
    "(map (fn (x) (+ x {})) (list 1))",
    "(with-exception-handler (fn (e) 10) (fn () (+ 1 (raise-continuable 5))))",
    "(with-exception-handler (fn (e) 10) (fn () (+ 1 (raise 5))))",
    # jumps to functions of the same code, which are written into blocks
    "(define (step i) (* i i))\n(define (g n)\n  (let loop ((i 0) (sum 0))\n    (if (= i n) sum\n"
    "  (let ((s (step i))) (loop (+ i 1) (+ sum s))))))\n(list (g 0) (g 1) (g 9))",
    "(define (step i) (if (= i 3) {} i))\n(define (g n)\n  (let loop ((i 0) (sum 0))\n    (if (= i n)\n"
    "sum\n      (loop (+ 1 i)\n  (+ sum (step i))))))\n(g 3)\n(+ 1 (g 5))",
    "(define (step i) (if (= i 2) (set! inc (fn (x) (* x 100)))) i)\n(define (g n)\n"
    "  (let loop ((i 0) (made (list)))\n"
    "    (if (= i n) made (begin (step i) (loop (+ i 1) (append made (inc i)))))))\n(g 5)",
    "(define (step i) i) (define (g n) (let outer ((i 0) (all (list))) (if (= i n) all"
    " (let inner ((j 0)) (if (< j i) (begin (step j) (inner (+ j 1))) (begin (step i)"
    " (outer (+ i 1) (append all (* 10 j)))))))))\n(g 5)",
    "(define (g n) (define (even n) (if (= n 0) true (odd (- n 1)))) (define (odd n) (if (= n 0) false"
    " (even (- n 1)))) (list (even n) (odd n)))\n(list (g 6) (g 7))",
    "(define saved (list))\n(define (g n) (let loop ((i 0)) (if (< i n) (begin (call/cc (fn (k)"
    " (set! saved (append saved k)) (if (= i 1) (k 5) i))) (loop (+ i 1))) (len saved))))\n"
    "(define again 0)\n(define r (g 4))\n(set! again (+ again 1))\n"
    "(if (< again 3) ((first saved) 1) (list r again))",
    "(define (g x)\n  (let loop ((i 0))\n    (if (= i 2)\n        (call/cc (fn (k)\n  (+ i (car x))))\n"
    "        (loop (+ i (list-ref (list 1 1) 0))))))\n(list 1 (g 5))",
]


@pytest.mark.parametrize("text", [*LINES, *PROGRAMS])
@pytest.mark.filterwarnings("ignore::sxpy.errors.SxWarning")
def test_both_tiers_end_in_the_same(text: str) -> None:
    assert ending("fast", text) == ending("blocks", text) == ending("plain", text)


def test_what_was_printed_once_is_not_printed_again(capsys: pytest.CaptureFixture[str]) -> None:
    ending("fast", '(define (f x) (list (display "once") (+ x {}))) (f 1)')
    assert capsys.readouterr().out == "once"


def test_a_run_that_performs_is_resumed_many_times() -> None:
    run = interpreter("fast").start("(map (fn (x) (+ x (perform x))) (list 1 2))")
    first = run.resume(10)
    assert [inspect(first.resume(answer).value) for answer in (20, 30)] == ["(11 22)", "(11 32)"]


def test_a_run_goes_on_in_the_other_tier_wherever_it_is() -> None:
    text = "(define (f n) (if (= n 0) (list) (cons (* n n) (f (- n 1))))) (reduce + 0 (map inc (f 9)))"
    made = interpreter("plain")
    fast, plain = FastMachine(made, hot=1), Machine(made)
    state, steps = program_state(made.read_text(text, "p.sx"), made.env), 0
    while not state.done:
        machine: Any = fast if steps % 2 else plain
        state = machine.run(state, 1 + steps % 3)
        steps += 1
    assert inspect(state.value) == "294"


def test_hot_blocks_are_compiled_and_called() -> None:
    made = Interpreter()
    made._machine = FastMachine(made, hot=5)
    made.eval("(define (f x) (len (map inc (list x)))) (define (g n) (if (= n 0) 0 (+ (f n) (g (- n 1)))))")
    function = made.lookup("f")
    assert isinstance(function, Closure)
    entry = function.template.entry
    cold = entry.run
    made.eval("(g 3)")
    assert entry.run is cold
    made.eval("(g 10)")
    assert entry.run is not cold


def test_a_redefinition_reaches_compiled_code() -> None:
    made = interpreter("fast")
    made.eval("(define (f x) (+ x 1))")
    assert made.eval("(f 1)") == 2
    made.eval("(define (+ a b) (list a b))")
    assert inspect(made.eval("(f 1)")) == "(1 1)"


def test_a_block_that_is_too_long_is_left_to_tier_0() -> None:
    made = interpreter("fast")
    bindings = " ".join(f"a{index} (+ x {index})" for index in range(600))
    assert made.eval(f"(define (f x) (let ({bindings}) (+ a0 a599))) (f 1)") == 601
    assert compile_block(made.lookup("f").template.entry, call) is None


@pytest.mark.parametrize(
    ("tier", "limits", "kind"),
    [
        ("0", Limits(), Machine),
        ("1", Limits(), FastMachine),
        ("1", Limits(seconds=1.0), FastMachine),
        ("1", Limits(steps=10), Machine),
        ("1", Limits(depth=10), Machine),
    ],
)
def test_which_machine_runs(
    monkeypatch: pytest.MonkeyPatch, tier: str, limits: Limits, kind: type[Machine]
) -> None:
    monkeypatch.setenv("SX_TIER", tier)
    assert type(machine_for(Interpreter(), limits)) is kind


def as_frames(made: Interpreter, *names: str) -> None:
    """Have these functions run as blocks, as those do that are left all the time."""
    for name in names:
        template = made.lookup(name).template
        template.become(leave)
        template.entry.run = as_blocks(template.entry)


@pytest.mark.parametrize("count", range(4))
def test_a_call_of_anything_is_compiled(count: int) -> None:
    arguments = " ".join(["x"] * count)
    made = interpreter("fast")
    made.eval(f"(define (f g x) (g {arguments})) (define (own y) (fn (&rest xs) (list y xs)))")
    assert compile_block(made.lookup("f").template.entry, call) is not None
    as_frames(made, "f")
    listed = f"({' '.join(['5'] * count)})" if count else "()"
    assert inspect(made.eval("(f (own 7) 5)")) == f"(7 {listed})"
    assert inspect(made.eval("(f list 5)")) == listed


@pytest.mark.parametrize("body", ["(perform x)", "(+ 1 (perform x))", "(guard (e (true 9)) (perform x))"])
def test_a_perform_of_a_block_is_that_of_tier_0(body: str) -> None:
    def runs(machine: str) -> list[Any]:
        made = interpreter(machine)
        made.eval(f"(define (f x) {body})\n(define (g x)\n  (* 2 (f x)))", "p.sx")
        if machine == "fast":
            as_frames(made, "f", "g")
        run = made.start("(g 20)", "q.sx")
        state = run.state
        found = [run.request, state.phase, [str(frame) for frame in state.backtrace()]]
        found += [run.resume(4).value, run.resume(5).value]
        try:
            found.append(run.resume_error("no").value)
        except EvalError as error:
            found += [error.message, str(error.place), [str(frame) for frame in error.backtrace]]
        return found

    assert runs("fast") == runs("tier 0")
    assert runs("fast")[0] == 20


def test_a_perform_that_is_defined_anew_is_called() -> None:
    made = interpreter("fast")
    made.eval("(define (f x) (perform x))")
    as_frames(made, "f")
    assert made.start("(f 1)").request == 1
    made.eval("(define (perform x) (list x))")
    assert inspect(made.eval("(f 1)")) == "(1)"


@pytest.mark.parametrize("levels", [1, 2, None])
@pytest.mark.parametrize(
    "text", ["(map (fn (x) (* x x)) (list 1 2 3))", "(reduce (fn (a b) (+ a b)) 0 (range 5))"]
)
def test_a_slice_of_one_block_gets_on(text: str, levels: int | None) -> None:
    made = Interpreter()
    machine = FastMachine(made, hot=1, levels=levels)
    state = program_state(made.read_text(text, "p.sx"), made.env)
    for _ in range(200):
        if state.done:
            break
        state = machine.run(state, 1)
    assert inspect(state.value) == {"m": "(1 4 9)", "r": "10"}[text[1]]
