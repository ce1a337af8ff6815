"""Running programs in tests: in one go, step by step, and by hand from one `perform` to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sxpy import Interpreter, Run
from sxpy.errors import EvalError
from sxpy.machine import Machine, State
from sxpy.machine.program import program_state
from sxpy.printer import inspect
from sxpy.reader import read_source
from sxpy.reader.forms import Source, Spot
from sxpy.runtime import activate, deactivate

ASK = '(define (ask n) (perform {:op "ask" :args (list n)}))\n'
"""A function that asks the host about a number; programs of `asking` may use it."""


def show(text: str, **options: Any) -> str:
    """What a program gives, as `inspect` writes it; `!` and the message for an error."""
    try:
        return inspect(Interpreter(**options).eval(text))
    except EvalError as error:
        return f"! {error.message}"


def error_of(text: str, **options: Any) -> EvalError:
    """The error a program ends with."""
    try:
        value = Interpreter(**options).eval(text)
    except EvalError as error:
        return error
    raise AssertionError(f"no error, but {inspect(value)}")


def number_asked(run: Run) -> int:
    """The number in the request of a program that waits at an `ask`."""
    number = run.request.get("args").first()
    assert type(number) is int
    return number


def asking(text: str, interpreter: Interpreter | None = None) -> Run:
    """Start a program that may `ask`; the host is not asked."""
    made = interpreter or Interpreter()
    made.eval(ASK)
    return made.start(text)


def answered(run: Run, answer: Callable[[int], Any]) -> Iterator[Run]:
    """The run and those after it, each resumed with the answer to its number; the last one is done."""
    yield run
    while not run.done:
        run = run.resume(answer(number_asked(run)))
        yield run


def start_state(interpreter: Interpreter, text: str) -> State:
    """The state in which a program is about to start."""
    source = Source(text, "<test>")
    forms, starts = read_source(source)
    pairs = [(form, Spot(source, start)) for form, start in zip(forms, starts, strict=True)]
    return program_state(tuple(pairs), interpreter.env)


def states(
    interpreter: Interpreter, state: State, answer: Callable[[Any], Any] | None = None
) -> Iterator[State]:
    """The state and every one after it, one step each, until it is done or waits without an answer."""
    machine = Machine(interpreter)
    token = activate(interpreter.runtime)
    try:
        while True:
            yield state
            if state.done:
                return
            if not state.suspended:
                state = machine.step(state)
            elif answer is None:
                return
            else:
                state = state.resume(answer(state.request))
    finally:
        deactivate(token)


def finished(interpreter: Interpreter, state: State, fuel: int = 1_000_000) -> State:
    """The state where a program ends or waits, some slices of fuel later."""
    machine = Machine(interpreter)
    token = activate(interpreter.runtime)
    try:
        while not (state.done or state.suspended):
            state = machine.run(state, fuel)
        return state
    finally:
        deactivate(token)
