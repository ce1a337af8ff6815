"""Inline expansions: the common case of a primitive as a Python expression, in place of a call.

Owns one table, from a primitive and its number of arguments to a function that writes the expression. An
expansion tests what it takes for granted — the classes of its operands, or the class of its result — and
calls the primitive itself for everything else, so odd operands and errors are the primitive's. Where Python
raises, as for an index that is out of range, the line is done again by tier 0 (`sxpy/compiler/emit.py`).

An operand's text may have any cost, so an expansion that needs it more than once names it first (`named`).
Next: `sxpy/compiler/emit.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from sxpy.data import Char, Keyword, Symbol, Vector
from sxpy.primitives import REGISTRY


class Operand(NamedTuple):
    """The Python text of an argument; the class that its value is known to have, if it is; its text if it
    is a literal of a program's text or number."""

    text: str
    kind: type | None = None
    literal: str | None = None


class Writer(Protocol):
    """What an expansion needs of the function that it becomes a part of."""

    def name(self, value: Any) -> str:
        """A global of the function that holds a constant value."""

    def temporary(self) -> str:
        """A local that nothing else uses."""


Expansion = Callable[[Writer, Callable[..., Any], Sequence[Operand]], str]
"""From the writer, the primitive's function and its operands to the expression."""

_EXPANSIONS: dict[tuple[Any, int], Expansion] = {}

_RESULTS: dict[Any, type] = {}
"""What class the value of a primitive always has."""


def expanded(writer: Writer, function: Callable[..., Any], operands: Sequence[Operand]) -> Operand:
    """The expression for a call of the primitive `function`."""
    expansion = _EXPANSIONS.get((function, len(operands)), _call)
    return Operand(expansion(writer, function, operands), _RESULTS.get(function))


def expansions() -> list[tuple[str, int]]:
    """The name and the number of arguments of every expansion."""
    names = {primitive.function: primitive.name for primitive in REGISTRY.values()}
    return [(names[function], count) for function, count in _EXPANSIONS]


def is_test(function: Callable[..., Any]) -> bool:
    """Whether the value of a primitive is always a boolean."""
    return _RESULTS.get(function) is bool


def _call(writer: Writer, function: Callable[..., Any], operands: Sequence[Operand]) -> str:
    return f"{writer.name(function)}({', '.join([operand.text for operand in operands])})"


def _named(writer: Writer, operand: Operand) -> tuple[Operand, str]:
    """The operand as what is used again, and the text for its first use."""
    text = operand.text
    if operand.literal is not None or text.isidentifier():
        return operand, text
    kept = writer.temporary()
    return Operand(kept, operand.kind), f"({kept} := {text})"


def _expands(*names: str, count: int) -> Callable[[Expansion], Expansion]:
    """Make the function the expansion of these primitives with `count` arguments."""

    def register(expansion: Expansion) -> Expansion:
        for name in names:
            _EXPANSIONS[REGISTRY[name].function, count] = expansion
        return expansion

    return register


def _results(kind: type, names: str) -> None:
    for name in names.split():
        _RESULTS[REGISTRY[name].function] = kind


_results(
    bool,
    """= != < > <= >= eq? eqv? equal? not nil? not-nil? true? false? boolean? string? symbol? keyword? char?
    list? dict? vector? number? integer? float? procedure? zero? positive? negative? odd? even? empty? null?
    pair? has-key? contains? starts-with? ends-with? string-contains? %list-of? %vector-of? %key?""",
)
_results(int, "len string-length vector-length index-of")
_results(str, "str string-append join upper lower trim number->string symbol->string")


# -- numbers -----------------------------------------------------------------------------------------

_ARITHMETIC = {REGISTRY[name].function: name for name in ("+", "-", "*")}


@_expands("+", "-", "*", count=2)
def _arithmetic(writer: Writer, function: Callable[..., Any], operands: Sequence[Operand]) -> str:
    """Only numbers add up to an int; anything else is done by the primitive, with what was computed."""
    (one, first), (two, second) = [_named(writer, operand) for operand in operands]
    kept, kind = writer.temporary(), writer.temporary()
    computed = f"{kept} := {first} {_ARITHMETIC[function]} {second}"
    slow = _call(writer, function, (one, two))
    return f"({kept} if ({kind} := type({computed})) is int or {kind} is float else {slow})"


