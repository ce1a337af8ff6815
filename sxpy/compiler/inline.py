"""Inline expansions: the common case of a primitive as a Python expression, in place of a call.

Owns one table, from a primitive and its number of arguments to a function that writes the expression. An
expansion tests what it takes for granted — the classes of its operands, or the class of its result — and
calls the primitive itself for everything else, so odd operands and errors are the primitive's. Where Python
raises, as for an index that is out of range, the line is done again by tier 0 (`sxpy/compiler/emit.py`).

An operand's text may have any cost, so what is used more than once is named first, and named before any
test that could keep it from being named: the call of the primitive uses the same names.
Next: `sxpy/compiler/emit.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, Protocol

from sxpy.data import (
    EMPTY,
    Adt,
    Char,
    Closure,
    Dict,
    Keyword,
    Record,
    Span,
    Stack,
    Symbol,
    Vector,
)
from sxpy.data.dicts import SMALL
from sxpy.data.lists import span, stack
from sxpy.primitives import REGISTRY


class Operand(NamedTuple):
    """The Python text of an argument; the class that its value is known to have, if it is; its text if it
    is a literal of a program's text or number."""

    text: str
    kind: type | None = None
    literal: str | None = None

    @property
    def is_simple(self) -> bool:
        """Whether the text may be repeated."""
        return self.literal is not None or self.text.isidentifier()


class Writer(Protocol):
    """What an expansion needs of the function that it becomes a part of."""

    def name(self, value: Any) -> str:
        """A global of the function that holds a constant value."""

    def temporary(self) -> str:
        """A local that nothing else uses."""


class Call:
    """A call to be written: of the primitive `function`, with these operands."""

    __slots__ = ("function", "operands", "writer")

    def __init__(self, writer: Writer, function: Callable[..., Any], operands: Sequence[Operand]) -> None:
        self.writer = writer
        self.function = function
        self.operands = list(operands)

    def text(self) -> str:
        """The call itself."""
        return f"{self.name(self.function)}({', '.join([item.text for item in self.operands])})"

    def name(self, value: Any) -> str:
        """What holds a constant value."""
        return self.writer.name(value)

    def kept(self, index: int) -> str:
        """Name an operand: the text for its first use. Afterwards the operand is the name."""
        operand = self.operands[index]
        if operand.is_simple:
            return operand.text
        name = self.writer.temporary()
        self.operands[index] = Operand(name, operand.kind)
        return f"({name} := {operand.text})"

    def settled(self) -> str:
        """Name all operands: a condition that always holds, to stand before any other; often empty."""
        texts = [self.kept(index) for index in range(len(self.operands))]
        pairs = zip(texts, self.operands, strict=True)
        return "".join([f"{text} is {item.text} and " for text, item in pairs if text != item.text])

    def unless(self, test: str, text: str) -> str:
        """`text` if the test holds, else the call."""
        return f"({text} if {test} else {self.text()})"


Expansion = Callable[[Call], str]
"""From a call to the expression that stands for it."""

_EXPANSIONS: dict[tuple[Any, int], Expansion] = {}

_RESULTS: dict[Any, type] = {}
"""What class the value of a primitive always has."""


def expanded(writer: Writer, function: Callable[..., Any], operands: Sequence[Operand]) -> Operand:
    """The expression for a call of the primitive `function`."""
    expansion = _EXPANSIONS.get((function, len(operands)), Call.text)
    kind = result(function, [operand.kind for operand in operands])
    return Operand(expansion(Call(writer, function, operands)), kind)


def result(function: object, kinds: Sequence[type | None]) -> type | None:
    """The class of what a primitive gives for operands of these classes, when it is always the same."""
    if function in _CLOSED and kinds and kinds[0] in (int, float) and len(set(kinds)) == 1:
        return kinds[0]
    return _RESULTS.get(function)


def asks(function: object, kinds: Sequence[type | None]) -> bool:
    """Whether an expansion asks of operands of these classes, of which some are not known, what they are."""
    if None not in kinds or function not in _ASKING:
        return False
    return int not in kinds or function not in _ASKING_LITTLE


def refuses(function: Callable[..., Any], count: int) -> bool:
    """Whether the expansion for so many arguments begins with an operator that raises for no number."""
    return _EXPANSIONS.get((function, count)) in (_arithmetic, _comparison, _increment, _decrement)


