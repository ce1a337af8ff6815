"""Immutable lists: every shape behaves as a Python list does, and no version is ever changed."""

from __future__ import annotations

import math
import random
import threading

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from sxpy.data import EMPTY, List, Rope, Span, Stack, from_list, list_of

items = st.integers(0, 9)
runs = st.lists(items, max_size=8) | st.integers(30, 70).map(lambda count: list(range(count)))


def well_formed(node: List) -> int:
    """The height of a list, after checking the invariants of its shapes."""
    if type(node) is Rope:
        left, right = well_formed(node.left), well_formed(node.right)
        assert abs(left - right) <= 1
        assert len(node.left) and len(node.right)
        assert node.size == len(node.left) + len(node.right)
        assert node.height == max(left, right) + 1
        return node.height
    if node is not EMPTY:
        assert isinstance(node, (Span, Stack))
        assert 0 <= node.low < node.high <= len(node.buffer)
    return 0


class ListVersions(RuleBasedStateMachine):
    """A growing pool of lists, each beside the Python list it must equal for ever."""

    versions = Bundle("versions")

    def __init__(self) -> None:
        super().__init__()
        self.pool: list[tuple[List, list[int]]] = []

    def keep(self, made: List, model: list[int]) -> tuple[List, list[int]]:
        well_formed(made)
        assert len(made) == len(model)
        self.pool.append((made, model))
        return made, model

    @initialize(target=versions)
    def empty(self) -> tuple[List, list[int]]:
        return self.keep(EMPTY, [])

    @rule(target=versions, run=runs)
    def new(self, run: list[int]) -> tuple[List, list[int]]:
        return self.keep(from_list(run.copy()), run)

    @rule(target=versions, version=versions, item=items)
    def append(self, version: tuple[List, list[int]], item: int) -> tuple[List, list[int]]:
        made, model = version
        return self.keep(made.append(item), [*model, item])

    @rule(target=versions, version=versions, item=items)
    def cons(self, version: tuple[List, list[int]], item: int) -> tuple[List, list[int]]:
        made, model = version
        return self.keep(made.cons(item), [item, *model])

    @rule(target=versions, version=versions, count=st.integers(1, 40), front=st.booleans())
    def grow(self, version: tuple[List, list[int]], count: int, front: bool) -> tuple[List, list[int]]:
        made, model = version
        for item in range(count):
            made = made.cons(item) if front else made.append(item)
            model = [item, *model] if front else [*model, item]
        return self.keep(made, model)

    @rule(target=versions, version=versions)
    def rest(self, version: tuple[List, list[int]]) -> tuple[List, list[int]]:
        made, model = version
        assert made.first() == (model[0] if model else None)
        return self.keep(made.rest(), model[1:])

    @rule(target=versions, version=versions, other=versions)
    def concat(
        self, version: tuple[List, list[int]], other: tuple[List, list[int]]
    ) -> tuple[List, list[int]]:
        if len(version[1]) + len(other[1]) > 2000:
            return version
        return self.keep(version[0].concat(other[0]), version[1] + other[1])

    @rule(target=versions, version=versions, run=runs)
    def concat_items(self, version: tuple[List, list[int]], run: list[int]) -> tuple[List, list[int]]:
        return self.keep(version[0].concat(run), version[1] + run)

    @rule(target=versions, version=versions, data=st.data())
    def slice(self, version: tuple[List, list[int]], data: st.DataObject) -> tuple[List, list[int]]:
        made, model = version
        start = data.draw(st.integers(0, len(model)))
        end = data.draw(st.integers(start, len(model)))
        return self.keep(made.slice(start, end), model[start:end])

    @rule(target=versions, version=versions)
    def reverse(self, version: tuple[List, list[int]]) -> tuple[List, list[int]]:
        made, model = version
        return self.keep(made.reversed(), model[::-1])

    @rule(version=versions, data=st.data())
    def nth(self, version: tuple[List, list[int]], data: st.DataObject) -> None:
        made, model = version
        index = data.draw(st.integers(-2, len(model) + 2))
        if 0 <= index < len(model):
            assert made.nth(index) == model[index]
        else:
            with pytest.raises(IndexError):
                made.nth(index)

    @rule(version=versions)
    def read_by_index(self, version: tuple[List, list[int]]) -> None:
        made, model = version
        assert [made.nth(index) for index in range(len(model))] == model

    @invariant()
    def no_version_has_changed(self) -> None:
        for made, model in self.pool[-30:]:
            assert made.to_list() == model
            assert list(made) == model
        assert len(EMPTY) == 0 and EMPTY.to_list() == []

    def teardown(self) -> None:
        for made, model in self.pool:
            assert made.to_list() == model


TestListVersions = ListVersions.TestCase
TestListVersions.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_random_walks_through_versions_agree_with_python_lists() -> None:
    chance = random.Random(7)
    for _ in range(40):
        pool: list[tuple[List, list[int]]] = [(EMPTY, [])]
        for step in range(300):
            made, model = chance.choice(pool[-12:])
            match chance.randrange(7):
                case 0:
                    pool.append((made.append(step), [*model, step]))
                case 1:
                    pool.append((made.cons(step), [step, *model]))
                case 2:
                    pool.append((made.rest(), model[1:]))
                case 3:
                    other, other_model = chance.choice(pool)
                    if len(model) + len(other_model) < 3000:
                        pool.append((made.concat(other), model + other_model))
                case 4:
                    start = chance.randint(0, len(model))
                    end = chance.randint(start, len(model))
                    pool.append((made.slice(start, end), model[start:end]))
                case 5:
                    pool.append((made.reversed(), model[::-1]))
                case 6 if model:
                    index = chance.randrange(len(model))
                    assert made.nth(index) == model[index]
        for made, model in pool:
            well_formed(made)
            assert made.to_list() == model


