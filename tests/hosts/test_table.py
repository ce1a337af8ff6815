"""A table: what was written is found, however its buckets are split and rewritten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_support import small_limits

from sxpy.testing import SimulatedDisk
from sxpy_hosts import table as table_module
from sxpy_hosts.batch import Batch
from sxpy_hosts.errors import StoreDamage
from sxpy_hosts.manifest import Extent
from sxpy_hosts.names import digest
from sxpy_hosts.table import Staged, Table


@pytest.fixture(autouse=True)
def _small() -> Iterator[None]:
    with small_limits(split=500, fewest=4, slack=50):
        yield


def a_table() -> tuple[SimulatedDisk, Table]:
    disk = SimulatedDisk()
    disk.port().make_dir("keys")
    return disk, Table(disk.port(), "keys", {})


def written(table: Table, changes: Mapping[str, bytes | None], number: int) -> Staged:
    """What a checkpoint writes."""
    with Batch(table._port) as batch:
        staged = table.write(dict(changes), number, batch)
        batch.sync()
    return staged


def reopened(disk: SimulatedDisk, table: Table) -> Table:
    return Table(disk.port(), "keys", table.extents())


names = st.sampled_from([f"name {number}" for number in range(40)] + ["", "x" * 300, 'a "quote"\n', "\ud800"])
changes = st.dictionaries(names, st.one_of(st.none(), st.binary(max_size=90).map(lambda b: b.hex().encode())))


@settings(max_examples=80, deadline=None)
@given(st.lists(changes, max_size=12))
def test_a_table_is_like_a_dict(steps: list[dict[str, bytes | None]]) -> None:
    disk, table = a_table()
    model: dict[str, bytes] = {}
    for number, step in enumerate(steps, 1):
        table.adopt(written(table, step, number))
        for name, value in step.items():
            if value is None:
                model.pop(name, None)
            else:
                model[name] = value
        for found in (table, reopened(disk, table)):
            assert {name: found.get(name) for name in model} == model
            assert found.names() == set(model)
    assert table.get("never") is None


def test_a_large_table_is_split_and_each_bucket_stays_small() -> None:
    disk, table = a_table()
    for start in range(0, 400, 20):
        table.adopt(written(table, {f"key {n}": b"v" * 20 for n in range(start, start + 20)}, start + 1))
    extents = table.extents()
    assert len(extents) > 16
    assert "" not in extents
    for prefix, extent in extents.items():
        assert not any(prefix != other and other.startswith(prefix) for other in extents)
        for _, _, name, _ in table.lines(prefix, extent):
            assert digest(name).startswith(prefix)
    assert max(extent.end for extent in extents.values()) < 3000
    assert reopened(disk, table).names() == {f"key {n}" for n in range(400)}


def test_values_that_are_overwritten_do_not_pile_up() -> None:
    disk, table = a_table()
    for number in range(1, 300):
        staged = written(table, {"k": b"v" * 50}, number)
        table.adopt(staged)
        for path in staged.obsolete:
            disk.port().unlink(path)
    assert disk.size() < 1000


def test_one_large_value_does_not_make_every_write_large() -> None:
    _, table = a_table()
    table.adopt(written(table, {"large": b"v" * 10_000, "k": b"1"}, 1))
    sizes = []
    for number in range(2, 30):
        staged = written(table, {"k": b"%d" % number}, number)
        sizes.append(len(staged.obsolete))
        table.adopt(staged)
    assert sum(sizes) == 0


def test_nothing_changes_before_it_is_adopted() -> None:
    disk, table = a_table()
    table.adopt(written(table, {"a": b"1", "b": b"2"}, 1))
    before = table.extents()
    for step in ({"a": b"9", "c": b"3"}, {f"n{n}": b"v" * 100 for n in range(30)}, {"a": None}):
        written(table, step, 2)  # as by a checkpoint that is cut short
        assert table.extents() == before
        for found in (table, reopened(disk, table)):
            assert (found.get("a"), found.get("b"), found.get("c")) == (b"1", b"2", None)
            assert found.names() == {"a", "b"}


def test_names_that_are_not_there_are_not_deleted_again_and_again() -> None:
    _, table = a_table()
    table.adopt(written(table, {"a": b"1"}, 1))
    before = table.extents()
    table.adopt(written(table, {"never": None}, 2))
    assert table.extents() == before


def test_buckets_that_are_not_used_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    disk, table = a_table()
    for start in range(0, 400, 20):
        table.adopt(written(table, {f"key {n}": b"v" * 20 for n in range(start, start + 20)}, start + 1))
    monkeypatch.setattr(table_module, "MOST_NAMES", 50)
    found = reopened(disk, table)
    for _ in range(2):
        assert all(found.get(f"key {n}") == b"v" * 20 for n in range(400))
    assert sum(len(bucket.places) for bucket in found._loaded.values()) <= 50 + 40


def test_damage_is_told_with_file_and_offset() -> None:
    disk, table = a_table()
    table.adopt(written(table, {"a": b"1", "b": b"2"}, 1))
    (path,) = disk.files()
    data = disk.files()[path]
    second = data.index(b"\n") + 1
    disk.put(path, data.replace(b'"b" 2', b'"b" 3'))
    with pytest.raises(StoreDamage) as caught:
        reopened(disk, table).get("a")
    assert (caught.value.file, caught.value.offset) == (f"disk/{path}", second)
    assert table.get("a") == b"1"  # what is in memory is checked again when it is read
    with pytest.raises(StoreDamage):
        table.get("b")


def test_a_bucket_of_another_prefix_is_damage() -> None:
    disk, table = a_table()
    table.adopt(written(table, {"a": b"1"}, 1))
    (path,) = disk.files()
    wrong = "0" if digest("a")[0] != "0" else "1"
    disk.put(f"keys/{wrong}.1.sx", disk.files()[path])
    moved = Table(disk.port(), "keys", {wrong: Extent(1, table.extents()[""].end)})
    with pytest.raises(StoreDamage, match="another bucket"):
        moved.names()


def test_a_bucket_that_is_written_at_once_is_split_as_far_as_it_has_to_be() -> None:
    disk, table = a_table()
    values = {f"key {n}": b"v" * 20 for n in range(1000)}
    table.adopt(written(table, values, 1))
    assert max(extent.end for extent in table.extents().values()) < 2 * 500 + 100
    assert {len(prefix) for prefix in table.extents()} == {
        2
    }  # 45,000 bytes: 2,800 in each of sixteen, 180 in each of 256
    assert {name: reopened(disk, table).get(name) for name in values} == values


def test_buckets_of_one_size_are_not_all_split_at_once() -> None:
    _, table = a_table()
    sizes = []
    for number in range(1, 200):
        table.adopt(written(table, {f"key {number}": b"v" * 20}, number))
        sizes.append(len(table.extents()))
    splits = [after - before for before, after in pairwise(sizes) if after > before]
    assert len(splits) > 5
    assert set(splits) == {15}, "one bucket becomes sixteen"
