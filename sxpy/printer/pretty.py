"""The pretty-printer: values over several lines when one does not hold them."""

from __future__ import annotations

from typing import Any

from sxpy.data import Dict, List, MutableList, Vector
from sxpy.printer.writer import Style, key_text, write
from sxpy.walk import Walk, walk

MAX_NEST = 60
"""Deeper parts are written on one line: indentation would be all that is left."""

_PLAIN = Style()


def pretty(value: Any, width: int = 80) -> str:
    """The text of a value in lines of at most `width` columns, where its parts allow it."""
    text: str = walk(_pretty(value, width, 0, 0))
    return text


def _pretty(value: Any, width: int, indent: int, nest: int) -> Walk:
    flat = write(value, _PLAIN)
    if len(flat) + indent <= width or nest >= MAX_NEST:
        return flat
    pad = "\n" + " " * (indent + 1)
    if isinstance(value, Dict) and len(value):
        lines = []
        for key, item in value.items():
            name = key_text(key)
            lines.append(name + " " + (yield _pretty(item, width, indent + 2 + len(name), nest + 1)))
        return "{" + pad.join(lines) + "}"
    if isinstance(value, (List, MutableList)) and len(value):
        lines = []
        for item in value:
            lines.append((yield _pretty(item, width, indent + 1, nest + 1)))
        return "(" + pad.join(lines) + ")"
    if isinstance(value, Vector) and len(value):
        lines = []
        for item in value.items:
            lines.append((yield _pretty(item, width, indent + 2, nest + 1)))
        return "#(" + (pad + " ").join(lines) + ")"
    return flat
