"""How often Python looks for cyclic garbage in the process of the `sx` command.

Python's collector looks at the young objects whenever 700 more have been made. A deep recursion of SX keeps
millions of frames, all young once, so half of its time would go into looking at them. Little of what SX makes
is cyclic, and everything else goes without the collector; what is cyclic can wait a little longer.

The command owns its process and may decide this. An embedder's process is the embedder's: the library leaves
the collector alone, and whoever wants the same calls `settle_collector` once all is imported.
"""

from __future__ import annotations

import gc

YOUNG, MIDDLE, OLD = 20_000, 10, 5
"""Objects made between two looks at the young ones, such looks between two at those that stayed, and those
between two at all. So a million objects may wait, some hundred megabytes at the worst."""


def settle_collector() -> None:
    """Never look at what is there already, which is modules; look less often at what comes."""
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
