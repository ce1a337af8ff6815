"""What a servicer must keep of a process that is killed while it writes.

SIGKILL at a random moment: what the operating system has is kept, so this proves no sync; it proves that
nothing is acknowledged early, written half, or locked for ever. Next: `sxpy/testing/servicer/races.py`.
"""

from __future__ import annotations

import multiprocessing
import random
import time
from multiprocessing.connection import Connection
from typing import Any

from sxpy.data import list_of
from sxpy.testing.servicer.actors import PATIENCE
from sxpy.testing.servicer.registry import check
from sxpy.testing.servicer.subject import Failure, Subject, event, request

KILLS = 6
"""How many processes are killed, each a little later than the one before."""

LONGEST_LIFE = 0.1
"""Seconds that a process writes at the most."""


@check(promises=["durable", "processes"])
def what_was_acknowledged_outlives_a_killed_process(store: Subject) -> None:
    def change(own: Subject, seq: int) -> None:
        own.ask("append", "s", event("s", seq))
        own.ask("kv-put", "n", seq)

    last = 0
    for number in range(KILLS):
        last = _kill_one(store, change, last, LONGEST_LIFE * number / KILLS)
        mark = store.ask("kv-get", "n")
        if not isinstance(mark, int) or not last - 1 <= mark <= last:
            store.fail(f"the key was put after each append, the last of which was {last}")


@check("transact", promises=["durable", "processes"])
def no_half_of_a_transaction_outlives_a_killed_process(store: Subject) -> None:
    def change(own: Subject, seq: int) -> None:
        own.ask("transact", list_of(request("append", "s", event("s", seq)), request("kv-put", "n", seq)))

    last = 0
    for number in range(KILLS):
        last = _kill_one(store, change, last, LONGEST_LIFE * number / KILLS)
        store.gives(last, "kv-get", "n")


def _kill_one(store: Subject, change: Any, last: int, life: float) -> int:
    """Kill a process that makes one change after the other; the last event that is there now."""
    store.close()
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)

    def write(result: Connection) -> None:
        try:
            own = Subject(store.make_store, store.path)
            seq = last
            while True:
                seq += 1
                change(own, seq)
                result.send(seq)
        except Failure as failure:
            result.send(failure.problem)

    process = context.Process(target=write, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    ours.poll(PATIENCE)  # the first change, or the end
    time.sleep(life * random.uniform(0.5, 1))
    process.kill()
    said = _all(ours)
    process.join()
    ours.close()
    for one in said:
        if isinstance(one, str):
            store.fail(f"the process that was to be killed: {one}")
    if not said:
        store.fail("a process that writes ended before its first change was acknowledged")
    store.note(f"a process changes {last + 1} to {said[-1]}, and is killed")
    store.open()
    found = store.ask("last-seq", "s")
    if found < said[-1]:
        store.fail(f"{said[-1]} was acknowledged before the process was killed")
    if found > said[-1] + 1:
        store.fail(f"no more than {said[-1] + 1} was ever appended")
    store.holds("s", *range(1, found + 1))
    store.note("and others can write:")
    store.ask("kv-put", "other", found)
    return int(found)


def _all(connection: Connection) -> list[Any]:
    """What was said until the end; a message that was cut off by the end is none."""
    said = []
    try:
        while True:
            said.append(connection.recv())
    except (EOFError, OSError):
        return said
