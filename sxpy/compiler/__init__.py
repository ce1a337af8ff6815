"""The fast tier: blocks of the intermediate form as Python functions, over the frames of tier 0.

`emit.py` writes a block as Python source, `fast.py` runs blocks on a trampoline. Whatever the fast tier
does not do itself — errors, odd operands, operations of the machine — it leaves to `sxpy/machine/step.py`,
which stays the definition of what a program means. `SX_TIER=0` in the environment switches it off.
"""
