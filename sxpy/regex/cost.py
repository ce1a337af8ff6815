"""How long a backtracking matcher can take: a bound on its steps, computed from the pattern alone.

Owns the promise that `re` is only given work it finishes. For each node two bounds are worked out, both
of the form factor · n^degree for a text of n characters: in how many ways the node can match from one
position on, and how many steps it takes to try them all. A repeated node that can match in two ways is
exponential: infinite. The bounds are rough but never too low. Next: `sxpy/regex/program.py`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

from sxpy.regex.syntax import (
    UNBOUNDED,
    At,
    Characters,
    Choice,
    Group,
    Node,
    One,
    Repeat,
    Sequence,
    Special,
    disjoint,
    first_characters,
    nullable,
)


@dataclass(frozen=True, slots=True)
class Bound:
    """factor · n^degree; a factor of inf is no bound at all."""

    factor: float
    degree: int = 0

    def __add__(self, other: Bound) -> Bound:
        return Bound(self.factor + other.factor, max(self.degree, other.degree))

    def __mul__(self, other: Bound) -> Bound:
        return Bound(self.factor * other.factor, self.degree + other.degree)

    def of(self, length: int) -> float:
        """The bound for a text of `length` characters."""
        try:
            return self.factor * float(length + 1) ** self.degree
        except OverflowError:
            return math.inf


ONCE = Bound(1)
EACH = Bound(1, 1)
NO_BOUND = Bound(math.inf)


@dataclass(frozen=True, slots=True)
class Effort:
    """In how many ways a node matches from one position, and the steps to try them all."""

    ways: Bound
    steps: Bound


def search_steps(node: Node) -> Bound:
    """A bound on the steps to find all matches of the pattern in a text, wherever they start."""
    last = _last(node)
    if last is not None and _runs(last):
        # A run at the very end cannot fail once it began, and the next search starts behind it, so all
        # such runs together take one step a character.
        return EACH * _effort(_without_last(node)).steps + EACH
    return EACH * (_effort(node).steps + ONCE)


def _last(node: Node) -> Node | None:
    if isinstance(node, Group):
        return _last(node.node)
    if isinstance(node, Sequence):
        return _last(node.nodes[-1]) if node.nodes else None
    return node


def _without_last(node: Node) -> Node:
    if isinstance(node, Group):
        return _without_last(node.node)
    if isinstance(node, Sequence):
        return Sequence((*node.nodes[:-1], _without_last(node.nodes[-1])))
    assert isinstance(node, Repeat)
    return Sequence((node.node,) * min(node.low, 1))


def _runs(node: Node) -> bool:
    """Whether the node is a run of characters of one set, of any length but perhaps 0."""
    return (
        isinstance(node, Repeat) and isinstance(node.node, One) and node.low <= 1 and node.high == UNBOUNDED
    )


def _effort(node: Node) -> Effort:
    match node:
        case One() | At():
            return Effort(ONCE, ONCE)
        case Group(inner):
            return _effort(inner)
        case Sequence(nodes):
            return _effort_of_sequence(nodes)
        case Choice(nodes):
            return _effort_of_choice(nodes)
        case Repeat():
            return _effort_of_repeat(node)
        case Special(_, nodes, high):
            steps = EACH
            for inner in nodes:
                steps = steps + (EACH if high == UNBOUNDED else Bound(high)) * _effort(inner).steps
            return Effort(ONCE if len(nodes) < 2 else Bound(2) * _product(nodes), steps)


def _product(nodes: tuple[Node, ...]) -> Bound:
    ways = ONCE
    for node in nodes:
        ways = ways * _effort(node).ways
    return ways


def _effort_of_sequence(nodes: tuple[Node, ...], following: tuple[Node, ...] = ()) -> Effort:
    """The effort of the nodes, given that nothing but `following` can come after them."""
    ways, steps = ONCE, ONCE
    for index, node in enumerate(nodes):
        effort = _effort(node)
        steps = steps + ways * effort.steps
        rest = (*nodes[index + 1 :], *following)
        if rest and _ends_surely(node, rest):
            # Every shorter extent is given up as soon as the rest has looked at one character.
            steps = steps + ways * effort.ways * Bound(_size(rest))
        else:
            ways = ways * effort.ways
    return Effort(ways, steps)


def _ends_surely(node: Node, rest: tuple[Node, ...]) -> bool:
    """Whether the node is a run that only its longest extent lets the rest match after.

    That is so when the rest begins with a character that is not in the run.
    """
    run = _characters_of_run(node)
    first = first_characters(Sequence(rest))
    return run is not None and first is not None and all(disjoint(run, each) for each in first)


def _characters_of_run(node: Node) -> Characters | None:
    """The set of which a repeat takes one character after the other; None for any other node."""
    while isinstance(node, Group):
        node = node.node
    if not isinstance(node, Repeat):
        return None
    inner = node.node
    while isinstance(inner, Group):
        inner = inner.node
    return inner.characters if isinstance(inner, One) else None


def _size(nodes: tuple[Node, ...]) -> int:
    """How many nodes there are, all within counted."""
    count, pending = 0, list(nodes)
    while pending:
        node = pending.pop()
        count += 1
        if isinstance(node, (Sequence, Choice, Special)):
            pending.extend(node.nodes)
        elif isinstance(node, (Group, Repeat)):
            pending.append(node.node)
    return count


def _effort_of_choice(nodes: tuple[Node, ...]) -> Effort:
    efforts = [_effort(node) for node in nodes]
    steps = Bound(len(nodes))
    for effort in efforts:
        steps = steps + effort.steps
    if _start_apart(nodes):
        ways = Bound(max(each.ways.factor for each in efforts), max(each.ways.degree for each in efforts))
    else:
        ways = Bound(0)
        for effort in efforts:
            ways = ways + effort.ways
    return Effort(ways, steps)


def _start_apart(nodes: tuple[Node, ...]) -> bool:
    """Whether at most one of the nodes can match at a position, because no two begin with one character."""
    firsts = [first_characters(node) for node in nodes]
    return all(
        a is not None and b is not None and all(disjoint(x, y) for x in a for y in b)
        for a, b in combinations(firsts, 2)
    )


def _effort_of_repeat(node: Repeat) -> Effort:
    inner = _effort(node.node)
    times = EACH if node.high == UNBOUNDED else Bound(node.high)
    steps = times * (inner.steps + ONCE)
    body = node.node
    while isinstance(body, Group):
        body = body.node
    parts = body.nodes if isinstance(body, Sequence) else (body,)
    if not nullable(node.node) and _effort_of_sequence(parts, following=parts).ways == ONCE:
        # Two rounds can meet in one way only; just the last round may end in several.
        ways = EACH if node.high == UNBOUNDED else Bound(node.high - node.low + 1)
        return Effort(ways * inner.ways, steps)
    if node.high == UNBOUNDED:
        return Effort(NO_BOUND, NO_BOUND)
    ways = Bound(_power(inner.ways.factor + 1.0, node.high), inner.ways.degree * node.high)
    return Effort(ways, ways * steps)


def _power(base: float, exponent: int) -> float:
    try:
        return base**exponent
    except OverflowError:
        return math.inf
