"""Thawing: text becomes a state again, in a world of its own.

Owns the way from a text that nobody vouches for to a program that can run: signature, size, format, code,
parts, in this order. Nothing of the program runs. Raises ThawError, and CodeMissingError, which names all
the code that is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sxpy.data import Dict
from sxpy.errors import ThawError
from sxpy.image.codes import Lookup, lookup_in, missing
from sxpy.image.decoder import ImageDecoder
from sxpy.image.seal import unseal
from sxpy.image.text import PROGRAM_FORMAT, Document
from sxpy.image.world import Program, World
from sxpy.record import Record


class ThawLimits(Record):
    """How large frozen text may be: `characters` of the text, `parts` of the image."""

    __slots__ = ("characters", "parts")
    characters: int
    parts: int

    def __init__(self, *, characters: int = 256 << 20, parts: int = 8_000_000) -> None:
        object.__setattr__(self, "characters", characters)
        object.__setattr__(self, "parts", parts)


DEFAULT = ThawLimits()


def thaw(
    text: str,
    *,
    code: Mapping[str, str] | Lookup | None,
    procedures: Mapping[str, Any],
    settle: Callable[[World], Any],
    key: bytes | None = None,
    limits: ThawLimits = DEFAULT,
) -> Program:
    """The program that a text holds.

    `code` finds code by CID, beside what the text holds itself. `procedures` are those that the host defines,
    by name. `settle` makes an interpreter around a world, for states that have one of their own. With `key`,
    only text that is signed with it is taken. Raises ThawError, CodeMissingError.
    """
    return thawed(text, code=code, procedures=procedures, settle=settle, key=key, limits=limits)[0]


def thawed(
    text: str,
    *,
    code: Mapping[str, str] | Lookup | None,
    procedures: Mapping[str, Any],
    settle: Callable[[World], Any],
    key: bytes | None,
    limits: ThawLimits,
) -> tuple[Program, list[Any]]:
    """The program that a text holds, and its frames of code. As `thaw`."""
    document = _opened(text, key, limits)
    bundled = _bundled(document)
    lookup = lookup_in(bundled, code)
    absent = [cid for cid in document.texts("needs") if lookup(cid) is None]
    if absent:
        raise missing(absent)
    decoder = ImageDecoder(document.parts("parts", most=limits.parts), lookup, procedures, settle)
    decoder.decode()
    program = decoder.value(document.field("root"))
    if type(program) is not Program:
        raise ThawError("frozen text is damaged: its root is no program")
    return program, decoder.frames


def needs_of(text: str, *, key: bytes | None = None, limits: ThawLimits = DEFAULT) -> tuple[str, ...]:
    """The CIDs of all the code that a frozen text needs and does not hold itself. Raises ThawError."""
    document = _opened(text, key, limits)
    bundled = _bundled(document)
    return tuple([cid for cid in document.texts("needs") if cid not in bundled])


def _opened(text: str, key: bytes | None, limits: ThawLimits) -> Document:
    document = Document(unseal(text, key), PROGRAM_FORMAT, longest=limits.characters)
    document.only("code", "needs", "parts", "root")
    return document


def _bundled(document: Document) -> dict[str, str]:
    found = document.entries.get("code")
    if found is None:
        return {}
    if not isinstance(found, Dict) or not all(type(text) is str for text in found.values()):
        raise ThawError("frozen text is damaged: :code must be a dict of texts")
    return found.to_dict()
