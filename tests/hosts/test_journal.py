"""The journal: commits in order, torn ends cut and kept, damage refused."""

from __future__ import annotations

import pytest

from sxpy.testing import SimulatedDisk
from sxpy_hosts import lines
from sxpy_hosts.errors import StoreDamage
from sxpy_hosts.journal import DIRECTORY, Journal, segment_of, segment_path
from sxpy_hosts.layer import Layer
from sxpy_hosts.record import seal

FIRST = segment_path(1)


def a_journal(disk: SimulatedDisk) -> Journal:
    port = disk.port()
    port.make_dir(DIRECTORY)
    return Journal(port, 1, 0)


def written(*bodies: bytes, first: int = 1) -> bytes:
    """The bytes of a segment with these commits."""
    return b"".join(seal(body, number) for number, body in enumerate(bodies, first))


START = b"(journal 1)"
PUTS = [lines.put("k", b"%d" % number) for number in range(5)]
WHOLE = written(START, *PUTS)
ENDS = [0]
for _body in (START, *PUTS):
    ENDS.append(ENDS[-1] + len(seal(_body, len(ENDS))))


def followed(disk: SimulatedDisk) -> tuple[Journal, Layer]:
    journal, layer = a_journal(disk), Layer()
    journal.follow(layer)
    return journal, layer


def disk_with(data: bytes, path: str = FIRST) -> SimulatedDisk:
    disk = SimulatedDisk()
    disk.put(path, data)
    return disk


def test_a_segment_is_records_in_order_and_then_newlines() -> None:
    disk = SimulatedDisk()
    journal = a_journal(disk)
    for body in PUTS:
        journal.append(body)
    data = disk.files()[FIRST]
    assert data.rstrip(b"\n") + b"\n" == WHOLE
    assert set(data[len(WHOLE) :]) <= {10}
    journal.trim()
    assert disk.files()[FIRST] == WHOLE


def test_a_commit_is_durable_when_append_returns() -> None:
    for seed in range(8):
        disk = SimulatedDisk(seed)
        port = disk.port()
        port.make_dir(DIRECTORY)
        port.sync_dir()
        journal = Journal(port, 1, 0)
        for number, body in enumerate(PUTS):
            journal.append(body)
            assert disk.trace[-1].startswith(("sync disk/journal", "sync_dir")) or number == 0
        disk.lose_power()
        layer = Layer()
        Journal(disk.port(), 1, 0).follow(layer)
        assert layer.keys == {"k": b"4"}


def test_an_append_is_one_write_and_one_sync() -> None:
    disk = SimulatedDisk()
    journal = a_journal(disk)
    journal.append(PUTS[0])
    before = len(disk.trace)
    journal.append(PUTS[1])
    assert [call.split()[0] for call in disk.trace[before:]] == ["write", "sync"]


@pytest.mark.parametrize("fill", [b"", b"\n" * 700, b"\0" * 700, b"\n" * 300 + b"\0" * 300])
def test_every_torn_end_is_cut_and_kept(fill: bytes) -> None:
    for length in range(len(WHOLE) + 1):
        disk = disk_with(WHOLE[:length] + fill)
        journal, _ = followed(disk)
        count = sum(end <= length for end in ENDS[1:])
        # A newline at the end of a cut that took only the newline makes the record whole again.
        if fill[:1] == b"\n" and length + 1 in ENDS:
            count += 1
        assert (journal.end, journal.commit) == (ENDS[count], count)
        torn = WHOLE[ENDS[count] : length]
        assert journal.torn == bool(torn)
        done = journal.mend()
        if not torn:
            assert done is None
        else:
            assert done is not None
            assert (done.file, done.offset, done.length) == (f"disk/{FIRST}", ENDS[count], len(torn))
            assert disk.files()[done.aside.removeprefix("disk/")] == torn
            assert disk.files()[FIRST] == WHOLE[: ENDS[count]]
        journal.append(PUTS[0])
        assert followed(disk)[0].commit == max(count, 1) + 1


