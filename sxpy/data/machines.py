"""Values that hold a piece of a running program: coroutines, machine states, libraries."""

from __future__ import annotations

from typing import Any

from sxpy.data.procedures import Environment


class Coroutine:
    """What `make-coroutine` makes. `start` is its procedure until it runs; `rest` what it yielded from.

    With neither, it runs if a frame of the continuation says so; otherwise it has ended, in whatever way.
    """

    __slots__ = ("rest", "start")

    def __init__(self, start: Any) -> None:
        self.start = start
        self.rest: Any = None


class MachineState:
    """A state of the machine as a value of SX: immutable, to be stepped, kept and resumed many times.

    `context` is what surrounds it when it has globals of its own; None: whoever runs it does.
    """

    __slots__ = ("context", "state")

    def __init__(self, state: Any, context: Any = None) -> None:
        self.state = state
        self.context = context


class Library:
    """An R7RS library: its environment, and the names it exports with the names they have inside."""

    __slots__ = ("env", "exports", "name")

    def __init__(self, name: str, env: Environment, exports: dict[str, str] | None) -> None:
        self.name = name
        self.env = env
        self.exports = exports
        """None: everything that is bound in the environment."""
