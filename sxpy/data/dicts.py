"""Dicts: string keys, insertion order, cheap persistent updates, and change in place.

Owns the growth promises of SX dicts. A dict is plain or shared:

* plain — one Python dict of its own. `assoc` copies it, which at up to `SMALL` keys costs less than any
  cleverness; `dict-set!` writes to it.
* shared — a hash trie (Bagwell, "Ideal hash trees", 2001) whose leaves are Python dicts of up to `LEAF`
  keys. An update copies one leaf and the way to it and shares all the rest, so every version stays as
  cheap to read and to update as the newest, in whatever order they are used: O(log n). Reading changes
  nothing, so threads may read one dict at once.

A plain dict that grows beyond `SMALL` keys becomes shared by its first `assoc`, once, in O(n).
Entries of a trie are `(value, ordinal)`; the ordinals restore the insertion order.
Next: `sxpy/data/equality.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

SMALL = 128
"""Up to this many keys an `assoc` copies a plain dict: Python does it faster than a way of a trie."""

LEAF = 64
"""A leaf with more keys is split."""

_BITS = 4
_WIDTH = 1 << _BITS
_MASK = _WIDTH - 1
_DEEPEST = 60 // _BITS
"""Below this level no bits of a hash are left: keys of one hash stay together in one leaf."""

Entry = tuple[Any, int]
Node = Any
"""A leaf `dict[str, Entry]`, or a `list` of `_WIDTH` nodes chosen by `_BITS` of the hash. Never changed."""


def _find(node: Node, key: object) -> Entry | None:
    bits = hash(key)
    while type(node) is list:
        node = node[bits & _MASK]
        bits >>= _BITS
    return node.get(key)  # type: ignore[no-any-return]


def _put(root: Node, key: str, value: Any, ordinal: int) -> tuple[Node, bool]:
    """The trie in which `key` has `value`, and whether it is a new key, which gets the ordinal."""
    node, way = _copied_way(root, key)
    old = node.get(key)
    leaf = node.copy()
    leaf[key] = (value, ordinal if old is None else old[1])
    return _rebuilt(way, _split(leaf, len(way)) if len(leaf) > LEAF else leaf), old is None


def _drop(root: Node, key: str) -> Node:
    """The trie without `key`, which it has. Nodes that have become sparse are joined into one leaf."""
    node, way = _copied_way(root, key)
    leaf = node.copy()
    del leaf[key]
    while way and not leaf:
        parent, at = way[-1]
        parent[at] = leaf
        if any(type(child) is list for child in parent) or sum(map(len, parent)) > LEAF // 2:
            break
        way.pop()
        leaf = {name: entry for child in parent for name, entry in child.items()}
    return _rebuilt(way, leaf)


def _copied_way(root: Node, key: str) -> tuple[dict[str, Entry], list[tuple[list[Node], int]]]:
    """The leaf of `key`, and copies of the nodes above it with the index taken in each."""
    bits = hash(key)
    way = []
    node = root
    while type(node) is list:
        at = bits & _MASK
        node = node.copy()
        way.append((node, at))
        node = node[at]
        bits >>= _BITS
    return node, way


def _rebuilt(way: list[tuple[list[Node], int]], node: Node) -> Node:
    for parent, at in reversed(way):
        parent[at] = node
        node = parent
    return node


def _split(leaf: dict[str, Entry], level: int) -> Node:
    if level >= _DEEPEST:
        return leaf
    shift = level * _BITS
    children: list[Node] = [{} for _ in range(_WIDTH)]
    for key, entry in leaf.items():
        children[(hash(key) >> shift) & _MASK][key] = entry
    return children


def _built(items: dict[str, Any]) -> Node:
    """The trie of a Python dict, in one pass."""
    count = 1
    while count * LEAF // 2 < len(items):
        count *= _WIDTH
    nodes: list[Node] = [{} for _ in range(count)]
    for at, (key, value) in enumerate(items.items()):
        nodes[hash(key) & (count - 1)][key] = (value, at)
    while count > 1:
        # The lowest bits choose at the root, so the children of one node are `count` places apart.
        count >>= _BITS
        nodes = [nodes[at::count] for at in range(count)]
    return nodes[0]


def _entries(root: Node) -> list[tuple[str, Entry]]:
    """Key and entry of all, in the order of the ordinals."""
    found: list[tuple[str, Entry]] = []
    pending = [root]
    while pending:
        node = pending.pop()
        if type(node) is list:
            pending.extend(node)
        else:
            found.extend(node.items())
    found.sort(key=lambda item: item[1][1])
    return found


class Dict:
    """An SX dict. `assoc`, `dissoc` leave it as it is; `set_in_place`, `delete_in_place` change it."""

    __slots__ = ("_next", "_root", "_size", "plain")

    def __init__(self, items: dict[str, Any] | None = None) -> None:
        """Take over `items`: the caller must not change them any more."""
        self.plain: dict[str, Any] | None = {} if items is None else items
        """The entries of a plain dict, for reading; None of a shared one, whose other parts have values."""

    @classmethod
    def _shared(cls, root: Node, size: int, next_ordinal: int) -> Dict:
        made = Dict.__new__(Dict)
        made.plain = None
        made._root = root
        made._size = size
        made._next = next_ordinal
        return made

    def get(self, key: str, default: Any = None) -> Any:
        """The value of `key`, or `default`. O(log n)."""
        plain = self.plain
        if plain is not None:
            return plain.get(key, default)
        entry = _find(self._root, key)
        return default if entry is None else entry[0]

    def __contains__(self, key: object) -> bool:
        plain = self.plain
        if plain is not None:
            return key in plain
        return _find(self._root, key) is not None

    def __len__(self) -> int:
        plain = self.plain
        return len(plain) if plain is not None else self._size

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def keys(self) -> list[str]:
        """The keys in insertion order, as a new list. O(n)."""
        plain = self.plain
        if plain is not None:
            return list(plain)
        return [key for key, _ in _entries(self._root)]

    def values(self) -> list[Any]:
        """The values in insertion order, as a new list. O(n)."""
        plain = self.plain
        if plain is not None:
            return list(plain.values())
        return [entry[0] for _, entry in _entries(self._root)]

    def items(self) -> list[tuple[str, Any]]:
        """Key and value in insertion order, as a new list. O(n)."""
        plain = self.plain
        if plain is not None:
            return list(plain.items())
        return [(key, entry[0]) for key, entry in _entries(self._root)]

    def to_dict(self) -> dict[str, Any]:
        """A new Python dict of the entries in insertion order. O(n)."""
        plain = self.plain
        return plain.copy() if plain is not None else dict(self.items())

    def copy(self) -> Dict:
        """A dict of the same entries that changes apart from this one."""
        plain = self.plain
        if plain is not None:
            if len(plain) <= SMALL:
                return Dict(plain.copy())
            # `plain` goes last: another thread that reads meanwhile must find the one or the other.
            self._root = _built(plain)
            self._size = self._next = len(plain)
            self.plain = None
        return Dict._shared(self._root, self._size, self._next)

    def become(self, other: Dict) -> None:
        """Have the entries of another dict from now on, and change apart from it."""
        made = other.copy()
        self.plain = made.plain
        if made.plain is None:
            self._root, self._size, self._next = made._root, made._size, made._next

    def assoc(self, key: str, value: Any) -> Dict:
        """A dict like this one in which `key` has `value`. O(log n)."""
        plain = self.plain
        if plain is not None and len(plain) <= SMALL:
            plain = plain.copy()
            plain[key] = value
            return Dict(plain)
        made = self.copy()
        made.set_in_place(key, value)
        return made

    def dissoc(self, key: str) -> Dict:
        """A dict like this one without `key`. O(log n)."""
        made = self.copy()
        made.delete_in_place(key)
        return made

    def merged(self, pairs: Iterable[tuple[str, Any]]) -> Dict:
        """A dict like this one with every pair added, the later winning."""
        added = dict(pairs)
        if 4 * len(added) >= len(self):
            return Dict(self.to_dict() | added)
        made = self.copy()
        for key, value in added.items():
            made.set_in_place(key, value)
        return made

    def set_in_place(self, key: str, value: Any) -> None:
        """Give `key` the value in this very dict. O(log n)."""
        plain = self.plain
        if plain is not None:
            plain[key] = value
            return
        self._root, is_new = _put(self._root, key, value, self._next)
        if is_new:
            self._size += 1
            self._next += 1

    def delete_in_place(self, key: str) -> bool:
        """Remove `key` from this very dict; answer whether it was there. O(log n)."""
        if key not in self:
            return False
        if self.plain is not None:
            del self.plain[key]
        else:
            self._root = _drop(self._root, key)
            self._size -= 1
        return True

    def __repr__(self) -> str:
        return f"<Dict of {len(self)}>"


def nodes_of(dict_: Dict) -> list[Node]:
    """The nodes at the top of a shared dict's trie, by whose identity versions of it know each other."""
    if dict_.plain is not None:
        return []
    return dict_._root if type(dict_._root) is list else [dict_._root]


