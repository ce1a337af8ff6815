"""Traces: what always follows each other as one function gives what tier 0 gives, and nobody can tell.

The programs go round and round, and change their ways while they do: what a variable holds, which function
is called, which continuation is entered, and how often.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest

from sxpy.compiler.closing import TRACE
from sxpy.compiler.fast import FastMachine
from sxpy.core.direct import Direct, leave
from sxpy.core.ir import Template
from sxpy.errors import EvalError, LimitError
from sxpy.interpreter import Interpreter
from sxpy.machine.limits import Limits
from sxpy.machine.program import program_state
from sxpy.machine.step import Machine
from sxpy.printer import inspect
from sxpy.runtime import activate, deactivate

PROGRAMS = int(os.environ.get("SX_TRACED_PROGRAMS", "25"))
"""How many programs are made at random."""

STEPS, MOST = 3_000, 60
"""A slice of tier 0, and the slices after which a program is not looked at."""


class OnlyBlocks(FastMachine):
    """A machine on which every function is as one that direct code was left in all the time."""

    def direct_for(self, template: Template, given: Sequence[Any] = ()) -> Direct:
        template.become(leave)
        return leave


AT_ONCE = partial(OnlyBlocks, hot=1)

GENERATOR = """
(define (generator n)
  (define back nil)
  (define (resume)
    (let loop ((i 0))
      (when (< i n)
        (call/cc (fn (here) (set! resume (fn () (here nil))) (back i)))
        (loop (+ i 1))))
    (back nil))
  (fn () (call/cc (fn (k) (set! back k) (resume)))))
