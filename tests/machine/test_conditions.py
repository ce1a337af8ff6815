"""Raising and handling: `guard`, handlers, conditions (R7RS §4.2.7 and §6.11), `try-catch`, `try-call`."""

from __future__ import annotations

import pytest
from running import error_of, show

from sxpy.errors import ArityError, EvalError, NotCallableError, SxTypeError, UnboundError

pytestmark = pytest.mark.usefixtures("tier")

TRACE = "(define trace (list)) (define (t x) (set! trace (append trace (list x)))) "


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # R7RS §4.2.7
        ("(guard (e ((assq 'a e) => (fn (p) (nth p 1))) ((assq 'b e))) (raise (list (list 'a 42))))", "42"),
        (
            "(guard (e ((assq 'a e) => (fn (p) (nth p 1))) ((assq 'b e))) (raise (list (list 'b 23))))",
            "(b 23)",
        ),
        ("(guard (e (false 1)) 5)", "5"),
        ("(guard (e) 5)", "5"),
        ("(guard (e (true e)) 1 (raise 2) 3)", "2"),
        ("(guard (e ((string? e) :s) ((number? e) :n)) (raise 1))", '"n"'),
        ("(guard (e (else 1 2 (+ e 3))) (raise 4))", "7"),
        ("(guard (e ((= e 1))) (raise 1))", "true"),
        ("(guard (e (true e)) (guard (e ((string? e) 1)) (raise 2)))", "2"),
        ("(guard (e (true (list :outer e))) (guard (e (true (raise (+ e 1)))) (raise 1)))", '("outer" 2)'),
        ("(+ 1 (guard (e (true 10)) (+ 100 (raise 1))))", "11"),
        ("(guard (e (true e)) (map (fn (x) (if (= x 2) (raise x) x)) (list 1 2 3)))", "2"),
        ("(guard (e (true e)) (let ((x 5)) (set! x 6) (raise x)))", "6"),
        ("(let ((e 1)) (guard (e (true e)) (raise 2)) e)", "1"),
        ('(guard (e (true (error-message e))) (error "a" 1))', '"a"'),
        ('(guard (e (true (error-irritants e))) (error "a" 1 \'b))', "(1 b)"),
        ('(guard (e (true (error-object? e))) (error "a"))', "true"),
        ("(guard (e (true (error-object? e))) (raise 5))", "false"),
        ('(guard (e (true (str e))) (error "a b" 1))', '"a b"'),
        ("(guard (e (true (error-object? e))) (car 5))", "true"),
        ("(guard (e (true (error-message e))) (unknown))", '"Undefined symbol: unknown"'),
        ("(guard (e (true (error-message e))) (5 6))", '"Not callable: 5"'),
    ],
)
def test_guard(text: str, value: str) -> None:
    assert show(text) == value


def test_a_form_of_the_wrong_shape_can_be_caught() -> None:
    assert show("(guard (e (true (error-object? e))) (eval '(if)))") == "true"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # R7RS §6.11
        (
            (
                "(call/cc (fn (k) (with-exception-handler (fn (e) (t e) (k 'exception)) (fn () "
                "(+ 1 (raise 'an-error))))))"
            ),
            "exception",
        ),
        (
            '(with-exception-handler (fn (con) (cond ((string? con) (t con)) (else (t "warning"))) 42)'
            ' (fn () (+ (raise-continuable "should be a number") 23)))',
            "65",
        ),
        ("(with-exception-handler (fn (e) 10) (fn () (+ 1 (raise-continuable 5))))", "11"),
        (
            "(with-exception-handler (fn (e) (+ e 1)) (fn () (with-exception-handler"
            " (fn (e) (raise-continuable (* e 10))) (fn () (raise-continuable 4)))))",
            "41",
        ),
        (
            (
                "(guard (e (true (list :guard e))) (with-exception-handler (fn (e) (raise (+ e "
                "1))) (fn () (raise 1))))"
            ),
            '("guard" 2)',
        ),
        (
            "(guard (e (true (list :guard (error-message e) (error-irritants e))))"
            ' (with-exception-handler (fn (e) (error "x" (error-object? e))) (fn () (car 5))))',
            '("guard" "x" (true))',
        ),
        ("(with-exception-handler (fn (e) 1) (fn () 2))", "2"),
        (
            "(with-exception-handler (fn (e) 1) (fn () (list (raise-continuable 0) (raise-continuable 0))))",
            "(1 1)",
        ),
        (
            (
                "(with-exception-handler (fn (e) 1) (fn () (guard (e ((string? e) 2)) (+ 10 "
                "(raise-continuable 0)))))"
            ),
            "11",
        ),
        (
            "(define p (make-parameter 1)) (with-exception-handler (fn (e) (p))"
            " (fn () (parameterize ((p 2)) (raise-continuable 0))))",
            "2",
        ),
    ],
)
def test_with_exception_handler(text: str, value: str) -> None:
    assert show(TRACE + text) == value


def test_a_handler_that_returns_from_raise_is_an_error_in_its_own_dynamic_environment() -> None:
    text = "(with-exception-handler (fn (e) (t e) 0) (fn () (raise 'oops)))"
    assert show(TRACE + text) == "! the handler of a raise returned; it must not: oops"
    outer = f"(guard (e (true (t (error-message e)))) {text}) trace"
    assert show(TRACE + outer) == '(oops "the handler of a raise returned; it must not: oops")'


