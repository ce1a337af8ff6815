"""The fast tier: functions and blocks of SX as Python functions, over the frames of tier 0.

`direct.py` writes a function that calls others directly, `emit.py` a block that makes frames; `fast.py` runs
both from a trampoline, and `unwind.py` makes frames of direct code that cannot go on. Whatever the fast tier
does not do itself — errors, odd operands, operations of the machine — it leaves to `sxpy/machine/step.py`,
which stays the definition of what a program means. `SX_TIER=0` in the environment switches it off.
"""
