"""The store beside the bare disk, SQLite and eventsourcing: durable writes, batches, reading, projections.

Writes are measured by the clock on the wall, because they wait for the disk; everything takes turns, so that
whatever else the disk does meets all alike. Reading is measured in seconds of processor.
"""

from __future__ import annotations

import gc
import json
from argparse import Namespace
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial, reduce
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from bench import stores
from bench.group_commit import host as host_threads
from bench.group_commit import one_cpu
from bench.group_commit import server as socket_clients
from bench.measure import cpu, in_turns, ratio, seconds
from bench.table import Bar, Table
from sxpy import Interpreter

WRITES, BATCH, EVENTS = 200, 100, 100_000
"""Durable writes of a measurement, events of a batch, events that are read."""

MISSING = "eventsourcing is not installed: pip install eventsourcing"

SX, RAW, FILLED = "persist/append", "raw append and fdatasync", "raw, into space that is there"
SQLITE, SOURCED = "SQLite, WAL, synchronous=FULL", "eventsourcing on SQLite"


def storage(options: Namespace) -> list[Table]:
    """The tables of the group."""
    with TemporaryDirectory(dir=options.dir, prefix="sx-bench-") as directory:
        root = Path(directory)
        return [
            appends(root, options),
            batches(root, options),
            writers(root, options),
            reading(root, options),
        ]


def appends(root: Path, options: Namespace) -> Table:
    """One durable event after the other."""
    times = 10 if options.tiny else WRITES
    table = Table("Durable appends, one at a time", "Acknowledged events a second", ["a second", "SX / it"])
    with ExitStack() as stack:
        sx = stack.enter_context(stores.store(root / "appends"))
        sourced = stack.enter_context(stores.event_sourced(root / "sourced.db"))
        writes: dict[str, Callable[[int], Any]] = {
            SX: partial(sx.call, "append-each", 1),
            RAW: stack.enter_context(stores.growing_file(root / "growing")),
            FILLED: stack.enter_context(stores.filled_file(root / "filled")),
            SQLITE: stack.enter_context(stores.sqlite(root / "sqlite.db")),
        }
        if sourced is not None:
            writes[SOURCED] = sourced.write
        found = measured(writes, times, options.rounds)
    for name, taken in found.items():
        table.rows[name] = {"a second": times / median(taken), "SX / it": ratio(taken, found[SX])}
    table.bars = [
        Bar(f"persist/append / {name}", table.rows[name]["SX / it"] or 0.0, ">=", limit)
        for name, limit in ((RAW, 1.0), (SQLITE, 0.9), (SOURCED, 1.8))
        if name in found
    ]
    table.notes = [] if SOURCED in found else [MISSING]
    return table


def measured(writes: dict[str, Callable[[int], Any]], times: int, rounds: int) -> dict[str, list[float]]:
    """Seconds on the wall that each takes in each round; one round that is not counted goes before."""
    works = {name: partial(seconds, partial(write, times)) for name, write in writes.items()}
    in_turns(works, 1)
    return in_turns(works, rounds)


def batches(root: Path, options: Namespace) -> Table:
    """A hundred events at once."""
    times = BATCH if options.tiny else 20 * BATCH
    many, raw = "persist/append-batch of 100", "raw write of 100 records and fdatasync"
    with ExitStack() as stack:
        sx = stack.enter_context(stores.store(root / "batches"))

        def write(count: int) -> None:
            for first in range(1, count + 1, BATCH):
                sx.call("append-batch", first, BATCH)

        filled = stack.enter_context(stores.filled_file(root / "batches.raw", BATCH))
        found = measured({many: write, raw: filled}, times, options.rounds)
    table = Table("Durable batches", "Acknowledged events a second", ["a second", "SX / it"])
    for name, taken in found.items():
        table.rows[name] = {"a second": times / median(taken), "SX / it": ratio(taken, found[many])}
    table.bars = [Bar("append-batch of 100 / raw", table.rows[raw]["SX / it"] or 0.0, ">=", 0.6)]
    return table


PINNED = "clients of sx serve --cpu N"


