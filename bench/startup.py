"""Starting: what `sx eval` and a program that loads lib/persist take, warm and cold, in Python's own starts.

Measured is the processor time of whole processes, which take turns. Bytecode and analysed files are kept in a
directory of the benchmark's own, so *warm* is a second run on a machine where Python may write bytecode;
*no cache* reads and analyses every file; *first* has no bytecode of sxpy and its libraries either.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from bench.measure import in_turns, ratio
from bench.table import Bar, Table

BARE, LIBRARIES = "python -c pass", "python -c 'import click, lark'"
NIL, SUM, LOAD = "sx eval nil", "sx eval '(+ 1 2)'", "sx eval '(load \"lib/persist/all.sx\")'"
EXPRESSIONS = {NIL: "nil", SUM: "(+ 1 2)", LOAD: '(load "lib/persist/all.sx")'}

STARTS, LOADS = "bare starts", "of importing click and lark"


def startup(options: Namespace) -> list[Table]:
    """The table."""
    with tempfile.TemporaryDirectory(prefix="sx-bench-") as directory:
        works = _works(Path(directory))
        in_turns(works, 1)  # what is warm has run before
        found = in_turns(works, max(options.rounds, 5))
    rows = {
        name: {STARTS: ratio(times, found[BARE]), LOADS: ratio(times, found[LIBRARIES])}
        for name, times in found.items()
    }
    extra = [load - nil for load, nil in zip(found[LOAD], found[NIL], strict=True)]
    evaluating, loading = rows[SUM][LOADS], ratio(extra, found[BARE])
    return [
        Table(
            "Starting",
            "processor time of a process, as a multiple",
            [STARTS, LOADS],
            {name: {**figures} for name, figures in rows.items()},
            [
                Bar(f"{SUM}, warm, of importing click and lark", evaluating, "<=", 0.8),
                Bar("loading lib/persist, warm, above sx eval nil, in bare starts", loading, "<=", 1.0),
            ],
            [f"a bare start took {min(found[BARE]) * 1000:.1f} ms of processor time"],
        )
    ]


def _works(directory: Path) -> dict[str, Callable[[], float]]:
    """What is started; each gives the seconds of processor time that it took."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPYCACHEPREFIX": f"{directory}/bytecode", "SX_CACHE_DIR": f"{directory}/cache"}
    environment["SX_NO_CACHE"] = ""
    uncached = {**environment, "SX_NO_CACHE": "1"}
    python, sx = [sys.executable, "-c"], _sx()

    def first(words: list[str]) -> float:
        shutil.rmtree(directory / "first", ignore_errors=True)
        return _took(words, {**uncached, "PYTHONPYCACHEPREFIX": f"{directory}/first"})

    works: dict[str, Callable[[], float]] = {
        BARE: lambda: _took([*python, "pass"], environment),
        LIBRARIES: lambda: _took([*python, "import click, lark"], environment),
    }
    for name, expression in EXPRESSIONS.items():
        words = [*sx, "eval", expression]
        works[name] = lambda words=words: _took(words, environment)  # type: ignore[misc]
        works[f"{name}, no cache"] = lambda words=words: _took(words, uncached)  # type: ignore[misc]
    works[f"{SUM}, first"] = lambda: first([*sx, "eval", EXPRESSIONS[SUM]])
    return works


def _sx() -> list[str]:
    """The command, as it was installed beside this Python."""
    script = Path(sys.executable).with_name("sx")
    return [str(script)] if script.exists() else [sys.executable, "-m", "sxpy.cli"]


def _took(words: list[str], environment: dict[str, str]) -> float:
    before = getrusage(RUSAGE_CHILDREN)
    subprocess.run(words, stdout=subprocess.DEVNULL, env=environment, check=True)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
