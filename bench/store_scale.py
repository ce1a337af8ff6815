"""What history costs: the same operations on stores of 1 %, 10 % and 100 % of a size, as ratios in one run.

    python bench/store_scale.py [--events 1000000] [--streams 100000] [--keys 100000] [--dir DIR]

Each store has one stream of that many events, that many streams of one event, and that many keys, all at
rest (checkpointed). A fresh process then opens it and asks; every time is a median, in microseconds, and
memory is what the process grew by from before opening until all was asked. Nothing of it should grow with
the store: the table's last column is the time at 100 % over the time at 1 %. `sync` is a write and fdatasync
of the same disk in the same minute, for comparison.
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
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from sxpy.data import Dict, from_list
from sxpy_hosts.disk import DiskHost, open_host

PARTS = (0.01, 0.1, 1.0)
BATCH = 5000


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


def memory() -> int:
    """Bytes of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def median(work: Callable[[int], Any], rounds: int) -> float:
    """Microseconds."""
    times = []
    for number in range(rounds):
        began = time.perf_counter()
        work(number)
        times.append(time.perf_counter() - began)
    return 1e6 * statistics.median(times)


def measure(root: Path, events: int, streams: int, keys: int, rounds: int) -> dict[str, float]:
    """Medians on one store, in a process that has done nothing else."""
    chance = random.Random(1)

    def opened(_: int) -> None:
        open_host(root, read_only=True).close()

    opened(0)
    before = memory()
    found = {"open": median(opened, 20)}
    host = open_host(root)
    some = [f"stream-{chance.randint(1, streams)}" for _ in range(rounds)]
    names = [f"key-{chance.randint(1, keys)}" for _ in range(rounds)]
    for name, operation in (
        ("last-seq, the long stream", lambda _: ask(host, "last-seq", "big")),
        ("last-seq, some stream", lambda n: ask(host, "last-seq", some[n])),
        ("read-from, the last 10 events", lambda _: ask(host, "read-from", "big", events - 9)),
        ("read, some stream", lambda n: ask(host, "read", some[n])),
        ("kv-get, some key", lambda n: ask(host, "kv-get", names[n])),
        ("append, the long stream", lambda n: ask(host, "append", "big", event("big", events + 1 + n))),
        ("append, some stream", lambda n: ask(host, "append", some[n], event(some[n], 2 + n))),
        ("kv-put, some key", lambda n: ask(host, "kv-put", names[n], n)),
    ):
        found[name] = median(operation, rounds)
    found["memory, KiB"] = (memory() - before) / 1024
    with open(root / "sync", "wb", buffering=0) as file:

        def sync(_: int) -> None:
            file.write(b"x" * 200)
            os.fdatasync(file.fileno())

        found["sync"] = median(sync, rounds)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="What history costs, in ratios.")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--streams", type=int, default=100_000)
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--dir", help="where the stores are made: the disk to be measured")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        sizes = (options.events, options.streams, options.keys)
        print(json.dumps(measure(Path(options.measure), *sizes, options.rounds)))
        return
    results = []
    place = Path(tempfile.mkdtemp(dir=options.dir))
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
            flags = [f"--{name}={n}" for name, n in zip(("events", "streams", "keys"), sizes, strict=True)]
            command = [sys.executable, __file__, f"--measure={root}", f"--rounds={options.rounds}", *flags]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            results.append(json.loads(done.stdout))
            shutil.rmtree(root)
    finally:
        shutil.rmtree(place)
    print("\n| µs | 1 % | 10 % | 100 % | 100 % / 1 % |\n|---|---:|---:|---:|---:|")
    for name in results[0]:
        row = [result[name] for result in results]
        cells = " | ".join(f"{cell:.0f}" for cell in row)
        print(f"| {name} | {cells} | {row[-1] / row[0]:.2f} |")


if __name__ == "__main__":
    main()
