"""Change in place: what Python does for a string that grows, for the lists and dicts of a loop.

A loop that gives its variable a new version of the very value it holds, and holds it alone, may as well
change that value: nobody can tell. Python knows how many hold a value. A frame, a closure, a continuation or
another variable that holds it, too, makes one more, and then a new version is made as everywhere else.
That is so in CPython up to 3.13 with its global lock. From 3.14 on a function may hold an argument that its
caller holds, too, and Python counts one; other Pythons do not count. There nothing is changed in place.

Owns the table of the primitives for which this pays, and that of the primitives which change a value anyway,
with what they do to a value of the usual kind. Next: `sxpy/compiler/direct.py`, which writes loops.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from sys import getrefcount
from typing import Any, NamedTuple, Protocol

from sxpy.compiler.inline import ATOMS, Operand
from sxpy.data import Dict, MutableList, Span, Stack, Vector
from sxpy.primitives import REGISTRY

COUNTED = sys.implementation.name == "cpython" and sys.version_info < (3, 14) and "t" not in sys.abiflags
"""Whether Python's count of references tells who holds a value."""


def _alone() -> int:
    held: list[Any] = []
    return getrefcount(held)


ALONE = _alone()
"""What Python counts for a value that one local variable holds, and nothing else."""


class Change(NamedTuple):
    """A change in place: the condition for it, the lines that make it, and the value of the call."""

    test: str
    effect: list[str]
    value: str = ""


class Writer(Protocol):
    """What a change needs of the function that it becomes a part of."""

    def name(self, value: Any) -> str:
        """A global of the function that holds a constant value."""

    def temporary(self) -> str:
        """A local that nothing else uses."""


_APPEND = (
    "{n} := {x}.high) == len({b} := {x}.buffer) and not {x}.low "
    "and not {b}.append({item}) and {b}[{n}] is {item}"
)

_CHANGES: dict[tuple[Any, int], tuple[int, str, str, str]] = {
    (REGISTRY["append"].function, 2): (
        0,
        "{Span}",
        "type({item}) in {ATOMS} and 0 < (" + _APPEND,
        "{x}.high = {n} + 1",
    ),
    (REGISTRY["cons"].function, 2): (1, "{Stack}", "(" + _APPEND, "{x}.high = {n} + 1"),
    (REGISTRY["rest"].function, 1): (
        0,
        "{Span} or {kind} is {Stack}",
        "(({n} := {x}.low + 1) < {x}.high if {kind} is {Span} else ({n} := {x}.high - 1) > {x}.low)",
        "if {kind} is {Span}: {x}.low = {n}\nelse: {x}.high = {n}",
    ),
    (REGISTRY["assoc"].function, 3): (
        0,
        "{Dict}",
        "type({item}) is str and ({b} := {x}.plain) is not None",
        "{b}[{item}] = {value}",
    ),
}
"""By primitive and number of arguments: which argument is changed, its class, the condition, the effect."""


_GROWING = {
    REGISTRY["str"].function: "(({kind} := type({other})) is str or {kind} is int)",
    REGISTRY["string-append"].function: "type({other}) is str",
}
"""What is added to a string, and what must hold of it. Python itself knows who holds a string alone."""


def changed(function: Callable[..., Any], count: int) -> int | None:
    """Which argument of a primitive can be changed in place; None: it has none."""
    if function in _GROWING and count > 1:
        return 0
    found = _CHANGES.get((function, count))
    return None if found is None or not COUNTED else found[0]


def change(writer: Writer, function: Callable[..., Any], local: str, others: Sequence[str]) -> Change:
    """The change that a primitive makes to the value of `local`. `others` hold its other arguments."""
    if function in _GROWING:
        return _grown(writer, _GROWING[function], local, others)
    _, kind, test, effect = _CHANGES[function, len(others) + 1]
    fields = {
        "x": local,
        "n": writer.temporary(),
        "b": writer.temporary(),
        "kind": writer.temporary(),
        "item": others[0] if others else "",
        "value": others[-1] if others else "",
        "ATOMS": writer.name(ATOMS),
        "Span": writer.name(Span),
        "Stack": writer.name(Stack),
        "Dict": writer.name(Dict),
    }
    alone = f"{writer.name(getrefcount)}({local}) == {ALONE}"
    text = "(({kind} := type({x})) is " + kind + ") and " + alone + " and " + test
    return Change(text.format(**fields), effect.format(**fields).split("\n"))


def _grown(writer: Writer, condition: str, local: str, others: Sequence[str]) -> Change:
    kind, added = writer.temporary(), writer.temporary()
    tests = [condition.format(kind=kind, other=other) for other in others]
    joined = "".join(["{" + other + "}" for other in others])
    test = " and ".join([f"type({local}) is str", *tests, f"({added} := f'{joined}') is not None"])
    return Change(test, [f"{local} = {local} + {added}"])


def is_entry(function: Callable[..., Any], others: int) -> bool:
    """Whether a primitive with so many more arguments makes a version of a dict with another entry."""
    return function is REGISTRY["assoc"].function and others == 2


def is_put(function: Callable[..., Any], count: int) -> bool:
    """Whether a primitive gives a key of a dict another value."""
    return function is REGISTRY["dict-set!"].function and count == 3


def entry_test(writer: Writer, dict_: Operand, key: Operand, plain: str, *, alone: bool) -> str:
    """Whether a dict is plain, and a string the key, so that its entries, which `plain` holds, are Python's.

    `alone`: whether nobody else holds it.
    """
    tests = [] if dict_.kind is Dict else [f"type({dict_.text}) is {writer.name(Dict)}"]
    tests += [f"{writer.name(getrefcount)}({dict_.text}) == {ALONE}"] if alone else []
    tests += [] if key.kind is str else [f"type({key.text}) is str"]
    return " and ".join([*tests, f"({plain} := {dict_.text}.plain) is not None"])


def entry(entries: str, key: str, value: str) -> Change:
    """The change of a dict whose entries are in a local, or None is, because somebody else may hold it."""
    return Change(f"{entries} is not None and type({key}) is str", [f"{entries}[{key}] = {value}"])


def entry_alone(writer: Writer, local: str) -> str:
    """Whether a local has a dict that nobody else holds, as far as that can be told."""
    if not COUNTED:
        return "False"
    return f"type({local}) is {writer.name(Dict)} and {writer.name(getrefcount)}({local}) == {ALONE}"


_EFFECTS = {
    (REGISTRY["vector-set!"].function, 3): (
        "type({a}) is {Vector} and type({b}) is int and 0 <= {b} < len({a}.items)",
        "{a}.items[{b}] = {c}",
        "None",
    ),
    (REGISTRY["append!"].function, 2): ("type({a}) is {MutableList}", "{a}.items.append({b})", "{a}"),
}
"""By primitive and number of arguments: the usual case, the statement that does it, and the value."""


def effect(writer: Writer, function: Callable[..., Any], arguments: Sequence[str]) -> Change | None:
    """What a primitive that changes its argument does in the usual case; None: it is not known here."""
    known = _EFFECTS.get((function, len(arguments)))
    if known is None:
        return None
    fields = dict(zip("abc", arguments, strict=False))
    fields |= {kind.__name__: writer.name(kind) for kind in (MutableList, Vector)}
    test, statement, value = (text.format(**fields) for text in known)
    return Change(test, [statement], value)
