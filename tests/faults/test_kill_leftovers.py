"""What a kill can leave, put together by hand: each was met by a kill once, and taken for something else."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest
from store_support import ask, event, seqs

from sxpy_hosts.disk import DiskHost, open_host
from sxpy_hosts.errors import StoreDamage, StoreIOError
from sxpy_hosts.port import RealPort
from sxpy_hosts.verify import verify


def test_a_segment_that_was_begun_and_has_no_record_yet_is_no_damage(tmp_path: Path) -> None:
    host = open_host(tmp_path)
    ask(host, "append", "s", event("s", 1))
    journal = host.store._root.journal
    journal._append(b"(next 2)")  # a checkpoint, killed between two of its calls
    (tmp_path / "journal/0000000002.sx").touch()
    assert verify(tmp_path).problems == []
    with closing(open_host(tmp_path)) as again:
        assert seqs(ask(again, "read", "s")) == [1]
        ask(again, "append", "s", event("s", 2))
    assert verify(tmp_path).problems == []


@pytest.mark.damages
def test_a_journal_that_lost_all_its_records_is_damage(tmp_path: Path) -> None:
    with closing(open_host(tmp_path)) as host:
        ask(host, "append", "s", event("s", 1))
        host.checkpoint()
    (journal,) = (tmp_path / "journal").iterdir()
    for content in (b"", b"\n" * 100, b"\0" * 100):
        journal.write_bytes(content)
        with pytest.raises(StoreDamage, match="first record") as caught:
            open_host(tmp_path)
        assert caught.value.file == str(journal)
        assert verify(tmp_path).problems != []


def test_a_lock_that_cannot_be_let_go_does_not_undo_what_was_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: RealPort) -> None:
        raise OSError(5, "Input/output error")

    host: DiskHost = open_host(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(RealPort, "unlock", fail)
        ask(host, "append", "s", event("s", 1))
    ask(host, "append", "s", event("s", 2))
    host.close()
    with closing(open_host(tmp_path)) as host:
        assert seqs(ask(host, "read", "s")) == [1, 2]


def test_a_root_that_cannot_be_looked_at_is_an_error_and_no_endless_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    host = open_host(tmp_path / "deep" / "root")
    with monkeypatch.context() as patched:
        patched.setattr(os, "stat", fail)
        with pytest.raises(StoreIOError, match=str(tmp_path)):
            ask(host, "append", "s", event("s", 1))
    ask(host, "append", "s", event("s", 1))
    host.close()


def test_a_check_leaves_no_descriptors_open(tmp_path: Path) -> None:
    with closing(open_host(tmp_path)) as host:
        ask(host, "append", "s", event("s", 1))
    open_now = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0
    for _ in range(10):
        verify(tmp_path)
    if open_now:
        assert len(list(Path("/proc/self/fd").iterdir())) <= open_now
