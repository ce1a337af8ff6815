"""`sort`: a stable merge sort whose comparisons may suspend, escape and be entered again.

Neighbouring runs are merged from the bottom up, so which items are compared, and in what order, is the same
whoever does it: frame by frame here, or the loop that direct code and primitives are sorted by.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sxpy.core.direct import Leave, Waiting, direct_of
from sxpy.data import EMPTY, UNBOUND, Control, List, Primitive, from_list, is_number, list_of, truthy
from sxpy.machine.procedures import control, offer
from sxpy.machine.state import APPLY, CONTINUE, Kont, Transition, native
from sxpy.machine.walks import items_of, with_primitive
from sxpy.primitives import REGISTRY
from sxpy.primitives.registry import expected


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
    """Go on to the next comparison, or to the end.

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


def _runs(items: list[Any]) -> List:
    return from_list([list_of(item) for item in items])


@control("sort", minimum=1, maximum=2)
def sort(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(sort xs less?) — the items in order, equal ones as they stood; numbers or strings need no less?.

    (sort (list 3 1 2)) => (1 2 3)
    """
    items = items_of("sort", args[0])
    if len(args) == 1 or args[1] is REGISTRY["<"]:
        return CONTINUE, from_list(natural_order(items)), None, kont
    if type(args[1]) is Primitive:
        return CONTINUE, from_list(_sorted_by(args[1], items)), None, kont
    return _merge(args[1], _runs(items), EMPTY, EMPTY, EMPTY, EMPTY, kont)


def _sorted_by(less: Primitive, items: list[Any]) -> Any:
    return with_primitive(less, [2] if len(items) > 1 else [], lambda call: _sorted(items, call))


def _sorted(items: list[Any], less: Callable[[Any, Any], Any]) -> list[Any]:
    """The items in order: the comparisons of `_merge`, by a function of Python that never calls SX."""
    runs = [[item] for item in items]
    while len(runs) > 1:
        made = []
        for at in range(0, len(runs) - 1, 2):
            left, right, merged = runs[at], runs[at + 1], []
            i = j = 0
            while i < len(left) and j < len(right):
                if truthy(less(right[j], left[i])):
                    merged.append(right[j])
                    j += 1
                else:
                    merged.append(left[i])
                    i += 1
            made.append(merged + left[i:] + right[j:])
        runs = made + runs[len(made) * 2 :]
    return runs[0] if runs else []


def _direct_sort(d: Any, operation: Control, collection: Any, less: Any = REGISTRY["<"]) -> Any:
    items = items_of("sort", collection)
    if type(less) is Primitive:
        final = True  # noqa: F841  what a primitive did is not done again
        ordered = natural_order(items) if less is REGISTRY["<"] else _sorted_by(less, items)
        return from_list(ordered)
    return _sort_on(d, less, [[item] for item in items], [], [], [], [])


Items = list[Any]


def _sort_on(
    d: Any, less: Any, waiting: list[Items], done: list[Items], left: Items, right: Items, merged: Items
) -> Any:
    """Go on with a sort in direct code: the steps of `_merge`."""
    call, inner, ticks = direct_of(d, less), d[0], d[1]
    reached = i = j = 0
    while True:
        while i < len(left) and j < len(right):
            result = UNBOUND
            for _ in ticks:
                break
            else:
                raise Leave
            result = call(inner, less, right[j], left[i])
            if result is not None and result is not False:
                merged.append(right[j])
                j += 1
            else:
                merged.append(left[i])
                i += 1
        run = merged + left[i:] + right[j:]
        if run:
            done.append(run)
        if len(waiting) - reached < 2:
            waiting, done, reached = done + waiting[reached:], [], 0
            if len(waiting) <= 1:
                return from_list(waiting[0]) if waiting else EMPTY
        left, right, merged, i, j = waiting[reached], waiting[reached + 1], [], 0, 0
        reached += 2


def _resumed(d: Any, value: Any, frame: Any) -> Any:
    _, less, waiting, done, left, right, merged, _ = frame
    if truthy(value):
        merged, right = merged.append(right.first()), right.rest()
    else:
        merged, left = merged.append(left.first()), left.rest()
    runs = [run.to_list() for run in waiting], [run.to_list() for run in done]
    return _sort_on(d, less, *runs, left.to_list(), right.to_list(), merged.to_list())


def _lists(runs: list[Items]) -> List:
    return from_list([from_list(run) for run in runs])


offer(
    sort,
    _direct_sort,
    _sort_on,
    Waiting(
        lambda machine, local, kont: (
            SORTING,
            local["less"],
            _lists(local["waiting"][local["reached"] :]),
            _lists(local["done"]),
            from_list(local["left"][local["i"] :]),
            from_list(local["right"][local["j"] :]),
            from_list(local["merged"]),
            kont,
        ),
        lambda local: (local["less"], [local["right"][local["j"]], local["left"][local["i"]]]),
    ),
)
SORTING.direct = _resumed
