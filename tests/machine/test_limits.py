"""Limits stop a program exactly where they say, no program catches them, and the interpreter lives on."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest
from running import start_state, states

from sxpy import EvalError, Interpreter, Limits
from sxpy.errors import (
    DepthLimitError,
    LimitError,
    ProgramInterrupted,
    StepLimitError,
    TimeLimitError,
)
from sxpy.host import Host

FOREVER = "(let loop () (loop))"
DEEP = "(define (deep n) (if (= n 0) 0 (+ 1 (deep (- n 1)))))"


def steps_of(text: str) -> int:
    """How many steps a program takes."""
    interpreter = Interpreter()
    return sum(1 for _ in states(interpreter, start_state(interpreter, text))) - 1


@pytest.mark.parametrize(
    "text",
    ["1", "(map (fn (x) (+ x 1)) (list 1 2 3))", "(let loop ((i 0)) (if (< i 100) (loop (+ i 1)) i))"],
)
def test_the_step_limit_is_exact(text: str) -> None:
    needed = steps_of(text)
    Interpreter(limits=Limits(steps=needed)).eval(text)
    with pytest.raises(StepLimitError, match=f"more than {needed - 1} steps"):
        Interpreter(limits=Limits(steps=needed - 1)).eval(text)


class Answering:
    """A host that answers everything with 1."""

    def owns(self, operation: str) -> bool:
        return True

    def answer(self, operation: str, args: object, request: object) -> int:
        return 1

    def close(self) -> None:
        pass


def test_steps_are_counted_across_performs() -> None:
    text = '(let loop ((i 0)) (if (< i 50) (loop (+ i (perform {:op "one" :args ()}))) i))'
    interpreter = Interpreter()
    walked = states(interpreter, start_state(interpreter, text), lambda request: 1)
    needed = sum(not state.suspended for state in walked) - 1
    host: Host = Answering()
    assert Interpreter(host=host, limits=Limits(steps=needed)).eval(text) == 50
    with pytest.raises(StepLimitError):
        Interpreter(host=host, limits=Limits(steps=needed - 1)).eval(text)


def test_macro_expansions_count_as_steps_but_not_as_whole_slices() -> None:
    interpreter = Interpreter(limits=Limits(steps=1000))
    assert interpreter.eval("(defmacro m (x) `(+ 1 ,x)) (m (m (m (m (m 0)))))") == 5


def test_a_macro_expander_that_never_ends_is_stopped() -> None:
    interpreter = Interpreter(limits=Limits(steps=50_000))
    with pytest.raises(StepLimitError):
        interpreter.eval(f"(defmacro m () {FOREVER}) (m)")


@pytest.mark.parametrize("n", [1, 2, 100, 1000, 5000])
def test_the_depth_limit_is_exact(n: int) -> None:
    """`(deep n)`, the last form of its program, has one frame for each addition that waits."""
    interpreter = Interpreter(limits=Limits(depth=n))
    interpreter.eval(DEEP)
    assert interpreter.eval(f"(deep {n})") == n
    with pytest.raises(DepthLimitError, match=f"deeper than {n} frames"):
        interpreter.eval(f"(deep {n + 1})")
    assert interpreter.eval(f"(deep {n})") == n


def test_a_tail_call_has_no_depth() -> None:
    interpreter = Interpreter(limits=Limits(depth=1))
    assert interpreter.eval("(let loop ((i 0)) (if (< i 30000) (loop (+ i 1)) i))") == 30_000


def test_endless_recursion_ends_at_the_depth_limit() -> None:
    interpreter = Interpreter(limits=Limits(depth=100_000))
    with pytest.raises(DepthLimitError):
        interpreter.eval("(define (f x) (list (f x))) (f 1)")
    assert interpreter.eval("(+ 1 2)") == 3


def test_the_time_limit_stops_a_loop() -> None:
    interpreter = Interpreter(limits=Limits(seconds=0.05))
    with pytest.raises(TimeLimitError, match=r"longer than 0\.05 s"):
        interpreter.eval(FOREVER)
    assert interpreter.eval("(+ 1 2)") == 3


HOARDING = """
from sxpy import Interpreter, Limits
from sxpy.errors import MemoryLimitError
interpreter = Interpreter(limits=Limits(memory=50_000_000))
try:
    interpreter.eval("(let loop ((xs (list))) (loop (cons (range 100) xs)))")
except MemoryLimitError as error:
    print(error, interpreter.eval("(+ 1 2)"))
"""


def test_the_memory_limit_stops_a_program_that_hoards() -> None:
    """In a process of its own: what counts is by how much that grows."""
    done = subprocess.run(
        [sys.executable, "-c", HOARDING], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "the program used more than 50000000 bytes 3\n"


def test_no_limit_can_be_caught() -> None:
    caught = [
        f"(guard (e (true 0)) {FOREVER})",
        f"(try-catch (fn () {FOREVER}) (fn (e) 0))",
        f"(try-call (fn () {FOREVER}))",
        f"(with-exception-handler (fn (e) 0) (fn () {FOREVER}))",
        f"(dynamic-wind (fn () 0) (fn () {FOREVER}) (fn () 0))",
    ]
    for text in caught:
        with pytest.raises(LimitError):
            Interpreter(limits=Limits(steps=10_000)).eval(text)


def test_a_limit_error_is_no_error_of_the_program() -> None:
    assert not issubclass(LimitError, EvalError)


def test_limits_bound_each_run_anew() -> None:
    interpreter = Interpreter(limits=Limits(steps=1000))
    for _ in range(20):
        assert interpreter.eval("(let loop ((i 0)) (if (< i 50) (loop (+ i 1)) i))") == 50


def test_a_thread_can_interrupt_a_run() -> None:
    interpreter = Interpreter()
    started = threading.Event()
    interpreter.define("started!", started.set)

    def stop() -> None:
        started.wait()
        interpreter.interrupt()

    thread = threading.Thread(target=stop)
    thread.start()
    with pytest.raises(ProgramInterrupted):
        interpreter.eval(f"(started!) {FOREVER}")
    thread.join()
    assert interpreter.eval("(+ 1 2)") == 3


def test_an_interrupt_when_nothing_runs_is_forgotten() -> None:
    interpreter = Interpreter()
    interpreter.interrupt()
    assert interpreter.eval("(+ 1 2)") == 3


def test_an_interrupt_cannot_be_caught() -> None:
    interpreter = Interpreter()
    interpreter.define("stop!", interpreter.interrupt)
    before = time.monotonic()
    with pytest.raises(ProgramInterrupted):
        interpreter.eval(f"(guard (e (true 0)) (stop!) {FOREVER})")
    assert time.monotonic() - before < 30


def test_a_million_deep_recursion_needs_memory_only() -> None:
    assert Interpreter().eval(f"{DEEP} (deep 1000000)") == 1_000_000
