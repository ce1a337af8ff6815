"""`sx jobs`: what the commands print and answer, and their exit status."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from command_line import MAIN, sx

NOW = "2026-03-01T12:00:00Z"

PROGRAM = """
(define (ask question) (perform {:op "job/ask" :args (list question)}))
(define (greet name times)
  (let ((how (ask (str "how, " name "?"))))
    (list name times how)))
"""


@pytest.fixture(autouse=True)
def _store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SX_PERSIST_DIR", str(tmp_path / "store"))
    monkeypatch.setenv("SX_JOBS_NOW", NOW)
    monkeypatch.delenv("SX_JOBS_KEY_FILE", raising=False)
    Path("greet.sx").write_text(PROGRAM)


def said(*args: str) -> str:
    """What a command that succeeds prints."""
    result = sx("jobs", *args)
    assert result.exit_code == 0, result.output
    return result.output


def told(*args: str) -> list[Any]:
    """The same as JSON."""
    return [json.loads(line) for line in said(args[0], "--json", *args[1:]).splitlines()]


def work(*args: str) -> str:
    return said("work", "--once", *args)


def test_a_job_from_its_start_to_its_end() -> None:
    assert said("start", "--id", "g", "greet.sx", "greet", "Ada", "-3") == "g\n"
    assert said("ls") == "g             0  greet  ready, since 2026-03-01T12:00:00Z\n"
    assert work() == "g: waiting at step 0\n"
    assert said("ls") == (
        'g             0  greet  waiting for an answer to "how, Ada?", since 2026-03-01T12:00:00Z\n'
    )
    assert said("answer", "g", "well") == "g             0  greet  ready, since 2026-03-01T12:00:00Z\n"
    work()
    assert said("ls") == ""
    assert said("ls", "--all") == 'g             1  greet  done: ("Ada" -3 "well")\n'


def test_an_id_is_chosen_when_nobody_does() -> None:
    first, second = said("start", "greet.sx").strip(), said("start", "greet.sx").strip()
    assert first != second
    assert [job["id"] for job in told("ls")] == [first, second]


def test_show_tells_where_a_job_stands() -> None:
    said("start", "--id", "g", "greet.sx", "greet", "Ada", "2")
    assert said("show", "g").splitlines()[-1].startswith("no state: ")
    work()
    assert said("show", "g").splitlines() == [
        "job: g",
        "name: greet",
        "file: greet.sx",
        "started: 2026-03-01T12:00:00Z",
        "steps: 0",
        'reason: waiting for an answer to "how, Ada?", since 2026-03-01T12:00:00Z',
        'at step 0: {:op "job/ask" :args ("how, Ada?")}',
        "  in ask, greet.sx:2:24",
        "  in greet, greet.sx:4:14",
        "variables of greet, greet.sx:4:14",
        '  name = "Ada"',
        "  times = 2",
    ]
    said("answer", "g", "{:a 1}")
    work()
    (found,) = told("show", "g", "--at", "0")
    assert found["status"] == "done"
    assert found["value"] == '("Ada" 2 {:a 1})'
    assert found["state"]["backtrace"] == [["ask", "greet.sx:2:24"], ["greet", "greet.sx:4:14"]]


def test_history_lists_the_steps() -> None:
    said("start", "--id", "g", "greet.sx", "greet", "Ada", "2")
    work()
    said("answer", "g", "well")
    work()
    rows = [(row["step"], row["type"], row.get("answered"), row.get("asks")) for row in told("history", "g")]
    assert [row for row in rows if row[1] != "renewed"] == [
        (0, "started", None, None),
        (0, "claimed", None, None),
        (0, "stepped", None, "job/ask"),
        (0, "answered", None, None),
        (0, "claimed", None, None),
        (1, "stepped", '"well"', None),
    ]
    assert '→ "well"' in said("history", "g")


def test_pause_resume_cancel_retry() -> None:
    said("start", "--id", "g", "greet.sx", "greet", "Ada", "2")
    assert "paused" in said("pause", "g")
    assert work() == ""
    assert "ready" in said("resume", "g")
    work()
    assert "cancelled" in said("cancel", "g")
    assert said("ls") == ""
    assert "ready" in said("retry", "g")
    work()
    assert told("ls")[0]["reason"]["kind"] == "waiting"


def test_a_fork_gets_another_answer() -> None:
    said("start", "--id", "g", "greet.sx", "greet", "Ada", "2")
    work()
    assert said("fork", "g", "--answer", "(1 2)", "--id", "f") == "f\n"
    work()
    found = {job["id"]: job for job in told("ls", "--all")}
    assert found["g"]["status"] == "waiting"
    assert (found["f"]["value"], found["f"]["forked"]) == ('("Ada" 2 (1 2))', "g@0")


def test_gc_forgets_what_ended_long_ago() -> None:
    Path("one.sx").write_text("1")
    said("start", "--id", "one", "one.sx")
    work()
    assert said("gc") == ""
    assert said("gc", "--older", "1h", "--now", "2026-03-01T14:00:00Z", "--dry-run") == "would remove one\n"
    assert said("gc", "--older", "1h", "--now", "2026-03-01T14:00:00Z") == "removed one\n"
    assert said("ls", "--all") == ""


def test_time_can_be_set() -> None:
    Path("sleep.sx").write_text('(perform {:op "job/sleep" :args (list 86400)}) "awake"')
    said("start", "sleep.sx")
    work()
    assert told("ls")[0]["reason"]["text"].startswith("waiting for 2026-03-02T12:00:00Z")
    assert work("--now", "2026-03-02T11:59:59Z") == ""
    work("--now", "2026-03-02T12:00:00Z")
    assert told("ls", "--all")[0]["value"] == '"awake"'


def test_handlers_come_from_a_module() -> None:
    Path("outside.py").write_text(
        "def add(call, a, b):\n    return {'sum': a + b, 'key': call.key}\n\nhandlers = {'add': add}\n"
    )
    Path("add.sx").write_text('(perform {:op "add" :args (list 1 2)})')
    said("start", "--id", "a", "add.sx")
    work("--handlers", "outside:handlers")
    assert told("ls", "--all")[0]["value"] == '{:sum 3 :key "a/0"}'
    del sys.modules["outside"]


def test_a_job_that_failed_tells_where() -> None:
    Path("bad.sx").write_text('(define (f) (+ 1 (error "no tea")))\n(f)')
    said("start", "--id", "b", "bad.sx")
    work()
    assert said("ls") == "b             0  bad.sx  error: bad.sx:1:18: no tea\n"
    assert "  in f, bad.sx:1:18" in said("show", "b")


def test_signed_states_and_no_others() -> None:
    Path("key").write_bytes(b"0123456789abcdef0123456789abcdef\n")
    Path("other").write_bytes(b"another key that is long enough\n")
    said("start", "--id", "g", "greet.sx", "greet", "Ada", "2")
    work("--key-file", "key")
    assert sx("jobs", "show", "g", "--key-file", "other").output.count("signed with another key") == 1
    said("answer", "g", "well")
    work("--key-file", "other")
    assert "state refused: " in said("ls")
    said("retry", "g")
    work("--key-file", "key")
    assert told("ls", "--all")[0]["status"] == "done"
    Path("short").write_bytes(b"short")
    refused = sx("jobs", "ls", "--key-file", "short")
    assert refused.exit_code == 1
    assert "has 5 bytes; it needs 16 or more" in refused.output


@pytest.mark.parametrize(
    ("args", "status", "message"),
    [
        (["show", "nobody"], 1, "there is no job 'nobody'"),
        (["cancel", "nobody"], 1, "there is no job 'nobody'"),
        (["answer", "g", "1"], 1, "job 'g' asks nothing: ready"),
        (["resume", "g"], 1, "job 'g' is not paused"),
        (["fork", "g", "--at", "7"], 1, "no state of step 7"),
        (["start", "nowhere.sx"], 2, "nowhere.sx"),
        (["start", "open.sx"], 1, "read error"),
        (["start", "--id", "g", "greet.sx"], 1, "there is a job 'g' already"),
        (["start", "greet.sx", "greet", "("], 2, "is no value of SX"),
        (["work", "--once", "--until-idle"], 2, "exclude each other"),
        (["work", "--handlers", "nonsense"], 2, "is not MODULE:NAME"),
        (["work", "--handlers", "no_such:thing"], 2, "no_such"),
        (["gc", "--older", "soon"], 2, "is no duration"),
        (["ls", "--now", "tomorrow"], 2, "is no time"),
        (["ls", "--key-file", "nowhere"], 1, "cannot read the key nowhere"),
        (["frobnicate"], 2, "No such command"),
    ],
)
def test_what_is_wrong_is_said(args: list[str], status: int, message: str) -> None:
    Path("open.sx").write_text("(")
    said("start", "--id", "g", "greet.sx")
    result = sx("jobs", *args)
    assert (result.exit_code, message in result.output) == (status, True), result.output


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_ends_a_worker_at_a_commit(number: int, status: int) -> None:
    Path("count.sx").write_text(
        '(define (go n) (perform {:op "persist/kv-put" :args (list "n" n)}) (go (+ n 1))) (go 0)'
    )
    said("start", "--id", "c", "count.sx")
    worker = subprocess.Popen(
        [sys.executable, "-c", MAIN, "jobs", "work"], env=dict(os.environ), stdout=subprocess.PIPE
    )
    until = time.monotonic() + 30
    while told("ls")[0]["step"] == 0 and worker.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    worker.send_signal(number)
    out, _ = worker.communicate(timeout=60)
    assert worker.returncode == status
    assert out.decode().startswith("c: ready at step ")
    (job,) = told("ls")
    assert job["reason"]["kind"] == "ready"
    assert "lease" not in job
    assert sx("store", "get", "n").output.strip() == str(job["step"] - 1)


def test_programs_look_after_jobs_too() -> None:
    said("start", "--id", "g", "greet.sx", "greet", "Ada", "2")
    work()

    def run(form: str) -> str:
        return sx("eval", form).output.strip()

    assert run('(map (fn (job) (get job :status)) (perform {:op "job/ls"}))') == '("waiting")'
    assert run('(get (perform {:op "job/answer" :args (list "g" 5)}) :status)') == '"ready"'
    assert run('(perform {:op "job/start" :args (list "greet.sx" "greet" (list "Bo" 1) {:id "h"})})') == '"h"'
    work()
    assert run('(get (perform {:op "job/show" :args (list "g")}) :value)') == '("Ada" 2 5)'
    assert run('(get (perform {:op "job/cancel" :args (list "h")}) :status)') == '"cancelled"'
    assert run('(len (perform {:op "job/history" :args (list "h")}))') in ("4", "5")
    assert run('(perform {:op "job/fork" :args (list "g" 0 {:answer 6})})').startswith('"')
    assert "job/show: takes 1 argument, got 0" in run('(perform {:op "job/show"})')
    assert "Unknown IO operation: job/sleep" in run('(perform {:op "job/sleep" :args (list 1)})')
    assert "there is no job" in run('(perform {:op "job/retry" :args (list "nobody")})')
