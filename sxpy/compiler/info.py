"""What is known of a compiled function, and where it is found: at hand also when nothing is compiled yet."""

from __future__ import annotations

from typing import Any, Protocol

from sxpy.core import ir


class Standing(Protocol):
    """Where a line stands that has no slots of its own."""

    def restored(self, local: dict[str, Any]) -> tuple[ir.Term, list[Any], Any, bool]:
        """The term, its environment, the continuation, and whether it can be done again."""


class Info:
    """What is known of a compiled function: its block; of each line the term, how many slots there are,
    and whether it can be done again."""

    __slots__ = ("block", "lines")

    def __init__(self, block: ir.Block) -> None:
        self.block = block
        self.lines: dict[int, tuple[ir.Term, int, bool] | Standing] = {}


INFO = "__block_info__"
"""The global of a compiled function that holds its `Info`."""
