"""Damage on a real disk, complete: every bit of every kind of file, every length, zeros, stale bytes, swaps.

Whatever is damaged, each answer is the right one, or that of an earlier commit where the end of the journal
is gone, or a `StoreDamage` that names file and offset. `SXPY_FAULTS=all` tries every case, the default a
sample; the number of cases is printed (`pytest -rP`). On a simulated disk, in steps:
`tests/hosts/test_damage.py`.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from store_support import ask, content, event, request, small_limits

from sxpy.cid import cid_of
from sxpy.data import Bytevector, from_list
from sxpy.printer import canonical
from sxpy_hosts.disk import DiskHost, open_host
from sxpy_hosts.errors import StoreDamage, StoreFormatError
from sxpy_hosts.verify import verify

ALL = os.environ.get("SXPY_FAULTS") == "all"
SAMPLE = 150
SEED = int(os.environ.get("SXPY_FAULTS_SEED") or random.randrange(2**32))
SECONDS = 20

BLOBS = (cid_of(b"picture"), cid_of(b"text"))
ABSENT = {"streams": (0, 0, []), "keys": "nil", "blobs": "nil"}

State = dict[str, Any]


class Store:
    """A root with every kind of file, the contents after each commit still in the journal, and its files."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.states: list[State] = []
        with small_limits(segment=10**6, touched=10**6, inline=100):
            host = open_host(root)
            for seq in range(1, 5):
                ask(host, "append", "s", event("s", seq, "data " * seq))
            ask(host, "append", "small", event("small", 1))
            ask(host, "append", "l" * 130, event("l", 1, "x" * 100))
            ask(host, "truncate", "s", 1)
            ask(host, "kv-put", "key", "value")
            ask(host, "kv-put", "gone", "value")
            ask(host, "kv-delete", "gone")
            ask(host, "blob/put", Bytevector(b"text"), None)
            ask(host, "blob/put", "picture", None)
            host.checkpoint()
            self._note(host)
            for operation in (
                ("append", "s", event("s", 5)),
                ("kv-put", "key", "new"),
                ("transact", from_list([request("append", "t", event("t", 1)), request("kv-put", "k", 1)])),
            ):
                ask(host, *operation)
                self._note(host)
            shutil.copytree(root, root.parent / "copy")  # as a kill would leave it: not closed
            host.close()
        shutil.rmtree(root)
        (root.parent / "copy").rename(root)
        self.files = {path: path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
        for path, data in self.files.items():
            if path.parent.name == "journal":
                self.files[path] = data.rstrip(b"\n") + b"\n" * 8  # a little of the fill is enough
                path.write_bytes(self.files[path])

    def _note(self, host: DiskHost) -> None:
        self.states.append(content(host, BLOBS))

    def kind(self, path: Path) -> str:
        """What kind of file it is."""
        return path.name if path.parent == self.root else path.parent.name

    def restore(self) -> None:
        """Take the damage back."""
        for path, data in self.files.items():
            path.write_bytes(data)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("damage") / "root")


@pytest.fixture(autouse=True)
def _bounded() -> Iterator[None]:
    def late(*_: Any) -> None:
        raise TimeoutError("it hangs")

    before = signal.signal(signal.SIGALRM, late)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def told(store: Store, what: str, *, journal: bool) -> bool:
    """Whether the damage is found out; fails when an answer is wrong. `journal`: its end may be gone."""
    signal.alarm(SECONDS)
    wrong = f"{what}: wrong answers"
    answers: dict[tuple[str, str], Any] = {}
    damage: list[StoreDamage] = []

    def ask_for(facet: str, name: str, get: Callable[[], Any]) -> None:
        try:
            answers[facet, name] = get()
        except StoreDamage as error:
            damage.append(error)

    states = store.states if journal else store.states[-1:]
    whole = store.states[-1]
    try:
        with closing(open_host(store.root, read_only=True)) as host:
            for name in whole["streams"]:
                ask_for("streams", name, lambda name=name: _stream(host, name))
            for name in whole["keys"]:
                ask_for("keys", name, lambda name=name: _text(ask(host, "kv-get", name)))
            for cid in BLOBS:
                ask_for("blobs", cid, lambda cid=cid: _text(ask(host, "blob/get", cid)))
            ask_for("names", "streams", lambda: list(ask(host, "streams")))
            ask_for("names", "keys", lambda: list(ask(host, "kv-keys")))
    except StoreDamage as error:
        damage.append(error)
    except StoreFormatError:
        return True
    for error in damage:
        assert error.file.startswith(str(store.root)), what
        assert error.offset >= 0, what
    assert any(
        all(
            answer == (sorted(state[name]) if facet == "names" else state[facet].get(name, ABSENT[facet]))
            for (facet, name), answer in answers.items()
        )
        for state in states
    ), wrong
    report = verify(store.root)
    assert report.problems or not damage, f"{what}: the check does not see it"
    signal.alarm(0)
    return bool(damage or report.problems or report.notes)


