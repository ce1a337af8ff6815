"""The checks of a servicer by name, and which operations each needs.

A check is a function of a `Subject` whose name says what must hold; `check` puts it on the list.
Next: `sxpy/testing/servicer/subject.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from sxpy.testing.servicer.subject import Subject

PLAIN = (
    *("persist/append", "persist/read", "persist/last-seq", "persist/truncate-through", "persist/truncate"),
    *("persist/streams", "persist/kv-get", "persist/kv-put", "persist/kv-delete", "persist/kv-has?"),
    "persist/kv-keys",
)
"""The operations that every servicer answers."""

EXTRAS = (
    *("persist/append-if", "persist/append-many", "persist/append-once", "persist/kv-cas"),
    *("persist/kv-put-new", "persist/read-from", "persist/read-range", "persist/count", "persist/transact"),
)
"""The operations that lib/persist does without when a servicer lacks them."""

BLOBS = ("blob/put", "blob/get", "blob/has?")
"""The operations of content-addressed bytes."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What a servicer must do."""

    name: str
    body: Callable[[Subject], None]
    needs: frozenset[str] = frozenset()
    """The operations it is about, or cannot be checked without; plain ones need not be named."""
    promises: frozenset[str] = frozenset()
    """Which of `durable`, `threads` and `processes` a store must promise to have to meet it."""


DEMANDS: list[Demand] = []
"""All demands, in the order in which they are checked."""

Body = Callable[[Subject], None]


def check(*needs: str, promises: Collection[str] = ()) -> Callable[[Body], Body]:
    """Put a function on the list. `persist/` is understood in the names of operations."""

    def listed(body: Body) -> Body:
        full = frozenset(name if "/" in name else f"persist/{name}" for name in needs)
        DEMANDS.append(Demand(body.__name__.replace("_", " "), body, full, frozenset(promises)))
        return body

    return listed
