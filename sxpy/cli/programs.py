"""What `sx eval` and `sx run` do, once it is known with which settings."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sxpy.cli.session import Session
from sxpy.cli.settings import Settings
from sxpy.printer import inspect

if TYPE_CHECKING:
    from sxpy.profiler import Profile


def evaluate(expr: str, settings: Settings) -> int:
    """Print the value of the last form of `expr`; the exit status."""
    session = Session(settings, ["sx"])
    return session.run(lambda: _evaluate(session, expr))


def _evaluate(session: Session, expr: str) -> None:
    session.console.line(inspect(session.interpreter.eval(expr, "<eval>", keep=True)))


def run_program(file: str, args: Sequence[str], settings: Settings, profile: str | None = None) -> int:
    """Run the program in `file`, `-` for standard input, with these arguments; the exit status.

    With `profile` a profile of the run is written to standard error, and its flame graph to the file of this
    name if it is not empty.
    """
    search_path = [] if file == "-" else [os.path.dirname(file)]
    session = Session(settings, [file, *args], search_path=search_path)
    work = (lambda: _run_stdin(session)) if file == "-" else (lambda: _run_file(session, file))
    if profile is None:
        return session.run(work)
    from sxpy.profiler import Profile  # noqa: PLC0415  see `sxpy/lazy.py`

    watched = Profile()
    session.interpreter.observe(watched)
    code = session.run(work)
    return max(code, _show(watched, file, profile))


def _show(watched: Profile, program: str, graph: str) -> int:
    """Show a profile; the exit status."""
    from sxpy.profiler import flame_graph, text_report  # noqa: PLC0415

    print(text_report(watched), file=sys.stderr)
    if not graph:
        return 0
    try:
        with open(graph, "w", encoding="utf-8") as file:
            file.write(flame_graph(watched, program))
    except OSError as error:
        print(f"error: cannot write {graph}: {error.strerror}", file=sys.stderr)
        return 1
    print(f"flame graph: {graph}", file=sys.stderr)
    return 0


def _run_file(session: Session, file: str) -> None:
    session.interpreter.eval_file(file)


def _run_stdin(session: Session) -> None:
    from sxpy.reader.files import decode_source  # noqa: PLC0415  see `sxpy/lazy.py`

    source = decode_source(sys.stdin.buffer.read(), "<stdin>")
    session.interpreter.eval(source.text, source.file)
