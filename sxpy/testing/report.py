"""What came of the tests, as text for a person."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import indent

from sxpy.testing.results import Result

_INDENT = "    "


def summary(passed: int, failed: int) -> str:
    """`N passed, M failed`."""
    return f"{passed} passed, {failed} failed"


def failure(file: str, result: Result) -> str:
    """A failure as a block of lines: where and what, expected and actual, the source, the output."""
    where = str(result.place) if result.place is not None else file
    return f"FAIL {where}: {result.full_name}\n{indent(details(result), _INDENT)}"


def details(result: Result) -> str:
    """What is known of a failure besides its name."""
    return "\n".join(_details(result))


def _details(result: Result) -> Iterator[str]:
    if result.message:
        yield result.message
    if result.expected is not None:
        yield f"expected: {result.expected}"
    if result.actual is not None:
        yield f"actual:   {result.actual}"
    if result.place is not None and result.place.text is not None:
        yield indent(result.place.caret(), "  ")
    if result.output:
        yield "output:"
        yield indent(result.output.rstrip("\n"), "  ")
