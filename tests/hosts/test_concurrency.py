"""Threads of several processes at one store, through lib/persist; and writers that stop at a bad moment."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from store_support import ask, event, seqs

from sxpy_hosts.disk import open_host
from sxpy_hosts.errors import StoreLocked
from sxpy_hosts.verify import verify

HERE = Path(__file__).parent
THREADS, PROCESSES, WINS = 4, 2, 10


@contextmanager
def python(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A Python process that finds what the tests find, and is gone at the end."""
    process = subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def contending(root: Path, name: str, kind: str, threads: int = THREADS, wins: int = WINS) -> Any:
    """Threads of a process that contend for a stream."""
    return python(HERE / "contending.py", root, name, threads, wins, kind)


def line_of(process: subprocess.Popen[str]) -> str:
    """The next line that a process says."""
    assert process.stdout is not None
    return process.stdout.readline()


def won(lines: str) -> dict[int, str]:
    """Who won each seq, as the contenders told. Nobody else may have won it."""
    pairs = [line.split() for line in lines.splitlines()]
    owners = {int(seq): who for who, seq in pairs}
    assert len(owners) == len(pairs)
    return owners


def stored(root: Path) -> dict[int, str]:
    """Who won each seq, as the store holds it."""
    with closing(open_host(root, read_only=True)) as host:
        found = [(one.get("seq"), one.get("data")) for one in ask(host, "read", "contended")]
    assert [seq for seq, _ in found] == list(range(1, len(found) + 1))
    return dict(found)


# -- one winner per seq ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["plain", "extended"])
def test_threads_of_processes_have_one_winner_per_seq(tmp_path: Path, kind: str) -> None:
    root = tmp_path / "root"
    with contending(root, "a", kind) as first, contending(root, "b", kind) as second:
        said = "".join(process.communicate(timeout=60)[0] for process in (first, second))
        assert (first.returncode, second.returncode) == (0, 0)
    owners = won(said)
    assert sorted(owners) == list(range(1, PROCESSES * THREADS * WINS + 1))
    assert stored(root) == owners
    assert verify(root).problems == []


def test_both_ways_to_contend_keep_each_other_s_events(tmp_path: Path) -> None:
    root = tmp_path / "root"
    with contending(root, "a", "plain") as first, contending(root, "b", "extended") as second:
        said = "".join(process.communicate(timeout=60)[0] for process in (first, second))
    owners = won(said)
    assert len(owners) == PROCESSES * THREADS * WINS
    assert stored(root) == owners


def test_a_contender_that_is_killed_takes_nothing_along(tmp_path: Path) -> None:
    root = tmp_path / "root"
    with contending(root, "a", "extended", wins=10**6) as victim, contending(root, "b", "extended") as other:
        said = line_of(victim)
        time.sleep(random.uniform(0.05, 0.3))
        victim.kill()
        # Its last line may have been cut; what was told whole was acknowledged.
        said += "".join(
            line for line in victim.communicate()[0].splitlines(keepends=True) if line[-1] == "\n"
        )
        said += other.communicate(timeout=60)[0]
        assert other.returncode == 0
    owners, found = won(said), stored(root)
    assert owners.items() <= found.items()
    # What the victim did not come to tell, one event a thread at the most, is all that is there besides.
    rest = [found[seq] for seq in found.keys() - owners.keys()]
    assert len(rest) == len(set(rest)) and all(who.startswith("a-") for who in rest)
    assert sum(who.startswith("b-") for who in found.values()) == THREADS * WINS


# -- the lock, and readers --------------------------------------------------------------------------------

HOLDER = """
import sys, time
from sxpy_hosts.disk import open_host
from store_support import ask, event
host = open_host(sys.argv[1], exclusive=True)
ask(host, "append", "s", event("s", ask(host, "last-seq", "s") + 1))
print("holds", flush=True)
time.sleep(600)
"""

WRITER = """
import sys
from sxpy_hosts.disk import open_host
from store_support import ask, event, request
from sxpy.data import list_of
host = open_host(sys.argv[1])
for seq in range(1, 1_000_000):
    ask(host, "transact", list_of(request("append", "s", event("s", seq)), request("kv-put", "n", seq)))
    if seq == 1:
        print("writes", flush=True)
"""


def test_who_waits_for_the_lock_of_a_killed_process_gets_it(tmp_path: Path) -> None:
    root = tmp_path / "root"
    with python("-c", HOLDER, root) as holder, closing(open_host(root, wait=60)) as host:
        assert line_of(holder) == "holds\n"
        waited: list[float] = []

        def write() -> None:
            begun = time.monotonic()
            ask(host, "append", "s", event("s", 2))
            waited.append(time.monotonic() - begun)

        waiting = threading.Thread(target=write)
        waiting.start()
        time.sleep(0.3)
        assert waiting.is_alive()
        holder.kill()
        waiting.join(30)
        assert seqs(ask(host, "read", "s")) == [1, 2]
        assert waited[0] < 30


def test_a_writer_that_stands_still_blocks_no_reader_and_writers_for_a_bounded_time(tmp_path: Path) -> None:
    root = tmp_path / "root"
    with python("-c", WRITER, root) as writer:
        assert line_of(writer) == "writes\n"
        seen = 0
        with closing(open_host(root, read_only=True)) as reader, closing(open_host(root, wait=0.2)) as other:
            for _ in range(8):
                time.sleep(random.uniform(0, 0.02))
                writer.send_signal(signal.SIGSTOP)  # anywhere, in the middle of a commit too
                assert os.WIFSTOPPED(os.waitpid(writer.pid, os.WUNTRACED)[1])
                begun = time.monotonic()
                found = seqs(ask(reader, "read", "s"))
                assert found == list(range(1, len(found) + 1)) and len(found) >= seen
                assert ask(reader, "kv-get", "n") == len(found)
                seen = len(found)
                try:
                    ask(other, "kv-put", "other", seen)
                except StoreLocked as error:
                    assert "waited 0.2 s" in error.message
                assert time.monotonic() - begun < 20
                writer.send_signal(signal.SIGCONT)
        assert seen > 1
        assert writer.poll() is None
    assert verify(root).problems == []


def test_readers_go_on_while_one_process_has_the_store_to_itself(tmp_path: Path) -> None:
    root = tmp_path / "root"
    with python("-c", HOLDER, root) as holder:
        assert line_of(holder) == "holds\n"
        with closing(open_host(root, read_only=True)) as reader, closing(open_host(root, wait=0)) as other:
            for host in (reader, other):
                assert seqs(ask(host, "read", "s")) == [1]
            with pytest.raises(StoreLocked):
                ask(other, "kv-put", "k", 1)
            assert seqs(ask(other, "read", "s")) == [1]
