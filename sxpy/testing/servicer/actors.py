"""Several users of one store at the same time: threads on one host, or processes with a host each.

An actor is a function of its own view of the store and its number; what it returns is plain data. A failure
tells the steps of all of them, in the order in which they were begun. Next: `sxpy/testing/servicer/races.py`.
"""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from sxpy.errors import EvalError
from sxpy.testing.servicer.subject import Failure, Step, Subject

PATIENCE = 60.0
"""Seconds after which actors that have not ended are taken to hang."""

Actor = Callable[[Subject, int], Any]
"""What one of several does: from its view of the store and its number to plain data."""

Together = Callable[[Subject, list[Actor]], list[Any]]
"""Runs actors at the same time; what they returned. Raises Failure."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How an actor ended: the problem when it failed, else what it returned; and what it did."""

    value: Any = None
    problem: str | None = None
    steps: list[Step] = field(default_factory=list)


def in_threads(store: Subject, actors: list[Actor]) -> list[Any]:
    """Run the actors in threads that share the open host."""
    outcomes: list[_Outcome] = [_Outcome()] * len(actors)
    begin = threading.Barrier(len(actors))

    def run(number: int) -> None:
        own = store.sharing()
        begin.wait()
        outcomes[number] = _played(actors[number], own, number)

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(len(actors))]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + PATIENCE
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    if any(thread.is_alive() for thread in threads):
        store.fail(f"threads that share the store still wait after {PATIENCE:g} s")
    return _results(store, "thread", outcomes)


def in_processes(store: Subject, actors: list[Actor]) -> list[Any]:
    """Run the actors in processes of their own, each with a host of its own; the store is reopened after."""
    store.close()
    # A connection must not cross a fork, so each opens the store itself; forked, they can call any function.
    context = multiprocessing.get_context("fork")
    begin = context.Barrier(len(actors))
    pipes = [context.Pipe(duplex=False) for _ in actors]

    def run(number: int, parent: Connection) -> None:
        try:
            own = Subject(store.make_store, store.path)
            begin.wait(PATIENCE)
            outcome = _played(actors[number], own, number)
            own.close()
        except Failure as failure:
            outcome = _Outcome(problem=failure.problem)
        parent.send(outcome)

    processes = [
        context.Process(target=run, args=(number, theirs), daemon=True)
        for number, (_, theirs) in enumerate(pipes)
    ]
    for process in processes:
        process.start()
    for _, theirs in pipes:
        theirs.close()
    try:
        deadline = time.monotonic() + PATIENCE
        outcomes = [_received(ours, deadline) for ours, _ in pipes]
    finally:
        for process, (ours, _) in zip(processes, pipes, strict=True):
            process.kill()
            process.join()
            ours.close()
    results = _results(store, "process", outcomes)
    store.note("restart")
    store.open()
    return results


def _received(connection: Connection, deadline: float) -> _Outcome:
    try:
        if connection.poll(max(0.0, deadline - time.monotonic())):
            outcome: _Outcome = connection.recv()
            return outcome
    except EOFError:
        return _Outcome(problem="it died")
    return _Outcome(problem=f"it still waits after {PATIENCE:g} s")


def _played(actor: Actor, store: Subject, number: int) -> _Outcome:
    try:
        return _Outcome(actor(store, number), steps=store.steps)
    except Failure as failure:
        problem = failure.problem
    except EvalError as error:
        problem = f"this must not be refused: {error.message}"
    except Exception as error:
        problem = f"the answer cannot be used: {type(error).__name__}: {error}"
    return _Outcome(problem=problem, steps=store.steps)


def _results(store: Subject, kind: str, outcomes: list[_Outcome]) -> list[Any]:
    """What the actors returned; what they did is noted in the order in which it was begun."""
    for number, outcome in enumerate(outcomes):
        for step in outcome.steps:
            store.steps.append(Step(f"{kind} {number}: {step.text}", step.at))
    store.steps.sort(key=lambda step: step.at)
    for number, outcome in enumerate(outcomes):
        if outcome.problem is not None:
            store.fail(f"{kind} {number} of {len(outcomes)}: {outcome.problem}")
    return [outcome.value for outcome in outcomes]
