"""Workers on one store on the disk, killed at random moments: every job ends once, with the right result.

Three workers run jobs of forty steps. Every 50 milliseconds one of the three, by chance, gets SIGKILL and
another takes its place. A step appends to the job's own stream or counts in a key that all jobs share. At
the end each step's effect is there once. `SXPY_JOB_ROUNDS` says how many kills (40 by default),
`SXPY_JOB_COUNT` how many jobs are in the store at a time, `SXPY_JOB_SEED` repeats the choices. Prints the
figures (`pytest -rP`).
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

from nest import Nest

from sxpy.convert import to_python
from sxpy.jobs import Jobs
from sxpy_hosts.disk import open_host

ROUNDS = int(os.environ.get("SXPY_JOB_ROUNDS", "40"))
JOBS = int(os.environ.get("SXPY_JOB_COUNT") or (50 if ROUNDS >= 500 else 10))
SEED = int(os.environ.get("SXPY_JOB_SEED") or random.randrange(2**32))
WORKERS, STEPS, PAUSE = 3, 40, 0.05

PROGRAM = """
(load "lib/persist/event.sx") (load "lib/persist/backend.sx") (load "lib/persist/log.sx")
(load "lib/persist/kv.sx") (load "lib/persist/durable.sx")
(define b (persist/extended-durable-backend))

(define (count)
  (let ((seen (persist/kv-get b "total")))
    (when (get (persist/kv-cas b "total" seen (+ 1 (or seen 0))) :conflict)
      (count))))

(define (step name n)
  (if (= 0 (remainder n 4))
      (count)
      (persist/append b name "step" n {:n n})))

(define (run name)
  (let loop ((n 1) (sum 0))
    (if (> n 40)
        sum
        (begin (step name n) (loop (+ n 1) (+ sum n))))))
"""


def test_each_step_is_there_once_however_often_workers_are_killed(tmp_path: Path) -> None:
    print(f"SXPY_JOB_SEED={SEED}")
    chance = random.Random(SEED)
    kills = batches = steps = 0
    began = time.monotonic()
    while kills < ROUNDS:
        root = tmp_path / f"root {batches}"
        batches += 1
        names = _start(root)
        with Nest(root) as nest:
            workers = [nest.worker() for _ in range(WORKERS)]
            while kills < ROUNDS and any(map(nest.lives, workers)):
                time.sleep(PAUSE)
                at = chance.randrange(WORKERS)
                kills += nest.kill(workers[at])
                workers[at] = nest.worker()
        steps += _check(root, names)
    seconds = time.monotonic() - began
    print(f"{kills} kills in {seconds:.0f} s, {batches * JOBS} jobs, {steps} steps, each there once")


def _start(root: Path) -> list[str]:
    host = open_host(root)
    jobs = Jobs(host)
    names = [f"job {number}" for number in range(JOBS)]
    for name in names:
        jobs.start(PROGRAM, "run", [name], id=name)
    host.close()
    return names


def _check(root: Path, names: list[str]) -> int:
    """Every job has ended as it must, and has done what it did once; how many steps there were."""
    host = open_host(root)
    jobs = Jobs(host)
    wanted = [n for n in range(1, STEPS + 1) if n % 4]
    for job in jobs.ls():
        assert job.status == "done", f"{job.id}: {job.reason.text}"
        assert job.value == sum(range(1, STEPS + 1))
        rows = to_python(host.answer("persist/read", [job.id]))
        assert [row["data"]["n"] for row in rows] == wanted
        assert [row["seq"] for row in rows] == list(range(1, len(wanted) + 1))
    assert host.answer("persist/kv-get", ["total"]) == len(names) * (STEPS - len(wanted))
    assert sorted(host.answer("persist/streams", [])) == sorted(
        [*names, "$jobs", *(f"$job/{name}" for name in names)]
    )
    steps = sum(job.record.step for job in jobs.ls())
    host.close()
    return steps
