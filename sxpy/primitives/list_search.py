"""Searching lists: `member memq memv assoc-list assq assv distinct frequencies`.

Owns the primitives that compare the items of a list. Names of R7RS keep the argument order of R7RS
(`(member x xs)`), which puts the list last. nil is the empty list. Next: `sxpy/primitives/dicts.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sxpy.data import Dict, List, eq, equal, from_list, hash_key, is_list
from sxpy.primitives.access import first
from sxpy.primitives.arguments import as_items, as_list, name_of
from sxpy.primitives.registry import expected, primitive
from sxpy.printer import show


@primitive("member")
def member(item: Any, xs: Any) -> Any:
    """(member x xs) — xs from the first item on that equals x; false when none does (R7RS 6.4).

    (member 2 (list 1 2 3)) => (2 3)
    (member 9 (list 1 2 3)) => false
    """
    return _tail_at("member", item, xs, equal)


@primitive("memq")
def memq(item: Any, xs: Any) -> Any:
    """(memq x xs) — as `member`, compared with `eq?`.

    (memq 'b '(a b c)) => (b c)
    """
    return _tail_at("memq", item, xs, eq)


@primitive("memv")
def memv(item: Any, xs: Any) -> Any:
    """(memv x xs) — as `member`, compared with `eqv?`.

    (memv 2 (list 1 2 3)) => (2 3)
    """
    return _tail_at("memv", item, xs, eq)


def _tail_at(who: str, item: Any, xs: Any, same: Callable[[Any, Any], bool]) -> Any:
    items = as_list(who, xs)
    for index, candidate in enumerate(items):
        if same(candidate, item):
            return items.slice(index, len(items))
    return False


@primitive("assoc-list")
def assoc_list(key: Any, entries: Any) -> Any:
    """(assoc-list key entries) — the first list in the list that starts with key, or false.

    This is `assoc` of R7RS; in SX `assoc` adds to a dict.

    (assoc-list "b" (list (list "a" 1) (list "b" 2))) => ("b" 2)
    """
    return _entry_of("assoc-list", key, entries, equal)


@primitive("assq")
def assq(key: Any, entries: Any) -> Any:
    """(assq key entries) — as `assoc-list`, compared with `eq?` (R7RS 6.4).

    (assq 'b '((a 1) (b 2))) => (b 2)
    """
    return _entry_of("assq", key, entries, eq)


@primitive("assv")
def assv(key: Any, entries: Any) -> Any:
    """(assv key entries) — as `assoc-list`, compared with `eqv?` (R7RS 6.4).

    (assv 2 '((1 "one") (2 "two"))) => (2 "two")
    """
    return _entry_of("assv", key, entries, eq)


def _entry_of(who: str, key: Any, entries: Any, same: Callable[[Any, Any], bool]) -> Any:
    for entry in as_items(who, entries):
        if not is_list(entry) or not len(entry):
            raise expected(who, "list of non-empty lists", entry)
        if same(first(entry), key):
            return entry
    return False


@primitive("distinct")
def distinct(xs: Any) -> List:
    """(distinct xs) — each item once, where it first stands.

    (distinct (list 3 1 3 2 1)) => (3 1 2)
    """
    seen: dict[Any, Any] = {}
    for item in as_items("distinct", xs):
        seen.setdefault(hash_key(item), item)
    return from_list(list(seen.values()))


@primitive("frequencies")
def frequencies(xs: Any) -> Dict:
    """(frequencies xs) — a dict from each item, as `str` shows it, to how often it stands there.

    (frequencies (list "a" "b" "a")) => {:a 2 :b 1}
    (frequencies (list 7 7)) => {"7" 2}
    """
    counts: dict[str, Any] = {}
    for item in as_items("frequencies", xs):
        key = name_of(item)
        if key is None:
            key = show(item)
        counts[key] = counts.get(key, 0) + 1
    return Dict(counts)
