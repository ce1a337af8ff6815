"""The promises of the store, one small test each and named after it; `docs/promises.md` says where more is.

Costs are counted in bytes and calls, not timed.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from store_support import ask, event, host_on, request, seqs, small_limits
from workers import CHECKPOINT, REOPEN, contents, model_after, workload

from sxpy.data import Dict, from_list
from sxpy.testing import SimulatedDisk
from sxpy_hosts import port
from sxpy_hosts.disk import open_host
from sxpy_hosts.errors import (
    SequenceError,
    StoreDamage,
    StoreFormatError,
    StoreIOError,
    StoreLocked,
    StorePoisoned,
)
from sxpy_hosts.port import RealFile
from sxpy_hosts.record import seal

TESTS = Path(__file__).parent.parent
PROMISES = TESTS.parent / "docs" / "promises.md"


@contextmanager
def counted() -> Iterator[dict[str, int]]:
    """Bytes read and written, and syncs, of all stores of this process."""
    counts = {"read": 0, "written": 0, "syncs": 0}
    pread, pwrite, sync = RealFile.pread, RealFile.pwrite, RealFile.sync

    def counting_pread(self: RealFile, length: int, offset: int) -> bytes:
        data = pread(self, length, offset)
        counts["read"] += len(data)
        return data

    def counting_pwrite(self: RealFile, data: bytes, offset: int) -> int:
        counts["written"] += len(data)
        return pwrite(self, data, offset)

    def counting_sync(self: RealFile) -> None:
        counts["syncs"] += 1
        sync(self)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(RealFile, "pread", counting_pread)
        patched.setattr(RealFile, "pwrite", counting_pwrite)
        patched.setattr(RealFile, "sync", counting_sync)
        yield counts


def test_promise_1_acknowledged_means_on_the_disk() -> None:
    operations = [operation for operation in workload() if operation not in (REOPEN, CHECKPOINT)]
    for count in range(1, len(operations) + 1):
        disk = SimulatedDisk(seed=count)
        with small_limits():
            host = host_on(disk.port())
            for operation in operations[:count]:
                ask(host, *operation)
            disk.lose_power()
            assert contents(host_on(disk.port())) == model_after(operations[:count])


def test_promise_2_nothing_half_a_torn_tail_is_cut_kept_and_reported(tmp_path: Path) -> None:
    with closing(open_host(tmp_path)) as host:
        ask(host, "append", "s", event("s", 1))
    (journal,) = (tmp_path / "journal").iterdir()
    whole = journal.read_bytes()
    torn = b'(append "s" 2 {:stream "s" :se'
    journal.write_bytes(whole + torn)
    with closing(open_host(tmp_path)) as host:
        assert seqs(ask(host, "read", "s")) == [1]
        (cut,) = host.cuts
        assert (cut.file, cut.offset, cut.length) == (str(journal), len(whole), len(torn))
        assert Path(cut.aside).read_bytes() == torn
    assert torn not in journal.read_bytes()


@pytest.mark.damages
def test_promise_2_damage_before_the_end_is_refused_with_file_and_offset(tmp_path: Path) -> None:
    host = open_host(tmp_path)
    for seq in (1, 2, 3):
        ask(host, "append", "s", event("s", seq))
    (journal,) = (tmp_path / "journal").iterdir()
    data = journal.read_bytes()
    second = data.index(b'(append "s" 2')
    journal.write_bytes(data.replace(b'(append "s" 2', b'(append "s" 9'))
    with pytest.raises(StoreDamage) as caught:
        open_host(tmp_path)
    assert (caught.value.file, caught.value.offset) == (str(journal), second)


def test_promise_3_no_seq_twice(tmp_path: Path) -> None:
    host = open_host(tmp_path)
    for seq in (1, 2, 3):
        ask(host, "append", "s", event("s", seq))
    ask(host, "truncate", "s", 3)
    again = open_host(tmp_path)  # beside the first, which never closes: as after a kill
    assert ask(again, "last-seq", "s") == 3
    for seq in (1, 2, 3):
        with pytest.raises(SequenceError):
            ask(again, "append", "s", event("s", seq))
    ask(again, "append", "s", event("s", 4))
    assert seqs(ask(host, "read", "s")) == [4]


def test_promise_4_after_a_failed_sync_the_store_stops_until_it_is_opened_anew(tmp_path: Path) -> None:
    syncs = 0

    def fail(_: int) -> None:
        nonlocal syncs
        syncs += 1
        raise OSError(5, "Input/output error")

    host = open_host(tmp_path)
    ask(host, "append", "s", event("s", 1))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(port, "_sync", fail)
        with pytest.raises(StorePoisoned, match=str(tmp_path)):
            ask(host, "append", "s", event("s", 2))
    for operation in (("append", "s", event("s", 2)), ("read", "s"), ("kv-get", "k")):
        with pytest.raises(StorePoisoned):
            ask(host, *operation)
    host.close()
    assert syncs == 1
    with closing(open_host(tmp_path)) as again:
        assert 1 in seqs(ask(again, "read", "s"))


def test_promise_5_one_writer_and_readers_are_not_blocked(tmp_path: Path) -> None:
    with closing(open_host(tmp_path, exclusive=True)) as host:
        ask(host, "append", "s", event("s", 1))
        began = time.monotonic()
        with closing(open_host(tmp_path, wait=0.1)) as second:
            with pytest.raises(StoreLocked, match=str(os.getpid())):
                ask(second, "append", "s", event("s", 2))
            assert time.monotonic() - began < 10
            assert seqs(ask(second, "read", "s")) == [1]


def test_promise_5_the_lock_dies_with_its_process(tmp_path: Path) -> None:
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        holder = open_host(tmp_path, exclusive=True)
        ask(holder, "append", "s", event("s", 1))
        os.write(write, b"!")
        time.sleep(60)
        os._exit(1)
    os.read(read, 1)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    with closing(open_host(tmp_path, wait=0)) as host:
        ask(host, "append", "s", event("s", 2))


@pytest.mark.parametrize("name", ["", "..", "/", "../../out", "\0", "\n", "\ud800", "n" * 100_000], ids=ascii)
def test_promise_6_every_string_is_a_legal_name(tmp_path: Path, name: str) -> None:
    root = tmp_path / "root"
    for seq in (1, 2):
        with closing(open_host(root)) as host:
            ask(host, "append", name, event(name, seq, "x" * 3000))
            ask(host, "kv-put", name, seq)
    with closing(open_host(root)) as host:
        assert list(ask(host, "streams")) == list(ask(host, "kv-keys")) == [name]
        assert seqs(ask(host, "read", name)) == [1, 2]
    assert list(tmp_path.iterdir()) == [root]


def cost_at(root: Path, size: int) -> dict[str, int]:
    """Bytes that operations read and write on a store with a stream of `size` events and `size` keys."""
    with closing(open_host(root)) as host:
        ask(host, "append-many", "s", from_list([event("s", seq) for seq in range(1, size + 1)]))
        ask(host, "transact", from_list([request("kv-put", f"k{n}", n) for n in range(size)]))
    costs: dict[str, int] = {}
    with counted() as counts:
        with closing(open_host(root, read_only=True)):
            costs["open"] = sum(counts.values())
        host = open_host(root)
        for operation in (
            ("last-seq", "s"),
            ("read-from", "s", size - 9),
            ("kv-get", "k7"),
            ("append", "s", event("s", size + 1)),
            ("kv-put", "k7", 1),
        ):
            before = sum(counts.values())
            ask(host, *operation)
            costs[operation[0]] = sum(counts.values()) - before
        host.store.port.close()  # not the host: that would checkpoint
    return costs


def test_promise_7_the_cost_of_an_operation_does_not_grow_with_history(tmp_path: Path) -> None:
    small, large = cost_at(tmp_path / "small", 2_000), cost_at(tmp_path / "large", 40_000)
    bucket = 256 * 1024  # the most that is read to find a key, whatever their number
    for operation, cost in large.items():
        allowed = bucket if operation == "kv-get" else 1.5 * small[operation] + 4096
        assert cost <= allowed, f"{operation}: {small[operation]} and then {cost} bytes"


def test_promise_8_what_the_system_refuses_is_a_typed_error_that_names_the_path(tmp_path: Path) -> None:
    with closing(open_host(tmp_path)) as host:
        ask(host, "append", "s", event("s", 1))
    with closing(open_host(tmp_path)) as host:
        (journal,) = (tmp_path / "journal").iterdir()
        journal.rename(tmp_path / "kept")
        journal.mkdir()
        with pytest.raises(StoreIOError, match=str(journal)) as caught, closing(open_host(tmp_path)) as other:
            ask(other, "append", "s", event("s", 2))
        assert caught.value.path == str(journal)
        journal.rmdir()
        (tmp_path / "kept").rename(journal)
        ask(host, "append", "s", event("s", 2))
        assert seqs(ask(host, "read", "s")) == [1, 2]


@pytest.mark.damages
def test_promise_9_a_newer_format_is_refused_and_not_touched(tmp_path: Path) -> None:
    with closing(open_host(tmp_path)) as host:
        ask(host, "append", "s", event("s", 1))
    (tmp_path / "format.sx").write_bytes(seal(b'{:format "sxpy-store" :version 2 :adopted false}', 2))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(StoreFormatError, match="newer"):
        open_host(tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_what_is_one_unit_costs_one_sync(tmp_path: Path) -> None:
    with closing(open_host(tmp_path)) as host:
        ask(host, "append", "s", event("s", 1))
        for operation in (
            ("append-many", "s", from_list([event("s", seq) for seq in range(2, 50)])),
            ("append-once", "s", "marker", event("s", 50)),
            ("transact", from_list([request("kv-put", f"k{n}", Dict({"n": n})) for n in range(50)])),
        ):
            with counted() as counts:
                ask(host, *operation)
            assert counts["syncs"] == 1, operation[0]


def test_the_tests_that_the_documentation_names_are_there() -> None:
    text = PROMISES.read_text(encoding="utf-8")
    defined = {
        name
        for file in TESTS.rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    named = set(re.findall(r"`(test_\w+)`", text))
    assert named <= defined, named - defined
    promises = {name.split("_")[2] for name in named if name.startswith("test_promise_")}
    assert promises == set("123456789")
    for path in re.findall(r"\b(?:tests|hosts|bench|docs)/[\w/]+\.(?:py|md)", text):
        assert (TESTS.parent / path).exists(), path
