"""A pattern as a tree: what the text of a regular expression means, in a few kinds of node.

Owns the translation from the tree of Python's own parser, so syntax and meaning are exactly those of `re`,
and this is the only file that knows the parser. Single characters are tested by `re` itself, on classes of
one character, so case folding and categories are the same too. Next: `sxpy/regex/cost.py`.
"""

from __future__ import annotations

import re
import re._parser as parser  # type: ignore[import-not-found]  # Lark, too, uses it under this name
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

UNBOUNDED = int(parser.MAXREPEAT)
"""The upper bound of `*` and `+`."""


class Characters(dict[str, bool]):
    """A set of characters: whether each is in it, worked out when it is first asked for.

    `text` is the class as a pattern of one character. `singles` and `categories` are what it is made of
    (`negated` turned round), None when it is made of more than these say.
    """

    def __init__(
        self,
        text: str,
        flags: int,
        singles: frozenset[str] | None,
        categories: frozenset[str],
        *,
        negated: bool,
    ) -> None:
        super().__init__()
        self.text = text
        self.flags = flags
        self.singles = singles
        self.categories = categories
        self.negated = negated
        self._match = re.compile(text, flags).match

    def __missing__(self, char: str) -> bool:
        found = self[char] = self._match(char) is not None
        return found

    def finite(self) -> frozenset[str] | None:
        """All its members, when they are few and known."""
        if self.negated or self.categories or self.flags & re.IGNORECASE:
            return None
        return self.singles


# What an analysis asks of every node is worked out when the node is made, from its parts, so that it takes
# linear time whatever the nesting:
#
# * `empty` — whether it may match the empty string; in doubt it may
# * `first` — sets of which one holds the first character of each match that has one; None: not known
# * `size` — how many nodes it consists of

First: TypeAlias = tuple[Characters, ...] | None

MOST_FIRST = 256
"""More sets than this are not kept: how the node begins is not known then."""


@dataclass(slots=True, eq=False)
class One:
    """One character of a set."""

    characters: Characters
    empty: bool = field(init=False, default=False)
    first: First = field(init=False)
    size: int = field(init=False, default=1)

    def __post_init__(self) -> None:
        self.first = (self.characters,)


@dataclass(slots=True, eq=False)
class At:
    """A condition on the position, without width: `^ $ \\b \\A` …"""

    assertion: re.Pattern[str]
    empty: bool = field(init=False, default=True)
    first: First = field(init=False, default=())
    size: int = field(init=False, default=1)


@dataclass(slots=True, eq=False)
class Sequence:
    """One node after the other; none is the empty pattern."""

    nodes: tuple[Node, ...]
    empty: bool = field(init=False)
    first: First = field(init=False)
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.empty = all(node.empty for node in self.nodes)
        self.first = _union(reach(self.nodes))
        self.size = 1 + sum(node.size for node in self.nodes)


@dataclass(slots=True, eq=False)
class Choice:
    """The first of the nodes that leads to a match."""

    nodes: tuple[Node, ...]
    empty: bool = field(init=False)
    first: First = field(init=False)
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.empty = any(node.empty for node in self.nodes)
        self.first = _union(self.nodes)
        self.size = 1 + sum(node.size for node in self.nodes)


@dataclass(slots=True, eq=False)
class Repeat:
    """The node from `low` to `high` times (`UNBOUNDED`), as often as possible or, not greedy, as seldom."""

    node: Node
    low: int
    high: int
    greedy: bool
    empty: bool = field(init=False)
    first: First = field(init=False)
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.empty = self.low == 0 or self.node.empty
        self.first = self.node.first
        self.size = 1 + self.node.size


@dataclass(slots=True, eq=False)
class Group:
    """The node, whose extent is remembered under `index`."""

    node: Node
    index: int
    empty: bool = field(init=False)
    first: First = field(init=False)
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.empty = self.node.empty
        self.first = self.node.first
        self.size = 1 + self.node.size


@dataclass(slots=True, eq=False)
class Special:
    """What only `re` can match: a backreference, lookaround, an atomic group or a possessive repeat.

    `high` bounds how often each of `nodes` is tried.
    """

    what: str
    nodes: tuple[Node, ...] = ()
    high: int = 1
    empty: bool = field(init=False, default=True)
    first: First = field(init=False, default=None)
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = 1 + sum(node.size for node in self.nodes)


Node: TypeAlias = One | At | Sequence | Choice | Repeat | Group | Special


def reach(nodes: Iterable[Node]) -> Iterator[Node]:
    """The nodes of a sequence that its first character may belong to: up to the first that is not empty."""
    for node in nodes:
        yield node
        if not node.empty:
            return


def _union(nodes: Iterable[Node]) -> First:
    union: list[Characters] = []
    for node in nodes:
        if node.first is None or len(union) > MOST_FIRST:
            return None
        union.extend(node.first)
    return tuple(union)


