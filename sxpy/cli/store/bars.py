"""Progress bars of long work, one for each of its phases, on standard error.

Invariants: nothing is written when standard error is no terminal or the bars are not wanted; a bar is ended,
with the cursor on a new line, before anything else is said. Next: `sxpy/cli/store/options.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import click

from sxpy.cli.store.tools import Progress


@contextmanager
def bars(*, shown: bool) -> Iterator[Progress]:
    """A function that draws what long work tells it."""
    if not shown or sys.stderr is None or not sys.stderr.isatty():
        yield lambda phase, done, total: None
        return
    with ExitStack() as stack:
        yield _Bars(stack).tell


class _Bars:
    """The bar of the phase that runs; those of the phases before stand above it."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._bar: Any = None

    def tell(self, phase: str, done: int, total: int) -> None:
        """Draw how far the phase is; with nothing done it begins, perhaps anew."""
        if done == 0:
            self._stack.close()
            bar = click.progressbar(length=total, label=phase, file=sys.stderr)
            self._bar = self._stack.enter_context(bar)
        self._bar.update(done - self._bar.pos)
