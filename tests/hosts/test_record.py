"""The record: what was written comes back, and nothing that was changed does."""

from __future__ import annotations

import re
import subprocess
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sxpy_hosts.record import open_line, open_lines, records, seal, trailer_of, whole_records

BODY = b'(append "orders" 3 {:stream "orders" :seq 3 :type "paid" :at 12 :data nil})'
RECORD = BODY + b" ; 17 75 ce28c465\n"
"""Its checksum was taken with gzip, see `test_the_checksum_is_the_one_of_gzip`."""

bodies = st.lists(
    st.binary(min_size=1, max_size=60).map(lambda data: b"(" + data.replace(b"\n", b" ") + b")"),
    min_size=1,
    max_size=3,
).map(b"\n".join)


def test_a_record_is_the_body_and_a_trailer() -> None:
    assert seal(BODY, 17) == RECORD


def test_the_checksum_is_the_one_of_gzip(tmp_path: Path) -> None:
    checked = RECORD[:-9]
    packed = subprocess.run(["gzip", "-c"], input=checked, capture_output=True, check=True).stdout
    assert packed[-8:-4] == int(RECORD[-9:-1], 16).to_bytes(4, "little")


def test_the_records_that_the_documentation_shows_are_records() -> None:
    text = (Path(__file__).parents[2] / "docs" / "store.md").read_text(encoding="utf-8")
    shown = re.findall(r"(?m)^((?:    .+\n)+)", text)
    found = [re.sub(r"(?m)^    ", "", block).encode() for block in shown]
    whole = [block for block in found if re.search(rb" ; \d+ \d+ [0-9a-f]{8}\n$", block)]
    assert len(whole) >= 2
    for block in whole:
        assert [record.end for record in records(block)] == [len(block)], block


@given(st.lists(st.tuples(bodies, st.integers(0, 10**12)), max_size=5), st.integers(0, 10**6))
def test_records_come_back(written: list[tuple[bytes, int]], base: int) -> None:
    data = b"".join(seal(body, number) for body, number in written)
    found = list(records(data, base))
    assert [(record.body, record.number) for record in found] == written
    assert [record.offset for record in found] == [base, *(record.end for record in found)][: len(found)]
    assert not found or found[-1].end == base + len(data)


@given(bodies, st.integers(0, 10**12))
def test_one_record_comes_back(body: bytes, number: int) -> None:
    assert open_line(seal(body, number)[:-1]) == (body, number)


one_line = st.binary(max_size=60).map(lambda data: b"(" + data.replace(b"\n", b" ") + b")")


@given(st.lists(st.tuples(one_line, st.integers(0, 10**12)), max_size=5))
def test_lines_are_opened_together_as_one_by_one(written: list[tuple[bytes, int]]) -> None:
    data = b"".join(seal(body, number) for body, number in written)
    assert open_lines(data) == ([body for body, _ in written], [number for _, number in written])


def test_lines_of_which_one_is_changed_are_not_opened() -> None:
    data = RECORD + RECORD
    changed = [
        data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]
        for at in range(len(data))
        for bit in range(8)
    ]
    assert [other for other in changed if open_lines(other) is not None] == []
    for other in (data[:-1], data + b"\n", b"\n" + data, b"(a)\n" + data, RECORD.replace(b" 75 ", b" 075 ")):
        assert open_lines(other) is None, other


def test_every_flipped_bit_is_found() -> None:
    for at in range(len(RECORD)):
        for bit in range(8):
            damaged = bytearray(RECORD)
            damaged[at] ^= 1 << bit
            assert [*records(bytes(damaged))] == [], (at, bit)
            if at < len(RECORD) - 1:
                assert open_line(bytes(damaged[:-1])) is None, (at, bit)


def test_every_prefix_is_no_record() -> None:
    for length in range(len(RECORD)):
        assert [*records(RECORD[:length])] == []


@pytest.mark.parametrize("between", [b"\n", b"garbage\n", b"\0\0", RECORD[5:]])
def test_reading_stops_where_no_record_begins(between: bytes) -> None:
    data = RECORD + between + RECORD
    assert [record.end for record in records(data)] == [len(RECORD)]
    assert [record.offset for record in whole_records(data)] == [0, len(RECORD + between)]


def test_a_string_that_looks_like_a_trailer_is_none() -> None:
    body = b'(put "k" " ; 17 75 ce28c465")'
    assert trailer_of(body) is None
    assert [record.body for record in records(seal(body, 1))] == [body]


def test_lines_of_one_record_count_only_together() -> None:
    record = seal(b"(put 1)\n(put 2)", 9)
    assert [*records(record.split(b"\n", 1)[1])] == []
    assert [found.body for found in records(record + RECORD)] == [b"(put 1)\n(put 2)", BODY]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"(a) ; 1 3",
        b"(a) ; 1 3 1234567",
        b"(a) ; 1 3 1234567G",
        b"(a) ; x 3 12345678",
        b"(a) ; 1 -3 12345678",
        b"(a); 1 3 12345678",
        b"(a) ; 1 3 ABCDEF00",
        b"(a) ; 1 3 12345678 ",
    ],
)
def test_what_is_no_trailer_is_none(line: bytes) -> None:
    assert trailer_of(line) is None


def test_the_check_value_of_the_checksum() -> None:
    assert zlib.crc32(b"123456789") == 0xCBF43926  # the check value that catalogues of CRCs give
