"""Which machine runs a program: tier 1, unless something asks for the exactness of tier 0's steps.

`SX_TIER=0` in the environment switches compiled code off. The others are for tests: `SX_HOT=N` compiles what
runs for the N-th time, 1 at once; `SX_LEVELS=N` lets direct calls nest no deeper than that, and loops in
direct code go round no more often, so that frames are made of nearly everything; `SX_SLICE=N`
(`sxpy/machine/limits.py`) stops a run after so many steps and goes on from the state.
"""

from __future__ import annotations

import os
from typing import Any

from sxpy.machine.limits import Limits
from sxpy.machine.step import Machine


def machine_for(context: Any, limits: Limits) -> Machine:
    """A machine for an interpreter. Limits on steps and depth are counted in tier 0's terms."""
    if os.environ.get("SX_TIER") == "0" or limits.steps is not None or limits.depth is not None:
        return Machine(context)
    from sxpy.compiler.fast import HOT, FastMachine  # noqa: PLC0415  not needed by every program

    levels = os.environ.get("SX_LEVELS")
    return FastMachine(
        context, int(os.environ.get("SX_HOT", HOT)), levels=None if levels is None else int(levels)
    )
