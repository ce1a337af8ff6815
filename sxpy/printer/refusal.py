"""The error for a value that cannot be serialized: what stands in the way, and where in the value.

The writer does not keep the way it goes, which would cost on every write; after a refusal the same walk is
done once more, with the way.
"""

from __future__ import annotations

from typing import Any

from sxpy.errors import InternalError, SxTypeError
from sxpy.printer.writer import Style, Unwritable, open_value

_Way = tuple["_Way", str] | None
"""The steps from the root to a part, the last first."""

_LEAVE: _Way = (None, "")
"""Marks the end of a container among the values that wait."""


def refusal(who: str, root: Any, style: Style) -> SxTypeError:
    """The error of the primitive `who` for a value that the exact `style` refused."""
    pending: list[tuple[Any, _Way]] = [(root, None)]
    inside: set[int] = set()
    while pending:
        value, way = pending.pop()
        if way is _LEAVE:
            inside.discard(value)
            continue
        spelled = style.spell.get(type(value))
        try:
            opened = open_value(value, style, inside) if spelled is None else spelled(value)
        except Unwritable as found:
            at = f", found at {_text(way)}" if way else ""
            return SxTypeError(f"{who}: no text reads back as {found.what}{at}", value)
        if not isinstance(opened, str):
            inside.add(id(value))
            pending.append((id(value), _LEAVE))
            parts = [(part, (way, _step(index, before))) for index, (before, part) in enumerate(opened[1])]
            pending.extend(reversed(parts))
    raise InternalError(f"{who}: a value was refused that can be written")


def _step(index: int, before: str) -> str:
    """The step to a part: `[2]` in a list, `.name` or `["a name"]` in a dict."""
    if not before:
        return f"[{index}]"
    key = before.rstrip()
    return "." + key[1:] if key.startswith(":") else f"[{key}]"


def _text(way: _Way) -> str:
    steps = []
    while way is not None:
        way, step = way
        steps.append(step)
    if len(steps) > 20:
        steps[10:-10] = ["…"]
    return "".join(reversed(steps))
