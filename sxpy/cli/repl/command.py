"""`sx repl`: the REPL on a terminal or on a pipe."""

from __future__ import annotations

import shutil
import sys
from typing import Any

import click

from sxpy.cli.options import program_options
from sxpy.cli.repl.pipe import read_pipe
from sxpy.cli.repl.repl import Repl
from sxpy.cli.session import Session
from sxpy.cli.settings import Settings
from sxpy.printer import inspect, pretty


@click.command()
@program_options
@click.pass_context
def repl(ctx: click.Context, settings: Settings) -> None:
    """Read forms, evaluate them, print their values; `:help` there says more.

    On a terminal: a line editor, with history, completion, colours, and input that waits for the closing
    bracket. On a pipe: no prompts; values on standard output, errors on standard error. An error never ends
    the REPL; the exit status is 0 unless (exit N) says otherwise.
    """
    session = Session(settings, ["sx"])
    if sys.stdin.isatty() and sys.stdout.isatty():
        from sxpy.cli.repl.terminal import read_terminal  # noqa: PLC0415  a pipe needs no line editor

        talk = Repl(session, show=_to_width)
        ctx.exit(session.run(lambda: read_terminal(talk)))
    talk = Repl(session, show=inspect, file="<stdin>")
    ctx.exit(session.run(lambda: read_pipe(talk, sys.stdin.buffer)))


def _to_width(value: Any) -> str:
    return pretty(value, shutil.get_terminal_size().columns)
