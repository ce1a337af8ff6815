"""What is known of a compiled function, and where it is found: at hand also when nothing is compiled yet."""

from __future__ import annotations

from sxpy.core import ir


class Info:
    """What is known of a compiled function: its block; of each line the term, how many slots there are,
    and whether it can be done again."""

    __slots__ = ("block", "lines")

    def __init__(self, block: ir.Block) -> None:
        self.block = block
        self.lines: dict[int, tuple[ir.Term, int, bool]] = {}


INFO = "__block_info__"
"""The global of a compiled function that holds its `Info`."""
