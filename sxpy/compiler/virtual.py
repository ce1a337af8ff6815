"""Virtual values: what a trace knows of a value without having it made.

While a trace (`sxpy/compiler/traces.py`) goes from block to block, a frame that is pushed and popped, a
continuation that is captured and entered, a closure that is made and called need not exist: it is enough to
know of what they would be made. They are made when the trace is left, or when somebody else gets them.
(Bolz et al., "Allocation removal by partial evaluation in a tracing JIT", 2011.)

Owns the kinds of such values, how Python makes them from locals, and whether two are alike but for those.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sxpy.core import ir
from sxpy.data import closure_of, continuation_of


@dataclass(frozen=True, slots=True)
class Name:
    """A value that exists: a local of the trace holds it. `kind` is its class, if that is always the same."""

    text: str
    kind: type | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, eq=False)
class Literal:
    """A constant."""

    value: Any


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A closure that is not made: its template, and what it captures."""

    template: ir.Template
    captures: tuple[Value, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """A continuation that is not made, of the dynamic state in which the trace runs."""

    kont: Value


@dataclass(frozen=True, slots=True, eq=False)
class Pushed:
    """A frame that is not made: its block, the live values, and the frame below."""

    block: ir.Block
    live: tuple[Value, ...]
    below: Value


Leaf = Name | Literal
Value = Name | Literal | Made | Taken | Pushed

DYNAMIC = "D"
"""The local that holds the dynamic state."""


def parts(value: Value) -> tuple[Value, ...]:
    """What a value is made of."""
    match value:
        case Made():
            return value.captures
        case Taken():
            return (value.kont,)
        case Pushed():
            return (*value.live, value.below)
    return ()


def remade(value: Value, given: Sequence[Value]) -> Value:
    """A value like this one, made of other parts."""
    match value:
        case Made():
            return Made(value.template, tuple(given))
        case Taken():
            return Taken(given[0])
        case Pushed():
            return Pushed(value.block, tuple(given[:-1]), given[-1])
    return value


def mapped(value: Value, change: Callable[[Leaf], Value], memo: dict[int, Value]) -> Value:
    """The value with other values for its leaves.

    `memo` has what has become of each value that was not made: one value stays one.
    """
    if isinstance(value, (Name, Literal)):
        return change(value)
    found = memo.get(id(value))
    if found is None:
        before = parts(value)
        after = [mapped(part, change, memo) for part in before]
        same = all(one is other for one, other in zip(before, after, strict=True))
        found = memo[id(value)] = value if same else remade(value, after)
    return found


def same_leaf(one: Leaf, other: Leaf) -> bool:
    """Whether two leaves are certainly the same value."""
    if isinstance(one, Name) or isinstance(other, Name):
        return one == other
    return one.value is other.value or (
        type(one.value) is type(other.value) and type(one.value) in (int, str) and one.value == other.value
    )


Pairs = tuple[dict[int, Value], dict[int, Value]]
"""Which value stands for which, and the other way round."""


def alike(one: Value, other: Value, leaves: list[tuple[Leaf, Leaf]], pairs: Pairs) -> bool:
    """Whether two values are made in the same way; `leaves` get the pairs of locals and constants in them.

    What is one value in one of them must be one in the other: `pairs` has those so far.
    """
    if isinstance(one, (Name, Literal)) or isinstance(other, (Name, Literal)):
        if not isinstance(one, (Name, Literal)) or not isinstance(other, (Name, Literal)):
            return False
        leaves.append((one, other))
        return True
    there, back = pairs
    if id(one) in there or id(other) in back:
        return there.get(id(one)) is other and back.get(id(other)) is one
    there[id(one)], back[id(other)] = other, one
    match one, other:
        case Made(template=template), Made() if other.template is template:
            pass
        case Taken(), Taken():
            pass
        case Pushed(block=block), Pushed() if other.block is block:
            pass
        case _:
            return False
    return all(
        alike(left, right, leaves, pairs) for left, right in zip(parts(one), parts(other), strict=True)
    )


def value_in(local: dict[str, Any], value: Value, memo: dict[int, Any]) -> Any:
    """Make a value from the locals of a trace that was left. `memo` keeps what was made."""
    match value:
        case Name():
            return local[value.text]
        case Literal():
            return value.value
    if id(value) not in memo:
        given = [value_in(local, part, memo) for part in parts(value)]
        match value:
            case Made():
                memo[id(value)] = closure_of(value.template, tuple(given))
            case Taken():
                memo[id(value)] = continuation_of(given[0], local[DYNAMIC])
            case Pushed():
                memo[id(value)] = (value.block, *given)
    return memo[id(value)]
