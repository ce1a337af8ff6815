"""Functions that take functions: `map filter reduce for-each some every? sort` …, as resumable frames.

Each keeps what it has so far in its frame as immutable data, so a callback may suspend, escape, or be
entered again, and every entry goes on from its own past. A callback that is a primitive is called in a
Python loop: it cannot do any of that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sxpy.data import (
    EMPTY,
    Dict,
    List,
    Primitive,
    SxSet,
    Vector,
    from_list,
    is_list,
    is_number,
    list_of,
    truthy,
)
from sxpy.errors import SxError, SxTypeError
from sxpy.machine.procedures import control
from sxpy.machine.state import APPLY, CONTINUE, Kont, Native, Transition, native
from sxpy.machine.step import check_arity
from sxpy.primitives import REGISTRY
from sxpy.primitives.registry import expected


def items_of(who: str, value: Any) -> tuple[Any, ...]:
    """The items of anything that can be walked: list, vector, set, string, dict (its pairs), nil."""
    if isinstance(value, List):
        return tuple(value)
    if value is None:
        return ()
    if is_list(value) or isinstance(value, Vector):
        return tuple(value.items)
    if isinstance(value, Dict):
        return tuple([list_of(key, item) for key, item in value.items()])
    if isinstance(value, SxSet):
        return tuple(value.table.values())
    if isinstance(value, str):
        return tuple(value)
    raise expected(who, "a collection", value)


Rows = tuple[tuple[Any, ...], ...]
"""The arguments of each callback."""


def rows_of(who: str, collections: list[Any]) -> Rows:
    """The argument lists of a callback over one or several collections; the shortest ends it."""
    if len(collections) == 1:
        return tuple([(item,) for item in items_of(who, collections[0])])
    columns = [items_of(who, collection) for collection in collections]
    return tuple(zip(*columns, strict=False))


Take = Callable[[Any, Any, Any], Any]


class Walk:
    """A walk over rows of arguments.

    `take(so_far, row, result)` gives what is known after a callback: an accumulator, or `Found(value)` to
    end the walk at once. `finish` turns the last accumulator into the value of the call.
    """

    def __init__(
        self, name: str, start: Any, take: Take, finish: Callable[[Any], Any] = lambda so_far: so_far
    ) -> None:
        self.name = name
        self.start = start
        self.take = take
        self.finish = finish
        self.frame: Native = native(name)(self.resume)

    def begin(self, machine: Any, function: Any, rows: Rows, kont: Kont) -> Transition:
        """Start the walk."""
        return self.go_on(function, rows, 0, self.start, kont)

    def resume(self, machine: Any, value: Any, frame: Any) -> Transition:
        """(frame kind, function, rows, index, so far, kont): the callback of row `index` has returned."""
        _, function, rows, index, so_far, kont = frame
        taken = self.take(so_far, rows[index], value)
        if type(taken) is Found:
            return CONTINUE, taken.value, None, kont
        return self.go_on(function, rows, index + 1, taken, kont)

    def go_on(self, function: Any, rows: Rows, index: int, so_far: Any, kont: Kont) -> Transition:
        """Make the next callback, or end."""
        if type(function) is Primitive:
            while index < len(rows):
                so_far = self.take(so_far, rows[index], call_primitive(function, rows[index]))
                if type(so_far) is Found:
                    return CONTINUE, so_far.value, None, kont
                index += 1
        if index >= len(rows):
            return CONTINUE, self.finish(so_far), None, kont
        return APPLY, function, list(rows[index]), (self.frame, function, rows, index, so_far, kont)


class Found:
    """The value with which a walk ends early."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


def call_primitive(function: Primitive, args: Sequence[Any]) -> Any:
    """Call a primitive as the machine would."""
    check_arity(function, len(args))
    try:
        return function.function(*args)
    except SxError:
        raise
    except Exception as error:
        raise SxTypeError(f"{function.name}: {type(error).__name__}: {error}") from error


def walker(walk: Walk, doc: str, *names: str, several: bool = False) -> None:
    """Offer a walk under `names`; with `several`, over several collections at once."""

    def enter(machine: Any, args: list[Any], kont: Kont) -> Transition:
        return walk.begin(machine, args[0], rows_of(names[0], args[1:]), kont)

    enter.__doc__ = doc
    control(*names, minimum=2, maximum=None if several else 2)(enter)


