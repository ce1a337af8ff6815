"""Export and import: everything, as SX text; whole or not at all."""

from __future__ import annotations

import io
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from store_support import ask, content, event
from test_erase import LOGO, PICTURE, fill

from sxpy.cid import cid_of
from sxpy.data import Bytevector
from sxpy.reader import read_all
from sxpy_hosts.disk import open_host
from sxpy_hosts.transfer import TransferError, export, import_
from sxpy_hosts.verify import verify

BLOBS = (cid_of(PICTURE), cid_of(LOGO.encode()), cid_of(b"text"))
NAMES = ["", 'a"b\n\\', "\ud800", "é" * 300, "$global"]


def exported(root: Path, streams: list[str] | None = None) -> bytes:
    out = io.BytesIO()
    with closing(open_host(root, read_only=True)) as host:
        export(host.store, out, streams)
    return out.getvalue()


def imported(root: Path, data: bytes, **options: Any) -> Any:
    with closing(open_host(root)) as host:
        return import_(host.store, data.splitlines(keepends=True), "file", **options)


def everything(root: Path) -> dict[str, Any]:
    with closing(open_host(root, read_only=True)) as host:
        return content(host, BLOBS)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    with closing(open_host(tmp_path / "source")) as host:
        fill(host)
        ask(host, "blob/put", Bytevector(b"text"), None)  # UTF-8, and yet no string
        for name in NAMES:
            ask(host, "append", name, event(name, 1, name))
            ask(host, "append", name, event(name, 5, name))
            ask(host, "kv-put", name, name)
        ask(host, "truncate", "", 9)
        ask(host, "truncate", "$global", 1)
        ask(host, "erase", "orders", 2)
    return tmp_path / "source"


def test_what_was_exported_is_imported_with_every_answer_the_same(tmp_path: Path, source: Path) -> None:
    data = exported(source)
    read_all(data.decode())  # it is SX
    assert b"\n(end " in data
    imported(tmp_path / "target", data)
    assert everything(tmp_path / "target") == everything(source)
    assert exported(tmp_path / "target") == data
    again = imported(tmp_path / "target", data)
    assert (again.events, again.keys, again.streams) == (0, 0, 0)
    with closing(open_host(tmp_path / "target")) as host:
        assert ask(host, "last-seq", "") == 5
        assert ask(host, "append-once", "orders", "idem/orders/1", event("orders", 9)).get("seq") == 1
    report = verify(tmp_path / "target")
    assert (report.problems, report.notes) == ([], [])


def test_one_stream_comes_with_its_markers_and_blobs(tmp_path: Path, source: Path) -> None:
    imported(tmp_path / "target", exported(source, ["orders"]))
    found, all_ = everything(tmp_path / "target"), everything(source)
    assert found["streams"] == {"orders": all_["streams"]["orders"]}
    assert sorted(found["keys"]) == [f"idem/orders/{seq}" for seq in range(1, 7)]
    assert found["blobs"] == {**all_["blobs"], cid_of(b"text"): "nil"}


def test_a_file_that_is_not_whole_or_was_changed_is_refused(tmp_path: Path, source: Path) -> None:
    data = exported(source)
    lines = data.splitlines(keepends=True)
    wrong = [
        b"",
        data[:-20],
        b"".join(lines[:-1]),
        b"".join(lines[:3] + lines[4:]),
        data.replace(b":at 10", b":at 11", 1),
        data + b"(key 1 2)\n",
        data.replace(b"{:version 1}", b"{:version 2}"),
        b"(launch)\n",
        b"\xff\n",
    ]
    for text in wrong:
        with pytest.raises(TransferError, match="file"):
            imported(tmp_path / "target", text)
    assert not (tmp_path / "target").exists() or everything(tmp_path / "target")["streams"] == {}


def test_an_import_that_contradicts_the_store_changes_nothing(tmp_path: Path, source: Path) -> None:
    data, target = exported(source), tmp_path / "target"
    with closing(open_host(target)) as host:
        ask(host, "append", "orders", event("orders", 1, "another"))
    before = everything(target)
    with pytest.raises(TransferError, match='"orders" has used :seq 1'):
        imported(target, data)
    assert everything(target) == before
    with closing(open_host(tmp_path / "other")) as host:
        ask(host, "kv-put", "other", "is another")
    with pytest.raises(TransferError, match='"other" has another value'):
        imported(tmp_path / "other", data)
    imported(tmp_path / "other", data, replace_keys=True)
    assert everything(tmp_path / "other") == everything(source)
    assert verify(target).problems == []