def expansions() -> list[tuple[str, int]]:
    """The name and the number of arguments of every expansion."""
    names = {primitive.function: primitive.name for primitive in REGISTRY.values()}
    return [(names[function], count) for function, count in _EXPANSIONS]


def is_expanded(function: Callable[..., Any], count: int) -> bool:
    """Whether there is an expansion of a primitive for so many arguments."""
    return (function, count) in _EXPANSIONS


def is_test(function: Callable[..., Any]) -> bool:
    """Whether the value of a primitive is always a boolean."""
    return _RESULTS.get(function) is bool


def is_closed(function: Callable[..., Any]) -> bool:
    """Whether a primitive always gives an int for ints, and raises nothing then."""
    return function in _CLOSED and function not in _DIVIDING


def _expands(*names: str, counts: Sequence[int]) -> Callable[[Expansion], Expansion]:
    """Make the function the expansion of these primitives with so many arguments."""

    def register(expansion: Expansion) -> Expansion:
        for name in names:
            for count in counts:
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
_results(Dict, "dict assoc dissoc merge dict-set! dict-delete!")
_results(str, "str string-append join upper lower trim number->string symbol->string")


# -- numbers -----------------------------------------------------------------------------------------

_ARITHMETIC = {REGISTRY[name].function: name for name in ("+", "-", "*")}

_CLOSED = {
    REGISTRY[name].function for name in ("+", "-", "*", "inc", "dec", "mod", "remainder", "min", "max", "abs")
}
"""Primitives whose value is an int for ints and a float for floats."""

_ASKING_LITTLE = {REGISTRY[name].function for name in ("+", "-", "=", "equal?")}
"""Primitives that ask nothing, or next to nothing, when one of two operands is known to be an int."""

_ASKS = """* mod remainder quotient min max abs zero? positive? negative? odd? even? str string-append
string-length nth list-ref vector-ref get has-key? assoc"""
_ASKING = _ASKING_LITTLE | {REGISTRY[name].function for name in _ASKS.split()}
"""Primitives whose expansions ask whether an operand is an int, a float or a string."""

_DIVIDING = {REGISTRY[name].function for name in ("mod", "remainder")}


@_expands("+", "-", "*", counts=[2])
def _arithmetic(call: Call) -> str:
    """Only numbers add up to an int; anything else is done by the primitive, with what was computed.

    What Python adds to an int, or takes from one, is a number, and a rational stays one; that a boolean
    counts as 0 or 1 is so in SX, too. To multiply is another matter: Python repeats a string.
    """
    sign = _ARITHMETIC[call.function]
    left, right = call.operands
    if (int in (left.kind, right.kind) and sign != "*") or left.kind is right.kind in (int, float):
        return f"({left.text} {sign} {right.text})"
    value, kind = call.writer.temporary(), call.writer.temporary()
    computed = f"{value} := {call.kept(0)} {_ARITHMETIC[call.function]} {call.kept(1)}"
    return call.unless(f"({kind} := type({computed})) is int or {kind} is float", value)


@_expands("+", "-", "*", counts=[3])
def _arithmetic_of_three(call: Call) -> str:
    """Sums, differences and products of many are made from left to right."""
    *pair, last = call.operands
    left = expanded(call.writer, call.function, pair)
    return _arithmetic(Call(call.writer, call.function, [left, last]))


@_expands("inc", counts=[1])
def _increment(call: Call) -> str:
    return f"({call.operands[0].text} + 1)"


@_expands("dec", counts=[1])
def _decrement(call: Call) -> str:
    return f"({call.operands[0].text} - 1)"


@_expands("<", ">", "<=", ">=", counts=[2])
def _comparison(call: Call) -> str:
    """What Python orders, numbers and strings by code point, SX orders in the same way."""
    left, right = call.operands
    return f"({left.text} {_COMPARISON[call.function]} {right.text})"


_COMPARISON = {REGISTRY[name].function: name for name in ("<", ">", "<=", ">=")}


