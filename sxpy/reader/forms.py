"""Forms: lists and dicts as they were read, with the place of each part.

Owns the link from a form to its source text. A `Form` is an ordinary immutable list and a `FormDict` an
ordinary dict, so macros take them apart like any other; only the analyser and the debugger ask for places.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from sxpy.data.dicts import Dict
from sxpy.data.lists import Span
from sxpy.errors import Expansion, Place


class Source:
    """A text with its file name. `place` turns an offset (in code points) into a `Place`.

    `first_line` is the number of the first line: above 1 when the text is a part of what the name stands for.
    """

    __slots__ = ("_line_starts", "file", "first_line", "text")

    def __init__(self, text: str, file: str, first_line: int = 1) -> None:
        self.text = text
        self.file = file
        self.first_line = first_line
        self._line_starts: list[int] | None = None

    def place(self, offset: int) -> Place:
        """The place of the code point at `offset`, 0 ≤ offset ≤ len(text)."""
        if self._line_starts is None:
            # A byte order mark takes no column.
            self._line_starts = [1 if self.text.startswith("\ufeff") else 0]
            at = self.text.find("\n")
            while at >= 0:
                self._line_starts.append(at + 1)
                at = self.text.find("\n", at + 1)
        offset = max(offset, self._line_starts[0])
        line = bisect_right(self._line_starts, offset)
        start = self._line_starts[line - 1]
        end = self.text.find("\n", start)
        shown = self.text[start : end if end >= 0 else len(self.text)]
        return Place(self.file, line + self.first_line - 1, offset - start + 1, shown.rstrip("\r"))


class Spot:
    """An offset in a source: a place that is computed only when it is asked for."""

    __slots__ = ("offset", "source")

    def __init__(self, source: Source, offset: int) -> None:
        self.source = source
        self.offset = offset

    def place(self) -> Place:
        """The place."""
        return self.source.place(self.offset)


class ExpandedSpot(Spot):
    """The spot of a call that made the form `form`: `macros` are the macros involved, innermost first."""

    __slots__ = ("form", "macros")

    def __init__(self, call: Spot, form: Any, macros: tuple[str, ...]) -> None:
        super().__init__(call.source, call.offset)
        self.form = form
        self.macros = macros

    def place(self) -> Place:
        """The place of the call, with the form."""
        return super().place().replace(expansion=Expansion(self.form, self.macros))


def expanded_spot(call: Spot | None, form: Any, *macro: str) -> Spot | None:
    """The spot of what the call of `macro` at `call` expands to; without one, of what `eval` gets there."""
    if call is None:
        return None
    return ExpandedSpot(call, form, (*macro, *(call.macros if isinstance(call, ExpandedSpot) else ())))


class Form(Span):
    """A list read from `source` at offset `start`; `starts[i]` is the offset of item i."""

    __slots__ = ("source", "start", "starts")

    def __init__(self, items: list[Any], source: Source, start: int, starts: tuple[int, ...]) -> None:
        self.buffer, self.low, self.high = items, 0, len(items)
        self.source = source
        self.start = start
        self.starts = starts


class FormDict(Dict):
    """A dict literal read from `source` at offset `start`; `starts[key]` is the offset of its value."""

    __slots__ = ("source", "start", "starts")

    def __init__(self, items: dict[str, Any], source: Source, start: int, starts: dict[str, int]) -> None:
        super().__init__(items)
        self.source = source
        self.start = start
        self.starts = starts


def spot_of(form: Any, default: Spot | None = None) -> Spot | None:
    """The spot of a form that was read as a list or dict; for anything else `default`, which may name it."""
    if isinstance(form, (Form, FormDict)):
        return Spot(form.source, form.start)
    if isinstance(default, ExpandedSpot) and form is not default.form:
        return ExpandedSpot(default, form, default.macros)
    return default


def item_spot(form: Any, index: int, default: Spot | None = None) -> Spot | None:
    """The spot of item `index` of a form; that of the form, or `default`, when it has none of its own."""
    if isinstance(form, Form) and 0 <= index < len(form.starts):
        return Spot(form.source, form.starts[index])
    return spot_of(form, default)
