"""Patterns as the rest of the project uses them: compile one, go through its matches in a text.

Owns the choice between `re` and the matcher of this package, text by text. A work of at most BUDGET steps
is given to `re`; what exceeds it is done here, or refused when the pattern needs what only `re` can do.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from sxpy.errors import SxValueError
from sxpy.regex.cost import search_steps
from sxpy.regex.matcher import Matcher, Spans, TooManyStatesError
from sxpy.regex.program import NoProgramError, Program, assemble
from sxpy.regex.syntax import parse

BUDGET = 2**28
"""The steps `re` may take, by the bound of `cost.py`: less than a second's worth."""

FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE, "a": re.ASCII}
"""The letters of a pattern's flags."""


@dataclass(frozen=True, slots=True)
class Match:
    """One match. `spans[i]` is the extent of group i, group 0 being the whole; (-1, -1) for none."""

    text: str
    spans: Spans

    def group(self, index: int) -> str | None:
        """The text of a group; None when it took no part in the match."""
        start, end = self.spans[index]
        return None if start < 0 else self.text[start:end]

    def groups(self) -> list[str | None]:
        """The texts of all groups, the whole match first."""
        return [self.group(index) for index in range(len(self.spans))]


class Pattern:
    """A compiled pattern. Raises SxValueError when the text is no regular expression."""

    __slots__ = ("_compiled", "_program", "_steps", "_tree", "names", "source")

    def __init__(self, source: str, flags: str = "") -> None:
        self.source = source
        bits = 0
        for letter in flags:
            if letter not in FLAGS:
                raise SxValueError(f"regex: unknown flag {letter!r}; the flags are {' '.join(FLAGS)}")
            bits |= FLAGS[letter]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of possible set operations: a hint for Python programmers
                self._compiled = re.compile(source, bits)
                self._tree = parse(source, bits)
            self._steps = search_steps(self._tree)
        except re.error as error:
            where = "" if error.pos is None else f" at character {error.pos}"
            raise SxValueError(f"regex: {error.msg}{where} of /{source}/") from None
        except OverflowError as error:
            raise SxValueError(f"regex: {error} in /{source}/") from None
        except RecursionError:
            raise SxValueError("regex: the groups of the pattern are nested too deep") from None
        self._program: Program | None = None
        self.names: dict[str, int] = dict(self._compiled.groupindex)

    @property
    def groups(self) -> int:
        """How many groups the pattern has, the whole match not counted."""
        return self._compiled.groups

    def matches(self, text: str) -> Iterator[Match]:
        """All matches from left to right, without overlaps, as `re.finditer` defines them.

        Raises SxValueError when only `re` can do the pattern, and it may take too long on this text.
        """
        if self._steps.of(len(text)) <= BUDGET:
            return (Match(text, found.regs) for found in self._compiled.finditer(text))
        return self._matches_in_bounded_time(text)

    def search(self, text: str) -> Match | None:
        """The first match, if there is one. Raises as `matches`."""
        return next(self.matches(text), None)

    def _matches_in_bounded_time(self, text: str) -> Iterator[Match]:
        try:
            if self._program is None:
                self._program = assemble(self._tree)
            matcher = Matcher(self._program, self.groups, text)
            start, advance = 0, False
            while (spans := matcher.search(start, advance=advance)) is not None:
                yield Match(text, spans)
                begin, start = spans[0]
                advance = begin == start
        except RecursionError:
            raise self._too_much(text, "its groups are nested too deep") from None
        except NoProgramError as error:
            raise self._too_much(text, str(error)) from None
        except TooManyStatesError:
            raise self._too_much(text, "the pattern is too long for it") from None

    def _too_much(self, text: str, why: str) -> SxValueError:
        return SxValueError(
            f"regex: /{self.source}/ may take too long on {len(text)} characters, and cannot be matched in "
            f"bounded time: {why}; simplify the pattern or search shorter texts"
        )
