"""Lists: immutable sequences that grow cheaply at both ends, and the mutable list.

Owns the growth promises of SX lists: `first rest cons nth len` and adding at the end cost O(1) or O(log n)
on every list, however it was made and however many others share its items. An immutable list has one of
three shapes, and every operation is open to all:

* `Span` — a window on a Python list, the buffer. Appending to the window that ends where the buffer ends
  writes behind it and returns a longer window; older windows never see the new item. Where the place
  behind is taken, the new item starts a buffer of its own, and a rope joins the two.
* `Cons` — one item in front of a span or another cons. `cons` makes one in O(1), so a thousand lists may
  share one tail. Indexing uses skip links (Myers, "An applicative random-access stack", 1983), made on
  first use.
* `Rope` — a balanced tree (Adelson-Velsky and Landis, 1962) whose leaves are lists of the other two
  shapes. It comes from growing a list in two ways, and from joining lists.

No list is ever changed after it is made, except `MutableList`, whose very purpose it is; threads may share
them. A window keeps the buffer it looks at alive, and with it what was appended by others.
Next: `sxpy/data/dicts.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import is_
from typing import Any

SMALL = 32
"""Up to this many items are copied where a larger list would be shared."""


class List:
    """An immutable SX list; `Cons`, `Span` and `Rope` are its shapes."""

    __slots__ = ()

    def __len__(self) -> int:
        raise NotImplementedError

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError

    def first(self) -> Any:
        """The first item, or None (nil) of an empty list."""
        raise NotImplementedError

    def rest(self) -> List:
        """The list without its first item; `EMPTY` of an empty list. O(log n)."""
        raise NotImplementedError

    def nth(self, index: int) -> Any:
        """The item at `index`, 0 ≤ index < len. Raises IndexError outside. O(log n)."""
        raise NotImplementedError

    def to_list(self) -> list[Any]:
        """A new Python list of the items. O(n)."""
        raise NotImplementedError

    def append(self, item: Any) -> List:
        """A list with `item` added at the end. O(log n), amortised."""
        return self._extended([item])

    def cons(self, item: Any) -> List:
        """A list with `item` added in front. O(1), of a rope O(log n)."""
        return Cons(item, self)

    def concat(self, items: Iterable[Any]) -> List:
        """A list with all of `items` added at the end. O(log n) when both are lists."""
        other = items if isinstance(items, List) else from_list(list(items))
        if len(other) <= SMALL:
            return self._extended(other.to_list()) if len(other) else self
        if len(self) <= SMALL:
            for item in reversed(self.to_list()):
                other = other.cons(item)
            return other
        return _join(self, other)

    def slice(self, start: int, end: int) -> List:
        """The items from `start` up to `end`, 0 ≤ start ≤ end ≤ len."""
        raise NotImplementedError

    def _extended(self, items: list[Any]) -> List:
        """This list with some items added, which it takes over."""
        if len(self) + len(items) <= SMALL:
            return from_list(self.to_list() + items)
        return Rope(self, Span(items, 0, len(items)))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self)}>"


class Span(List):
    """The items `low ≤ i < high` of a buffer that others share. Only what lies behind all windows is free."""

    __slots__ = ("buffer", "high", "low")

    def __init__(self, buffer: list[Any], low: int, high: int) -> None:
        self.buffer = buffer
        self.low = low
        self.high = high

    def __len__(self) -> int:
        return self.high - self.low

    def __iter__(self) -> Iterator[Any]:
        return iter(self.buffer[self.low : self.high])

    def first(self) -> Any:
        return self.buffer[self.low] if self.low < self.high else None

    def rest(self) -> List:
        low = self.low + 1
        return Span(self.buffer, low, self.high) if low < self.high else EMPTY

    def nth(self, index: int) -> Any:
        if not 0 <= index < self.high - self.low:
            raise IndexError(index)
        return self.buffer[self.low + index]

    def to_list(self) -> list[Any]:
        return self.buffer[self.low : self.high]

    def append(self, item: Any) -> List:
        buffer, high = self.buffer, self.high
        if 0 < high == len(buffer) and self.low <= SMALL + high // 2:
            buffer.append(item)
            # Another thread may have written there between the two lines.
            if buffer[high] is item:
                return Span(buffer, self.low, high + 1)
        return List._extended(self, [item])

    def _extended(self, items: list[Any]) -> List:
        buffer, high = self.buffer, self.high
        # A queue leaves ever more unused room in front; it must not keep that, so it starts a new buffer.
        if 0 < high == len(buffer) and self.low <= SMALL + high // 2:
            buffer.extend(items)
            end = high + len(items)
            if all(map(is_, buffer[high:end], items)):
                return Span(buffer, self.low, end)
        return List._extended(self, items)

    def slice(self, start: int, end: int) -> List:
        if start == end:
            return EMPTY
        start, end = self.low + start, self.low + end
        if 4 * (end - start) <= len(self.buffer):
            # A small window must not keep a large buffer alive.
            return from_list(self.buffer[start:end])
        return Span(self.buffer, start, end)


class Cons(List):
    """`head` in front of `tail`, which is no rope: use `List.cons`. `skip` is None until it is needed."""

    __slots__ = ("head", "size", "skip", "tail")

    def __init__(self, head: Any, tail: List) -> None:
        self.head = head
        self.tail = tail
        self.size: int = len(tail) + 1
        self.skip: List | None = None

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[Any]:
        node: List = self
        while type(node) is Cons:
            yield node.head
            node = node.tail
        yield from node

    def first(self) -> Any:
        return self.head

    def rest(self) -> List:
        return self.tail

    def nth(self, index: int) -> Any:
        if not 0 <= index < self.size:
            raise IndexError(index)
        node = self._node_at(index)
        return node.nth(index - self.size + len(node)) if type(node) is not Cons else node.head

    def _node_at(self, index: int) -> List:
        """The cons that starts at `index`, or what ends the chain when it starts before that."""
        if index > 4 and self.skip is None:
            _link_skips(self)
        left = self.size - index
        node: List = self
        while type(node) is Cons and node.size > left:
            skip = node.skip
            node = skip if skip is not None and len(skip) >= left else node.tail
        return node

    def to_list(self) -> list[Any]:
        items = []
        node: List = self
        while type(node) is Cons:
            items.append(node.head)
            node = node.tail
        items.extend(node)
        return items

    def slice(self, start: int, end: int) -> List:
        if start == end:
            return EMPTY
        node = self._node_at(start)
        skipped = start - self.size + len(node)
        if type(node) is not Cons:
            return node.slice(skipped, skipped + end - start)
        if end == self.size:
            return node
        items: list[Any] = []
        while type(node) is Cons and len(items) < end - start:
            items.append(node.head)
            node = node.tail
        items.extend(node.slice(0, end - start - len(items)))
        return from_list(items)


def _link_skips(node: Cons) -> None:
    """Give `node` and every cons below it a skip link. Amortised O(1) a node: each is linked once."""
    chain: list[Cons] = []
    at: List = node
    while type(at) is Cons and at.skip is None:
        chain.append(at)
        at = at.tail
    for cell in reversed(chain):
        tail = cell.tail
        skip = tail.skip if type(tail) is Cons else None
        if type(tail) is Cons and type(skip) is Cons and skip.skip is not None:
            # Two jumps of one length in a row join into one of twice the length and one more.
            joined = tail.size - skip.size == skip.size - len(skip.skip)
            cell.skip = skip.skip if joined else tail
        else:
            cell.skip = tail


class Rope(List):
    """Two lists in a row. Heights of siblings differ by at most one, so a rope is at most 1.5 log₂ n high.

    That bounds the recursion of its operations: no shape of the data makes them deep.
    """

    __slots__ = ("height", "left", "right", "size")

    def __init__(self, left: List, right: List) -> None:
        self.left = left
        self.right = right
        self.size: int = len(left) + len(right)
        self.height: int = max(_height(left), _height(right)) + 1

    def __len__(self) -> int:
        return self.size

    def _leaves(self) -> Iterator[List]:
        pending: list[List] = [self]
        while pending:
            node = pending.pop()
            while type(node) is Rope:
                pending.append(node.right)
                node = node.left
            yield node

    def __iter__(self) -> Iterator[Any]:
        for leaf in self._leaves():
            yield from leaf

    def to_list(self) -> list[Any]:
        items: list[Any] = []
        for leaf in self._leaves():
            items.extend(leaf)
        return items

    def first(self) -> Any:
        node: List = self
        while type(node) is Rope:
            node = node.left
        return node.first()

    def rest(self) -> List:
        left = self.left.rest()
        return _balanced(left, self.right) if len(left) else self.right

    def nth(self, index: int) -> Any:
        node: List = self
        while type(node) is Rope:
            before = len(node.left)
            if index < before:
                node = node.left
            else:
                node, index = node.right, index - before
        return node.nth(index)

    def cons(self, item: Any) -> List:
        return Rope(self.left.cons(item), self.right)

    def _extended(self, items: list[Any]) -> List:
        return _balanced(self.left, self.right._extended(items))

    def slice(self, start: int, end: int) -> List:
        if start == 0 and end == self.size:
            return self
        before = len(self.left)
        if end <= before:
            return self.left.slice(start, end)
        if start >= before:
            return self.right.slice(start - before, end - before)
        return self.left.slice(start, before).concat(self.right.slice(0, end - before))


def _height(node: List) -> int:
    return node.height if type(node) is Rope else 0


def _join(left: List, right: List) -> List:
    """The rope of two lists that are not empty, of any heights. O(difference of the heights)."""
    if type(left) is Rope and left.height > _height(right) + 1:
        return _balanced(left.left, _join(left.right, right))
    if type(right) is Rope and right.height > _height(left) + 1:
        return _balanced(_join(left, right.left), right.right)
    return Rope(left, right)


def _balanced(left: List, right: List) -> List:
    """The rope of two lists whose heights differ by at most two."""
    if type(left) is Rope and left.height > _height(right) + 1:
        inner = left.right
        if type(inner) is Rope and inner.height > _height(left.left):
            return Rope(Rope(left.left, inner.left), Rope(inner.right, right))
        return Rope(left.left, Rope(inner, right))
    if type(right) is Rope and right.height > _height(left) + 1:
        inner = right.left
        if type(inner) is Rope and inner.height > _height(right.right):
            return Rope(Rope(left, inner.left), Rope(inner.right, right.right))
        return Rope(Rope(left, inner), right.right)
    return Rope(left, right)


EMPTY = Span([], 0, 0)
"""The empty list. Its buffer is never written to."""


def from_list(items: list[Any]) -> List:
    """A list over `items`, which it takes over: the caller must not change them any more."""
    return Span(items, 0, len(items)) if items else EMPTY


def list_of(*items: Any) -> List:
    """A list of the arguments."""
    return from_list(list(items))


class MutableList:
    """A list that is changed in place by `append!` and `set-nth!`; equal to a list of the same items."""

    __slots__ = ("items",)

    def __init__(self, items: list[Any]) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items)

    def __repr__(self) -> str:
        return f"<MutableList of {len(self.items)}>"
