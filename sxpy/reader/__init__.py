"""The reader: text to forms.

`read_source` reads programs, with places, by the Lark grammar; `read_data` reads data fast, without
places; both accept the same language and raise the same errors. `status` tells a REPL whether to wait for
more. Read `atoms.py` first, then `scanner.py`, then `source.py`.
"""

from __future__ import annotations

from typing import Any, Literal

from sxpy.errors import IncompleteRead, ReadError
from sxpy.reader.files import read_file
from sxpy.reader.forms import Source
from sxpy.reader.scanner import read_data, read_datum, read_next
from sxpy.reader.source import read_source


def read_all(text: str, file: str = "<string>") -> list[Any]:
    """The top-level forms of a program's text. Raises ReadError, IncompleteRead."""
    return read_source(Source(text, file))[0]


def status(text: str) -> Literal["complete", "incomplete", "wrong"]:
    """ "complete", "incomplete" (more text may complete it) or "wrong" (no more text can)."""
    try:
        read_data(text)
    except IncompleteRead:
        return "incomplete"
    except ReadError:
        return "wrong"
    return "complete"


__all__ = ["Source", "read_all", "read_data", "read_datum", "read_file", "read_next", "read_source", "status"]
