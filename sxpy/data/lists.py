"""Lists: immutable sequences that grow cheaply at both ends, and the mutable list.

Owns the growth promises of SX lists: `first rest cons nth len` and adding at the end cost O(1) or O(log n)
on every list, however it was made and however many others share its items. An immutable list has one of
three shapes, and every operation is open to all:

* `Span` — a window on a Python list, the buffer. Appending to the window that ends where the buffer ends
  writes behind it and returns a longer window; older windows never see the new item.
* `Stack` — the same in opposite order: the buffer's last item within the window is the list's first, so
  `cons` writes behind the window as `append` does for a span. Reversing turns the one into the other.
* `Rope` — a balanced tree (Adelson-Velsky and Landis, 1962) whose leaves are spans and stacks. It comes from
  growing a list in two ways: where the place behind a window is taken, the new item starts a buffer of its
  own, and a rope joins the two (a list of up to `SMALL` items is copied instead); and from joining lists.

A window costs one small object and no item costs any: a list that is built by a million steps is one
Python list in the end, which is also walked, indexed and converted at Python's speed.

No list is ever changed after it is made, except `MutableList`, whose very purpose it is; threads may share
them. A window keeps the buffer it looks at alive, and with it what was added by others or taken away.
Next: `sxpy/data/dicts.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import is_
from typing import Any

SMALL = 32
"""Up to this many items are copied where a larger list would be shared."""


class List:
    """An immutable SX list; `Span`, `Stack` and `Rope` are its shapes."""

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
        return self.extended([item])

    def cons(self, item: Any) -> List:
        """A list with `item` added in front. O(log n), amortised."""
        return self.preceded([item])

    def concat(self, items: Iterable[Any]) -> List:
        """A list with all of `items` added at the end. O(log n) when both are lists."""
        other = items if isinstance(items, List) else from_list(list(items))
        if len(other) <= SMALL:
            return self.extended(other.to_list()) if len(other) else self
        if len(self) <= SMALL:
            return other.preceded(self.to_list()[::-1]) if len(self) else other
        return _join(self, other)

    def reversed(self) -> List:
        """The items in opposite order. O(1) of a list that grew at one end only, O(n) of a rope."""
        items = self.to_list()
        items.reverse()
        return from_list(items)

    def slice(self, start: int, end: int) -> List:
        """The items from `start` up to `end`, 0 ≤ start ≤ end ≤ len."""
        raise NotImplementedError

    def extended(self, items: list[Any]) -> List:
        """This list with some items added at the end, which it takes over."""
        if len(self) + len(items) <= SMALL:
            return from_list(self.to_list() + items)
        return Rope(self, span(items, 0, len(items)))

    def preceded(self, items: list[Any]) -> List:
        """This list with some items added in front, the last of them first. It takes them over."""
        size = len(self) + len(items)
        if size <= SMALL:
            return stack(self.to_list()[::-1] + items, 0, size)
        return Rope(stack(items, 0, len(items)), self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self)}>"


class _Window(List):
    """The items `low ≤ i < high` of a buffer that others share. Only `EMPTY` and forms are empty windows."""

    __slots__ = ("buffer", "high", "low")

    buffer: list[Any]
    low: int
    high: int

    def __len__(self) -> int:
        return self.high - self.low

    def _has_room(self) -> bool:
        """Whether an item may be written behind the window.

        A queue leaves ever more unused room at its other end; it must not keep it, and starts a new buffer.
        """
        high = self.high
        return 0 < high == len(self.buffer) and self.low <= SMALL + high // 2

    def _written(self, items: list[Any]) -> bool:
        """Write behind the window, where there is room. False when another thread was faster."""
        high = self.high
        self.buffer.extend(items)
        return all(map(is_, self.buffer[high : high + len(items)], items))

    def _within(self, low: int, high: int) -> tuple[list[Any], int, int]:
        """The parts of a window on a part of this one. A small window must not keep a large buffer alive."""
        if 4 * (high - low) <= len(self.buffer):
            return self.buffer[low:high], 0, high - low
        return self.buffer, low, high


def span(buffer: list[Any], low: int, high: int) -> Span:
    """The window as a span. A function makes it in half the time that a method `__init__` takes."""
    made = Span()
    made.buffer = buffer
    made.low = low
    made.high = high
    return made


def stack(buffer: list[Any], low: int, high: int) -> Stack:
    """The window as a stack."""
    made = Stack()
    made.buffer = buffer
    made.low = low
    made.high = high
    return made


class Span(_Window):
    """The items of a window in their order."""

    __slots__ = ()

    def __iter__(self) -> Iterator[Any]:
        return iter(self.buffer[self.low : self.high])

    def first(self) -> Any:
        return self.buffer[self.low] if self.low < self.high else None

    def rest(self) -> List:
        low = self.low + 1
        return span(self.buffer, low, self.high) if low < self.high else EMPTY

    def nth(self, index: int) -> Any:
        if not 0 <= index < self.high - self.low:
            raise IndexError(index)
        return self.buffer[self.low + index]

    def to_list(self) -> list[Any]:
        return self.buffer[self.low : self.high]

    def append(self, item: Any) -> List:
        buffer, high = self.buffer, self.high
        if self._has_room():
            buffer.append(item)
            # Another thread may have written there between the two lines.
            if buffer[high] is item:
                return span(buffer, self.low, high + 1)
        return List.extended(self, [item])

    def extended(self, items: list[Any]) -> List:
        if self._has_room() and self._written(items):
            return span(self.buffer, self.low, self.high + len(items))
        return List.extended(self, items)

    def reversed(self) -> List:
        return stack(self.buffer, self.low, self.high) if self.low < self.high else EMPTY

    def slice(self, start: int, end: int) -> List:
        return span(*self._within(self.low + start, self.low + end)) if start < end else EMPTY


class Stack(_Window):
    """The items of a window in opposite order. Never empty."""

    __slots__ = ()

    def __iter__(self) -> Iterator[Any]:
        return iter(self.to_list())

    def first(self) -> Any:
        return self.buffer[self.high - 1]

    def rest(self) -> List:
        high = self.high - 1
        return stack(self.buffer, self.low, high) if high > self.low else EMPTY

    def nth(self, index: int) -> Any:
        if not 0 <= index < self.high - self.low:
            raise IndexError(index)
        return self.buffer[self.high - 1 - index]

    def to_list(self) -> list[Any]:
        items = self.buffer[self.low : self.high]
        items.reverse()
        return items

    def cons(self, item: Any) -> List:
        buffer, high = self.buffer, self.high
        if self._has_room():
            buffer.append(item)
            # Another thread may have written there between the two lines.
            if buffer[high] is item:
                return stack(buffer, self.low, high + 1)
        return List.preceded(self, [item])

    def preceded(self, items: list[Any]) -> List:
        if self._has_room() and self._written(items):
            return stack(self.buffer, self.low, self.high + len(items))
        return List.preceded(self, items)

    def reversed(self) -> List:
        return span(self.buffer, self.low, self.high)

    def slice(self, start: int, end: int) -> List:
        return stack(*self._within(self.high - end, self.high - start)) if start < end else EMPTY


class Rope(List):
    """Two lists in a row. Heights of siblings differ by at most one, so a rope is at most 1.5 log₂ n high.

    That bounds the recursion of its operations: no shape of the data makes them deep.
    """

    __slots__ = ("height", "left", "right", "size")

    def __init__(self, left: List, right: List) -> None:
        self.left = left
        self.right = right
        self.size: int = len(left) + len(right)
        one = left.height if type(left) is Rope else 0
        two = right.height if type(right) is Rope else 0
        self.height: int = (one if one > two else two) + 1

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
        return _balanced(self.left.cons(item), self.right)

    def append(self, item: Any) -> List:
        return _balanced(self.left, self.right.append(item))

    def extended(self, items: list[Any]) -> List:
        return _balanced(self.left, self.right.extended(items))

    def preceded(self, items: list[Any]) -> List:
        return _balanced(self.left.preceded(items), self.right)

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


EMPTY = span([], 0, 0)
"""The empty list. Its buffer is never written to."""


def from_list(items: list[Any]) -> List:
    """A list over `items`, which it takes over: the caller must not change them any more."""
    return span(items, 0, len(items)) if items else EMPTY


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
