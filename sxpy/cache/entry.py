"""Entries: what is kept of one text, as bytes that say what they are and whether they are whole.

Owns what makes an entry the right one. Its name comes from the text, and from everything that decides what
becomes of it: the format, the version of sxpy, its source files as they are now, and Python's version. The
text itself is in the entry and compared, so two texts never share one. The bytes after the head are
summed; whatever does not agree in every respect is no entry.
"""

from __future__ import annotations

import marshal
import os
import sys
from importlib.util import source_hash
from typing import Any

from sxpy.version import __version__

FORMAT = "sxpy code 1"

Record = tuple[Any, ...]
"""What is kept of one top-level form: plain data, see `sxpy/cache/records.py`."""

_HEAD = FORMAT.encode("ascii") + b"\n"
_SUM = 8
_ROOMS = ("cache", "core", "data", "primitives", "reader", "syntax")
"""The packages that decide what becomes of a text."""


def _fingerprint() -> str:
    """Changes when sxpy does, by version or in a checkout, and with Python's version."""
    package = os.path.dirname(os.path.dirname(__file__))
    seen = []
    for room in _ROOMS:
        with os.scandir(f"{package}/{room}") as items:
            for item in items:
                if item.name.endswith((".py", ".lark")):
                    state = item.stat()
                    seen.append((room, item.name, state.st_size, state.st_mtime_ns))
    return source_hash(repr((FORMAT, __version__, sys.version, package, sorted(seen))).encode()).hex()


class Entries:
    """Packs and unpacks the entries of this very sxpy."""

    def __init__(self) -> None:
        self._fingerprint = _fingerprint()

    def name(self, text: str) -> str:
        """The name of the entry of a text."""
        return source_hash((self._fingerprint + text).encode("utf-8", "surrogatepass")).hex()

    def pack(self, text: str, records: list[Record | None]) -> bytes:
        """The bytes of the entry."""
        body = marshal.dumps((self._fingerprint, text, records))
        return _HEAD + source_hash(body) + body

    def unpack(self, data: bytes, text: str) -> list[Record | None] | None:
        """The records of the entry for `text`; None for anything else."""
        start = len(_HEAD) + _SUM
        body = data[start:]
        if data[: len(_HEAD)] != _HEAD or data[len(_HEAD) : start] != source_hash(body):
            return None
        try:
            fingerprint, found, records = marshal.loads(body)
        except (EOFError, TypeError, ValueError):
            return None
        return records if fingerprint == self._fingerprint and found == text else None
