"""Dicts: string keys, insertion order, cheap persistent updates, and change in place.

Owns the growth promises of SX dicts. A dict is small or shared:

* small — one Python dict of its own. `assoc` copies it, which at up to `SMALL` keys costs less than any
  cleverness; `dict-set!` writes to it.
* shared — a version in a tree of versions over one Python table (Baker, "Shallow binding makes
  functional arrays fast", 1991). The newest version holds the table; each other version holds the one
  difference to its neighbour. Reading an older version turns the differences round until it holds the
  table: O(1) for the version used last, O(differences) else. When the way is longer than the table, the
  version takes a copy and leaves the tree, so two versions read in turn stay cheap.

Entries of a shared table are `(value, ordinal)`: the ordinal restores insertion order after a removal was
taken back. Next: `sxpy/data/equality.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

SMALL = 32
"""Up to this many keys an `assoc` copies."""

_ABSENT: Any = object()

Entry = tuple[Any, int]


class _Table:
    """Key → entry, and whether iteration order has been broken by taking a removal back."""

    __slots__ = ("disordered", "entries", "next_ordinal")

    def __init__(self, entries: dict[str, Entry], next_ordinal: int) -> None:
        self.entries = entries
        self.next_ordinal = next_ordinal
        self.disordered = False

    def ordered(self) -> dict[str, Entry]:
        if self.disordered:
            self.entries = dict(sorted(self.entries.items(), key=lambda item: item[1][1]))
            self.disordered = False
        return self.entries


class _Version:
    """Either the holder of the table (`table` set) or one difference from `base`."""

    __slots__ = ("base", "entry", "key", "table")

    def __init__(self, table: _Table) -> None:
        self.table: _Table | None = table
        self.base: _Version | None = None
        self.key = ""
        self.entry: Any = None

    def hold(self) -> _Table:
        """Make this version the holder of the table, and return the table."""
        if self.table is not None:
            return self.table
        path: list[_Version] = []
        node: _Version = self
        while node.table is None:
            path.append(node)
            assert node.base is not None
            node = node.base
        table = node.table
        if len(path) > 2 * SMALL and len(path) > len(table.entries):
            return self._leave(table, path)
        for step in reversed(path):
            undone = table.entries.get(step.key, _ABSENT)
            _write(table, step.key, step.entry)
            node.table, node.base, node.key, node.entry = None, step, step.key, undone
            step.table, step.base, step.entry = table, None, None
            node = step
        return table

    def _leave(self, table: _Table, path: list[_Version]) -> _Table:
        copy = _Table(dict(table.entries), table.next_ordinal)
        copy.disordered = table.disordered
        for step in reversed(path):
            _write(copy, step.key, step.entry)
        self.table, self.base, self.entry = copy, None, None
        return copy

    def changed(self, key: str, entry: Any) -> _Version:
        """A new version in which `key` has `entry` (or is absent); it holds the table afterwards."""
        table = self.hold()
        newer = _Version(table)
        self.table, self.base, self.key = None, newer, key
        self.entry = table.entries.get(key, _ABSENT)
        _write(table, key, entry)
        return newer


def _write(table: _Table, key: str, entry: Any) -> None:
    if entry is _ABSENT:
        table.entries.pop(key, None)
        return
    if key not in table.entries:
        if entry[1] < table.next_ordinal - 1:
            table.disordered = True
        table.next_ordinal = max(table.next_ordinal, entry[1] + 1)
    table.entries[key] = entry


class Dict:
    """An SX dict. `assoc`, `dissoc` leave it as it is; `set_in_place`, `delete_in_place` change it."""

    __slots__ = ("_map", "_version")

    def __init__(self, items: dict[str, Any] | None = None) -> None:
        """Take over `items`: the caller must not change them any more."""
        self._map: dict[str, Any] | None = {} if items is None else items
        self._version: _Version | None = None

    @classmethod
    def _shared(cls, version: _Version) -> Dict:
        made = cls.__new__(cls)
        made._map = None
        made._version = version
        return made

    def _entries(self) -> dict[str, Entry]:
        assert self._version is not None
        return self._version.hold().entries

    def get(self, key: str, default: Any = None) -> Any:
        """The value of `key`, or `default`. Amortised O(1)."""
        if self._map is not None:
            return self._map.get(key, default)
        entry = self._entries().get(key)
        return default if entry is None else entry[0]

    def __contains__(self, key: object) -> bool:
        return key in (self._map if self._map is not None else self._entries())

    def __len__(self) -> int:
        return len(self._map if self._map is not None else self._entries())

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def keys(self) -> list[str]:
        """The keys in insertion order, as a new list. O(n)."""
        if self._map is not None:
            return list(self._map)
        assert self._version is not None
        return list(self._version.hold().ordered())

    def values(self) -> list[Any]:
        """The values in insertion order, as a new list. O(n)."""
        return list(self.to_dict().values())

    def items(self) -> list[tuple[str, Any]]:
        """Key and value in insertion order, as a new list. O(n)."""
        return list(self.to_dict().items())

    def to_dict(self) -> dict[str, Any]:
        """A new Python dict of the entries in insertion order. O(n)."""
        if self._map is not None:
            return dict(self._map)
        assert self._version is not None
        return {key: entry[0] for key, entry in self._version.hold().ordered().items()}

    def _share(self) -> _Version:
        """Turn a small dict that has grown large into a shared one; return its version."""
        if self._version is None:
            assert self._map is not None
            entries = {key: (value, at) for at, (key, value) in enumerate(self._map.items())}
            self._version = _Version(_Table(entries, len(entries)))
            self._map = None
        return self._version

    def assoc(self, key: str, value: Any) -> Dict:
        """A dict like this one in which `key` has `value`. Amortised O(1)."""
        if self._map is not None and len(self._map) < SMALL:
            copy = self._map.copy()
            copy[key] = value
            return Dict(copy)
        return Dict._shared(_with(self._share(), key, value))

    def dissoc(self, key: str) -> Dict:
        """A dict like this one without `key`; itself when the key is absent."""
        if key not in self:
            return self
        if self._map is not None and len(self._map) <= SMALL:
            copy = self._map.copy()
            del copy[key]
            return Dict(copy)
        return Dict._shared(self._share().changed(key, _ABSENT))

    def merged(self, pairs: Iterable[tuple[str, Any]]) -> Dict:
        """A dict like this one with every pair added, the later winning."""
        if self._map is not None and len(self._map) < SMALL:
            copy = self._map.copy()
            copy.update(pairs)
            return Dict(copy)
        version = self._share()
        for key, value in pairs:
            version = _with(version, key, value)
        return Dict._shared(version)

    def set_in_place(self, key: str, value: Any) -> None:
        """Give `key` the value in this very dict. Amortised O(1)."""
        if self._map is not None:
            self._map[key] = value
        else:
            assert self._version is not None
            self._version = _with(self._version, key, value)

    def delete_in_place(self, key: str) -> bool:
        """Remove `key` from this very dict; answer whether it was there."""
        if key not in self:
            return False
        if self._map is not None:
            del self._map[key]
        else:
            assert self._version is not None
            self._version = self._version.changed(key, _ABSENT)
        return True

    def __repr__(self) -> str:
        return f"<Dict of {len(self)}>"


def _with(version: _Version, key: str, value: Any) -> _Version:
    table = version.hold()
    old = table.entries.get(key)
    ordinal = table.next_ordinal if old is None else old[1]
    return version.changed(key, (value, ordinal))
