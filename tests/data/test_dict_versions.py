"""Dicts: every version behaves as a Python dict of its own, in any order of use, small or large."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from sxpy.data import Dict
from sxpy.data.dicts import LEAF, SMALL

keys = st.integers(0, 90).map(lambda number: f"k{number}")
Pair = tuple[Dict, dict[str, int]]


class DictVersions(RuleBasedStateMachine):
    """A pool of dicts, each beside the Python dict it must agree with, order included."""

    versions = Bundle("versions")

    def __init__(self) -> None:
        super().__init__()
        self.pool: list[Pair] = []

    def keep(self, made: Dict, model: dict[str, int]) -> Pair:
        self.pool.append((made, model))
        return made, model

    @initialize(target=versions)
    def empty(self) -> Pair:
        return self.keep(Dict(), {})

    @rule(target=versions, count=st.sampled_from([1, SMALL - 1, SMALL, SMALL + 1, LEAF, LEAF + 1, 300]))
    def new(self, count: int) -> Pair:
        model = {f"k{number}": number for number in range(count)}
        return self.keep(Dict(dict(model)), model)

    @rule(target=versions, version=versions, key=keys, value=st.integers())
    def assoc(self, version: Pair, key: str, value: int) -> Pair:
        return self.keep(version[0].assoc(key, value), {**version[1], key: value})

    @rule(target=versions, version=versions, key=keys)
    def dissoc(self, version: Pair, key: str) -> Pair:
        model = version[1].copy()
        model.pop(key, None)
        return self.keep(version[0].dissoc(key), model)

    @rule(target=versions, version=versions, count=st.integers(1, 100), start=st.integers(0, 50))
    def dissoc_many(self, version: Pair, count: int, start: int) -> Pair:
        made, model = version[0], version[1].copy()
        for number in range(start, start + count):
            made = made.dissoc(f"k{number}")
            model.pop(f"k{number}", None)
        return self.keep(made, model)

    @rule(target=versions, version=versions, pairs=st.lists(st.tuples(keys, st.integers()), max_size=90))
    def merged(self, version: Pair, pairs: list[tuple[str, int]]) -> Pair:
        return self.keep(version[0].merged(pairs), version[1] | dict(pairs))

    @rule(target=versions, version=versions)
    def copy(self, version: Pair) -> Pair:
        return self.keep(version[0].copy(), version[1].copy())

    @rule(version=versions, key=keys, value=st.integers())
    def set_in_place(self, version: Pair, key: str, value: int) -> None:
        version[0].set_in_place(key, value)
        version[1][key] = value

    @rule(version=versions, key=keys)
    def delete_in_place(self, version: Pair, key: str) -> None:
        assert version[0].delete_in_place(key) == (key in version[1])
        version[1].pop(key, None)

    @rule(version=versions, key=keys)
    def read(self, version: Pair, key: str) -> None:
        made, model = version
        assert made.get(key, "none") == model.get(key, "none")
        assert (key in made) == (key in model)
        assert len(made) == len(model)

    @invariant()
    def every_version_agrees(self) -> None:
        for made, model in self.pool[-12:]:
            assert made.items() == list(model.items())

    def teardown(self) -> None:
        for made, model in self.pool:
            assert made.keys() == list(made) == list(model)
            assert made.values() == list(model.values())
            assert list(made.to_dict().items()) == list(model.items())
            assert all(made.get(key) == value for key, value in model.items())


TestDictVersions = DictVersions.TestCase
TestDictVersions.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_random_branches_of_a_large_dict_agree_with_python_dicts() -> None:
    chance = random.Random(3)
    model = {f"k{number}": number for number in range(2000)}
    pool = [(Dict(dict(model)), model)]
    for step in range(400):
        made, model = chance.choice(pool)
        key = f"k{chance.randrange(2500)}"
        if chance.random() < 0.5:
            pool.append((made.assoc(key, step), {**model, key: step}))
        else:
            pool.append((made.dissoc(key), {name: value for name, value in model.items() if name != key}))
    for made, model in pool:
        assert made.items() == list(model.items())


# -- promises ----------------------------------------------------------------------------------------


def nodes(root: Any) -> dict[int, Any]:
    found: dict[int, Any] = {}
    pending = [root]
    while pending:
        node = pending.pop()
        found[id(node)] = node
        if type(node) is list:
            pending.extend(node)
    return found


def depth(root: Any) -> int:
    deepest, pending = 0, [(root, 1)]
    while pending:
        node, level = pending.pop()
        deepest = max(deepest, level)
        if type(node) is list:
            pending.extend((child, level + 1) for child in node)
    return deepest


def large(count: int) -> Dict:
    return Dict({f"k{number}": number for number in range(count)})


def test_an_update_of_a_large_dict_shares_all_but_the_way_to_one_leaf() -> None:
    old = large(20_000).copy()
    for newer in (old.assoc("k77", 0), old.assoc("new", 0), old.dissoc("k77")):
        fresh = nodes(newer._root).keys() - nodes(old._root).keys()
        # A split leaf becomes one node of sixteen leaves.
        assert len(fresh) <= depth(newer._root) + 16
        assert all(len(node) <= LEAF for key, node in nodes(newer._root).items() if key in fresh)


def test_the_trie_is_as_deep_as_the_logarithm_of_its_size() -> None:
    grown = Dict()
    for number in range(20_000):
        grown = grown.assoc(f"k{number}", number)
    assert depth(grown._root) <= 6
    assert depth(large(20_000).copy()._root) <= 6


def test_reading_an_old_version_changes_nothing() -> None:
    old = large(1000).copy()
    new = old.assoc("k1", "new")
    roots = old._root, new._root
    for number in range(1000):
        assert old.get(f"k{number}") == number
        new.get(f"k{number}")
    assert (old._root is roots[0]) and (new._root is roots[1])


def test_a_dict_that_shrinks_gives_its_nodes_back() -> None:
    shrunk = large(20_000).copy()
    for number in range(19_990):
        shrunk = shrunk.dissoc(f"k{number}")
    assert shrunk.keys() == [f"k{number}" for number in range(19_990, 20_000)]
    assert len(nodes(shrunk._root)) <= 17 * 10


def test_keys_of_one_hash_stay_apart() -> None:
    class Clash(str):
        """A string whose hash says nothing."""

        __slots__ = ()

        def __hash__(self) -> int:
            return 7

    names = [Clash(f"n{number}") for number in range(200)]
    made = Dict()
    for number, name in enumerate(names):
        made = made.assoc(name, number)
    assert [made.get(name) for name in names] == list(range(200))
    for name in names[::2]:
        made = made.dissoc(name)
    assert made.keys() == names[1::2]


def test_a_key_that_comes_back_comes_last() -> None:
    for count in (3, SMALL, 3 * LEAF):
        made = large(count).dissoc("k0").assoc("k0", "again")
        assert made.keys() == [*(f"k{number}" for number in range(1, count)), "k0"]


def test_a_changed_value_keeps_the_place_of_its_key() -> None:
    for count in (3, SMALL, 3 * LEAF):
        assert large(count).assoc("k1", "new").keys() == large(count).keys()


def test_change_in_place_never_shows_in_another_version() -> None:
    for count in (3, SMALL, SMALL + 1, 3 * LEAF):
        old = large(count)
        versions = [old.copy(), old.assoc("k0", 0), old.dissoc("absent"), old.merged([])]
        old.set_in_place("mine", 1)
        for version in versions:
            assert "mine" not in version
            version.set_in_place("yours", 2)
        assert "yours" not in old
