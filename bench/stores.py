"""What writes and reads events, to be put beside each other: the store, the bare disk, SQLite, eventsourcing.

Each is a context that makes its files in a directory. All write the same events: an order is paid, with an
amount and a customer, and each append is on the disk before the next one begins.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sxpy import Interpreter
from sxpy_hosts.disk import DiskHost, open_host

if TYPE_CHECKING:
    from bench.sourced import EventSourced

Write = Callable[[int], None]
"""Does so many durable writes, one after the other."""

PROGRAM = """
(load "lib/persist/all.sx")
(define b (persist/durable-backend))
(define extended (persist/extended-durable-backend))
(define (data n) {:amount (mod n 97) :who (str "customer " (mod n 89)) :note "by card"})
(define (append-each first n)
  (when (> n 0)
    (persist/append b "orders" "paid" first (data first))
    (append-each (+ first 1) (- n 1))))
(define (specs first n) (map (fn (i) (list "paid" i (data i))) (range first (+ first n))))
(define (append-batch first n) (persist/append-batch extended "orders" (specs first n)) nil)
(define (add total event) (+ total (get (persist/event-data event) :amount)))
(define (fold events) (reduce add 0 events))
(define (project stream) (persist/project-fold b stream add 0))
(define (read-all stream) (persist/read b stream))
"""


def data(number: int) -> dict[str, Any]:
    """What PROGRAM's `data` makes."""
    return {"amount": number % 97, "who": f"customer {number % 89}", "note": "by card"}


def json_line(number: int) -> str:
    """The event as a line of JSON."""
    event = {"stream": "orders", "seq": number, "type": "paid", "at": number, "data": data(number)}
    return json.dumps(event)


def record(number: int) -> bytes:
    """The bytes that the store writes for an event."""
    text = (
        f'(append "orders" {number} {{:stream "orders" :seq {number} :type "paid" :at {number} :data '
        f'{{:amount {number % 97} :who "customer {number % 89}" :note "by card"}}}}) ; '
        f"{number} 131 01234567\n"
    )
    return text.encode()


@contextmanager
def store(root: Path) -> Iterator[Interpreter]:
    """An interpreter with lib/persist and PROGRAM, on a store."""
    host = open_host(root)
    interpreter = Interpreter(host=host)
    interpreter.eval(PROGRAM)
    yield interpreter
    host.close()


def settle(interpreter: Interpreter) -> None:
    """Have the store move what its journal holds to the files where it rests."""
    host = interpreter.host
    assert isinstance(host, DiskHost)
    host.checkpoint()


@contextmanager
def growing_file(path: Path) -> Iterator[Write]:
    """A file that grows by a record and is synced."""
    with path.open("ab", buffering=0) as file:

        def write(times: int) -> None:
            for number in range(times):
                file.write(record(number))
                os.fdatasync(file.fileno())

        yield write


@contextmanager
def filled_file(path: Path, batch: int = 1) -> Iterator[Write]:
    """A file that is long already, written a batch of records at a time, and synced."""
    size = 1 << 24
    with path.open("wb+", buffering=0) as file:
        file.write(b"\n" * size)
        os.fsync(file.fileno())
        at = 0

        def write(times: int) -> None:
            nonlocal at
            for number in range(0, times, batch):
                text = b"".join([record(number + i) for i in range(batch)])
                at = at if at + len(text) < size else 0
                os.pwrite(file.fileno(), text, at)
                os.fdatasync(file.fileno())
                at += len(text)

        yield write


@contextmanager
def sqlite(path: Path) -> Iterator[Write]:
    """SQLite with a write-ahead log and full synchronization, an insert a transaction."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(
        "CREATE TABLE events (stream TEXT, seq INTEGER, type TEXT, at INTEGER, data TEXT, "
        "PRIMARY KEY (stream, seq))"
    )
    seq = 0

    def write(times: int) -> None:
        nonlocal seq
        for _ in range(times):
            seq += 1
            row = ("orders", seq, "paid", seq, json.dumps(data(seq)))
            connection.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?)", row)

    yield write
    connection.close()


@contextmanager
def event_sourced(path: Path) -> Iterator[EventSourced | None]:
    """An EventSourced; None where the package is not installed."""
    if importlib.util.find_spec("eventsourcing") is None:
        yield None
        return
    from bench.sourced import EventSourced  # noqa: PLC0415  it needs the package

    made = EventSourced(path)
    yield made
    made.close()