"""

SUM = GENERATOR + "(define (run n) (let ((next (generator n)))"
SUM += "(let loop ((sum 0)) (let ((item (next))) (if (nil? item) sum (loop (+ sum item)))))))"


def evaluated(text: str, machine: Callable[..., Machine] = AT_ONCE) -> Interpreter:
    made = Interpreter(seed=1)
    made._machine = machine(made)
    made.eval(text, "p.sx")
    return made


def traced(made: Interpreter, name: str) -> int:
    """How many blocks of the form that made a function run as traces."""
    blocks = made.lookup(name).template.entry.code.blocks.values()
    return sum(TRACE in block.frames.__globals__ for block in blocks if block.frames is not None)


def test_a_generator_becomes_a_loop() -> None:
    made = evaluated(SUM)
    assert made.call("run", 1000) == 499500
    assert traced(made, "run") + traced(made, "generator") >= 1
    assert [made.call("run", n) for n in (0, 1, 2, 57, 300)] == [0, 0, 1, 1596, 44850]


def test_traces_are_made_of_what_runs_often() -> None:
    made = Interpreter(seed=1)
    made._machine = FastMachine(made)
    made.eval(SUM, "p.sx")
    assert [made.call("run", 20_000) for _ in range(3)] == [199990000] * 3
    assert traced(made, "run") + traced(made, "generator") >= 1


def test_two_generators_take_turns() -> None:
    text = GENERATOR + "(define (run n) (let ((one (generator n)) (two (generator n))) (one)"
    text += "(let loop ((sum 0)) (let ((item (one))) (if (nil? item) sum (loop (+ sum (* item (two)))))))))"
    # The sum of i * (i - 1) for i below n is n * (n - 1) * (n - 2) / 3.
    assert evaluated(text).call("run", 100) == 100 * 99 * 98 // 3


def test_a_continuation_that_was_not_made_can_be_entered_again_and_again() -> None:
    text = """
    (define kept nil) (define entered 0) (define seen (mutable-list))
    (define (run n)
      (let loop ((i 0))
        (if (< i n)
            (let ((x (call/cc (fn (k) (if (= i 50) (set! kept k)) i))))
              (if (= i 50) (append! seen x))
              (loop (+ i 1)))
            (if (< entered 3)
                (begin (set! entered (+ entered 1)) (kept (* 100 entered)))
                seen))))
    """
    made = evaluated(text)
    assert inspect(made.call("run", 90)) == "(50 100 200 300)"
    assert traced(made, "run") >= 1


def test_a_function_that_returns_soon_belongs_to_a_trace_and_another_does_not() -> None:
    text = """
    (define (big? x) (> x 5))
    (define (triangle n) (let loop ((i 0) (sum 0)) (if (< i n) (loop (+ i 1) (+ sum i)) sum)))
    (define (found test xs)
      (call/cc (fn (return)
        (let loop ((left xs))
          (if (empty? left) nil
              (if (test (first left)) (return (first left)) (loop (rest left))))))))
    (define (run n)
      (let loop ((i 0) (sum 0))
        (if (< i n) (loop (+ i 1) (+ sum (found big? (list i 7 9)) (triangle 100))) sum)))
    """
    made = Interpreter(seed=1)
    made.eval(text, "p.sx")
    # The first above 5 of i, 7, 9 is 7 for i up to 5 and i from then on; the triangle of 100 is 4950.
    expected = 6 * 7 + sum(range(6, 20_000)) + 20_000 * 4950
    assert [made.call("run", 20_000) for _ in range(2)] == [expected] * 2


def test_a_value_that_was_not_made_is_one_value() -> None:
    text = """
    (define (run n)
      (let ((one nil) (two nil) (f nil) (g nil))
        (let loop ((i 0))
          (if (< i n)
              (begin
                (call/cc (fn (k) (set! one k) (set! two k)))
                (let ((h (fn () i))) (set! f h) (set! g h))
                (loop (+ i 1)))
              (list (eq? one two) (eq? f g) (f) (eq? one f))))))
    """
    assert inspect(evaluated(text).call("run", 500)) == "(true true 499 false)"


def test_boxes_that_are_one_are_not_taken_for_two() -> None:
    text = """
    (define (counter) (let ((n 0)) (list (fn (x) (set! n x)) (fn () n))))
    (define (run rounds put get)
      (let loop ((i 0) (sum 0))
        (if (< i rounds) (begin (put i) (call/cc (fn (k) (k nil))) (loop (+ i 1) (+ sum (get)))) sum)))
    (define one (counter)) (define two (counter))
    (define (same n) (run n (first one) (nth one 1)))
    (define (other n) (run n (first one) (nth two 1)))
    """
    made = evaluated(text)
    assert [made.call("same", 100), made.call("other", 100)] == [4950, 0]
    made = evaluated(text)
    assert [made.call("other", 100), made.call("same", 100)] == [0, 4950]


def test_what_is_redefined_is_seen_by_a_trace() -> None:
    text = SUM + "(define (double x) (* x 2))\n"
    text += "(define (twice n) (let loop ((i 0) (s 0)) (if (< i n) "
    text += "(loop (call/cc (fn (k) (k (+ i 1)))) (+ s (double i))) s)))"
    made = evaluated(text)
    assert made.call("twice", 100) == 9900
    made.eval("(define (double x) 1)", "q.sx")
    assert made.call("twice", 100) == 100
    made.eval("(define + (let ((plus +)) (fn (a b) (plus a b))))", "q.sx")
    assert made.call("twice", 100) == 100
    assert made.call("run", 100) == 4950
    made.eval("(define call/cc (fn (f) (f (fn (x) x))))", "q.sx")
    assert made.call("twice", 100) == 100


@pytest.mark.parametrize("first", range(4))
def test_what_a_trace_redefines_itself_is_seen_at_once(first: int) -> None:
    text = f"""
    (define plain-inc inc)
    (define (bump x) (inc x))
    (define (run n)
      (let loop ((i 0) (sum 0))
        (if (< i n)
            (begin
              (if (= (mod i 4) {first}) (set! inc (if (= (mod i 8) {first}) dec plain-inc)))
              (loop (+ i 1) (+ sum (call/cc (fn (k) (k (- (bump i) i)))))))
            sum)))
    """
    # From the first on, four rounds of -1, four of 1, and so on; those before are of 1.
    for rounds in (8 + first, 40 + first):
        assert evaluated(text).call("run", rounds) == first
    assert evaluated(text, FastMachine).call("run", 4004 + first) == first - 4


def test_an_error_in_a_trace_has_its_place_and_backtrace() -> None:
    text = GENERATOR + "(define (run n) (let ((next (generator n)))\n"
    text += "(let loop ((sum 0)) (let ((item (next)))\n"
    text += "(if (= item 77) (loop (+ sum {}))\n (loop (+ sum item)))))))"
    with pytest.raises(EvalError) as compiled:
        evaluated(text).call("run", 100)
    with pytest.raises(EvalError) as interpreted:
        evaluated(text, Machine).call("run", 100)
    assert compiled.value.place == interpreted.value.place
    assert compiled.value.message == interpreted.value.message
    assert compiled.value.backtrace == interpreted.value.backtrace
    assert compiled.value.place is not None and compiled.value.place.line == 13


def test_a_trace_that_never_ends_is_stopped_in_time() -> None:
    made = Interpreter(seed=1, limits=Limits(seconds=0.3))
    with pytest.raises(LimitError):
        made.eval(SUM + "(run 1000000000)", "p.sx")


# -- at random ---------------------------------------------------------------------------------------


class Writer:
    """Writes a program that goes round a loop, from one number."""

    def __init__(self, number: int) -> None:
        self.random = random.Random(number)

    def one(self, *makers: Callable[[], str] | str) -> str:
        made = self.random.choice(makers)
        return made if isinstance(made, str) else made()

    def number(self, low: int, high: int) -> str:
        return str(self.random.randint(low, high))

    def test(self, depth: int) -> str:
        return self.one(
            lambda: f"(< {self.value(depth - 1)} {self.number(0, 30)})",
            lambda: f"(= i {self.number(1, 25)})",
            lambda: f"(= (mod i {self.number(2, 4)}) 0)",
            lambda: f"(nil? {self.variable()})",
            *("(nil? k)", "g", "(eq? f g)"),
        )

    def variable(self) -> str:
        return self.one("i", "x", "a", "b", "y")

    def value(self, depth: int) -> str:
        if depth <= 0:
            return self.one(self.variable, self.variable, lambda: self.number(0, 9), "i")
        less = depth - 1
        return self.one(
            self.variable,
            lambda: f"(+ {self.value(less)} {self.value(less)})",
            lambda: f"(- {self.value(less)} {self.number(1, 5)})",
            lambda: f"(if {self.test(depth)} {self.value(less)} {self.value(less)})",
            lambda: f"(call/cc (fn (c) {self.value(less)}))",
            lambda: f"(call/cc (fn (c) (+ 1 (c {self.value(less)}))))",
            lambda: f"(call/cc (fn (c) (set! k c) {self.value(less)}))",
            lambda: f"(f {self.value(less)})",
            lambda: f"(help {self.value(less)} {self.value(less)})",
            lambda: f"(let ((y {self.value(less)})) {self.value(less)})",
            lambda: f"(let ((y {self.value(less)})) (set! y {self.value(less)}) {self.value(less)})",
            lambda: f"(begin {self.effect(less)} {self.value(less)})",
            lambda: (
                f"(let in ((j 0)) (if (< j 3) (begin {self.effect(less)} (in (+ j 1))) {self.value(less)}))"
            ),
            lambda: f"(reset (+ 1 (shift rest (rest {self.value(less)}))))",
            lambda: (
                f"(dynamic-wind (fn () (append! out 1)) (fn () {self.value(less)}) (fn () (append! out 2)))"
            ),
            lambda: f"(parameterize ((width {self.value(less)})) {self.value(less)})",
            *("(next)", "(other)", "(list k f)", "(coroutine-resume steps)", "(width)"),
        )

    def effect(self, depth: int) -> str:
        less = depth - 1
        return self.one(
            lambda: f"(set! a {self.value(depth)})",
            lambda: f"(set! b {self.value(depth)})",
            lambda: f"(set! f (fn (y) {self.value(min(depth, 1))}))",
            lambda: (
                f"(if {self.test(depth)} (set! a {self.one('1.5', '2', 'nil', '(list 1)', '1/2', '{}')}))"
            ),
            lambda: (
                "(if (and k (< count 40)) (begin (set! count (+ count 1)) "
                f"(let ((q k)) {self.one('(set! k nil)', '')} (q {self.value(less)}))))"
            ),
            lambda: f"(set! log (cons {self.value(less)} log))",
            lambda: f"(append! out {self.value(less)})",
            lambda: self.value(depth),
            lambda: f"(guard (z (true (set! log (cons 0 log)))) {self.value(depth)})",
            lambda: f"(set! next (generator {self.number(3, 9)}))",
            lambda: f"(if {self.test(depth)} {self.effect(less)})" if depth > 0 else "nil",
            "(set! g f)",
        )

    def program(self) -> str:
        effects = "\n   ".join(self.effect(2) for _ in range(self.random.randint(1, 4)))
        first = self.one("0", "1", "nil", "2.5")
        return f"""{GENERATOR}
