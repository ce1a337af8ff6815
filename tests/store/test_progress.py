"""Long work of an operator shows how far it is: on a terminal, on standard error, and not with `--json`."""

from __future__ import annotations

import io
import os
import pty
import re
import shutil
import subprocess
import sys
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from test_erase import fill

from sxpy.cli.main import main
from sxpy_hosts.disk import open_host
from sxpy_hosts.progress import TOLD, Meter, counted
from sxpy_hosts.verify import verify

WORK = {
    "verify": (["verify"], ["checking"]),
    "backup": (["backup", "copy"], ["copying", "checking"]),
    "restore": (["restore", "root", "copy"], ["copying", "checking"]),
    "export": (["export", "-o", "all.sx"], ["writing"]),
    "import": (["import", "other.sx"], ["reading", "comparing", "writing"]),
    "compact": (["compact"], ["looking", "writing"]),
    "gc": (["gc"], ["looking for mentions"]),
    "gc --remove": (["gc", "--remove", "--min-age", "0"], ["looking for mentions", "writing"]),
    "erase": (["erase", "--yes", "orders", "3"], ["reading keys", "looking for mentions", "writing"]),
    "repair": (
        ["repair", "--give-up"],
        ["checking", "reading", "setting aside", "writing", "checking"],
    ),
}
"""Each long command: its arguments, and the phases that its bars name."""


class Terminal(io.StringIO):
    """Standard error as a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with something in it to do for each command, and an export of another one."""
    place = tmp_path_factory.mktemp("filled")
    for name, pad in (("other", 400), ("root", 600)):
        with closing(open_host(place / name)) as host:
            fill(host, pad=pad)
            host.answer("blob/put", ["nothing mentions this", None])
    args = ["store", "export", "--store", str(place / "other"), "-o", str(place / "other.sx")]
    assert main(args, prog_name="sx", standalone_mode=False) == 0
    return place


@pytest.fixture
def root(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(filled, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SX_PERSIST_DIR", "root")
    return tmp_path / "root"


def run(monkeypatch: pytest.MonkeyPatch, args: list[str], error: io.StringIO) -> Any:
    monkeypatch.setattr(sys, "stderr", error)
    return main(["store", *args], prog_name="sx", standalone_mode=False)


def prepare(command: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if command == "import":
        monkeypatch.setenv("SX_PERSIST_DIR", "new")
    elif command == "repair":
        (bucket,) = root.glob("keys/*")
        data = bytearray(bucket.read_bytes())
        data[len(data) // 2] ^= 1
        bucket.write_bytes(data)


@pytest.mark.parametrize("command", WORK)
def test_a_terminal_sees_each_phase_from_its_beginning_to_its_end(
    command: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(command, root, monkeypatch)
    args, phases = WORK[command]
    terminal = Terminal()
    assert run(monkeypatch, args, terminal) == 0
    assert terminal.getvalue().endswith(("\n", "\x1b[?25h")), "the cursor is on a new line, and can be seen"
    drawn = re.sub(r"\x1b\[[?0-9]*[a-zA-Z]", "", terminal.getvalue())
    bars = re.findall(r"([a-z ]+?)  \[[#-]*\] +(\d+)%", drawn)
    named = [name for name, percent in bars if percent == "0"]
    ended = [name for name, percent in bars if percent == "100"]
    assert [name for name, _ in groupby(named)] == phases
    assert [name for name, _ in groupby(ended)] == phases


@pytest.mark.parametrize("command", WORK)
def test_nothing_is_drawn_with_json_nor_where_there_is_no_terminal(
    command: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(command, root, monkeypatch)
    args, _ = WORK[command]
    with_json, no_terminal = Terminal(), io.StringIO()
    assert run(monkeypatch, [*args, "--json"], with_json) == 0
    assert with_json.getvalue() == ""
    for made in ("copy", "all.sx"):
        if Path(made).exists():
            Path(made).rename(f"{made}.before")
    assert run(monkeypatch, args, no_terminal) == 0
    assert no_terminal.getvalue() == ""
    assert verify(root).problems == []


def test_the_bars_of_a_real_terminal_leave_the_answer_alone(root: Path) -> None:
    mine, theirs = pty.openpty()
    command = [sys.executable, "-m", "sxpy.cli", "store", "verify"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, check=True, text=True)
    os.close(theirs)
    shown = os.read(mine, 1 << 16).decode()
    os.close(mine)
    assert "checking" in shown
    assert "100%" in shown
    assert re.fullmatch(r"\d+ streams, \d+ events, \d+ keys, \d+ blobs: all is well\n", done.stdout)


def test_a_meter_tells_the_beginning_the_end_and_not_every_step() -> None:
    told: list[tuple[str, int, int]] = []
    list(counted(range(10_000), 10_000, lambda *one: told.append(one), "work"))
    assert told[0] == ("work", 0, 10_000)
    assert told[-1] == ("work", 10_000, 10_000)
    assert TOLD / 2 < len(told) <= TOLD + 3
    assert told == sorted(told)


def test_a_meter_whose_total_was_a_guess_never_tells_more_than_all() -> None:
    told: list[tuple[str, int, int]] = []
    meter = Meter(lambda *one: told.append(one), "work", 3)
    for _ in range(10):
        meter.add()
    meter.end()
    assert max(done for _, done, _ in told) == 3
