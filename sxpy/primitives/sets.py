"""Sets: collections without order or repetition that change in place; the set comes first.

Owns the primitives of sets. Items are compared with `=`, so `1` and `1.0` are one item, and lists are
compared by content; an item that is changed after it was added is not found any more. Sets remember the
order in which items came. `set-add!` and `set-remove!` change the set and return it; the algebra makes
new sets. `set-map`, `set-for-each` … are operations of the machine. Next: `sxpy/primitives/hashtables.py`.
"""

from __future__ import annotations

from typing import Any

from sxpy.data import List, SxSet, from_list, hash_key
from sxpy.primitives.arguments import as_items
from sxpy.primitives.registry import expected, primitive


def as_set(who: str, value: Any) -> SxSet:
    """The argument, which must be a set. Raises SxTypeError."""
    if isinstance(value, SxSet):
        return value
    raise expected(who, "set", value)


def set_of(items: list[Any]) -> SxSet:
    """A new set of the items; of equal ones the first."""
    table: dict[Any, Any] = {}
    for item in items:
        table.setdefault(hash_key(item), item)
    return SxSet(table)


@primitive("set?")
def is_set(value: Any) -> bool:
    """(set? x) — whether x is a set.

    (set? (make-set)) => true
    """
    return isinstance(value, SxSet)


@primitive("make-set", "list->set")
def make_set(items: Any = None) -> SxSet:
    """(make-set xs?) — a new set of the items of a list; empty without one.

    (set-member? (make-set '(1 2)) 1) => true
    """
    return set_of(as_items("make-set", items))


@primitive("set->list")
def set_to_list(items: Any) -> List:
    """(set->list s) — a list of the items in the order in which they came.

    (set->list (make-set (list 3 1 3))) => (3 1)
    """
    return from_list(list(as_set("set->list", items).table.values()))


@primitive("set-size")
def set_size(items: Any) -> int:
    """(set-size s) — how many items the set has.

    (set-size (make-set (list 1 1 2))) => 2
    """
    return len(as_set("set-size", items).table)


@primitive("set-empty?")
def is_empty(items: Any) -> bool:
    """(set-empty? s) — whether the set has no items.

    (set-empty? (make-set)) => true
    """
    return not as_set("set-empty?", items).table


@primitive("set-member?", "set-contains?")
def is_member(items: Any, item: Any) -> bool:
    """(set-member? s x) — whether x is in the set.

    (set-member? (make-set '(1 2)) 9) => false
    """
    return hash_key(item) in as_set("set-member?", items).table


@primitive("set-add!")
def set_add(items: Any, item: Any) -> SxSet:
    """(set-add! s x) — add x to this very set, and return the set.

    (set-size (set-add! (make-set '(1)) 2)) => 2
    """
    changed = as_set("set-add!", items)
    changed.table.setdefault(hash_key(item), item)
    return changed


@primitive("set-remove!", "set-delete!")
def set_remove(items: Any, item: Any) -> SxSet:
    """(set-remove! s x) — take x out of this very set if it is there, and return the set.

    (set-size (set-remove! (make-set '(1 2)) 1)) => 1
    """
    changed = as_set("set-remove!", items)
    changed.table.pop(hash_key(item), None)
    return changed


@primitive("set-clear!")
def set_clear(items: Any) -> SxSet:
    """(set-clear! s) — take all items out of this very set, and return the set.

    (set-size (set-clear! (make-set '(1 2)))) => 0
    """
    changed = as_set("set-clear!", items)
    changed.table.clear()
    return changed


@primitive("set-copy")
def set_copy(items: Any) -> SxSet:
    """(set-copy s) — a set of the same items, of its own.

    (set-size (set-copy (make-set '(1 2)))) => 2
    """
    return SxSet(as_set("set-copy", items).table.copy())


@primitive("set-union")
def set_union(*sets: Any) -> SxSet:
    """(set-union a b …) — a new set of what is in any of them.

    (set->list (set-union (make-set '(1 2)) (make-set '(2 3)))) => (1 2 3)
    """
    table: dict[Any, Any] = {}
    for items in sets:
        for key, item in as_set("set-union", items).table.items():
            table.setdefault(key, item)
    return SxSet(table)


@primitive("set-intersection")
def set_intersection(first: Any, *others: Any) -> SxSet:
    """(set-intersection a b …) — a new set of what is in all of them.

    (set->list (set-intersection (make-set '(1 2)) (make-set '(2 3)))) => (2)
    """
    table = as_set("set-intersection", first).table
    tables = [as_set("set-intersection", other).table for other in others]
    return SxSet({key: item for key, item in table.items() if all(key in other for other in tables)})


@primitive("set-difference")
def set_difference(first: Any, *others: Any) -> SxSet:
    """(set-difference a b …) — a new set of what is in the first and in none of the others.

    (set->list (set-difference (make-set '(1 2)) (make-set '(2 3)))) => (1)
    """
    table = as_set("set-difference", first).table
    tables = [as_set("set-difference", other).table for other in others]
    return SxSet({key: item for key, item in table.items() if not any(key in other for other in tables)})


@primitive("set-subset?")
def is_subset(first: Any, second: Any) -> bool:
    """(set-subset? a b) — whether all that is in a is in b.

    (set-subset? (make-set '(1)) (make-set '(1 2))) => true
    """
    table, other = as_set("set-subset?", first).table, as_set("set-subset?", second).table
    return len(table) <= len(other) and all(key in other for key in table)
