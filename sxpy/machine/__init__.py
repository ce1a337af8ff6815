"""The CEK machine. Importing it registers every control procedure and native frame.

Read `state.py`, then `step.py`, then `control.py`.
"""

from sxpy.machine import (  # noqa: F401  each registers its procedures and frames
    collections,
    conditions,
    control,
    coroutines,
    libraries,
    program,
    reflect,
    scopes,
    winding,
)
from sxpy.machine.limits import Limits
from sxpy.machine.state import State
from sxpy.machine.step import Machine

__all__ = ["Limits", "Machine", "State"]