def difference(base: Dict, other: Dict) -> tuple[list[str], list[tuple[str, Any]]] | None:
    """What makes `other` of `base`: the keys to remove, and the entries to set, in order.

    Both must be shared dicts. What they share is not looked at, so this costs what differs. None when the
    order of insertion would not come out right.
    """
    removed: list[tuple[int, str]] = []
    changed: list[tuple[int, str, Any]] = []
    pending = [(base._root, other._root)]
    while pending:
        here, there = pending.pop()
        if here is there:
            continue
        if type(here) is list and type(there) is list:
            pending.extend(zip(here, there, strict=True))
            continue
        old, new = dict(_entries(here)), dict(_entries(there))
        removed += [(entry[1], key) for key, entry in old.items() if key not in new]
        for key, entry in new.items():
            before = old.get(key)
            if before is None:
                changed.append((entry[1], key, entry[0]))
            elif before[1] != entry[1]:
                return None
            elif before[0] is not entry[0]:
                changed.append((-1, key, entry[0]))
    # What is new stands behind what both have: whatever `base` got at the same time or later is removed.
    first = min((at for at, _, _ in changed if at >= 0), default=base._next)
    if sum(1 for at, _ in removed if at >= first) != max(0, base._next - first):
        return None
    changed.sort(key=lambda item: item[:2])
    return sorted([key for _, key in removed]), [(key, value) for _, key, value in changed]
