"""Lines of bytes from a stream, none longer than a bound.

Invariant: whatever arrives, at most `LONGEST` bytes and a read buffer of it are held. A line that is longer
is thrown away up to its newline and reported as `TOO_LONG`, so the next line is whole again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

LONGEST = 64 * 1024 * 1024
"""The longest line, in bytes, without its newline."""

_PIECE = 1024 * 1024


class TooLong:
    """The type of `TOO_LONG`, which stands for a line that was thrown away."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "TOO_LONG"


TOO_LONG = TooLong()


def read_lines(stream: BinaryIO, longest: int = LONGEST) -> Iterator[bytes | TooLong]:
    """The lines of `stream` without their newlines; the last need not have one. Raises OSError."""
    while line := stream.readline(longest + 1):
        if line.endswith(b"\n"):
            yield line[:-1]
        elif len(line) <= longest:  # the stream ends here
            yield line
        else:
            while (rest := stream.readline(_PIECE)) and not rest.endswith(b"\n"):
                pass
            yield TOO_LONG