def writers(root: Path, options: Namespace) -> Table:
    """Sixteen writers at a time, and one."""
    span = 0.1 if options.tiny else 1.0
    with (
        host_threads(root) as threads,
        socket_clients(root) as clients,
        socket_clients(root, *one_cpu()) as pinned,
    ):
        rates = {"threads of one process": threads, "clients of sx serve": clients, PINNED: pinned}
        works = {
            (kind, count): partial(rate, count, span)
            for kind, rate in rates.items()
            for count in (1, 2 if options.tiny else 16)
        }
        found = in_turns(works, options.rounds)
    table = Table("Writers at the same time", "Acknowledged events a second", ["one", "many", "many / one"])
    for kind in dict.fromkeys(kind for kind, _ in works):
        one, many = [rates for (name, _), rates in found.items() if name == kind]
        table.rows[kind] = {"one": median(one), "many": median(many), "many / one": ratio(many, one)}
    shared = table.rows[PINNED]["many / one"] or 0.0
    table.bars = [Bar("16 clients of a socket / one, sx serve --cpu", shared, ">=", 2.5)]
    table.notes = ["Many are 16; every append is a request of its own, acknowledged when it is on the disk."]
    return table


READ, REST, JSON, REPLAY = "persist/read", "persist/read, at rest", "json.loads", "eventsourcing, replay"
PROJECT, FOLD, PYTHON = "persist/project-fold", "the fold in SX", "the fold in Python"


def reading(root: Path, options: Namespace) -> Table:
    """Many events into values, and a fold over them."""
    count = 1_000 if options.tiny else EVENTS
    with ExitStack() as stack:
        sx = stack.enter_context(stores.store(root / "reading"))
        sourced = stack.enter_context(stores.event_sourced(root / "replay.db"))
        for first in range(1, count + 1, 1_000):
            sx.call("append-batch", first, 1_000)
        if sourced is not None:
            sourced.write_together(count)
        found = in_turns(reading_works(sx, count), options.rounds)
        if sourced is not None:
            found |= in_turns({REPLAY: partial(fresh, sourced.replay)}, options.rounds)
        stores.settle(sx)
        found |= in_turns({REST: partial(fresh, partial(sx.call, "read-all", "orders"))}, options.rounds)
    table = Table(
        "Reading", f"Microseconds of processor an event, of {count:,} events", ["µs", "/ json.loads"]
    )
    for name, taken in found.items():
        table.rows[name] = {"µs": 1e6 * median(taken) / count, "/ json.loads": ratio(taken, found[JSON])}
    table.bars = [
        Bar("json.loads of the same lines / persist/read", ratio(found[JSON], found[REST]), ">=", 0.5),
        Bar("the fold in SX / the same fold in Python", ratio(found[FOLD], found[PYTHON]), "<=", 3.0),
    ]
    if REPLAY in found:
        table.bars.append(
            Bar("eventsourcing replay / persist/read", ratio(found[REPLAY], found[REST]), ">=", 4.0)
        )
    table.notes = [] if REPLAY in found else [MISSING]
    return table


def reading_works(sx: Interpreter, count: int) -> dict[str, Callable[[], float]]:
    """What reads, and what folds, in seconds of processor."""
    lines = [stores.json_line(number) for number in range(1, count + 1)]

    def add(total: int, event: dict[str, Any]) -> int:
        return total + int(event["data"]["amount"])

    def fold_in_sx() -> float:
        events = sx.call("read-all", "orders")
        return fresh(partial(sx.call, "fold", events))

    def fold_in_python() -> float:
        events = [json.loads(line) for line in lines]
        return fresh(partial(reduce, add, events, 0))

    return {
        READ: partial(fresh, partial(sx.call, "read-all", "orders")),
        JSON: partial(fresh, lambda: [json.loads(line) for line in lines]),
        PROJECT: partial(fresh, partial(sx.call, "project", "orders")),
        FOLD: fold_in_sx,
        PYTHON: fold_in_python,
    }


def fresh(work: Callable[[], Any]) -> float:
    """Seconds of processor, with nothing left for the garbage collector of what went before."""
    gc.collect()
    return cpu(work)
