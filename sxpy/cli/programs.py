"""What `sx eval` and `sx run` do, once it is known with which settings."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from sxpy.cli.session import Session
from sxpy.cli.settings import Settings
from sxpy.printer import inspect


def evaluate(expr: str, settings: Settings) -> int:
    """Print the value of the last form of `expr`; the exit status."""
    session = Session(settings, ["sx"])
    return session.run(lambda: _evaluate(session, expr))


def _evaluate(session: Session, expr: str) -> None:
    session.console.line(inspect(session.interpreter.eval(expr, "<eval>", keep=True)))


def run_program(file: str, args: Sequence[str], settings: Settings) -> int:
    """Run the program in `file`, `-` for standard input, with these arguments; the exit status."""
    if file == "-":
        session = Session(settings, [file, *args])
        return session.run(lambda: _run_stdin(session))
    session = Session(settings, [file, *args], search_path=[os.path.dirname(file)])
    return session.run(lambda: _run_file(session, file))


def _run_file(session: Session, file: str) -> None:
    session.interpreter.eval_file(file)


def _run_stdin(session: Session) -> None:
    from sxpy.reader.files import decode_source  # noqa: PLC0415  see `sxpy/lazy.py`

    source = decode_source(sys.stdin.buffer.read(), "<stdin>")
    session.interpreter.eval(source.text, source.file)
