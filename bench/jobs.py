"""What a durable job costs: a step against one durable append, and taking a job up against its history.

    python bench/jobs.py [DIRECTORY]

A step of a job is one commit that holds an append, its answer, and the frozen state behind it; beside it
stands the same append alone, on the same disk, in turns. The disk's sync is told too: the slower it is,
the less the rest counts. Then a job is taken up in a new worker, after 10, 100 and 1,000 steps: thawing its
last state, beside running the program again from its beginning with recorded answers, as systems that
replay do. All in one run; read the ratios.
"""

from __future__ import annotations

import gc
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from sxpy import Interpreter
from sxpy.data import Dict
from sxpy.jobs import Jobs
from sxpy_hosts.disk import open_host

ROUNDS, BATCH, WARM = 60, 10, 300

SMALL = """
(define (note n)
  (perform {:op "persist/append"
            :args (list "s" {:stream "s" :seq n :type "noted" :at 0 :data {:n n}})}))
(define (go n) (note n) (go (+ n 1)))
"""

LIBRARY = """
(load "lib/persist/all.sx")
(define b (persist/extended-durable-backend))
(define (note n)
  (perform {:op "persist/append"
            :args (list "s" {:stream "s" :seq n :type "noted" :at 0 :data {:n n}})}))
(define (go n)
  (let ((total (persist/append b "t" "noted" n {:n n})))
    (go (+ n 1))))
"""

HISTORY = """
(define (ask n) (perform {:op "answer" :args (list n)}))
(define (go n) (ask n) (go (+ n 1)))
"""


def main() -> None:
    """Print the figures."""
    parent = sys.argv[1] if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory(dir=parent) as root:
        print(
            "a step against one durable append (µs, medians; the ratio is the median of those of neighbours)"
        )
        _steps(Path(root) / "small", "no library", SMALL, 1)
        _steps(Path(root) / "library", "lib/persist", LIBRARY, 2)
        print("\ntaking a job up after so many steps (ms, medians of 5)")
        print(f"{'steps':>8} {'thaw':>8} {'replay':>8} {'replay/thaw':>12}")
        _resume(Path(root) / "warm", 3)
        for steps in (10, 100, 1000, 5000):
            print(_resume(Path(root) / str(steps), steps))


def _steps(root: Path, name: str, program: str, performs: int) -> None:
    """`performs`: how many there are for each commit."""
    host = open_host(root)
    jobs = Jobs(host)
    job = jobs.start(program, "go", [1])
    append, sync = _appender(host), _syncer(root)
    commits = 0
    began = _now()
    ratios: list[float] = []
    alone: list[tuple[float, float]] = []
    stepped: list[tuple[float, float]] = []
    synced: list[tuple[float, float]] = []

    def counting(operation: str, args: list[Any], request: Any = None) -> Any:
        nonlocal commits, began
        if operation == "persist/transact" and len(args[0]) >= 2:
            commits += 1
            if commits % BATCH == 0:
                step = _since(began)
                one = _timed(append)
                if commits > WARM:
                    stepped.append(step)
                    alone.append(one)
                    synced.append(_timed(sync))
                    ratios.append(step[0] / one[0])
                if len(ratios) == ROUNDS:
                    worker.stop()
                began = _now()
        return type(host).answer(host, operation, args, request)

    host.answer = counting  # type: ignore[method-assign]
    worker = jobs.worker()
    gc.collect()
    worker.run("once")
    (step, step_cpu), (one, one_cpu), (disk, _) = (_medians(times) for times in (stepped, alone, synced))
    text = max(len(event.get("data").get("text") or "") for event in jobs.history(job.id))
    print(
        f"  {name:12} append {one:6.0f} (cpu {one_cpu:4.0f})  step {step:6.0f} (cpu {step_cpu:4.0f})"
        f"  ratio {median(ratios):4.2f}"
        f"  [sync alone {disk:.0f}; state of {text} characters; performs a commit: {performs}]"
    )
    host.close()


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _since(began: tuple[float, float]) -> tuple[float, float]:
    """Wall and processor time of one of a batch, in seconds."""
    now = _now()
    return (now[0] - began[0]) / BATCH, (now[1] - began[1]) / BATCH


def _medians(times: list[tuple[float, float]]) -> tuple[float, float]:
    """Of both kinds of time, in µs."""
    return median(wall for wall, _ in times) * 1e6, median(cpu for _, cpu in times) * 1e6


def _appender(host: Any) -> Callable[[], None]:
    number = 0

    def append() -> None:
        nonlocal number
        for _ in range(BATCH):
            number += 1
            event = Dict(
                {"stream": "alone", "seq": number, "type": "noted", "at": 0, "data": Dict({"n": number})}
            )
            type(host).answer(host, "persist/append", ["alone", event])

    return append


def _syncer(root: Path) -> Callable[[], None]:
    file = os.open(root / "sync", os.O_CREAT | os.O_WRONLY)

    def sync() -> None:
        for _ in range(BATCH):
            os.write(file, b"x" * 100)
            os.fdatasync(file)

    return sync


def _timed(work: Callable[[], None]) -> tuple[float, float]:
    began = _now()
    work()
    return _since(began)


def _resume(root: Path, steps: int) -> str:
    host = open_host(root)
    jobs = Jobs(host)
    job = jobs.start(HISTORY, "go", [1], keep=-1)

    def answer(call: Any, n: int) -> int:
        if call.step == steps:
            worker.stop()
        return n

    worker = jobs.worker(handlers={"answer": answer})
    worker.run()
    thaws = [_once(lambda: Jobs(host).moment(job.id)) for _ in range(5)]
    answers = list(range(1, steps + 1))

    def replay() -> None:
        run = Interpreter().start(HISTORY + "(go 1)")
        for value in answers:
            run = run.resume(value)

    replays = [_once(replay) for _ in range(5)]
    thaw, again = median(thaws) * 1e3, median(replays) * 1e3
    host.close()
    return f"{steps:>8} {thaw:>8.2f} {again:>8.2f} {again / thaw:>12.1f}"


def _once(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
