"""Data directories of every format that was ever written, opened and read, for ever.

`tests/golden` holds one directory a format; SHA256SUMS pins every byte. A new version of the format adds a
directory, and changes none: whoever has old data does not regenerate it either.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from store_support import ask, event

from sxpy.cid import cid_of
from sxpy.data import Bytevector
from sxpy.host import Host
from sxpy.printer import serialize
from sxpy_hosts.backup import back_up
from sxpy_hosts.disk import open_host
from sxpy_hosts.verify import verify

GOLDEN = Path(__file__).parent.parent / "golden"
FROZEN = ["frozen-1"]
"""Directories of frozen programs: see `tests/image/test_golden_frozen.py`."""
LONG = "n" * 200


def sums() -> dict[str, str]:
    return {
        str(path.relative_to(GOLDEN)): hashlib.sha256(path.read_bytes()).hexdigest()
        for directory in GOLDEN.iterdir()
        if directory.is_dir()
        for path in directory.rglob("*")
        if path.is_file()
    }


@pytest.fixture(autouse=True)
def _untouched() -> Iterator[None]:
    yield
    lines = (GOLDEN / "SHA256SUMS").read_text().splitlines()
    assert sums() == {path: digest for digest, path in (line.split("  ") for line in lines)}


def stream(host: Host, name: str) -> tuple[int, int, list[str]]:
    events = ask(host, "read", name)
    return (
        ask(host, "last-seq", name),
        ask(host, "count", name),
        [f"{e.get('seq')} {serialize(e.get('data'))}" for e in events],
    )


def check_format_1(host: Host) -> None:
    assert list(ask(host, "streams")) == ["late", LONG, "once", "orders", "private", "small"]
    note = "a note of some length: " + "tea " * 12
    orders = [f'{n} "item {n} of the order, and {note}"' for n in range(37, 41)] + ['41 "from the journal"']
    assert stream(host, "orders") == (41, 5, orders)
    assert stream(host, "small") == (7, 2, ["1 1/3", '7 (1.5 nil true sym "é\\n\\ud800")'])
    assert stream(host, LONG) == (3, 3, [f'{n} "long name {"z" * 900}"' for n in (1, 2, 3)])
    assert stream(host, "late") == (1, 0, [])
    assert stream(host, "private") == (2, 2, ['1 "kept"', "2 nil"])
    assert list(ask(host, "read", "private"))[1].get("erased") is True
    assert {key: serialize(ask(host, "kv-get", key)) for key in ask(host, "kv-keys")} == {
        "": '"the empty key"',
        "k": "{:n 2}",
        "idem/once/request-1": '{:stream "once" :seq 1 :type "t" :at 10 :data "the first time"}',
    }
    assert ask(host, "blob/get", cid_of(b"a picture")) == "a picture"
    text: Any = ask(host, "blob/get", cid_of(b"text"))
    assert isinstance(text, Bytevector) and text.data == b"text"


def check_older_layout(host: Host) -> None:
    assert list(ask(host, "streams")) == ["a/b", "empty", "orders"]
    assert stream(host, "orders") == (5, 2, ['3 {:seq 99 :note "a ; b"}', "4 nil"])
    assert stream(host, "empty") == (7, 0, [])
    assert stream(host, "a/b") == (1, 1, ['1 (1 2.5 "é")'])
    assert {key: serialize(ask(host, "kv-get", key)) for key in ask(host, "kv-keys")} == {
        "k": '{:a (1 2) :b "x"}',
        "nil": "nil",
    }
    assert ask(host, "blob/get", cid_of(b"a picture")) == "a picture"


CHECKS = {"format-1": check_format_1, "older-layout": check_older_layout}


def test_every_golden_directory_is_checked() -> None:
    assert sorted([*CHECKS, *FROZEN]) == sorted(path.name for path in GOLDEN.iterdir() if path.is_dir())


@pytest.mark.parametrize("name", list(CHECKS))
def test_it_is_read_as_it_is(name: str) -> None:
    with closing(open_host(GOLDEN / name, read_only=True)) as host:
        CHECKS[name](host)
    report = verify(GOLDEN / name)
    assert report.problems == []
    assert len(report.notes) == (1 if name == "format-1" else 0)  # the torn write behind its journal


@pytest.mark.parametrize("name", list(CHECKS))
def test_a_copy_is_written_to_and_backed_up(name: str, tmp_path: Path) -> None:
    back_up(GOLDEN / name, tmp_path / "backup")
    shutil.copytree(GOLDEN / name, tmp_path / "copy")
    for place in ("backup", "copy"):
        with closing(open_host(tmp_path / place)) as host:
            CHECKS[name](host)
            last = ask(host, "last-seq", "orders")
            ask(host, "append", "orders", event("orders", last + 1))
            assert ask(host, "last-seq", "orders") == last + 1
        assert verify(tmp_path / place).problems == []
