"""How errors and warnings are shown: the one place that turns them into text for people.

    demo.sx:3:12: error: -: Expected number, got string
      (- total "x")
         ^
      with "x"
      in subtotal, demo.sx:3:9
      … tail calls elided
      in invoice, demo.sx:9:3
      while handling: demo.sx:2:1: error: …

Owns the form of a report, not where it goes: `sxpy/cli/session.py` writes it to standard error.
"""

from __future__ import annotations

import traceback as python_traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import click

from sxpy.data import Condition
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
from sxpy.machine.conditions import error_for
from sxpy.printer import inspect, show

INNERMOST, OUTERMOST = 6, 2
"""Lines of backtrace in a short report: of what led to the error, and of where it all began."""

MOST_CAUSES = 8
"""How many causes, one of the other, are told."""

WIDTH = 200
"""Characters of a value that are shown."""

Advice = Callable[[EvalError], Sequence[str]]
"""Names that may have been meant where an unbound one was used."""


def format_error(error: BaseException, traceback: str = "short", advice: Advice = lambda error: ()) -> str:
    """The report of an error, styled for a terminal, without a newline at its end.

    `traceback` is "full" (every call that is known, and Python's own traceback of what Python raised),
    "short" or "none".
    """
    return "\n".join(_Report(traceback, advice).lines(error))


def format_backtrace(frames: Sequence[Frame]) -> str:
    """The lines of a backtrace, all of them, without a newline at the end."""
    return "\n".join(entry.text for entry in _entries(frames))


def format_warning(message: str, file: str, line: int) -> str:
    """The report of a warning, styled for a terminal, without a newline at its end."""
    return f"{file}:{line}: " + click.style("warning: ", fg="yellow", bold=True) + message


def excerpt(place: Place | None) -> Iterator[str]:
    """The line of a place and a caret under its column; nothing when the line is not known."""
    if place is None or place.text is None:
        return
    line, caret = place.caret().split("\n")
    yield f"  {line}"
    yield "  " + click.style(caret, fg="red", bold=True)


class _Report:
    """The reports of an error and of its causes."""

    def __init__(self, traceback: str, advice: Advice) -> None:
        self._traceback = traceback
        self._advice = advice
        self._causes = 0

    def lines(self, error: BaseException) -> Iterator[str]:
        """The report of one of them."""
        if isinstance(error, KeyboardInterrupt):
            yield _styled("interrupted")
        elif isinstance(error, MemoryError):
            yield _styled("stopped: ") + "out of memory"
        elif isinstance(error, SxError) and not isinstance(error, InternalError):
            yield from self._program_error(error)
        else:
            yield from self._internal_error(error)

    def _program_error(self, error: SxError) -> Iterator[str]:
        where = f"{error.place}: " if error.place is not None else ""
        if isinstance(error, ProgramInterrupted):
            yield where + _styled("interrupted")
        else:
            yield where + _styled(f"{_kind(error)}: ") + error.message
        yield from excerpt(error.place)
        yield from _expansion(error.place)
        if isinstance(error, ReadError):
            if error.expected:
                yield f"  expected {' or '.join(error.expected)}"
            if error.opened is not None and error.opened != error.place:
                yield f"  opened here, {error.opened}:"
                yield from excerpt(error.opened)
        if isinstance(error, EvalError):
            yield from _irritants(error)
            names = self._advice(error)
            if names:
                yield f"  did you mean {' or '.join(names)}?"
        yield from self._trace(error)
        if isinstance(error, EvalError):
            yield from self._cause(error)

    def _internal_error(self, error: BaseException) -> Iterator[str]:
        what = error.message if isinstance(error, InternalError) else f"{type(error).__name__}: {error}"
        advice = "" if self._traceback == "full" else " (--traceback=full shows more)"
        yield _styled("internal error: ") + f"{what} — this is a bug of sxpy, please report it{advice}"
        if isinstance(error, InternalError) and error.place is not None:
            yield f"  at {error.place}"
        if self._traceback == "full":
            yield "".join(python_traceback.format_exception(error)).rstrip("\n")

    def _trace(self, error: SxError) -> Iterator[str]:
        if self._traceback == "none":
            return
        entries = list(_entries(error.backtrace))
        if len(entries) == 1 and error.backtrace[0] == Frame(TOP_LEVEL, error.place):
            return  # the first line has said it
        hidden = entries[INNERMOST:-OUTERMOST]
        if self._traceback == "full" or sum(entry.calls != 0 for entry in hidden) < 2:
            yield from (entry.text for entry in entries)
            return
        yield from (entry.text for entry in entries[:INNERMOST])
        yield _gap(_total(hidden), " (--traceback=full shows more)")
        yield from (entry.text for entry in entries[-OUTERMOST:])

    def _cause(self, error: EvalError) -> Iterator[str]:
        cause = error.cause
        if isinstance(cause, BaseException):
            yield from self._python_cause(error, cause)
            return
        self._causes += 1
        if cause is None or cause is error.payload or self._causes > MOST_CAUSES:
            return
        if not isinstance(cause, Condition):
            yield f"  while handling: {_shortened(inspect(cause))}"
        elif cause.place != error.place or cause.message not in error.message:  # else all is said
            first, *rest = self.lines(error_for(cause))
            yield f"  while handling: {first}"
            yield from (f"  {line}" for line in rest)

    def _python_cause(self, error: EvalError, cause: BaseException) -> Iterator[str]:
        if self._traceback == "full":
            yield "  caused in Python by:"
            for line in "".join(python_traceback.format_exception(cause)).rstrip("\n").split("\n"):
                yield f"  {line}"
        elif not any(
            text in error.message for text in (str(cause), getattr(cause, "strerror", None)) if text
        ):
            yield f"  caused by {type(cause).__name__}: {cause}"