@pytest.mark.parametrize("sector", [512, 64, 16])
def test_a_write_that_lost_any_sectors_is_torn(sector: int) -> None:
    last = lines.put("k", b'"%b"' % (b"v" * 150))
    whole = WHOLE + seal(last, 7)
    record = range(len(WHOLE), len(whole))
    sectors = sorted({at // sector for at in record})
    for mask in range(1, 2 ** len(sectors)) if len(sectors) < 6 else [1, 2, 5, 1 << (len(sectors) - 1)]:
        data = bytearray(whole)
        for number, which in enumerate(sectors):
            if mask >> number & 1:
                for at in range(max(which * sector, len(WHOLE)), min((which + 1) * sector, len(whole))):
                    data[at] = 10
        if bytes(data) == whole:
            continue
        journal, _ = followed(disk_with(bytes(data) + b"\n" * 100))
        assert journal.commit == 6, mask
        journal.mend()


def test_a_broken_record_before_a_whole_one_is_damage() -> None:
    for at in range(ENDS[1], ENDS[5]):
        data = bytearray(WHOLE)
        data[at] ^= 1
        with pytest.raises(StoreDamage) as caught:
            followed(disk_with(bytes(data)))
        assert caught.value.file == f"disk/{FIRST}"
        assert caught.value.offset == max(end for end in ENDS if end <= at)


def test_a_last_record_with_all_its_bytes_and_a_wrong_checksum_is_damage() -> None:
    for at in range(ENDS[5], len(WHOLE) - len(b" ; 6 11 12345678\n")):
        data = bytearray(WHOLE)
        data[at] ^= 1
        if data[at] == 10:
            continue
        with pytest.raises(StoreDamage, match="checksum"):
            followed(disk_with(bytes(data) + b"\n" * 50))


def test_a_missing_commit_is_damage() -> None:
    data = seal(START, 1) + seal(PUTS[0], 2) + seal(PUTS[1], 4)
    with pytest.raises(StoreDamage, match="commit 3 is missing") as caught:
        followed(disk_with(data))
    assert caught.value.offset == ENDS[2]


def test_a_line_that_is_none_is_damage() -> None:
    for line in (b"(nonsense 1)", b'(erase-all "k" 1)', b'(append "s")', b"not a list", b'(put "k")'):
        with pytest.raises(StoreDamage, match="line"):
            followed(disk_with(written(START, line)))


def test_segments_follow_each_other() -> None:
    disk = SimulatedDisk()
    journal = a_journal(disk)
    journal.append(PUTS[0])
    journal.roll()
    journal.append(PUTS[1])
    assert disk.files()[segment_path(1)].rstrip(b"\n").endswith(seal(b"(next 2)", 3)[:-1])
    assert disk.files()[segment_path(2)].startswith(seal(b"(journal 2)", 4) + seal(PUTS[1], 5))
    found, layer = followed(disk)
    assert (found.segment, found.commit, layer.keys) == (2, 5, {"k": b"1"})


def test_another_process_follows_what_is_appended() -> None:
    disk = SimulatedDisk()
    mine = a_journal(disk)
    mine.append(PUTS[0])
    other, layer = followed(disk)
    for number in (1, 2, 3):
        mine.append(PUTS[number])
        other.follow(layer)
        assert layer.keys == {"k": b"%d" % number}
    mine.roll()
    mine.append(PUTS[4])
    other.follow(layer)
    assert (layer.keys, other.segment) == ({"k": b"4"}, 2)


@pytest.mark.parametrize("gone", ["(next 2)", "tail"])
def test_a_segment_that_ends_early_although_another_follows_is_damage(gone: str) -> None:
    sealed = written(START, *PUTS, b"(next 2)")
    data = sealed[: ENDS[6]] if gone == "(next 2)" else sealed[:-3]
    disk = disk_with(data)
    disk.put(segment_path(2), written(b"(journal 2)", first=8))
    with pytest.raises(StoreDamage) as caught:
        followed(disk)
    assert caught.value.offset == ENDS[6]


def test_a_crash_before_the_next_segment_is_there_is_made_good() -> None:
    disk = disk_with(written(START, PUTS[0], b"(next 2)"))
    journal, _ = followed(disk)
    journal.append(PUTS[1])
    found, layer = followed(disk)
    assert (found.segment, found.commit, layer.keys) == (2, 5, {"k": b"1"})


@pytest.mark.parametrize(
    ("file", "segment"),
    [
        ("0000000001.sx", 1),
        ("12345678901.sx", 12345678901),
        ("1.sx", None),
        ("0000000001.log", None),
        ("x.sx", None),
    ],
)
def test_segment_files_have_ten_digits(file: str, segment: int | None) -> None:
    assert segment_of(file) == segment
