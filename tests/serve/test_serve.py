"""`sx serve` as a process: streams, signals, the store, hostile input."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from serving import quoted, serving

SERVE = [sys.executable, "-m", "sxpy.cli", "serve"]


def test_it_is_ready_and_ends_with_its_input(tmp_path: Path) -> None:
    with serving(tmp_path) as child:
        assert child.ask("(ping)") == '(ok 0 "pong")'
        assert child.end() == 0
        assert child.error.read_text() == ""


def test_the_last_line_needs_no_newline() -> None:
    done = subprocess.run([*SERVE, "--no-store"], input=b"(ping)", capture_output=True, check=True)
    assert done.stdout == b'(ready)\n(ok 0 "pong")\n'


def test_the_end_of_the_input_ends_a_run_that_waits(tmp_path: Path) -> None:
    with serving(tmp_path, "--bridge") as child:
        assert child.ask('(eval "(perform {:op \\"ask\\" :args ()})")') == '(io-request "ask")'
        assert child.end() == 0


def test_program_output_goes_to_standard_error(tmp_path: Path) -> None:
    with serving(tmp_path) as child:
        assert child.ask('(load-source "(display \\"hello\\") (newline)")') == "(ok 0)"
        assert child.end() == 0
        assert child.error.read_text() == "hello\n"


def test_each_reply_is_there_before_the_next_line_is_written(tmp_path: Path) -> None:
    with serving(tmp_path) as child:
        for number in range(50):
            assert child.eval(f"(+ {number} 1)") == str(number + 1)


def hostile_lines(count: int, chance: random.Random) -> list[bytes]:
    """Lines that no client of good will writes."""
    made = []
    for _ in range(count):
        kind = chance.randrange(6)
        if kind == 0:
            line = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 300)))
        elif kind == 1:
            line = bytes(chance.choice(b"()[]{}\"\\'`,;#|: ") for _ in range(chance.randrange(1, 300)))
        elif kind == 2:
            line = chance.choice([b"(", b"[", b"{:a ", b"'", b'"', b"#|"]) * chance.randrange(1, 200_000)
        elif kind == 3:
            line = b"(eval " + chance.choice([b"", b"1", b'"(', b'"(raise)"', b'"(" "2"']) + b")"
        elif kind == 4:
            line = chance.choice([b"(epoch x)", b"(epoch)", b"(ping)(ping)", b"(io-response 1)", b"(exit)"])
        else:
            line = b"x" * chance.randrange(1_000_000)
        made.append(line.replace(b"\n", b"?") or b"?")
    return made


def test_sixty_hostile_lines_in_a_row_never_kill_it(tmp_path: Path) -> None:
    with serving(tmp_path) as child:
        child.send("(epoch 5)")
        for line in hostile_lines(60, random.Random(60)):
            child.send(line)
            reply = child.ask("(ping)")
            # A line of blanks and comments has no reply of its own.
            if reply != '(ok 5 "pong")':
                assert reply.startswith("(error 5 "), (line[:50], reply)
                assert child.read() == '(ok 5 "pong")'
        assert child.eval("(+ 1 2)") == "3"
        assert child.end() == 0


def test_a_line_that_is_too_long_is_refused_and_the_next_one_is_whole(tmp_path: Path) -> None:
    with serving(tmp_path) as child:
        child.send(b'(eval "' + b"1" * (65 * 1024 * 1024) + b'")')
        assert child.read().startswith('(error 0 "the line is longer than')
        assert child.ask("(ping)") == '(ok 0 "pong")'


def test_a_program_deeper_than_its_limit_is_an_error(tmp_path: Path) -> None:
    with serving(tmp_path, "--max-depth", "1000", "--max-steps", "100000") as child:
        assert child.ask('(eval "(let loop ((n 0)) (+ 1 (loop n)))")').startswith(
            '(error 0 "recursion deeper'
        )
        assert child.ask('(eval "(let loop () (loop))")').startswith('(error 0 "the program took more')
        assert child.eval("(+ 1 2)") == "3"


def test_the_store_outlives_a_reset_and_the_process(tmp_path: Path) -> None:
    put = '(perform {:op "persist/kv-put" :args (list "k" {:n 1})})'
    get = '(perform {:op "persist/kv-get" :args (list "k")})'
    with serving(tmp_path, store=tmp_path / "store") as child:
        child.eval(put)
        assert child.ask("(reset)") == "(ok 0)"
        assert child.eval(get) == "{:n 1}"
        assert child.end() == 0
    with serving(tmp_path, store=tmp_path / "store") as child:
        assert child.eval(get) == "{:n 1}"


def test_an_operation_that_nobody_owns_is_an_error(tmp_path: Path) -> None:
    with serving(tmp_path, store=tmp_path / "store") as child:
        line = '(eval "(perform {:op \\"persist/frobnicate\\" :args ()})")'
        assert child.ask(line).startswith('(error 0 "Unknown IO operation: persist/frobnicate')
    with serving(tmp_path) as child:
        line = '(eval "(perform {:op \\"persist/streams\\" :args ()})")'
        assert child.ask(line).startswith('(error 0 "IO suspension in non-IO context: persist/streams')


def test_with_a_bridge_store_and_client_share_the_world(tmp_path: Path) -> None:
    source = """
      (perform {:op "persist/kv-put" :args (list "k" (perform {:op "ask" :args (list "name")}))})
      (str "hello " (perform {:op "persist/kv-get" :args (list "k")}))
    """
    with serving(tmp_path, "--bridge", store=tmp_path / "store") as child:
        assert child.ask(f"(eval {quoted(source)})") == '(io-request "ask" "name")'
        assert child.ask('(io-response "ann")') == '(ok-len 0 11)\n"hello ann"'


def test_sigint_stops_the_run_which_is_answered_and_ends_the_server(tmp_path: Path) -> None:
    with serving(tmp_path) as child:
        child.send('(eval "(display \\"begun\\\\n\\") (let loop () (loop))")')
        deadline = time.monotonic() + 30
        while "begun" not in child.error.read_text():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        child.signal(signal.SIGINT)
        assert child.read().startswith('(error 0 "interrupted')
        assert child.wait() == 130
        assert child.error.read_text() == "begun\n"


def test_sigterm_ends_a_server_that_waits(tmp_path: Path) -> None:
    with serving(tmp_path) as child:
        child.ask("(ping)")
        child.signal(signal.SIGTERM)
        assert child.wait() == 143
        assert child.read_to_end() == b""
        assert child.error.read_text() == ""


def test_a_client_that_goes_away_ends_it_quietly(tmp_path: Path) -> None:
    with serving(tmp_path) as child:
        child.ask("(ping)")
        assert child.process.stdout is not None
        child.process.stdout.close()
        child.send("(ping)")
        assert child.wait() == 0
        assert child.error.read_text() == ""


@pytest.mark.parametrize(
    ("redirection", "status", "output", "complaint"),
    [
        ("2>&-", 0, '(ready)\n(ok-len 0 3)\nnil\n(ok 0 "pong")\n', ""),
        ("<&-", 1, "", "standard input and output must be open"),
        (">&-", 1, "", "standard input and output must be open"),
        (">/dev/full", 1, "", "No space left on device"),
    ],
)
def test_streams_that_are_closed_or_full(redirection: str, status: int, output: str, complaint: str) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {redirection}', "sh", *SERVE, "--no-store"],
        input='(eval "(display 5)")\n(ping)\n',
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (status, output)
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr
