"""Lowering: what blocks capture, where frames stand, and what a redefinition changes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from running import asking, show

from sxpy import Interpreter
from sxpy.core.ir import Bind, Block, Branch, Code, Do, Fix, Jump, NewClosure, Push, Return, Term
from sxpy.printer import inspect
from sxpy.reader import read_datum
from sxpy.syntax import compile_form

pytestmark = pytest.mark.usefixtures("tier")


class NoMacros:
    """An evaluator for programs without macros."""

    def apply(self, procedure: Any, args: list[Any]) -> Any:
        raise AssertionError("a macro was expanded")

    def evaluate(self, form: Any) -> Any:
        raise AssertionError("a macro was defined")


def lowered(text: str, interpreter: Interpreter | None = None) -> Code:
    """The code of one form."""
    env = (interpreter or Interpreter()).env
    return compile_form(read_datum(text), env, NoMacros())


def terms(block: Block) -> Iterator[Term]:
    """The terms of a block."""
    pending = [block.body]
    while pending:
        term = pending.pop()
        yield term
        if isinstance(term, Branch):
            pending += [term.then, term.other]
        elif not isinstance(term, (Return, Jump)):
            pending.append(term.next)


def count(code: Code, kind: type[Term]) -> int:
    """How many terms of a kind the code has."""
    return sum(isinstance(term, kind) for block in code.blocks.values() for term in terms(block))


def captured(code: Code, function: str) -> list[str]:
    """The names that the entry of a function captures."""
    for block in code.blocks.values():
        if block.site.function == function and not (len(block.inputs) == 1 and block.inputs[0].name == "it"):
            return [var.name for var in block.captured]
    raise AssertionError(f"no function {function}")


# -- frames ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "frames"),
    [
        ("(+ 1 (* 2 3))", 0),
        ("(f 1)", 0),
        ("(f (+ 1 2) (car x))", 0),
        ("(+ 1 (f 2))", 1),
        ("(f (g 1))", 1),
        ("(f (g (h 1)))", 2),
        ("(f (g 1) (h 2))", 2),
        ("(begin (f 1) (g 2))", 1),
        ("(if (f 1) 2 3)", 1),
        ("(if x (f 1) (g 2))", 0),
        ("(list (if x (f 1) 2))", 1),
        ("(let ((a (f 1))) a)", 1),
        ("(let ((a 1)) (f a))", 0),
        ("(fn (x) (f (g x)))", 1),
        ("(and (f 1) (g 2))", 1),
        ("(cond ((= x 1) (f 1)) (else (g 2)))", 0),
    ],
)
def test_there_is_a_frame_only_where_something_waits(form: str, frames: int) -> None:
    assert count(lowered(form), Push) == frames


def test_a_primitive_call_is_no_jump_and_an_unknown_one_is() -> None:
    assert count(lowered("(+ 1 (* 2 x))"), Jump) == 0
    assert count(lowered("(unknown 1)"), Jump) == 1


def test_a_call_with_a_number_of_arguments_that_a_primitive_does_not_take_is_a_jump() -> None:
    assert count(lowered("(not 1 2)"), Jump) == 1


def test_neighbouring_functions_are_fixed_together() -> None:
    code = lowered("(let () (define (f) (g)) (define (g) (f)) (f))")
    (fix,) = [t for b in code.blocks.values() for t in terms(b) if isinstance(t, Fix)]
    assert [made.template.name for made in fix.closures] == ["f", "g"]


def test_a_constant_statement_leaves_nothing() -> None:
    assert count(lowered("(begin 1 2 3)"), Do) == 0


def test_deeply_nested_primitives_are_cut_into_slots() -> None:
    """Executors compute simple expressions recursively: they nest no deeper than a dozen."""
    code = lowered("(+ 1 " * 100 + "x" + ")" * 100)
    assert count(code, Push) == 0
    assert 100 // 12 - 1 <= count(code, Bind) <= 100
    assert show("(define x 1) " + "(+ 1 " * 100 + "x" + ")" * 100) == "101"


# -- captured variables ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "function", "names"),
    [
        ("(fn (a) (fn (b) (+ a b)))", "lambda", []),
        ("(let ((a 1) (b 2) (c 3)) (define (f x) (+ a c x)) f)", "f", ["a", "c"]),
        ("(let ((a 1)) (define (f) (define (g) a) g) f)", "f", ["a"]),
        ("(let ((a 1)) (define (f) (let ((a 2)) (fn () a))) f)", "f", []),
        ("(let ((a 1)) (define (f) (f)) f)", "f", ["f"]),
        ("(let ((a 1)) (define (f) (define (g) (h a)) (define (h x) x) g) f)", "f", ["a"]),
    ],
)
def test_a_closure_carries_what_it_uses(form: str, function: str, names: list[str]) -> None:
    assert captured(lowered(form), function) == names


def test_a_frame_carries_what_is_used_after_it() -> None:
    run = asking("(let ((a 1) (b 2) (c 3)) (list (ask 0) a c))")
    (frame,) = [
        frame for frame in run.state.frames() if type(frame[0]) is Block and "c" in str(frame[0].captured)
    ]
    assert [var.name for var in frame[0].captured] == ["a", "c"]
    assert frame[1:-1] == (1, 3)


def test_captured_variables_are_ordered_by_their_number() -> None:
    for text in ("(let ((a 1) (b 2)) (list (f) b a))", "(let ((a 1) (b 2)) (list (f) a b))"):
        code = lowered(text)
        assert [[var.name for var in block.captured] for block in code.blocks.values()] == [[], ["a", "b"]]


def test_closures_of_one_lambda_share_its_template() -> None:
    code = lowered("(fn (a) (fn () a))")
    made = [
        term.expr.template
        for block in code.blocks.values()
        for term in terms(block)
        if isinstance(term, Return) and isinstance(term.expr, NewClosure)
    ]
    assert [template.params for template in made] == [("a",), ()]


def test_labels_are_the_same_each_time_a_form_is_lowered() -> None:
    form = "(define (f x) (if (g x) (h (k x)) (let ((y (g 1))) (map (fn (z) (+ z y)) x))))"
    first, second = lowered(form), lowered(form)
    assert [block.label for block in first.blocks.values()] == [
        block.label for block in second.blocks.values()
    ]


# -- redefinition ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(define (f x) (+ x 1)) (define + -) (f 5)", "4"),
        ("(define (f x) (+ x 1)) (define (+ a b) (list a b)) (f 5)", "(5 1)"),
        ("(define (f x) (* 2 (+ x 1))) (define (+ a b) (- a b)) (f 5)", "8"),
        ("(define (f x) (list (first x) (+ (first x) 1))) (define (first x) 7) (f 5)", "(7 8)"),
        ("(define (f x) (if (odd? x) 1 2)) (define (odd? x) true) (f 2)", "1"),
        ("(define (f x) (fn (y) (+ x y))) (define g (f 1)) (define + *) (g 5)", "5"),
        ("(define (f) (+ 1 2)) (set! + -) (f)", "-1"),
        ("(define (f) (+ 1 2)) (define old +) (set! + -) (set! + old) (f)", "3"),
        ("(define (f x) (+ x 1)) (define + -) (define * +) (list (f 5) (* 5 1))", "(4 4)"),
        ("(define (f) (set! + -) (+ 10 2)) (f)", "8"),
        ("(define (f) (let ((x (+ 1 2))) (set! + -) (list x (+ 1 2)))) (f)", "(3 -1)"),
        ("(define (f) (eval '(define + -)) (+ 10 2)) (f)", "8"),
        ("(define (g) (set! + -)) (define (f) (g) (+ 10 2)) (f)", "8"),
        ("(define (append xs x) (if (odd? x) (append xs (+ x 1)) (list xs x))) (append 1 3)", "(1 4)"),
        ("(define (f xs) (map car xs)) (define (car x) 1) (f (list 5 6))", "(1 1)"),
        ("(define (f) (+ 1 2)) (define + 5) (try-call f)", '{:ok false :error "Not callable: 5"}'),
        ("(define (len x) 42) (list (len (list)) (count-where odd? (list 1 2)))", "(42 1)"),
    ],
)
def test_a_redefined_primitive_is_used_from_then_on(text: str, value: str) -> None:
    assert show(text) == value


def test_a_definition_by_the_host_is_a_redefinition() -> None:
    interpreter = Interpreter()
    interpreter.eval("(define (f x) (+ x 1))")
    assert interpreter.eval("(f 5)") == 6
    interpreter.define("+", lambda a, b: a - b)
    assert interpreter.eval("(f 5)") == 4


@pytest.mark.parametrize(
    ("text", "plain", "redefined"),
    [
        ("(list (f 1) (+ 10 (ask 1)) (f 3))", "(1 17 3)", "(1 3 3)"),
        ("(list (+ 1 (+ 10 (ask 1))) (+ 1 2))", "(18 3)", "(-2 -1)"),
        ("(+ (f 5) (* 2 (+ 10 (ask 1))))", "39", "-1"),
        ("(let ((a (+ 1 1)) (b (ask 1))) (+ a (+ b a)))", "11", "-3"),
        ("(if (= (+ 10 (ask 1)) 17) :sum :difference)", '"sum"', '"difference"'),
        ("(map (fn (x) (+ x (ask 1))) (list 10 20))", "(17 27)", "(3 13)"),
        ("(+ 1 (map-sum (fn (x) (+ x (ask 1))) 10))", "28", "-6"),
        ("{:a (+ 10 (ask 1)) :b (+ (f 1) 2)}", "{:a 17 :b 3}", "{:a 3 :b -1}"),
        ("(and (ask 1) (+ 10 2))", "12", "8"),
        ("(let loop ((i 0) (s 0)) (if (= i 2) s (loop (+ i 1) (+ s (* (ask 1) (- 3 i))))))", "35", None),
        ("(guard (e (true (+ e 10))) (raise (+ 10 (ask 1))))", "27", "-7"),
        ("((fn (x) (+ x (+ 10 (ask 1)))) 100)", "117", "97"),
    ],
)
def test_frames_in_flight_survive_a_redefinition(text: str, plain: str, redefined: str | None) -> None:
    """`ask` answers 7. While the program waits, another one makes `+` a function that subtracts."""
    interpreter = Interpreter()
    interpreter.eval("(define (f x) x) (define (map-sum g x) (+ x (g x)))")
    run = asking(text, interpreter)
    kept = run
    while not run.done:
        run = run.resume(7)
    assert inspect(run.value) == plain
    if redefined is None:
        return
    interpreter.eval("(define (+ a b) (- a b))")
    run = kept
    while not run.done:
        run = run.resume(7)
    assert inspect(run.value) == redefined


def random_expression(chance: random.Random, depth: int) -> str:
    """An expression of `add`, `mul`, `f`, `ask`, `if`, `let` over small numbers."""
    if depth == 0 or chance.random() < 0.2:
        return chance.choice(["1", "2", "3", "v", "(ask 1)"])

    def part() -> str:
        return random_expression(chance, depth - 1)

    kind = chance.randrange(8)
    if kind < 3:
        return f"({chance.choice(['ADD', 'MUL'])} {part()} {part()})"
    if kind == 3:
        return f"(f {part()})"
    if kind == 4:
        return f"(if (< {part()} {part()}) {part()} {part()})"
    if kind == 5:
        return f"(let ((v {part()})) {part()})"
    if kind == 6:
        return f"((fn (v) {part()}) {part()})"
    return f"(first (map (fn (v) {part()}) (list {part()})))"


@pytest.mark.parametrize("seed", range(60))
def test_a_redefinition_in_flight_is_the_same_as_late_bound_calls(seed: int) -> None:
    """What `+` and `*` mean changes at every answer; functions that look the operation up do the same."""
    body = random_expression(random.Random(seed), 5)
    program = f"(let ((v 5)) {body})"
    direct, late = Interpreter(), Interpreter()
    for interpreter in (direct, late):
        interpreter.eval("(define (f x) (* 3 x)) (define kept (list + *))")
    late.eval("(define add +) (define mul *) (define (add* a b) (add a b)) (define (mul* a b) (mul a b))")
    runs = [
        asking(program.replace("ADD", "+").replace("MUL", "*"), direct),
        asking(program.replace("ADD", "add*").replace("MUL", "mul*"), late),
    ]
    chance = random.Random(seed)
    while not runs[0].done:
        new = chance.choice(["(nth kept 0)", "(nth kept 1)", "-", "(fn (a b) (- b a))", "(fn (a b) b)"])
        which = chance.randrange(2)
        direct.eval(f"(set! {'+*'[which]} {new})")
        late.eval(f"(set! {('add', 'mul')[which]} {new})")
        # `f` uses `*` itself: it must be the same function on both sides.
        late.eval("(set! * mul)")
        runs = [run.resume(4) for run in runs]
        assert runs[0].done == runs[1].done
    assert inspect(runs[0].value) == inspect(runs[1].value)


def test_what_is_no_more_simple_never_becomes_so_again() -> None:
    """A frame that waits for a call of `+` finds the block it was pushed for, however often `+` changes."""
    interpreter = Interpreter()
    interpreter.eval("(define plus +)")
    interpreter.eval("(define (+ a b) (ask 1) (plus a b))")
    run = asking("(list (first (list 1)) (+ 10 20) (first (list 5)))", interpreter)
    interpreter.eval("(set! + plus)")
    interpreter.eval("(define (first x) 99)")
    assert inspect(run.resume(0).value) == "(1 30 99)"
