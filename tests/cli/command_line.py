"""Running `sx` from tests: in this process, or as a child when signals, pipes or imports matter."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from click.testing import CliRunner, Result

from sxpy.cli.main import main

MAIN = """
import signal
from sxpy.cli.main import main
signal.signal(signal.SIGINT, signal.default_int_handler)
main(prog_name="sx")
"""
"""`sx` that can be interrupted even when the tests run in the background, which ignores the signal."""


def sx(*args: str, input: str | bytes | None = None) -> Result:
    """The result of `sx ARGS` in this process, with `input` on standard input."""
    return CliRunner().invoke(main, args, input=input, prog_name="sx")


def child(*args: str, **options: Any) -> subprocess.Popen[bytes]:
    """`sx ARGS` as a child whose streams are pipes unless `options` say otherwise."""
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-c", MAIN, *args], **{**streams, **options})
