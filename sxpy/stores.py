"""The store behind `persist/…` and `blob/…`: found through the entry points, opened when first asked.

Owns the moment of opening. A program that keeps nothing leaves no directory behind and takes no lock.
"""

from __future__ import annotations

import os
from _thread import allocate_lock
from collections.abc import Callable
from typing import Any

from sxpy.errors import SxIOError, UnknownOperationError
from sxpy.host import Host

GROUP = "sxpy.hosts"
"""The entry-point group. Each entry is a function `open_host(root: Path, **options) -> Host`."""

FAMILIES = ("persist/", "blob/")
"""How the names of the operations of a store begin."""


class LazyHost:
    """Answers the operations of a store with a host that `opener` opens at the first of them.

    A failure to open is an error at the `perform`; the next one tries again. Its `answer` may be called by
    many threads at a time if that of the opened host may.
    """

    def __init__(self, opener: Callable[[], Host]) -> None:
        self._opener = opener
        self._opening = allocate_lock()
        self._host: Host | None = None
        self._closed = False

    def owns(self, operation: str) -> bool:
        return operation.startswith(FAMILIES)

    def answer(self, operation: str, args: list[Any], request: Any) -> Any:
        host = self._host if self._host is not None else self._open()
        if not host.owns(operation):
            raise UnknownOperationError(f"Unknown IO operation: {operation}", request)
        return host.answer(operation, args, request)

    def _open(self) -> Host:
        with self._opening:
            if self._closed:
                raise SxIOError("the store is closed")
            if self._host is None:
                self._host = self._opener()
            return self._host

    def close(self) -> None:
        with self._opening:
            self._closed = True
            if self._host is not None:
                self._host.close()


def store_host(root: str | os.PathLike[str] | None) -> Host | None:
    """The host for the store under the directory `root`; None, no host, for None."""
    return None if root is None else LazyHost(lambda: open_store(root))


def open_store(root: str | os.PathLike[str], kind: str = "disk") -> Host:
    """Open the store under `root` with the host of the entry point `kind`.

    Raises SxIOError, naming the directory, when there is no such host or it cannot open the store.
    """
    from importlib.metadata import entry_points  # noqa: PLC0415  most programs keep nothing
    from pathlib import Path  # noqa: PLC0415

    found = entry_points(group=GROUP, name=kind)
    if not found:
        raise SxIOError(f"cannot open the store {root}: no host {kind!r} among the entry points {GROUP!r}")
    try:
        host: Host = next(iter(found)).load()(Path(root))
    except OSError as error:
        raise SxIOError(f"cannot open the store {root}: {error.strerror or error}") from error
    return host