@_expands("+", "-", "*", count=3)
def _arithmetic_of_three(writer: Writer, function: Callable[..., Any], operands: Sequence[Operand]) -> str:
    """Sums, differences and products of many are made from left to right."""
    left = _arithmetic(writer, function, operands[:2])
    return _arithmetic(writer, function, (Operand(left), operands[2]))


_STEP = {REGISTRY["inc"].function: "+", REGISTRY["dec"].function: "-"}


@_expands("inc", "dec", count=1)
def _step(writer: Writer, function: Callable[..., Any], operands: Sequence[Operand]) -> str:
    given, first = _named(writer, operands[0])
    kept = writer.temporary()
    slow = _call(writer, function, (given,))
    return f"({kept} if type({kept} := {first} {_STEP[function]} 1) is int else {slow})"


@_expands("mod", count=2)
def _modulo(writer: Writer, function: Callable[..., Any], operands: Sequence[Operand]) -> str:
    return _of_integers(writer, function, operands, "{one} % {two}")


@_expands("remainder", count=2)
def _remainder(writer: Writer, function: Callable[..., Any], operands: Sequence[Operand]) -> str:
    return _of_integers(writer, function, operands, "{one} % {two}", "{one} >= 0 < {two}")


@_expands("quotient", count=2)
def _quotient(writer: Writer, function: Callable[..., Any], operands: Sequence[Operand]) -> str:
    return _of_integers(writer, function, operands, "{one} // {two}", "{one} >= 0 < {two}")


@_expands("min", count=2)
def _minimum(writer: Writer, function: Callable[..., Any], operands: Sequence[Operand]) -> str:
    return _of_integers(writer, function, operands, "({two} if {two} < {one} else {one})")


@_expands("max", count=2)
def _maximum(writer: Writer, function: Callable[..., Any], operands: Sequence[Operand]) -> str:
    return _of_integers(writer, function, operands, "({two} if {two} > {one} else {one})")


@_expands("abs", count=1)
def _absolute(writer: Writer, function: Callable[..., Any], operands: Sequence[Operand]) -> str:
    return _of_integers(writer, function, operands, "({one} if {one} >= 0 else -{one})")


_SIGN = {
    REGISTRY["zero?"].function: "{one} == 0",
    REGISTRY["positive?"].function: "{one} > 0",
    REGISTRY["negative?"].function: "{one} < 0",
    REGISTRY["odd?"].function: "{one} % 2 == 1",
    REGISTRY["even?"].function: "{one} % 2 == 0",
}


@_expands("zero?", "positive?", "negative?", "odd?", "even?", count=1)
def _sign(writer: Writer, function: Callable[..., Any], operands: Sequence[Operand]) -> str:
    return _of_integers(writer, function, operands, _SIGN[function])


_COMPARISON = {REGISTRY[name].function: "{one} " + name + " {two}" for name in ("<", ">", "<=", ">=")}


@_expands("<", ">", "<=", ">=", count=2)
def _comparison(writer: Writer, function: Callable[..., Any], operands: Sequence[Operand]) -> str:
    return _of_integers(writer, function, operands, _COMPARISON[function])


def _of_integers(
    writer: Writer, function: Callable[..., Any], operands: Sequence[Operand], text: str, also: str = ""
) -> str:
    """`text` when every operand is an int and the condition `also` holds."""
    named = [_named(writer, operand) for operand in operands]
    values = [value for value, _ in named]
    fields = dict(zip(("one", "two"), [value.text for value in values], strict=False))
    asked = [f"type({first}) is" for value, first in named if value.kind is not int]
    tests = [" ".join([*asked, "int"])] if asked else []
    if also:
        tests.append(also.format(**fields))
    computed = text.format(**fields)
    if not tests:
        return f"({computed})"
    return f"({computed} if {' and '.join(tests)} else {_call(writer, function, values)})"


# -- equality and kinds ------------------------------------------------------------------------------

_UNIQUE = ("None", "True", "False")