def test_the_error_of_a_primitive_is_not_continuable() -> None:
    message = error_of("(with-exception-handler (fn (e) 10) (fn () (+ 1 (car 5))))").message
    assert message.startswith("the handler of a raise returned; it must not: ")


def test_guard_without_a_matching_clause_raises_again_in_the_dynamic_environment_of_the_raise() -> None:
    """R7RS: `raise-continuable` is invoked again there, except that the handler is that of the guard."""
    text = """
    (define p (make-parameter :outside))
    (with-exception-handler
      (fn (e) (t (p)) 42)
      (fn ()
        (t (guard (e2 ((string? e2) 'no))
             (dynamic-wind (fn () (t 'in))
                           (fn () (parameterize ((p :inside)) (+ 1 (raise-continuable 5))))
                           (fn () (t 'out)))))))
    trace
    """
    assert show(TRACE + text) == '(in out in "inside" out 43)'


def test_handlers_are_tried_from_the_inside() -> None:
    text = """
    (guard (a (true (t (list 1 a))))
      (guard (b ((string? b) (t (list 2 b))))
        (guard (c ((symbol? c) (t (list 3 c))))
          (raise 5))))
    (guard (a (true (t (list 1 a))))
      (guard (b ((string? b) (t (list 2 b))))
        (guard (c ((symbol? c) (t (list 3 c))))
          (raise "s"))))
    trace
    """
    assert show(TRACE + text) == '((1 5) (2 "s"))'


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(handler-bind ((number? (fn (e) (t e)))) 5)", "5"),
        (
            "(guard (e (true (t :guard))) (handler-bind ((number? (fn (e) (t e)))) (raise 1))) trace",
            '(1 "guard")',
        ),
        (
            "(guard (e (true (t :guard))) (handler-bind ((string? (fn (e) (t e)))) (raise 1))) trace",
            '("guard")',
        ),
        (
            (
                "(guard (e (true 0)) (handler-bind ((number? (fn (e) (t 1))) (number? (fn (e) (t "
                "2)))) (raise 1))) trace"
            ),
            "(1 2)",
        ),
        (
            "(guard (e (true 0)) (handler-bind ((number? (fn (e) (t 1))))"
            " (handler-bind ((number? (fn (e) (t 2)))) (raise 1)))) trace",
            "(2 1)",
        ),
        ("(call/cc (fn (k) (handler-bind ((number? k)) (raise 1))))", "1"),
        (
            "(with-exception-handler (fn (e) 7) (fn () (handler-bind ((number? t)) (raise-continuable 1))))",
            "7",
        ),
    ],
)
def test_handler_bind(text: str, value: str) -> None:
    assert show(TRACE + text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(try-catch (fn () 1) (fn (e) 2))", "1"),
        ("(try-catch (fn () (raise {:a 1})) (fn (e) e))", "{:a 1}"),
        ('(try-catch (fn () (error "boom" 1)) (fn (e) e))', '"boom"'),
        ("(try-catch (fn () (unknown)) (fn (e) e))", '"Undefined symbol: unknown"'),
        ("(try-catch (fn () (raise 1)) (fn (e) (try-catch (fn () (raise (+ e 1))) (fn (e) e))))", "2"),
        (
            "(try-catch (fn () (try-catch (fn () (raise 1)) (fn (e) (raise (+ e 1))))) (fn (e) (+ e 10)))",
            "12",
        ),
        ("(try-call (fn () 1))", "{:ok true}"),
        ('(try-call (fn () (error "boom")))', '{:ok false :error "boom"}'),
        ("(try-call (fn () (raise 5)))", '{:ok false :error "5"}'),
        ("(assert true)", "true"),
        ("(try-catch (fn () (assert false)) (fn (e) e))", '"Assertion failed"'),
        ('(try-catch (fn () (assert nil "why")) (fn (e) e))', '"Assertion failed: why"'),
    ],
)
def test_try(text: str, value: str) -> None:
    assert show(text) == value


# -- what the host sees ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("(unknown)", UnboundError),
        ("(5)", NotCallableError),
        ("((fn (x) x) 1 2)", ArityError),
        ("(car 5)", SxTypeError),
        ('(error "x")', EvalError),
        ("(guard (e (false 0)) (car 5))", SxTypeError),
        ("(guard (e (false 0)) (unknown))", UnboundError),
        ("(guard (e (true (raise e))) (car 5))", SxTypeError),
    ],
)
def test_an_uncaught_error_reaches_the_host_as_what_it_was(text: str, kind: type[EvalError]) -> None:
    assert type(error_of(text)) is kind


def test_an_uncaught_value_reaches_the_host() -> None:
    error = error_of("(list (raise {:code 5}))")
    assert error.message == "Unhandled raise: {:code 5}"
    assert error.payload.get("code") == 5


def test_irritants_reach_the_host() -> None:
    error = error_of('(error "bad" 1 (list 2))')
    assert error.message == "bad"
    assert error.irritants[0] == 1
