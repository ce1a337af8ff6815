"""The log of one stream: any range is found by bisection, whatever the lengths of its events."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sxpy.testing import SimulatedDisk
from sxpy_hosts.errors import StoreDamage
from sxpy_hosts.log import Head, Log, head_text, inline_rows, log_path, preamble, read_head
from sxpy_hosts.record import seal

LONG = "n" * 200


def a_log(rows: list[tuple[int, bytes]], stream: str = "s", behind: bytes = b"") -> tuple[SimulatedDisk, Log]:
    """A log with these events, and bytes behind it that do not count."""
    disk = SimulatedDisk()
    path = log_path(stream, 0)
    data = preamble(stream, path) + b"".join(seal(text, seq) for seq, text in rows)
    disk.put(path, data + behind)
    return disk, Log(disk.port().open(path), f"disk/{path}", stream, len(data))


gaps = st.lists(st.tuples(st.integers(1, 5), st.sampled_from([1, 40, 700, 5000, 20_000])), max_size=60)


@settings(max_examples=60, deadline=None)
@given(gaps, st.integers(-3, 200), st.integers(-3, 60), st.sampled_from(["s", LONG]))
def test_any_range_is_what_lies_in_it(
    shape: list[tuple[int, int]], low: int, length: int, stream: str
) -> None:
    seq, rows = 0, []
    for gap, size in shape:
        seq += gap
        rows.append((seq, b"{%b %d}" % (b"x" * size, seq)))
    _, log = a_log(rows, stream, behind=b"left by a crash\n" * 3)
    high = low + length
    assert log.texts(low, high) == [text for seq, text in rows if low <= seq <= high]
    assert log.rows(low, 10**9) == [row for row in rows if row[0] >= low]


def test_a_range_of_a_long_log_reads_little_of_it() -> None:
    rows = [(seq, b"{:seq %d :data %b}" % (seq, b"x" * 80)) for seq in range(1, 20_001)]
    disk, log = a_log(rows)
    read = 0
    before = len(disk.trace)
    assert log.texts(15_000, 15_002) == [text for _, text in rows[14_999:15_002]]
    read = sum(call.startswith("read") for call in disk.trace[before:])
    assert read < 80


def test_the_offset_of_a_seq_is_where_its_record_or_the_next_starts() -> None:
    rows = [(3, b"{3}"), (7, b"{7}")]
    _, log = a_log(rows)
    second, end = len(seal(b"{3}", 3)), len(seal(b"{3}", 3) + seal(b"{7}", 7))
    assert [log.offset_of(seq) for seq in (0, 3, 4, 7, 8)] == [0, 0, second, second, end]


def test_a_log_with_a_digest_for_a_name_says_its_stream() -> None:
    disk, log = a_log([(1, b"{1}")], LONG)
    path = log_path(LONG, 0)
    assert disk.files()[path].startswith(b'; stream "' + b"n" * 200 + b'"\n')
    assert log.texts(1, 1) == [b"{1}"]
    other = disk.files()[path].replace(b"nnnn", b"nnnm")
    disk.put(path, other)
    with pytest.raises(StoreDamage, match="does not name the stream"):
        Log(disk.port().open(path), path, LONG, len(other))


def test_a_log_shorter_than_what_counts_is_damage() -> None:
    disk, _ = a_log([(1, b"{1}")])
    with pytest.raises(StoreDamage, match="100 bytes of it count"):
        Log(disk.port().open(log_path("s", 0)), "path", "s", 100)


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        (seal(b"{1}", 1) + b"garbage\n", 22),
        (seal(b"{2}", 2) + seal(b"{1}", 1), 22),
        (seal(b"{1}", 1) + seal(b"{2}", 2)[:-3], 22),
        (b"{1} ; 1 3 00000000\n", 0),
    ],
)
def test_what_is_no_rising_record_is_damage(data: bytes, offset: int) -> None:
    disk = SimulatedDisk()
    disk.put("streams/73.log", data)
    log = Log(disk.port().open("streams/73.log"), "disk/streams/73.log", "s", len(data))
    with pytest.raises(StoreDamage) as caught:
        log.texts(1, 9)
    assert (caught.value.file, caught.value.offset) == (
        "disk/streams/73.log",
        len(seal(b"{1}", 1)) if offset else 0,
    )


def test_a_head_and_its_events_come_back() -> None:
    head = Head(12, 9, 2, 3, 0)
    text = head_text(head, [(10, b'{:seq 10 :data "; 1 2"}'), (12, b"{:seq 12}")])
    assert (
        text == b'{:last 12 :floor 9 :count 2 :generation 3 :end 0}\n10 {:seq 10 :data "; 1 2"}\n12 {:seq 12}'
    )
    assert read_head(text) == head
    assert inline_rows(text) == [(10, b'{:seq 10 :data "; 1 2"}'), (12, b"{:seq 12}")]
    assert inline_rows(head_text(head)) == []
    with pytest.raises(ValueError, match="no stream head"):
        read_head(b"{:last 12}")
