"""Flame graphs: a profile as one SVG file, which needs nothing else.

After Brendan Gregg, "The Flame Graph" (CACM 59(6), 2016): a box a function, as wide as its time, on the box
of the function that waits for it. Neighbours stand in the order of their names; a box tells its figures in a
title, which browsers show under the pointer. Performs are boxes on the function that made them.
"""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

from sxpy.profiler.profile import Profile

WIDTH, MARGIN, ROW, LETTER = 1200, 10, 18, 7
"""In pixels: the picture, its margin, the height of a box, the width of a letter."""

NARROWEST = 0.2
"""Pixels; narrower boxes are left out, with what stands on them."""

DEEPEST = 400
"""Rows that are drawn."""


class _Box:
    """A function on those that wait for it: the seconds of its own, and what stands on it."""

    __slots__ = ("children", "count", "own")

    def __init__(self) -> None:
        self.own = 0.0
        self.count = 0
        self.children: dict[str, _Box] = {}

    def child(self, name: str) -> _Box:
        """The box of this name on this one."""
        return self.children.setdefault(name, _Box())


def flame_graph(profile: Profile, title: str) -> str:
    """The SVG of a profile."""
    root = _Box()
    for stack, seconds in profile.stacks.items():
        box = root
        for function in stack:
            box = box.child(str(function))
        box.own += seconds
    for stack, by_operation in profile.asked.items():
        below = root
        for function in stack:
            below = below.child(str(function))
        for operation, performs in by_operation.items():
            box = below.child(f"perform {operation}")
            box.own += performs.seconds
            box.count += performs.count
    totals = _totals(root)
    height = (min(_depth(root), DEEPEST) + 2) * ROW + 2 * MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'font-family="monospace" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fffef8"/>',
        f'<text x="{MARGIN}" y="{MARGIN + 12}">{_escaped(title)}: {totals[id(root)]:.3f} s</text>',
        *_boxes(root, totals, height - MARGIN - ROW),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _totals(root: _Box) -> dict[int, float]:
    """The seconds of each box with those of what stands on it, by identity."""
    order, pending = [], [root]
    while pending:
        box = pending.pop()
        order.append(box)
        pending.extend(box.children.values())
    found: dict[int, float] = {}
    for box in reversed(order):
        found[id(box)] = box.own + sum(found[id(child)] for child in box.children.values())
    return found


def _depth(root: _Box) -> int:
    depth, level = 0, list(root.children.values())
    while level:
        depth += 1
        level = [child for box in level for child in box.children.values()]
    return depth


def _boxes(root: _Box, totals: dict[int, float], bottom: int) -> Iterator[str]:
    whole = totals[id(root)]
    scale = (WIDTH - 2 * MARGIN) / whole if whole else 0.0
    pending = [(root, float(MARGIN), 0)]
    while pending:
        below, x, depth = pending.pop()
        if depth >= DEEPEST:
            continue
        for name in sorted(below.children):
            box = below.children[name]
            width = totals[id(box)] * scale
            if width >= NARROWEST:
                yield _drawn(name, box, totals[id(box)], whole, x, bottom - depth * ROW, width)
                pending.append((box, x, depth + 1))
            x += width


def _drawn(name: str, box: _Box, total: float, whole: float, x: float, y: int, width: float) -> str:
    performs = f", {box.count:,} times" if box.count else ""
    about = f"{name}: {total:.3f} s, {total / whole:.1%}; {box.own:.3f} s of its own{performs}"
    room = int((width - 4) / LETTER)
    label = name if len(name) <= room else name[: room - 1] + "…" if room > 3 else ""
    text = f'<text x="{x + 2:.1f}" y="{y + 13}">{_escaped(label)}</text>' if label else ""
    return (
        f'<g><title>{_escaped(about)}</title><rect x="{x:.1f}" y="{y}" width="{width:.1f}" '
        f'height="{ROW - 1}" rx="2" fill="{_colour(name)}"/>{text}</g>'
    )


def _colour(name: str) -> str:
    """The same for the same name: warm for functions, blue for performs."""
    chance = crc32(name.encode("utf-8", "replace"))
    if name.startswith("perform "):
        return f"hsl({205 + chance % 25},60%,{68 + chance // 64 % 12}%)"
    return f"hsl({10 + chance % 40},75%,{66 + chance // 64 % 14}%)"


def _escaped(text: str) -> str:
    for char, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(char, entity)
    return "".join(char if char.isprintable() else "\ufffd" for char in text)
