"""The store that tests run on: none, a new one for each file, or one that stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

from sxpy.host import Host
from sxpy.stores import open_store

NONE, TEMP = "none", "temp"


def store_opener(choice: str) -> Callable[[], AbstractContextManager[Host | None]]:
    """What opens the store of a file: `none`, `temp`, or the directory of a store.

    Entering it raises SxIOError when the store cannot be opened.
    """
    if choice == NONE:
        return nullcontext
    if choice == TEMP:
        return _temporary
    return lambda: closing(open_store(Path(choice)))


@contextmanager
def _temporary() -> Iterator[Host]:
    with TemporaryDirectory(prefix="sx-test-") as root, closing(open_store(Path(root))) as host:
        yield host
