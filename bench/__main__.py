"""The command: `python -m bench [GROUP …]`, in the root of a checkout.

Runs the groups, prints their tables and whether the bars are kept, and draws the tables that are ratios.
"""

from __future__ import annotations

import json
import platform
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from datetime import UTC, datetime
from os import cpu_count
from pathlib import Path
from typing import Any

from bench.chart import chart
from bench.groups import GROUPS, PROGRAMS, run_group
from bench.measure import ROUNDS
from bench.table import Table, compared


def main() -> None:
    """Run what the command line asks for."""
    options = arguments()
    tables: list[Table] = []
    old = json.loads(Path(options.compare).read_text(encoding="utf-8")) if options.compare else None
    print("\n".join(f"{name}: {value}" for name, value in machine().items()), "", sep="\n", flush=True)
    for name in options.groups or GROUPS:
        for table in run_group(name, options):
            tables.append(table)
            print("\n".join(table.lines()), end="\n\n", flush=True)
        if options.json:  # after every group: a long run that is stopped has not been for nothing
            found = {"machine": machine(), "rounds": options.rounds, "tables": [t.as_json() for t in tables]}
            Path(options.json).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if old is not None:
        before = {table["title"]: table for table in old["tables"]}
        for table in tables:
            if table.title in before:
                print("\n".join(compared(table, before[table.title])), end="\n\n")
    drawn = [table for table in tables if table.chart and table.rows]
    if options.svg and drawn:
        Path(options.svg).write_text(chart(drawn), encoding="utf-8")
    missed = [bar.name for table in tables for bar in table.bars if not bar.kept]
    print(f"{sum(len(t.bars) for t in tables)} bars, {len(missed)} missed", *missed, sep="\n  ")


def arguments() -> Namespace:
    """The options."""
    known = {**GROUPS, **{name: f"{what}; only when named" for name, (*_, what) in PROGRAMS.items()}}
    groups = "\n".join(f"  {name:10} {what}" for name, what in known.items())
    parser = ArgumentParser(
        "python -m bench", description=__doc__, formatter_class=RawDescriptionHelpFormatter
    )
    parser.epilog = f"groups:\n{groups}"
    parser.add_argument("groups", nargs="*", metavar="GROUP", help="those below, when none is given")
    parser.add_argument(
        "--rounds", type=int, default=ROUNDS, help=f"figures are medians of so many ({ROUNDS})"
    )
    parser.add_argument("--only", nargs="+", metavar="PROGRAM", help="of the language group: fib, tak, …")
    parser.add_argument("--no-peers", dest="peers", action="store_false", help="leave out what is not ours")
    parser.add_argument("--tiny", action="store_true", help="smallest sizes, to see that everything runs")
    parser.add_argument("--dir", help="where stores are made: the disk to be measured")
    parser.add_argument("--json", metavar="FILE", help="write the figures")
    parser.add_argument(
        "--compare", metavar="OLD.json", help="print new figures over those of an earlier run"
    )
    parser.add_argument("--svg", metavar="FILE", default="bench.svg", help="where to draw (bench.svg)")
    options = parser.parse_args()
    for name in options.groups:
        if name not in known:
            parser.error(f"there is no group {name}; there are: {', '.join(known)}")
    return options


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "python": f"{python}, {sys.platform}, {platform.machine()}",
        "cores": cpu_count(),
    }


if __name__ == "__main__":
    main()
