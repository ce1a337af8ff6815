"""What the store's tests share: events, requests, the whole content of a host, and a simulated machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sxpy.data import Dict, from_list
from sxpy.host import Host
from sxpy.port import Port
from sxpy.printer import canonical
from sxpy_hosts import checkpoint, store, table
from sxpy_hosts.disk import DiskHost
from sxpy_hosts.store import Store


def event(stream: str, seq: int, data: Any = None) -> Dict:
    """An event as lib/persist makes them."""
    return Dict({"stream": stream, "seq": seq, "type": "t", "at": 10 * seq, "data": data})


def ask(host: Host, operation: str, *args: Any) -> Any:
    """The answer to a `persist/…` or `blob/…` operation."""
    name = operation if "/" in operation else f"persist/{operation}"
    return host.answer(name, list(args), Dict({"op": name, "args": from_list(list(args))}))


def request(operation: str, *args: Any) -> Dict:
    """A request, as an argument of `persist/transact`."""
    return Dict({"op": f"persist/{operation}", "args": from_list(list(args))})


def seqs(events: Any) -> list[int]:
    """The sequence numbers of a list of events."""
    return [event.get("seq") for event in events]


def content(host: Host, blobs: tuple[str, ...] = ()) -> dict[str, Any]:
    """Everything a host holds, as plain Python."""
    return {
        "streams": {
            name: (
                ask(host, "last-seq", name),
                ask(host, "count", name),
                [canonical(event) for event in ask(host, "read", name)],
            )
            for name in ask(host, "streams")
        },
        "keys": {key: canonical(ask(host, "kv-get", key)) for key in ask(host, "kv-keys")},
        "blobs": {cid: canonical(ask(host, "blob/get", cid)) for cid in blobs},
    }


def host_on(port: Port, **options: Any) -> DiskHost:
    """A disk host on any port."""
    return DiskHost(Store(port, **options))


@contextmanager
def small_limits(
    *,
    segment: int = 1500,
    touched: int = 4,
    split: int = 600,
    fewest: int = 4,
    slack: int = 100,
    inline: int = 150,
) -> Iterator[None]:
    """Make checkpoints, rewrites and splits happen after a few operations."""
    wanted = {
        (store, "SEGMENT"): segment,
        (store, "TOUCHED"): touched,
        (table, "SPLIT"): split,
        (table, "FEWEST"): fewest,
        (table, "SLACK"): slack,
        (checkpoint, "SLACK"): slack,
        (checkpoint, "INLINE"): inline,
    }
    saved = {place: getattr(*place) for place in wanted}
    try:
        for place, value in wanted.items():
            setattr(*place, value)
        yield
    finally:
        for place, value in saved.items():
            setattr(*place, value)
