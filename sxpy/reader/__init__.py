"""The reader: text to forms.

`read_source` reads programs, with places, by the Lark grammar; `read_data` reads data fast, without
places; `read_forms` is for text that may be either. All accept the same language and raise the same errors.
`status` tells a REPL whether to wait for more. Read `atoms.py` first, then `scanner.py` and `quick.py`, then
`source.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from sxpy.errors import IncompleteRead, ReadError
from sxpy.lazy import lazy_names

if TYPE_CHECKING:
    from sxpy.reader.files import read_file
    from sxpy.reader.forms import Source
    from sxpy.reader.scanner import read_data, read_datum, read_lines, read_next
    from sxpy.reader.source import read_source
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "sxpy.reader.files": "read_file",
            "sxpy.reader.forms": "Source",
            "sxpy.reader.scanner": "read_data read_datum read_lines read_next",
            "sxpy.reader.source": "read_source",
        },
    )


def read_all(text: str, file: str = "<string>") -> list[Any]:
    """The top-level forms of a program's text. Raises ReadError, IncompleteRead."""
    from sxpy.reader.forms import Source  # noqa: PLC0415  see `lazy_names`
    from sxpy.reader.source import read_source  # noqa: PLC0415

    return read_source(Source(text, file))[0]


def read_forms(text: str, file: str = "<string>") -> list[Any]:
    """The top-level forms of a text that a program has: as `read_all`, but long text does not take long.

    Plain data, in which no symbol stands, has no places. Raises ReadError, IncompleteRead.
    """
    from sxpy.reader import quick  # noqa: PLC0415  see `lazy_names`
    from sxpy.reader.forms import Source  # noqa: PLC0415
    from sxpy.reader.scanner import scan_forms  # noqa: PLC0415

    try:
        return quick.values(text)
    except quick.Doubt:
        return scan_forms(Source(text, file))[0]


def status(text: str) -> Literal["complete", "incomplete", "wrong"]:
    """ "complete", "incomplete" (more text may complete it) or "wrong" (no more text can)."""
    from sxpy.reader.scanner import read_data  # noqa: PLC0415  see `lazy_names`

    try:
        read_data(text)
    except IncompleteRead:
        return "incomplete"
    except ReadError:
        return "wrong"
    return "complete"


__all__ = [
    "Source",
    "read_all",
    "read_data",
    "read_datum",
    "read_file",
    "read_forms",
    "read_lines",
    "read_next",
    "read_source",
    "status",
]
