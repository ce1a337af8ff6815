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

ROUNDS, BATCH = 15, 40

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
        print("a step against one durable append (µs, medians; ratio)")
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
    append = _appender(host)
    sync = _syncer(root)
    commits = 0
    alone: list[float] = []
    synced: list[float] = []
    stepped: list[float] = []

    real = host.answer

    def counting(operation: str, args: list[Any], request: Any = None) -> Any:
        nonlocal commits, began
        if operation == "persist/transact" and len(args[0]) >= 2:
            commits += 1
            if commits % BATCH == 0:
                stepped.append((time.perf_counter() - began) / BATCH)
                alone.append(_timed(append))
                synced.append(_timed(sync))
                if len(stepped) == ROUNDS + 2:
                    worker.stop()
                began = time.perf_counter()
        return real(operation, args, request)

    host.answer = counting  # type: ignore[method-assign]
    worker = jobs.worker()
    gc.collect()
    began = time.perf_counter()
    worker.run("once")
    step, one, disk = median(stepped[2:]), median(alone[2:]), median(synced[2:])
    text = max(len(event.get("data").get("text") or "") for event in jobs.history(job.id))
    print(
        f"  {name:12} append {one * 1e6:6.0f}  step {step * 1e6:6.0f}  ratio {step / one:4.2f}"
        f"  (sync alone {disk * 1e6:.0f}; state of {text} characters; {performs} performs a commit)"
    )
    host.close()


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


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) / BATCH


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
