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
    reach,
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
        return EACH * _Analysis().effort(_without_last(node)).steps + EACH
    return EACH * (_Analysis().effort(node).steps + ONCE)


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


LOOK_AHEAD = 16
"""How many nodes are looked at to see what follows a run; what comes behind so many is not known."""

MOST_CHOICES = 64
"""Among more alternatives than this, only those that begin with plain characters are told apart."""


class _Analysis:
    """The efforts of the nodes of one pattern, each worked out once."""

    def __init__(self) -> None:
        self._known: dict[Node, Effort] = {}

    def effort(self, node: Node) -> Effort:
        """In how many ways, and with how many steps, the node matches from one position."""
        found = self._known.get(node)
        if found is None:
            found = self._known[node] = self._work_out(node)
        return found

    def _work_out(self, node: Node) -> Effort:
        match node:
            case One() | At():
                return Effort(ONCE, ONCE)
            case Group():
                return self.effort(node.node)
            case Sequence():
                return self._of_sequence(node.nodes)
            case Choice():
                return self._of_choice(node.nodes)
            case Repeat():
                return self._of_repeat(node)
            case Special():
                return self._of_special(node)

    def _of_special(self, node: Special) -> Effort:
        ways, steps = ONCE, EACH
        times = EACH if node.high == UNBOUNDED else Bound(node.high)
        for inner in node.nodes:
            effort = self.effort(inner)
            steps = steps + times * effort.steps
            if len(node.nodes) > 1:  # a conditional group goes one way or the other
                ways = ways + effort.ways
        return Effort(ways, steps)

    def _of_sequence(self, nodes: tuple[Node, ...], following: tuple[Node, ...] = ()) -> Effort:
        """The effort of the nodes, given that nothing but `following` can come after them."""
        ways, steps = ONCE, ONCE
        for index, node in enumerate(nodes):
            effort = self.effort(node)
            steps = steps + ways * effort.steps
            ahead = (*nodes[index + 1 : index + 1 + LOOK_AHEAD], *following[:LOOK_AHEAD])
            looks = _looks_past(node, ahead)
            if looks is None:
                ways = ways * effort.ways
            else:
                # Every shorter extent is given up as soon as what follows has looked at one character.
                steps = steps + ways * effort.ways * Bound(looks)
        return Effort(ways, steps)

    def _of_choice(self, nodes: tuple[Node, ...]) -> Effort:
        efforts = [self.effort(node) for node in nodes]
        steps = Bound(len(nodes))
        for effort in efforts:
            steps = steps + effort.steps
        if _begin_apart(nodes):
            most = max(each.ways.factor for each in efforts)
            return Effort(Bound(most, max(each.ways.degree for each in efforts)), steps)
        ways = Bound(0)
        for effort in efforts:
            ways = ways + effort.ways
        return Effort(ways, steps)

    def _of_repeat(self, node: Repeat) -> Effort:
        inner = self.effort(node.node)
        times = EACH if node.high == UNBOUNDED else Bound(node.high)
        steps = times * (inner.steps + ONCE)
        body = node.node
        while isinstance(body, Group):
            body = body.node
        parts = body.nodes if isinstance(body, Sequence) else (body,)
        if not body.empty and self._of_sequence(parts, following=parts).ways == ONCE:
            # Two rounds can meet in one way only; just the last round may end in several.
            ways = EACH if node.high == UNBOUNDED else Bound(node.high - node.low + 1)
            return Effort(ways * inner.ways, steps)
        if node.high == UNBOUNDED:
            return Effort(NO_BOUND, NO_BOUND)
        ways = Bound(_power(inner.ways.factor + 1.0, node.high), inner.ways.degree * node.high)
        return Effort(ways, ways * steps)


def _looks_past(node: Node, ahead: tuple[Node, ...]) -> int | None:
    """After a run that only its longest extent lets the nodes ahead match, how many of them find out.

    That is so when they begin with a character that is not in the run. None for every other node.
    """
    run = _characters_of_run(node)
    if run is None:
        return None
    looked = 0
    for following in reach(ahead):
        looked += following.size
        if following.first is None or not all(disjoint(run, each) for each in following.first):
            return None
        if not following.empty:
            return looked
    return None


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


def _begin_apart(nodes: tuple[Node, ...]) -> bool:
    """Whether at most one of the nodes can match at a position, because no two begin with one character."""
    if any(node.empty or node.first is None for node in nodes):
        return False
    seen: set[str] = set()
    plain = True
    for node in nodes:
        few = [characters.finite() for characters in node.first or ()]
        union = frozenset[str]().union(*[members for members in few if members is not None])
        plain = plain and None not in few
        if not seen.isdisjoint(union):
            return False
        seen |= union
    return plain or (
        len(nodes) <= MOST_CHOICES
        and all(
            disjoint(x, y) for a, b in combinations(nodes, 2) for x in a.first or () for y in b.first or ()
        )
    )


def _power(base: float, exponent: int) -> float:
    try:
        return base**exponent
    except OverflowError:
        return math.inf
