"""The groups of benchmarks, by the name that `python -m bench NAME` takes.

A group is a function from the options to its tables. The modules are imported when they are asked for.
"""

from __future__ import annotations

from argparse import Namespace
from importlib import import_module

from bench.table import Table

GROUPS = {
    "language": "SX against CPython and other Lisps, tier 1 against tier 0",
    "startup": "sx eval, and loading lib/persist, warm and cold, against Python's own start",
}
"""The groups, in the order they run in, and what they measure: `bench/NAME.py` has a function `NAME`."""


def run_group(name: str, options: Namespace) -> list[Table]:
    """The tables of a group."""
    tables: list[Table] = getattr(import_module(f"bench.{name}"), name)(options)
    return tables
