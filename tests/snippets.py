"""The code in the project's Markdown, and how each kind of it is run.

A fenced block says what it is: `sx`, `python` and `console` blocks are run, others are not. In an `sx`
block a comment `; => VALUE` tells the value of the form before it, `; error: TEXT` a part of the message of
its error, and `; prints TEXT` what it prints; with a `deftest` or an `; expect` in it, it is a test file. In
a `python` block a comment behind a line tells what that line prints. In a `console` block `$ ` begins a
command, with its here-document if it has one, and the lines below it are what it prints, output and errors
alike; of those that begin with the debugger's prompt, the rest is what is typed there.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sxpy import EvalError, Interpreter
from sxpy.data import equal
from sxpy.printer import inspect
from sxpy.reader import read_datum
from sxpy.testing.runner import Options, run_file

ROOT = Path(__file__).resolve().parent.parent

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TYPED = re.compile(r"^\(sx\) (.*)$", re.MULTILINE)
_MARK = re.compile(r";\s*(=>|error:|prints)\s+(.*)$")


@dataclass(frozen=True)
class Snippet:
    """A fenced block of a file: its language, its text, and the number of its first line."""

    file: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.file.name}:{self.line}"


def snippets(file: Path, language: str) -> list[Snippet]:
    """The blocks of a language in a file."""
    text = file.read_text(encoding="utf-8")
    return [
        Snippet(file, text.count("\n", 0, match.start(2)) + 1, match.group(1), match.group(2))
        for match in _FENCE.finditer(text)
        if match.group(1) == language
    ]


def run_sx(snippet: Snippet, interpreter: Interpreter) -> None:
    """Run a block; what its comments tell must be so."""
    printed = io.StringIO()
    interpreter.runtime.output = printed
    for line, code, mark, expected in _pieces(snippet):
        where = f"{snippet.file.name}:{line}"
        if mark == "error:":
            with pytest.raises(EvalError) as raised:
                interpreter.eval(code, str(snippet))
            assert expected in raised.value.message, where
        else:
            value = interpreter.eval(code, str(snippet))
            if mark == "=>":
                assert equal(value, read_datum(expected)), f"{where}: {inspect(value)}, not {expected}"
            elif mark == "prints":
                assert printed.getvalue().strip("\n") == expected, where
        printed.seek(0)
        printed.truncate()


def run_tests(snippet: Snippet, directory: Path) -> None:
    """Run a block as a test file in `directory`; every test must pass."""
    file = directory / "test-snippet.sx"
    file.write_text(snippet.text, encoding="utf-8")
    results = run_file(file, Options())
    assert results
    assert [result for result in results if not result.passed] == []


def _pieces(snippet: Snippet) -> Iterator[tuple[int, str, str, str]]:
    """The code up to each mark, with its line number, the mark, and what it tells."""
    code = ""
    for number, line in enumerate(snippet.text.splitlines(), snippet.line):
        mark = _MARK.search(line)
        code += (line[: mark.start()] if mark else line) + "\n"
        if mark:
            yield number, code, mark.group(1), mark.group(2).strip()
            code = ""
    if code.strip():
        yield snippet.line, code, "", ""


def run_python(snippet: Snippet, directory: Path) -> None:
    """Run a block in `directory`; what it prints must be what its comments tell."""
    expected = [line.partition("  # ")[2] for line in snippet.text.splitlines() if "  # " in line]
    printed = io.StringIO()
    names: dict[str, Any] = {"__name__": "snippet"}
    before = Path.cwd()
    os.chdir(directory)
    try:
        with redirect_stdout(printed):
            exec(compile(snippet.text, str(snippet), "exec"), names)
    finally:
        os.chdir(before)
    assert printed.getvalue().splitlines() == expected


def run_console(snippet: Snippet, directory: Path) -> None:
    """Run the commands of a block in `directory`; each must print the lines that stand below it."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SX_")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command, expected = "", ""
    lines = iter([*snippet.text.splitlines(), "$ "])
    for line in lines:
        if not line.startswith("$ "):
            expected += line + "\n"
            continue
        if command:
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=directory,
                env=environment,
                input="".join(f"{typed}\n" for typed in _TYPED.findall(expected)),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                timeout=60,
            )
            assert done.stdout == expected, f"{snippet}: {command}"
        command, expected = line[2:], ""
        if command.endswith("<<'END'"):
            command += "\n" + "".join(f"{part}\n" for part in iter(lines.__next__, "END")) + "END"
