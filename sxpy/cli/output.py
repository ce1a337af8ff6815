"""Standard output, as programs and commands write to it.

Owns two promises: no character is a reason to fail (what the encoding lacks is written with backslashes), and
a reader that goes away ends the program quietly.
"""

from __future__ import annotations

import io
import os
import sys
from typing import TextIO

from sxpy.cli.process import ProgramExit
from sxpy.errors import SxError


class OutputError(SxError):
    """Standard output cannot be written: a full disk, a closed stream. No program can catch it."""


def prepare_streams() -> None:
    """Make standard output and error write characters that their encoding lacks with backslashes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


class Console:
    """What programs write to: a text stream, and whether the next character begins a line.

    Every method raises ProgramExit(1) when the reader of the stream has gone away, and OutputError when
    writing fails otherwise; from then on every method raises the same again.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._line_begins = True
        self._lost: SxError | None = None

    def write(self, text: str) -> None:
        """Write `text`."""
        if self._stream is None:
            raise self._lost or OutputError("cannot write to standard output: it is closed")
        try:
            self._stream.write(text)
        except OSError as error:
            raise self._lose(self._stream, error) from error
        if text:
            self._line_begins = text[-1] == "\n"

    def line(self, text: str) -> None:
        """Write `text` on a line of its own."""
        self.prompt(f"{text}\n")

    def prompt(self, text: str) -> None:
        """Write `text` at the beginning of a line."""
        self.write(text if self._line_begins else f"\n{text}")

    def make_way(self, *, echoed: bool = False) -> None:
        """Flush; on a terminal, leave the cursor at the beginning of a line for who else writes there.

        `echoed`: the terminal has shown a key, such as ^C, after the output.
        """
        on_terminal = self._stream is not None and self._stream.isatty()
        if on_terminal and (echoed or not self._line_begins):
            self.write("\n")
        self.flush()

    def flush(self) -> None:
        """Hand everything written so far to the system."""
        if self._lost is not None:
            raise self._lost
        if self._stream is None:
            return
        try:
            self._stream.flush()
        except OSError as error:
            raise self._lose(self._stream, error) from error

    def _lose(self, stream: TextIO, error: OSError) -> SxError:
        discard(stream)
        self._stream = None
        if isinstance(error, BrokenPipeError):
            self._lost = ProgramExit(1)
        else:
            self._lost = OutputError(f"cannot write to standard output: {error.strerror}")
        return self._lost


def discard(stream: TextIO) -> None:
    """Lead the stream to nowhere: what is still in its buffer must not fail once more when Python ends."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, stream.fileno())
    os.close(sink)
