"""The machine by itself: `perform`, deep recursion, redefinition, and how building collections grows.

Times are given in calls' time: what one call of a Python function of one argument takes on this machine, in
the same round.
"""

from __future__ import annotations

import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from bench.measure import call_time, cpu, in_turns, ratio
from bench.table import Bar, Table
from sxpy import Interpreter
from sxpy.cli.collector import settle_collector

PROGRAM = """
(define request {:op "echo" :args (list 1)})
(define (ask n) (if (= n 0) 0 (begin (perform request) (ask (- n 1)))))
(define (idle n) (if (= n 0) 0 (begin (step n) (idle (- n 1)))))
(define (step n) n)
(define (depth n) (if (= n 0) 0 (+ 1 (depth (- n 1)))))
(define (consed n) (let loop ((i 0) (made (list))) (if (= i n) made (loop (+ i 1) (cons i made)))))
(define (appended n) (let loop ((i 0) (made (list))) (if (= i n) made (loop (+ i 1) (append made i)))))
(define (associated n)
  (let loop ((i 0) (made {})) (if (= i n) made (loop (+ i 1) (assoc made (str "key" i) i)))))
(define (walked items) (let loop ((items items) (n 0)) (if (empty? items) n (loop (rest items) (+ n 1)))))
(define (used n) (if (= n 0) 0 (+ 1 (used (step (- n 1))))))
"""

REFERENCE = "a dict of Python, changed in place"

DEPTH, PERFORMS, LARGE, SMALL, REDEFINED = 1_000_000, 20_000, 100_000, 10_000, 200


def echo(request: Any) -> Any:
    """A host that answers every request with the request, at once."""
    return request


class Echo:
    """The same, when it gets the operation and the arguments of each request."""

    def owns(self, operation: str) -> bool:
        return True

    def answer(self, operation: str, args: list[Any], request: Any) -> Any:
        return request

    def close(self) -> None:
        pass


def machine(options: Namespace) -> list[Table]:
    """The tables of the group."""
    return [costs(options), growth(options)]


def interpreter(host: Any = None) -> Interpreter:
    """One with PROGRAM."""
    made = Interpreter(host=host)
    made.eval(PROGRAM)
    return made


def costs(options: Namespace) -> Table:
    """What single things cost, in calls' time."""
    performs, depth = (200, 1_000) if options.tiny else (PERFORMS, DEPTH)
    redefined = 5 if options.tiny else REDEFINED
    alone, hosted, apart = interpreter(), interpreter(echo), interpreter(Echo())

    def suspend() -> None:
        run = alone.start_call("ask", performs)
        while not run.done:
            run = run.resume(1)

    def converse() -> None:
        send = alone.converse_call("ask", performs).send
        with suppress(StopIteration):
            send(None)
            while True:
                send(1)

    def redefine() -> None:
        for number in range(redefined):
            alone.eval(f"(define (step n) (+ n {number % 2}))")
            alone.eval("(define (step n) n)")
            alone.call("used", 1)

    def define_another() -> None:
        for number in range(redefined):
            alone.eval(f"(define (other n) (+ n {number % 2}))")
            alone.eval("(define (other n) n)")
            alone.call("used", 1)

    works: dict[str, Callable[[], float]] = {
        "call": call_time,
        "idle": partial(cpu, partial(alone.call, "idle", performs)),
        "suspended": partial(cpu, converse),
        "runs": partial(cpu, suspend),
        "at once": partial(cpu, partial(hosted.call, "ask", performs)),
        "apart": partial(cpu, partial(apart.call, "ask", performs)),
        "redefine": partial(cpu, redefine),
        "define": partial(cpu, define_another),
    }
    for kind in ("time", "memory"):
        works[kind] = partial(deep, kind, depth)
    alone.call("used", 2_000)
    in_turns(works, 1)
    found = in_turns(works, options.rounds)

    def in_calls(name: str, count: int) -> float:
        return ratio(found[name], found["call"]) / count

    table = Table("The machine", "In calls' time, but for the memory", ["figure"])
    figures = {
        "perform, suspended and resumed by the embedder": in_calls("suspended", performs),
        "perform, answered at once by a host": in_calls("at once", performs),
        "a level of a recursion of 1,000,000": in_calls("time", depth),
        "the same, bytes of memory": median(found["memory"]) / depth,
        "perform, suspended and resumed by way of a Run": in_calls("runs", performs),
        "perform, answered at once by a host that owns operations": in_calls("apart", performs),
        "an SX call of a global in a loop": in_calls("idle", performs),
        "redefining a global that hot code calls": in_calls("redefine", redefined) / 2,
        "redefining a global that nothing calls": in_calls("define", redefined) / 2,
    }
    table.rows = {name: {"figure": value} for name, value in figures.items()}
    limits = dict(zip(figures, (25.0, 4.0, 12.0, 200.0), strict=False))
    table.bars = [Bar(name, figures[name], "<=", limit) for name, limit in limits.items()]
    table.notes = ["Redefining is parsing, analysing and lowering two words of source, and relinking."]
    return table


def deep(kind: str, depth: int) -> float:
    """Seconds of processor, or bytes that the process grows by, for a deep recursion in a fresh process."""
    command = [sys.executable, "-m", "bench.machine", kind, str(depth)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def recurse(kind: str, depth: int) -> float:
    """What `deep` asks of the process it starts, which is as `sx run` has it."""
    settle_collector()
    made = interpreter()
    made.call("depth", 100)
    before = peak()
    taken = cpu(partial(made.call, "depth", depth))
    return taken if kind == "time" else float(peak() - before)


def peak() -> int:
    """The most bytes that this process has had in memory; for Linux.

    `getrusage` would count what the process had that started this one.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])


def python_dict(size: int) -> dict[str, int]:
    """What `associated` does, by a dict of Python that is changed in place."""
    made = {}
    i = 0
    while i != size:
        made[f"key{i}"] = i
        i += 1
    return made


def growth(options: Namespace) -> Table:
    """Ten times as much of everything that should take ten times as long; Python's dict is for comparison."""
    sizes = (1_000, 100) if options.tiny else (LARGE, SMALL)
    made = interpreter()
    lists = {size: made.call("consed", size) for size in sizes}
    kinds: dict[str, Callable[[int], Any]] = {
        "cons": partial(made.call, "consed"),
        "(append made x)": partial(made.call, "appended"),
        "assoc": partial(made.call, "associated"),
        "rest": lambda size: made.call("walked", lists[size]),
        REFERENCE: python_dict,
    }
    works = {
        (kind, size): partial(cpu, partial(work, size)) for kind, work in kinds.items() for size in sizes
    }
    in_turns(works, 1)
    found = in_turns(works, options.rounds)
    columns = [f"{size:,}, ms" for size in sizes]
    table = Table("Growth", "Milliseconds, and the larger over the smaller", [*columns, "ratio"])
    for kind in kinds:
        large, small = (found[kind, size] for size in sizes)
        figures = [1e3 * median(large), 1e3 * median(small), ratio(large, small)]
        table.rows[kind] = dict(zip(table.columns, figures, strict=True))
        if kind != REFERENCE:
            table.bars.append(Bar(f"{kind}, of {sizes[0]:,} over {sizes[1]:,}", figures[-1], "<=", 13.0))
    return table


if __name__ == "__main__":
    print(recurse(sys.argv[1], int(sys.argv[2])))
