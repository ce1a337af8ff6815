"""What history costs: the same operations on stores of 1 %, 10 % and 100 % of a size, as ratios in one run.

    python bench/store_scale.py [--events 1000000] [--streams 100000] [--keys 100000] [--dir DIR]

Each store has one stream of that many events, that many streams of one event, and that many keys, all at
rest (checkpointed). Fresh processes then open it and ask, the three stores in turns. A time is the least of
the medians of five processes, in microseconds; memory is by how much the process grew, in KiB. What matters
is the last column, the figure at 100 % over that at 1 %: about 1 where the store promises a cost that does
not grow. The last rows are what the disk takes for a write and a sync of its own, taken in turns with the
appends, and the pause of a checkpoint, in milliseconds: of a 20,000th part of the streams and keys for every
store, and of 500 streams that have a log each.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from sxpy.data import Dict, from_list
from sxpy_hosts.disk import DiskHost, open_host

PARTS = (0.01, 0.1, 1.0)
PASSES = 5
BATCH = 5000
TOUCHED = 500
"""Names that are changed before a checkpoint is measured."""
COLD = 20
"""Rounds of what only the first question of a host shows."""


def event(stream: str, seq: int) -> Dict:
    return Dict({"stream": stream, "seq": seq, "type": "measured", "at": seq, "data": seq})


def ask(host: DiskHost, operation: str, *args: Any) -> Any:
    return host.answer(f"persist/{operation}", list(args))


def request(operation: str, *args: Any) -> Dict:
    return Dict({"op": f"persist/{operation}", "args": from_list(list(args))})


def batches(count: int) -> Iterator[range]:
    for first in range(1, count + 1, BATCH):
        yield range(first, min(first + BATCH, count + 1))


def build(root: Path, events: int, streams: int, keys: int) -> None:
    """Make a store of a size, at rest."""
    with closing(open_host(root, exclusive=True)) as host:
        for numbers in batches(events):
            ask(host, "append-many", "big", from_list([event("big", seq) for seq in numbers]))
        for numbers in batches(streams):
            made = [request("append", f"stream-{n}", event(f"stream-{n}", 1)) for n in numbers]
            ask(host, "transact", from_list(made))
        for numbers in batches(keys):
            ask(host, "transact", from_list([request("kv-put", f"key-{n}", n) for n in numbers]))
        logged = [event(f"logged-{n}", 1).assoc("data", "x" * 3000) for n in range(TOUCHED)]
        ask(host, "transact", from_list([request("append", one.get("stream"), one) for one in logged]))


def spread(root: Path, events: int, streams: int) -> None:
    """Make a store of so many events in so many streams, at rest."""
    with closing(open_host(root, exclusive=True)) as host:
        each = events // streams
        for n in range(streams):
            name = f"stream-{n}"
            ask(host, "append-many", name, from_list([event(name, seq + 1) for seq in range(each)]))


def memory() -> int:
    """Bytes of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def median(works: Sequence[Callable[[int], Any]], rounds: int) -> list[float]:
    """Microseconds of each, taken in turns, so that a busy disk is busy for all of them."""
    times: list[list[float]] = [[] for _ in works]
    for number in range(rounds):
        for work, taken in zip(works, times, strict=True):
            began = time.perf_counter()
            work(number)
            taken.append(time.perf_counter() - began)
    return [1e6 * statistics.median(taken) for taken in times]


