"""The files of the cache: whole, one's own, bounded, and never a reason to fail."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sxpy.cache import files
from sxpy.cache.files import CacheFiles, cache_directory

WRITER = """
import sys
from sxpy.cache.files import CacheFiles
directory, letter, rounds = sys.argv[1], sys.argv[2].encode(), int(sys.argv[3])
kept = CacheFiles(directory)
for round in range(rounds):
    assert kept.write("entry", letter * (1000 + 400 * round))
    data = kept.read("entry")
    assert data and data == data[:1] * len(data) and len(data) >= 1000, data[:20]
"""
"""Writes and reads one file again and again; what it reads must have been written by one writer."""


def test_what_was_written_is_read(tmp_path: Path) -> None:
    kept = CacheFiles(os.fspath(tmp_path / "a" / "cache"))
    assert kept.read("entry") is None
    assert kept.write("entry", b"one")
    assert kept.read("entry") == b"one"
    assert kept.write("entry", b"two")
    assert CacheFiles(kept.directory).read("entry") == b"two"
    assert os.listdir(kept.directory) == ["entry"]


def test_nobody_else_can_read_what_is_kept(tmp_path: Path) -> None:
    kept = CacheFiles(os.fspath(tmp_path / "cache"))
    kept.write("entry", b"one")
    assert os.stat(kept.directory).st_mode & 0o777 == 0o700
    assert os.stat(tmp_path / "cache" / "entry").st_mode & 0o777 == 0o600


def test_writers_do_not_disturb_each_other(tmp_path: Path) -> None:
    directory = os.fspath(tmp_path / "cache")
    started = [subprocess.Popen([sys.executable, "-c", WRITER, directory, letter, "60"]) for letter in "abcd"]
    assert [process.wait(timeout=60) for process in started] == [0, 0, 0, 0]
    assert os.listdir(directory) == ["entry"]


@pytest.mark.parametrize("mode", [0o770, 0o702, 0o777])
def test_a_directory_that_others_can_write_to_is_not_used(tmp_path: Path, mode: int) -> None:
    (tmp_path / "entry").write_bytes(b"planted")
    tmp_path.chmod(mode)
    kept = CacheFiles(os.fspath(tmp_path))
    assert kept.read("entry") is None
    assert not kept.write("other", b"one")
    assert os.listdir(tmp_path) == ["entry"]


def test_a_directory_of_somebody_else_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    CacheFiles(os.fspath(tmp_path)).write("entry", b"one")
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    kept = CacheFiles(os.fspath(tmp_path))
    assert kept.read("entry") is None
    assert not kept.write("entry", b"two")


def test_a_file_that_others_can_write_to_is_not_used(tmp_path: Path) -> None:
    kept = CacheFiles(os.fspath(tmp_path / "cache"))
    kept.write("entry", b"one")
    (tmp_path / "cache" / "entry").chmod(0o666)
    assert kept.read("entry") is None


def test_links_are_not_followed(tmp_path: Path) -> None:
    real = tmp_path / "real"
    CacheFiles(os.fspath(real)).write("entry", b"one")
    (real / "link").symlink_to(real / "entry")
    assert CacheFiles(os.fspath(real)).read("link") is None
    (tmp_path / "cache").symlink_to(real)
    linked = CacheFiles(os.fspath(tmp_path / "cache"))
    assert linked.read("entry") is None
    assert not linked.write("entry", b"two")


def test_what_is_no_directory_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        kept = CacheFiles(os.fspath(path))
        assert kept.read("entry") is None
        assert not kept.write("entry", b"one")
    (tmp_path / "cache" / "entry").mkdir(parents=True, mode=0o700)
    (tmp_path / "cache").chmod(0o700)
    kept = CacheFiles(os.fspath(tmp_path / "cache"))
    assert kept.read("entry") is None
    assert not kept.write("entry", b"one")
    assert os.listdir(kept.directory) == ["entry"]


def test_a_disk_that_refuses_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = CacheFiles(os.fspath(tmp_path / "cache"))
    kept.write("entry", b"one")

    def refuse(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "rename", refuse)
    assert not kept.write("entry", b"two")
    assert os.listdir(kept.directory) == ["entry"]
    assert kept.read("entry") == b"one"


def test_what_was_used_longest_ago_makes_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = CacheFiles(os.fspath(tmp_path / "cache"))
    now = time.time()
    for number in range(8):
        kept.write(f"entry{number}", b"x" * 10)
        os.utime(tmp_path / "cache" / f"entry{number}", (now, now - 10**6 + number))
    monkeypatch.setattr(files, "MOST_FILES", 8)
    kept.tidy()
    assert len(os.listdir(kept.directory)) == 8
    assert kept.read("entry0") == b"x" * 10  # and now it has been used
    monkeypatch.setattr(files, "MOST_BYTES", 79)
    kept.tidy()
    assert sorted(os.listdir(kept.directory)) == ["entry0", *(f"entry{n}" for n in range(4, 8))]
    monkeypatch.setattr(files, "MOST_FILES", 4)
    kept.tidy()
    assert sorted(os.listdir(kept.directory)) == ["entry0", "entry6", "entry7"]


def test_what_a_dead_process_left_is_removed(tmp_path: Path) -> None:
    kept = CacheFiles(os.fspath(tmp_path / "cache"))
    kept.write("entry", b"one")
    for name, age in (("old.1-0.tmp", 2 * files.STALE), ("new.2-0.tmp", 0.0)):
        (tmp_path / "cache" / name).write_bytes(b"half")
        os.utime(tmp_path / "cache" / name, (time.time(), time.time() - age))
    kept.tidy()
    assert sorted(os.listdir(kept.directory)) == ["entry", "new.2-0.tmp"]


def test_where_the_cache_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SX_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/ada")
    assert cache_directory() == "/home/ada/.cache/sxpy"
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/ada")
    assert cache_directory() == "/var/ada/sxpy"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # the specification: such a path is not used
    assert cache_directory() == "/home/ada/.cache/sxpy"
    monkeypatch.setenv("SX_CACHE_DIR", "elsewhere")
    assert cache_directory() == "elsewhere"