walker(
    Walk("map", EMPTY, lambda so_far, row, result: so_far.append(result)),
    "(map f xs …) — the list of f of each item; of several lists, of the items that stand together.\n"
    "(map inc (list 1 2)) => (2 3)",
    "map",
    several=True,
)
walker(
    Walk("filter", EMPTY, lambda so_far, row, result: so_far.append(row[0]) if truthy(result) else so_far),
    "(filter f xs) — the items for which f holds.\n(filter odd? (list 1 2 3)) => (1 3)",
    "filter",
)
walker(
    Walk("remove", EMPTY, lambda so_far, row, result: so_far if truthy(result) else so_far.append(row[0])),
    "(remove f xs) — the items for which f does not hold.\n(remove odd? (list 1 2 3)) => (2)",
    "remove",
)
walker(
    Walk("for-each", None, lambda so_far, row, result: None),
    "(for-each f xs …) — f of each item, for its effect; nil.\n(for-each inc (list 1)) => nil",
    "for-each",
    several=True,
)
walker(
    Walk("some", None, lambda so_far, row, result: Found(result) if truthy(result) else result),
    "(some f xs …) — the first true value of f, else the last one; nil for no items.\n"
    "(some odd? (list 2 3)) => true",
    "some",
    "any?",
    several=True,
)
walker(
    Walk("every?", True, lambda so_far, row, result: result if truthy(result) else Found(result)),
    "(every? f xs …) — the first false value of f, else the last one; true for no items.\n"
    "(every? odd? (list 1 3)) => true",
    "every?",
    several=True,
)
walker(
    Walk("none?", True, lambda so_far, row, result: Found(False) if truthy(result) else True),
    "(none? f xs) — whether f holds for no item.\n(none? odd? (list 2 4)) => true",
    "none?",
)
walker(
    Walk("find", None, lambda so_far, row, result: Found(row[0]) if truthy(result) else None),
    "(find f xs) — the first item for which f holds, else nil.\n(find odd? (list 2 3 5)) => 3",
    "find",
)
walker(
    Walk("find-index", 0, lambda n, row, result: Found(n) if truthy(result) else n + 1, lambda n: -1),
    "(find-index f xs) — the index of the first item for which f holds, else -1.\n"
    "(find-index odd? (list 2 3)) => 1",
    "find-index",
)
walker(
    Walk("flat-map", EMPTY, lambda so_far, row, result: so_far.concat(items_of("flat-map", result))),
    "(flat-map f xs) — the items of the lists that f gives, in one list.\n"
    "(flat-map (fn (x) (list x x)) (list 1 2)) => (1 1 2 2)",
    "flat-map",
    "mapcat",
)
walker(
    Walk(
        "vector-map",
        EMPTY,
        lambda so_far, row, result: so_far.append(result),
        lambda xs: Vector(xs.to_list()),
    ),
    "(vector-map f v …) — the vector of f of each item.\n"
    "(vector->list (vector-map inc (vector 1 2))) => (2 3)",
    "vector-map",
    several=True,
)
walker(
    Walk("vector-for-each", None, lambda so_far, row, result: None),
    "(vector-for-each f v …) — f of each item, for its effect.\n(vector-for-each inc (vector 1)) => nil",
    "vector-for-each",
    several=True,
)


_map_indexed = Walk("map-indexed", EMPTY, lambda so_far, row, result: so_far.append(result))


