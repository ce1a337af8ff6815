"""Robustness: code nested thousands deep, bodies of thousands of forms, cycles, wrong shapes."""

from __future__ import annotations

import io
import random
from typing import Any

import pytest
from running import show

from sxpy import Interpreter, Limits, SxError
from sxpy.data import Dict, MutableList, Vector, from_list, keyword, symbol
from sxpy.errors import EvalError, InternalError
from sxpy.syntax import SPECIAL

N = 3_000
"""Three times what Python allows its stack."""


def nested(opening: str, middle: str, closing: str = ")", times: int = N) -> str:
    """`middle` inside of many forms."""
    return opening * times + middle + closing * times


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (nested("(+ 1 ", "0", times=10_000), "10000"),
        (nested("(list ", "1", times=50), "(" * 50 + "1" + ")" * 50),
        (nested("(let ((a 1)) ", "a"), "1"),
        (nested("((fn (x) (+ x ", "0", ")) 1)"), str(N)),
        (nested("(begin ", "1"), "1"),
        (nested("(do ", "1"), "1"),
        (nested("(if true ", "1"), "1"),
        (nested("(and true ", "1"), "1"),
        (nested("(or false ", "1"), "1"),
        (nested("(when true ", "1"), "1"),
        (nested("(cond (false 0) (else ", "1", "))"), "1"),
        (nested("(case 1 2 0 :else ", "1"), "1"),
        (nested("(match 1 (x ", "x", "))", times=1000), "1"),
        (nested("(guard (e (true e)) ", "(raise 4)", times=1000), "4"),
        (nested("(-> ", "1", " inc)"), str(N + 1)),
        (nested("(dynamic-wind list (fn () ", "1", ") list)", times=1000), "1"),
        (nested("(reset ", "1", times=1000), "1"),
        (nested("(force (delay ", "1", "))", times=1000), "1"),
        ("(define-syntax m (syntax-rules () ((_ x) x))) " + nested("(m ", "1"), "1"),
        ("(defmacro m (x) `(+ 1 ,x)) " + nested("(m ", "1"), str(N + 1)),
        ("(define (f x) x) " + nested("(f ", "1"), "1"),
        ("(procedure? " + nested("(fn (x) ", "x") + ")", "true"),
        ("(list? " + nested("'", "1", "") + ")", "true"),
        ("(list? " + nested("`", "1", "", times=1000) + ")", "true"),
        ("(list? '" + nested("(", "1", times=10_000) + ")", "true"),
        ("(dict? " + nested("{:a ", "1", "}") + ")", "true"),
        ("(define (f) " + nested("(define x 1) ", "x", "") + ") (f)", "1"),
    ],
)
def test_code_may_nest_as_deep_as_it_likes(text: str, value: str) -> None:
    assert show(text) == value