def measure(root: Path, streams: int, keys: int, rounds: int) -> dict[str, float]:
    """Medians on one store, in a process that has done nothing else."""
    chance = random.Random()
    found: dict[str, float] = {}

    def opened(_: int) -> None:
        open_host(root, read_only=True).close()

    def first(operation: str, name: str) -> Callable[[int], None]:
        """The first question after opening, without the opening."""
        hosts = [open_host(root, read_only=True) for _ in range(COLD)]
        return lambda n: ask(hosts[n], operation, name)

    before = memory()
    host = open_host(root)
    last: int = ask(host, "last-seq", "big")
    ask(host, "read-from", "big", last - 9)
    ask(host, "last-seq", f"stream-{chance.randint(1, streams)}")
    ask(host, "kv-get", f"key-{chance.randint(1, keys)}")
    found["memory of one that was asked four questions, KiB"] = (memory() - before) / 1024
    (found["open"],) = median([opened], COLD)
    for what, operation, name in (
        ("last-seq, the first question of a host", "last-seq", f"stream-{chance.randint(1, streams)}"),
        ("kv-get, the first question of a host", "kv-get", f"key-{chance.randint(1, keys)}"),
    ):
        (found[what],) = median([first(operation, name)], COLD)
    stream, key = f"stream-{chance.randint(1, streams)}", f"key-{chance.randint(1, keys)}"
    for what, read in (
        ("last-seq, the long stream", lambda _: ask(host, "last-seq", "big")),
        ("last-seq, a short stream", lambda _: ask(host, "last-seq", stream)),
        ("read-from, the last 10 events", lambda _: ask(host, "read-from", "big", last - 9)),
        ("read, a short stream", lambda _: ask(host, "read", stream)),
        ("kv-get", lambda _: ask(host, "kv-get", key)),
    ):
        read(0)
        (found[what],) = median([read], rounds)
    mark: int = ask(host, "last-seq", stream)
    with open(root / "sync", "wb", buffering=0) as file:

        def sync(_: int) -> None:
            os.pwrite(file.fileno(), b"x" * 200, 0)
            os.fdatasync(file.fileno())

        names = ["append, the long stream", "append, a short stream", "kv-put", "a raw write and fdatasync"]
        works: list[Callable[[int], Any]] = [
            lambda n: ask(host, "append", "big", event("big", last + 1 + n)),
            lambda n: ask(host, "append", stream, event(stream, mark + 1 + n)),
            lambda n: ask(host, "kv-put", key, n),
            sync,
        ]
        found.update(zip(names, median(works, rounds), strict=True))
    host.checkpoint()
    short, stored = chance.sample(range(1, streams + 1), TOUCHED), chance.sample(range(1, keys + 1), TOUCHED)
    for what, name, changes in (
        ("short streams", "append", [f"stream-{n}" for n in short]),
        ("streams with a log each", "append", [f"logged-{n}" for n in range(TOUCHED)]),
        ("keys", "kv-put", [f"key-{n}" for n in stored]),
    ):
        requests = [
            request(name, one, event(one, ask(host, "last-seq", one) + 1) if name == "append" else 0)
            for one in changes
        ]
        ask(host, "transact", from_list(requests))
        began = time.perf_counter()
        host.checkpoint()
        found[f"checkpoint of {TOUCHED} {what}, ms"] = 1e3 * (time.perf_counter() - began)
    host.close()
    return found


def opening(root: Path) -> float:
    """Microseconds of opening a store, in a process that has done nothing else."""
    open_host(root, read_only=True).close()
    return median([lambda _: open_host(root, read_only=True).close()], 5 * COLD)[0]


def report_opening(place: Path) -> None:
    """Print what opening costs with many events in many streams, against a small store."""
    sizes = {"small": (1_000, 1), "large": (1_000_000, 1_000)}
    for name, size in sizes.items():
        spread(place / name, *size)
    times: dict[str, list[float]] = {name: [] for name in sizes}
    for _ in range(PASSES):
        for name, taken in times.items():
            command = [sys.executable, __file__, f"--opening={place / name}"]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            taken.append(float(done.stdout))
    small, large = (min(taken) for taken in times.values())
    print(
        f"\nopening a store of 1,000,000 events in 1,000 streams: {large:.0f} µs; "
        f"of 1,000 events: {small:.0f} µs; ratio {large / small:.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="What history costs, in ratios.")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--streams", type=int, default=100_000)
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--dir", help="where the stores are made: the disk to be measured")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    parser.add_argument("--opening", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(Path(options.measure), options.streams, options.keys, options.rounds)))
        return
    if options.opening:
        print(opening(Path(options.opening)))
        return
    place = Path(tempfile.mkdtemp(dir=options.dir))
    commands = []
    try:
        for part in PARTS:
            sizes = [max(10, round(part * n)) for n in (options.events, options.streams, options.keys)]
            root = place / f"{part:g}"
            began = time.perf_counter()
            build(root, *sizes)
            size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
            print(
                f"{part:.0%}: {sizes[0]} events, {sizes[1]} streams, {sizes[2]} keys: "
                f"{size / 1e6:.0f} MB, made in {time.perf_counter() - began:.0f} s",
                flush=True,
            )
            flags = [f"--streams={sizes[1]}", f"--keys={sizes[2]}", f"--rounds={options.rounds}"]
            commands.append([sys.executable, __file__, f"--measure={root}", *flags])
        os.sync()
        results: list[list[dict[str, float]]] = [[] for _ in PARTS]
        for _ in range(PASSES):
            for command, found in zip(commands, results, strict=True):
                done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
                found.append(json.loads(done.stdout))
        report(results)
        report_opening(place)
    finally:
        shutil.rmtree(place)


def report(results: list[list[dict[str, float]]]) -> None:
    """Print the table."""
    print("\n| µs | 1 % | 10 % | 100 % | 100 % / 1 % |\n|---|---:|---:|---:|---:|")
    for name in results[0][0]:
        row = [min(found[name] for found in passes) for passes in results]
        cells = " | ".join(f"{cell:.0f}" for cell in row)
        print(f"| {name} | {cells} | {row[-1] / max(row[0], 1):.2f} |")


if __name__ == "__main__":
    main()