@_expands("=", "equal?", count=2)
def _equal(writer: Writer, function: Callable[..., Any], operands: Sequence[Operand]) -> str:
    left, right = operands
    for one, other in ((left, right), (right, left)):
        if one.text in _UNIQUE and other.literal is None:
            return f"({other.text} is {one.text})"
    if int in (left.kind, right.kind):
        return _of_integers(writer, function, operands, "{one} == {two}")
    (one, first), (two, second) = _named(writer, left), _named(writer, right)
    slow = _call(writer, function, (one, two))
    if str in (left.kind, right.kind):
        asked = [f"type({text}) is" for value, text in ((one, first), (two, second)) if value.kind is not str]
        test = " ".join([*asked, "str"]) if asked else "True"
        return f"({one.text} == {two.text} if {test} else {slow})"
    kind = writer.temporary()
    test = f"({kind} := type({first})) is type({second}) and ({kind} is int or {kind} is str)"
    return f"({one.text} == {two.text} if {test} else {slow})"


@_expands("eq?", count=2)
def _identical(writer: Writer, function: Callable[..., Any], operands: Sequence[Operand]) -> str:
    if any(operand.literal is not None for operand in operands):
        return _call(writer, function, operands)
    (one, first), (two, second) = [_named(writer, operand) for operand in operands]
    return f"({first} is {second} or {_call(writer, function, (one, two))})"


_CLASSES = {
    REGISTRY[name].function: kind
    for name, kind in (
        ("string?", str),
        ("symbol?", Symbol),
        ("keyword?", Keyword),
        ("char?", Char),
        ("vector?", Vector),
        ("float?", float),
    )
}


@_expands("string?", "symbol?", "keyword?", "char?", "vector?", "float?", count=1)
def _is_of_class(writer: Writer, function: Callable[..., Any], operands: Sequence[Operand]) -> str:
    kind = _CLASSES[function]
    name = kind.__name__ if kind in (str, float) else writer.name(kind)
    return f"(type({operands[0].text}) is {name})"


@_expands("boolean?", count=1)
def _is_boolean(writer: Writer, function: Callable[..., Any], operands: Sequence[Operand]) -> str:
    return f"(type({operands[0].text}) is bool)"


@_expands("number?", "integer?", count=1)
def _is_number(writer: Writer, function: Callable[..., Any], operands: Sequence[Operand]) -> str:
    one, first = _named(writer, operands[0])
    return f"(type({first}) is int or {_call(writer, function, (one,))})"


# -- texts -------------------------------------------------------------------------------------------


@_expands("str", count=1)
@_expands("str", count=2)
@_expands("str", count=3)
@_expands("str", count=4)
@_expands("str", count=5)
def _text(writer: Writer, function: Callable[..., Any], operands: Sequence[Operand]) -> str:
    return _formatted(writer, function, operands, "({kind} := type({first})) is str or {kind} is int")


@_expands("string-append", count=1)
@_expands("string-append", count=2)
@_expands("string-append", count=3)
@_expands("string-append", count=4)
@_expands("string-append", count=5)
def _appended(writer: Writer, function: Callable[..., Any], operands: Sequence[Operand]) -> str:
    if any(operand.kind not in (None, str) for operand in operands):
        return _call(writer, function, operands)
    return _formatted(writer, function, operands, "type({first}) is str")


def _formatted(
    writer: Writer, function: Callable[..., Any], operands: Sequence[Operand], condition: str
) -> str:
    """The texts of all operands as one, when each has the condition; those of known class have it."""
    parts, values, tests = [], [], []
    for operand in operands:
        value, first = _named(writer, operand)
        values.append(value)
        if value.literal is not None:
            parts.append(value.literal.replace("{", "{{").replace("}", "}}"))
            continue
        parts.append("{" + value.text + "}")
        if value.kind not in (str, int):
            tests.append("(" + condition.format(first=first, kind=writer.temporary()) + ")")
        elif first != value.text:
            tests.append(f"{first} is not None")
    joined = "f" + repr("".join(parts))
    if not tests:
        return joined
    return f"({joined} if {' and '.join(tests)} else {_call(writer, function, values)})"
