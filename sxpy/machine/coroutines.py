"""Coroutines: `make-coroutine coroutine-resume coroutine-yield coroutine-alive?`.

A resume marks the continuation with a dynamic frame; a yield takes the frames up to that mark off and
gives the value to the resumer. The coroutine keeps those frames and goes on with them, once.
"""

from __future__ import annotations

from typing import Any

from sxpy.data import Coroutine, continuation_of, is_procedure
from sxpy.errors import SxValueError
from sxpy.machine.control import delimited_segment, enter_segment
from sxpy.machine.procedures import control
from sxpy.machine.state import APPLY, CONTINUE, Kont, Transition, native, pop_dynamic
from sxpy.machine.winding import travel
from sxpy.primitives.registry import expected


@native("coroutine", dynamic=True)
def RUNNING(machine: Any, value: Any, frame: Any) -> Transition:
    """(RUNNING, coroutine, dynamic, kont): its procedure has returned."""
    machine.dynamic = frame[-2]
    return CONTINUE, value, None, frame[-1]


RUNNING.run = pop_dynamic


def _coroutine(who: str, value: Any) -> Coroutine:
    if type(value) is not Coroutine:
        raise expected(who, "a coroutine", value)
    return value


def _is_running(machine: Any, coroutine: Coroutine) -> bool:
    frame = machine.dynamic
    while frame is not None and not (frame[0] is RUNNING and frame[1] is coroutine):
        frame = frame[-2]
    return frame is not None


@control("make-coroutine", minimum=1, maximum=1)
def make_coroutine(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(make-coroutine f) — a coroutine that runs f when it is resumed for the first time.

    (coroutine-resume (make-coroutine (fn () (coroutine-yield 1) 2))) => 1
    """
    if not is_procedure(args[0]):
        raise expected("make-coroutine", "a procedure", args[0])
    return CONTINUE, Coroutine(args[0]), None, kont


@control("coroutine-resume", minimum=1, maximum=2)
def coroutine_resume(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(coroutine-resume c v?) — run c to its next yield or its end; v is what that yield returns in c.

    At the first resume v, when given, is the argument of its procedure.
    (coroutine-resume (make-coroutine inc) 5) => 6
    """
    coroutine = _coroutine("coroutine-resume", args[0])
    start, rest = coroutine.start, coroutine.rest
    if start is None and rest is None:
        status = "running" if _is_running(machine, coroutine) else "dead"
        raise SxValueError(f"coroutine-resume: the coroutine is {status}", coroutine)
    coroutine.start = coroutine.rest = None
    mark = (RUNNING, coroutine, machine.dynamic, kont)
    if start is not None:
        machine.dynamic = mark
        return APPLY, start, args[1:], mark
    return enter_segment(machine, rest.kont, args[1] if len(args) == 2 else None, mark)


@control("coroutine-yield", minimum=0, maximum=1)
def coroutine_yield(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(coroutine-yield v?) — give v to the resumer; the value is what the next resume brings.

    (coroutine-resume (make-coroutine (fn () (coroutine-yield 7)))) => 7
    """
    mark = machine.dynamic
    while mark is not None and mark[0] is not RUNNING:
        mark = mark[-2]
    if mark is None:
        raise SxValueError("coroutine-yield: no coroutine is running")
    coroutine = mark[1]
    coroutine.rest = continuation_of(delimited_segment(kont, mark), machine.dynamic, delimited=True)
    value = args[0] if args else None
    return travel(machine, (CONTINUE, value, None, mark[-1]), mark[-2])


@control("coroutine?", minimum=1, maximum=1)
def is_coroutine(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(coroutine? v) — whether v is a coroutine.

    (coroutine? 1) => false
    """
    return CONTINUE, type(args[0]) is Coroutine, None, kont


@control("coroutine-alive?", minimum=1, maximum=1)
def coroutine_alive(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(coroutine-alive? c) — whether c has not ended.

    (coroutine-alive? (make-coroutine list)) => true
    """
    coroutine = _coroutine("coroutine-alive?", args[0])
    waiting = coroutine.start is not None or coroutine.rest is not None
    return CONTINUE, waiting or _is_running(machine, coroutine), None, kont
