"""How a control procedure is written: a function `enter(machine, args, kont)` with one decorator.

It returns the next transition; whatever waits for a value of SX waits in a native frame
(`sxpy/machine/state.py`), never on the Python stack.
"""

from __future__ import annotations

from collections.abc import Callable

from sxpy.core.controls import CONTROLS
from sxpy.core.direct import WAITING, Direct, Waiting
from sxpy.data import Control
from sxpy.machine.state import Transition

Enter = Callable[..., Transition]


def control(*names: str, minimum: int = 0, maximum: int | None = None) -> Callable[[Enter], Control]:
    """Register a control procedure under `names`; it takes `minimum` to `maximum` (None: any) arguments.

    `sxpy/core/controls.py` lists them, too.
    """

    def register(enter: Enter) -> Control:
        made = Control(names[0], enter, minimum, maximum, enter.__doc__ or "")
        for name in names:
            CONTROLS.add(name, made, enter.__module__)
        return made

    return register


def offer(made: Control, direct: Direct, waits: Direct, waiting: Waiting) -> None:
    """Let direct code call a control procedure by the function `direct`.

    `waits` is the function that waits for callbacks: it, or one that it calls.
    """
    made.direct = direct
    WAITING[direct.__code__] = WAITING[waits.__code__] = waiting
