"""The pytest plugin, run by pytest in a project of its own."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makefile(
        ".sx",
        **{
            "test-suite": """
                (define (made n) (str "made " n))
                (defsuite "s"
                  (deftest "good" (assert-equal 1 1))
                  (deftest "bad" (display "noise") (assert-equal 1 2) nil))
                (for-each (fn (n) (deftest (made n) (assert-equal n n))) (list 1 2))
            """,
            "lines-test": "(+ 1 2) ; expect: 3\n(+ 1 2) ; expect: 4\n",
            "helper": '(deftest "not collected" 1)',
        },
    )
    return pytester


def test_every_test_is_an_item(project: pytest.Pytester) -> None:
    result = project.runpytest("--collect-only", "-q")
    result.stdout.fnmatch_lines_random(
        [
            "test-suite.sx::s > good",
            "test-suite.sx::s > bad",
            "test-suite.sx::(whole file)",
            "lines-test.sx::line 1",
            "lines-test.sx::line 2",
        ]
    )
    result.stdout.no_fnmatch_line("*not collected*")
    assert "5 tests collected" in result.stdout.str()


def test_outcomes_and_readable_failures(project: pytest.Pytester) -> None:
    result = project.runpytest()
    result.assert_outcomes(passed=3, failed=2)
    result.stdout.fnmatch_lines(
        [
            "*lines-test.sx:2:9: line 2",
            "another value",
            "expected: 4",
            "actual:   3",
            "  (+ 1 2) ; expect: 4",
            "          ^",
        ]
    )
    result.stdout.fnmatch_lines(
        ["*test-suite.sx:4:*: s > bad", "expected 1, got 2", "*", "*", "output:", "  noise"]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_items_are_picked_as_any_others_and_the_rest_does_not_run(project: pytest.Pytester) -> None:
    project.makefile(".sx", **{"test-marks": """
        (define ran (list))
        (deftest "one" (set! ran (append ran 1)))
        (deftest "two" (assert-equal (list) ran))
    """})  # fmt: skip
    project.runpytest("test-marks.sx", "-k", "two").assert_outcomes(passed=1, deselected=2)
    project.runpytest("test-marks.sx").assert_outcomes(passed=2, failed=1)


def test_what_is_made_as_it_runs_is_the_whole_file(pytester: pytest.Pytester) -> None:
    pytester.makefile(
        ".sx", **{"test-made": '(for-each (fn (n) (deftest (str "made " n) (assert (< n 2)))) (list 1 2))'}
    )
    result = pytester.runpytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*: made 2", "Assertion failed*"])


def test_a_file_that_ends_early_fails_what_it_did_not_reach(pytester: pytest.Pytester) -> None:
    pytester.makefile(".sx", **{"test-early": '(deftest "a" 1)\n(boom)\n(deftest "b" 1)\n'})
    result = pytester.runpytest()
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["*: b", "the test did not run: Undefined symbol: boom"])


def test_an_error_after_the_last_expectation_is_seen(pytester: pytest.Pytester) -> None:
    pytester.makefile(".sx", **{"test-late": "1 ; expect: 1\n(boom)\n"})
    pytester.runpytest().assert_outcomes(passed=1, failed=1)


def test_a_file_that_cannot_be_read(pytester: pytest.Pytester) -> None:
    pytester.makefile(".sx", **{"test-open": '(deftest "t" 1', "test-expected": "1/0\n; expect error: zero"})
    pytester.runpytest().assert_outcomes(passed=1, failed=1)


def test_the_store_is_an_ini_option(pytester: pytest.Pytester) -> None:
    pytester.makefile(".sx", **{"test-store": '(perform {:op "persist/streams" :args ()}) ; expect: ()'})
    pytester.runpytest().assert_outcomes(failed=1)
    pytester.makeini("[pytest]\nsx_store = temp\n")
    pytester.runpytest().assert_outcomes(passed=1)


def test_a_file_that_is_named_is_collected_whatever_its_name(project: pytest.Pytester) -> None:
    project.runpytest("helper.sx").assert_outcomes(passed=2)
