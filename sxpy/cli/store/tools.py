"""The tools of a store: found through the entry points, because the command line knows no store itself.

A kind of store offers its tools under the group `sxpy.stores`, as an object with the methods of `Tools`.
Answers are plain Python that can be written as JSON, but for events and values, which are SX.
Next: `sxpy/cli/store/options.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from sxpy.errors import SxIOError
from sxpy.host import Host

GROUP = "sxpy.stores"
"""The entry-point group. Each entry is an object with the methods of `Tools`."""

Progress = Callable[[str, int, int], None]
"""Told the phase of long work, how much of it is done, and of how much."""


class Tools(Protocol):
    """What a store offers to operators. `root` is the store; every method raises SxIOError."""

    def streams(self, root: Path) -> list[dict[str, Any]]:
        """`stream`, `last`, `count`, `bytes` of each."""

    def keys(self, root: Path) -> list[dict[str, Any]]:
        """`key`, `bytes` of each."""

    def blobs(self, root: Path) -> list[dict[str, Any]]:
        """`cid`, `bytes` of each."""

    def events(self, root: Path, stream: str, low: int, high: int) -> list[Any]:
        """The events with low ≤ seq ≤ high, oldest first."""

    def reader(self, root: Path) -> Host:
        """A host that only reads."""

    def get(self, root: Path, key: str) -> tuple[bool, Any]:
        """Whether the key has a value, and the value."""

    def put(self, root: Path, key: str, value: Any) -> None:
        """Give a key a value."""

    def stat(self, root: Path) -> dict[str, Any]:
        """Format, counts and sizes."""

    def verify(self, root: Path, *, progress: Progress) -> dict[str, Any]:
        """`problems`, `notes` and counts."""

    def repair(self, root: Path, *, give_up: bool, progress: Progress) -> dict[str, Any]:
        """`done`, `needed`, `losses`, `aside`."""

    def doctor(self, root: Path) -> list[dict[str, Any]]:
        """`name`, `ok`, `says` of each finding."""

    def backup(
        self, root: Path, target: Path, *, earlier: Path | None, check: bool, progress: Progress
    ) -> dict[str, Any]:
        """`commit`, `files`, `bytes`, `linked`."""

    def restore(self, source: Path, target: Path, *, check: bool, progress: Progress) -> dict[str, Any]:
        """The same."""

    def export(
        self, root: Path, out: BinaryIO, streams: Collection[str] | None, *, progress: Progress
    ) -> dict[str, Any]:
        """`streams`, `events`, `keys`, `blobs`."""

    def import_(
        self,
        root: Path,
        lines: Iterable[bytes],
        name: str,
        *,
        replace_keys: bool,
        size: int,
        progress: Progress,
    ) -> dict[str, Any]:
        """The same; `size` is that of all lines in bytes, 0 when nobody knows."""

    def compact(self, root: Path, *, progress: Progress) -> dict[str, Any]:
        """`before`, `after`: bytes."""

    def gc(self, root: Path, *, least_age: float, remove: bool, progress: Progress) -> list[str]:
        """The cids of blobs that nothing mentions."""

    def erase(
        self,
        root: Path,
        *,
        events: Mapping[str, Collection[int]],
        streams: Sequence[str],
        keys: Sequence[str],
        progress: Progress,
    ) -> dict[str, Any]:
        """`events`, `keys`, `blobs`: how many went."""


def store_tools(kind: str = "disk") -> Tools:
    """The tools of a kind of store. Raises SxIOError when there are none."""
    found = entry_points(group=GROUP, name=kind)
    if not found:
        raise SxIOError(f"there are no tools for a store {kind!r} among the entry points {GROUP!r}")
    tools: Tools = next(iter(found)).load()
    return tools
