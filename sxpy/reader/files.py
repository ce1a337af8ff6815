"""Bytes as source text: UTF-8, with errors that name the file and the place."""

from __future__ import annotations

import os

from sxpy.errors import ReadError, SxIOError
from sxpy.reader.forms import Source


def read_file(path: str | os.PathLike[str]) -> Source:
    """The text of the file at `path`. Raises SxIOError (unreadable), ReadError (no text)."""
    shown = os.fspath(path)
    try:
        with open(path, "rb") as file:
            data = file.read()
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
        what = f"byte {error.start} (0x{data[error.start]:02x}) is not UTF-8"
        raise _no_text(data[: error.start], file, first_line, what) from error
    if "\0" in text:
        at = data.index(0)
        raise _no_text(data[:at], file, first_line, f"byte {at} is null: this looks like a binary file")
    # Lines end with a line feed for places and strings alike.
    return Source(text.replace("\r\n", "\n"), file, first_line)


def _no_text(before: bytes, file: str, first_line: int, what: str) -> ReadError:
    """The error for data that is no text from behind `before` on."""
    text = before.decode("utf-8")
    place = Source(text, file, first_line).place(len(text))
    return ReadError(f"{what}; SX source is UTF-8 text", place=place)
