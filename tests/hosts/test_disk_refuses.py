"""What the operating system refuses is a typed error that names the path; nothing is lost, and it goes on."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest
from store_support import ask, content, event, host_on, seqs, small_limits

from sxpy.port import SyncError
from sxpy.testing import Fault, SimulatedDisk
from sxpy_hosts.disk import DEFAULT_ROOT, ENVIRONMENT, open_host
from sxpy_hosts.errors import (
    StoreClosed,
    StoreDamage,
    StoreFormatError,
    StoreIOError,
    StorePoisoned,
)
from sxpy_hosts.port import RealFile, RealPort
from sxpy_hosts.record import seal
from sxpy_hosts.verify import verify


def test_the_root_is_the_argument_else_the_environment_else_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(ENVIRONMENT, "")
    for root, expected in ((None, DEFAULT_ROOT), ("given", "given")):
        host = open_host(root)
        ask(host, "kv-put", "k", 1)
        host.close()
        assert (tmp_path / expected / "format.sx").exists()
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "deep" / "er"))
    host = open_host()
    ask(host, "kv-put", "k", 1)
    host.close()
    assert (tmp_path / "deep" / "er" / "format.sx").exists()


def test_nothing_is_created_before_the_first_write(tmp_path: Path) -> None:
    host = open_host(tmp_path / "root")
    assert seqs(ask(host, "read", "s")) == []
    host.close()
    assert not (tmp_path / "root").exists()


def test_a_root_that_is_not_there_cannot_be_opened_for_reading(tmp_path: Path) -> None:
    with pytest.raises(StoreIOError, match="No such file") as caught:
        open_host(tmp_path / "root", read_only=True)
    assert caught.value.path == str(tmp_path / "root")


def test_a_root_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "root").write_text("a file")
    with pytest.raises(StoreIOError, match="Not a directory") as caught:
        open_host(tmp_path / "root")
    assert str(tmp_path / "root") in caught.value.path


@pytest.mark.damages
def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "format.sx").write_bytes(seal(b'{:format "sxpy-store" :version 2 :adopted false}', 2))
    for read_only in (True, False):
        with pytest.raises(StoreFormatError, match=r"format 2.*newer"):
            open_host(tmp_path, read_only=read_only)
    with pytest.raises(StoreFormatError):
        verify(tmp_path)


@pytest.mark.damages
@pytest.mark.parametrize("path", ["journal/0000000001.sx", "manifest.sx", "format.sx"])
def test_a_directory_where_a_file_should_be_is_told(tmp_path: Path, path: str) -> None:
    (tmp_path / path).mkdir(parents=True)
    with pytest.raises((StoreIOError, StoreDamage), match="directory") as caught:
        host = open_host(tmp_path)
        try:
            ask(host, "kv-put", "k", 1)
        finally:
            host.close()
    assert path in str(caught.value)


def test_a_file_where_a_directory_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "streams").write_text("a file")
    host = open_host(tmp_path)
    with pytest.raises(StoreIOError, match="Not a directory"):
        ask(host, "append", "s", event("s", 1))
    host.close()
    (tmp_path / "streams").unlink()
    host = open_host(tmp_path)
    ask(host, "append", "s", event("s", 1))
    host.close()


@pytest.mark.damages
def test_symbolic_links_in_the_root_are_not_followed(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    outside.mkdir()
    (outside / "victim").write_bytes(b"precious")
    host = open_host(root)
    ask(host, "append", "s", event("s", 1, "x" * 5000))
    host.close()
    (root / "streams/73.log").unlink()
    (root / "streams/73.log").symlink_to(outside / "victim")
    host = open_host(root)
    with pytest.raises(StoreIOError):
        ask(host, "read", "s")
    ask(host, "append", "s", event("s", 2))
    host.close()
    assert (outside / "victim").read_bytes() == b"precious"


def test_a_directory_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (root / "blobs").symlink_to(outside)
    host = open_host(root)
    with pytest.raises(StoreIOError):
        ask(host, "blob/put", "x", "m")
    host.close()
    assert list(outside.iterdir()) == []


def test_a_root_that_is_a_link_is_the_users_choice(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "root").symlink_to(tmp_path / "real")
    host = open_host(tmp_path / "root")
    ask(host, "kv-put", "k", 1)
    host.close()
    assert (tmp_path / "real/format.sx").exists()


def test_a_pipe_where_a_file_should_be_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "manifest.sx")
    with pytest.raises(StoreIOError, match="not a regular file"):
        open_host(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_root_without_permission_is_read_and_refuses_writes(tmp_path: Path) -> None:
    host = open_host(tmp_path)
    ask(host, "append", "s", event("s", 1))
    host.close()
    paths = [tmp_path, *tmp_path.rglob("*")]
    for path in paths:
        path.chmod(path.stat().st_mode & 0o555)
    try:
        host = open_host(tmp_path)
        assert seqs(ask(host, "read", "s")) == [1]
        with pytest.raises(StoreIOError, match="Permission denied"):
            ask(host, "append", "s", event("s", 2))
    finally:
        for path in paths:
            path.chmod(path.stat().st_mode | 0o700)
    ask(host, "append", "s", event("s", 2))
    assert seqs(ask(host, "read", "s")) == [1, 2]
    host.close()


@pytest.mark.parametrize("error", [errno.EACCES, errno.EROFS])
def test_a_store_that_may_only_be_read_is_read(error: int) -> None:
    disk = SimulatedDisk()
    host = host_on(disk.port())
    ask(host, "append", "s", event("s", 1))
    ask(host, "kv-put", "k", 1)
    host.close()
    before = disk.files()
    port = disk.port()
    host = host_on(port)
    found = content(host)
    opened = port.open

    def refuse(path: str, *, write: bool = False, create: bool = False) -> object:
        if write:
            raise OSError(error, os.strerror(error), f"disk/{path}")
        return opened(path)

    port.open = refuse  # type: ignore[assignment,method-assign]
    for operation in (("append", "s", event("s", 2)), ("kv-put", "k", 2), ("blob/put", "x", "m")):
        with pytest.raises(StoreIOError, match="disk/") as caught:
            ask(host, *operation)
        assert caught.value.errno == error
    assert content(host) == found
    assert disk.files() == before
    port.open = opened  # type: ignore[method-assign]
    ask(host, "append", "s", event("s", 2))
    host.close()


def test_a_full_disk_refuses_and_works_again_when_there_is_room() -> None:
    disk = SimulatedDisk()
    with small_limits(segment=3000):
        host = host_on(disk.port())
        ask(host, "append", "s", event("s", 1))
        disk.capacity = disk.size() + 30_000
        seq = 1
        with pytest.raises(StoreIOError, match="No space left"):
            while True:
                ask(host, "append", "s", event("s", seq + 1, "x" * 700))
                seq += 1
        assert seq > 5
        for _ in range(3):
            with pytest.raises(StoreIOError, match="No space left"):
                ask(host, "append", "s", event("s", seq + 1, "x" * 7000))
        with pytest.raises(StoreIOError, match="No space left"):
            ask(host, "blob/put", "x" * 40_000, "m")
        assert seqs(ask(host, "read", "s")) == list(range(1, seq + 1))
        disk.capacity = None
        ask(host, "append", "s", event("s", seq + 1))
        host.checkpoint()
        host.close()
        disk.lose_power()
        host = host_on(disk.port())
        assert seqs(ask(host, "read", "s")) == list(range(1, seq + 2))
        assert verify(disk.port()).problems == []


def test_after_a_failed_sync_the_store_stops_and_never_syncs_again() -> None:
    disk = SimulatedDisk()
    port = disk.port()
    host = host_on(port)
    ask(host, "append", "s", event("s", 1))
    ask(host, "append", "s", event("s", 2))
    before = len(disk.trace)
    ask(host, "append", "s", event("s", 3))
    calls = disk.trace[before:]
    at = next(number for number, call in enumerate(calls, 1) if call.startswith("sync "))
    disk.fault = Fault(disk.calls + at, errno.EIO)  # the next append makes the same calls
    last = 3
    with pytest.raises(StorePoisoned, match="sync failed"):
        ask(host, "append", "s", event("s", last + 1))
    syncs = sum(call.startswith("sync") for call in disk.trace)
    for operation in (("append", "s", event("s", last + 1)), ("read", "s"), ("kv-get", "k"), ("streams",)):
        with pytest.raises(StorePoisoned):
            ask(host, *operation)
    host.close()
    assert sum(call.startswith("sync") for call in disk.trace) == syncs
    with pytest.raises(StoreClosed):
        ask(host, "read", "s")
    disk.fault = None
    disk.kill(port)
    host = host_on(disk.port())
    assert seqs(ask(host, "read", "s")) == list(range(1, last + 1))
    ask(host, "append", "s", event("s", last + 1))
    disk.lose_power()
    assert seqs(ask(host_on(disk.port()), "read", "s")) == list(range(1, last + 2))


@pytest.mark.parametrize("threads", [True, False], ids=["with threads", "when no thread can be started"])
def test_many_files_are_synced_once_each_and_the_error_of_one_is_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: bool
) -> None:
    port, synced = RealPort(tmp_path), []

    class Watched(RealFile):
        def sync(self) -> None:
            synced.append(self._path)
            if self._path.endswith("/7"):
                raise SyncError(errno.EIO, "broken", self._path)
            super().sync()

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    if not threads:
        monkeypatch.setattr(threading.Thread, "start", refuse)
    monkeypatch.setattr("sxpy_hosts.port.RealFile", Watched)
    files = [port.open(str(number), write=True, create=True) for number in range(20)]
    with pytest.raises(SyncError, match="broken"):
        port.sync_all(files)
    assert sorted(synced) == sorted(f"{tmp_path}/{number}" for number in range(20))
    for file in files:
        file.close()
    port.close()