def _of_integers(call: Call, text: str, also: str = "") -> str:
    """`text` of the operands `a` and `b` when every one is an int and the condition `also` holds."""
    firsts = [call.kept(index) for index in range(len(call.operands))]
    # `is` between two evaluates both; an operand that is known to be an int is named before.
    asked, given = [], ""
    for first, operand in zip(firsts, call.operands, strict=True):
        if operand.kind is not int:
            asked.append(f"type({first}) is")
        elif first != operand.text:
            given += f"{first} is {operand.text} and "
    fields = dict(zip("ab", [operand.text for operand in call.operands], strict=False))
    tests = [" ".join([*asked, "int"])] if asked else []
    tests += [also.format(**fields)] if also else []
    computed = text.format(**fields)
    if not tests and not given:
        return f"({computed})"
    return call.unless(given + (" and ".join(tests) or "True"), computed)


_INTEGER_TEXTS = {
    ("mod", 2): ("{a} % {b}", ""),
    ("remainder", 2): ("{a} % {b}", "{a} >= 0 < {b}"),
    ("quotient", 2): ("{a} // {b}", "{a} >= 0 < {b}"),
    ("min", 2): ("({b} if {b} < {a} else {a})", ""),
    ("max", 2): ("({b} if {b} > {a} else {a})", ""),
    ("abs", 1): ("({a} if {a} >= 0 else -{a})", ""),
    ("zero?", 1): ("{a} == 0", ""),
    ("positive?", 1): ("{a} > 0", ""),
    ("negative?", 1): ("{a} < 0", ""),
    ("odd?", 1): ("{a} % 2 == 1", ""),
    ("even?", 1): ("{a} % 2 == 0", ""),
}
"""What is done with integers, and what must hold of them besides."""


def _on_integers(text: str, also: str) -> Expansion:
    return lambda call: _of_integers(call, text, also)


for (_name, _count), (_text, _also) in _INTEGER_TEXTS.items():
    _expands(_name, counts=[_count])(_on_integers(_text, _also))


# -- equality and kinds ------------------------------------------------------------------------------

_UNIQUE = ("None", "True", "False")


@_expands("=", "equal?", counts=[2])
def _equal(call: Call) -> str:
    left, right = call.operands
    for one, other in ((left, right), (right, left)):
        if one.text in _UNIQUE and other.literal is None:
            return f"({other.text} is {one.text})"
    if left.kind is int:
        return _equal_to_integer(call, 1, 0)
    if right.kind is int:
        return _equal_to_integer(call, 0, 1)
    if (left.kind is str and left.literal is not None) or (right.kind is str and right.literal is not None):
        return f"({left.text} == {right.text})"
    if str in (left.kind, right.kind):
        given = call.settled()
        asked = [f"type({item.text}) is" for item in call.operands if item.kind is not str]
        test = given + (" ".join([*asked, "str"]) if asked else "True")
    else:
        kind = call.writer.temporary()
        test = (
            f"({kind} := type({call.kept(0)})) is type({call.kept(1)}) and ({kind} is int or {kind} is str)"
        )
    return call.unless(test, f"{call.operands[0].text} == {call.operands[1].text}")


def _equal_to_integer(call: Call, value: int, number: int) -> str:
    """Whether one operand is the number that the other one is. Python takes false for 0 and true for 1."""
    integer, other = call.operands[number], call.operands[value]
    if other.kind not in (None, bool) or (integer.literal is not None and integer.text not in ("0", "1")):
        return f"({call.operands[0].text} == {call.operands[1].text})"
    equal = f"{call.kept(0)} == {call.kept(1)}"
    taken = {"0": ["False"], "1": ["True"]}.get(integer.text, ["False", "True"])
    return f"({equal}{''.join([f' and {call.operands[value].text} is not {one}' for one in taken])})"


@_expands("eq?", counts=[2])
def _identical(call: Call) -> str:
    if any(operand.literal is not None for operand in call.operands):
        return call.text()
    return f"({call.kept(0)} is {call.kept(1)} or {call.text()})"


_WINDOWS = frozenset({Span, Stack})

_CLASSES: dict[str, type] = {
    "string?": str,
    "symbol?": Symbol,
    "keyword?": Keyword,
    "char?": Char,
    "vector?": Vector,
    "float?": float,
    "boolean?": bool,
}


def _is_of(kind: type) -> Expansion:
    return lambda call: f"(type({call.operands[0].text}) is {call.name(kind)})"


for _name, _kind in _CLASSES.items():
    _expands(_name, counts=[1])(_is_of(_kind))


