"""Code by content address: each top-level form's analysed code is a text, and its CID is its name.

Owns the blob of a form: its plain data (`sxpy/core/portable.py`) and the lines of source in which it stands.
Where the file lies, and on which line the form begins, is not in it, so an edit elsewhere in the file changes
no name. A blob is made once for each `Code`, and kept with it; parsed blobs are kept by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from sxpy.cid import cid_of
from sxpy.core.code_parts import OUTSIDE
from sxpy.core.ir import Code
from sxpy.core.pool import Field, Part
from sxpy.core.portable import encode_code
from sxpy.errors import CodeMissingError, ReadError, ThawError
from sxpy.image.text import CODE_FORMAT, SOURCE_FORMAT, Document, document, field_text, parts_text
from sxpy.printer.spelling import quoted
from sxpy.reader import read_next
from sxpy.reader.forms import Source, Spot

LONGEST_CODE = 64 << 20
"""Characters of a blob."""

MOST_PARTS = 4_000_000
"""Parts of a blob."""

IDENTITIES = frozenset(
    {OUTSIDE.name, "record-type", "adt-type", "vector", "mutable-list", "dict", "form-dict", "bytevector"}
)
"""The kinds of part whose object a program can tell from another one like it, and change or compare."""

LISTS = frozenset({"list", "form", "stack", "rope"})
"""The kinds of part whose object a program can tell from another one by `eq?` only."""


class Blob:
    """The blob of a form's code: its name and text, what it refers to, and the objects of its parts.

    `cells` are the parts that are globals, with their names; `identities` those that must be the same object
    after a thaw; `lists` those that must be when the program holds the object elsewhere, too. `others` are
    the texts of sources that are in blobs of their own, by name.
    """

    __slots__ = ("cells", "cid", "file", "identities", "line", "lists", "objects", "others", "parts", "text")

    def __init__(
        self,
        cid: str,
        text: str,
        parts: tuple[Part, ...],
        objects: tuple[Any, ...],
        main: Source | None,
        others: dict[str, str],
    ) -> None:
        self.cid = cid
        self.text = text
        self.parts = parts
        self.objects = objects
        self.file = None if main is None else main.file
        self.line = 0 if main is None else main.first_line
        self.others = others
        self.cells = [(n, part[1]) for n, part in enumerate(parts) if part[0] in ("cell", "own")]
        self.identities = [
            n
            for n, part in enumerate(parts)
            if part[0] in IDENTITIES or (part[0] == "symbol" and len(part) == 3)
        ]
        self.lists = [n for n, part in enumerate(parts) if part[0] in LISTS]


def blob_of(code: Code) -> Blob:
    """The blob of a form's code."""
    if not isinstance(code.kept, Blob):
        code.kept = _made(code)
    return code.kept


def _made(code: Code) -> Blob:
    encoded = encode_code(code, _lines_around)
    main, *rest = encoded.sources or (None,)
    others: dict[str, str] = {}
    listed = []
    for source in rest:
        assert source is not None
        text = document(SOURCE_FORMAT, text=quoted(source.text))
        cid = name_of(text)
        others[cid] = text
        listed.append(f"({quoted(source.file)} {source.first_line} {quoted(cid)})")
    text = document(
        CODE_FORMAT,
        function=quoted(encoded.function),
        parts=parts_text(encoded.parts),
        root=field_text(encoded.root),
        source="nil" if main is None else quoted(main.text),
        sources=f"({' '.join(listed)})",
    )
    return Blob(name_of(text), text, encoded.parts, encoded.objects, main, others)


def name_of(text: str) -> str:
    """The CID of a text."""
    return cid_of(text.encode("utf-8", "surrogatepass"))


def _lines_around(spot: Spot) -> tuple[int, int]:
    """The lines in which the form at a spot stands, from the first character to behind the last."""
    text = spot.source.text
    start = text.rfind("\n", 0, spot.offset) + 1
    try:
        _, end = read_next(text, spot.offset)
    except ReadError:  # the spot is a call's whose form is not at hand as text
        end = spot.offset
    line_end = text.find("\n", end)
    return start, len(text) if line_end < 0 else line_end + 1


# -- reading -----------------------------------------------------------------------------------------

Lookup = Callable[[str], str | None]
"""From the CID of a blob to its text; None: it is not at hand."""


class Read:
    """A blob that was read: its plain data and its sources."""

    __slots__ = ("cid", "function", "others", "parts", "root", "source", "text")

    def __init__(self, cid: str, text: str) -> None:
        document_ = Document(text, CODE_FORMAT, longest=LONGEST_CODE)
        document_.only("function", "parts", "root", "source", "sources")
        self.cid = cid
        self.text = text
        self.function: str = document_.get("function", str)
        self.parts = document_.parts("parts", most=MOST_PARTS)
        self.root: Field = document_.field("root")
        self.source: str | None = document_.get("source", str, type(None))
        self.others = tuple([_other(item) for item in document_.entries.get("sources") or ()])


def _other(item: Any) -> tuple[str, int, str]:
    found = tuple(item) if hasattr(item, "to_list") else ()
    if [type(each) for each in found] != [str, int, str]:
        raise ThawError("frozen code is damaged: a source must be (file line cid)")
    file, line, cid = found
    return file, line, cid


@lru_cache(maxsize=512)
def _parsed(cid: str, text: str) -> Read:
    if name_of(text) != cid:
        raise ThawError(f"what was found under {cid} is not what that names: it is damaged or another text")
    return Read(cid, text)


def read_blob(cid: str, lookup: Lookup) -> Read:
    """The blob of this name. Raises CodeMissingError, ThawError."""
    text = lookup(cid)
    if text is None:
        raise missing([cid])
    return _parsed(cid, text)


def missing(cids: list[str]) -> CodeMissingError:
    """The error for blobs that nobody has."""
    return CodeMissingError(
        f"frozen text needs code that is not at hand: {', '.join(cids)}; give it to thaw", tuple(cids)
    )


def sources_of(read: Read, file: str | None, line: int, lookup: Lookup) -> list[Source]:
    """The sources of a blob, given where its form stands. Raises CodeMissingError, ThawError."""
    found = [] if read.source is None else [Source(read.source, file or "<unknown>", max(1, line))]
    for name, first_line, cid in read.others:
        found.append(Source(source_text(cid, lookup), name, first_line))
    return found


def source_text(cid: str, lookup: Lookup) -> str:
    """The text of a source, by name. Raises CodeMissingError, ThawError."""
    text = lookup(cid)
    if text is None:
        raise missing([cid])
    if name_of(text) != cid:
        raise ThawError(f"what was found under {cid} is not what that names: it is damaged or another text")
    document_ = Document(text, SOURCE_FORMAT, longest=LONGEST_CODE)
    document_.only("text")
    found: str = document_.get("text", str)
    return found


def lookup_in(*places: Mapping[str, str] | Lookup | None) -> Lookup:
    """A lookup that asks several places in turn."""

    def lookup(cid: str) -> str | None:
        for place in places:
            if place is not None:
                found = place.get(cid) if isinstance(place, Mapping) else place(cid)
                if found is not None:
                    return found
        return None

    return lookup