def numbered(pattern: str, times: int = N) -> str:
    """The pattern once for each number."""
    return " ".join(pattern.replace("%", str(i)) for i in range(times))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (f"{numbered('(define x% %)')} x99", "99"),
        (f"(begin {numbered('(define x% %)')} x99)", "99"),
        (f"(define (f) {numbered('(define x% %)')} x99) (f)", "99"),
        (f"(define (f) {numbered('(define (x%) %)')} (x99)) (f)", "99"),
        (f"(define y 0) (define (f) {numbered('(set! y %)')} y) (f)", str(N - 1)),
        (f"(let ({numbered('(x% %)')}) x99)", "99"),
        (f"(letrec ({numbered('(x% (fn () %))')}) (x99))", "99"),
        (f"(cond {numbered('(= 99 %) %')})", "99"),
        (f"(case 99 {numbered('% %')})", "99"),
        (f"(case 99 (({numbered('%')}) :found))", '"found"'),
        (f"(match 99 {numbered('(% %)')})", "99"),
        (f"(or {numbered('(= 5 -1)')} 7)", "7"),
        (f"(len (list {numbered('%')}))", str(N)),
        (f"(+ {'1 ' * 20_000})", "20000"),
        (f"(define (f &rest xs) (len xs)) (f {'1 ' * 20_000})", "20000"),
        ("(define (f &rest xs) (len xs)) (apply f (range 20000))", "20000"),
        (f"(define (f {numbered('x%')}) x99) (f {numbered('%')})", "99"),
        (f"(get {{{numbered(':k% %')}}} :k99)", "99"),
        (f"(len `({numbered(',%')}))", str(N)),
        (f"(-> 0 {'inc ' * N})", str(N)),
    ],
)
def test_code_may_be_as_wide_as_it_likes(text: str, value: str) -> None:
    assert show(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(define xs (mutable-list 1)) (append! xs xs) (eval xs)", "! the form contains itself"),
        ("(define xs (mutable-list '+ 1)) (append! xs xs) (eval xs)", "! the form contains itself"),
        ("(define d {:a 1}) (dict-set! d :b d) (eval d)", "! the form contains itself"),
        (
            "(define v (vector 1)) (vector-set! v 0 v) (eval (list 'quasiquote v))",
            "! the form contains itself",
        ),
        (
            "(define v (vector 1)) (vector-set! v 0 v) (eval (list 'match 1 (list v 2)))",
            "! the form contains itself",
        ),
        ("(define v (vector 1)) (vector-set! v 0 v) (vector? (eval (list 'quote v)))", "true"),
        ("(define v (vector 1)) (vector-set! v 0 v) (vector? ((fn (x) x) v))", "true"),
        ("(define v (vector 1)) (vector-set! v 0 v) (len (map list v))", "1"),
        ("(define v (vector 1)) (vector-set! v 0 v) (guard (e (true (vector? e))) (raise v))", "true"),
        ("(define v (vector 1)) (vector-set! v 0 v) (eq? v (vector-ref (vector-ref v 0) 0))", "true"),
    ],
)
def test_cycles_end_in_a_value_or_a_clear_error(text: str, value: str) -> None:
    assert show(text) == value


def test_an_uncaught_cyclic_value_is_an_error_with_a_message() -> None:
    with pytest.raises(EvalError, match="Unhandled raise"):
        Interpreter().eval("(define v (vector 1)) (vector-set! v 0 v) (raise v)")
    with pytest.raises(EvalError, match="Not callable"):
        Interpreter().eval("(define v (vector 1)) (vector-set! v 0 v) (v 1)")


# -- wrong shapes ----------------------------------------------------------------------------------

NAMES = [
    "x", "f", "_", "else", "=>", "...", ".", "&rest", "&key", "a", "unquote", "splice-unquote", "quote",
    "if", "list", "define", "lambda", "quasiquote", "", "Some", "?", "~c", "syntax-rules", "export",
    "import", "begin", "only", "prefix", "rename",
]  # fmt: skip
PYTHON = (
    "TypeError",
    "IndexError",
    "AttributeError",
    "KeyError",
    "ValueError",
    "RecursionError",
    "AssertionError",
)
"""No message of ours contains the name of a Python exception."""


def junk(chance: random.Random, depth: int = 0) -> Any:
    """A random form."""
    kind = chance.randrange(11 if depth < 3 else 6)
    match kind:
        case 0 | 1:
            return symbol(chance.choice(NAMES))
        case 2:
            return chance.choice([0, 1, -1, None, True, False, 1.5, "s", "x"])
        case 3:
            return keyword(chance.choice(["else", "a", "as", "effects"]))
        case 4:
            return from_list([])
        case 5:
            return symbol(chance.choice(sorted(SPECIAL)))
        case 9:
            return Dict({chance.choice("ab"): junk(chance, depth + 1) for _ in range(chance.randrange(3))})
        case 10:
            return chance.choice([Vector, MutableList])(
                [junk(chance, depth + 1) for _ in range(chance.randrange(3))]
            )
    return from_list([junk(chance, depth + 1) for _ in range(chance.randrange(5))])


@pytest.mark.parametrize("name", sorted(SPECIAL))
def test_a_special_form_with_any_operands_ends_in_a_typed_error_or_a_value(name: str) -> None:
    chance = random.Random(name)
    for _ in range(60):
        form = from_list([symbol(name), *[junk(chance) for _ in range(chance.randrange(6))]])
        interpreter = Interpreter(limits=Limits(steps=3000), output=io.StringIO())
        try:
            interpreter.call("eval", form)
        except InternalError as error:
            raise AssertionError(f"{form}: {error}") from error
        except SxError as error:
            assert not any(python in error.message for python in PYTHON), error.message
