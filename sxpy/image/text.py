"""Images as text: pools written as canonical SX data, and read back.

Owns the spelling. A pool is a list of parts, a part a list `(kind field …)`; a kind is a symbol, a reference
to part n the symbol `%n`, an atom itself. Around it stands a dict with the format's name and version. One
image has one text: the keys of dicts are in order, everything is spelled as `canonical-serialize` does, and
reading refuses what is spelled otherwise where that could hide something. Next: `sxpy/image/seal.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sxpy.core.pool import Field, Part
from sxpy.data import Dict, List, Symbol
from sxpy.errors import ReadError, ThawError
from sxpy.printer.spelling import float_text, key_text, quoted
from sxpy.reader import read_datum
from sxpy.reader.integers import format_integer

PROGRAM_FORMAT, CODE_FORMAT, SOURCE_FORMAT = "sxpy-frozen", "sxpy-code", "sxpy-source"
"""What the `:format` of a text says."""

VERSION = 1
"""The version of all of them."""


def document(format_: str, **entries: str) -> str:
    """A text of a format: a dict whose values are texts already; None leaves an entry out."""
    entries = {**entries, "format": quoted(format_), "version": str(VERSION)}
    inside = " ".join(f"{key_text(key)} {entries[key]}" for key in sorted(entries))
    return "{" + inside + "}"


def parts_text(parts: Sequence[Part]) -> str:
    """The text of a pool."""
    return "(" + " ".join(_part_texts(parts)) + ")"


def _part_texts(parts: Sequence[Part]) -> Iterator[str]:
    for kind, *fields in parts:
        yield f"({kind}{''.join([' ' + field_text(field) for field in fields])})"


def field_text(field: Field) -> str:
    """The text of one field."""
    kind = type(field)
    if kind is tuple:
        return f"%{field[0]}"
    if kind is int:
        return format_integer(field)
    if kind is str:
        return quoted(field)
    if field is None:
        return "nil"
    if kind is bool:
        return "true" if field else "false"
    return float_text(field)


def texts_text(texts: Sequence[str]) -> str:
    """The text of a list of strings."""
    return "(" + " ".join([quoted(text) for text in texts]) + ")"


def mapping_text(mapping: dict[str, str]) -> str:
    """The text of a dict of strings."""
    inside = " ".join([f"{key_text(key)} {quoted(mapping[key])}" for key in sorted(mapping)])
    return "{" + inside + "}"


# -- reading -----------------------------------------------------------------------------------------


class Document:
    """A text that was read: its entries, each checked for what it must be."""

    def __init__(self, text: str, format_: str, *, longest: int) -> None:
        if len(text) > longest:
            raise ThawError(f"frozen text of {len(text)} characters is longer than the limit of {longest}")
        try:
            value = read_datum(text)
        except ReadError as error:
            raise ThawError(f"this is no frozen text: {error.message}") from None
        self.entries = value if isinstance(value, Dict) else Dict({})
        if self.entries.get("format") != format_:
            found = self.entries.get("format")
            raise ThawError(f"this is no text of the format {format_}, but {_shown(found)}")
        if self.entries.get("version") != VERSION or type(self.entries.get("version")) is not int:
            version = _shown(self.entries.get("version"))
            raise ThawError(
                f"{format_}: version {version} is not known here; this sxpy reads version {VERSION}"
            )

    def get(self, key: str, *types: type) -> Any:
        """An entry of one of these types. Raises ThawError."""
        value = self.entries.get(key)
        if type(value) not in types:
            raise ThawError(f"frozen text is damaged: :{key} is not what it must be")
        return value

    def only(self, *keys: str) -> None:
        """Raise ThawError for an entry that the format does not have."""
        for key in self.entries:
            if key not in keys and key not in ("format", "version"):
                raise ThawError(f"frozen text is damaged: :{key} is unknown")

    def texts(self, key: str) -> tuple[str, ...]:
        """An entry that is a list of strings."""
        value = self.entries.get(key)
        if not isinstance(value, List) or not all(type(item) is str for item in value):
            raise ThawError(f"frozen text is damaged: :{key} must be a list of strings")
        return tuple(value)

    def parts(self, key: str, *, most: int) -> tuple[Part, ...]:
        """An entry that is a pool of at most `most` parts."""
        value = self.entries.get(key)
        if not isinstance(value, List):
            raise ThawError(f"frozen text is damaged: :{key} must be a list of parts")
        if len(value) > most:
            raise ThawError(f"frozen text of {len(value)} parts has more than the limit of {most}")
        references: dict[str, tuple[int]] = {}
        return tuple([_part(item, references) for item in value])

    def field(self, key: str) -> Field:
        """An entry that is one field."""
        return _field(self.entries.get(key), {})


def _part(item: Any, references: dict[str, tuple[int]]) -> Part:
    kind = item.first() if isinstance(item, List) else None
    if type(kind) is not Symbol:
        raise ThawError("frozen text is damaged: a part must be a list that begins with its kind")
    kind_name, *fields = item
    return (kind_name.name, *[_field(field, references) for field in fields])


def _field(value: Any, references: dict[str, tuple[int]]) -> Field:
    kind = type(value)
    if kind is Symbol:
        found = references.get(value.name)
        if found is None:
            found = references[value.name] = _reference(value.name)
        return found
    if value is None or kind in (str, int, bool, float):
        return value
    raise ThawError(f"frozen text is damaged: a field must be an atom or a reference, not {_shown(value)}")


def _reference(name: str) -> tuple[int]:
    digits = name[1:]
    if name[0] != "%" or not digits.isascii() or not digits.isdecimal() or len(digits) > 12:
        raise ThawError(f"frozen text is damaged: {name} is no reference")
    if digits != str(int(digits)):
        raise ThawError(f"frozen text is damaged: {name} is not how a reference is spelled")
    return (int(digits),)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:39] + "…"
