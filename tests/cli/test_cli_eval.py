"""`sx eval`."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from command_line import child, sx


@pytest.mark.parametrize(
    ("expr", "shown"),
    [
        ("(+ 1 2)", "3"),
        ('"a\\nb"', '"a\\nb"'),
        ("nil", "nil"),
        ("", "nil"),
        ("(define x 2) (* x x)", "4"),
        ("{:a (list 1 :b)}", '{:a (1 "b")}'),
        ("*args*", "()"),
    ],
)
def test_prints_the_value_of_the_last_form_as_it_would_be_written(expr: str, shown: str) -> None:
    result = sx("eval", expr)
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"{shown}\n", "")


def test_the_value_stands_on_a_line_of_its_own() -> None:
    assert sx("eval", '(display "x")').stdout == "x\nnil\n"
    assert sx("eval", '(begin (display "x") (newline))').stdout == "x\nnil\n"


def test_an_expression_that_begins_with_a_dash() -> None:
    assert sx("eval", "--", "-5").stdout == "-5\n"


def test_an_error_is_reported_with_its_place_and_exits_1() -> None:
    result = sx("eval", '(begin (display "before")\n  (error "no such thing" {:id 7}))')
    assert (result.exit_code, result.stdout) == (1, "before")
    assert result.stderr.splitlines()[:4] == [
        "<eval>:2:3: error: no such thing",
        '    (error "no such thing" {:id 7}))',
        "    ^",
        "  with {:id 7}",
    ]


def test_a_bug_is_reported_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    class Buggy:
        def owns(self, operation: str) -> bool:
            return True

        def answer(self, operation: str, args: list[Any], request: Any) -> Any:
            raise ZeroDivisionError("oh")

        def close(self) -> None:
            raise ZeroDivisionError("no")

    monkeypatch.setattr("sxpy.cli.session.store_host", lambda root: Buggy())
    ask = '(guard (e (true 1)) (perform {:op "x" :args ()}))'
    result = sx("eval", ask)
    assert (result.exit_code, result.stdout) == (1, "")
    assert [line.partition(" — ")[0] for line in result.stderr.splitlines()] == [
        "internal error: ZeroDivisionError: oh",
        "internal error: ZeroDivisionError: no",
    ]
    assert "Traceback (most recent call last)" in sx("eval", "--traceback=full", ask).stderr


def test_strict() -> None:
    assert sx("eval", "(+ nil 1)").stdout == "1\n"
    assert sx("eval", "--strict", "(+ nil 1)").exit_code == 1


def test_a_warning_is_shown_with_its_place_and_stops_nothing() -> None:
    program = "(define-type Colour (Red) (Blue))\n(match (Red)\n  ((Red) 1))"
    result = sx("eval", program)
    assert (result.exit_code, result.stdout) == (0, "1\n")
    assert result.stderr == "<eval>:2: warning: match on Colour does not cover Blue\n"


FOREVER = "(begin (define (deeper n) (+ 1 (deeper n))) (deeper 0))"


@pytest.mark.parametrize(
    ("option", "limit"),
    [("--max-steps", "1000"), ("--max-depth", "100"), ("--max-seconds", "0.05"), ("--max-memory", "8M")],
)
def test_limits_stop_the_program(option: str, limit: str) -> None:
    result = sx("eval", option, limit, FOREVER)
    assert (result.exit_code, result.stdout) == (1, "")
    where, _, what = result.stderr.partition(": ")
    assert where.startswith("<eval>:1:") and what.startswith("stopped: ")


@pytest.mark.parametrize(
    ("expr", "status"),
    [
        ("(exit)", 0),
        ("(exit true)", 0),
        ("(exit false)", 1),
        ("(exit 7)", 7),
        ("(exit 255)", 255),
        ("(guard (e (true 1)) (exit 3))", 3),
        ("(map exit (list 4))", 4),
    ],
)
def test_a_program_can_choose_its_status(expr: str, status: int) -> None:
    result = sx("eval", f'(begin (display "bye") {expr} (display "never"))')
    assert (result.exit_code, result.stdout, result.stderr) == (status, "bye", "")


@pytest.mark.parametrize("code", ["256", "-1", '"x"', "nil", "2.0"])
def test_a_status_that_is_none_is_an_error(code: str) -> None:
    result = sx("eval", f"(exit {code})")
    assert result.exit_code == 1
    assert "exit: expected a status" in result.stderr


def test_characters_that_the_output_cannot_hold_are_written_with_backslashes() -> None:
    ascii_only = {**os.environ, "PYTHONIOENCODING": "ascii"}
    program = '(begin (display "é\\ud800") (error "ü"))'
    out, err = child("eval", program, env=ascii_only).communicate(timeout=60)
    assert out == b"\\xe9\\ud800"
    assert b"error: \\xfc" in err


def test_a_reader_that_goes_away_ends_the_program_quietly() -> None:
    process = child("eval", "(let loop () (display 12345678901234567890) (newline) (loop))")
    assert process.stdout is not None and process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=60) == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
@pytest.mark.parametrize("expr", ["1", '(begin (display "x") (exit 0))', '(begin (display "x") (error "y"))'])
def test_output_that_cannot_be_written_is_an_error(expr: str) -> None:
    with open("/dev/full", "wb") as full:
        _, err = child("eval", expr, stdout=full).communicate(timeout=60)
    assert b"error: cannot write to standard output: No space left on device" in err
    assert b"Traceback" not in err


def test_a_closed_output_is_an_error() -> None:
    closing = ["sh", "-c", 'exec "$0" -m sxpy.cli eval 1 >&-', sys.executable]
    done = subprocess.run(closing, capture_output=True, check=False)
    assert done.returncode == 1
    assert b"standard output: it is closed" in done.stderr


def test_a_closed_output_is_no_error_for_who_writes_nothing() -> None:
    closing = ["sh", "-c", 'exec "$0" -m sxpy.cli run - >&-', sys.executable]
    done = subprocess.run(closing, input=b"(define x 1)", capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
