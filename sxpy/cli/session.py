"""A program in a process: its interpreter, its output, its signals, its errors, its end.

Owns how Ctrl-C works: the first stops the program at the next safe point, so that the interpreter stays
whole; the second stops Python where it stands. Next: `sxpy/cli/report.py`.
"""

from __future__ import annotations

import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TextIO

from sxpy import Interpreter, SxError
from sxpy.cli.output import Console, OutputError
from sxpy.cli.process import ProgramExit, offer_process
from sxpy.cli.settings import Settings
from sxpy.errors import ProgramInterrupted, SxWarning
from sxpy.jobs.door import with_jobs
from sxpy.stores import store_host

INTERRUPTED = 130
"""The exit status of a program that Ctrl-C stopped: 128 and the number of the signal, as shells have it."""


class Session:
    """An interpreter with the settings of the command line.

    `command_line` is what `(command-line)` answers; `search_path` are directories for `load`.
    """

    def __init__(
        self, settings: Settings, command_line: Sequence[str], *, search_path: Sequence[str] = ()
    ) -> None:
        self.console = Console(sys.stdout)
        self._settings = settings
        self._command_line = command_line
        self._search_path = search_path
        self._host = with_jobs(store_host(settings.store))
        self.interpreter = self.renew()

    def renew(self) -> Interpreter:
        """A new interpreter in the place of the present one; the store stays as it is."""
        self.interpreter = Interpreter(
            host=self._host,
            output=self.console,
            limits=self._settings.limits,
            strict=self._settings.strict,
            search_path=self._search_path,
        )
        offer_process(self.interpreter, self._command_line)
        return self.interpreter

    def run(self, work: Callable[[], None]) -> int:
        """Do `work`, close the store; the exit status. Errors are reported on standard error."""
        try:
            try:
                error = self.attempt(work)
            finally:
                self.console.flush()
        except OutputError as lost:
            self.report(lost)
            code = 1
        except ProgramExit as leaving:
            code = leaving.code
        else:
            code = exit_status(error)
        return max(code, self._close())

    def attempt(self, work: Callable[[], None]) -> BaseException | None:
        """Do `work`; report the error that ended it, if one did, and return it.

        Raises ProgramExit and OutputError, after which there is nothing more to do.
        """
        try:
            with interruptible(self._interrupt), warnings.catch_warnings():
                warnings.simplefilter("always", SxWarning)
                warnings.showwarning = self._warn
                work()
            self.console.flush()
        except (ProgramExit, OutputError):
            raise
        except (KeyboardInterrupt, Exception) as error:
            self.report(error)
            return error
        return None

    def _interrupt(self) -> bool:
        return self.interpreter.interrupt()

    def report(self, error: BaseException) -> None:
        """Write the report of an error to standard error, after all that was written to standard output."""
        from sxpy.cli.report import format_error  # noqa: PLC0415  only for errors

        text = format_error(error, self._settings.traceback, self.interpreter.similar_names)
        self._complain(text, echoed=exit_status(error) == INTERRUPTED)

    def _warn(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        """Stands in for `warnings.showwarning`."""
        from sxpy.cli.report import format_warning  # noqa: PLC0415  only for warnings

        self._complain(format_warning(str(message), filename, lineno))

    def _complain(self, text: str, *, echoed: bool = False) -> None:
        with suppress(SxError):  # when the output is lost too, the next write will say so
            self.console.make_way(echoed=echoed)
        if sys.stderr is None:
            return
        import click  # noqa: PLC0415  only for errors and warnings

        sys.stderr.write(f"{text if in_colour(sys.stderr) else click.unstyle(text)}\n")
        sys.stderr.flush()

    def _close(self) -> int:
        try:
            if self._host is not None:
                self._host.close()
        except Exception as error:
            self.report(error)
            return exit_status(error)
        return 0


def in_colour(stream: TextIO | None) -> bool:
    """Whether what is written to a stream should be in colour: on a terminal, unless `$NO_COLOR` is set."""
    return stream is not None and stream.isatty() and not os.environ.get("NO_COLOR")


def exit_status(error: BaseException | None) -> int:
    """The exit status of a program that `error` ended."""
    if error is None:
        return 0
    return INTERRUPTED if isinstance(error, (KeyboardInterrupt, ProgramInterrupted)) else 1


@contextmanager
def interruptible(interrupt: Callable[[], bool]) -> Iterator[None]:
    """Within: Ctrl-C stops the program that runs, a second one raises KeyboardInterrupt at once.

    `interrupt` stops it, or says that there is none. Not where the signal is ignored, as in a job that a
    shell started in the background, and not outside of the main thread, which alone may say what a signal
    does.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        yield
        return
    asked = False

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked or not interrupt():
            raise KeyboardInterrupt
        asked = True

    try:
        before = signal.signal(signal.SIGINT, on_interrupt)
    except ValueError:  # this is not the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
