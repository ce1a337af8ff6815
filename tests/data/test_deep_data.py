"""Long chains and deep nesting: built, compared, indexed, hashed and let go without Python recursion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sxpy.data import (
    EMPTY,
    Adt,
    AdtType,
    Dict,
    HashTable,
    List,
    MutableList,
    Record,
    RecordType,
    SxSet,
    Vector,
    equal,
    from_list,
    hash_key,
    list_of,
)

MILLION = 1_000_000
DEEP = 100_000

BOX = AdtType("Box", {"Box": ("v",)})
CELL = RecordType("cell", ("v",))

WRAPPERS: dict[str, Callable[[Any], Any]] = {
    "span": list_of,
    "cons": EMPTY.cons,
    "mutable list": lambda inner: MutableList([inner]),
    "vector": lambda inner: Vector([inner]),
    "dict": lambda inner: Dict({"in": inner}),
    "adt": lambda inner: Adt(BOX, "Box", (inner,)),
    "record": lambda inner: Record(CELL, [inner]),
    "set": lambda inner: SxSet({hash_key(inner): inner}),
    "table key": lambda inner: HashTable({hash_key(inner): (inner, 1)}),
    "table value": lambda inner: HashTable({"in": ("in", inner)}),
}


def nested(kinds: list[str], bottom: Any) -> Any:
    made = bottom
    for _ in range(DEEP // len(kinds)):
        for kind in kinds:
            made = WRAPPERS[kind](made)
    return made


@pytest.mark.parametrize("kinds", [["cons"], ["set"], list(WRAPPERS)], ids=["cons", "set", "all in turn"])
def test_deep_nesting_is_compared_hashed_and_let_go(kinds: list[str]) -> None:
    one, same, other = nested(kinds, 1), nested(kinds, 1), nested(kinds, 2)
    assert equal(one, same)
    assert not equal(one, other)
    assert hash_key(one) == hash_key(same)
    assert hash_key(one) != hash_key(other)
    del one, same, other


def test_a_million_items_in_front_of_each_other() -> None:
    chain: List = EMPTY
    for item in range(MILLION):
        chain = chain.cons(item)
    assert chain.nth(0) == MILLION - 1
    assert chain.nth(MILLION - 1) == 0
    assert chain.slice(MILLION - 2, MILLION).to_list() == [1, 0]
    grown = chain.append("end")
    assert grown.nth(MILLION) == "end"
    assert len(grown.rest()) == MILLION
    assert equal(chain, from_list(list(range(MILLION - 1, -1, -1))))
    del chain, grown


def test_a_million_items_behind_each_other_walked_by_rest() -> None:
    grown: List = EMPTY
    for item in range(MILLION):
        grown = grown.append(item)
    assert grown.nth(MILLION - 1) == MILLION - 1
    steps = 0
    while len(grown):
        assert grown.first() == steps
        grown = grown.rest()
        steps += 1
    assert steps == MILLION


def test_a_chain_whose_items_are_chains() -> None:
    made: Any = EMPTY
    for _ in range(DEEP):
        made = list_of(1).cons(made)
    assert equal(made, made.rest().cons(made.first()))
    del made
