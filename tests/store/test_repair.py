"""Repair: what can be read stays, what cannot is set aside and told, nothing is given up unasked."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from store_support import ask, content, event, host_on, small_limits
from test_erase import LOGO, PICTURE, fill

from sxpy.cid import cid_of
from sxpy.testing import Crash, Fault, SimulatedDisk
from sxpy_hosts.disk import open_host
from sxpy_hosts.errors import StoreDamage
from sxpy_hosts.port import RealPort
from sxpy_hosts.repair import WouldLose, repair
from sxpy_hosts.verify import verify

BLOBS = (cid_of(PICTURE), cid_of(LOGO.encode()))


def a_disk(*, settled: bool = True) -> tuple[SimulatedDisk, dict[str, Any]]:
    """A disk with some of everything, in the resting files or in the journal, and what it answers."""
    disk = SimulatedDisk()
    host = host_on(disk.port())
    fill(host, pad=500)
    ask(host, "append", "l" * 200, event("l" * 200, 1, "x" * 3000))
    ask(host, "append", "l" * 200, event("l" * 200, 2, "x" * 3000))
    ask(host, "truncate", "notes", 1)
    if settled:
        host.checkpoint()
    ask(host, "kv-put", "latest", 1)
    return disk, content(host, BLOBS)


def test_a_sound_store_is_not_touched() -> None:
    disk, _ = a_disk()
    before = disk.files()
    assert repair(disk.port()).needed is False
    assert disk.files() == before


def test_a_missing_marker_is_written_again_without_loss() -> None:
    for path in ("format.sx",):
        disk, before = a_disk()
        disk.port().unlink(path)
        assert not verify(disk.port()).ok
        assert repair(disk.port()).losses == []
        assert content(host_on(disk.port()), BLOBS) == before


@pytest.mark.parametrize("settled", [True, False], ids=["settled", "in the journal"])
def test_any_damage_is_repaired_and_only_what_it_hit_is_lost(settled: bool) -> None:
    for path in sorted(a_disk(settled=settled)[0].files()):
        disk, before = a_disk(settled=settled)
        data = bytearray(disk.files()[path])
        at = len(bytes(data).rstrip(b"\n")) // 2
        data[at] ^= 1
        disk.put(path, bytes(data))
        if verify(disk.port()).ok:
            continue
        untouched = disk.files()
        lossless = path == "format.sx"
        if not lossless:
            with pytest.raises(WouldLose) as caught:
                repair(disk.port())
            assert any(path in loss for loss in caught.value.losses), path
            assert disk.files() == untouched
        done = repair(disk.port(), give_up=True)
        assert len(done.aside) == 1, path
        aside = done.aside[0].removeprefix("disk/")
        assert disk.files()[aside] == bytes(data), path  # whole, as it was found
        report = verify(disk.port())
        assert (report.problems, report.notes) == ([], []), path
        host = host_on(disk.port())
        after = content(host, BLOBS)
        for name, (last, _, events) in after["streams"].items():
            assert set(events) <= set(before["streams"][name][2]), path
            if settled and not path.startswith(("streams/", "heads/")):
                assert (last, events) == (before["streams"][name][0], before["streams"][name][2]), path
        lost = sum(len(s[2]) for s in before["streams"].values()) - sum(
            len(s[2]) for s in after["streams"].values()
        )
        assert lost <= (1 if path.startswith(("streams/", "journal/")) else 2), path
        for name in after["streams"]:
            ask(host, "append", name, event(name, ask(host, "last-seq", name) + 1))
        host.close()
        assert verify(disk.port()).problems == []


def test_a_missing_file_is_told_and_repaired() -> None:
    for path in sorted(a_disk()[0].files()):
        disk, before = a_disk()
        disk.port().unlink(path)
        if verify(disk.port()).ok:
            continue  # a blob
        done = repair(disk.port(), give_up=True)
        assert (path == "format.sx") == (not done.losses), path
        assert verify(disk.port()).problems == [], path
        after = content(host_on(disk.port()), BLOBS)
        if path == "manifest.sx":
            assert after == before
        for name, (_, _, events) in after["streams"].items():
            assert set(events) <= set(before["streams"][name][2]), path


def test_a_repair_that_is_stopped_anywhere_is_done_again() -> None:
    def damaged(seed: int) -> SimulatedDisk:
        disk, _ = a_disk()
        disk.random.seed(seed)
        path = next(path for path in sorted(disk.files()) if path.startswith("streams/"))
        data = bytearray(disk.files()[path])
        data[100] ^= 1
        disk.put(path, bytes(data))
        return disk

    disk = damaged(0)
    repair(disk.port(), give_up=True)
    expected = content(host_on(disk.port()), BLOBS)
    at, crashed = 0, True
    while crashed:
        at += 7
        disk = damaged(at)
        disk.fault = Fault(disk.calls + at)
        try:
            repair(disk.port(), give_up=True)
            crashed = False
        except Crash:
            disk.lose_power()
        disk.fault = None
        repair(disk.port(), give_up=True)
        assert content(host_on(disk.port()), BLOBS) == expected, at
        assert verify(disk.port()).problems == [], at


def test_the_older_layout_is_repaired_line_by_line(tmp_path: Path) -> None:
    (tmp_path / "streams").mkdir()
    (tmp_path / "streams/61.log").write_bytes(b'{:seq 1 :stream "a"}\nrubbish\n{:seq 3 :stream "a"}\n')
    (tmp_path / "streams/61.seq").write_bytes(b"4")
    (tmp_path / "kv").mkdir()
    (tmp_path / "kv/6b").write_bytes(b"(1 2")
    (tmp_path / "kv/6c").write_bytes(b"2")
    with closing(open_host(tmp_path, read_only=True)) as host, pytest.raises(StoreDamage):
        ask(host, "read", "a")
    with closing(RealPort(tmp_path)) as port:
        done = repair(port, give_up=True)
    assert len(done.losses) == 2 == len(done.aside)
    assert {path.read_bytes() for path in (tmp_path / "aside").iterdir()} >= {b"(1 2"}
    with closing(open_host(tmp_path)) as host:
        assert [e.get("seq") for e in ask(host, "read", "a")] == [1, 3]
        assert ask(host, "last-seq", "a") == 4
        assert list(ask(host, "kv-keys")) == ["l"]
    assert verify(tmp_path).problems == []


def test_small_tables_split_and_are_repaired() -> None:
    with small_limits():
        disk = SimulatedDisk()
        host = host_on(disk.port())
        for number in range(60):
            ask(host, "kv-put", f"key {number}", "v" * 40)
        host.close()
        path = max(path for path in disk.files() if path.startswith("keys/"))
        data = bytearray(disk.files()[path])
        data[10] ^= 1
        disk.put(path, bytes(data))
        done = repair(disk.port(), give_up=True)
        assert len(done.aside) == 1
        assert len(list(ask(host_on(disk.port()), "kv-keys"))) == 59
        assert verify(disk.port()).problems == []
