"""Bytes as source text: UTF-8, with errors that name the file and the place."""

from __future__ import annotations

import os
from pathlib import Path

from sxpy.errors import ReadError, SxIOError
from sxpy.reader.forms import Source


def read_file(path: str | os.PathLike[str]) -> Source:
    """The text of the file at `path`. Raises SxIOError (unreadable), ReadError (no text)."""
    shown = os.fspath(path)
    try:
        data = Path(path).read_bytes()
    except IsADirectoryError as error:
        raise SxIOError(f"{shown} is a directory, not a file of SX", shown) from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SxIOError(f"{shown}: {reason}", shown) from error
    return decode_source(data, shown)


def decode_source(data: bytes, file: str, first_line: int = 1) -> Source:
    """The text of `data`, which is called `file` in errors. Raises ReadError when it is no text."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        place = Source(before, file, first_line).place(len(before))
        message = f"byte {error.start} (0x{data[error.start]:02x}) is not UTF-8; SX source is UTF-8 text"
        raise ReadError(message, place=place) from error
    # Lines end with a line feed for places and strings alike.
    return Source(text.replace("\r\n", "\n"), file, first_line)
