"""What comes of a test file: suites, the older shape, expectations, and files that go wrong."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from sxpy import Limits
from sxpy.errors import SxIOError
from sxpy.testing.results import WHOLE_FILE, Result
from sxpy.testing.runner import Options, run_file
from sxpy.testing.stores import store_opener


@pytest.fixture
def run(tmp_path: Path) -> Any:
    def run_text(text: str, pick: str = "", **options: Any) -> list[Result]:
        file = tmp_path / "test-it.sx"
        file.write_text(dedent(text), encoding="utf-8")
        return run_file(file, Options(**options), lambda name: pick in name)

    return run_text


def brief(results: list[Result]) -> list[tuple[str, bool]]:
    return [(result.full_name, result.passed) for result in results]


def where(result: Result) -> tuple[int, int]:
    assert result.place is not None
    return result.place.line, result.place.column


# -- suites ---------------------------------------------------------------------------------------------


def test_suites_and_tests(run: Any) -> None:
    results = run("""
        (deftest "alone" (assert-equal 1 1))
        (defsuite "outer"
          (define x 5)
          (deftest "first" (assert-equal 5 x))
          (defsuite "inner" (deftest "deep" (assert-true false)))
          (deftest "last" (assert-nil nil)))
        (persist-test "older" (+ 1 1) 2)
        (persist-test "older, wrong" (list 1 2) (list 1 3))
    """)
    assert brief(results) == [
        ("alone", True),
        ("outer > first", True),
        ("outer > inner > deep", False),
        ("outer > last", True),
        ("older", True),
        ("older, wrong", False),
    ]


def test_a_failure_says_expected_actual_and_where_the_assertion_stands(run: Any) -> None:
    (result,) = run("""
        (deftest "t"
          (assert-equal 1 1)
          (assert-equal (list 1 2) (list 1 3)))
    """)
    assert result.message == "expected (1 2), got (1 3)"
    assert where(result) == (4, 3)
    assert result.place.text == "  (assert-equal (list 1 2) (list 1 3)))"


def test_a_failure_inside_a_function_of_the_file_stands_there(run: Any) -> None:
    (result,) = run("""
        (define (half x)
          (+ 0 (/ x "two")))
        (deftest "t" (half 4))
    """)
    assert where(result)[0] == 3


def test_a_failure_known_only_by_its_test_stands_there(run: Any) -> None:
    (result,) = run('1\n(deftest "t" (raise {:a 1}))')
    assert result.message == "{:a 1}"
    assert where(result) == (2, 1)


def test_a_test_may_catch_its_own_errors(run: Any) -> None:
    assert brief(
        run("""
        (deftest "throws" (assert-throws (fn () (error "no"))))
        (deftest "raises" (assert-raises "^no" (fn () (error "no way"))))
        (deftest "does not" (assert-throws (fn () 1)))
    """)
    ) == [("throws", True), ("raises", True), ("does not", False)]


def test_tests_are_picked_by_name_and_the_others_do_not_run(run: Any) -> None:
    results = run("""
        (define ran (list))
        (defsuite "s"
          (deftest "one" (set! ran (append ran 1)))
          (deftest "two" (set! ran (append ran 2))))
        (deftest "s > two, too" (assert-equal (list 2) ran))
    """, pick="two")  # fmt: skip
    assert brief(results) == [("s > two", True), ("s > two, too", True)]


def test_output_of_a_failed_test_is_kept(run: Any) -> None:
    passed, failed = run("""
        (display "before")
        (deftest "a" (display "hidden"))
        (deftest "b" (display "shown") (assert false))
    """)
    assert passed.passed
    assert failed.output == "shown"


def test_a_fresh_interpreter_for_each_file(run: Any) -> None:
    assert brief(run('(define x 1) (deftest "t" (assert-equal 1 x))')) == [("t", True)]
    assert brief(run('(deftest "t" (assert-equal 1 x))')) == [("t", False)]


def test_the_five_functions_can_be_called(run: Any) -> None:
    assert brief(
        run("""
        (push-suite "s")
        (report-pass "by hand")
        (report-fail "by hand, too" "why")
        (pop-suite)
        (deftest "ok" (assert-equal {:ok true} (try-call (fn () 1))))
        (deftest "not ok" (assert-equal {:ok false :error "x"} (try-call (fn () (error "x")))))
    """)
    ) == [("s > by hand", True), ("s > by hand, too", False), ("ok", True), ("not ok", True)]


# -- expectations -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "passed"),
    [
        ("(+ 1 2) ; expect: 3", [True]),
        ("(+ 1 2) ; expect: 4", [False]),
        ("(+ 1 2)\n; expect: 3", [True]),
        ("(+ 1\n  2) ; expect: 3", [True]),
        ("(+ 1 ; expect: 3\n  2)", [True]),
        ("1 2 ; expect: 2", [True]),
        ("(list 1 {:a nil}) ;; expect: (1   {\"a\" nil})", [True]),
        ("nil ; expect: nil", [True]),
        ("2.0 ; expect: 2", [False]),
        ("(list 1/2) ; expect: (0.5)", [False]),
        ("{:b 1 :a 2.0} ; expect: {:a 2.0 :b 1}", [True]),
        ("nan ; expect: nan", [True]),
        (":a ; expect: \"a\"", [True]),
        ("'(quote x) ; expect: 'x", [True]),
        ("(fn (x) x) ; expect: <lambda lambda/1>", [True]),
        ("\"; expect: 1\" ; expect: \"; expect: 1\"", [True]),
        ("#\\; ; expect: #\\;", [True]),
        ("#| ; expect: 1 | ; expect: \" ; expect: 1 \"", [True]),
        ("(error \"boom\") ; expect: 1", [False]),
        ("(+ 1 1) ; expect: 2 2", [False]),
        ("(+ 1 1) ; expect: (", [False]),
        ("; expect: 1\n1", [False]),
        ("(error \"a boom b\") ; expect error: boom", [True]),
        ("(error \"bang\") ; expect error: boom", [False]),
        ("(+ 1 1) ; expect error: boom", [False]),
        ("nope ; expect error: Undefined symbol: nope", [True]),
        ("(if) ; expect error: if", [True]),
        ("(raise 5) ; expect error: 5", [True]),
        ("(error \"x\") ; expect error: x\n(+ 1 1) ; expect: 2", [True, True]),
        ("(display \"a\") ; expect output: a", [True]),
        ("(display \"a\") ; expect output: b", [False]),
        ("(display \"a\\nb\\n\")\n; expect output: a\n; expect output: b", [True, True]),
        ("(display \"a\\nb\\nc\")\n; expect output: a\n; expect output: b", [True, False]),
        ("(display \"a\")\n; expect output: a\n; expect output: b", [True, False]),
        ("(display \"a  \\n\") ; expect output: a", [True]),
        ("(begin (display \"a\") 5)\n; expect output: a\n; expect: 5", [True, True]),
        ("(display \"x\")\n(display \"a\") ; expect output: a", [True]),
    ],
)  # fmt: skip
def test_expectations(run: Any, text: str, passed: list[bool]) -> None:
    assert [result.passed for result in run(text)] == passed


def test_a_failed_expectation_says_expected_actual_and_where(run: Any) -> None:
    (result,) = run("(define x 1)\n(+ x 1) ; expect: 3")
    assert (result.name, result.expected, result.actual) == ("line 2", "3", "2")
    assert where(result) == (2, 9)


def test_an_error_where_a_value_was_expected_is_shown(run: Any) -> None:
    (result,) = run("nope ; expect: 3")
    assert result.actual == "error: Undefined symbol: nope"


def test_expectations_and_suites_share_a_file(run: Any) -> None:
    assert brief(run('(define x 1)\nx ; expect: 1\n(deftest "t" (assert-equal 1 x))')) == [
        ("line 2", True),
        ("t", True),
    ]


# -- files that go wrong ------------------------------------------------------------------------------------


def test_an_error_that_nothing_expects_ends_the_file(run: Any) -> None:
    results = run("""\
        1 ; expect: 1
        (boom)
        2 ; expect: 2
        (deftest "t" 1)
    """)
    assert brief(results) == [("line 1", True), (WHOLE_FILE, False), ("line 3", False)]
    assert results[1].message == "Undefined symbol: boom"
    assert where(results[1])[0] == 2
    assert "line 2: Undefined symbol: boom" in results[2].message


def test_an_error_after_the_expected_output_ends_the_file_too(run: Any) -> None:
    results = run('(begin (display "a") (boom)) ; expect output: a')
    assert brief(results) == [("line 1", True), (WHOLE_FILE, False)]


def test_the_failure_of_the_file_is_told_whatever_is_picked(run: Any) -> None:
    assert brief(run("(boom)", pick="t")) == [(WHOLE_FILE, False)]


def test_text_that_cannot_be_read(run: Any) -> None:
    (result,) = run('(deftest "t" 1')
    assert result.name == WHOLE_FILE
    assert where(result)[0] == 1


def test_a_read_error_may_be_what_is_expected(run: Any) -> None:
    assert brief(run("1/0\n; expect error: zero")) == [("line 2", True)]
    assert brief(run("1/0\n; expect error: other")) == [("line 2", False), (WHOLE_FILE, False)]


def test_a_program_that_does_not_end_is_stopped_by_its_limits(run: Any) -> None:
    results = run("(let loop () (loop))", limits=Limits(steps=1000))
    assert "more than 1000 steps" in results[0].message


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(SxIOError):
        run_file(tmp_path / "none.sx", Options())


# -- stores and settings --------------------------------------------------------------------------------

COUNT_UP = """
    (load "lib/persist/all.sx")
    (define b (persist/durable-backend))
    (persist/event-seq (persist/append b "s" "t" 0 nil)) ; expect: {}
"""


def test_no_store_by_default(run: Any) -> None:
    (result,) = run('(perform {:op "persist/streams" :args ()}) ; expect: ()')
    assert result.actual == "error: IO suspension in non-IO context: persist/streams"


def test_a_temporary_store_is_new_for_each_file(run: Any) -> None:
    for _ in range(2):
        (result,) = run(COUNT_UP.replace("{}", "1"), open_store=store_opener("temp"))
        assert result.passed


def test_a_store_that_stays(run: Any, tmp_path: Path) -> None:
    for number in (1, 2):
        (result,) = run(COUNT_UP.replace("{}", str(number)), open_store=store_opener(str(tmp_path / "store")))
        assert result.passed


def test_settings_reach_the_tests(run: Any) -> None:
    (result,) = run('(test-setting "store" "none") ; expect: "mock"', settings={"store": "mock"})
    assert result.passed


def test_strict_runs_are_strict(run: Any) -> None:
    text = "((fn (a b) b) 1) ; expect: nil"
    assert [run(text)[0].passed, run(text, strict=True)[0].passed] == [True, False]
