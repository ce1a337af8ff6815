"""`sx jobs work`: run the jobs of a store."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

import click

from sxpy import Limits
from sxpy.cli.jobs.options import Answer, Duration, jobs_command
from sxpy.cli.options import limit_options
from sxpy.jobs import LEASE, Jobs, Worker
from sxpy.jobs.worker import FOREVER, IDLE, ONCE

INTERRUPTED = 130


@jobs_command(
    "work",
    "Run the jobs that can go on, and those that will. Any number of workers may share a store. Ctrl-C or "
    "SIGTERM lets each job go at its next commit; a second one ends the worker at once, which costs nothing "
    "but the step that was being made.",
)
@click.option(
    "--n",
    "-n",
    "threads",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    metavar="N",
    help="Run up to N jobs at a time.",
)
@click.option("--once", is_flag=True, help="End when there is no job left to take.")
@click.option("--until-idle", is_flag=True, help="End when no job can go on, whoever has it.")
@click.option(
    "--lease",
    type=Duration(),
    default=LEASE,
    show_default=True,
    metavar="TIME",
    help="Others take a job when nothing is heard of its worker for TIME.",
)
@click.option(
    "--handlers",
    metavar="MODULE:NAME",
    help="A dict of Python functions by the operations they answer, or a function that makes one.",
)
@click.option("--quiet", "-q", is_flag=True, help="Say nothing of what is done.")
@limit_options
def work(
    jobs: Jobs,
    answer: Answer,
    threads: int,
    once: bool,
    until_idle: bool,
    lease: float,
    handlers: str | None,
    quiet: bool,
    limits: Limits,
) -> int:
    if once and until_idle:
        raise click.UsageError("--once and --until-idle exclude each other.")

    def tell(text: str) -> None:
        if not quiet:
            answer.value({"worker": worker.name, "says": text}, text)
            sys.stdout.flush()

    worker = jobs.worker(
        handlers=_handlers(handlers),
        threads=threads,
        lease=lease,
        limits=limits,
        output=sys.stderr,
        tell=tell,
    )
    ending = _Ending(worker)
    before = [(number, signal.signal(number, ending.handle)) for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        worker.run(ONCE if once else IDLE if until_idle else FOREVER)
    finally:
        for number, handler in before:
            signal.signal(number, handler)
    return INTERRUPTED if ending.signal == signal.SIGINT else 0


class _Ending:
    """What a signal does: the first ends the worker in order, the second at once."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self.signal: int | None = None

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Take a signal."""
        if self.signal is not None:
            raise SystemExit(128 + number)
        self.signal = number
        self._worker.stop()


def _handlers(named: str | None) -> Mapping[str, Any]:
    """The handlers that MODULE:NAME means; the module is also looked for in the working directory."""
    if named is None:
        return {}
    module, _, attribute = named.partition(":")
    if not (module and attribute):
        raise click.UsageError(f"--handlers {named!r} is not MODULE:NAME.")
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        found = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise click.UsageError(f"--handlers {named}: {error}") from error
    finally:
        sys.path.remove(here)
    made = found if isinstance(found, Mapping) else found()
    if not isinstance(made, Mapping) or not all(callable(handler) for handler in made.values()):
        raise click.UsageError(f"--handlers {named} is no dict of functions.")
    return made
