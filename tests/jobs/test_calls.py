"""Handlers in Python: what they are given, what comes back, and what happens when a process dies in one."""

from __future__ import annotations

from typing import Any

from jobs_support import Killed, World, perform

from sxpy.errors import EvalError
from sxpy.jobs import Call


def test_a_handler_gets_python_values_and_a_key() -> None:
    seen: list[Any] = []

    def send(call: Call, to: str, letter: dict[str, Any]) -> list[int]:
        seen.append((call.job, call.step, call.operation, call.key, to, letter))
        return [1, 2]

    world = World(handlers={"mail/send": send})
    form = perform("mail/send", '"ada"', '{:text "hello" :parts (list 1 2)}')
    job = world.start(f"{perform('job/now')} (list {form} {form})", id="j")
    world.work()
    assert world.value(job) == [[1, 2], [1, 2]]
    letter = {"text": "hello", "parts": [1, 2]}
    assert seen == [("j", n, "mail/send", f"j/{n}", "ada", letter) for n in (1, 2)]


def test_what_a_handler_raises_is_raised_at_the_perform() -> None:
    def fail(call: Call) -> None:
        raise ValueError("no such bank")

    def refuse(call: Call) -> None:
        raise EvalError("not today")

    def odd(call: Call) -> Any:
        return print

    world = World(handlers={"fail": fail, "refuse": refuse, "odd": odd})
    caught = "(guard (e (true (error-message e))) {})"
    job = world.start(
        f"(list {' '.join(caught.format(perform(name)) for name in ('fail', 'refuse', 'odd'))})"
    )
    world.work()
    fails, refuses, is_odd = world.value(job)
    assert fails == "fail: ValueError: no such bank"
    assert refuses == "not today"
    assert "no text reads back" in is_odd


def test_a_call_that_was_cut_off_is_made_again_with_the_same_key_and_arguments() -> None:
    """What it is called with came of chance, which is not thrown twice."""
    calls: list[tuple[str, int]] = []

    def pay(call: Call, amount: int) -> str:
        calls.append((call.key, amount))
        if len(calls) == 1:
            raise Killed
        return "paid"

    world = World(handlers={"pay": pay})
    job = world.start(perform("pay", perform("job/random", "1000000000")), id="j")
    try:
        world.work()
    except Killed:
        world.now += 31
    world.work()
    assert world.value(job) == "paid"
    assert calls == [calls[0]] * 2
    assert calls[0][0] == "j/1"


def test_an_answer_is_committed_before_anything_else_happens() -> None:
    calls: list[str] = []

    def pay(call: Call) -> str:
        calls.append(call.key)
        return "paid"

    def die(call: Call) -> None:
        raise Killed

    world = World(handlers={"pay": pay, "die": die})
    job = world.start(f"{perform('pay')} {perform('die')}")
    for _ in range(2):
        try:
            world.work()
        except Killed:
            world.now += 31
    assert len(calls) == 1
    world.work(handlers={"die": lambda call: "alive"})
    assert world.value(job) == "alive"


def test_a_handler_comes_before_the_store() -> None:
    world = World(handlers={"persist/kv-get": lambda call, key: f"not {key}"})
    job = world.start(perform("persist/kv-get", '"k"'))
    world.work()
    assert world.value(job) == "not k"
