"""The groups of benchmarks, by the name that `python -m bench NAME` takes.

A group is a function from the options to its tables. The modules are imported when they are asked for. Some
measurements take long, or are of one thing, and are programs of their own; they run when they are named.
"""

from __future__ import annotations

import subprocess
import sys
from argparse import Namespace
from importlib import import_module
from pathlib import Path

from bench.table import Table

GROUPS = {
    "language": "SX against CPython and other Lisps, tier 1 against tier 0",
    "startup": "sx eval, and loading lib/persist, warm and cold, against Python's own start",
    "machine": "perform, deep recursion, redefinition, growth of collections",
    "storage": "the store against the bare disk, SQLite and eventsourcing",
}
"""The groups, in the order they run in, and what they measure: `bench/NAME.py` has a function `NAME`."""

PROGRAMS = {
    "commit": ("group_commit.py", ["--dir"], "what sharing syncs is worth"),
    "scale": ("store_scale.py", ["--dir"], "operations on stores of a hundred times the size (minutes)"),
    "jobs": ("jobs.py", [], "a step of a durable job, and taking a job up"),
    "freezing": ("freezing.py", None, "freezing and thawing, against the number of frames"),
}
"""Programs that run only when they are named: file, what stands before a directory (None: it takes none), and
what they measure."""


def run_group(name: str, options: Namespace) -> list[Table]:
    """The tables of a group; a program prints its own."""
    if name in PROGRAMS:
        file, flags, _ = PROGRAMS[name]
        where = [*flags, options.dir] if options.dir and flags is not None else []
        subprocess.run([sys.executable, str(Path(__file__).with_name(file)), *where], check=True)
        return []
    tables: list[Table] = getattr(import_module(f"bench.{name}"), name)(options)
    return tables