@_expands("list?", counts=[1])
def _is_list(call: Call) -> str:
    return f"(type({call.kept(0)}) in {call.name(_WINDOWS)} or {call.text()})"


@_expands("number?", "integer?", counts=[1])
def _is_number(call: Call) -> str:
    return f"(type({call.kept(0)}) is int or {call.text()})"


# -- texts -------------------------------------------------------------------------------------------


@_expands("str", counts=range(1, 6))
def _shown(call: Call) -> str:
    return _formatted(call, "(({kind} := type({item})) is str or {kind} is int)", (str, int))


@_expands("string-append", counts=range(1, 6))
def _appended(call: Call) -> str:
    if any(operand.kind not in (None, str) for operand in call.operands):
        return call.text()
    return _formatted(call, "type({item}) is str", (str,))


def _formatted(call: Call, condition: str, kinds: tuple[type, ...]) -> str:
    """The texts of all operands as one, when each has the condition; one of these kinds has it."""
    given, kind = call.settled(), call.writer.temporary()
    parts, tests = [], []
    for operand in call.operands:
        if operand.literal is not None:
            parts.append(operand.literal.replace("{", "{{").replace("}", "}}"))
            continue
        parts.append("{" + operand.text + "}")
        if operand.kind not in kinds:
            tests.append(condition.format(item=operand.text, kind=kind))
    first = call.operands[0]
    grows = first.kind is str and first.literal is None and len(parts) > 1
    # Python makes a string that is added to in a local grow in place.
    joined = f"({first.text} + f{''.join(parts[1:])!r})" if grows else "f" + repr("".join(parts))
    if not tests and not given:
        return joined
    return call.unless(given + (" and ".join(tests) or "True"), joined)


@_expands("string-length", counts=[1])
def _string_length(call: Call) -> str:
    return call.unless(f"type({call.kept(0)}) is str", f"len({call.operands[0].text})")


# -- lists -------------------------------------------------------------------------------------------

ATOMS = frozenset(
    {int, float, bool, str, Fraction, Symbol, Keyword, Char, Dict, Closure, Vector, Adt, Record}
)
"""Classes of values that `append` adds as they are: no lists, and not nil."""


def _of_windows(of_span: str, of_stack: str) -> Expansion:
    """One text for a span `x`, another for a stack; `n` is a name that both may use."""

    def expansion(call: Call) -> str:
        kind, first, writer = call.writer.temporary(), call.kept(0), call.writer
        makers = {"span": writer.name(span), "stack": writer.name(stack), "EMPTY": writer.name(EMPTY)}
        fields = {"x": call.operands[0].text, "n": writer.temporary(), **makers}
        other = call.unless(f"{kind} is {writer.name(Stack)}", of_stack.format(**fields))
        return (
            f"({of_span.format(**fields)} if ({kind} := type({first})) is {writer.name(Span)} else {other})"
        )

    return expansion


_WINDOW_TEXTS = {
    # The only empty span has an empty buffer, so Python refuses.
    "first": ("{x}.buffer[{x}.low]", "{x}.buffer[{x}.high - 1]"),
    "rest": (
        "({span}({x}.buffer, {n}, {x}.high) if ({n} := {x}.low + 1) < {x}.high else {EMPTY})",
        "({stack}({x}.buffer, {x}.low, {n}) if ({n} := {x}.high - 1) > {x}.low else {EMPTY})",
    ),
    "len": ("{x}.high - {x}.low", "{x}.high - {x}.low"),
    "empty?": ("{x}.high == {x}.low", "False"),
    "null?": ("{x}.high == {x}.low", "False"),
    "pair?": ("{x}.high > {x}.low", "True"),
}

for _name, _texts in _WINDOW_TEXTS.items():
    _expands(_name, counts=[1])(_of_windows(*_texts))


@_expands("cons", counts=[2])
def _cons(call: Call) -> str:
    """As `Stack.cons`, where the window begins with its buffer; elsewhere by it."""
    call.operands[0] = call.operands[0]._replace(literal=None)  # it is looked for by identity
    given = call.settled()
    (item, *_), (xs, *_) = call.operands
    high, buffer = call.writer.temporary(), call.writer.temporary()
    return call.unless(
        f"{given}type({xs}) is {call.name(Stack)} "
        f"and ({high} := {xs}.high) == len({buffer} := {xs}.buffer) and not {xs}.low "
        f"and not {buffer}.append({item}) and {buffer}[{high}] is {item}",
        f"{call.name(stack)}({buffer}, 0, {high} + 1)",
    )


