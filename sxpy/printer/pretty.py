"""The pretty-printer: values over several lines, for people, when one line does not hold them.

A container that does not fit opens a column; its parts stand in it one below the other, or, when none of
them has parts itself, as many to a line as fit. Code keeps its head and first argument together and
indents the rest by two. The stack is on the heap.
"""

from __future__ import annotations

from typing import Any

from sxpy.data import List, MutableList, Symbol
from sxpy.printer.writer import PLAIN, open_value, write, write_within
from sxpy.walk import Walk, walk

MAX_NEST = 40
"""Parts that are deeper are written on one line: indentation would be all that is left of it."""


def pretty(value: Any, width: int = 80) -> str:
    """The text of a value, as `inspect` gives it, in lines of at most `width` columns where its parts allow.

    It never fails. Reading it gives the same as reading what `inspect` gives.
    """
    lines: list[str] = walk(_Layout(width).lines("", value, 0, 0))
    return "\n".join(lines)


class _Layout:
    """One layout. `inside` are the identities of the containers around the present value."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.inside: set[int] = set()

    def lines(self, before: str, value: Any, column: int, after: int) -> Walk:
        """The lines of a value. The first begins at `column` with the text `before`; the others are indented.

        The last line leaves room for the `after` characters that close what is around it.
        """
        flat = write_within(value, PLAIN, self.width - column - len(before) - after)
        if flat is not None:
            return [before + flat]
        if type(value) in PLAIN.spell or len(self.inside) >= MAX_NEST:
            return [before + write(value, PLAIN)]
        opened = open_value(value, PLAIN, self.inside)
        if isinstance(opened, str):
            return [before + opened]
        opening, parts, closing = opened[0], list(opened[1]), opened[2]
        start, inner = before + opening, column + len(before) + len(opening)
        self.inside.add(id(value))
        if all(type(part) in PLAIN.spell for _, part in parts):
            made = self.filled(start, parts, inner, after + len(closing))
        elif len(parts) > 2 and type(parts[0][1]) is Symbol and isinstance(value, (List, MutableList)):
            head = start + write(parts[0][1], PLAIN) + " "
            made = yield self.lines(head, parts[1][1], column, 0)
            yield self.stacked(made, parts[2:], column + len(before) + 2, after + len(closing))
        else:
            last = after + len(closing) if len(parts) == 1 else 0
            made = yield self.lines(start + parts[0][0], parts[0][1], column, last)
            yield self.stacked(made, parts[1:], inner, after + len(closing))
        self.inside.discard(id(value))
        made[-1] += closing
        return made

    def stacked(self, made: list[str], parts: list[tuple[str, Any]], column: int, after: int) -> Walk:
        """Add the lines of each part below what is `made`."""
        pad = " " * column
        for index, (before, part) in enumerate(parts):
            last = after if index == len(parts) - 1 else 0
            first, *others = yield self.lines(before, part, column, last)
            made.append(pad + first)
            made.extend(others)

    def filled(self, start: str, parts: list[tuple[str, Any]], column: int, after: int) -> list[str]:
        """The lines of parts that have no parts themselves, each line as full as it can be."""
        made: list[str] = []
        line = start
        empty = True
        for index, (before, part) in enumerate(parts):
            text = before + write(part, PLAIN)
            last = after if index == len(parts) - 1 else 0
            used = column + len(line) - len(start) if not made else len(line)
            if not empty and used + 1 + len(text) + last > self.width:
                made.append(line)
                line, empty = " " * column, True
            line += text if empty else " " + text
            empty = False
        return [*made, line]