def _kind(error: SxError) -> str:
    if isinstance(error, ReadError):
        return "read error"
    return "stopped" if isinstance(error, LimitError) else "error"


def _styled(label: str) -> str:
    return click.style(label, fg="red", bold=True)


def _expansion(place: Place | None) -> Iterator[str]:
    """What form is meant, when the place is that of the call that made it."""
    if place is None or place.expansion is None:
        return
    made, *others = place.expansion.macros or ("",)
    by = "".join(f", made by {macro}" for macro in others)
    what = f"the expansion of {made}{by}: " if made else ""
    yield f"  in {what}{_shortened(inspect(place.expansion.form))}"


def _irritants(error: EvalError) -> Iterator[str]:
    for irritant in error.irritants:
        text = inspect(irritant)
        if irritant is error.cause and isinstance(irritant, Condition):
            continue  # it has a report of its own
        if not error.message.endswith((text, show(irritant) or text)):  # else the message has said it
            yield f"  with {_shortened(text)}"


def _shortened(text: str) -> str:
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of a backtrace, and how many calls it stands for; None: nobody counted them."""

    text: str
    calls: int | None


def _entries(frames: Sequence[Frame]) -> Iterator[_Entry]:
    """The lines of a backtrace; a call that repeats, as in recursion, gets one line."""
    for _, repeated in groupby(frames, key=_call):
        group = list(repeated)
        last = group[-1]
        if last.elided:
            yield _Entry("  … tail calls elided", 0)
        times = f" ({len(group)} times)" if len(group) > 1 else ""
        where = f", {last.place}" if last.place else ""
        inside = f" (in {last.within[0]})" if last.within else ""
        yield _Entry(f"  in {last.function}{inside}{where}{times}", len(group))
        if last.omitted != 0:
            yield _Entry(_gap(last.omitted), last.omitted)


def _call(frame: Frame) -> tuple[Any, ...]:
    """What frames have in common that share a line."""
    return frame.function, frame.within[:1], frame.place, frame.elided


def _total(entries: Sequence[_Entry]) -> int | None:
    counts = [entry.calls for entry in entries]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _gap(calls: int | None, advice: str = "") -> str:
    return f"  … more{advice}" if calls is None else f"  … {calls:,} more{advice}"