@_expands("append", counts=[2])
def _append(call: Call) -> str:
    """As `Span.append` of one item, where the window begins with its buffer; elsewhere by it."""
    call.operands[1] = call.operands[1]._replace(literal=None)  # it is looked for by identity
    given, atoms = call.settled(), call.name(ATOMS)
    (xs, *_), (item, *_) = call.operands
    high, buffer = call.writer.temporary(), call.writer.temporary()
    return call.unless(
        f"{given}type({xs}) is {call.name(Span)} and type({item}) in {atoms} "
        f"and 0 < ({high} := {xs}.high) == len({buffer} := {xs}.buffer) and not {xs}.low "
        f"and not {buffer}.append({item}) and {buffer}[{high}] is {item}",
        f"{call.name(span)}({buffer}, 0, {high} + 1)",
    )


@_expands("list", counts=range(1, 5))
def _list(call: Call) -> str:
    items = ", ".join([operand.text for operand in call.operands])
    return f"{call.name(span)}([{items}], 0, {len(call.operands)})"


# -- by index and by key -----------------------------------------------------------------------------


@_expands("nth", "list-ref", counts=[2])
def _nth(call: Call) -> str:
    given = call.settled()
    (xs, *_), (index, kind, literal) = call.operands
    integer = "" if kind is int else f"type({index}) is int and "
    positive = "" if literal is not None and index == literal else f"{index} >= 0 and "
    at = call.writer.temporary()
    within = f"({at} := {xs}.low + {index}) < {xs}.high"
    return call.unless(
        f"{given}type({xs}) is {call.name(Span)} and {integer}{positive}{within}", f"{xs}.buffer[{at}]"
    )


@_expands("vector-ref", counts=[2])
def _vector_ref(call: Call) -> str:
    given, vector = call.settled(), call.name(Vector)
    (items, *_), (index, *_) = call.operands
    test = f"{given}type({items}) is {vector} and type({index}) is int and {index} >= 0"
    return call.unless(test, f"{items}.items[{index}]")


@_expands("vector-length", counts=[1])
def _vector_length(call: Call) -> str:
    test = f"type({call.kept(0)}) is {call.name(Vector)}"
    return call.unless(test, f"len({call.operands[0].text}.items)")


def _of_plain_dict(text: str, also: str = "") -> Expansion:
    """`text` for a plain dict and a string as the key; `c` is the third operand."""

    def expansion(call: Call) -> str:
        given, plain, class_ = call.settled(), call.writer.temporary(), call.name(Dict)
        texts = [operand.text for operand in call.operands]
        fields = {**dict(zip("abc", texts, strict=False)), "plain": plain, "Dict": class_}
        dict_ = "" if call.operands[0].kind is Dict else f"type({texts[0]}) is {class_} and "
        string = "" if call.operands[1].kind is str else f" and type({texts[1]}) is str"
        test = f"{given}{dict_}({plain} := {texts[0]}.plain) is not None{string}"
        return call.unless(test + also.format(**fields), text.format(**fields))

    return expansion


_ASKED_OF_DICTS = {
    ("get", 2): "{plain}.get({b})",
    ("get", 3): "{plain}.get({b}, {c})",
    ("has-key?", 2): "({b} in {plain})",
}

for (_name, _count), _text in _ASKED_OF_DICTS.items():
    _expands(_name, counts=[_count])(_of_plain_dict(_text))

_ASKED = {(REGISTRY[name].function, count): text for (name, count), text in _ASKED_OF_DICTS.items()}


def asked_of_plain(function: Callable[..., Any], plain: str, texts: Sequence[str]) -> str | None:
    """The text for what a primitive asks of a dict about a key that is a string; None: it asks nothing.

    `plain` is the local with the entries, `texts` those of the arguments.
    """
    found = _ASKED.get((function, len(texts)))
    return found and found.format(plain=plain, **dict(zip("abc", texts, strict=False)))


_expands("assoc", counts=[3])(
    _of_plain_dict("{Dict}({{**{plain}, {b}: {c}}})", f" and len({{plain}}) <= {SMALL}")
)
