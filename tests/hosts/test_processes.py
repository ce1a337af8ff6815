"""Several processes and threads on one root: one writer at a time, no lost commit, readers see a prefix."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from store_support import ask, event, seqs

from sxpy_hosts.disk import open_host
from sxpy_hosts.errors import StoreLocked, StoreReadOnly
from sxpy_hosts.verify import verify

HERE = Path(__file__).parent
ROUNDS = int(os.environ.get("SXPY_KILL_ROUNDS", "8"))
"""How often the writing process is killed; set SXPY_KILL_ROUNDS to raise it."""

PREAMBLE = f"""
import random, sys, time
sys.path[:0] = {[str(HERE), *sys.path]!r}
from store_support import ask, event, request, seqs, small_limits
from sxpy.data import from_list
from sxpy_hosts.disk import open_host
from sxpy_hosts.errors import StoreError
def say(*words):
    print(*words, flush=True)
root = sys.argv[1]
"""


def start(root: Path, body: str, *args: object) -> subprocess.Popen[str]:
    """A process that runs `body` after the preamble; what it says is in its `stdout`."""
    return subprocess.Popen(
        [sys.executable, "-c", PREAMBLE + textwrap.dedent(body), str(root), *map(str, args)],
        stdout=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> list[str]:
    """What the process said, once it has ended well."""
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 0
    return said.split()


WRITER = """
with small_limits(segment=30_000, touched=20):
    host = open_host(root)
    seq = ask(host, "last-seq", "s")
    while True:
        seq += 1
        kind = seq % 5
        if kind == 0:
            ask(host, "transact", from_list([request("append", "s", event("s", seq)),
                                             request("kv-put", "mark", seq)]))
        elif kind == 1:
            ask(host, "append-many", "s", from_list([event("s", seq), event("s", seq + 1)]))
            seq += 1
        elif kind == 2:
            ask(host, "append-once", "s", f"idem/{seq}", event("s", seq, "x" * 300))
        else:
            ask(host, "append", "s", event("s", seq))
        if seq % 50 == 0:
            ask(host, "truncate", "s", seq - 40)
            ask(host, "append", f"t{seq}", event(f"t{seq}", 1))
        say(seq)
