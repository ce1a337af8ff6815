"""Freezing: a state and its surroundings become text.

Owns what a frozen text is as a whole: the pool of its parts, the names of the code it needs, and the
signature. Freezing reads the program and changes nothing of it. Next: `sxpy/image/thaw.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from sxpy.core.pool import Field
from sxpy.data import Environment, Library
from sxpy.image.encoder import ImageEncoder
from sxpy.image.seal import seal
from sxpy.image.text import PROGRAM_FORMAT, document, field_text, mapping_text, parts_text, texts_text
from sxpy.image.world import Program
from sxpy.machine.state import State
from sxpy.record import Record
from sxpy.runtime import Runtime


class Surroundings(Protocol):
    """What is around a state: an interpreter."""

    runtime: Runtime
    env: Environment
    operations: dict[str, Any]
    libraries: dict[str, Library]
    procedures: dict[str, Any]


class Frozen(Record):
    """A frozen program: `text`, and the texts that it needs by their CIDs, `code`."""

    __slots__ = ("_entries", "_key", "code", "text")
    text: str
    code: Mapping[str, str]

    def __init__(self, entries: Mapping[str, str], code: Mapping[str, str], key: bytes | None) -> None:
        object.__setattr__(self, "_entries", entries)
        object.__setattr__(self, "_key", key)
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "text", seal(document(PROGRAM_FORMAT, **entries), key))

    def bundled(self) -> str:
        """One text that holds the code as well."""
        entries: dict[str, Any] = {**self._entries, "code": mapping_text(dict(self.code))}  # type: ignore[attr-defined]
        return seal(document(PROGRAM_FORMAT, **entries), self._key)  # type: ignore[attr-defined]


def freeze(
    state: State, surroundings: Surroundings, *, key: bytes | None = None, whole: bool = False
) -> Frozen:
    """Freeze a state. With `key` the text is signed; `whole` keeps all globals, reachable or not.

    Raises NotFreezable, with the path to the value.
    """
    encoder = ImageEncoder(surroundings.procedures)
    if whole:
        encoder.open_world()
    return _frozen(encoder, Program(encoder.world(surroundings), state), key)


def frozen_by(
    program: Program,
    surroundings: Surroundings,
    *,
    instead: Mapping[int, Any],
    moved: Mapping[int, tuple[Any, ...]],
    key: bytes | None,
) -> Frozen:
    """A program that was thawed, frozen with other objects instead of some, and frames with other code."""
    encoder = ImageEncoder(surroundings.procedures)
    encoder.instead.update(instead)
    encoder.moved.update(moved)
    return _frozen(encoder, program, key)


def _frozen(encoder: ImageEncoder, program: Program, key: bytes | None) -> Frozen:
    root: Field = encoder.encode(program)
    entries = {
        "needs": texts_text(sorted(encoder.blobs)),
        "parts": parts_text(encoder.parts),
        "root": field_text(root),
    }
    return Frozen(entries, encoder.blobs, key)