def _stream(host: DiskHost, name: str) -> Any:
    found = ask(host, "last-seq", name), ask(host, "count", name), ask(host, "read", name)
    return found[0], found[1], [_text(event) for event in found[2]]


def _text(value: Any) -> str:
    return canonical(value)


def chosen(cases: list[Any]) -> list[Any]:
    """All cases, or a sample."""
    if ALL or len(cases) <= SAMPLE:
        return cases
    print(f"SXPY_FAULTS_SEED={SEED}")
    return random.Random(SEED).sample(cases, SAMPLE)


def report(what: str, met: Counter[str]) -> None:
    print(f"{what}: {met.total()} cases,", ", ".join(f"{kind} {n}" for kind, n in sorted(met.items())))


def test_the_store_has_every_kind_of_file_and_no_damage(store: Store) -> None:
    kinds = {store.kind(path) for path in store.files}
    assert kinds == {"format.sx", "manifest.sx", "journal", "streams", "heads", "keys", "kinds", "blobs"}
    assert not told(store, "no damage", journal=False)


def test_any_flipped_bit_gives_right_answers_or_a_typed_error_and_is_never_silent(store: Store) -> None:
    met: Counter[str] = Counter()
    cases = [(path, at) for path, data in store.files.items() for at in range(8 * len(data))]
    for path, at in chosen(cases):
        damaged = bytearray(store.files[path])
        damaged[at // 8] ^= 1 << at % 8
        path.write_bytes(damaged)
        what = f"{path.relative_to(store.root)}: bit {at % 8} of byte {at // 8}"
        journal = store.kind(path) == "journal"
        found = told(store, what, journal=journal)
        in_fill = journal and at // 8 >= len(store.files[path].rstrip(b"\n"))
        assert found or in_fill, f"{what}: silence"
        path.write_bytes(store.files[path])
        met[store.kind(path)] += 1
    report("flipped bits", met)


def test_any_file_cut_short_gives_right_answers_or_a_typed_error(store: Store) -> None:
    met: Counter[str] = Counter()
    cases = [(path, length) for path, data in store.files.items() for length in range(len(data))]
    for path, length in chosen(cases):
        path.write_bytes(store.files[path][:length])
        journal = store.kind(path) == "journal"
        found = told(store, f"{path.relative_to(store.root)} cut to {length}", journal=journal)
        assert found or journal, f"{path} cut to {length}: silence"
        path.write_bytes(store.files[path])
        met[store.kind(path)] += 1
    report("cut short", met)


def test_a_tail_of_zeros_gives_right_answers_or_a_typed_error(store: Store) -> None:
    met: Counter[str] = Counter()
    cases = [(path, length) for path, data in store.files.items() for length in range(len(data))]
    for path, length in chosen(cases):
        data = store.files[path]
        path.write_bytes(data[:length] + bytes(len(data) - length))
        journal = store.kind(path) == "journal"
        found = told(store, f"{path.relative_to(store.root)}, zeros from {length}", journal=journal)
        assert found or journal, f"{path}, zeros from {length}: silence"
        path.write_bytes(data)
        met[store.kind(path)] += 1
    report("tails of zeros", met)


def test_old_bytes_behind_the_end_are_never_taken_for_new_ones(store: Store) -> None:
    """Each record of a file once more behind it, whole and in part, as a reused disk block would have it."""
    met: Counter[str] = Counter()
    for path, data in store.files.items():
        if store.kind(path) == "blobs":
            continue
        end = data.rstrip(b"\n") + b"\n"
        for record in end.splitlines(keepends=True):
            for stale in (record, record[: len(record) // 2], b"\0" * 40 + record):
                path.write_bytes(end + stale)
                told(store, f"{path.relative_to(store.root)} and {stale!r}", journal=False)
                met[store.kind(path)] += 1
        path.write_bytes(data)
    report("stale tails", met)


def test_files_in_each_others_place_are_found_out(store: Store) -> None:
    met: Counter[str] = Counter()
    paths = list(store.files)
    for one in paths:
        for other in paths:
            if one < other and store.files[one] != store.files[other]:
                one.write_bytes(store.files[other])
                other.write_bytes(store.files[one])
                assert told(store, f"{one} and {other} swapped", journal=False)
                met["pairs"] += 1
                store.restore()
    report("swapped", met)
