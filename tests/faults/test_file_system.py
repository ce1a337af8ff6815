"""What real file systems do to a store: they fill up, are read-only, belong to others, hold strange things.

Always a typed error that names the path, earlier data intact, and it works again afterwards. Some tests
mount a file system or become another user; without the right to do so they are skipped and say why. The
same on a simulated disk: `tests/hosts/test_disk_refuses.py`.
"""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from isolated import NOBODY, isolated
from store_support import ask, content, event, seqs, small_limits

from sxpy_hosts.disk import open_host
from sxpy_hosts.errors import StoreDamage, StoreError, StoreIOError
from sxpy_hosts.verify import verify

SECONDS = 20
"""What would have hung has hung by then."""


@contextmanager
def bounded() -> Iterator[None]:
    """Fail instead of hanging."""

    def late(*_: Any) -> None:
        raise TimeoutError("it hangs")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def mount(place: Path, options: str) -> None:
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        pytest.skip(f"mounting is not permitted here: {done.stderr.strip()}")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 512 KiB."""
    if shutil.which("mount") is None:
        pytest.skip("there is no mount(8) here")
    place = tmp_path / "mounted"
    place.mkdir()
    mount(place, "size=512k")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def shared_place() -> Iterator[Path]:
    """A directory that other users can reach."""
    if os.geteuid() != 0:
        pytest.skip("only the superuser can become another user")
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        yield Path(place)


def fill(host: Any, stream: str, size: int, expected: int) -> int:
    """Append until the disk refuses; answers the last seq that was acknowledged."""
    seq: int = ask(host, "last-seq", stream)
    with pytest.raises(StoreIOError) as caught:
        while seq < 100_000:
            ask(host, "append", stream, event(stream, seq + 1, "x" * size))
            seq += 1
    assert caught.value.errno == expected
    assert str(host.store.port.root) in str(caught.value)
    return seq


def test_a_full_file_system_refuses_and_works_again_when_there_is_room(small_disk: Path) -> None:
    root = small_disk / "root"
    with small_limits(segment=40_000):
        with closing(open_host(root)) as host:
            ask(host, "kv-put", "k", "early")
            last = fill(host, "s", 3000, errno.ENOSPC)
            assert last > 20
            for _ in range(3):
                fill(host, "s", 30_000, errno.ENOSPC)
            with pytest.raises(StoreIOError, match="No space left"):
                ask(host, "blob/put", "b" * 200_000, "m")
            assert ask(host, "kv-get", "k") == "early"
            last = ask(host, "last-seq", "s")
            assert seqs(ask(host, "read", "s")) == list(range(1, last + 1))
        with closing(open_host(root)) as host:  # and a full one can be opened and read
            assert seqs(ask(host, "read", "s")) == list(range(1, last + 1))
        subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
        with closing(open_host(root)) as host:
            ask(host, "append", "s", event("s", last + 1, "x" * 30_000))
            ask(host, "blob/put", "b" * 200_000, "m")
            host.checkpoint()
        with closing(open_host(root)) as host:
            assert seqs(ask(host, "read", "s")) == list(range(1, last + 2))
    assert verify(root).problems == []


def test_a_host_that_met_a_full_disk_goes_on_without_being_opened_again(small_disk: Path) -> None:
    root = small_disk / "root"
    with small_limits(segment=40_000), closing(open_host(root)) as host:
        last = fill(host, "s", 3000, errno.ENOSPC)
        subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
        for seq in range(last + 1, last + 30):
            ask(host, "append", "s", event("s", seq, "x" * 3000))
        assert seqs(ask(host, "read", "s")) == list(range(1, last + 30))
    assert verify(root).problems == []


def test_a_read_only_file_system_is_read_and_refuses_writes(small_disk: Path) -> None:
    root = small_disk / "root"
    with closing(open_host(root)) as host:
        ask(host, "append", "s", event("s", 1))
        ask(host, "kv-put", "k", 1)
        found = content(host)
        # Not closed before the remount in earnest: the journal holds all of it.
        subprocess.run(["cp", "-a", str(root), str(small_disk / "copy")], check=True)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    for place in (root, small_disk / "copy"):
        for read_only in (False, True):
            with closing(open_host(place, read_only=read_only)) as host:
                assert content(host) == found
                for operation in (
                    ("append", "s", event("s", 2)),
                    ("kv-put", "k", 2),
                    ("blob/put", "x", "m"),
                ):
                    with pytest.raises(StoreError, match=str(place)):
                        ask(host, *operation)
                assert content(host) == found
        assert verify(place).problems == []
    with pytest.raises(StoreIOError, match="Read-only"), closing(open_host(small_disk / "new")) as host:
        ask(host, "kv-put", "k", 1)
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    with closing(open_host(root)) as host:
        ask(host, "append", "s", event("s", 2))


@pytest.mark.parametrize("limit", [20_000, 20_001, 20_137, 50_000])
def test_writes_that_are_cut_short_leave_no_half_record(tmp_path: Path, limit: int) -> None:
    root = tmp_path / "root"

    def within_limits() -> int:
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        with closing(open_host(root)) as host:
            ask(host, "append", "s", event("s", 1))
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
            last = fill(host, "s", 700, errno.EFBIG)
            fill(host, "s", limit, errno.EFBIG)
            assert seqs(ask(host, "read", "s")) == list(range(1, last + 1))
            with pytest.raises(StoreIOError, match="File too large"):
                ask(host, "blob/put", "b" * 60_000, "m")
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
            ask(host, "append", "s", event("s", last + 1))
        return last + 1

    last = isolated(within_limits)
    assert last > 10
    with closing(open_host(root)) as host:
        assert seqs(ask(host, "read", "s")) == list(range(1, last + 1))
    assert verify(root).problems == []


# -- other users ----------------------------------------------------------------------------------------


def written(root: Path) -> None:
    with closing(open_host(root)) as host:
        ask(host, "append", "s", event("s", 1, "x" * 5000))
        ask(host, "append", "small", event("small", 1))
        ask(host, "kv-put", "k", 1)
        ask(host, "blob/put", "picture", "m")


def refused(operation: Callable[[], Any], path: Path) -> str:
    """The message of the typed error, which must name the path."""
    with pytest.raises(StoreIOError, match="Permission denied") as caught:
        operation()
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_a_directory_without_permission_is_refused_by_name(shared_place: Path) -> None:
    def as_somebody() -> None:
        with closing(open_host(shared_place / "root")) as host:
            assert seqs(ask(host, "read", "s")) == []
            refused(lambda: ask(host, "append", "s", event("s", 1)), shared_place)

    isolated(as_somebody, user=NOBODY)
    assert list(shared_place.iterdir()) == []


def test_the_files_of_another_user_are_read_and_refuse_writes(shared_place: Path) -> None:
    root = shared_place / "root"
    written(root)
    with closing(open_host(root)) as host:
        found = content(host)

    def as_somebody() -> None:
        for read_only in (True, False):
            with closing(open_host(root, read_only=read_only)) as host:
                assert content(host) == found
                if not read_only:
                    for operation in (
                        ("append", "s", event("s", 2)),
                        ("kv-put", "k", 2),
                        ("blob/put", "new", "m"),
                    ):
                        refused(lambda operation=operation: ask(host, *operation), root)
        assert verify(root).problems == []

    isolated(as_somebody, user=NOBODY)
    with closing(open_host(root)) as host:
        assert content(host) == found
        ask(host, "append", "s", event("s", 2))


def test_a_file_that_may_not_be_read_is_refused_by_name(shared_place: Path) -> None:
    root = shared_place / "root"
    written(root)
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        mode = path.stat().st_mode

        def as_somebody(path: Path = path) -> str:
            try:
                with closing(open_host(root)) as host:
                    content(host)
                    ask(host, "blob/get", "x")
                    for blob in os.listdir(root / "blobs"):
                        ask(host, "blob/get", blob)
            except StoreIOError as error:
                return str(error)
            raise AssertionError(f"{path} was not needed")

        path.chmod(0)
        told = isolated(as_somebody, user=NOBODY)
        path.chmod(mode)
        assert "Permission denied" in told
        assert str(path) in told


# -- strange things in the place of files ---------------------------------------------------------------


def a_directory(path: Path) -> None:
    path.mkdir()


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_link_to_the_same(path: Path) -> None:
    """A link to a whole copy outside: following it would even give right answers."""
    path.symlink_to(path.parents[2] / "kept" / path.name)


def a_link_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


def a_link_to_nothing(path: Path) -> None:
    path.symlink_to(path.parent / "nothing")


def a_socket(path: Path) -> None:
    there = os.getcwd()
    os.chdir(path.parent)  # the name of a socket must be short
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(path.name)
    os.chdir(there)


STRANGE = [a_directory, a_pipe, a_link_to_the_same, a_link_to_itself, a_link_to_nothing, a_socket]


def everything(root: Path, blob: str) -> dict[str, Any]:
    """All that a host answers; the type of error where it cannot."""
    answers: dict[str, Any] = {}
    with closing(open_host(root)) as host:
        for name, operation in {
            "s": ("read", "s"),
            "small": ("read", "small"),
            "k": ("kv-get", "k"),
            "streams": ("streams",),
            "keys": ("kv-keys",),
            "blob": ("blob/get", blob),
        }.items():
            try:
                answers[name] = str(ask(host, *operation))
            except (StoreIOError, StoreDamage) as error:
                assert str(root) in str(error)
                answers[name] = error
    return answers


@pytest.mark.parametrize("strange", STRANGE)
def test_what_is_no_file_in_the_place_of_one_is_refused_and_never_hangs(
    tmp_path: Path, strange: Callable[[Path], None]
) -> None:
    root, kept = tmp_path / "at" / "root", tmp_path / "at" / "kept"
    kept.mkdir(parents=True)
    written(root)
    (blob,) = os.listdir(root / "blobs")
    right = everything(root, blob)
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        path.rename(kept / path.name)
        strange(path)
        with bounded():
            try:
                found = everything(root, blob)
            except (StoreIOError, StoreDamage) as error:
                assert path.name in str(error)
                found = {"opening": error}
            told = [error for error in found.values() if isinstance(error, StoreError)]
            assert told, f"{strange.__name__} as {path} was not told"
            assert any(path.name in str(error) for error in told)
            wrong = {
                name: answer
                for name, answer in found.items()
                if not isinstance(answer, StoreError) and answer != right[name]
            }
            assert not wrong, f"{strange.__name__} as {path}"
            try:
                assert any(path.name in str(problem) for problem in verify(root).problems)
            except (StoreIOError, StoreDamage) as error:
                assert path.name in str(error)
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink()
        (kept / path.name).rename(path)
        assert everything(root, blob) == right


@pytest.mark.damages
@pytest.mark.parametrize("strange", STRANGE[1:])
@pytest.mark.parametrize("name", ["journal", "streams", "heads", "keys", "blobs"])
def test_what_is_no_directory_in_the_place_of_one_is_refused_and_never_hangs(
    tmp_path: Path, strange: Callable[[Path], None], name: str
) -> None:
    root, kept = tmp_path / "at" / "deep" / "root", tmp_path / "at" / "kept"
    kept.mkdir(parents=True)
    written(root)
    (blob,) = os.listdir(root / "blobs")
    (root / name).rename(kept / name)
    strange(root / name)
    with bounded():
        try:
            found = everything(root, blob)
        except (StoreIOError, StoreDamage) as error:
            found = {"opening": error}
    told = [error for error in found.values() if isinstance(error, StoreError)]
    assert told
    assert any(name in str(error) for error in told)
