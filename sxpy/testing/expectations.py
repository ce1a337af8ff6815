"""Expectations: comments that say what a top-level form does.

    (+ 1 2)            ; expect: 3
    (first 5)          ; expect error: first: expected a list
    (display "a\\nb")
    ; expect output: a
    ; expect output: b

A comment is about the form it stands behind, in or under. A value is SX text and compared by value, and 2
is not 2.0; what has no syntax is compared as `inspect` writes it. An error must have the text in its
message. Lines of output are expected one comment each, all of them; blanks at the end of a line do not
count.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sxpy.data import equal
from sxpy.errors import Place, ReadError, SxError
from sxpy.printer import canonical, inspect
from sxpy.reader import read_data
from sxpy.reader.forms import Source
from sxpy.testing.results import Result

VALUE, ERROR, OUTPUT = "value", "error", "output"

_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|#\|[^|]*\||#\\.|(;[^\n]*)', re.DOTALL)
_EXPECT = re.compile(r";+\s*expect(?:[ \t]+(error|output))?:(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Expectation:
    """One comment. `form` is the index of its form in the file, -1 when it stands above them all."""

    kind: str
    text: str
    place: Place
    form: int

    @property
    def name(self) -> str:
        """The test's name."""
        return f"line {self.place.line}"

    def passed(self) -> Result:
        """It came true."""
        return Result((), self.name, True, place=self.place)

    def failed(self, message: str, actual: str | None = None, output: str = "") -> Result:
        """It did not."""
        shown = self.text if actual is not None else None
        return Result((), self.name, False, message, shown, actual, self.place, output)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a top-level form did: its value or its error, and what it wrote."""

    value: Any
    error: SxError | None
    output: str


def expectations(source: Source, starts: Sequence[int]) -> list[Expectation]:
    """The expectations of a text whose forms start at the offsets `starts`, in order."""
    found = []
    for token in _TOKEN.finditer(source.text):
        match = _EXPECT.match(token.group(1) or "")
        if match is not None:
            form = bisect_right(starts, token.start()) - 1
            place = source.place(token.start())
            found.append(Expectation(match[1] or VALUE, match[2].strip(), place, form))
    return found


def judge(expected: Sequence[Expectation], outcome: Outcome) -> list[Result]:
    """Whether a form did what its expectations say."""
    lines = [line.rstrip() for line in outcome.output.splitlines()]
    outputs = [each for each in expected if each.kind == OUTPUT]
    results = []
    for each in expected:
        if each.kind == VALUE:
            results.append(_judge_value(each, outcome))
        elif each.kind == ERROR:
            results.append(_judge_error(each, outcome))
        else:
            results.append(_judge_output(each, outputs, lines))
    return results


def _judge_value(expected: Expectation, outcome: Outcome) -> Result:
    if outcome.error is not None:
        return expected.failed("it raised", f"error: {outcome.error.message}", outcome.output)
    if means(expected.text, outcome.value):
        return expected.passed()
    return expected.failed("another value", inspect(outcome.value), outcome.output)


def means(text: str, value: Any) -> bool:
    """Whether `text` stands for `value`: it is how `inspect` writes it, or it reads as something equal."""
    if text == inspect(value):
        return True
    try:
        data = list(read_data(text))
    except ReadError:
        return False
    # `equal` takes an exact number for an inexact one; their spelling tells them apart.
    return len(data) == 1 and equal(data[0], value) and canonical(data[0]) == canonical(value)


def _judge_error(expected: Expectation, outcome: Outcome) -> Result:
    if outcome.error is None:
        return expected.failed("no error", inspect(outcome.value), outcome.output)
    if expected.text in outcome.error.message:
        return expected.passed()
    return expected.failed("another error", outcome.error.message, outcome.output)


def _judge_output(expected: Expectation, outputs: Sequence[Expectation], lines: Sequence[str]) -> Result:
    index = outputs.index(expected)
    if index >= len(lines):
        return expected.failed("no such output", "")
    if lines[index] != expected.text:
        return expected.failed("other output", lines[index])
    if expected is outputs[-1] and len(lines) > len(outputs):
        return expected.failed("more output", "\n".join(lines[index:]))
    return expected.passed()
