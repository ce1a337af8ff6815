"""How errors and warnings are shown: the one place that turns them into text for people.

    demo.sx:3:12: error: -: Expected number, got string
      (- total "x")
         ^
      with "x"
      in subtotal, demo.sx:3:9
      in invoice, demo.sx:9:3

Owns the form of a report, not where it goes: `sxpy/cli/session.py` writes it to standard error.
"""

from __future__ import annotations

import traceback as python_traceback
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import click

from sxpy.errors import (
    TOP_LEVEL,
    EvalError,
    Frame,
    InternalError,
    LimitError,
    Place,
    ProgramInterrupted,
    ReadError,
    SxError,
)
from sxpy.printer import inspect, show

SHORT_TRACE = 8
"""Lines of backtrace in a short report."""

IRRITANT_WIDTH = 200
"""Characters of an irritant that are shown."""


def format_error(error: BaseException, traceback: str = "short") -> str:
    """The report of an error, styled for a terminal, without a newline at its end.

    `traceback` is "full" (every call that is known, and Python's own traceback of a bug), "short" or "none".
    """
    return "\n".join(_lines(error, traceback))


def format_warning(message: str, file: str, line: int) -> str:
    """The report of a warning, styled for a terminal, without a newline at its end."""
    return f"{file}:{line}: " + click.style("warning: ", fg="yellow", bold=True) + message


def _lines(error: BaseException, traceback: str) -> Iterator[str]:
    if isinstance(error, (KeyboardInterrupt, ProgramInterrupted)):
        yield _styled("interrupted")
    elif isinstance(error, MemoryError):
        yield _styled("stopped: ") + "out of memory"
    elif isinstance(error, SxError) and not isinstance(error, InternalError):
        yield from _program_error(error, traceback)
    else:
        yield from _internal_error(error, traceback)


def _program_error(error: SxError, traceback: str) -> Iterator[str]:
    where = f"{error.place}: " if error.place is not None else ""
    yield where + _styled(f"{_kind(error)}: ") + error.message
    yield from _excerpt(error.place)
    if isinstance(error, ReadError):
        if error.expected:
            yield f"  expected {' or '.join(error.expected)}"
        if error.opened is not None and error.opened != error.place:
            yield f"  opened here, {error.opened}:"
            yield from _excerpt(error.opened)
    if isinstance(error, EvalError):
        yield from _irritants(error)
    yield from _trace(error, traceback)


def _internal_error(error: BaseException, traceback: str) -> Iterator[str]:
    what = error.message if isinstance(error, InternalError) else f"{type(error).__name__}: {error}"
    advice = "" if traceback == "full" else " (--traceback=full shows more)"
    yield _styled("internal error: ") + f"{what} — this is a bug of sxpy, please report it{advice}"
    if traceback == "full":
        yield "".join(python_traceback.format_exception(error)).rstrip("\n")


def _kind(error: SxError) -> str:
    if isinstance(error, ReadError):
        return "read error"
    return "stopped" if isinstance(error, LimitError) else "error"


def _styled(label: str) -> str:
    return click.style(label, fg="red", bold=True)


def _excerpt(place: Place | None) -> Iterator[str]:
    if place is None or place.text is None:
        return
    line, caret = place.caret().split("\n")
    yield f"  {line}"
    yield "  " + click.style(caret, fg="red", bold=True)


def _irritants(error: EvalError) -> Iterator[str]:
    for irritant in error.irritants:
        text = inspect(irritant)
        if error.message.endswith((text, show(irritant) or text)):
            continue  # the message has said it
        yield f"  with {text if len(text) <= IRRITANT_WIDTH else text[: IRRITANT_WIDTH - 1] + '…'}"


def _trace(error: SxError, traceback: str) -> Iterator[str]:
    if traceback == "none":
        return
    lines = list(_calls(error.backtrace))
    if (
        len(lines) == 1
        and error.backtrace[0].place == error.place
        and error.backtrace[0].function == TOP_LEVEL
    ):
        return  # the first line has said it
    shown = lines if traceback == "full" else lines[:SHORT_TRACE]
    yield from shown
    if len(shown) < len(lines):
        yield f"  … {len(lines) - len(shown)} more (--traceback=full shows them)"


def _calls(frames: Sequence[Frame]) -> Iterator[str]:
    """A line for each call; a call that repeats, as in recursion, gets one line."""
    for (function, place), repeated in groupby(frames, key=_call):
        times = sum(1 for _ in repeated)
        where = f", {place}" if place else ""
        yield f"  in {function}{where}{f' ({times} times)' if times > 1 else ''}"


def _call(frame: Frame) -> tuple[Any, ...]:
    return frame.function, str(frame.place) if frame.place is not None else ""
