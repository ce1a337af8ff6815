"""The CEK machine. Its control procedures and native frames are found through their catalogues.

Read `state.py`, then `step.py`, then `control.py`.
"""

from sxpy.machine.limits import Limits
from sxpy.machine.state import State
from sxpy.machine.step import Machine

__all__ = ["Limits", "Machine", "State"]
