"""`sx eval EXPR` and `sx run FILE` without options, which never see the command line library."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sxpy.cli.entry import is_plain

START = "import sys; from sxpy.cli.entry import main; sys.argv[0] = 'sx'; main()"
"""What the installed script does."""

COMMAND_LINE = "import sys; from sxpy.cli.main import main; sys.argv[0] = 'sx'; main()"
"""The same by way of the command line library."""


def _run(start: str, words: list[str], directory: Path) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-c", start, *words], capture_output=True, text=True, cwd=directory, check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["eval", '(list 1 "two" :three)'],
        ["eval", "(+ 1 (list))"],
        ["eval", "(exit 7)"],
        ["eval", "(oops"],
        ["eval", ""],
        ["run", "program.sx", "--strict", "-x", "é"],
        ["run", "missing.sx"],
    ],
    ids=" ".join,
)
def test_the_short_way_does_the_same(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "program.sx").write_text('(display (command-line)) (load "other.sx") (error "late" 5)\n')
    (tmp_path / "other.sx").write_text('(display "other")\n')
    assert _run(START, words, tmp_path) == _run(COMMAND_LINE, words, tmp_path)


def test_which_words_are_plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("_SX_COMPLETE", raising=False)
    program = tmp_path / "program.sx"
    program.touch()
    assert is_plain(["eval", "(+ 1 2)"])
    assert is_plain(["run", os.fspath(program), "--help"])  # the program's own argument
    for words in (
        [],
        ["eval"],
        ["eval", "-5"],
        ["eval", "1", "2"],
        ["eval", "--help"],
        ["run", "-"],
        ["run", os.fspath(tmp_path)],
        ["run", "--strict", os.fspath(program)],
        ["repl", "x"],
    ):
        assert not is_plain(words)
    monkeypatch.setenv("_SX_COMPLETE", "bash_source")
    assert not is_plain(["eval", "(+ 1 2)"])
