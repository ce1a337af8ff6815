"""The figures in docs/performance.md: `python -m bench.document NEW.json …` puts in those of new runs.

The figures are kept in docs/performance.json, a run's own format, so that `--compare` can be given it. In the
document a table stands between the comments `<!-- table: TITLE -->` and `<!-- end -->`, all bars behind
`<!-- bars -->`. The chart is drawn anew.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from bench.chart import chart
from bench.table import Bar, Table, figure

DOCS = Path(__file__).resolve().parent.parent / "docs"
FIGURES, DOCUMENT, CHART = DOCS / "performance.json", DOCS / "performance.md", DOCS / "performance.svg"

_PLACE = re.compile(r"<!-- (?:table: (?P<title>.+?)|(?P<bars>bars)) -->\n.*?<!-- end -->", re.DOTALL)


def main() -> None:
    """Take the tables of the runs into the figures, and write document and chart."""
    found = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {"tables": []}
    for name in sys.argv[1:]:
        run = json.loads(Path(name).read_text(encoding="utf-8"))
        new = {table["title"] for table in run["tables"]}
        kept = [table for table in found["tables"] if table["title"] not in new]
        found = {**run, "tables": [*kept, *run["tables"]]}
    FIGURES.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    made = tables(found)
    DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8"), made), encoding="utf-8")
    CHART.write_text(chart([table for table in made.values() if table.chart]), encoding="utf-8")


def tables(found: dict[str, Any]) -> dict[str, Table]:
    """The tables of a run, by title."""
    made = [Table(**{**one, "bars": [Bar(**bar) for bar in one["bars"]]}) for one in found["tables"]]
    return {table.title: table for table in made}


def written(text: str, made: dict[str, Table]) -> str:
    """The document with these tables in their places."""

    def place(match: re.Match[str]) -> str:
        start = match.group().split("\n", 1)[0]
        body = bars(made) if match["bars"] else made[match["title"]].body()
        return "\n".join([start, *body, "<!-- end -->"])

    return _PLACE.sub(place, text)


def bars(made: dict[str, Table]) -> list[str]:
    """All bars as one table."""
    lines = ["| what | measured | bar | |", "|---|---:|---:|---|"]
    for table in made.values():
        for bar in table.bars:
            sense = "≤" if bar.sense == "<=" else "≥"
            kept = "kept" if bar.kept else "**missed**"
            lines.append(f"| {bar.name} | {figure(bar.value)} | {sense} {bar.limit:g} | {kept} |")
    return lines


if __name__ == "__main__":
    main()
