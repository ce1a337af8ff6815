"""The history of a run: the states it went through, the latest ones, to go back to.

States are immutable, so to keep one is to keep a reference; neighbours share their frames and values. What
is not in a state is not kept: going back does not undo what a step did to mutable values, to globals, or to
the outside. `effects.py` tells what that was.
"""

from __future__ import annotations

from collections import deque

from sxpy.machine.state import State

DEFAULT = 100_000
"""States that are kept when nobody says how many."""


class History:
    """The present state, up to `limit` states before it, and those after it that were gone back from."""

    def __init__(self, state: State, limit: int = DEFAULT) -> None:
        if limit < 0:
            raise ValueError(f"a history keeps no {limit} states")
        self.state = state
        self.step = 0
        """How many steps the run has made to come to the present state."""
        self._past: deque[State] = deque(maxlen=limit)
        self._future: list[State] = []

    def __len__(self) -> int:
        """How many states one can go back."""
        return len(self._past)

    @property
    def ahead(self) -> int:
        """How many states one can go forward without running anything."""
        return len(self._future)

    def before(self, count: int) -> State | None:
        """The state `count` steps before the present one; None when it is not kept."""
        return self._past[-count] if 0 < count <= len(self._past) else None

    def add(self, state: State) -> None:
        """A step was made: `state` is the present one, and there is no future any more."""
        self._past.append(self.state)
        self.state = state
        self.step += 1
        self._future.clear()

    def back(self) -> bool:
        """Go back one state; False when none is kept."""
        if not self._past:
            return False
        self._future.append(self.state)
        self.state = self._past.pop()
        self.step -= 1
        return True

    def forward(self) -> bool:
        """Go forward one state that was gone back from; False when there is none."""
        if not self._future:
            return False
        self._past.append(self.state)
        self.state = self._future.pop()
        self.step += 1
        return True
