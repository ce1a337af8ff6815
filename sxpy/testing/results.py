"""What came of a test."""

from __future__ import annotations

from dataclasses import dataclass

from sxpy.errors import Place

WHOLE_FILE = "(whole file)"
"""The name of what goes wrong outside every test: the file cannot be read, or ends with an error."""


@dataclass(frozen=True, slots=True)
class Result:
    """One test's outcome. `seconds`: how long it took, 0 when that is not known."""

    suites: tuple[str, ...]
    """The suites it stands in, outermost first."""
    name: str
    passed: bool
    message: str = ""
    expected: str | None = None
    actual: str | None = None
    place: Place | None = None
    output: str = ""
    """What the program wrote while it ran; kept for failures."""
    seconds: float = 0.0

    @property
    def full_name(self) -> str:
        """`suite > suite > name`."""
        return full_name(self.suites, self.name)


def full_name(suites: tuple[str, ...], name: str) -> str:
    """The name of a test with its suites."""
    return " > ".join((*suites, name))