@control("map-indexed", minimum=2, maximum=2)
def map_indexed(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(map-indexed f xs) — the list of f of each index and item.

    (map-indexed (fn (i x) (list i x)) (list "a")) => ((0 "a"))
    """
    rows = tuple(enumerate(items_of("map-indexed", args[1])))
    return _map_indexed.begin(machine, args[0], rows, kont)


# -- folding ---------------------------------------------------------------------------------------


@native("reduce")
def REDUCING(machine: Any, value: Any, frame: Any) -> Transition:
    """(REDUCING, f, items, index of the next item, kont)."""
    _, function, items, index, kont = frame
    return _reduce(function, value, items, index, kont)


def _reduce(function: Any, value: Any, items: tuple[Any, ...], index: int, kont: Kont) -> Transition:
    if type(function) is Primitive:
        for item in items[index:]:
            value = call_primitive(function, [value, item])
        return CONTINUE, value, None, kont
    if index >= len(items):
        return CONTINUE, value, None, kont
    if index + 1 == len(items):  # the last callback stands in tail position
        return APPLY, function, [value, items[index]], kont
    return APPLY, function, [value, items[index]], (REDUCING, function, items, index + 1, kont)


@control("reduce", "fold-left", "foldl", minimum=2, maximum=3)
def reduce_(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(reduce f init xs) — f of what is known so far and each item in turn.

    (reduce + 0 (list 1 2 3)) => 6
    """
    if len(args) == 2:
        items = items_of("reduce", args[1])
        return _reduce(args[0], items[0], items, 1, kont) if items else (APPLY, args[0], [], kont)
    return _reduce(args[0], args[1], items_of("reduce", args[2]), 0, kont)


@native("fold-right")
def FOLDING_RIGHT(machine: Any, value: Any, frame: Any) -> Transition:
    """(FOLDING_RIGHT, f, items, index of the next item, kont)."""
    _, function, items, index, kont = frame
    return _fold_right(function, value, items, index, kont)


def _fold_right(function: Any, value: Any, items: tuple[Any, ...], index: int, kont: Kont) -> Transition:
    if index < 0:
        return CONTINUE, value, None, kont
    return APPLY, function, [items[index], value], (FOLDING_RIGHT, function, items, index - 1, kont)


@control("fold-right", "reduce-right", "foldr", minimum=3, maximum=3)
def fold_right(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(fold-right f init xs) — f of each item, the last first, and what is known so far.

    (fold-right cons () (list 1 2)) => (1 2)
    """
    items = items_of("fold-right", args[2])
    return _fold_right(args[0], args[1], items, len(items) - 1, kont)


# -- sorting ---------------------------------------------------------------------------------------


@native("sort")
def SORTING(machine: Any, value: Any, frame: Any) -> Transition:
    """(SORTING, less?, waiting, done, left, right, merged, kont): `less?` of two heads is known."""
    _, less, waiting, done, left, right, merged, kont = frame
    if truthy(value):
        merged, right = merged.append(right.first()), right.rest()
    else:
        merged, left = merged.append(left.first()), left.rest()
    return _merge(less, waiting, done, left, right, merged, kont)


def _merge(
    less: Any, waiting: List, done: List, left: List, right: List, merged: List, kont: Kont
) -> Transition:
    """Bottom-up merge sort of neighbouring runs: stable, and every comparison waits in a frame.

    `waiting` are the sorted runs that this pass has not reached, `done` those it has made.
    """
    while not (len(left) and len(right)):
        run = merged.concat(left).concat(right)
        done = done.append(run) if len(run) else done
        if len(waiting) < 2:
            waiting, done = done.concat(waiting), EMPTY
            if len(waiting) <= 1:
                return CONTINUE, waiting.first() if len(waiting) else EMPTY, None, kont
        left, right, merged = waiting.nth(0), waiting.nth(1), EMPTY
        waiting = waiting.slice(2, len(waiting))
    frame = (SORTING, less, waiting, done, left, right, merged, kont)
    return APPLY, less, [right.first(), left.first()], frame


def natural_order(items: list[Any]) -> list[Any]:
    """The items in ascending order: all numbers or all strings. Stable."""
    numbers = sum(1 for item in items if is_number(item))
    strings = sum(1 for item in items if type(item) is str)
    if len(items) not in (numbers, strings):
        odd = next(item for item in items if not (is_number(item) if numbers else type(item) is str))
        raise expected("sort", "only numbers or only strings (give it a comparison otherwise)", odd)
    return sorted(items)


@control("sort", minimum=1, maximum=2)
def sort(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(sort xs less?) — the items in order, equal ones as they stood; numbers or strings need no less?.

    (sort (list 3 1 2)) => (1 2 3)
    """
    items = items_of("sort", args[0])
    if len(args) == 1 or args[1] is REGISTRY["<"]:
        return CONTINUE, from_list(natural_order(list(items))), None, kont
    runs = from_list([list_of(item) for item in items])
    return _merge(args[1], runs, EMPTY, EMPTY, EMPTY, EMPTY, kont)