"""


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    root = tmp_path / "root"
    chance = random.Random(0)
    acknowledged = 0
    for round_ in range(ROUNDS):
        process = start(root, WRITER)
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(chance.random() * 0.15)
        process.send_signal(signal.SIGKILL)
        said = [first, *process.stdout]
        process.wait()
        acknowledged = max([acknowledged, *(int(line) for line in said if line.endswith("\n"))])
        with closing(open_host(root, read_only=round_ % 2 == 0)) as host:
            last = ask(host, "last-seq", "s")
            found = seqs(ask(host, "read", "s"))
            assert last >= acknowledged
            assert found == list(range(found[0], last + 1))
            assert ask(host, "count", "s") == len(found)
            mark = ask(host, "kv-get", "mark")
            assert acknowledged - 5 <= mark <= last
            once = [seq for seq in range(1, last + 1) if ask(host, "kv-has?", f"idem/{seq}")]
            assert all(seq % 5 == 2 for seq in once)
        assert verify(root).problems == []
    assert acknowledged > ROUNDS


def test_two_processes_with_expectations_have_one_winner_per_seq(tmp_path: Path) -> None:
    root = tmp_path / "root"
    contender = """
    me, won = sys.argv[2], 0
    with small_limits(segment=20_000):
        host = open_host(root, wait=30)
        while won < 150:
            last = ask(host, "last-seq", "s")
            answer = ask(host, "append-if", "s", last, event("s", last + 1, me))
            if answer.get("conflict"):
                say("lost", last + 1)
            else:
                say("won", last + 1)
                won += 1
        host.close()
    """
    said = [finish(process) for process in [start(root, contender, name) for name in "ab"]]
    won = [
        {int(seq) for word, seq in zip(words[::2], words[1::2], strict=True) if word == "won"}
        for words in said
    ]
    assert won[0] | won[1] == set(range(1, 301))
    assert not won[0] & won[1]
    host = open_host(root)
    owners = {e.get("seq"): e.get("data") for e in ask(host, "read", "s")}
    assert owners == {**dict.fromkeys(won[0], "a"), **dict.fromkeys(won[1], "b")}
    host.close()
    assert verify(root).problems == []


def test_a_reader_is_not_blocked_and_sees_a_growing_prefix(tmp_path: Path) -> None:
    root = tmp_path / "root"
    with closing(open_host(root)) as host:
        ask(host, "append", "s", event("s", 1))
    writer = start(
        root,
        """
        with small_limits(segment=4_000, touched=3, split=2_000):
            host = open_host(root, exclusive=True)
            say("ready")
            for seq in range(2, 500):
                ask(host, "transact", from_list([request("append", "s", event("s", seq, "x" * 50)),
                                                 request("kv-put", "last", seq),
                                                 request("kv-put", f"k{seq % 40}", seq)]))
            host.close()
        """,
    )
    assert writer.stdout is not None
    writer.stdout.readline()
    reader = open_host(root, read_only=True)
    before = looks = 0
    while before < 499:
        found = seqs(ask(reader, "read-from", "s", before))
        assert found == list(range(max(before, 1), (found or [before])[-1] + 1))
        last = ask(reader, "kv-get", "last")
        assert ask(reader, "last-seq", "s") >= (last or 0) >= (found[-1] if last else 0)
        before, looks = found[-1], looks + 1
    reader.close()
    finish(writer)
    assert looks > 10


def test_a_second_writer_is_refused_in_bounded_time_or_waits(tmp_path: Path) -> None:
    root = tmp_path / "root"
    holder = start(
        root,
        """
        host = open_host(root, exclusive=True)
        ask(host, "kv-put", "k", "held")
        say("ready")
        sys.stdin.read()
        time.sleep(60)
        """,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    second = open_host(root, wait=0.2)
    began = time.monotonic()
    with pytest.raises(StoreLocked, match=f"process {holder.pid} is writing"):
        ask(second, "kv-put", "k", "mine")
    assert time.monotonic() - began < 5
    with pytest.raises(StoreLocked):
        open_host(root, exclusive=True, wait=0)
    assert ask(second, "kv-get", "k") == "held"
    holder.kill()
    holder.wait()
    ask(second, "kv-put", "k", "mine")  # the lock died with its process
    assert ask(second, "kv-get", "k") == "mine"
    second.close()


def test_a_second_writer_that_waits_gets_its_turn(tmp_path: Path) -> None:
    root = tmp_path / "root"
    first = open_host(root, exclusive=True)
    ask(first, "kv-put", "k", 1)
    threading.Timer(0.2, first.close).start()
    second = open_host(root, wait=20)
    ask(second, "kv-put", "k", 2)
    second.close()


def test_a_reading_host_refuses_writes_and_touches_nothing(tmp_path: Path) -> None:
    root = tmp_path / "root"
    writer = open_host(root)
    ask(writer, "append", "s", event("s", 1))
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    reader = open_host(root, read_only=True)
    for operation in (("append", "s", event("s", 2)), ("kv-put", "k", 1), ("blob/put", "x", "m")):
        with pytest.raises(StoreReadOnly):
            ask(reader, *operation)
    assert seqs(ask(reader, "read", "s")) == [1]
    ask(reader, "kv-keys")
    reader.close()
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before
    writer.close()


def test_sixteen_threads_share_syncs_and_lose_nothing(tmp_path: Path) -> None:
    host = open_host(tmp_path / "root")
    failures: list[BaseException] = []

    def work(me: int) -> None:
        try:
            for number in range(1, 41):
                ask(host, "append", f"own {me}", event(f"own {me}", number))
                while True:
                    last = ask(host, "last-seq", "shared")
                    if not ask(host, "append-if", "shared", last, event("shared", last + 1, me)).get(
                        "conflict"
                    ):
                        break
                assert ask(host, "count", f"own {me}") == number
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(me,)) for me in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert seqs(ask(host, "read", "shared")) == list(range(1, 641))
    assert host.store._root.journal.commit < 16 * 80
    host.close()
    assert verify(tmp_path / "root").problems == []


def test_a_transaction_that_raises_does_not_hinder_the_others(tmp_path: Path) -> None:
    host = open_host(tmp_path / "root")
    gate = threading.Barrier(8)
    outcomes: list[str] = []

    def work(me: int) -> None:
        gate.wait()
        try:
            ask(host, "append", "s", event("s", 1, me))
            outcomes.append("stored")
        except Exception as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=work, args=(me,)) for me in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["SequenceError"] * 7 + ["stored"]
    host.close()


def test_a_reading_thread_does_not_see_a_commit_before_it_is_synced(tmp_path: Path) -> None:
    host = open_host(tmp_path / "root")
    ask(host, "append", "s", event("s", 1))
    journal = host.store._root.journal
    syncing, go_on = threading.Event(), threading.Event()
    real: Any = journal._file

    class Slow:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def sync(self) -> None:
            syncing.set()
            assert go_on.wait(10)
            real.sync()

    journal._file = Slow()
    thread = threading.Thread(target=ask, args=(host, "append", "s", event("s", 2)))
    thread.start()
    assert syncing.wait(10)
    assert ask(host, "last-seq", "s") == 1  # and it is not blocked
    go_on.set()
    thread.join()
    assert ask(host, "last-seq", "s") == 2
    host.close()
