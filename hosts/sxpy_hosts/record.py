"""The record: one or more lines of plain SX that check themselves. All files of a store are made of it.

    (append "orders" 3 {:stream "orders" :seq 3 :type "paid" :at 12 :data nil}) ; 17 75 ce28c465

The body is SX; the trailing comment gives a number, the length of the body in bytes, and the CRC-32
(as in zlib, eight lower-case hex digits) of all bytes of the record before it. The number rises from
record to record in a way each file defines: the commit in a journal, the sequence number in a stream.
A body of several lines has its trailer on the last one, so all its lines count or none.

Invariants: a body has no empty line and ends with `)` or `}` or another character of a datum, never in
a newline; no line but the last of a record matches a trailer, because a datum cannot end in a comment.
Whoever reads a record gets it whole and right, or an error. Next: `hosts/sxpy_hosts/journal.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from zlib import crc32


def seal(body: bytes, number: int) -> bytes:
    """The record of `body`, its newline included."""
    checked = b"%b ; %d %d " % (body, number, len(body))
    return b"%b%08x\n" % (checked, crc32(checked))


class Record(NamedTuple):
    """A record that was found whole. `offset` and `end` are where it starts and ends in its file."""

    body: bytes
    number: int
    offset: int
    end: int


@dataclass(frozen=True, slots=True)
class Trailer:
    """What the last line of a record says about it."""

    number: int
    length: int
    crc: int
    size: int
    """The bytes of the trailer itself, from its leading space to its newline."""


def trailer_of(line: bytes) -> Trailer | None:
    """The trailer at the end of a line (given without its newline), or None when it has none."""
    at = line.rfind(b" ; ")
    if at < 0:
        return None
    fields = line[at + 3 :].split(b" ")
    if len(fields) != 3 or len(fields[2]) != 8:
        return None
    number, length, crc = fields
    if not (number.isdigit() and length.isdigit() and _is_hex(crc)):
        return None
    return Trailer(int(number), int(length), int(crc, 16), len(line) - at + 1)


def _is_hex(digits: bytes) -> bool:
    return not digits.strip(b"0123456789abcdef")


def open_line(line: bytes) -> tuple[bytes, int] | None:
    """Body and number of a one-line record (given without its newline); None when it is not whole."""
    found = trailer_of(line)
    if found is None:
        return None
    at = len(line) - found.size + 1
    if found.length != at or crc32(line[:-8]) != found.crc:
        return None
    return line[:at], found.number


def open_lines(data: bytes) -> tuple[list[bytes], list[int]] | None:
    """Bodies and numbers of the one-line records that `data` is made of, whole lines all.

    None when a line is anything else, or is not spelled as `seal` spells it: then `records` tells what is
    there. It says the same at two thirds of the cost.
    """
    bodies: list[bytes] = []
    numbers: list[int] = []
    lines = data.split(b"\n")
    if lines.pop():
        return None
    try:
        for line in lines:
            body, _, trailer = line.rpartition(b" ; ")
            number, length, crc = trailer.split(b" ")
            if b"%08x" % crc32(line[:-8]) != crc or b"%d" % len(body) != length or not number.isdigit():
                return None
            bodies.append(body)
            numbers.append(int(number))
    except ValueError:
        return None  # no trailer
    return bodies, numbers


_TRAILER = re.compile(rb" ; (\d+) (\d+) ([0-9a-f]{8})\n")


def records(data: bytes, base: int = 0) -> Iterator[Record]:
    """The whole records at the start of `data`, which lies at offset `base` of its file.

    Ends at the first byte that belongs to no whole record; the last record's `end` says where.
    """
    start = 0
    for found in _TRAILER.finditer(data):
        body_end, end = found.span()
        number, length, crc = found.groups()
        if int(length) != body_end - start or crc32(data[start : end - 9]) != int(crc, 16):
            return
        yield Record(data[start:body_end], int(number), base + start, base + end)
        start = end


def whole_records(data: bytes, base: int = 0) -> Iterator[Record]:
    """Every whole record anywhere in `data`, whatever lies between: used to tell damage from a torn end."""
    line_start = 0
    while True:
        newline = data.find(b"\n", line_start)
        if newline < 0:
            return
        found = trailer_of(data[line_start:newline])
        if found is not None:
            body_end = newline - found.size + 1
            start = body_end - found.length
            if start >= 0 and crc32(data[start : newline - 8]) == found.crc:
                yield Record(data[start:body_end], found.number, base + start, base + newline + 1)
        line_start = newline + 1
