"""A program in a process: its interpreter, its output, its signals, its errors, its end.

Owns how Ctrl-C works: the first stops the program at the next safe point, so that the interpreter stays
whole; the second stops Python where it stands. Next: `sxpy/cli/report.py`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import click

from sxpy import Interpreter, SxError
from sxpy.cli.hosts import store_host
from sxpy.cli.options import Settings
from sxpy.cli.output import Console
from sxpy.cli.process import ProgramExit, offer_process
from sxpy.cli.report import format_error
from sxpy.errors import ProgramInterrupted

INTERRUPTED = 130
"""The exit status of a program that Ctrl-C stopped: 128 and the number of the signal, as shells have it."""


class Session:
    """An interpreter with the settings of the command line.

    `command_line` is what `(command-line)` answers; `search_path` are directories for `load`.
    """

    def __init__(
        self, settings: Settings, command_line: Sequence[str], *, search_path: Sequence[Path] = ()
    ) -> None:
        self.console = Console(sys.stdout)
        self._traceback = settings.traceback
        self._host = store_host(settings.store)
        self.interpreter = Interpreter(
            host=self._host,
            output=self.console,
            limits=settings.limits,
            strict=settings.strict,
            search_path=search_path,
        )
        offer_process(self.interpreter, command_line)

    def run(self, work: Callable[[], None]) -> int:
        """Do `work`, close the store; the exit status. Errors are reported on standard error."""
        try:
            error = self.attempt(work)
        except ProgramExit as leaving:
            code = leaving.code
        else:
            code = exit_status(error)
        return max(code, self._close())

    def attempt(self, work: Callable[[], None]) -> BaseException | None:
        """Do `work`; report the error that ended it, if one did, and return it. Raises ProgramExit."""
        try:
            with interruptible(self.interpreter):
                work()
                self.console.flush()
        except ProgramExit:
            self.console.flush()
            raise
        except (KeyboardInterrupt, Exception) as error:
            self.report(error)
            return error
        return None

    def report(self, error: BaseException) -> None:
        """Write the report of an error to standard error, after all that was written to standard output."""
        with suppress(SxError):  # when standard output fails too, this error is the one that counts
            self.console.flush()
        text = format_error(error, self._traceback)
        click.echo(text, err=True, color=False if os.environ.get("NO_COLOR") else None)

    def _close(self) -> int:
        if self._host is None:
            return 0
        return exit_status(self.attempt(self._host.close))


def exit_status(error: BaseException | None) -> int:
    """The exit status of a program that `error` ended."""
    if error is None:
        return 0
    return INTERRUPTED if isinstance(error, (KeyboardInterrupt, ProgramInterrupted)) else 1


@contextmanager
def interruptible(interpreter: Interpreter) -> Iterator[None]:
    """Within: Ctrl-C stops the program that runs, a second one raises KeyboardInterrupt at once."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may say what a signal does
        return
    asked = False

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked or not interpreter.interrupt():
            raise KeyboardInterrupt
        asked = True

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
