"""What sharing syncs is worth: writers that commit at the same time, one writer, and the bare disk.

    python bench/group_commit.py [--dir DIR] [--writers 16] [--rounds 5] [--seconds 1]

Every writer appends to a stream of its own, one event at a time, and goes on when the event is acknowledged,
which means on the disk. Measured, in turns, so that whatever else the machine does meets all alike:

    raw      one process writes 200 bytes into a file that is as long already, and calls fdatasync
    host     threads of one process ask an open disk host
    server   clients of `sx serve --listen unix:…`, each in a process of its own, one append a request
    one cpu  the same, and the server stays on one processor (`--cpu`)

The figures are the medians of the rounds. DIR must be on the disk in question; a tmpfs says nothing.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from sxpy.data import Dict
from sxpy_hosts.disk import DiskHost, open_host

Rate = Callable[[int, float], float]
"""From a number of writers and of seconds to acknowledged writes a second."""

RECORD = b"x" * 199 + b"\n"

WARM = 300
"""Appends of a client before it is measured: by then its program is compiled in the server."""

PROGRAM = """
(load \\"lib/persist/all.sx\\")
(define b (persist/durable-backend))
(define (put n) (persist/event-seq (persist/append b (str \\"client \\" me) \\"t\\" n {:n n})))
"""


def main() -> None:
    """Measure and print."""
    options = arguments()
    with (
        tempfile.TemporaryDirectory(dir=options.dir, prefix="sx-bench-") as directory,
        raw(Path(directory)) as disk,
        host(Path(directory)) as threads,
        server(Path(directory)) as clients,
        server(Path(directory), *one_cpu()) as pinned,
    ):
        found = measure({"raw": disk, "host": threads, "server": clients, "one cpu": pinned}, options)
    show(found, options.writers)


def arguments() -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(description="What sharing syncs is worth.")
    parser.add_argument("--dir", default=None, help="a directory on the disk to measure")
    parser.add_argument("--writers", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each measurement")
    return parser.parse_args()


def measure(kinds: dict[str, Rate], options: argparse.Namespace) -> dict[tuple[str, int], float]:
    """The median rate of each kind, with one writer and with many."""
    plan = [(kind, n) for kind in kinds for n in ([1] if kind == "raw" else [1, options.writers])]
    rates: dict[tuple[str, int], list[float]] = {key: [] for key in plan}
    for _ in range(options.rounds):
        for kind, writers in plan:
            rates[kind, writers].append(kinds[kind](writers, options.seconds))
    return {key: statistics.median(found) for key, found in rates.items()}


def show(found: dict[tuple[str, int], float], writers: int) -> None:
    """Print rates and ratios."""
    disk = found["raw", 1]
    print(f"{'':8}{'writers':>8}{'acked/s':>10}{'/ raw':>8}{'/ one writer':>14}")
    for (kind, count), rate in found.items():
        print(f"{kind:8}{count:8}{rate:10.0f}{rate / disk:8.2f}{rate / found[kind, 1]:14.2f}")


def until(seconds: float, write: Callable[[int], None]) -> int:
    """How many times `write` could be called."""
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        count += 1
        write(count)
    return count


# -- the disk -------------------------------------------------------------------------------------------


@contextmanager
def raw(root: Path) -> Iterator[Rate]:
    """The least that a durable write can cost."""
    size = 1 << 22
    with (root / "raw").open("wb+", buffering=0) as file:
        file.write(bytes(size))
        os.fsync(file.fileno())

        def write(number: int) -> None:
            os.pwrite(file.fileno(), RECORD, number * len(RECORD) % (size - len(RECORD)))
            os.fdatasync(file.fileno())

        yield lambda _, seconds: until(seconds, write) / seconds


# -- threads on a host ------------------------------------------------------------------------------------


@contextmanager
def host(root: Path) -> Iterator[Rate]:
    """Threads that share an open disk host."""
    store = open_host(root / "host")
    seqs: dict[int, int] = {}

    def rate(writers: int, seconds: float) -> float:
        counts: list[int] = []
        threads = [
            threading.Thread(target=lambda me=me: counts.append(append_for(store, seqs, me, seconds)))
            for me in range(writers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(counts) / seconds

    yield rate
    store.close()


def append_for(store: DiskHost, seqs: dict[int, int], me: int, seconds: float) -> int:
    """Append to the thread's stream for so many seconds; how many events."""
    stream, first = f"thread {me}", seqs.get(me, 0)

    def write(number: int) -> None:
        seq = first + number
        event = Dict({"stream": stream, "seq": seq, "type": "t", "at": seq, "data": Dict({"n": seq})})
        store.answer("persist/append", [stream, event])

    count = until(seconds, write)
    seqs[me] = first + count
    return count


# -- clients of a server ------------------------------------------------------------------------------------


def one_cpu() -> tuple[str, str]:
    """The options that keep a server on the last of this machine's processors."""
    return "--cpu", str(max(os.sched_getaffinity(0)))


@contextmanager
def server(root: Path, *options: str) -> Iterator[Rate]:
    """Clients of a server in a process of its own."""
    root = Path(tempfile.mkdtemp(dir=root))
    path = root / "socket"
    command = [sys.executable, "-m", "sxpy.cli", "serve", "--listen", f"unix:{path}", *options]
    process = subprocess.Popen([*command, "--store", str(root / "server")], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()  # (listening …)

    def rate(writers: int, seconds: float) -> float:
        begin = multiprocessing.Barrier(writers)
        pipes = [multiprocessing.Pipe(duplex=False) for _ in range(writers)]
        clients = [
            multiprocessing.Process(target=client, args=(str(path), me, seconds, begin, theirs))
            for me, (_, theirs) in enumerate(pipes)
        ]
        for one in clients:
            one.start()
        total = sum(ours.recv() for ours, _ in pipes)
        for one in clients:
            one.join()
        return total / seconds

    yield rate
    process.terminate()
    process.wait()


def client(path: str, me: int, seconds: float, begin: threading.Barrier, result: Connection) -> None:
    """Connect, wait for the others, append for so many seconds, send how many events."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        stream = connection.makefile("rwb")

        def ask(line: str) -> bytes:
            stream.write(line.encode() + b"\n")
            stream.flush()
            return stream.readline()

        def write(number: int) -> None:
            assert ask(f'(eval "(put {number})")').startswith(b"(ok-len ")
            stream.readline()

        assert stream.readline() == b"(ready)\n"
        source = f"(define me {me}) {' '.join(PROGRAM.split())}"
        assert ask(f'(load-source "{source}")') == b"(ok 0)\n"
        for number in range(WARM):
            write(number)
        begin.wait()
        result.send(until(seconds, write))


if __name__ == "__main__":
    main()
