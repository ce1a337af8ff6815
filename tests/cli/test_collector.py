"""The collector of the command: set by the command alone, and cyclic garbage does not pile up."""

from __future__ import annotations

import subprocess
import sys

from sxpy.cli.collector import MIDDLE, OLD, YOUNG

COMMAND = """
import atexit, gc, resource, sys
from sxpy.cli.entry import main
def tell():
    print(*gc.get_threshold(), gc.get_freeze_count(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
atexit.register(tell)
main()
"""

CYCLES = """
(define (cyclic n) (define (again) (if (= n 0) again n)) again)
(define (many n) (if (= n 0) 0 (begin (cyclic n) (many (- n 1)))))
(many {})
"""


def _tell(*words: str) -> list[int]:
    """Thresholds, frozen objects and peak memory in KiB of a process that ran `sx`, at its end."""
    done = subprocess.run([sys.executable, "-c", COMMAND, *words], capture_output=True, text=True, check=True)
    return [int(word) for word in done.stdout.splitlines()[-1].split()]


def test_the_command_has_the_collector_look_less_often() -> None:
    for words in (["eval", "1"], ["eval", "--strict", "1"]):
        *thresholds, frozen, _ = _tell(*words)
        assert thresholds == [YOUNG, MIDDLE, OLD]
        assert frozen > 1000


def test_the_library_leaves_the_collector_alone() -> None:
    code = """
import gc
before = gc.get_threshold()
from sxpy import Interpreter
Interpreter().eval("1")
assert gc.get_threshold() == before and gc.get_freeze_count() == 0 and gc.isenabled()
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_cyclic_garbage_is_collected() -> None:
    """A closure that refers to itself is a cycle: 300,000 of them take 37,000 KiB when nobody collects."""
    *_, few = _tell("eval", CYCLES.format(100_000))
    *_, many = _tell("eval", CYCLES.format(400_000))
    assert many - few < 10_000
