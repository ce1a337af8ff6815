"""What the machine runs as a program: forms with their spots, or a sequence of them that knows more.

Next: `sxpy/machine/program.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from sxpy.core.ir import Code, Term
from sxpy.data import Environment
from sxpy.reader.forms import Spot

Pair = tuple[Any, Spot | None]


class Kept(Protocol):
    """Forms of which more may be known than the forms: see `sxpy/cache/program.py`."""

    def __len__(self) -> int:
        """How many they are."""

    def __getitem__(self, index: int, /) -> Pair:
        """A form with its spot."""

    def __iter__(self) -> Iterator[Pair]:
        """The forms with their spots."""

    def term(self, index: int, env: Environment) -> Term | None:
        """The term that evaluates a form; None when the form must be analysed."""

    def keep(self, index: int, code: Code | None) -> None:
        """A form has been analysed; None: it was taken apart."""


Forms = tuple[Pair, ...] | Kept
"""Forms with their spots."""
