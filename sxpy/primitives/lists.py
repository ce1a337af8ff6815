"""Lists: `list cons append range take drop zip flatten append! set-nth! …`.

Owns the primitives that make lists and take them apart. nil is the empty list for all of them; mutable
lists are read like any list and results are immutable, except where the name ends in `!`. Those that take
a function (`map`, `filter`, `sort` …) are operations of the machine. Next:
`sxpy/primitives/list_search.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

from sxpy.data import EMPTY, List, MutableList, from_list, is_list, is_number
from sxpy.errors import SxValueError
from sxpy.primitives.access import first, joined, nth, rest, window
from sxpy.primitives.arguments import (
    MOST_ITEMS,
    as_count,
    as_index,
    as_integer,
    as_items,
    as_list,
)
from sxpy.primitives.number_syntax import shown
from sxpy.primitives.numeric import reduced, to_float
from sxpy.primitives.registry import expected, primitive

# -- making ------------------------------------------------------------------------------------------


@primitive("list")
def make(*items: Any) -> List:
    """(list x …) — a list of the arguments.

    (list 1 "a") => (1 "a")
    """
    return from_list(list(items))


@primitive("cons")
def cons(item: Any, xs: Any) -> List:
    """(cons x xs) — the list with x in front of xs, in constant time.

    (cons 0 (list 1 2)) => (0 1 2)
    (cons 1 nil) => (1)
    """
    return (xs if isinstance(xs, List) else as_list("cons", xs)).cons(item)


@primitive("cons*", "list*")
def cons_star(*items: Any) -> List:
    """(cons* x … xs) — the list with the first arguments in front of the last, which is a list.

    (cons* 1 2 (list 3 4)) => (1 2 3 4)
    """
    if not items:
        raise SxValueError("cons*: expected at least a list, got no arguments")
    result = as_list("cons*", items[-1])
    for item in reversed(items[:-1]):
        result = result.cons(item)
    return result


@primitive("make-list")
def make_list(count: Any, fill: Any = None) -> List:
    """(make-list n fill?) — a list of n times the same item.

    (make-list 2 "x") => ("x" "x")
    """
    return from_list([fill] * as_count("make-list", count))


@primitive("range")
def range_(start: Any, end: Any = None, step: Any = 1) -> List:
    """(range end), (range start end step?) — numbers from start (0) up to but without end.

    (range 3) => (0 1 2)
    (range 0 10 3) => (0 3 6 9)
    (range 3 0 -1) => (3 2 1)
    """
    if end is None:
        start, end = 0, start
    for number in (start, end, step):
        if not is_number(number):
            raise expected("range", "number", number)
        if type(number) is float and not math.isfinite(number):
            raise SxValueError(f"range: expected finite numbers, got {number}", number)
    if step == 0:
        raise SxValueError("range: step must not be 0", step)
    steps = _steps(start, end, step)
    if not steps <= MOST_ITEMS:
        raise SxValueError(f"range: {shown(steps)} items are more than {MOST_ITEMS}; use a loop")
    if type(start) is type(end) is type(step) is int:
        return from_list(list(range(start, end, step)))
    numbers = _progression(start, step, math.ceil(max(0, steps)))
    while numbers and (numbers[-1] >= end if step > 0 else numbers[-1] <= end):
        # Floats round: as many steps as there should be may reach the end.
        numbers.pop()
    return from_list(numbers)


def _steps(start: Any, end: Any, step: Any) -> Any:
    """How many steps lead from start to end, rounded up unless it is a float."""
    if float in (type(start), type(end), type(step)):
        width = to_float(step)
        return (to_float(end) - to_float(start)) / width if width else math.inf
    return -((start - end) // step)


def _progression(start: Any, step: Any, count: int) -> list[Any]:
    """The numbers start, start + step …, each computed from the start, so that floats do not drift."""
    if type(start) is float or type(step) is float:
        start, step = to_float(start), to_float(step)
    numbers = [start + index * step for index in range(count)]
    return [reduced(number) if type(number) is Fraction else number for number in numbers]


@primitive("iota")
def iota(count: Any, start: Any = 0, step: Any = 1) -> List:
    """(iota n start? step?) — n numbers from start (0) on, step (1) apart (SRFI 1).

    (iota 3) => (0 1 2)
    (iota 3 10 -2) => (10 8 6)
    """
    many = as_count("iota", count)
    for number in (start, step):
        if not is_number(number):
            raise expected("iota", "number", number)
    return from_list(_progression(start, step, many))


@primitive("append")
def append(*parts: Any) -> List:
    """(append xs y …) — xs with y added: all items of a list y, or y itself when it is no list.

    Adding at the end takes amortised constant time. nil adds nothing.

    (append (list 1 2) 3) => (1 2 3)
    (append (list 1) (list 2 3) 4) => (1 2 3 4)
    (append) => ()
    """
    if not parts:
        return EMPTY
    result = as_list("append", parts[0])
    for part in parts[1:]:
        if is_list(part):
            result = joined(result, part)
        elif part is not None:
            result = result.append(part)
    return result


# -- parts -------------------------------------------------------------------------------------------


@primitive("second", "cadr")
def second(xs: Any) -> Any:
    """(second xs) — the item at index 1, or nil.

    (second (list 1 2 3)) => 2
    """
    return nth(xs, 1)


@primitive("third", "caddr")
def third(xs: Any) -> Any:
    """(third xs) — the item at index 2, or nil.

    (third (list 1 2 3)) => 3
    """
    return nth(xs, 2)


@primitive("fourth", "cadddr")
def fourth(xs: Any) -> Any:
    """(fourth xs) — the item at index 3, or nil.

    (fourth (list 1 2 3 4)) => 4
    """
    return nth(xs, 3)


@primitive("fifth")
def fifth(xs: Any) -> Any:
    """(fifth xs) — the item at index 4, or nil.

    (fifth (list 1 2 3 4 5)) => 5
    """
    return nth(xs, 4)


@primitive("caar")
def caar(xs: Any) -> Any:
    """(caar xs) — the first item of the first item.

    (caar (list (list 1 2) 3)) => 1
    """
    return first(first(xs))


@primitive("cdar")
def cdar(xs: Any) -> Any:
    """(cdar xs) — the first item without its first item.

    (cdar (list (list 1 2) 3)) => (2)
    """
    return rest(first(xs))


@primitive("cddr")
def cddr(xs: Any) -> Any:
    """(cddr xs) — all but the first two items.

    (cddr (list 1 2 3)) => (3)
    """
    return rest(rest(xs))


@primitive("butlast", "init")
def butlast(xs: Any) -> Any:
    """(butlast xs) — all items but the last.

    (butlast (list 1 2 3)) => (1 2)
    """
    return window("butlast", xs, 0, -1)


@primitive("take")
def take(xs: Any, count: Any) -> Any:
    """(take xs n) — the first n items; all when there are fewer.

    (take (list 1 2 3) 2) => (1 2)
    """
    return window("take", xs, 0, max(0, as_integer("take", count)))


@primitive("drop")
def drop(xs: Any, count: Any) -> Any:
    """(drop xs n) — what is left after the first n items.

    (drop (list 1 2 3) 2) => (3)
    """
    return window("drop", xs, max(0, as_integer("drop", count)), None)


@primitive("list-tail")
def list_tail(xs: Any, count: Any) -> List:
    """(list-tail xs k) — xs without its first k items; an error when there are fewer (R7RS 6.4).

    (list-tail (list 1 2 3) 1) => (2 3)
    """
    items = as_list("list-tail", xs)
    start = as_integer("list-tail", count, "index")
    if not 0 <= start <= len(items):
        raise SxValueError(f"list-tail: index {shown(start)} is out of range for length {len(items)}", count)
    return items.slice(start, len(items))


@primitive("list-ref")
def list_ref(xs: Any, index: Any) -> Any:
    """(list-ref xs k) — the item at index k; an error when there is none (R7RS 6.4).

    (list-ref (list 1 2 3) 1) => 2
    """
    items = as_list("list-ref", xs)
    return items.nth(as_index("list-ref", index, len(items)))


@primitive("last-pair")
def last_pair(xs: Any) -> List:
    """(last-pair xs) — the list of the last item alone; () of an empty list.

    (last-pair (list 1 2 3)) => (3)
    """
    items = as_list("last-pair", xs)
    return items.slice(len(items) - 1, len(items)) if len(items) else EMPTY


@primitive("chunk-every")
def chunk_every(xs: Any, size: Any) -> List:
    """(chunk-every xs n) — lists of n items each; the last one has what is left.

    (chunk-every (list 1 2 3 4 5) 2) => ((1 2) (3 4) (5))
    """
    items = as_items("chunk-every", xs)
    width = as_integer("chunk-every", size)
    if width < 1:
        raise SxValueError(f"chunk-every: size must be at least 1, got {shown(width)}", size)
    return from_list([from_list(items[at : at + width]) for at in range(0, len(items), width)])


@primitive("zip-pairs")
def zip_pairs(xs: Any) -> List:
    """(zip-pairs xs) — each item together with the next one.

    (zip-pairs (list 1 2 3)) => ((1 2) (2 3))
    """
    items = as_items("zip-pairs", xs)
    return from_list([from_list([a, b]) for a, b in pairwise(items)])


@primitive("zip")
def zip_(*lists: Any) -> List:
    """(zip xs ys …) — lists of the items at one index, as long as the shortest.

    (zip (list 1 2 3) (list "a" "b")) => ((1 "a") (2 "b"))
    """
    columns = [as_items("zip", xs) for xs in lists]
    return from_list([from_list(list(row)) for row in zip(*columns, strict=False)])


@primitive("interpose")
def interpose(xs: Any, separator: Any) -> List:
    """(interpose xs sep) — xs with sep between each two items.

    (interpose (list 1 2 3) 0) => (1 0 2 0 3)
    """
    spaced: list[Any] = []
    for item in as_items("interpose", xs):
        spaced += (separator, item)
    return from_list(spaced[1:])


@primitive("flatten")
def flatten(xs: Any) -> List:
    """(flatten xs) — the items of the list and of all lists in it, however deep, in one list.

    (flatten (list 1 (list 2 (list 3)) (list))) => (1 2 3)
    """
    flat: list[Any] = []
    inside: set[int] = {id(xs)}
    stack: list[tuple[Any, Iterator[Any]]] = [(xs, iter(as_items("flatten", xs)))]
    while stack:
        current, items = stack[-1]
        for item in items:
            if not is_list(item):
                flat.append(item)
                continue
            if id(item) in inside:
                raise SxValueError("flatten: the list contains itself")
            inside.add(id(item))
            stack.append((item, iter(item)))
            break
        else:
            inside.discard(id(current))
            stack.pop()
    return from_list(flat)


# -- asking ------------------------------------------------------------------------------------------


@primitive("null?")
def is_null(value: Any) -> bool:
    """(null? x) — whether x is the empty list or nil.

    (null? (list)) => true
    (null? (list 1)) => false
    """
    return value is None or (is_list(value) and len(value) == 0)


@primitive("pair?")
def is_pair(value: Any) -> bool:
    """(pair? x) — whether x is a list with at least one item.

    (pair? (list 1)) => true
    (pair? (list)) => false
    """
    return is_list(value) and len(value) > 0


# -- changing in place -------------------------------------------------------------------------------


@primitive("mutable-list")
def mutable_list(*items: Any) -> MutableList:
    """(mutable-list x …) — a list that `append!` and `set-nth!` change in place.

    (mutable-list 1 2) => (1 2)
    """
    return MutableList(list(items))


@primitive("list-copy")
def list_copy(xs: Any) -> Any:
    """(list-copy xs) — a list of the same items, of its own: mutable when xs is (R7RS 6.4).

    (list-copy (list 1 2)) => (1 2)
    """
    return MutableList(xs.items.copy()) if isinstance(xs, MutableList) else as_list("list-copy", xs)


@primitive("append!")
def append_in_place(xs: Any, item: Any) -> MutableList:
    """(append! xs x) — add one item to a mutable list in place, and return the list.

    An immutable list stays as it is: the result is a new mutable list with the item added.

    (append! (mutable-list 1 2) 3) => (1 2 3)
    """
    target = _mutable("append!", xs)
    target.items.append(item)
    return target


@primitive("set-nth!")
def set_nth_in_place(xs: Any, index: Any, item: Any) -> MutableList:
    """(set-nth! xs i x) — put x at index i of a mutable list in place, and return the list.

    An immutable list stays as it is: the result is a new mutable list. No such index is an error.

    (set-nth! (mutable-list 1 2) 0 "x") => ("x" 2)
    """
    target = _mutable("set-nth!", xs)
    target.items[as_index("set-nth!", index, len(target.items))] = item
    return target


def _mutable(who: str, xs: Any) -> MutableList:
    return xs if isinstance(xs, MutableList) else MutableList(as_items(who, xs))
