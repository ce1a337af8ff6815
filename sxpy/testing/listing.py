"""The tests that can be seen in a file without running it: literal names in `deftest` and `persist-test`.

Tests that a program makes as it runs are not among them. Quoted forms and macros are not looked into.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sxpy.data import Symbol, is_list
from sxpy.errors import Place
from sxpy.reader.forms import Form
from sxpy.testing.results import full_name

_QUOTING = frozenset(("quote", "quasiquote", "defmacro", "define-syntax"))
_TESTS = frozenset(("deftest", "persist-test"))


@dataclass(frozen=True, slots=True)
class Listed:
    """A test as it stands in its file."""

    suites: tuple[str, ...]
    name: str
    place: Place

    @property
    def full_name(self) -> str:
        """The name with its suites."""
        return full_name(self.suites, self.name)


def listed_tests(forms: Sequence[Any]) -> list[Listed]:
    """The tests in these forms, in the order of the text."""
    found: list[Listed] = []
    waiting: list[tuple[tuple[str, ...], Any]] = [((), form) for form in reversed(forms)]
    while waiting:
        suites, form = waiting.pop()
        if not is_list(form) or len(form) == 0:
            continue
        items = list(form)
        head = items[0].name if isinstance(items[0], Symbol) else ""
        name = items[1] if len(items) > 1 and isinstance(items[1], str) else None
        if head in _QUOTING:
            continue
        if head in _TESTS:
            if name is not None and isinstance(form, Form):
                found.append(Listed(suites, name, form.source.place(form.start)))
            continue
        if head == "defsuite" and name is not None:
            suites = (*suites, name)
        waiting.extend([(suites, item) for item in reversed(items)])
    return found
