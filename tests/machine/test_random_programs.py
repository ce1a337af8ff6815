"""Random programs end alike however they are run: in one go, in slices, suspended, resumed again, watched."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from typing import Any

import pytest
from running import ASK, answered, number_asked, start_state

from sxpy import EvalError, Interpreter, Limits, Run
from sxpy.errors import LimitError
from sxpy.machine import Machine, State
from sxpy.printer import inspect
from sxpy.runtime import activate, deactivate

STEPS = 6_000
"""Programs that take longer are left out."""


class Writer:
    """Writes a random program: an expression of a few forms, nested up to a depth, that asks the host."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.fresh = 0

    def name(self) -> str:
        self.fresh += 1
        return f"v{self.fresh}"

    def expression(self, depth: int, names: list[str]) -> str:
        """An expression in which `names` are bound."""
        chance = self.chance
        if depth <= 0 or chance.random() < 0.1:
            return chance.choice(["0", "1", "2", "3", "true", "nil", "(ask 1)", "(ask 2)", *names])

        def part(*more: str) -> str:
            return self.expression(depth - 1, [*names, *more])

        a, b = self.name(), self.name()
        forms: list[Callable[[], str]] = [
            lambda: f"(ask {part()})",
            lambda: f"({chance.choice(['+', '-', '*', 'list', '=', '<'])} {part()} {part()})",
            lambda: f"(if {part()} {part()} {part()})",
            lambda: f"(cond ({part()} {part()}) ({part()} => (fn ({a}) {part(a)})) (else {part()}))",
            lambda: f"({chance.choice(['and', 'or', 'begin'])} {part()} {part()})",
            lambda: f"(let (({a} {part()}) ({b} {part(a)})) {part(a, b)})",
            lambda: f"(let (({a} {part()})) (set! {a} {part(a)}) {part(a)})",
            lambda: f"(let () (define ({a} {b}) {part(b)}) (list ({a} {part()}) ({a} 1)))",
            lambda: f"((fn ({a} &rest {b}) {part(a, b)}) {part()} {part()})",
            lambda: f"(map (fn ({a}) {part(a)}) (list 1 2))",
            lambda: f"(filter (fn ({a}) {part(a)}) (list 1 2 3))",
            lambda: f"(reduce (fn ({a} {b}) {part(a, b)}) 0 (list 1 2))",
            lambda: f"(sort (list 2 1 3) (fn ({a} {b}) {part(a, b)}))",
            lambda: f"(guard ({a} ((number? {a}) {part(a)})) {part()})",
            lambda: f"(guard ({a} (true {part(a)})) {part()} (raise {part()}))",
            lambda: f"(try-catch (fn () {part()}) (fn ({a}) {part()}))",
            lambda: f"(with-exception-handler (fn ({a}) {part(a)}) (fn () (raise-continuable {part()})))",
            lambda: f"(call/cc (fn ({a}) (list {part()} ({a} {part()}))))",
            lambda: f"(reset (list {part()} (shift {a} (list ({a} {part()}) {part()}))))",
            lambda: f"(dynamic-wind (fn () {part()}) (fn () {part()}) (fn () {part()}))",
            lambda: f"(let (({a} (make-parameter 1))) (parameterize (({a} {part()})) (list ({a}) {part()})))",
            lambda: f"(let-values ((({a} {b}) (values {part()} {part()}))) {part(a, b)})",
            lambda: f"(match {part()} (1 {part()}) (({a} {b}) {part(a, b)}) ({a} {part(a)}))",
            lambda: f"`(1 ,{part()} ,@(list {part()}))",
            lambda: f"(force (delay {part()}))",
            lambda: f"(let {a} (({b} 2)) (if (= {b} 0) {part(b)} (list {part(b)} ({a} (- {b} 1)))))",
            lambda: f"(-> {part()} (list {part()}))",
            lambda: f"{{:a {part()} :b {part()}}}",
            lambda: f"(apply (fn ({a} {b}) {part(a, b)}) (list {part()}))",
        ]
        return chance.choice(forms)()


def reply(number: Any) -> Any:
    """The host's answer to what is asked."""
    return number * 10 if type(number) is int else number


class Replying:
    """The host."""

    def owns(self, operation: str) -> bool:
        return operation == "ask"

    def answer(self, operation: str, args: list[Any], request: Any) -> Any:
        return reply(args[0])

    def close(self) -> None:
        pass


def told(work: Callable[[], Any]) -> str:
    """The value of a run, or its error with the place."""
    try:
        return inspect(work())
    except EvalError as error:
        return f"! {error.message} @ {error.place}"


def sliced(interpreter: Interpreter, state: State, fuel: int) -> Any:
    """Run in slices of `fuel`, answering on the way."""
    machine = Machine(interpreter)
    token = activate(interpreter.runtime)
    try:
        while not state.done:
            if state.suspended:
                state = state.resume(reply(state.request.get("args").first()))
            else:
                state = machine.run(state, fuel)
        return state.value
    finally:
        deactivate(token)


def interpreter_for_asking(**options: Any) -> Interpreter:
    made = Interpreter(output=io.StringIO(), **options)
    made.eval(ASK)
    return made


def by_hand(run: Run) -> list[Run]:
    """The run and all that follow."""
    found = [run]
    while not run.done:
        run = run.resume(reply(run.request.get("args").first()))
        found.append(run)
    return found


@pytest.mark.parametrize("seed", range(150))
def test_a_program_ends_alike_however_it_is_run(seed: int) -> None:
    program = Writer(seed).expression(5, [])
    try:
        expected = told(
            lambda: interpreter_for_asking(host=Replying(), limits=Limits(steps=STEPS)).eval(
                program, "<test>"
            )
        )
    except LimitError:
        pytest.skip("it takes too long")
    assert expected == told(lambda: by_hand(interpreter_for_asking().start(program, "<test>"))[-1].value)
    watched = interpreter_for_asking(host=Replying())
    watched.runtime.debugged = True
    assert expected == told(lambda: watched.eval(program, "<test>"))
    for fuel in (1, 7):
        interpreter = interpreter_for_asking()
        state = start_state(interpreter, program)
        assert expected == told(lambda i=interpreter, s=state, f=fuel: sliced(i, s, f))  # type: ignore[misc]


@pytest.mark.parametrize("seed", range(100))
def test_every_suspended_run_can_be_resumed_again(seed: int) -> None:
    program = Writer(1000 + seed).expression(4, [])
    if "set!" in program or "delay" in program:
        program = program.replace("set!", "list").replace("(force (delay", "((fn (x) x) (list")
    interpreter = interpreter_for_asking(limits=Limits(steps=STEPS))
    try:
        runs = by_hand(interpreter.start(program, "<test>"))
    except (EvalError, LimitError):
        return
    expected = inspect(runs[-1].value)
    for run in reversed(runs):
        assert inspect(by_hand(run)[-1].value) == expected


def test_the_writer_writes_programs_that_ask() -> None:
    asking = sum("(ask" in Writer(seed).expression(5, []) for seed in range(150))
    assert asking > 100


def test_a_known_program() -> None:
    runs = list(answered(interpreter_for_asking().start("(map ask (list 1 2))"), lambda n: n))
    assert [number_asked(run) for run in runs[:-1]] == [1, 2]