(define count 0) (define log nil) (define out (mutable-list)) (define width (make-parameter 7))
(define steps (make-coroutine (fn () (let loop ((i 0)) (coroutine-yield i) (if (< i 25) (loop (+ i 1)))))))
(define (help p q) (if (< q 3) p (+ p q)))
(define (run n)
 (let ((a 0) (b 1) (k nil) (f (fn (z) z)) (g nil) (next (generator 30)) (other (generator 50)))
  (let loop ((i 0) (x {first}))
   (let ((y i))
    (if (< i n)
     (begin
   {effects}
   (loop (+ i 1) {self.value(2)}))
     (list x a b i (eq? f g)))))))
(define result (run {self.one("5", "20", "30", "60")}))
(list (str result) count (len log) (str out) (str (first log)))"""


def ending(machine: Callable[..., Machine], text: str, fuel: int, most: int) -> str | None:
    """The value of a program that is run in slices, or its error with place and backtrace; None: too long."""
    made = Interpreter(seed=1)
    runs: Any = machine(made)
    token = activate(made.runtime)
    try:
        state = program_state(made.read_text(text, "p.sx"), made.env)
        for _ in range(most):
            state = runs.run(state, fuel)
            if state.done:
                return inspect(state.value)
    except EvalError as error:
        calls = " < ".join(f"{frame.function}@{frame.place}" for frame in error.backtrace)
        return f"{type(error).__name__}: {error.message} at {error.place} in {calls}"
    finally:
        deactivate(token)
    return None


@pytest.mark.parametrize("number", range(1, PROGRAMS + 1))
def test_a_program_that_goes_round_ends_as_in_tier_0(number: int) -> None:
    text = Writer(number).program()
    expected = ending(Machine, text, STEPS, MOST)
    if expected is None:
        return
    assert ending(AT_ONCE, text, STEPS, STEPS) == expected
    assert ending(partial(FastMachine, hot=1, levels=1), text, STEPS, STEPS) == expected
    assert ending(AT_ONCE, text, number % 5 + 1, STEPS * MOST) == expected
