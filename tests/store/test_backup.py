"""Backups: one commit, while others write; each stands alone; restoring gives the same answers."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from store_support import ask, content, event, seqs
from test_erase import fill

from sxpy_hosts.backup import back_up, restore
from sxpy_hosts.disk import open_host
from sxpy_hosts.errors import StoreError
from sxpy_hosts.verify import verify

OLD = {
    "streams/6f7264657273.log": b'{:stream "orders" :seq 3 :type "p" :at 3 :data nil}\n',
    "streams/6f7264657273.seq": b"5\n",
    "kv/6b": b"1",
}


def content_of(root: Path) -> dict[str, Any]:
    cids = tuple(sorted(path.name for path in (root / "blobs").glob("*")))
    with closing(open_host(root, read_only=True)) as host:
        return content(host, cids)


def make(root: Path) -> None:
    with closing(open_host(root)) as host:
        fill(host, pad=900)
        host.checkpoint()
        ask(host, "append", "orders", event("orders", 7, "in the journal"))
        ask(host, "truncate", "notes", 1)


@pytest.mark.parametrize("settled", [True, False])
def test_a_restored_backup_answers_as_the_store_did(tmp_path: Path, settled: bool) -> None:
    root = tmp_path / "root"
    make(root)
    with closing(open_host(root)) as host:
        if not settled:
            ask(host, "kv-put", "last", 1)  # a host that is open has not settled it
        done = back_up(root, tmp_path / "backup")
    assert done.linked == 0 and done.files > 3
    before = content_of(root)
    with closing(open_host(root)) as host:
        ask(host, "erase-stream", "orders")
        ask(host, "kv-put", "later", 1)
    restore(tmp_path / "backup", tmp_path / "restored")
    assert content_of(tmp_path / "restored") == before == content_of(tmp_path / "backup")
    with closing(open_host(tmp_path / "restored")) as host:
        ask(host, "append", "orders", event("orders", 8))
        assert seqs(ask(host, "read-from", "orders", 7)) == [7, 8]
    for place in ("root", "backup", "restored"):
        report = verify(tmp_path / place)
        assert (report.problems, report.notes) == ([], [])


def test_an_incremental_backup_shares_what_is_the_same_and_stands_alone(tmp_path: Path) -> None:
    root, first, second = tmp_path / "root", tmp_path / "1", tmp_path / "2"
    make(root)
    back_up(root, first)
    before = content_of(first)
    with closing(open_host(root)) as host:
        ask(host, "append", "more", event("more", 1))
    done = back_up(root, second, earlier=first)
    assert done.linked > 0
    assert any(path.stat().st_nlink == 2 for path in (second / "streams").iterdir())
    with closing(open_host(second)) as host:  # writing to one does not change the other
        ask(host, "append", "orders", event("orders", 9, "x" * 3000))
        host.checkpoint()
    assert content_of(first) == before
    assert verify(first).problems == [] == verify(second).problems
    for path in first.rglob("*"):
        if path.is_file():
            path.unlink()
    assert seqs(content_events(second, "orders")) == [1, 2, 3, 4, 5, 6, 7, 9]


def content_events(root: Path, stream: str) -> Any:
    with closing(open_host(root, read_only=True)) as host:
        return ask(host, "read", stream)


def test_the_older_layout_is_backed_up_as_it_is(tmp_path: Path) -> None:
    root = tmp_path / "root"
    for path, data in OLD.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    for round_ in (1, 2):
        back_up(root, tmp_path / f"backup {round_}")
        assert content_of(tmp_path / f"backup {round_}") == content_of(root)
        with closing(open_host(root)) as host:  # the second time round it is a store, and half taken over
            ask(host, "kv-put", "new", round_)
    assert verify(tmp_path / "backup 2").problems == []


WRITER = """
    import sys
    sys.path[:0] = {paths!r}
    from store_support import ask, event, request, small_limits
    from sxpy.data import from_list
    from sxpy_hosts.disk import open_host
    with small_limits(segment=4000, touched=3, slack=50):
        host = open_host(sys.argv[1])
        for n in range(1, 100000):
            requests = [
                request("append", "a", event("a", n, "x" * 50)),
                request("append", "b", event("b", n, "y" * 300)),
                request("kv-put", "n", n),
            ]
            if n % 7 == 0:
                requests.append(request("truncate", "b", n - 5))
            ask(host, "transact", from_list(requests))
            if n == 20:
                print("go", flush=True)
