"""The simulated disk is like a real one until it fails as a disk does; the loops meet every call."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sxpy.port import Port, read_all, replace_file, write_all
from sxpy.testing import (
    Crash,
    Fault,
    SimulatedDisk,
    SimulatedPort,
    SyncError,
    every_crash,
    every_error,
    every_turn,
)
from sxpy_hosts.port import RealPort

# -- like a real one -------------------------------------------------------------------------------------

PATHS = st.sampled_from(["a", "b", "d/a", "d/b", "e/a", "d", "e"])
DIRECTORIES = st.sampled_from(["", "d", "e"])
SMALL = st.integers(0, 2000)

CALLS: list[st.SearchStrategy[tuple[Any, ...]]] = [
    st.tuples(st.just("write"), PATHS, st.binary(max_size=1500), SMALL),
    st.tuples(st.just("write"), PATHS, st.binary(max_size=20), SMALL),
    st.tuples(st.just("truncate"), PATHS, SMALL),
    st.tuples(st.just("read"), PATHS, SMALL, SMALL),
    st.tuples(st.just("scribble"), PATHS),
    st.tuples(st.just("make_dir"), st.sampled_from(["d", "e"])),
    st.tuples(st.just("sync_dir"), DIRECTORIES),
    st.tuples(st.just("rename"), st.sampled_from([("a", "b"), ("d/a", "d/b"), ("b", "a"), ("e/a", "e/b")])),
    st.tuples(st.just("unlink"), PATHS),
    st.tuples(st.just("list"), DIRECTORIES),
    st.tuples(st.just("exists"), PATHS),
]


def call(port: Port, what: str, *args: Any) -> Any:
    """What a port answers, or the error that it raises."""
    try:
        if what == "rename":
            return port.rename(*args[0])
        if what not in ("write", "truncate", "read", "scribble"):
            return getattr(port, what)(*args)
        path, *rest = args
        with closing(port.open(path, write=what in ("write", "truncate"), create=what == "write")) as file:
            if what == "write":
                write_all(file, *rest)
                file.sync()
            elif what == "truncate":
                file.truncate(*rest)
            elif what == "scribble":
                file.pwrite(b"not open for that", 0)
            else:
                return file.pread(*rest), file.size()
    except OSError as error:
        return error.errno, str(error.filename).removeprefix(port.root)


@settings(max_examples=100)
@given(st.lists(st.one_of(CALLS), max_size=30))
def test_without_faults_it_answers_as_a_real_one(calls: list[tuple[Any, ...]]) -> None:
    disk = SimulatedDisk()
    with tempfile.TemporaryDirectory() as directory, closing(RealPort(directory)) as real:
        simulated = disk.port()
        for one in calls:
            if one[0] == "unlink" and one[1] in ("d", "e"):
                continue  # nobody unlinks a directory, and systems do not agree on the error
            # An error of a file that is open has no path on a real one.
            expected, found = call(real, *one), call(simulated, *one)
            assert found == expected or found[0] == expected[0] == errno.EBADF, one
        root = Path(directory)
        expected_files = {
            str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()
        }
        assert disk.files() == expected_files


def test_the_lock_is_one_and_dies_with_its_process() -> None:
    disk = SimulatedDisk()
    first, second = disk.port(), disk.port()
    assert first.lock()
    assert not second.lock()
    disk.kill(first)
    assert second.lock()
    with pytest.raises(Crash):
        first.exists("a")


def test_touching_a_file_makes_it_young_by_the_clock_of_the_machine() -> None:
    disk = SimulatedDisk()
    port = disk.port()
    port.open("a", write=True, create=True)
    disk.now = 60.0
    assert port.modified("a") == 0.0
    port.touch("a")
    assert port.modified("a") == 60.0


# -- losing power ----------------------------------------------------------------------------------------


def after_losing_power(work: Callable[[SimulatedPort], None], seeds: int = 200) -> set[tuple[Any, ...]]:
    """What can be on the disk when the machine stops right after `work`."""
    found = set()
    for seed in range(seeds):
        disk = SimulatedDisk(seed)
        work(disk.port())
        disk.lose_power()
        found.add(tuple(sorted(disk.files().items())))
    return found


def write(port: SimulatedPort, path: str, data: bytes, *, sync: bool) -> None:
    file = port.open(path, write=True, create=True)
    write_all(file, data, 0)
    if sync:
        file.sync()


def test_what_was_not_synced_tears_at_sectors_and_changes_its_order() -> None:
    def work(port: SimulatedPort) -> None:
        write(port, "a", b"", sync=True)
        port.sync_dir()
        write(port, "a", b"1" * 512 + b"2" * 512, sync=False)

    one, two, zeros = b"1" * 512, b"2" * 512, bytes(512)
    expected = [b"", one, one + two, zeros + two]
    assert after_losing_power(work) == {(("a", content),) for content in expected}


def test_a_name_that_was_not_synced_is_there_or_not_whatever_the_file_has() -> None:
    def work(port: SimulatedPort) -> None:
        write(port, "a", b"synced", sync=True)

    assert after_losing_power(work) == {(), (("a", b"synced"),)}


def test_a_rename_without_a_sync_before_it_can_leave_an_empty_file() -> None:
    def work(port: SimulatedPort) -> None:
        replace_file(port, "a", b"old")
        write(port, "a.new", b"new", sync=False)
        port.rename("a.new", "a")
        write(port, "a.new", b"newer", sync=False)
        port.rename("a.new", "a")
        port.sync_dir()

    assert after_losing_power(work) == {(("a", b""),), (("a", b"newer"),)}


def test_a_file_is_replaced_at_once_and_for_good() -> None:
    def work(port: SimulatedPort) -> None:
        replace_file(port, "a", b"old")
        replace_file(port, "a", b"new")

    assert after_losing_power(work) == {(("a", b"new"),)}
    for stop in every_crash(lambda port, _: replace_file(port, "a", b"new"), _with_old()):
        assert stop.disk.files()["a"] in (b"old", b"new"), str(stop)


def _with_old() -> SimulatedDisk:
    disk = SimulatedDisk()
    disk.put("a", b"old")
    return disk


def test_a_directory_that_was_not_synced_can_be_lost_with_all_that_is_in_it() -> None:
    def work(port: SimulatedPort) -> None:
        port.make_dir("d")
        write(port, "d/a", b"1", sync=True)
        port.sync_dir("d")

    assert after_losing_power(work) == {(), (("d/a", b"1"),)}


def test_killing_a_process_loses_nothing_that_it_wrote() -> None:
    disk = SimulatedDisk()
    port = disk.port()
    write(port, "a", b"1", sync=False)
    disk.kill(port)
    assert disk.files() == {"a": b"1"}


# -- breaking --------------------------------------------------------------------------------------------


def test_after_a_failed_sync_a_later_one_is_content_and_the_bytes_are_lost() -> None:
    found = set()
    for seed in range(50):
        disk = SimulatedDisk(seed)
        disk.put("a", b"old")
        file = disk.port().open("a", write=True)
        disk.fault = Fault(disk.calls + 2, errno.EIO)
        write_all(file, b"new", 0)
        with pytest.raises(SyncError):
            file.sync()
        file.sync()
        assert disk.files() == {"a": b"new"}
        disk.lose_power()
        found.add(disk.files()["a"])
    assert found == {b"old", b"new"}


def test_a_full_disk_takes_what_there_is_room_for() -> None:
    disk = SimulatedDisk()
    disk.capacity = 5
    file = disk.port().open("a", write=True, create=True)
    assert file.pwrite(b"1234567", 0) == 5
    with pytest.raises(OSError, match="No space left"):
        file.pwrite(b"67", 5)
    disk.capacity = None
    assert file.pwrite(b"67", 5) == 2


def test_a_disk_may_take_little_at_a_time() -> None:
    disk = SimulatedDisk()
    disk.short_writes = True
    file = disk.port().open("a", write=True, create=True)
    assert 1 <= file.pwrite(b"x" * 1000, 0) < 1000
    write_all(file, b"y" * 1000, 0)
    assert read_all(file) == b"y" * 1000


# -- the loops -------------------------------------------------------------------------------------------


def two_files(port: SimulatedPort, done: list[Any]) -> None:
    for name in ("a", "b"):
        replace_file(port, name, b"1")
        done.append(name)


CALLS_OF_TWO_FILES = [
    f"{what} {path}".rstrip()
    for name in ("a", "b")
    for what, path in [
        ("create", f"{name}.new"),
        ("truncate", f"disk/{name}.new"),
        ("write", f"disk/{name}.new"),
        ("sync", f"disk/{name}.new"),
        ("rename", f"{name}.new"),
        ("sync_dir", ""),
    ]
]


def test_every_crash_stops_at_each_call_once() -> None:
    stops = list(every_crash(two_files))
    assert [stop.call for stop in stops] == CALLS_OF_TWO_FILES
    assert [len(stop.done) for stop in stops] == [0] * 6 + [1] * 6
    assert all(isinstance(stop.raised, Crash) for stop in stops)
    for stop in stops:
        assert set(stop.done) <= set(stop.disk.files()), str(stop)


def test_every_error_fails_each_call_once_or_from_there_on() -> None:
    def twice(port: SimulatedPort, done: list[Any]) -> None:
        for name in ("a", "b"):
            try:
                replace_file(port, name, b"1")
                done.append(name)
            except OSError as error:
                assert error.errno == errno.EIO
                done.append(None)

    assert {tuple(stop.done) for stop in every_error(twice)} == {(None, "b"), ("a", None)}
    assert {tuple(stop.done) for stop in every_error(twice, lasting=True)} == {(None, None), ("a", None)}


def test_every_turn_lets_others_act_before_each_call_once() -> None:
    def other(disk: SimulatedDisk) -> None:
        turns.append(len(disk.trace))
        replace_file(disk.port(), "c", b"2")

    turns: list[int] = []
    stops = list(every_turn(two_files, other))
    assert [stop.call for stop in stops] == CALLS_OF_TWO_FILES
    assert turns == list(range(1, 13))
    for stop in stops:
        assert (stop.done, stop.raised) == (["a", "b"], None)
        assert stop.disk.files() == {"a": b"1", "b": b"1", "c": b"2"}


def test_a_file_that_another_process_makes_in_its_turn_is_found() -> None:
    def look(port: SimulatedPort, done: list[Any]) -> None:
        done.append(port.open("a").size())

    stop = next(every_turn(look, lambda disk: replace_file(disk.port(), "a", b"123")))
    assert stop.done == [3]


def test_what_a_workload_does_not_handle_is_kept_for_the_check() -> None:
    stop = next(every_error(two_files, errno.ENOSPC))
    assert isinstance(stop.raised, OSError)
    assert (stop.at, stop.call, stop.done) == (1, "create a.new", [])


def test_a_workload_that_is_wrong_by_itself_is_no_round() -> None:
    def wrong(port: SimulatedPort, done: list[Any]) -> None:
        two_files(port, done)
        raise ValueError("a bug of the workload")

    with pytest.raises(ValueError, match="a bug"):
        list(every_crash(wrong))


def test_loops_nest_and_leave_where_they_begin_as_it_was() -> None:
    (stop,) = every_crash(two_files, first=4, step=9)
    before = stop.disk.files()
    for again in every_crash(two_files, stop.disk):
        assert set(again.done) <= set(again.disk.files()), f"{stop}; {again}"
    assert stop.disk.files() == before
