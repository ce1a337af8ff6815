"""Functions that take functions: `map filter reduce for-each some every? find` …, as resumable frames.

What they have in common is in `sxpy/machine/walks.py`; here they are listed, and the folds, which keep the
one value that the callback gave. Next: `sxpy/machine/sorting.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce as fold
from math import prod
from typing import Any

from sxpy.core.direct import Leave, Waiting, direct_of
from sxpy.data import EMPTY, UNBOUND, Control, Primitive, Vector, truthy
from sxpy.machine.procedures import control, offer
from sxpy.machine.state import APPLY, CONTINUE, Kont, Transition, native
from sxpy.machine.walks import (
    FilterWalk,
    Found,
    IndexedWalk,
    MapWalk,
    Walk,
    each_on,
    filter_on,
    items_of,
    map_on,
    walker,
    with_primitive,
)
from sxpy.primitives import REGISTRY

walker(
    MapWalk("map", several=True),
    "(map f xs …) — the list of f of each item; of several lists, of the items that stand together.\n"
    "(map inc (list 1 2)) => (2 3)",
    "map",
    onward=map_on,
)
walker(
    FilterWalk("filter"),
    "(filter f xs) — the items for which f holds.\n(filter odd? (list 1 2 3)) => (1 3)",
    "filter",
    onward=filter_on,
)
walker(
    Walk("remove", EMPTY, lambda so_far, item, result: so_far if truthy(result) else so_far.append(item)),
    "(remove f xs) — the items for which f does not hold.\n(remove odd? (list 1 2 3)) => (2)",
    "remove",
)
walker(
    Walk("for-each", None, lambda so_far, item, result: None, several=True),
    "(for-each f xs …) — f of each item, for its effect; nil.\n(for-each inc (list 1)) => nil",
    "for-each",
    onward=each_on,
)
walker(
    Walk(
        "some",
        None,
        lambda so_far, item, result: Found(result) if truthy(result) else result,
        several=True,
    ),
    "(some f xs …) — the first true value of f, else the last one; nil for no items.\n"
    "(some odd? (list 2 3)) => true",
    "some",
    "any?",
)
walker(
    Walk(
        "every?",
        True,
        lambda so_far, item, result: result if truthy(result) else Found(result),
        several=True,
    ),
    "(every? f xs …) — the first false value of f, else the last one; true for no items.\n"
    "(every? odd? (list 1 3)) => true",
    "every?",
)
walker(
    Walk("none?", True, lambda so_far, item, result: Found(False) if truthy(result) else True),
    "(none? f xs) — whether f holds for no item.\n(none? odd? (list 2 4)) => true",
    "none?",
)
walker(
    Walk("find", None, lambda so_far, item, result: Found(item) if truthy(result) else None),
    "(find f xs) — the first item for which f holds, else nil.\n(find odd? (list 2 3 5)) => 3",
    "find",
)
walker(
    Walk("find-index", 0, lambda n, item, result: Found(n) if truthy(result) else n + 1, lambda n: -1),
    "(find-index f xs) — the index of the first item for which f holds, else -1.\n"
    "(find-index odd? (list 2 3)) => 1",
    "find-index",
)
walker(
    Walk("flat-map", EMPTY, lambda so_far, item, result: so_far.concat(items_of("flat-map", result))),
    "(flat-map f xs) — the items of the lists that f gives, in one list.\n"
    "(flat-map (fn (x) (list x x)) (list 1 2)) => (1 1 2 2)",
    "flat-map",
    "mapcat",
)
walker(
    MapWalk("vector-map", lambda xs: Vector(xs.to_list()), several=True),
    "(vector-map f v …) — the vector of f of each item.\n"
    "(vector->list (vector-map inc (vector 1 2))) => (2 3)",
    "vector-map",
    onward=map_on,
)
walker(
    Walk("vector-for-each", None, lambda so_far, item, result: None, several=True),
    "(vector-for-each f v …) — f of each item, for its effect.\n(vector-for-each inc (vector 1)) => nil",
    "vector-for-each",
    onward=each_on,
)
walker(
    IndexedWalk("map-indexed", is_of_rows=True),
    "(map-indexed f xs) — the list of f of each index and item.\n"
    '(map-indexed (fn (i x) (list i x)) (list "a")) => ((0 "a"))',
    "map-indexed",
    onward=map_on,
)


# -- folding ---------------------------------------------------------------------------------------


@native("reduce")
def REDUCING(machine: Any, value: Any, frame: Any) -> Transition:
    """(REDUCING, f, items, index of the next item, kont)."""
    _, function, items, index, kont = frame
    return _reduce(function, value, items, index, kont)


def _reduce(function: Any, value: Any, items: Sequence[Any], index: int, kont: Kont) -> Transition:
    if type(function) is Primitive:
        return CONTINUE, reduced_by(function, value, items[index:]), None, kont
    if index >= len(items):
        return CONTINUE, value, None, kont
    below = _reducing(function, items, index + 1, kont)
    return APPLY, function, [value, items[index]], below


def _reducing(function: Any, items: Sequence[Any], index: int, kont: Kont) -> Kont:
    """What waits for the callback before item `index`; the last one stands in tail position."""
    return (REDUCING, function, tuple(items), index, kont) if index < len(items) else kont


_ADD, _MULTIPLY = REGISTRY["+"].function, REGISTRY["*"].function


def reduced_by(function: Primitive, value: Any, items: Sequence[Any]) -> Any:
    """The fold by a primitive."""
    if type(value) is int:
        if function.function is _ADD:
            try:
                total = sum(items, value)
            except TypeError:  # SX adds more than Python does, and has errors of its own
                total = None
            if type(total) is int:  # all were integers, or booleans
                return total
        elif function.function is _MULTIPLY and set(map(type, items)) <= {int}:
            return prod(items, start=value)
    return with_primitive(function, [2] if items else [], lambda call: fold(call, items, value))


def _fold_of(args: Sequence[Any]) -> tuple[Any, list[Any]] | None:
    """First value and items of a fold from (init xs) or (xs); None when there is nothing at all."""
    items = items_of("reduce", args[-1])
    if len(args) == 2:
        return args[0], items
    return (items[0], items[1:]) if items else None


@control("reduce", "fold-left", "foldl", minimum=2, maximum=3)
def reduce_(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(reduce f init xs) — f of what is known so far and each item in turn.

    (reduce + 0 (list 1 2 3)) => 6
    """
    begun = _fold_of(args[1:])
    return (APPLY, args[0], [], kont) if begun is None else _reduce(args[0], *begun, 0, kont)


