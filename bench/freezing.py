"""Frozen programs: what freezing and thawing cost, and how large the text is, against the number of frames.

    python bench/freezing.py [--most 100000]

A program that has called itself so many times waits at a perform; then one whose frames each hold a list that
shares all but one item with the next frame's; then a dict in so many versions. Ratios are to the cost per
frame of the smallest program that is large enough to be timed; a linear cost is 1 throughout. The last table
is a job that uses lib/persist: what changes from step to step, and what is stored once.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from time import perf_counter
from typing import Any

from sxpy import Interpreter
from sxpy.image.freeze import Frozen

PROGRAMS = {
    "plain calls": "(define (down n) (if (= n 0) (perform 0) (+ 1 (down (- n 1))))) (down {n})",
    "lists that share": "(define (down n l) (if (= n 0) (perform 0)"
    " (list (down (- n 1) (cons n l)) l))) (down {n} ())",
    "dicts that share": "(define (down n d) (if (= n 0) (perform 0)"
    ' (list (down (- n 1) (assoc d (str "k" n) n)) d)))'
    " (down {n} {{}})",
    "winders": "(define (down n) (if (= n 0) (perform 0)"
    " (+ 1 (dynamic-wind (fn () 0) (fn () (down (- n 1))) (fn () 0))))) (down {n})",
}
SIZES = (10, 1_000, 100_000)


def best(work: Callable[[], Any], rounds: int) -> tuple[float, Any]:
    """The least time of some rounds, in seconds, and the last result."""
    least, result = float("inf"), None
    for _ in range(rounds):
        start = perf_counter()
        result = work()
        least = min(least, perf_counter() - start)
    return least, result


def measure(text: str, size: int) -> tuple[float, float, int, int]:
    """Seconds to freeze and to thaw, characters of the text and of its code."""
    rounds = 20 if size <= 1_000 else 2
    run = Interpreter().start(text.format(n=size))
    run.freeze()  # the blobs of the code are made once
    freezing, frozen = best(run.freeze, rounds)
    thawing, _ = best(lambda: Interpreter().thaw(frozen.text, code=frozen.code), rounds)
    return freezing, thawing, len(frozen.text), sum(map(len, frozen.code.values()))


def scaling(most: int) -> None:
    """The table of sizes."""
    print(f"{'':<18}{'frames':>8}{'freeze ms':>11}{'thaw ms':>10}{'text KB':>10}{'code KB':>9}"
          f"{'freeze ×':>10}{'thaw ×':>8}{'text ×':>8}")  # fmt: skip
    for name, text in PROGRAMS.items():
        base: tuple[float, ...] = ()
        for size in SIZES:
            if size > most:
                continue
            freezing, thawing, length, code = measure(text, size)
            each = (freezing / size, thawing / size, length / size)
            if size == 1_000:
                base = each
            ratios = "".join(f"{a / b:>{w}.1f}" for a, b, w in zip(each, base, (10, 8, 8), strict=False))
            print(f"{name:<18}{size:>8,}{freezing * 1e3:>11.2f}{thawing * 1e3:>10.2f}"
                  f"{length / 1e3:>10.1f}{code / 1e3:>9.1f}{ratios}")  # fmt: skip


JOB = """
(load "lib/persist/all.sx")
(define db (persist/durable-backend))
(define (job)
  (let loop ((i 0))
    (when (< i 10)
      (persist/append db "orders" "order/placed" i {:id i :total (* 10 i)})
      (perform {:op "wait" :args (list i)})
      (loop (+ i 1))))
  (persist/last-seq db "orders"))
"""


def job() -> None:
    """A job on lib/persist: the text of each step, and the code that it needs."""
    here = Interpreter()
    here.eval(JOB)
    run = here.start_call("job")
    seen: dict[str, str] = {}
    print("\na job on lib/persist: characters of the text, new code to be stored, ms to freeze and thaw")
    for step in range(4):
        freezing, frozen = best(run.freeze, 5)
        assert isinstance(frozen, Frozen)
        new = {cid: text for cid, text in frozen.code.items() if cid not in seen}
        seen.update(new)
        thawing, thawed = best(lambda frozen=frozen: here.thaw(frozen.text, code=frozen.code), 5)
        print(f"step {step}: {len(frozen.text):>8,}{sum(map(len, new.values())):>10,} in {len(new)} blobs"
              f"{freezing * 1e3:>8.2f}{thawing * 1e3:>8.2f}")  # fmt: skip
        run = thawed.resume(step + 1)


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--most", type=int, default=100_000)
    scaling(parser.parse_args().most)
    job()


if __name__ == "__main__":
    main()
