"""The format on disk, byte by byte: what is written today is what version 1 is, and version 1 is read.

`golden/version-1` was written once, and read by a person. When a change of the format is wanted, the version
goes up, this directory stays and is still read, and a new one is laid beside it.
"""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest
from store_support import ask, content, event, host_on, request, seqs, small_limits

from sxpy.cid import cid_of
from sxpy.data import Bytevector, from_list
from sxpy.testing import SimulatedDisk
from sxpy_hosts.disk import DiskHost, open_host
from sxpy_hosts.verify import verify

GOLDEN = Path(__file__).parent / "golden" / "version-1"
LONG = "long name " * 20
TEXT, BYTES = cid_of(b"text"), cid_of(b"\x00\xff")


def write(host: DiskHost) -> None:
    """Everything that the format has a word for."""
    for seq in (1, 2, 3):
        ask(host, "append", "orders", event("orders", seq, "paid"))
    ask(host, "truncate", "orders", 1)
    ask(host, "append", "long", event("long", 5, "x" * 200))
    ask(host, "append", LONG, event(LONG, 1, "y" * 200))
    for number in range(6):
        ask(host, "kv-put", f"key {number}", from_list([number, "value " * 6]))
    ask(host, "kv-put", 'a "quoted"\nkey', None)
    ask(host, "blob/put", Bytevector(b"text"), "text/plain")
    ask(host, "blob/put", Bytevector(b"\x00\xff"), "image/png")
    host.checkpoint()
    ask(host, "kv-delete", "key 0")
    ask(host, "append", "long", event("long", 6))
    host.checkpoint()
    ask(
        host,
        "transact",
        from_list(
            [
                request("append", "orders", event("orders", 4, "sent")),
                request("kv-put", "mark", 4),
                request("truncate", "long", 5),
                request("kv-delete", "key 1"),
            ]
        ),
    )
    ask(host, "append-once", "orders", "idem/orders/x", event("orders", 5, "ümlaut"))
    ask(host, "blob/put", "text", "text/plain")


def files_today() -> dict[str, bytes]:
    disk = SimulatedDisk()
    with small_limits(segment=1 << 20, touched=100, split=160):
        write(host_on(disk.port()))
    return {
        path: data.rstrip(b"\n") + b"\n" if path.startswith("journal/") else data
        for path, data in disk.files().items()
    }


def test_what_is_written_is_version_1() -> None:
    golden = {
        str(path.relative_to(GOLDEN)): path.read_bytes() for path in GOLDEN.rglob("*") if path.is_file()
    }
    today = files_today()
    assert sorted(today) == sorted(golden)
    for path, data in today.items():
        assert data == golden[path], path


@pytest.mark.parametrize("read_only", [True, False])
def test_version_1_is_read(tmp_path: Path, read_only: bool) -> None:
    root = tmp_path / "root"
    shutil.copytree(GOLDEN, root)
    host = open_host(root, read_only=read_only)
    assert list(ask(host, "streams")) == ["long", LONG, "orders"]
    assert seqs(ask(host, "read", "orders")) == [2, 3, 4, 5]
    assert [e.get("data") for e in ask(host, "read", "orders")] == ["paid", "paid", "sent", "ümlaut"]
    assert [e.get("at") for e in ask(host, "read", "orders")] == [20, 30, 40, 50]
    assert (ask(host, "last-seq", "orders"), ask(host, "count", "orders")) == (5, 4)
    assert (seqs(ask(host, "read", "long")), ask(host, "count", "long")) == ([6], 1)
    assert next(iter(ask(host, "read", LONG))).get("data") == "y" * 200
    assert list(ask(host, "kv-keys")) == [
        'a "quoted"\nkey',
        "idem/orders/x",
        "key 2",
        "key 3",
        "key 4",
        "key 5",
        "mark",
    ]
    assert list(ask(host, "kv-get", "key 3")) == [3, "value " * 6]
    assert (ask(host, "kv-get", 'a "quoted"\nkey'), ask(host, "kv-get", "mark")) == (None, 4)
    assert ask(host, "kv-get", "idem/orders/x").get("seq") == 5
    assert ask(host, "blob/get", TEXT) == "text"
    assert bytes(ask(host, "blob/get", BYTES).data) == b"\x00\xff"
    before = content(host, (TEXT, BYTES))
    host.close()
    assert verify(root).problems == []
    with closing(open_host(root)) as again:
        ask(again, "kv-put", "key 1", "back")
        ask(again, "kv-delete", "key 1")
        assert content(again, (TEXT, BYTES)) == before
    assert verify(root).problems == []
