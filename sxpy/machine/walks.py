"""Walks: calling a function for each item of a collection, as a resumable frame and as direct code.

Owns what `map`, `filter`, `for-each`, `some` and their kin have in common (`sxpy/machine/collections.py`
lists them). A walk that waits for a callback is the frame

    (kind, function, items, index, so far, kont)

with what it has so far as immutable data, so a callback may suspend, escape, or be entered again, and every
entry goes on from its own past. In direct code the walk is a Python loop, which becomes that frame when it
is left (`sxpy/core/direct.py`). A callback that is a primitive is called in a Python loop at any rate: it
cannot do any of that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import starmap
from typing import Any

from sxpy.core.direct import Direct, Leave, Waiting, direct_of
from sxpy.data import (
    EMPTY,
    UNBOUND,
    Control,
    Dict,
    List,
    Primitive,
    SxSet,
    Vector,
    from_list,
    is_list,
    list_of,
    truthy,
)
from sxpy.errors import SxError, SxTypeError
from sxpy.machine.procedures import control, offer
from sxpy.machine.state import APPLY, CONTINUE, Kont, Native, Transition, native
from sxpy.machine.step import check_arity
from sxpy.primitives.registry import expected

# -- items -----------------------------------------------------------------------------------------


def items_of(who: str, value: Any) -> list[Any]:
    """A new list of the items of anything that can be walked: list, vector, set, string, dict (its pairs),
    nil. Raises SxTypeError for other kinds."""
    if isinstance(value, List):
        return value.to_list()
    if value is None:
        return []
    if is_list(value) or isinstance(value, Vector):
        return list(value.items)
    if isinstance(value, Dict):
        return [list_of(key, item) for key, item in value.items()]
    if isinstance(value, SxSet):
        return list(value.table.values())
    if isinstance(value, str):
        return list(value)
    raise expected(who, "a collection", value)


def with_primitive(
    function: Primitive, sizes: Iterable[int], work: Callable[[Callable[..., Any]], Any]
) -> Any:
    """What `work` makes of the function of a primitive, which it calls with so many arguments.

    Errors are those of calls by the machine.
    """
    for size in sizes:
        check_arity(function, size)
    try:
        return work(function.function)
    except SxError:
        raise
    except Exception as error:
        raise SxTypeError(f"{function.name}: {type(error).__name__}: {error}") from error


# -- the walk --------------------------------------------------------------------------------------


HOME = "sxpy.machine.collections"
"""The module that lists the walks."""


class Found:
    """The value with which a walk ends early."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


Take = Callable[[Any, Any, Any], Any]


