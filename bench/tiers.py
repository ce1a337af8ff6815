"""Tier 1 against tier 0 and against CPython doing the same: `python bench/tiers.py`.

Every figure is a ratio of medians of five runs, taken in turn in one process.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

from sxpy.compiler.fast import FastMachine
from sxpy.interpreter import Interpreter
from sxpy.machine.step import Machine

ROUNDS = 5


def fib(n: int) -> int:
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def tak(x: int, y: int, z: int) -> int:
    return z if y >= x else tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y))


def loop(n: int) -> int:
    while n:
        n -= 1
    return n


def build(n: int) -> int:
    items: list[int] = []
    for i in range(n):
        items.append(i)
    return len(items)


def closures(n: int) -> int:
    total = 0
    for i in range(n):
        total = (lambda x, i=i: x + i)(total)  # noqa: PLC3002
    return total


CASES: list[tuple[str, str, str, Callable[[], Any]]] = [
    (
        "fib 20",
        "(define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))",
        "(fib 20)",
        lambda: fib(20),
    ),
    (
        "tak 14 10 4",
        "(define (tak x y z) (if (not (< y x)) z "
        "(tak (tak (- x 1) y z) (tak (- y 1) z x) (tak (- z 1) x y))))",
        "(tak 14 10 4)",
        lambda: tak(14, 10, 4),
    ),
    ("tail loop", "(define (loop n) (if (= n 0) n (loop (- n 1))))", "(loop 200000)", lambda: loop(200000)),
    (
        "list building",
        "(define (build n) (let loop ((i 0) (acc (list))) "
        "(if (= i n) (len acc) (loop (+ i 1) (append acc i)))))",
        "(build 30000)",
        lambda: build(30000),
    ),
    (
        "closures",
        "(define (add n) (fn (x) (+ x n)))",
        "(let loop ((i 0) (s 0)) (if (= i 30000) s (loop (+ i 1) ((add i) s))))",
        lambda: closures(30000),
    ),
]


def seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    print(f"{'':16}{'tier 0 / tier 1':>18}{'tier 1 / CPython':>18}")
    for name, definitions, call, python in CASES:
        slow, fast = Interpreter(), Interpreter()
        slow._machine, fast._machine = Machine(slow), FastMachine(fast)
        for interpreter in (slow, fast):
            interpreter.eval(definitions)
            interpreter.eval(call)  # warm
        times: dict[str, list[float]] = {"slow": [], "fast": [], "python": []}
        for _ in range(ROUNDS):
            times["slow"].append(seconds(partial(slow.eval, call)))
            times["fast"].append(seconds(partial(fast.eval, call)))
            times["python"].append(seconds(python))
        middle = {key: median(values) for key, values in times.items()}
        print(f"{name:16}{middle['slow'] / middle['fast']:>18.1f}{middle['fast'] / middle['python']:>18.1f}")


if __name__ == "__main__":
    main()