def _reduce_on(d: Any, function: Any, value: Any, items: Sequence[Any], index: int) -> Any:
    """Go on with a reduce in direct code."""
    call, inner, count = direct_of(d, function), d[0], len(items)
    result = UNBOUND  # noqa: F841  it is looked at from outside
    begin, index = index, index - 1
    for index, _ in zip(range(begin, count), d[1], strict=False):
        value = call(inner, function, value, items[index])
    index += 1
    if index < count:
        raise Leave
    return value


def _direct_reduce(d: Any, operation: Control, function: Any, *args: Any) -> Any:
    begun = _fold_of(args) if 0 < len(args) < 3 else None
    if begun is None:
        raise Leave
    value, items = begun
    if type(function) is Primitive:
        final = True  # noqa: F841  what a primitive did is not done again
        return reduced_by(function, value, items)
    return _reduce_on(d, function, value, items, 0)


offer(
    reduce_,
    _direct_reduce,
    _reduce_on,
    Waiting(
        lambda machine, local, kont: _reducing(local["function"], local["items"], local["index"] + 1, kont),
        lambda local: (local["function"], [local["value"], local["items"][local["index"]]]),
    ),
)
REDUCING.direct = lambda d, value, frame: _reduce_on(d, frame[1], value, frame[2], frame[3])


@native("fold-right")
def FOLDING_RIGHT(machine: Any, value: Any, frame: Any) -> Transition:
    """(FOLDING_RIGHT, f, items, index of the next item, kont)."""
    _, function, items, index, kont = frame
    return _fold_right(function, value, items, index, kont)


def _fold_right(function: Any, value: Any, items: Sequence[Any], index: int, kont: Kont) -> Transition:
    if index < 0:
        return CONTINUE, value, None, kont
    return APPLY, function, [items[index], value], (FOLDING_RIGHT, function, tuple(items), index - 1, kont)


@control("fold-right", "reduce-right", "foldr", minimum=3, maximum=3)
def fold_right(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(fold-right f init xs) — f of each item, the last first, and what is known so far.

    (fold-right cons () (list 1 2)) => (1 2)
    """
    items = items_of("fold-right", args[2])
    return _fold_right(args[0], args[1], items, len(items) - 1, kont)


def _fold_right_on(d: Any, function: Any, value: Any, items: Sequence[Any], index: int) -> Any:
    """Go on with a fold from the right in direct code."""
    call, inner = direct_of(d, function), d[0]
    for _ in d[1]:
        if index < 0:
            break
        result = UNBOUND
        result = call(inner, function, items[index], value)
        value = result
        index -= 1
    if index >= 0:
        result = UNBOUND
        raise Leave
    return value


def _direct_fold_right(d: Any, operation: Control, function: Any, value: Any, collection: Any) -> Any:
    items = items_of("fold-right", collection)
    return _fold_right_on(d, function, value, items, len(items) - 1)


offer(
    fold_right,
    _direct_fold_right,
    _fold_right_on,
    Waiting(
        lambda machine, local, kont: (
            FOLDING_RIGHT,
            local["function"],
            tuple(local["items"]),
            local["index"] - 1,
            kont,
        ),
        lambda local: (local["function"], [local["items"][local["index"]], local["value"]]),
    ),
)
FOLDING_RIGHT.direct = lambda d, value, frame: _fold_right_on(d, frame[1], value, frame[2], frame[3])
