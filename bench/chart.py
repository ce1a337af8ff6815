"""A table as an SVG: for each row a bar a column, on a logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape

from bench.table import Table, figure

COLOURS = ["#c0392b", "#7f8c8d", "#2980b9", "#27ae60", "#8e44ad", "#d68910", "#16a085"]
LABEL, BREADTH, BAR, GAP, HEAD = 150, 620, 11, 12, 56


def chart(tables: list[Table]) -> str:
    """The tables that want to be drawn, one below the other."""
    parts: list[str] = []
    height = 10
    for table in tables:
        drawn = list(draw(table, height))
        parts += drawn[:-1]
        height = int(drawn[-1])
    size = f'width="{LABEL + BREADTH + 90}" height="{height}"'
    style = "<style>text{font:12px sans-serif}.t{font-weight:bold}.s{font-size:10px;fill:#555}</style>"
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {size}>', style, *parts, "</svg>", ""])


def draw(table: Table, top: int) -> Iterator[str]:
    """The elements of one table from `top` on, and last where the next one begins."""
    columns = [c for c in table.columns if any(cells.get(c) for cells in table.rows.values())]
    values = [v for cells in table.rows.values() for v in cells.values() if v]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values) * 1.01))
    scale = BREADTH / max(1, high - low)
    colours = dict(zip(columns, COLOURS * len(columns), strict=False))
    yield f'<text class="t" x="4" y="{top + 12}">{escape(table.title)}</text>'
    yield f'<text x="{LABEL}" y="{top + 12}">{escape(table.unit)}, logarithmic</text>'
    for at, column in enumerate(columns):
        x = LABEL + at * 100
        yield f'<rect x="{x}" y="{top + 22}" width="10" height="10" fill="{colours[column]}"/>'
        yield f'<text x="{x + 14}" y="{top + 31}">{escape(column)}</text>'
    y = top + HEAD
    for name, cells in table.rows.items():
        yield f'<text x="4" y="{y + 10}">{escape(name)}</text>'
        for column in columns:
            value = cells.get(column)
            if value:
                width = max(1.0, (math.log10(value) - low) * scale)
                bar = f'x="{LABEL}" y="{y}" width="{width:.1f}" height="{BAR - 1}"'
                yield f'<rect {bar} fill="{colours[column]}"/>'
                yield f'<text class="s" x="{LABEL + width + 4:.1f}" y="{y + 9}">{figure(value)}</text>'
                y += BAR
        y += GAP
    for power in range(low, high + 1):
        x = LABEL + (power - low) * scale
        yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top + HEAD - 8}" y2="{y}" stroke="#ccc"/>'
        yield f'<text class="s" x="{x + 2:.1f}" y="{top + HEAD - 8}">{10.0**power:g}</text>'
    yield str(y + 20)
