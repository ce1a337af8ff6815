"""The command group: help, version, wrong usage, and what is imported for what."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from command_line import sx

from sxpy import __version__
from sxpy.cli.main import COMMANDS


def test_version() -> None:
    result = sx("--version")
    assert (result.exit_code, result.output) == (0, f"sx {__version__}\n")


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_names_every_command(option: str) -> None:
    result = sx(option)
    assert result.exit_code == 0
    for name in ("run", "eval", "repl", "test", "serve"):
        assert f"\n  {name} " in result.output


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    result = sx(command, "--help")
    assert result.exit_code == 0
    assert result.output.startswith(f"Usage: sx {command}")


@pytest.mark.parametrize(
    ("args", "advice"),
    [
        (["evla"], "Did you mean 'eval'?"),
        (["(+ 1 2)"], "sx eval EXPR"),
        (["prog.sx"], "sx run prog.sx"),
        ([], "Missing command"),
        (["--nope"], "No such option"),
        (["eval"], "Missing argument 'EXPR'"),
        (["eval", "1", "2"], "unexpected extra argument"),
        (["eval", "--max-steps", "0", "1"], "--max-steps"),
        (["eval", "--max-memory", "1Q", "1"], "'1Q' is no size"),
        (["eval", "--max-memory", "0", "1"], "'0' is no size"),
        (["eval", "--traceback", "loud", "1"], "--traceback"),
        (["eval", "--store", "d", "--no-store", "1"], "exclude each other"),
        (["run"], "Missing argument 'FILE'"),
        (["run", "missing.sx"], "'missing.sx' does not exist"),
        (["run", "."], "is a directory"),
    ],
)
def test_wrong_usage_exits_2_and_says_what_to_do(args: list[str], advice: str) -> None:
    Path("prog.sx").write_text("1")
    result = sx(*args)
    assert result.exit_code == 2
    assert advice in result.stderr
    assert result.stdout == ""


def imported_by(*args: str) -> set[str]:
    """The modules that are there after `sx ARGS`."""
    program = (
        "import sys\n"
        "from sxpy.cli.main import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "print('\\n'.join(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *args], input="", capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_a_command_imports_only_what_it_needs() -> None:
    heavy = {"prompt_toolkit", "pytest", "sxpy_hosts", "sxpy.testing", "sxpy.server", "asyncio"}
    assert heavy & imported_by("eval", "(+ 1 2)") == set()
    assert heavy & imported_by("repl") == set()
    assert (heavy | {"lark"}) & imported_by("--help") == set()
