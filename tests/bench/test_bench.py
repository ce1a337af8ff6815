"""`python -m bench` runs, and those who take part agree. What it measures is no business of a test."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from bench import document, stores
from bench.language import PROGRAMS, Program
from bench.machine import REFERENCE
from bench.peers import PEERS, Peer, Session
from bench.table import Bar, Table, compared
from sxpy import to_python

ROOT = Path(__file__).resolve().parent.parent.parent

ANSWERS = {
    "fib": (10, 55),
    "tak": (3, 6),
    "queens": (6, 4),
    "ack": (2, 29),
    "loop": (100, 5050),
    "mutual": (7, 4),
    "lists": (5, 22),
    "strings": (12, 75),
    "dicts": (103, 4),
    "closures": (3, 9),
    "guards": (5, 17),
    "generators": (5, 10),
}
"""By hand: a size, and what a program answers. Lists: 1 and 9 and a one each, and 0 to 4. Strings: 14 digits
with 12 commas, then with 24 brackets and 11 commas. Dicts: the sixth word comes twice in 103, in each half.
Closures: 1 + 0 + 1, then (2 + 1 + 1) + (2 - 1), then (3 + 2 + 1) + (5 - 2). Guards: 0, 2, 4, 3, 8."""


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_every_program_answers_what_it_should(program: Program) -> None:
    size, answer = ANSWERS[program.stem]
    for peer in PEERS:
        path = peer.program(program.stem)
        if path is not None and not peer.missing():
            assert (peer.name, answered(peer, path, size)) == (peer.name, str(answer))


def answered(peer: Peer, path: Path, size: int) -> str:
    session = Session(peer, path)
    try:
        return session.run(size)[1]
    finally:
        session.close()


def test_the_command_prints_tables_writes_figures_and_draws(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench", "language", "--tiny", "--no-peers", "--rounds=1"]
    files = [f"--json={tmp_path / 'new.json'}", f"--svg={tmp_path / 'new.svg'}"]
    only = ["--only", "fib", "lists"]
    first = subprocess.run([*command, *files, *only], cwd=ROOT, check=True, capture_output=True, text=True)
    assert "| fib " in first.stdout and "geometric mean" in first.stdout
    assert (tmp_path / "new.svg").read_text(encoding="utf-8").startswith("<svg ")
    found = json.loads((tmp_path / "new.json").read_text(encoding="utf-8"))
    assert set(found["tables"][0]["rows"]) == {"fib", "lists", "geometric mean"}
    again = [*command, "--only", "fib", f"--compare={tmp_path / 'new.json'}", f"--svg={tmp_path / 'two.svg'}"]
    second = subprocess.run(again, cwd=ROOT, check=True, capture_output=True, text=True)
    assert "New figures over old ones" in second.stdout


def test_the_machine_and_the_store_are_measured(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench", "machine", "storage", "--tiny", "--rounds=1"]
    places = [f"--dir={tmp_path}", f"--json={tmp_path / 'new.json'}"]
    subprocess.run([*command, *places], cwd=ROOT, check=True, capture_output=True, text=True)
    tables = {
        t["title"]: t for t in json.loads((tmp_path / "new.json").read_text(encoding="utf-8"))["tables"]
    }
    assert set(tables["Growth"]["rows"]) == {"cons", "(append made x)", "assoc", "rest", REFERENCE}
    figures = [f for t in tables.values() for cells in t["rows"].values() for f in cells.values()]
    assert figures and all(f is None or f >= 0 for f in figures)
    bars = [bar["name"] for table in tables.values() for bar in table["bars"]]
    assert {"perform, answered at once by a host", "append-batch of 100 / raw"} <= set(bars)


def test_the_events_that_are_compared_are_the_same_events(tmp_path: Path) -> None:
    with stores.store(tmp_path / "s") as sx:
        sx.call("append-each", 1, 3)
        sx.call("append-batch", 4, 2)
        assert to_python(sx.call("read-all", "orders")) == [
            json.loads(stores.json_line(n)) for n in range(1, 6)
        ]
        assert sx.call("project", "orders") == 1 + 2 + 3 + 4 + 5
        journal = b"".join(path.read_bytes() for path in sorted((tmp_path / "s" / "journal").iterdir()))
        assert len(next(line for line in journal.split(b"\n") if b":seq 3 " in line)) + 1 == len(
            stores.record(3)
        )
    with stores.sqlite(tmp_path / "db") as write:
        write(2)
        rows = sqlite3.connect(tmp_path / "db").execute("SELECT seq, data FROM events").fetchall()
    assert [(seq, json.loads(text)) for seq, text in rows] == [(1, stores.data(1)), (2, stores.data(2))]
    with stores.event_sourced(tmp_path / "sourced.db") as sourced:
        if sourced is not None:
            sourced.write(2)
            sourced.write_together(2)
            assert sourced.replay() == 1 + 2 + 3 + 4


def test_the_documentation_shows_the_figures_that_are_kept() -> None:
    found = document.tables(json.loads(document.FIGURES.read_text(encoding="utf-8")))
    text = document.DOCUMENT.read_text(encoding="utf-8")
    assert document.written(text, found) == text, "run python -m bench.document"
    assert set(re.findall(r"<!-- table: (.+) -->", text)) == set(found)


def test_a_figure_is_compared_with_the_one_of_the_same_row_and_column() -> None:
    table = Table("T", "seconds", ["a", "b"], {"x": {"a": 3.0, "b": None}, "new": {"a": 1.0}})
    old = {"title": "T", "rows": {"x": {"a": 2.0, "b": 5.0}, "gone": {"a": 1.0}}}
    assert compared(table, old)[-1] == "| x |     1.50 |        – |"


@pytest.mark.parametrize(("sense", "kept"), [("<=", False), (">=", True)])
def test_a_bar_is_kept_or_missed(sense: str, kept: bool) -> None:
    assert Bar("speed", 3.0, sense, 2.0).kept is kept  # type: ignore[arg-type]
