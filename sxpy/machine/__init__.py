"""The CEK machine. Importing it registers every control procedure and native frame.

Read `state.py`, then `step.py`, then `control.py`.
"""

from sxpy.machine import collections, conditions, control, program, scopes, winding  # noqa: F401
from sxpy.machine.limits import Limits
from sxpy.machine.state import State
from sxpy.machine.step import Machine

__all__ = ["Limits", "Machine", "State"]
