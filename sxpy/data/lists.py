"""Lists: immutable sequences that grow cheaply at both ends, and the mutable list.

Owns the growth promises of SX lists. An immutable list has one of two shapes, and every operation is
open to both:

* `Cons` — one item in front of another list. `cons` always makes one in O(1), so a thousand lists may
  share one tail. Indexing uses skip links (Myers, "An applicative random-access stack", 1983), made on
  first use: O(log n).
* `Span` — a window on a shared buffer. Appending to the window that ends where the buffer ends writes
  behind it and returns a longer window: amortised O(1), and older windows never see the new item.
  Appending twice to the *same* window copies it for the second time, because the place behind it is
  taken. The buffer keeps free room in front in the same way once a list is grown at both ends.

No list is ever changed after it is made, except `MutableList`, whose very purpose it is.
A list belongs to one thread at a time: growing two lists of one buffer from two threads is a race.
Next: `sxpy/data/dicts.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any


class List:
    """An immutable SX list; `Cons` and `Span` are its two shapes."""

    __slots__ = ()

    def __len__(self) -> int:
        raise NotImplementedError

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError

    def first(self) -> Any:
        """The first item, or None (nil) of an empty list."""
        raise NotImplementedError

    def rest(self) -> List:
        """The list without its first item; `EMPTY` of an empty list. O(1)."""
        raise NotImplementedError

    def nth(self, index: int) -> Any:
        """The item at `index`, 0 ≤ index < len. Raises IndexError outside. O(log n)."""
        raise NotImplementedError

    def to_list(self) -> list[Any]:
        """A new Python list of the items. O(n)."""
        raise NotImplementedError

    def append(self, item: Any) -> List:
        """A list with `item` added at the end. Amortised O(1) when each result is grown in turn."""
        raise NotImplementedError

    def cons(self, item: Any) -> List:
        """A list with `item` added in front. O(1)."""
        return Cons(item, self)

    def concat(self, items: Iterable[Any]) -> List:
        """A list with all of `items` added at the end."""
        raise NotImplementedError

    def slice(self, start: int, end: int) -> List:
        """The items from `start` up to `end`, 0 ≤ start ≤ end ≤ len."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self)}>"


class Buffer:
    """Items shared by spans. `front` is the first index in use; below it lies free room."""

    __slots__ = ("front", "items")

    def __init__(self, items: list[Any], front: int = 0) -> None:
        self.items = items
        self.front = front


class Span(List):
    """The items `low ≤ i < high` of a shared buffer."""

    __slots__ = ("buffer", "high", "low")

    def __init__(self, buffer: Buffer, low: int, high: int) -> None:
        self.buffer = buffer
        self.low = low
        self.high = high

    def __len__(self) -> int:
        return self.high - self.low

    def __iter__(self) -> Iterator[Any]:
        return iter(self.buffer.items[self.low : self.high])

    def first(self) -> Any:
        return self.buffer.items[self.low] if self.low < self.high else None

    def rest(self) -> List:
        low = self.low + 1
        return Span(self.buffer, low, self.high) if low < self.high else EMPTY

    def nth(self, index: int) -> Any:
        if not 0 <= index < self.high - self.low:
            raise IndexError(index)
        return self.buffer.items[self.low + index]

    def to_list(self) -> list[Any]:
        return self.buffer.items[self.low : self.high]

    def append(self, item: Any) -> List:
        buffer, high = self.buffer, self.high
        if high == len(buffer.items) and self is not EMPTY:
            buffer.items.append(item)
            return Span(buffer, self.low, high + 1)
        items = buffer.items[self.low : high]
        items.append(item)
        return Span(Buffer(items), 0, len(items))

    def cons(self, item: Any) -> List:
        buffer, low = self.buffer, self.low
        if 0 < low == buffer.front:
            low -= 1
            buffer.items[low] = item
            buffer.front = low
            return Span(buffer, low, self.high)
        return Cons(item, self)

    def concat(self, items: Iterable[Any]) -> List:
        buffer, high = self.buffer, self.high
        if high == len(buffer.items) and self is not EMPTY:
            buffer.items.extend(items)
            return Span(buffer, self.low, len(buffer.items))
        joined = buffer.items[self.low : high]
        joined.extend(items)
        return from_list(joined)

    def slice(self, start: int, end: int) -> List:
        return Span(self.buffer, self.low + start, self.low + end) if start < end else EMPTY


class Cons(List):
    """`head` in front of `tail`. `skip` is the skip link, None until an index is asked for."""

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
        if index > 4 and self.skip is None:
            _link_skips(self)
        node: List = self
        left = self.size - index  # the size of the node that starts with the wanted item
        while type(node) is Cons:
            if node.size == left:
                return node.head
            skip = node.skip
            node = skip if skip is not None and len(skip) >= left else node.tail
        return node.nth(len(node) - left)

    def to_list(self) -> list[Any]:
        items = []
        node: List = self
        while type(node) is Cons:
            items.append(node.head)
            node = node.tail
        items.extend(node)
        return items

    def _spanned(self) -> Span:
        """The same items as a span with as much free room in front as there are items."""
        room: list[Any] = [None] * self.size
        room.extend(self.to_list())
        return Span(Buffer(room, self.size), self.size, 2 * self.size)

    def append(self, item: Any) -> List:
        return self._spanned().append(item)

    def concat(self, items: Iterable[Any]) -> List:
        return self._spanned().concat(items)

    def slice(self, start: int, end: int) -> List:
        if end == self.size and start <= 4:
            node: List = self
            for _ in range(start):
                node = node.rest()
            return node
        return from_list(self.to_list()[start:end])


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


EMPTY = Span(Buffer([]), 0, 0)
"""The empty list. Its buffer is never written to."""


def from_list(items: list[Any]) -> List:
    """A list over `items`, which it takes over: the caller must not change them any more."""
    return Span(Buffer(items), 0, len(items)) if items else EMPTY


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