def parse(source: str, flags: int) -> Node:
    """The tree of a pattern. Raises `re.error`, OverflowError and RecursionError as `re.compile` does."""
    tree = parser.parse(source, flags)
    return _sequence(tree, tree.state.flags)


def _sequence(tree: Any, flags: int) -> Node:
    nodes = tuple(_node(str(code), argument, flags) for code, argument in tree)
    return nodes[0] if len(nodes) == 1 else Sequence(nodes)


_ASSERTIONS = {
    "AT_BEGINNING": "^",
    "AT_BEGINNING_STRING": r"\A",
    "AT_BOUNDARY": r"\b",
    "AT_NON_BOUNDARY": r"\B",
    "AT_END": "$",
    "AT_END_STRING": r"\Z",
}
_CATEGORIES = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}
_KEPT = re.IGNORECASE | re.MULTILINE | re.DOTALL | re.ASCII
"""The flags that change what a single character or a position means."""


def _node(code: str, argument: Any, flags: int) -> Node:
    match code:
        case "LITERAL" | "NOT_LITERAL":
            return One(_characters([("LITERAL", argument)], flags, negated=code == "NOT_LITERAL"))
        case "ANY":
            known = frozenset() if flags & re.DOTALL else frozenset("\n")
            return One(Characters(".", flags & _KEPT, known, frozenset(), negated=True))
        case "IN":
            items = [(str(kind), value) for kind, value in argument]
            negated = items[0][0] == "NEGATE"
            return One(_characters(items[1:] if negated else items, flags, negated=negated))
        case "AT":
            return At(re.compile(_ASSERTIONS[str(argument)], flags & _KEPT))
        case "BRANCH":
            return Choice(tuple(_sequence(branch, flags) for branch in argument[1]))
        case "MAX_REPEAT" | "MIN_REPEAT":
            low, high, tree = argument
            return Repeat(_sequence(tree, flags), int(low), int(high), code == "MAX_REPEAT")
        case "SUBPATTERN":
            index, added, removed, tree = argument
            inner = _sequence(tree, (flags | added) & ~removed)
            return inner if index is None else Group(inner, index)
        case _:
            return _special(code, argument, flags)


def _special(code: str, argument: Any, flags: int) -> Special:
    match code:
        case "GROUPREF":
            return Special("a backreference")
        case "GROUPREF_EXISTS":
            _, yes, no = argument
            branches = [tree for tree in (yes, no) if tree is not None]
            return Special("a conditional group", tuple(_sequence(tree, flags) for tree in branches))
        case "ASSERT" | "ASSERT_NOT":
            return Special("lookaround", (_sequence(argument[1], flags),))
        case "ATOMIC_GROUP":
            return Special("an atomic group", (_sequence(argument, flags),))
        case "POSSESSIVE_REPEAT":
            _, high, tree = argument
            return Special("a possessive repeat", (_sequence(tree, flags),), int(high))
        case _:
            return Special(code.lower())


MOST_SINGLES = 512
"""A set of more characters than this is not spelled out."""


def _characters(items: list[tuple[str, Any]], flags: int, *, negated: bool) -> Characters:
    """The set made of the items of a class as the parser gives them."""
    pieces: list[str] = []
    singles: set[str] | None = set()
    categories: set[str] = set()
    for kind, value in items:
        if kind == "CATEGORY":
            categories.add(_CATEGORIES[str(value)])
            pieces.append(_CATEGORIES[str(value)])
            continue
        first, last = value if kind == "RANGE" else (value, value)
        pieces.append(f"\\U{first:08x}-\\U{last:08x}")
        if singles is None or last - first >= MOST_SINGLES:
            singles = None
        else:
            singles.update(map(chr, range(first, last + 1)))
    text = f"[{'^' if negated else ''}{''.join(pieces)}]"
    known = None if singles is None else frozenset(singles)
    return Characters(text, flags & _KEPT, known, frozenset(categories), negated=negated)


_APART = {(r"\s", r"\d"), (r"\s", r"\w"), (r"\d", r"\D"), (r"\s", r"\S"), (r"\w", r"\W"), (r"\d", r"\W")}
"""Categories without a common character; they hold for ASCII matching too."""


def disjoint(a: Characters, b: Characters) -> bool:
    """Whether the sets surely have no character in common."""
    for few, other in ((a, b), (b, a)):
        members = few.finite()
        if members is not None:
            return not any(other[char] for char in members)
    if a.negated or b.negated or a.singles is None or b.singles is None:
        return False
    if (a.flags | b.flags) & re.IGNORECASE or (a.flags ^ b.flags) & re.ASCII:
        return False
    return (
        all((x, y) in _APART or (y, x) in _APART for x in a.categories for y in b.categories)
        and not any(b[char] for char in a.singles)
        and not any(a[char] for char in b.singles)
    )
