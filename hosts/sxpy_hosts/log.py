"""One stream at rest: its head in the table `heads`, and its events there or in a log of their own.

    ("order-17" {:last 3 :floor 1 :count 2 :generation 0 :end 0}          a small stream: the events follow
    2 {:stream "order-17" :seq 2 …}                                       its head, all in one record
    3 {:stream "order-17" :seq 3 …}) ; 5 …

    {:stream "orders" :seq 3 :type "paid" :at 12 :data nil} ; 3 56 …      streams/6f7264657273.log

A stream stays with its head while its events are no longer than `INLINE`: a checkpoint of a thousand small
streams then writes few files. A longer one has a log, `streams/<name>.log`, one record per event in rising
order of seq.

Invariants of a log: the number of a record is the event's seq, so the file is sorted and a position is
found by bisection, without an index; what the stream's head counts (`Head.end` bytes) is never changed in
place: a checkpoint adds behind it, or writes a file of the next generation. Bytes behind `end` are what a
crash left of a checkpoint and mean nothing. A log whose file name is a digest begins with the
comment line `; stream "full name"`. Next: `hosts/sxpy_hosts/resting.py`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import lt

from sxpy.port import File, Port, read_exactly, write_all
from sxpy_hosts.batch import Batch
from sxpy_hosts.errors import StoreDamage
from sxpy_hosts.names import file_name, is_digest, quoted
from sxpy_hosts.record import Record, open_lines, records, seal, trailer_of

DIRECTORY = "streams"
INLINE = 2048
"""Bytes of events that a stream may have without a log of its own."""
NEAR = 4096
"""Bisection stops when the range is this small, in bytes."""
LEAST_CHUNK, CHUNK = 1 << 13, 1 << 20
"""How much of a log is read at a time, in bytes: little at first, then more."""


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a stream at rest.

    `last` is the high-water mark, `floor` the highest seq ever dropped, `count` the events stored now,
    `generation` and `end` say which file holds them and how many of its bytes count; with `end` 0 they
    follow the head, and the next log, if there will be one, is of this generation.
    """

    last: int
    floor: int
    count: int
    generation: int
    end: int


_HEAD = re.compile(rb"\{:last (\d+) :floor (\d+) :count (\d+) :generation (\d+) :end (\d+)\}")


Row = tuple[int, bytes]
"""Seq and text of an event."""


def head_text(head: Head, rows: Sequence[Row] = ()) -> bytes:
    """The head, and the events of a stream without a log, as the value that `heads` keeps."""
    text = b"{:last %d :floor %d :count %d :generation %d :end %d}" % (
        head.last,
        head.floor,
        head.count,
        head.generation,
        head.end,
    )
    return b"\n".join([text, *(b"%d %b" % row for row in rows)])


def read_head(text: bytes) -> Head:
    """The head in a value of `heads`. Raises ValueError for another text."""
    found = _HEAD.match(text)
    if found is None:
        raise ValueError("this is no stream head")
    return Head(*(int(group) for group in found.groups()))


def inline_rows(text: bytes) -> list[Row]:
    """The events that follow the head in a value of `heads`."""
    found = []
    for line in text.split(b"\n")[1:]:
        seq, _, event = line.partition(b" ")
        found.append((int(seq), event))
    return found


def log_path(stream: str, generation: int) -> str:
    """The path of a stream's log; generation 0 has the name that other hosts use."""
    return f"{DIRECTORY}/{file_name(stream, f'.{generation}.log' if generation else '.log')}"


def preamble(stream: str, path: str) -> bytes:
    """What the file begins with, before its records."""
    return b"; stream %b\n" % quoted(stream) if is_digest(path.rpartition("/")[2]) else b""