class Walk:
    """A walk over the items of a collection.

    `take(so_far, item, result)` gives what is known after a callback: an accumulator, or `Found(value)` to
    end the walk at once. `finish` turns the last accumulator into the value of the call. In a walk over
    rows an item is the tuple of a callback's arguments; `several` is that walk over more than one collection,
    where there may be more.
    """

    __slots__ = ("finish", "is_of_rows", "kind", "name", "several", "start", "take")

    def __init__(
        self,
        name: str,
        start: Any,
        take: Take,
        finish: Callable[[Any], Any] = lambda so_far: so_far,
        *,
        several: bool = False,
        is_of_rows: bool = False,
    ) -> None:
        self.name = name
        self.start = start
        self.take = take
        self.finish = finish
        self.is_of_rows = is_of_rows
        self.kind: Native = native(name, module=HOME)(self.resume)
        self.several: Walk | None = None
        if several:
            self.several = self.over_rows()

    def over_rows(self) -> Walk:
        """The same walk over several collections."""
        return Walk(f"{self.name} of several", self.start, self.take, self.finish, is_of_rows=True)

    def over(self, collections: Sequence[Any]) -> tuple[Walk, list[Any]]:
        """The walk to be made over these collections, and its items; the shortest ends it."""
        if len(collections) == 1:
            return self, items_of(self.name, collections[0])
        if self.several is None or not collections:
            raise Leave  # the machine knows what to say of too many or too few
        columns = [items_of(self.name, collection) for collection in collections]
        return self.several, list(zip(*columns, strict=False))

    def arguments(self, item: Any) -> list[Any]:
        """What the callback gets for an item."""
        return list(item) if self.is_of_rows else [item]

    def frame(self, function: Any, items: Sequence[Any], index: int, so_far: Any, kont: Kont) -> Kont:
        """The frame that waits for the callback of item `index`."""
        return (self.kind, function, tuple(items), index, so_far, kont)

    def resume(self, machine: Any, value: Any, frame: Any) -> Transition:
        """The callback of item `index` has returned."""
        _, function, items, index, so_far, kont = frame
        taken = self.take(so_far, items[index], value)
        if type(taken) is Found:
            return CONTINUE, taken.value, None, kont
        return self.go_on(function, items, index + 1, taken, kont)

    def go_on(self, function: Any, items: Sequence[Any], index: int, so_far: Any, kont: Kont) -> Transition:
        """Make the next callback, or end."""
        if type(function) is Primitive:
            return CONTINUE, self.by_primitive(function, items[index:], so_far), None, kont
        if index >= len(items):
            return CONTINUE, self.finish(so_far), None, kont
        below = self.frame(function, items, index, so_far, kont)
        return APPLY, function, self.arguments(items[index]), below

    def by_primitive(self, function: Primitive, items: Sequence[Any], so_far: Any) -> Any:
        """The value of the rest of the walk, when the callback is a primitive."""

        def work(call: Callable[..., Any]) -> Any:
            known = so_far
            for item in items:
                known = self.take(known, item, call(*item) if self.is_of_rows else call(item))
                if type(known) is Found:
                    return known.value
            return self.finish(known)

        return with_primitive(function, self.sizes(items), work)

    def sizes(self, items: Sequence[Any]) -> Iterable[int]:
        """With how many arguments the callback is called."""
        return set(map(len, items)) if self.is_of_rows else {1} if items else ()


class MapWalk(Walk):
    """A walk that collects the results of its callbacks."""

    __slots__ = ()

    def __init__(
        self, name: str, finish: Callable[[Any], Any] = lambda so_far: so_far, **kinds: bool
    ) -> None:
        super().__init__(name, EMPTY, lambda so_far, item, result: so_far.append(result), finish, **kinds)

    def over_rows(self) -> Walk:
        return MapWalk(f"{self.name} of several", self.finish, is_of_rows=True)

    def by_primitive(self, function: Primitive, items: Sequence[Any], so_far: Any) -> Any:
        spread = starmap if self.is_of_rows else map
        results = with_primitive(function, self.sizes(items), lambda call: list(spread(call, items)))
        return self.finish(so_far.concat(results))


class FilterWalk(Walk):
    """A walk that collects the items for which its callback holds."""

    __slots__ = ()

    def __init__(self, name: str) -> None:
        super().__init__(
            name, EMPTY, lambda so_far, item, result: so_far.append(item) if truthy(result) else so_far
        )

    def by_primitive(self, function: Primitive, items: Sequence[Any], so_far: Any) -> Any:
        def work(call: Callable[..., Any]) -> list[Any]:
            answers = map(call, items)
            return [
                item
                for item, held in zip(items, answers, strict=True)
                if held is not None and held is not False
            ]

        return so_far.concat(with_primitive(function, self.sizes(items), work))


class IndexedWalk(MapWalk):
    """A walk whose callback gets an item's index, and the item."""

    __slots__ = ()

    def over(self, collections: Sequence[Any]) -> tuple[Walk, list[Any]]:
        _, items = super().over(collections)
        return self, list(enumerate(items))


# -- direct code -----------------------------------------------------------------------------------


def _spread(direct: Direct) -> Direct:
    """A direct function of the arguments in a tuple."""
    return lambda d, function, row: direct(d, function, *row)


Onward = Callable[..., Any]
"""Goes on with a walk in direct code: `(d, walk, function, items, index, so far)` to its value."""


def walk_on(d: Any, here: Walk, function: Any, items: Sequence[Any], index: int, so_far: Any) -> Any:
    """Go on with any walk."""
    call, inner, take, count = direct_of(d, function), d[0], here.take, len(items)
    if here.is_of_rows:
        call = _spread(call)
    begin, index = index, index - 1
    for index, _ in zip(range(begin, count), d[1], strict=False):
        item = items[index]
        result = UNBOUND
        result = call(inner, function, item)
        so_far = take(so_far, item, result)
        if type(so_far) is Found:
            return so_far.value
    index += 1
    if index < count:
        result = UNBOUND
        raise Leave
    return here.finish(so_far)


