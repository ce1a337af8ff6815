"""The REPL on a pipe: what it reads, prints, remembers, and how it ends."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import child, sx


def talk(text: str | bytes, *options: str) -> tuple[str, str]:
    """What the REPL prints, and what it complains about; it must end well."""
    result = sx("repl", *options, input=text)
    assert result.exit_code == 0
    return result.stdout, result.stderr


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("", ""),
        ("\n ; nothing\n\n", ""),
        ("(+ 1 2)\n", "3\n"),
        ("(+ 1 2)", "3\n"),
        ("1 2 3\n", "1\n2\n3\n"),
        ("(+ 1\n   2\n)\n4\n", "3\n4\n"),
        ('"a\nb"\n', '"a\\nb"\n'),
        ("'\nx\n", "x\n"),
        ("#;\nx 1\n", "1\n"),
        ("#|a\n(b|\n", '"a\\n(b"\n'),
        ("nil\n", "nil\n"),
        ('(display "x")\n', "x\nnil\n"),
        ("(define x 5)\r\n(* x x)\r\n", None),
    ],
)
def test_reads_forms_across_lines_and_prints_each_value(text: str, printed: str | None) -> None:
    out, err = talk(text)
    assert err == ""
    if printed is None:
        assert out.endswith("\n25\n")
    else:
        assert out == printed


def test_an_error_does_not_end_it() -> None:
    out, err = talk("(missing)\n)\n(+ 1 1)\n")
    assert out == "2\n"
    assert "<stdin>:1:2: error: Undefined symbol: missing" in err
    assert "<stdin>:2:1: read error: ) closes nothing" in err


def test_places_count_the_lines_of_the_whole_input() -> None:
    _, err = talk("\n(define (f x)\n  (error x))\n\n(list\n (f 1))\n")
    assert "<stdin>:3:3: error: 1" in err
    assert "in (top level), <stdin>:6:2" in err


def test_what_the_end_leaves_open_is_an_error() -> None:
    out, err = talk("1\n(list 2\n 3")
    assert out == "1\n"
    assert "<stdin>:2:1: read error: ( is never closed" in err


def test_a_line_that_is_not_utf8_is_an_error_and_left_out() -> None:
    out, err = talk(b"1\n(+ \xff)\n2\n")
    assert out == "1\n2\n"
    assert "<stdin>:2:4: read error: byte 3 (0xff) is not UTF-8" in err


def test_it_remembers_the_last_values_and_the_last_error() -> None:
    out, _ = talk('1\n2\n3\n(list *1 *2 *3)\n(error "oops" 7)\n(error-message *e)\n(raise :thrown)\n*e\n')
    assert out == '1\n2\n3\n(3 2 1)\n"oops"\n"thrown"\n'


def test_exit_ends_it_with_a_status() -> None:
    result = sx("repl", input="1\n(exit 9)\n2\n")
    assert (result.exit_code, result.stdout) == (9, "1\n")


def test_limits_are_for_each_form() -> None:
    out, err = talk("(let loop () (loop))\n(+ 1 1)\n", "--max-steps", "5000")
    assert out == "2\n"
    assert "stopped: " in err


def test_help_lists_the_commands() -> None:
    out, err = talk(":help\n")
    assert err == ""
    for command in (":help", ":doc NAME", ":load FILE", ":time EXPR", ":quit"):
        assert f"\n{command} " in f"\n{out}"


def test_quit() -> None:
    assert talk("1\n :quit \n2\n") == ("1\n", "")


def test_doc() -> None:
    out, err = talk(":doc map\n:doc if\n:doc exit\n(define (twice f) f)\n:doc twice\n:doc mpa\n")
    assert out.startswith("(map f xs")
    assert "(exit code?)" in out
    assert "twice is <lambda twice/1>; it has no documentation" in out
    assert "error: nothing is called mpa; names like it: " in err


def test_load(tmp_path: Path) -> None:
    Path("lib.sx").write_text("(define loaded 11) (quote done)")
    out, err = talk(":load lib.sx\nloaded\n:load missing.sx\n")
    assert out == "done\n11\n"
    assert "error: load: no file missing.sx" in err


def test_time() -> None:
    out, err = talk(":time (+ 1\n 2)\n:time (missing)\n")
    seconds = r"; 0\.\d{6} s, 0\.\d{6} s of the processor"
    memory = r"[+-][\d,]+ objects in memory, [\d.]+ MB more at the peak"
    assert re.fullmatch(rf"3\n{seconds}; {memory}\n", out)
    assert "<stdin>:3:8: error: Undefined symbol: missing" in err


@pytest.mark.parametrize("line", [":doc", ":load", ":time", ":quit now", ":help me"])
def test_a_command_that_is_misused_says_how_it_is_used(line: str) -> None:
    out, err = talk(f"{line}\n1\n")
    assert out == "1\n"
    assert err.startswith("error: usage: " + line.partition(" ")[0])


def test_other_keywords_are_values() -> None:
    assert talk(":name\n:helpful\n") == ('"name"\n"helpful"\n', "")


def test_values_come_as_soon_as_they_are_known() -> None:
    process = child("repl")
    assert process.stdin is not None and process.stdout is not None
    for n in range(3):
        process.stdin.write(f"(* {n}\n 2)\n".encode())
        process.stdin.flush()
        assert process.stdout.readline() == f"{2 * n}\n".encode()
    process.stdin.close()
    assert process.wait(timeout=60) == 0


def test_a_form_of_many_lines_is_read_once() -> None:
    # Reading again at each line would take the square of this.
    lines = 20_000
    out, err = talk("(len (list\n" + "1\n" * lines + "))\n")
    assert (out, err) == (f"{lines}\n", "")
