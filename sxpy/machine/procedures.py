"""How a control procedure is written: a function `enter(machine, args, kont)` with one decorator.

It returns the next transition; whatever waits for a value of SX waits in a native frame
(`sxpy/machine/state.py`), never on the Python stack.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable

from sxpy.data import Control
from sxpy.machine.state import Transition
from sxpy.syntax.control import CONTROLS

Enter = Callable[..., Transition]


def control(*names: str, minimum: int = 0, maximum: int | None = None) -> Callable[[Enter], Control]:
    """Register a control procedure under `names`; it takes `minimum` to `maximum` (None: any) arguments."""

    def register(enter: Enter) -> Control:
        made = Control(names[0], enter, minimum, maximum, inspect.cleandoc(enter.__doc__ or ""))
        for name in names:
            CONTROLS[name] = made
        return made

    return register