def each_on(d: Any, here: Walk, function: Any, items: Sequence[Any], index: int, so_far: Any) -> Any:
    """Go on with a walk that wants nothing of the results."""
    call, inner, count = direct_of(d, function), d[0], len(items)
    if here.is_of_rows:
        call = _spread(call)
    result = UNBOUND  # noqa: F841  it is looked at from outside
    begin, index = index, index - 1
    for index, _ in zip(range(begin, count), d[1], strict=False):
        call(inner, function, items[index])
    index += 1
    if index < count:
        raise Leave
    return so_far


def map_on(d: Any, here: Walk, function: Any, items: Sequence[Any], index: int, so_far: List) -> Any:
    """Go on with a walk that collects the results in a list."""
    call, inner, count = direct_of(d, function), d[0], len(items)
    if here.is_of_rows:
        call = _spread(call)
    done: list[Any] = []
    result = UNBOUND  # noqa: F841  it is looked at from outside
    begin, index = index, index - 1
    for index, _ in zip(range(begin, count), d[1], strict=False):
        done.append(call(inner, function, items[index]))
    index += 1
    if index < count:
        raise Leave
    return here.finish(so_far.concat(from_list(done)))


def filter_on(d: Any, here: Walk, function: Any, items: Sequence[Any], index: int, so_far: List) -> Any:
    """Go on with a walk that collects the items for which the callback holds."""
    call, inner, count = direct_of(d, function), d[0], len(items)
    done: list[Any] = []
    result = UNBOUND  # noqa: F841  it is looked at from outside
    begin, index = index, index - 1
    for index, _ in zip(range(begin, count), d[1], strict=False):
        item = items[index]
        held = call(inner, function, item)
        if held is not None and held is not False:
            done.append(item)
    index += 1
    if index < count:
        raise Leave
    return so_far.concat(from_list(done))


def _frame(machine: Any, local: dict[str, Any], kont: Kont) -> Any:
    so_far, done = local["so_far"], local.get("done")
    if done:
        so_far = so_far.concat(from_list(done))
    return local["here"].frame(local["function"], local["items"], local["index"], so_far, kont)


def _call(local: dict[str, Any]) -> tuple[Any, list[Any]]:
    return local["function"], local["here"].arguments(local["items"][local["index"]])


def _direct(walk: Walk, onward: Onward) -> Direct:
    """The direct function of a walk."""

    def direct(d: Any, operation: Control, function: Any, *collections: Any) -> Any:
        here, items = walk.over(collections)
        if type(function) is Primitive:
            final = True  # noqa: F841  what a primitive did is not done again
            return here.by_primitive(function, items, here.start)
        return onward(d, here, function, items, 0, here.start)

    return direct


def _resumed(walk: Walk, onward: Onward) -> Direct:
    """What goes on from a frame of a walk."""
    take = walk.take

    def direct(d: Any, value: Any, frame: Any) -> Any:
        _, function, items, index, so_far, _ = frame
        taken = take(so_far, items[index], value)
        return taken.value if type(taken) is Found else onward(d, walk, function, items, index + 1, taken)

    return direct


# -- offering --------------------------------------------------------------------------------------


def walker(walk: Walk, doc: str, *names: str, onward: Onward = walk_on) -> None:
    """Offer a walk under `names`; direct code goes on with it by `onward`."""

    def enter(machine: Any, args: list[Any], kont: Kont) -> Transition:
        here, items = walk.over(args[1:])
        return here.go_on(args[0], items, 0, here.start, kont)

    enter.__doc__, enter.__module__ = doc, HOME
    made = control(*names, minimum=2, maximum=None if walk.several else 2)(enter)
    offer(made, _direct(walk, onward), onward, Waiting(_frame, _call))
    for each in (walk, walk.several):
        if each is not None:
            each.kind.direct = _resumed(each, onward)