class Log:
    """The part of a stream's log that counts, for reading."""

    __slots__ = ("_end", "_file", "_path", "_start")

    def __init__(self, file: File, path: str, stream: str, end: int) -> None:
        """`path` is the full path, for messages. Raises StoreDamage when the file is not this stream's."""
        self._file = file
        self._path = path
        self._end = end
        expected = preamble(stream, path)
        self._start = len(expected)
        if expected and read_exactly(file, len(expected), 0) != expected:
            raise StoreDamage(path, 0, "the file does not name the stream it should hold")
        if file.size() < end:
            raise StoreDamage(path, file.size(), f"the file ends here, but {end} bytes of it count")

    def texts(self, low: int, high: int) -> list[bytes]:
        """The events with low ≤ seq ≤ high. Costs a bisection, and then what is answered."""
        found = self._texts(low, high)
        return [record.body for record in self.records(low, high)] if found is None else found

    def _texts(self, low: int, high: int) -> list[bytes] | None:
        """The same, many lines at a time; None when something is unusual, or wrong, on the way."""
        offset, before, chunk = self._near(low), 0, LEAST_CHUNK
        found: list[bytes] = []
        while offset < self._end and before <= high:
            data = read_exactly(self._file, min(chunk, self._end - offset), offset)
            chunk = min(4 * chunk, CHUNK)
            data = data[: data.rfind(b"\n") + 1]
            opened = open_lines(data)
            if not data or opened is None:
                return None
            bodies, numbers = opened
            if not all(map(lt, [before, *numbers], numbers)):
                return None
            found += bodies[bisect_left(numbers, low) : bisect_right(numbers, high)]
            offset, before = offset + len(data), numbers[-1]
        return found

    def rows(self, low: int, high: int) -> list[Row]:
        """The same, with their seqs."""
        return [(record.number, record.body) for record in self.records(low, high)]

    def records(self, low: int, high: int) -> Iterator[Record]:
        """The records with low ≤ seq ≤ high."""
        offset, before, chunk = self._near(low), 0, LEAST_CHUNK
        while offset < self._end:
            length = min(chunk, self._end - offset)
            chunk = min(4 * chunk, CHUNK)
            data = read_exactly(self._file, length, offset)
            while b"\n" not in data and offset + length < self._end:  # a record longer than a chunk
                length = min(2 * length, self._end - offset)
                data = read_exactly(self._file, length, offset)
            start = offset
            for record in records(data, offset):
                if record.number <= before:
                    raise StoreDamage(self._path, record.offset, "the sequence numbers do not rise")
                before, offset = record.number, record.end
                if before > high:
                    return
                if before >= low:
                    yield record
            if offset == start or (b"\n" in data[offset - start :]):
                raise StoreDamage(self._path, offset, "the record is not whole")

    def offset_of(self, seq: int) -> int:
        """Where the first record with `seq` or more starts, or where the log ends."""
        for record in self.records(seq, 2**63):
            return record.offset
        return self._end

    def _near(self, seq: int) -> int:
        """The start of a record at most `NEAR` bytes or one record before the first with `seq` or more."""
        low, high = self._start, self._end
        # Every record that starts before `low` is under `seq`; no record that starts at `high` or later is.
        while high - low > NEAR:
            middle = (low + high) // 2
            start, end = self._line_around(middle, low, high)
            found = trailer_of(read_exactly(self._file, end - 1 - start, start))
            if found is None:
                raise StoreDamage(self._path, start, "the record is not whole")
            if found.number < seq:
                low = end
            else:
                high = start
        return low

    def _line_around(self, offset: int, low: int, high: int) -> tuple[int, int]:
        """Start and end of the line that has the byte at `offset`; both lie within low … high."""
        step = 512
        start = offset
        while start > low:
            begin = max(low, start - step)
            at = read_exactly(self._file, start - begin, begin).rfind(b"\n")
            if at >= 0:
                start = begin + at + 1
                break
            start, step = begin, 2 * step
        end, step = offset, 512
        while end < high:
            at = read_exactly(self._file, min(step, high - end), end).find(b"\n")
            if at >= 0:
                return start, end + at + 1
            end, step = min(high, end + step), 2 * step
        raise StoreDamage(self._path, start, "the record does not end")


# -- writing, behind or beside what counts --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Piece:
    """The bytes `start` to `stop` of a file."""

    path: str
    start: int
    stop: int


def sealed(rows: Sequence[Row]) -> bytes:
    """The records of events."""
    return b"".join(seal(text, seq) for seq, text in rows)


def extend_log(port: Port, path: str, rows: bytes, end: int, batch: Batch) -> int | None:
    """Write `rows` behind the `end` bytes of a log that count, in a batch; answers where they end.

    A file that another store shares is left alone, and the answer is None.
    """
    file = port.open(path, write=True)
    try:
        if file.shared():
            file.close()
            return None
        file.truncate(end)  # a crash may have left a longer one
        write_all(file, rows, end)
    except BaseException:
        file.close()
        raise
    batch.add(file)
    return end + len(rows)


def create_log(port: Port, stream: str, generation: int, parts: Iterable[Piece | bytes], batch: Batch) -> int:
    """Write a new log of records, given or copied, in a batch; answers where it ends."""
    path = log_path(stream, generation)
    file = port.open(path, write=True, create=True)
    try:
        file.truncate(0)  # a crash may have left one
        end = 0
        head = preamble(stream, path)
        if head:
            write_all(file, head, 0)
            end = len(head)
        for part in parts:
            for data in (part,) if isinstance(part, bytes) else _chunks(port, part):
                if data:
                    write_all(file, data, end)
                    end += len(data)
    except BaseException:
        file.close()
        raise
    batch.add(file)
    return end


def _chunks(port: Port, piece: Piece) -> Iterator[bytes]:
    """The bytes of a piece, a chunk at a time."""
    file = port.open(piece.path)
    try:
        at = piece.start
        while at < piece.stop:
            part = read_exactly(file, min(CHUNK, piece.stop - at), at)
            if not part:
                raise StoreDamage(f"{port.root}/{piece.path}", at, "the file ends here")
            yield part
            at += len(part)
    finally:
        file.close()
