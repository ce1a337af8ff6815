"""The form of error reports."""

from __future__ import annotations

import click
import pytest

from sxpy import Interpreter, SxError
from sxpy.cli.report import format_error
from sxpy.errors import EvalError, Frame, InternalError, Place, ReadError


def report(program: str, traceback: str = "short") -> list[str]:
    """The lines of the report of the error that `program` ends with."""
    with pytest.raises(SxError) as caught:
        Interpreter().eval(program, "demo.sx")
    return click.unstyle(format_error(caught.value, traceback)).split("\n")


SUBTOTAL = """\
(define (subtotal item)
  (* 2 (car (get item :prices))))
(define (invoice items)
  (list (subtotal (first items))))
(list (invoice (list {:prices 7})))"""


def test_place_message_line_caret_value_and_calls_innermost_first() -> None:
    lines = report(SUBTOTAL)
    assert lines[0].startswith("demo.sx:2:8: error: ")
    assert lines[1:] == [
        "    (* 2 (car (get item :prices))))",
        "         ^",
        "  with 7",
        "  in subtotal, demo.sx:2:8",
        "  in invoice, demo.sx:4:9",
        "  in (top level), demo.sx:5:7",
    ]


def test_no_traceback() -> None:
    assert report(SUBTOTAL, "none")[-1] == "  with 7"


def test_calls_that_repeat_take_one_line() -> None:
    deep = "(define (down n) (if (= n 0) (missing) (+ 1 (down (- n 1)))))\n(list (down 9))"
    assert report(deep)[3:] == [
        "  in down, demo.sx:1:31",
        "  in down, demo.sx:1:45 (9 times)",
        "  in (top level), demo.sx:2:7",
    ]


def framed(count: int) -> EvalError:
    error = EvalError("boom")
    error.backtrace = tuple(Frame(f"f{n}", Place("f.sx", n + 1, 1)) for n in range(count))
    return error


def test_a_long_backtrace_is_cut_unless_all_is_wanted() -> None:
    lines = format_error(framed(20)).split("\n")
    assert lines[1] == "  in f0, f.sx:1:1"
    assert lines[6:] == [
        "  in f5, f.sx:6:1",
        "  … 12 more (--traceback=full shows more)",
        "  in f18, f.sx:19:1",
        "  in f19, f.sx:20:1",
    ]
    full = format_error(framed(20), "full").split("\n")
    assert full[1:] == [f"  in f{n}, f.sx:{n + 1}:1" for n in range(20)]


def test_an_error_at_top_level_needs_no_backtrace() -> None:
    assert report("(missing)") == ["demo.sx:1:2: error: Undefined symbol: missing", "  (missing)", "   ^"]


def test_irritants_that_the_message_lacks() -> None:
    assert report('(error "bad" "text" (list 1))')[3:] == ['  with "text"', "  with (1)"]
    assert not any(line.startswith("  with") for line in report("(5 5)"))


def test_a_raised_value() -> None:
    assert report("(raise {:code 4})")[0] == "demo.sx:1:1: error: Unhandled raise: {:code 4}"


def test_long_values_are_shortened() -> None:
    line = report('(error "bad" (range 1000))')[3]
    assert line.startswith("  with (0 1 2 ") and line.endswith("…") and len(line) < 220


def test_an_unclosed_bracket_points_to_where_it_was_opened() -> None:
    assert report("(define (f x)\n  (list x\n(f 1)") == [
        "demo.sx:2:3: read error: ( is never closed (and 1 more around it)",
        "    (list x",
        "    ^",
        "  expected )",
    ]


def test_a_wrong_bracket_points_to_the_other_one_too() -> None:
    lines = report("(list 1\n  [2 3)")
    assert lines[0].startswith("demo.sx:2:7: read error: ")
    assert lines[1:] == [
        "    [2 3)",
        "        ^",
        "  expected ]",
        "  opened here, demo.sx:2:3:",
        "    [2 3)",
        "    ^",
    ]


def test_several_expectations() -> None:
    error = ReadError("odd", place=Place("f", 1, 1), expected=("a", "b"))
    assert click.unstyle(format_error(error)) == "f:1:1: read error: odd\n  expected a or b"


@pytest.mark.parametrize(
    ("text", "column", "shown"),
    [
        ("\t(x", 2, ["\t(x", "\t^"]),
        ("日本 (x", 4, ["日本 (x", "     ^"]),
        ("\x1b[2J(x", 5, ["␛[2J(x", "    ^"]),
        ("x" * 300, 200, ["…" + "x" * 100 + "…", " " * 61 + "^"]),
    ],
)
def test_the_caret_stands_under_its_column(text: str, column: int, shown: list[str]) -> None:
    error = EvalError("e", place=Place("f", 1, column, text))
    lines = click.unstyle(format_error(error)).split("\n")
    assert [line[2:] for line in lines[1:3]] == shown


def test_a_bug_asks_to_be_reported_and_keeps_pythons_traceback_for_those_who_ask() -> None:
    def bug() -> Exception:
        try:
            raise ZeroDivisionError("oh")
        except ZeroDivisionError as error:
            return error

    for error in (bug(), InternalError("ZeroDivisionError: oh")):
        text = click.unstyle(format_error(error))
        assert text.startswith("internal error: ZeroDivisionError: oh — ")
        assert "please report it" in text and "--traceback=full" in text
        assert "\n" not in text
    assert "Traceback (most recent call last)" in format_error(bug(), "full")


def test_other_ends() -> None:
    assert click.unstyle(format_error(KeyboardInterrupt())) == "interrupted"
    assert click.unstyle(format_error(MemoryError())) == "stopped: out of memory"
