"""`sx debug` on a pipe: what each command says. Line and column numbers are counted by hand."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest
from command_line import child, sx

PROGRAM = """\
(define total 0)
(define (add n)
  (set! total (+ total n))
  (list n total))
(define (main)
  (let ((first (add 1)))
    (display "said")
    (add 2)))
(list (main))
"""


def session(*commands: str, program: str = PROGRAM, options: tuple[str, ...] = ()) -> list[str]:
    """What is said after each command; the first item is said before them all."""
    Path("p.sx").write_text(program, encoding="utf-8")
    text = "".join(f"{command}\n" for command in commands)
    result = sx("debug", "--no-store", *options, "p.sx", input=text)
    assert result.exit_code == 0, result.output
    said = result.output.split("(sx) ")
    for command, answer in zip(commands, said[1:], strict=False):
        assert answer.startswith(command + "\n")
    return [
        said[0],
        *(answer[len(command) + 1 :] for command, answer in zip(commands, said[1:], strict=False)),
    ]


def test_it_begins_before_the_first_form_and_ends_with_its_input() -> None:
    (said,) = session()[:1]
    assert said == (
        "p.sx is about to start; `help` for help\nstep 0, p.sx:1:1: evaluate the next form\n"
        "  (define total 0)\n  ^\n"
    )


def test_a_step_says_where_and_what() -> None:
    said = session("step", "s 2", "step x")
    assert said[1] == "step 1, p.sx:1:1 in (top level): return\n  (define total 0)\n  ^\n"
    assert said[2].startswith("step 3, p.sx:2:1 in (top level): return\n")
    assert "error: a number from 1 on is wanted here, not x" in said[3]


def test_break_continue_and_what_there_is_to_see() -> None:
    said = session("break add if (= n 2)", "c", "bt", "env", "p (* n 10)", "up", "p (list first)", "f 0", "c")
    assert said[1] == "breakpoint 1: add if (= n 2)\n  no function is called so yet\n"
    printed, *where = said[2].splitlines()
    assert printed == "said"  # what the program prints has lines of its own
    assert where[0].startswith("step ")
    assert where[0].endswith(", p.sx:3:3 in add: evaluate (breakpoint 1)")
    assert where[1:] == ["    (set! total (+ total n))", "    ^"]
    assert said[3].splitlines() == [
        "=>  0 add, p.sx:3:3: n=2",
        "     … tail calls elided",
        "    1 (top level), p.sx:9:7",
    ]
    assert said[4] == "  n = 2\n"
    assert said[5] == "20\n"
    assert said[6].splitlines()[0] == "call 1: (top level), p.sx:9:7"
    assert said[7] == "(<primitive first>)\n"
    assert said[8].splitlines()[0] == "call 0: add, p.sx:3:3"
    assert said[9].endswith("the program has ended with ((2 3))\n")


def test_lines_are_listed_with_marks() -> None:
    said = session("break 4", "continue", "list", "list 9")
    assert said[3].splitlines()[0] == "      1  (define total 0)"
    assert "=>*   4    (list n total))" in said[3]
    assert said[4].splitlines()[-1] == "      9  (list (main))"


def test_breakpoints_are_listed_and_deleted() -> None:
    said = session(
        "b add",
        "b p.sx:7",
        "catch perform ask",
        "catch error",
        "c",
        "breaks",
        "d 1",
        "d 1",
        "d all",
        "breaks",
    )
    assert said[6] == (
        "breakpoint 1: add   (stopped 1 time)\nbreakpoint 2: p.sx:7\n"
        "breakpoint 3: perform ask\nbreakpoint 4: every error\n"
    )
    assert said[7] == ""
    assert "error: there is no breakpoint 1" in said[8]
    assert said[10] == "no breakpoints\n"


def test_until_goes_to_a_place_and_leaves_no_breakpoint() -> None:
    said = session("until add", "until 7", "breaks")
    assert said[1].startswith("step ") and " in add: " in said[1]
    assert "p.sx:7:5 in main" in said[2]
    assert said[3] == "no breakpoints\n"


def test_back_tells_what_is_not_undone() -> None:
    said = session("until 4", "back", "step", "globals total")
    assert said[2].startswith("not undone: set! total\nstep ")
    assert said[4] == "  total = 2\n"


def test_watches_are_shown_at_every_stop() -> None:
    said = session("watch total", "until 4", "w", "watch bt", "unwatch 1", "next", "watch next")
    assert said[1] == "watch 1: total — Undefined symbol: total\n"
    assert said[2].splitlines()[-1] == "watch 1: total = 1"
    assert said[4].splitlines()[0] == "watch 2: backtrace"
    assert "watch 1" not in said[6] and "watch 2: backtrace" in said[6]
    assert "it cannot be watched" in said[7]


def test_a_perform_is_answered_failed_or_left_to_the_program() -> None:
    program = '(guard (e (true (error-message e)))\n  (list (perform {:op "ask" :args (list 1)})))'
    said = session(
        "c", "request", "answer (+ 20 1)", "c", "back 100", "c", 'fail "gone"', "c", "restart", "c", "c",
        program=program,
    )  # fmt: skip
    assert said[1].splitlines()[0].endswith(', p.sx:2:9: perform {:op "ask" :args (1)} waits for an answer')
    assert said[1].splitlines()[-1].startswith("  no host answers this")
    assert said[2] == '{:op "ask" :args (1)}\n  operation ask, arguments (1)\n'
    assert said[4].endswith("the program has ended with (21)\n")
    assert said[8].endswith('the program has ended with "gone"\n')
    assert said[11].endswith('the program has ended with "IO suspension in non-IO context: ask"\n')


def test_an_error_is_reported_and_the_state_before_it_stays() -> None:
    said = session("c", "env", "return 5", "c", program="(define (f x)\n  (+ 1 (first x)))\n(list (f 7))")
    assert "p.sx:2:8: error: first: expected" in said[1]
    assert "\n  in f, p.sx:2:8\n" in said[1]
    assert said[2] == "  x = 7\n"
    assert said[4].endswith("the program has ended with (5)\n")


def test_an_error_in_a_command_is_told() -> None:
    said = session("print missing", "nxt", "delete", "env 5", "frame 9", "answer 1", "break 99", ")")
    assert "<debug>:1:1: error: Undefined symbol: missing" in said[1]
    assert "there is no command nxt; did you mean next" in said[2]
    assert "usage: delete N | all" in said[3]
    assert "env takes no argument" in said[4]
    assert "there is no call 9" in said[5]
    assert "no perform waits for an answer here" in said[6]
    assert "p.sx has no form at line 99 or after it" in said[7]


def test_an_expression_may_go_on_for_lines() -> None:
    Path("p.sx").write_text(PROGRAM)
    result = sx("debug", "p.sx", input="; a comment\n\n(+ 1\n   2)\np (list 3\n 4)\n")
    assert "(sx) (+ 1\n   2)\n3\n(sx) p (list 3\n 4)\n(3 4)\n" in result.output


def test_a_program_that_exits_says_so_and_can_be_gone_back_from() -> None:
    said = session("c", "back", "q", program="(define a 1)\n(exit 3)")
    assert said[1].startswith("the program asks to end with status 3\nstep ")


def test_the_program_has_its_arguments() -> None:
    Path("p.sx").write_text("(map str *args*)")
    result = sx("debug", "p.sx", "a", "--b", input="c\n")
    assert 'the program has ended with ("a" "--b")' in result.output


def test_limits_stop_a_program_that_can_be_looked_at() -> None:
    program = "(define (spin n)\n  (spin (+ n 1)))\n(spin 0)"
    said = session("c", "env", program=program, options=("--max-steps", "20"))
    assert "stopped: the program took more than 20 steps" in said[1]
    assert said[2].startswith("  n = ")


def test_the_history_is_as_long_as_it_should_be() -> None:
    said = session("c", "back 50", options=("--history", "3"))
    assert "no further state is kept" in said[2]


def test_a_file_that_cannot_be_read_ends_it() -> None:
    Path("p.sx").write_text("(list 1")
    result = sx("debug", "p.sx", input="c\n")
    assert result.exit_code == 1
    assert "p.sx:1:1: read error: ( is never closed" in result.output


def test_every_command_is_in_the_documentation() -> None:
    from sxpy.cli.debug.commands import ALIASES, COMMANDS  # noqa: PLC0415

    text = (Path(__file__).parents[2] / "docs" / "debugging.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"`{name}" not in text] == []
    assert [alias for alias in ALIASES if f"| `{alias}` |" not in text] == []


def test_help_lists_every_command() -> None:
    said = session("help", "help next", "help n", "help foo")
    assert said[1].startswith("step [N]")
    assert said[2] == "next [N] — go to the next place of this function, over calls\n"
    assert said[3] == said[2].replace("next", "n", 1)
    assert "there is no command foo" in said[4]


@pytest.mark.skipif(not hasattr(signal, "SIGINT"), reason="this system has no such signal")
def test_ctrl_c_stops_a_program_and_keeps_the_session() -> None:
    Path("p.sx").write_text('(define (spin n) (spin (+ n 1)))\n(display "on")\n(newline)\n(spin 0)\n')
    process = child("debug", "--no-store", "--history", "10", "p.sx")
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    process.stdin.write(b"c\n")
    process.stdin.flush()
    while process.stdout.readline() != b"on\n":
        pass
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(b"p (> n 0)\nq\n", timeout=30)
    assert b"interrupted" in err
    assert b"(sx) p (> n 0)\ntrue\n" in out
    assert process.returncode == 0
