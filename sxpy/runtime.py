"""What a running program shares with the primitives it calls: output, strictness, fresh names, chance.

The machine makes its interpreter's `Runtime` current while it runs (a context variable, so threads and
async tasks each have their own); a primitive that needs it asks `current()`.
"""

from __future__ import annotations

import sys
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol

from sxpy.data import Symbol

if TYPE_CHECKING:
    from random import Random


class Writer(Protocol):
    """What program output is written to: any text stream."""

    def write(self, text: str, /) -> Any:
        """Write `text`."""


class Runtime:
    """The settings and counters of one interpreter."""

    def __init__(
        self, output: Writer | None = None, *, strict: bool = False, seed: int | None = None
    ) -> None:
        self.writer = output
        self.strict = strict
        self.running = False
        """Whether a program of it runs."""
        self.debugged = False
        """Whether a debugger watches: frames then keep every variable in sight."""
        self._seed = seed
        self._random: Random | None = None
        self._fresh = 0

    @property
    def output(self) -> Writer:
        """Where `display`, `write` and `newline` go; the process's standard output by default."""
        return self.writer if self.writer is not None else sys.stdout

    @output.setter
    def output(self, writer: Writer | None) -> None:
        self.writer = writer

    @property
    def random(self) -> Random:
        """The source of chance, from the seed on."""
        if self._random is None:
            from random import Random  # noqa: PLC0415  few programs ask for chance

            self._random = Random(self._seed)
        return self._random

    def fresh_symbol(self, prefix: str = "g") -> Symbol:
        """A new uninterned symbol: equal to no symbol that any text can name."""
        self._fresh += 1
        return Symbol(f"{prefix}{self._fresh}")


_NOBODY = Runtime()
_latest: ContextVar[Runtime] = ContextVar("sxpy_runtime", default=_NOBODY)

latest = _latest.get
"""The runtime of the program that ran last in this thread or task, and may be running still.

It stays until another program comes: one that is resumed again and again finds it there.
"""

make_latest = _latest.set

Before = tuple[Runtime, Runtime, bool]
"""A runtime that runs, the latest before it, and whether it ran already."""


def current() -> Runtime:
    """The runtime of the program that is running in this thread or task."""
    runtime = latest()
    return runtime if runtime.running else _NOBODY


def activate(runtime: Runtime) -> Before:
    """Make `runtime` current; give the result to `deactivate` afterwards."""
    before = runtime, latest(), runtime.running
    make_latest(runtime)
    runtime.running = True
    return before


def deactivate(before: Before) -> None:
    """Undo the `activate` that returned `before`."""
    runtime, outer, running = before
    runtime.running = running
    if outer is not runtime and outer.running:
        make_latest(outer)
