"""Deep and cyclic values never crash the printer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sxpy.data import (
    EMPTY,
    Adt,
    AdtType,
    Condition,
    Dict,
    HashTable,
    MutableList,
    Promise,
    PromiseState,
    Record,
    RecordType,
    SxSet,
    Vector,
    hash_key,
    list_of,
)
from sxpy.errors import SxTypeError
from sxpy.printer import canonical, inspect, pretty, serialize, show, write_scheme

DEEP = 100_000
BOX = AdtType("Box", {"Box": ("v",)})
CELL = RecordType("cell", ("v",))

WRAPPERS: dict[str, tuple[Callable[[Any], Any], str, str]] = {
    "list": (list_of, "(", ")"),
    "cons": (EMPTY.cons, "(", ")"),
    "mutable list": (lambda inner: MutableList([inner]), "(", ")"),
    "vector": (lambda inner: Vector([inner]), "#(", ")"),
    "dict": (lambda inner: Dict({"in": inner}), "{:in ", "}"),
    "ADT value": (lambda inner: Adt(BOX, "Box", (inner,)), "(Box ", ")"),
    "record": (lambda inner: Record(CELL, [inner]), "<cell v: ", ">"),
    "set": (lambda inner: SxSet({1: inner}), "<set ", ">"),
    "hash table": (lambda inner: HashTable({1: (1, inner)}), "<hash-table 1 ", ">"),
}


def nested(wrap: Callable[[Any], Any]) -> Any:
    value: Any = 1
    for _ in range(DEEP):
        value = wrap(value)
    return value


@pytest.mark.parametrize("kind", WRAPPERS)
def test_deep_values_are_shown(kind: str) -> None:
    wrap, opening, closing = WRAPPERS[kind]
    value = nested(wrap)
    assert inspect(value) == opening * DEEP + "1" + closing * DEEP


def test_every_way_of_writing_bears_depth() -> None:
    value = nested(list_of)
    expected = "(" * DEEP + "1" + ")" * DEEP
    assert serialize(value) == canonical(value) == write_scheme(value) == expected
    text = pretty(value)
    assert text.replace("\n", "").replace(" ", "") == expected


def test_a_list_that_holds_itself_is_marked_and_refused() -> None:
    value = MutableList([1])
    value.items.append(value)
    assert inspect(value) == "(1 <cycle>)"
    assert show(value) == "(1 <cycle>)"
    assert write_scheme(value) == "(1 <cycle>)"
    for write in (serialize, canonical):
        with pytest.raises(SxTypeError, match=r"a list that holds itself, found at \[1\]$"):
            write(value)


def test_a_cycle_through_several_kinds_is_marked() -> None:
    inner = Vector([None])
    outer = Dict({"v": inner})
    inner.items[0] = list_of(outer)
    assert inspect(outer) == "{:v #((<cycle>))}"
    assert inspect(inner) == "#(({:v <cycle>}))"
    with pytest.raises(SxTypeError, match=r"a dict that holds itself, found at \.v\[0\]\[0\]$"):
        serialize(outer)


def test_cycles_through_what_has_no_syntax_are_marked() -> None:
    record = Record(CELL, [None])
    record.values[0] = record
    assert inspect(record) == "<cell v: <cycle>>"
    table = HashTable({})
    table.table[hash_key(1)] = (1, table)
    assert inspect(table) == "<hash-table 1 <cycle>>"


def test_promises_and_conditions_are_not_looked_into() -> None:
    state = PromiseState(done=True)
    promise = Promise(state)
    state.value = promise
    assert inspect(promise) == "<promise, forced>"
    assert inspect(Promise(PromiseState(done=False))) == "<promise>"
    value = MutableList([])
    value.items.append(Condition("m", (value,)))
    assert inspect(value) == '(<error "m">)'


def test_a_value_that_stands_twice_is_no_cycle() -> None:
    shared = list_of(1)
    assert serialize(list_of(shared, shared, Dict({"a": shared}))) == "((1) (1) {:a (1)})"


def test_a_cycle_with_many_ways_into_itself_is_laid_out_at_once() -> None:
    value = MutableList(["x" * 100])
    value.items.extend([value] * 20)
    assert pretty(value, 40).count("<cycle>") == 20
