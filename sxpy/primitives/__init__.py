"""The primitives: Python functions offered to SX, one family a file.

`REGISTRY` maps each name to its primitive and imports the family that makes it when the name is first asked
for; `index.py` lists the names; `registry.py` says how a primitive is written. Reading order: `numbers.py`,
`strings.py`, `access.py`, `lists.py`, `dicts.py`.
"""

from __future__ import annotations

from sxpy.primitives.registry import REGISTRY

__all__ = ["REGISTRY"]
