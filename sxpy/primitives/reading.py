"""Text to data: `sx-parse` and `read`.

Owns how a program reads SX as data, without evaluating it. What the reader refuses is an error the
program can catch, with the line and the column.
"""

from __future__ import annotations

from typing import Any

from sxpy.data import EOF, List, from_list
from sxpy.errors import ReadError, SxParseError
from sxpy.primitives.ports import readable
from sxpy.primitives.registry import primitive
from sxpy.primitives.text import as_string
from sxpy.reader import read_forms, read_next


@primitive("sx-parse")
def sx_parse(string: Any) -> List:
    """(sx-parse s) — the list of the top-level forms in the text. Those of a program remember their place
    in it; plain data, in which no symbol stands, is read faster, and does not.

    (sx-parse "(+ 1 2) :k") => ((+ 1 2) :k)
    """
    text = as_string("sx-parse", string)
    try:
        return from_list(read_forms(text))
    except ReadError as error:
        raise _refused("sx-parse", error) from None


@primitive("read")
def read(port: Any) -> Any:
    """(read p) — the next datum of the input port; the end-of-file object when there is none.

    (read (open-input-string "(1 2) 3")) => (1 2)
    """
    source = readable("read", port)
    try:
        values, source.position = read_next(source.text, source.position)
    except ReadError as error:
        # Whoever catches the error and reads on must not meet the same text for ever.
        source.position = len(source.text)
        raise _refused("read", error) from None
    return values[0] if values else EOF


def _refused(who: str, error: ReadError) -> SxParseError:
    where = "" if error.place is None else f"line {error.place.line}, column {error.place.column}: "
    return SxParseError(f"{who}: {where}{error.message}")
