"""`sx run`."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

from command_line import child, sx


def program(text: str, name: str = "prog.sx") -> str:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, encoding="utf-8")
    return name


def test_runs_a_file_and_prints_no_value() -> None:
    result = sx("run", program('(define (f x) (* x 2))\n(display (f 21))\n"unseen"'))
    assert (result.exit_code, result.stdout, result.stderr) == (0, "42", "")


def test_arguments_reach_the_program_as_they_are() -> None:
    name = program("(display (inspect *args*)) (newline) (display (inspect (command-line)))")
    result = sx("run", "--strict", name, "a", "--strict", "-x", "--help", "b c", "é")
    words = '"a" "--strict" "-x" "--help" "b c" "é"'
    assert result.stdout == f'({words})\n("prog.sx" {words})'


def test_a_program_on_standard_input() -> None:
    result = sx("run", "-", "x", input='(display (first *args*))\r\n(error "é" 1)')
    assert (result.exit_code, result.stdout) == (1, "x")
    assert result.stderr.startswith("<stdin>:2:1: error: é\n")


def test_text_that_is_not_utf8_is_an_error_with_its_place() -> None:
    Path("bad.sx").write_bytes(b'(display 1)\n"\xff"')
    for result in (sx("run", "bad.sx"), sx("run", "-", input=b'1\n"\xff"')):
        assert (result.exit_code, result.stdout) == (1, "")
        assert ":2:2: read error: byte" in result.stderr


def test_nothing_runs_of_a_file_that_cannot_be_read() -> None:
    result = sx("run", program("(display 1)\n(display (list 1 2)\n"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines()[:3] == [
        "prog.sx:2:1: read error: ( is never closed",
        "  (display (list 1 2)",
        "  ^",
    ]


def test_load_looks_next_to_the_program_too() -> None:
    program("(define shared 5)", "parts/shared.sx")
    result = sx("run", program('(load "shared.sx") (display shared)', "parts/prog.sx"))
    assert (result.exit_code, result.stdout) == (0, "5")


def test_a_script_runs_by_its_name() -> None:
    name = program("#!/usr/bin/env -S sx run --no-store\n(display (inspect *args*))\n(foo)\n")
    os.chmod(name, stat.S_IRWXU)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [f"./{name}", "1", "-v"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": path},
    )
    assert (done.returncode, done.stdout) == (1, '("1" "-v")')
    assert done.stderr.startswith("./prog.sx:3:2: error: Undefined symbol: foo\n")


def test_ctrl_c_stops_the_program_and_exits_130() -> None:
    name = program('(display "on")(newline)(define (run n)\n  (run (+ n 1))) (list (run 0))')
    process = child("run", name, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    assert process.stdout is not None
    assert process.stdout.readline() == b"on\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    first, *_, last = err.decode().splitlines()
    assert first.startswith("prog.sx:2:") and first.endswith(": interrupted")
    assert last == "  in (top level), prog.sx:2:24"


def test_no_handler_of_the_program_catches_ctrl_c() -> None:
    name = program(
        '(display "on")(newline)(guard (e (true (display "caught"))) (let loop () (loop))) (display "after")'
    )
    process = child("run", name, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, b"")
