"""`eq?`, `eqv?`, `equal?` and the keys of sets agree with each other and with the value model."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sxpy.data import (
    EMPTY,
    EOF,
    Adt,
    AdtType,
    Bytevector,
    Char,
    Condition,
    Dict,
    HashTable,
    List,
    MutableList,
    Record,
    RecordType,
    SxSet,
    Vector,
    eq,
    equal,
    eqv,
    from_list,
    hash_key,
    keyword,
    list_of,
    symbol,
)
from sxpy.data.lists import span

# A model is a tagged Python value whose `==` is by definition the equality of SX. Numbers compare by
# value in Python too, once the tag keeps them apart from booleans.
numbers = st.sampled_from(
    [0, 1, 2, -1, 1.0, 0.5, Fraction(1, 2), 2**70, float(2**70), math.inf, Fraction(1, 3)]
)
atoms = st.one_of(
    st.tuples(st.just("number"), numbers),
    st.tuples(st.just("string"), st.sampled_from(["", "a", "b", "1"])),
    st.tuples(st.just("boolean"), st.sampled_from([True, False, None])),
    st.tuples(st.just("char"), st.sampled_from([48, 97])),
    st.tuples(st.just("symbol"), st.sampled_from(["a", "b"])),
    st.tuples(st.just("keyword"), st.sampled_from(["a", "b"])),
)
names = st.sampled_from(["a", "b", "c"])
models = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(st.just("list"), st.lists(inner, max_size=4)),
        st.tuples(st.just("vector"), st.lists(inner, max_size=3)),
        st.tuples(st.just("dict"), st.dictionaries(names, inner, max_size=3)),
        st.tuples(st.just("set"), st.frozensets(atoms, max_size=3)),
        st.tuples(st.just("table"), st.dictionaries(atoms, inner, max_size=3)),
        st.tuples(st.just("some"), st.lists(inner, max_size=2)),
        st.tuples(st.just("record"), st.lists(inner, min_size=2, max_size=2)),
    ),
    max_leaves=12,
)

MAYBE = AdtType("Maybe", {"Some": ("v",)})
POINT = RecordType("point", ("x", "y"))


def in_some_shape(values: list[Any], shape: int) -> Any:
    """A list of the values: as a span, a chain, a chain on a span, or mutable."""
    if shape == 0:
        return from_list(list(values))
    if shape == 1:
        chain: List = EMPTY
        for value in reversed(values):
            chain = chain.cons(value)
        return chain
    if shape == 2 and values:
        return from_list(values[1:]).cons(values[0])
    return MutableList(list(values))


def build(model: tuple[str, Any], shape: int) -> Any:
    kind, content = model
    match kind:
        case "char":
            return Char(content)
        case "symbol":
            return symbol(content)
        case "keyword":
            return keyword(content)
        case "list":
            return in_some_shape([build(item, shape + 1) for item in content], shape % 4)
        case "vector":
            return Vector([build(item, shape + 1) for item in content])
        case "dict":
            order = sorted(content, reverse=bool(shape % 2))
            return Dict({name: build(content[name], shape + 1) for name in order})
        case "set":
            order = sorted(content, key=repr, reverse=bool(shape % 2))
            made = [build(item, shape) for item in order]
            return SxSet({hash_key(item): item for item in made})
        case "table":
            pairs = [(build(key, shape), build(value, shape)) for key, value in content.items()]
            return HashTable({hash_key(key): (key, value) for key, value in pairs[:: 1 - 2 * (shape % 2)]})
        case "some":
            return Adt(MAYBE, "Some", tuple(build(item, shape) for item in content))
        case "record":
            return Record(POINT, [build(item, shape) for item in content])
    return content


@settings(max_examples=400, deadline=None)
@given(models, models, st.integers(0, 3), st.integers(0, 3))
def test_equal_and_hash_key_agree_with_the_model(a: Any, b: Any, shape_a: int, shape_b: int) -> None:
    left, right = build(a, shape_a), build(b, shape_b)
    assert equal(left, right) == equal(right, left) == (a == b)
    assert (hash_key(left) == hash_key(right)) == (a == b)
    if a == b:
        assert hash(hash_key(left)) == hash(hash_key(right))


@settings(max_examples=300, deadline=None)
@given(models, st.integers(0, 3), st.integers(0, 3))
def test_one_model_in_two_shapes_is_equal(model: Any, shape_a: int, shape_b: int) -> None:
    left, right = build(model, shape_a), build(model, shape_b)
    assert equal(left, right)
    assert {hash_key(left): 1}[hash_key(right)] == 1


# R7RS 6.1 and language.md §2, §4.
@pytest.mark.parametrize(
    ("a", "b", "same_object", "same_content"),
    [
        (1, 1, True, True),
        (1, 1.0, False, True),
        (2.5, Fraction(5, 2), False, True),
        (0.0, -0.0, False, True),
        (10**400, 1e308, False, False),
        (1, True, False, False),
        (0, False, False, False),
        (None, False, False, False),
        ("a", "a", True, True),
        ("a", Char(97), False, False),
        (Char(97), Char(97), True, True),
        (symbol("a"), symbol("a"), True, True),
        (symbol("a"), keyword("a"), False, False),
        (keyword("a"), "a", False, False),
        (EMPTY, MutableList([]), False, True),
        (EMPTY, None, False, False),
        (EMPTY, from_list([]), True, True),
        (list_of(1), list_of(1), False, True),
        (list_of(1), list_of(1.0), False, True),
        (list_of(1), Vector([1]), False, False),
        (Vector([]), Vector([]), False, True),
        (Dict({"a": 1}), Dict({"a": 1}), False, True),
        (Dict({"a": None}), Dict({"b": None}), False, False),
        (Bytevector(b"ab"), Bytevector(b"ab"), False, True),
        (Condition("m", (1,)), Condition("m", (1,)), False, True),
        (Condition("m", (1,)), Condition("m", (2,)), False, False),
        (EOF, EOF, True, True),
    ],
)
def test_equality_table(a: Any, b: Any, same_object: bool, same_content: bool) -> None:
    assert eq(a, b) == eq(b, a) == eqv(a, b) == same_object
    assert equal(a, b) == equal(b, a) == same_content
    assert (hash_key(a) == hash_key(b)) == same_content


def test_all_empty_lists_are_one_whatever_made_them() -> None:
    assert eq(EMPTY, span([], 0, 0))
    assert not eq(EMPTY, list_of(1))


def test_not_a_number_equals_nothing_but_a_set_holds_it_once() -> None:
    nan, other = math.nan, math.inf - math.inf
    assert not equal(nan, nan) and not equal(list_of(nan), list_of(nan))
    assert eqv(nan, other)
    assert hash_key(nan) == hash_key(other)


def test_types_keep_values_apart() -> None:
    other = AdtType("Other", {"Some": ("v",)})
    assert not equal(Adt(MAYBE, "Some", (1,)), Adt(other, "Some", (1,)))
    assert not equal(Record(POINT, [1, 2]), Record(RecordType("point", ("x", "y")), [1, 2]))


def cyclic_list() -> MutableList:
    made = MutableList([1])
    made.items.append(made)
    return made


def test_cyclic_data_is_compared_and_hashed() -> None:
    a, b = cyclic_list(), cyclic_list()
    assert equal(a, b)
    assert hash_key(a) == hash_key(b)
    b.items[0] = 2
    assert not equal(a, b)
    knot = Dict()
    knot.set_in_place("self", Vector([knot]))
    assert hash_key(knot) == hash_key(knot)


def test_shared_parts_are_compared_once() -> None:
    def doubled() -> Any:
        made: Any = list_of(1)
        for _ in range(200):
            made = list_of(made, made)
        return made

    assert equal(doubled(), doubled())


def test_a_set_that_holds_many_long_equal_beginnings_tells_them_apart() -> None:
    rows = [from_list([0] * 100 + [number]) for number in range(50)]
    table = {hash_key(row): row for row in rows}
    assert len(table) == len({hash(key) for key in table}) == 50


def test_a_changed_item_is_not_found_any_more() -> None:
    item = MutableList([1])
    table = {hash_key(item): item}
    item.items.append(2)
    assert hash_key(list_of(1)) not in table


def test_values_of_a_kind_with_an_equality_of_its_own_compare_by_identity() -> None:
    class Foreign:
        """A host value that claims to equal everything."""

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 1

    a, b = Foreign(), Foreign()
    assert not equal(a, b)
    assert hash_key(a) != hash_key(b)
    assert hash_key(a) == hash_key(a)
