"""What a group of benchmarks gives: tables of figures, and bars that some figures should keep to."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Bar:
    """A figure and what it is meant to keep to."""

    name: str
    value: float
    sense: Literal["<=", ">="]
    limit: float

    @property
    def kept(self) -> bool:
        """Whether the figure keeps to its limit."""
        return self.value <= self.limit if self.sense == "<=" else self.value >= self.limit


@dataclass
class Table:
    """Rows of figures by column name; `None` where there is no figure, with the reason among the notes.

    `unit` says what the figures are. `chart` is drawn as bars, on a logarithmic scale.
    """

    title: str
    unit: str
    columns: list[str]
    rows: dict[str, dict[str, float | None]] = field(default_factory=dict)
    bars: list[Bar] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    chart: bool = False

    def as_json(self) -> dict[str, Any]:
        """The table as JSON has it."""
        return asdict(self)

    def lines(self) -> list[str]:
        """The table as text that is Markdown as well, with its title, its bars and its notes."""
        made = [f"## {self.title}", "", *self.body()]
        if self.bars:
            made.append("")
        for bar in self.bars:
            word = "kept" if bar.kept else "MISSED"
            made.append(f"* {word}: {bar.name}: {figure(bar.value)} {bar.sense} {bar.limit:g}")
        return made

    def body(self) -> list[str]:
        """The unit, the rows and the notes."""
        width = max([len(name) for name in self.rows] + [1])
        widths = [max(len(column), 8) for column in self.columns]
        head = " | ".join([" " * width, *(f"{c:>{w}}" for c, w in zip(self.columns, widths, strict=True))])
        unit = self.unit[0].upper() + self.unit[1:]
        made = [f"{unit}.", "", f"| {head} |"]
        made.append("|" + "|".join(["-" * (width + 2), *("-" * (w + 1) + ":" for w in widths)]) + "|")
        for name, cells in self.rows.items():
            row = [f"{figure(cells.get(c)):>{w}}" for c, w in zip(self.columns, widths, strict=True)]
            made.append(f"| {name:<{width}} | " + " | ".join(row) + " |")
        return [*made, "", *(f"* {note}" for note in self.notes)] if self.notes else made


def figure(value: float | None) -> str:
    """A figure with three significant digits."""
    if value is None:
        return "–"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3f}"


def compared(table: Table, old: dict[str, Any]) -> list[str]:
    """New over old, for the figures of `table` that an earlier run has too."""
    before = Table(title=table.title, unit="New figures over old ones", columns=table.columns)
    for name, cells in table.rows.items():
        was = old["rows"].get(name, {})
        ratios = {c: v / was[c] for c, v in cells.items() if v is not None and was.get(c)}
        if ratios:
            before.rows[name] = dict(ratios)
    return before.lines() if before.rows else []