# -- growth promises ---------------------------------------------------------------------------------


def test_appending_in_turn_shares_one_buffer() -> None:
    grown = list_of(0)
    first = grown
    for item in range(1, 1000):
        grown = grown.append(item)
    assert isinstance(first, Span) and isinstance(grown, Span)
    assert grown.buffer is first.buffer


def test_appending_to_an_old_version_shares_it_instead_of_copying() -> None:
    old = from_list(list(range(1000)))
    newer = old.append(1)
    branch = old.append(2)
    assert isinstance(branch, Rope) and branch.left is old
    assert newer.nth(1000) == 1 and branch.nth(1000) == 2


def test_a_small_list_in_front_of_a_large_one_shares_the_large_one() -> None:
    large = from_list(list(range(1000)))
    both = list_of(-2, -1).concat(large)
    assert both.to_list() == [-2, -1, *range(1000)]
    assert both.rest().rest() is large


def test_joining_large_lists_copies_neither() -> None:
    left, right = from_list(list(range(100))), from_list(list(range(100, 200)))
    joined = left.concat(right)
    assert isinstance(joined, Rope) and joined.left is left and joined.right is right


def test_a_rope_stays_as_low_as_a_balanced_tree() -> None:
    base = from_list(list(range(40)))
    grown: List = EMPTY
    for _ in range(1000):
        grown = grown.concat(base)
    well_formed(grown)
    assert isinstance(grown, Rope)
    assert grown.height <= 1.45 * math.log2(1000) + 2
    while len(grown) > 40:
        grown = grown.rest()
        if len(grown) % 500 == 0:
            well_formed(grown)
    assert grown.to_list() == list(range(40))


def test_growing_at_both_ends_keeps_few_pieces() -> None:
    grown: List = EMPTY
    for item in range(10_000):
        grown = grown.append(item).cons(-item)
    assert isinstance(grown, Rope) and grown.height == 1
    assert grown.to_list() == [*range(-9999, 1), *range(10_000)]


def test_consing_in_turn_shares_one_buffer() -> None:
    grown = EMPTY.cons(0)
    first = grown
    for item in range(1, 1000):
        grown = grown.cons(item)
    assert isinstance(first, Stack) and isinstance(grown, Stack)
    assert grown.buffer is first.buffer
    assert grown.to_list() == list(range(999, -1, -1)) and grown.nth(998) == 1


def test_consing_to_an_old_version_shares_it_instead_of_copying() -> None:
    old = from_list(list(range(1000))).reversed()
    newer = old.cons(1)
    branch = old.cons(2)
    assert isinstance(branch, Rope) and branch.right is old
    assert newer.first() == 1 and branch.first() == 2 and branch.rest() is old


def test_reversing_copies_nothing() -> None:
    grown = from_list(list(range(1000)))
    assert isinstance(grown, Span)
    turned = grown.slice(1, 1000).reversed()
    assert isinstance(turned, Stack) and turned.buffer is grown.buffer
    assert turned.to_list() == list(range(999, 0, -1)) and turned.reversed().to_list() == list(range(1, 1000))


def test_a_list_and_its_reverse_grow_apart() -> None:
    forth = from_list([1, 2])
    back = forth.reversed()
    assert back.cons(3).to_list() == [3, 2, 1] and forth.append(4).to_list() == [1, 2, 4]
    assert forth.to_list() == [1, 2] and back.to_list() == [2, 1]


def test_a_stack_pushed_and_popped_in_turn_keeps_few_pieces() -> None:
    stack: List = EMPTY
    for item in range(100):
        stack = stack.cons(item)
    for item in range(10_000):
        stack = stack.rest().cons(item).cons(item).rest()
        assert not isinstance(stack, Rope) or stack.height <= 2
    assert stack.to_list() == [9999, *range(98, -1, -1)]


def test_a_queue_keeps_no_more_than_it_holds() -> None:
    queue: List = from_list(list(range(100)))
    for item in range(100, 20_000):
        queue = queue.rest().append(item)
    assert queue.to_list() == list(range(19_900, 20_000))
    leaves = [queue] if not isinstance(queue, Rope) else list(queue._leaves())
    assert sum(len(leaf.buffer) for leaf in leaves if isinstance(leaf, Span)) < 1000


def test_a_small_slice_does_not_keep_a_large_buffer() -> None:
    part = from_list(list(range(1000))).slice(10, 20)
    assert isinstance(part, Span) and len(part.buffer) == 10


def test_threads_may_grow_one_list() -> None:
    base = from_list(list(range(100)))
    wrong: list[object] = []

    def grow(mark: int) -> None:
        for round_ in range(2000):
            made = base.append((mark, round_)).append(mark)
            if made.to_list()[100:] != [(mark, round_), mark]:
                wrong.append(made)

    threads = [threading.Thread(target=grow, args=(mark,)) for mark in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