"""


def test_a_backup_of_a_store_that_is_written_to_holds_one_commit(tmp_path: Path) -> None:
    paths = [str(Path(__file__).parent.parent / "hosts"), *sys.path]
    code = textwrap.dedent(WRITER).replace("{paths!r}", repr(paths))
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "root")], stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None and writer.stdout.readline() == b"go\n"
        for round_ in range(4):
            back_up(tmp_path / "root", tmp_path / str(round_), earlier=tmp_path / str(round_ - 1))
        writer.kill()
    for round_ in range(4):
        with closing(open_host(tmp_path / str(round_))) as host:
            n = ask(host, "kv-get", "n")
            assert seqs(ask(host, "read", "a")) == list(range(1, n + 1))
            assert ask(host, "last-seq", "b") == n
        assert verify(tmp_path / str(round_)).problems == []


@pytest.mark.damages
def test_a_backup_never_overwrites_and_leaves_nothing_half(tmp_path: Path) -> None:
    root = tmp_path / "root"
    make(root)
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "file").touch()
    for target in (tmp_path / "there", root / "inside"):
        with pytest.raises(StoreError):
            back_up(root, target)
    with pytest.raises(StoreError, match="there is no store"):
        back_up(tmp_path / "nowhere", tmp_path / "new")
    log = next((root / "streams").iterdir())
    log.write_bytes(log.read_bytes().replace(b"xxxx", b"xxyx", 1))
    with pytest.raises(StoreError, match="damaged"):
        back_up(root, tmp_path / "new")
    assert sorted(os.listdir(tmp_path)) == ["root", "there"]
    assert back_up(root, tmp_path / "new", check=False).files > 0  # a copy to work on


def test_backups_that_share_files_can_be_written_to_each_for_itself(tmp_path: Path) -> None:
    root, first, second = tmp_path / "root", tmp_path / "1", tmp_path / "2"
    make(root)
    back_up(root, first)
    assert back_up(root, second, earlier=first).linked > 0
    before = content_of(root)
    for _ in range(2):
        for place in (second, first):
            with closing(open_host(place)) as host:
                last = ask(host, "last-seq", "orders")
                ask(host, "append", "orders", event("orders", last + 1, f"{place} " + "x" * 3000))
                ask(host, "kv-put", "where", str(place))
                ask(host, "append", "new", event("new", last + 1))
                host.checkpoint()
    for place in (first, second):
        assert verify(place).problems == []
        with closing(open_host(place)) as host:
            assert seqs(ask(host, "read", "orders")) == list(range(1, 10))
            assert ask(host, "kv-get", "where") == str(place)
            assert all(
                event.get("data").startswith(str(place)) for event in list(ask(host, "read", "orders"))[7:]
            )
    assert content_of(root) == before


def test_a_restore_that_is_killed_has_left_all_of_the_store_or_none(tmp_path: Path) -> None:
    make(tmp_path / "root")
    back_up(tmp_path / "root", tmp_path / "backup")
    expected, target = content_of(tmp_path / "backup"), tmp_path / "target"
    began = time.perf_counter()
    restore(tmp_path / "backup", tmp_path / "whole")
    taken = time.perf_counter() - began
    left = set()
    for round_ in range(12):
        child = os.fork()
        if child == 0:
            restore(tmp_path / "backup", target)
            os._exit(0)
        time.sleep(1.3 * taken * round_ / 11)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        left.add(target.exists())
        if target.exists():
            assert verify(target).problems == []
            assert content_of(target) == expected
            shutil.rmtree(target)
    assert False in left
    assert content_of(tmp_path / "backup") == expected
