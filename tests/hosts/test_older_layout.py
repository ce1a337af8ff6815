"""A directory that another SX host has left is opened, read and written to as it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from store_support import ask, content, event, host_on, seqs, small_limits

from sxpy.cid import cid_of
from sxpy.host import Host
from sxpy.testing import Crash, Fault, SimulatedDisk
from sxpy_hosts.disk import open_host
from sxpy_hosts.errors import SequenceError, StoreDamage
from sxpy_hosts.verify import verify

CID = cid_of(b"a picture")

FILES = {
    # orders: 1 and 2 were dropped, 5 was given to nobody
    "streams/6f7264657273.log": b'{:stream "orders" :seq 3 :type "p" :at 3 :data {:seq 99 :note "a ; b"}}\n'
    b'{:at 40 :data nil :seq 4 :stream "orders" :type "sent"}\n',
    "streams/6f7264657273.seq": b"5\n",
    # empty: everything was dropped
    "streams/656d707479.log": b"",
    "streams/656d707479.seq": b"7",
    # only a log, with keys as strings and no newline at the end
    "streams/6c6f67.log": b'{"seq" 1 "stream" "log" "data" {:seq 12}}\n{"seq" 2 "stream" "log" "data" nil}',
    # a/b
    "streams/612f62.log": b'{:stream "a/b" :seq 1 :type "t" :at 10 :data (1 2.5 "\\u00e9")}\n',
    "streams/612f62.seq": b"1",
    "kv/6b": b'{:a (1 2) :b "x"}',
    "kv/6e696c": b"nil\n",
    "blobs/" + CID: b"a picture",
}


def write(root: Path) -> None:
    for path, data in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    write(tmp_path)
    yield tmp_path
    assert verify(tmp_path).problems == []


@pytest.mark.parametrize("read_only", [True, False])
def test_it_is_read_as_it_is_and_not_touched(root: Path, read_only: bool) -> None:
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    host = open_host(root, read_only=read_only)
    assert list(ask(host, "streams")) == ["a/b", "empty", "log", "orders"]
    assert seqs(ask(host, "read", "orders")) == [3, 4]
    assert (ask(host, "last-seq", "orders"), ask(host, "count", "orders")) == (5, 2)
    assert (ask(host, "last-seq", "empty"), ask(host, "count", "empty")) == (7, 0)
    assert (ask(host, "last-seq", "log"), seqs(ask(host, "read-from", "log", 2))) == (2, [2])
    assert next(iter(ask(host, "read", "orders"))).get("data").get("note") == "a ; b"
    assert list(ask(host, "kv-keys")) == ["k", "nil"]
    assert list(ask(host, "kv-get", "k").get("a")) == [1, 2]
    assert (ask(host, "kv-has?", "nil"), ask(host, "kv-get", "nil")) == (True, None)
    assert ask(host, "kv-has?", "none") is False
    assert ask(host, "blob/get", CID) == "a picture"
    host.close()
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


def test_it_is_written_to_and_stays_whole(root: Path) -> None:
    for _ in range(2):
        host = open_host(root)
        last = ask(host, "last-seq", "orders")
        ask(host, "append", "orders", event("orders", last + 1))
        host.close()
    host = open_host(root)
    assert seqs(ask(host, "read", "orders")) == [3, 4, 6, 7]
    assert ask(host, "count", "orders") == 4
    with pytest.raises(SequenceError):
        ask(host, "append", "empty", event("empty", 7))
    ask(host, "append", "empty", event("empty", 8))
    ask(host, "append", "fresh", event("fresh", 1))
    ask(host, "truncate", "log", 1)
    ask(host, "kv-put", "k", "new")
    ask(host, "kv-delete", "nil")
    before = content(host, (CID,))
    host.close()
    host = open_host(root)
    assert content(host, (CID,)) == before
    assert seqs(ask(host, "read", "log")) == [2]
    assert list(ask(host, "kv-keys")) == ["k"]
    assert list(ask(host, "streams")) == ["a/b", "empty", "fresh", "log", "orders"]
    host.close()
    left = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    assert not left & {"kv/6b", "kv/6e696c", "streams/6f7264657273.log", "streams/6f7264657273.seq"}
    assert "streams/612f62.log" in left  # nobody has touched this stream


def test_a_truncated_stream_of_it_stays_truncated(root: Path) -> None:
    host = open_host(root)
    ask(host, "truncate", "orders", 3)
    assert (seqs(ask(host, "read", "orders")), ask(host, "count", "orders")) == ([4], 1)
    host.close()
    host = open_host(root)
    assert (seqs(ask(host, "read", "orders")), ask(host, "last-seq", "orders")) == ([4], 5)
    ask(host, "truncate", "orders", 100)
    host.close()
    host = open_host(root)
    assert (seqs(ask(host, "read", "orders")), ask(host, "last-seq", "orders")) == ([], 5)
    host.close()


def test_a_torn_last_line_is_not_part_of_it(root: Path) -> None:
    log = root / "streams/6f7264657273.log"
    log.write_bytes(log.read_bytes() + b'{:stream "orders" :seq 6 :da')
    host = open_host(root)
    assert seqs(ask(host, "read", "orders")) == [3, 4]
    ask(host, "append", "orders", event("orders", 6))
    host.close()
    host = open_host(root)
    assert seqs(ask(host, "read", "orders")) == [3, 4, 6]
    host.close()


@pytest.mark.parametrize(
    ("path", "data", "offset"),
    [
        ("streams/6f7264657273.log", b"{:seq 3}\ngarbage\n{:seq 4}\n", 9),
        ("streams/6f7264657273.log", b"{:seq 3}\n{:seq 3}\n", 9),
        ("streams/6f7264657273.log", b"{:seq 3}\n{:seq 4 :data (\n{:seq 5}\n", 9),
        ("streams/6f7264657273.log", b"{:seq nil}\n{:seq 4}\n", 0),
        ("streams/6f7264657273.seq", b"five", 0),
        ("streams/6f7264657273.seq", b"", 0),
    ],
)
def test_damage_in_it_is_told(tmp_path: Path, path: str, data: bytes, offset: int) -> None:
    write(tmp_path)
    (tmp_path / path).write_bytes(data)
    host = open_host(tmp_path)
    with pytest.raises(StoreDamage) as caught:
        ask(host, "read", "orders")
    assert (caught.value.file, caught.value.offset) == (str(tmp_path / path), offset)
    assert seqs(ask(host, "read", "log")) == [1, 2]
    host.close()
    assert verify(tmp_path).problems != []


def test_a_value_of_it_that_is_none_is_told(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "kv/6b").write_bytes(b"{:a (1 2")
    host = open_host(tmp_path)
    with pytest.raises(StoreDamage, match="kv/6b"):
        ask(host, "kv-get", "k")
    host.close()


def test_taking_it_over_survives_a_crash_at_every_call() -> None:
    def run(host: Host) -> None:
        ask(host, "append", "orders", event("orders", 6))
        ask(host, "kv-put", "k", "new")
        ask(host, "kv-delete", "nil")
        ask(host, "truncate", "log", 1)

    with small_limits(segment=1, touched=1):
        at, crashed = 0, True
        while crashed:
            at += 1
            disk = SimulatedDisk(at)
            for path, data in FILES.items():
                disk.put(path, data)
            disk.fault = Fault(at)
            try:
                host = host_on(disk.port())
                run(host)
                host.close()
                crashed = False
            except Crash:
                disk.lose_power()
            disk.fault = None
            host = host_on(disk.port())
            found = content(host, (CID,))
            assert found["streams"]["orders"][0] in (5, 6)
            assert found["streams"]["orders"][1] == found["streams"]["orders"][0] - 3
            assert found["keys"].get("k") in ('{:a (1 2) :b "x"}', '"new"')
            assert found["keys"].get("nil", "gone") in ("nil", "gone")
            assert found["streams"]["log"][0] == 2
            ask(host, "kv-put", "another", 1)
            host.close()
            host = host_on(disk.port())
            found["keys"]["another"] = "1"
            assert content(host, (CID,)) == found, f"call {at}"
            assert verify(disk.port()).problems == [], f"call {at}"
    assert at > 50


def test_a_new_root_has_the_older_file_names_for_long_streams(tmp_path: Path) -> None:
    host = open_host(tmp_path / "new")
    ask(host, "append", "s", event("s", 1, "x" * 5000))
    host.close()
    assert (tmp_path / "new/streams/73.log").read_bytes().startswith(b'{:stream "s" :seq 1 ')
