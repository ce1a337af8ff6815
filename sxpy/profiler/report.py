"""The text of a profile: a table of functions, one of operations, and what the figures mean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from sxpy.profiler.profile import Function, Profile

MOST = 40
"""Functions that are shown: those with the most time of their own."""

MEANING = (
    "Calls and performs are counted, and exact. Times of functions are processor time, and sampled: own",
    "without the functions that they called, total with them, and with the time that performs took. A tail",
    "call leaves no frame: who made one has no part in its time. See docs/profiling.md.",
)


class _Row:
    __slots__ = ("own", "performs", "total")

    def __init__(self) -> None:
        self.total = 0.0
        self.own = 0.0
        self.performs = 0


def text_report(profile: Profile) -> str:
    """The text, without a newline at its end."""
    return "\n".join(_lines(profile))


def _lines(profile: Profile) -> Iterator[str]:
    rows = _rows(profile)
    calls = profile.calls()
    performs = profile.performs()
    seconds = sum(profile.stacks.values())
    asked = sum(each.seconds for each in performs.values())
    yield (
        f"profile: {seconds:.3f} s of the processor, {asked:.3f} s in performs, "
        f"{profile.samples:,} samples, {sum(calls.values()):,} calls"
    )
    shown = sorted(rows, key=lambda function: (-rows[function].own, -rows[function].total, function))
    table = [
        (
            _seconds(rows[function].total),
            _seconds(rows[function].own),
            f"{rows[function].own / seconds:.0%}" if seconds else "",
            f"{calls.get(function, 0):,}" if function in calls else "",
            f"{rows[function].performs:,}" if rows[function].performs else "",
            str(function),
        )
        for function in shown[:MOST]
    ]
    yield from _table(("total s", "own s", "own", "calls", "performs", "function"), table)
    if len(shown) > MOST:
        yield f"… and {len(shown) - MOST:,} more functions"
    if performs:
        yield ""
        by_time = sorted(performs.items(), key=lambda item: (-item[1].seconds, item[0]))
        yield from _table(
            ("total s", "each ms", "performs", "operation"),
            [
                (_seconds(each.seconds), f"{each.seconds / each.count * 1000:.3f}", f"{each.count:,}", name)
                for name, each in by_time
            ],
        )
    yield ""
    yield from MEANING


def _rows(profile: Profile) -> dict[Function, _Row]:
    rows: defaultdict[Function, _Row] = defaultdict(_Row)
    for function in profile.calls():
        rows[function]
    for stack, seconds in profile.stacks.items():
        rows[stack[-1]].own += seconds
        for function in set(stack):
            rows[function].total += seconds
    for stack, by_operation in profile.asked.items():
        rows[stack[-1]].performs += sum(each.count for each in by_operation.values())
        for function in set(stack):
            rows[function].total += sum(each.seconds for each in by_operation.values())
    return dict(rows)


def _seconds(value: float) -> str:
    return f"{value:.3f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Lines of columns that end where the head's do; the last column is as wide as it wants to be."""
    rows = [head, *rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head) - 1)]
    for row in rows:
        cells = [f"{cell:>{width}}" for cell, width in zip(row, widths, strict=False)]
        yield "  ".join([*cells, row[-1]]).rstrip()
