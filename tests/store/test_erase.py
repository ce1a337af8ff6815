"""Erasing: nothing of it is left in any file, whenever the machine stops; what stays is as it was."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from store_support import ask, content, event, host_on, seqs, small_limits

from sxpy.cid import cid_of
from sxpy.data import Bytevector, Dict, from_list
from sxpy.errors import ArityError, SxTypeError, SxValueError
from sxpy.host import Host
from sxpy.printer import serialize
from sxpy.testing import Crash, Fault, SimulatedDisk
from sxpy_hosts.disk import open_host
from sxpy_hosts.errors import StoreError
from sxpy_hosts.memory import MemoryHost
from sxpy_hosts.verify import verify

SECRET = "Ada Lovelace, 12 St James's Square"
PICTURE = b"\xff a picture of Ada Lovelace"
LOGO = "the logo on every order"
ERASED = '{:stream "orders" :seq 3 :type "erased" :at 30 :data nil :erased true}'
STEP = 1 if os.environ.get("SXPY_EVERY_CALL") else 3
"""The step of the crashes; set SXPY_EVERY_CALL to stop at each call."""


def reference(data: bytes) -> Dict:
    return Dict({"cid": cid_of(data), "size": len(data), "mime": "image/png"})


def fill(host: Host, pad: int = 40) -> None:
    """Events, one of which has a secret, a picture, a marker and a snapshot that took it in."""
    ask(host, "blob/put", Bytevector(PICTURE), "image/png")
    ask(host, "blob/put", LOGO, "image/png")
    for seq in range(1, 7):
        data = Dict({"note": "x" * pad, "logo": reference(LOGO.encode())})
        if seq == 3:
            data = Dict({"name": SECRET, "photo": reference(PICTURE), "logo": reference(LOGO.encode())})
        ask(host, "append-once", "orders", f"idem/orders/{seq}", event("orders", seq, data))
    ask(host, "kv-put", "snapshot/customers", Dict({"value": from_list([SECRET]), "seq": 3}))
    ask(host, "kv-put", "snapshot/customers", Dict({"value": from_list([SECRET, "and more"]), "seq": 6}))
    ask(host, "kv-put", "other", "stays")
    ask(host, "append", "notes", event("notes", 1, reference(LOGO.encode())))


def is_clean(files: dict[str, bytes]) -> bool:
    """Whether no file holds the secret, or its picture."""
    return not any(text in data for data in files.values() for text in (SECRET.encode(), PICTURE))


def files_of(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def erase_event(host: Host) -> Any:
    return ask(host, "erase", "orders", 3, from_list(["snapshot/customers"]))


@pytest.fixture(params=["memory", "disk", "disk with logs"])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    if request.param == "memory":
        yield MemoryHost()
        return
    with small_limits(inline=10_000 if request.param == "disk" else 150):
        made = open_host(tmp_path / "root")
        yield made
        made.close()
    report = verify(tmp_path / "root")
    assert (report.problems, report.notes) == ([], [])


def test_an_erased_event_keeps_its_seq_and_says_that_it_was_erased(host: Host) -> None:
    fill(host)
    assert serialize(erase_event(host)) == "{:events 1 :keys 1 :blobs 1}"
    events = ask(host, "read", "orders")
    assert seqs(events) == [1, 2, 3, 4, 5, 6]
    assert serialize(list(events)[2]) == ERASED
    assert (ask(host, "count", "orders"), ask(host, "last-seq", "orders")) == (6, 6)
    assert serialize(ask(host, "append-once", "orders", "idem/orders/3", event("orders", 9))) == ERASED
    assert ask(host, "kv-has?", "snapshot/customers") is False
    assert ask(host, "kv-get", "other") == "stays"
    assert ask(host, "blob/has?", cid_of(PICTURE)) is False
    assert ask(host, "blob/get", cid_of(LOGO.encode())) == LOGO
    ask(host, "append", "orders", event("orders", 7))
    assert serialize(erase_event(host)) == "{:events 0 :keys 0 :blobs 0}"
    assert seqs(ask(host, "read", "orders")) == [1, 2, 3, 4, 5, 6, 7]
    ask(host, "blob/put", Bytevector(PICTURE), None)
    assert ask(host, "blob/get", cid_of(PICTURE)).data == PICTURE


def test_an_erased_stream_keeps_its_name_and_its_high_water_mark(host: Host) -> None:
    fill(host)
    assert serialize(ask(host, "erase-stream", "orders")) == "{:events 6 :keys 0 :blobs 1}"
    assert list(ask(host, "streams")) == ["notes", "orders"]
    assert (ask(host, "count", "orders"), ask(host, "last-seq", "orders")) == (0, 6)
    assert serialize(ask(host, "kv-get", "idem/orders/3")) == ERASED
    assert ask(host, "kv-has?", "snapshot/customers") is True  # nobody named it
    ask(host, "append", "orders", event("orders", 7))
    assert seqs(ask(host, "read", "orders")) == [7]


def test_an_erased_key_is_gone(host: Host) -> None:
    fill(host)
    assert serialize(ask(host, "erase-key", "snapshot/customers")) == "{:events 0 :keys 1 :blobs 0}"
    assert ask(host, "kv-has?", "snapshot/customers") is False
    assert serialize(ask(host, "erase-key", "never")) == "{:events 0 :keys 0 :blobs 0}"


def test_what_cannot_be_meant_is_refused(host: Host) -> None:
    fill(host)
    before = content(host)
    for seq in (0, 7):
        with pytest.raises(SxValueError, match=f"never used :seq {seq}"):
            ask(host, "erase", "orders", seq)
    with pytest.raises(SxTypeError):
        ask(host, "erase", "orders", "3")
    with pytest.raises(SxTypeError):
        ask(host, "erase-key", 3)
    with pytest.raises(ArityError):
        ask(host, "erase", "orders")
    assert content(host) == before


def again(root: Path, work: Callable[[Host], Any]) -> None:
    host = open_host(root)
    work(host)
    host.close()


@pytest.mark.parametrize("inline", [150, 100_000], ids=["logs", "inline"])
@pytest.mark.parametrize("settled", [True, False], ids=["settled", "in the journal"])
def test_no_file_holds_what_was_erased(tmp_path: Path, inline: int, settled: bool) -> None:
    with small_limits(segment=1 << 22, touched=999, inline=inline):
        host = open_host(tmp_path)
        fill(host)
        if settled:
            host.checkpoint()
        (tmp_path / "aside").mkdir()
        (tmp_path / "aside/journal-0000000001.sx-9.torn").write_text(f'(append "orders" 3 {SECRET}')
        (tmp_path / "streams/6f7264657273.7.log").write_text(SECRET)  # of a checkpoint that was killed
        (tmp_path / "keys/abc.4.sx").write_text(SECRET)
        (tmp_path / "blobs/x.new").write_bytes(PICTURE)
        assert not is_clean(files_of(tmp_path))
        erase_event(host)
        assert is_clean(files_of(tmp_path))
        host.close()
        assert is_clean(files_of(tmp_path))
    report = verify(tmp_path)
    assert (report.problems, report.notes) == ([], [])


def test_what_was_truncated_or_overwritten_before_is_erased_too(tmp_path: Path) -> None:
    host = open_host(tmp_path)
    fill(host, pad=400)
    host.checkpoint()
    ask(host, "truncate", "orders", 4)
    ask(host, "kv-delete", "idem/orders/3")
    ask(host, "kv-put", "snapshot/customers", 1)
    host.checkpoint()
    assert SECRET.encode() in b"".join(files_of(tmp_path).values())
    assert serialize(ask(host, "erase", "orders", 3)) == "{:events 0 :keys 0 :blobs 0}"
    assert SECRET.encode() not in b"".join(files_of(tmp_path).values())
    assert seqs(ask(host, "read", "orders")) == [5, 6]
    host.close()
    assert verify(tmp_path).problems == []


def test_other_processes_read_the_erased_event(tmp_path: Path) -> None:
    writer, reader = open_host(tmp_path), open_host(tmp_path)
    fill(writer)
    assert SECRET in serialize(ask(reader, "read", "orders"))
    erase_event(writer)
    assert SECRET not in serialize(ask(reader, "read", "orders"))
    assert seqs(ask(reader, "read", "orders")) == [1, 2, 3, 4, 5, 6]
    ask(reader, "append", "orders", event("orders", 7))
    assert seqs(ask(writer, "read-from", "orders", 6)) == [6, 7]
    reader.close()
    writer.close()
    assert verify(tmp_path).problems == []


def test_names_of_any_length_and_kind_are_erased(tmp_path: Path) -> None:
    names = ["", "\ud800", 'a"b\n', "é" * 200, "$global", "idem/x"]
    with small_limits(inline=10):
        host = open_host(tmp_path)
        for name in names:
            for seq in (1, 2, 3):
                ask(host, "append", name, event(name, seq, SECRET if seq == 2 else "kept"))
            ask(host, "kv-put", name, SECRET)
        host.checkpoint()
        for name in names:
            ask(host, "erase", name, 2, from_list([name]))
            assert [e.get("data") for e in ask(host, "read", name)] == ["kept", None, "kept"]
        assert is_clean(files_of(tmp_path))
        host.close()
    assert verify(tmp_path).problems == []


ERASURES: dict[str, Callable[[Host], Any]] = {
    "event": erase_event,
    "stream": lambda host: ask(host, "erase-stream", "orders", from_list(["snapshot/customers"])),
}


def prepared(seed: int, *, settled: bool) -> SimulatedDisk:
    disk = SimulatedDisk(seed)
    host = host_on(disk.port())
    fill(host)
    if settled:
        host.checkpoint()
    disk.put("aside/journal-0000000009.sx-9.torn", SECRET.encode())
    host.close()
    return disk


@pytest.mark.parametrize("settled", [True, False], ids=["settled", "in the journal"])
@pytest.mark.parametrize("power", [True, False], ids=["power loss", "killed"])
@pytest.mark.parametrize("what", list(ERASURES))
def test_a_crash_at_every_call_leaves_all_of_it_or_nothing(what: str, power: bool, settled: bool) -> None:
    blobs = (cid_of(PICTURE), cid_of(LOGO.encode()))
    erase = ERASURES[what]
    limits = {"segment": 1 << 22, "touched": 999} if not settled else {}
    with small_limits(**limits):
        model = MemoryHost()
        fill(model)
        before = content(model, blobs)
        erase(model)
        after = content(model, blobs)
        at, crashed, seen = 0, True, set()
        while crashed:
            at += STEP
            disk = prepared(at, settled=settled)
            disk.fault = Fault(disk.calls + at)
            try:
                host = host_on(disk.port())
                erase(host)
                disk.fault = None
                crashed = False
            except Crash:
                disk.fault = None
                if power:
                    disk.lose_power()
            where = f"call {at}: {disk.trace[-1]}"
            host = host_on(disk.port())
            found = content(host, blobs)
            assert found in (before, after), where
            seen.add(found == after)
            if found == after:  # whoever writes next finishes it
                ask(host, "kv-put", "next", 1)
                ask(host, "kv-delete", "next")
                assert is_clean(disk.files()), where
            erase(host)
            assert is_clean(disk.files()), where
            assert content(host, blobs) == after, where
            host.close()
            assert is_clean(disk.files()), where
            report = verify(disk.port())
            assert (report.problems, report.notes) == ([], []), where
        assert seen == {True, False}


def test_an_error_in_the_middle_is_told_and_repeating_finishes(tmp_path: Path) -> None:
    at = 0
    while True:
        at += 5
        disk = prepared(at, settled=True)
        port = disk.port()
        host = host_on(port)
        disk.fault = Fault(disk.calls + at, 5)
        try:
            erase_event(host)
        except StoreError:
            pass
        else:
            assert is_clean(disk.files())
            if disk.calls < disk.fault.at:
                break
        disk.fault = None
        host.close()
        disk.kill(port)
        host = host_on(disk.port())
        erase_event(host)
        assert is_clean(disk.files())
        host.close()
        assert verify(disk.port()).problems == []
