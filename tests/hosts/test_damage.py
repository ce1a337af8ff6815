"""Damage: any bit of any file flipped, any file cut short or gone, gives right answers or a typed error.

Never wrong ones: every answer of a damaged store is the one of the undamaged store or a `StoreDamage` that
names file and offset, with one exception that the format cannot tell from a torn write: a last commit
whose trailer is no trailer any more counts as never finished.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from store_support import ask, content, event, host_on, request, small_limits

from sxpy.cid import cid_of
from sxpy.data import Bytevector, from_list
from sxpy.host import Host
from sxpy.printer import canonical
from sxpy.testing import SimulatedDisk
from sxpy_hosts.errors import StoreDamage
from sxpy_hosts.verify import verify

STEP = 1 if os.environ.get("SXPY_EVERY_CALL") else 7
"""The step from byte to byte; set SXPY_EVERY_CALL to meet each."""

BLOBS = (cid_of(b"picture"), cid_of(b"text"))


@pytest.fixture(autouse=True)
def _small() -> Iterator[None]:
    with small_limits(segment=700, touched=3, split=300, fewest=3, slack=60):
        yield


def a_disk(*, settled: bool) -> tuple[SimulatedDisk, list[dict[str, Any]]]:
    """A disk with a bit of everything, and the contents after each of its last commits."""
    disk = SimulatedDisk()
    host = host_on(disk.port())
    for seq in range(1, 6):
        ask(host, "append", "s", event("s", seq, "data " * seq))
    ask(host, "truncate", "s", 2)
    for number in range(6):
        ask(host, "kv-put", f"key {number}", "value " * number)
    ask(host, "append", "l" * 150, event("l", 1))
    ask(host, "blob/put", Bytevector(b"text"), None)
    ask(host, "blob/put", "picture", None)
    host.checkpoint()
    states = [content(host, BLOBS)]
    for operation in (
        ("append", "s", event("s", 6)),
        ("kv-put", "key 1", "new"),
        (
            "transact",
            from_list([request("append", "t", event("t", 1)), request("kv-put", "last", 1)]),
        ),
    ):
        ask(host, *operation)
        states.append(content(host, BLOBS))
    if settled:
        host.checkpoint()
        states = states[-1:]
    disk.lose_power()
    for path, data in disk.files().items():
        if path.startswith("journal/"):
            disk.put(path, data.rstrip(b"\n") + b"\n" * 20)  # a little of the fill is enough to damage
    return disk, states


def outcome(ask_for: Callable[[], Any]) -> Any:
    """The answer, or the damage that was told instead."""
    try:
        return ask_for()
    except StoreDamage as error:
        assert error.file.startswith("disk/")
        assert error.offset >= 0
        return error


def stream(host: Host, name: str) -> Any:
    return ask(host, "last-seq", name), ask(host, "count", name), [*map(canonical, ask(host, "read", name))]


def key(host: Host, name: str) -> Any:
    return canonical(ask(host, "kv-get", name))


def blob(host: Host, cid: str) -> Any:
    return canonical(ask(host, "blob/get", cid))


ABSENT = {"streams": (0, 0, []), "keys": "nil", "blobs": "nil"}
FACETS = {"streams": stream, "keys": key, "blobs": blob}


def tells(disk: SimulatedDisk, states: list[dict[str, Any]], what: str) -> bool:
    """Whether the damaged disk is found out. Fails when any answer is wrong."""
    host = outcome(lambda: host_on(disk.port(), read_only=True))
    if isinstance(host, StoreDamage):
        assert verify(disk.port()).problems, what
        return True
    told = False
    answers: list[tuple[str, str, Any]] = []
    for facet, get in FACETS.items():
        for name in states[-1][facet]:
            answer = outcome(lambda get=get, name=name: get(host, name))
            told |= isinstance(answer, StoreDamage)
            if not isinstance(answer, StoreDamage):
                answers.append((facet, name, answer))
    for facet, operation in (("streams", "streams"), ("keys", "kv-keys")):
        names = outcome(lambda operation=operation: list(ask(host, operation)))
        told |= isinstance(names, StoreDamage)
        if not isinstance(names, StoreDamage):
            assert any(names == sorted(state[facet]) for state in states), what
    assert any(
        all(state[facet].get(name, ABSENT[facet]) == answer for facet, name, answer in answers)
        for state in states
    ), f"{what}: wrong answers"
    assert bool(verify(disk.port()).problems) or not told, what
    host.close()
    return told


@pytest.mark.parametrize("settled", [True, False], ids=["settled", "in the journal"])
def test_a_flipped_bit_gives_right_answers_or_a_typed_error(settled: bool) -> None:
    disk, states = a_disk(settled=settled)
    assert not tells(disk, states[-1:], "no damage")
    for path, data in sorted(disk.files().items()):
        last = path.startswith("journal/")
        for at in range(0, len(data), STEP):
            damaged = bytearray(data)
            damaged[at] ^= 1 << (at * 5 % 8)
            disk.put(path, bytes(damaged))
            told = tells(disk, states if last else states[-1:], f"{path} at {at}")
            assert told or last, f"{path} at {at}: not found out"
        disk.put(path, data)


@pytest.mark.parametrize("settled", [True, False], ids=["settled", "in the journal"])
def test_a_file_cut_short_gives_right_answers_or_a_typed_error(settled: bool) -> None:
    disk, states = a_disk(settled=settled)
    for path, data in sorted(disk.files().items()):
        for length in range(0, len(data), STEP):
            disk.put(path, data[:length])
            tells(disk, states, f"{path} cut to {length}")
        disk.put(path, data)


@pytest.mark.damages
@pytest.mark.parametrize("settled", [True, False], ids=["settled", "in the journal"])
def test_a_missing_file_gives_right_answers_or_a_typed_error(settled: bool) -> None:
    for path in a_disk(settled=settled)[0].files():
        if path.startswith("blobs/"):
            continue  # a blob whose file is gone is a blob that is not there: nil
        disk, states = a_disk(settled=settled)
        disk.port().unlink(path)
        tells(disk, states[-1:], f"{path} missing")
