"""`type-of` and the predicates every layer needs: one table from Python's type to the name SX gives it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from sxpy.data.chars import Char
from sxpy.data.dicts import Dict
from sxpy.data.lists import List, MutableList, Rope, Span, Stack
from sxpy.data.machines import Coroutine, Library, MachineState
from sxpy.data.procedures import (
    Closure,
    Continuation,
    Control,
    Environment,
    Macro,
    Parameter,
    Primitive,
    Reraise,
)
from sxpy.data.symbols import Keyword, Symbol
from sxpy.data.values import (
    Adt,
    AdtType,
    Bytevector,
    Condition,
    Eof,
    HashTable,
    InputPort,
    MultipleValues,
    OutputPort,
    Promise,
    Record,
    RecordType,
    Regex,
    StringBuffer,
    SxSet,
    Vector,
)

_NAMES: dict[type, str] = {
    type(None): "nil",
    bool: "boolean",
    int: "number",
    float: "number",
    Fraction: "number",
    str: "string",
    Symbol: "symbol",
    Keyword: "keyword",
    Span: "list",
    Stack: "list",
    Rope: "list",
    MutableList: "list",
    Dict: "dict",
    Vector: "vector",
    Char: "char",
    Closure: "lambda",
    Primitive: "lambda",
    Control: "lambda",
    Macro: "macro",
    Continuation: "continuation",
    Parameter: "parameter",
    Reraise: "continuation",
    Promise: "promise",
    Record: "record",
    RecordType: "record-type",
    Bytevector: "bytevector",
    SxSet: "set",
    HashTable: "hash-table",
    StringBuffer: "string-buffer",
    InputPort: "input-port",
    OutputPort: "output-port",
    Eof: "eof-object",
    Regex: "regex",
    Condition: "error",
    Environment: "environment",
    MultipleValues: "values",
    Coroutine: "coroutine",
    MachineState: "cek-state",
    Library: "library",
}

SX_TYPES = frozenset({*_NAMES, Adt, AdtType})
"""The Python types of the values of SX; lists, dicts and symbols have subclasses, too."""

_PROCEDURES = (Closure, Primitive, Control, Continuation, Parameter, Reraise)


def type_of(value: Any) -> str:
    """The name of the kind of `value`; for an ADT value, the name of its type."""
    if type(value) is Adt:
        return value.type.name
    if type(value) is Closure and value.template.component:
        return "component"
    name = _NAMES.get(type(value))
    if name is not None:
        return name
    for kind, shared in ((List, "list"), (Dict, "dict"), (Symbol, "symbol")):
        if isinstance(value, kind):
            return shared
    return type(value).__name__.lower()


def is_list(value: Any) -> bool:
    """Whether `value` is a list, mutable or not; nil is none."""
    return isinstance(value, (List, MutableList))


def is_procedure(value: Any) -> bool:
    """Whether `value` can be called."""
    return isinstance(value, _PROCEDURES)


def truthy(value: Any) -> bool:
    """Only false and nil are false."""
    return value is not None and value is not False


_DECLARED: dict[str, Callable[[Any], bool]] = {
    "any": lambda value: True,
    "integer": lambda value: type(value) is int or (type(value) is float and value.is_integer()),
    "list": is_list,
    "dict": lambda value: isinstance(value, (Dict, Adt)),
    "lambda": is_procedure,
    "function": is_procedure,
    "procedure": is_procedure,
    "callable": is_procedure,
}
"""The names in `(x :as name)` that mean more, or less, than that `type-of` answers them."""


def type_matches(value: Any, wanted: str) -> bool:
    """Whether a value has the declared type: a name of `type-of`, `any`, `integer` or `callable`.

    A `?` at the end allows nil as well.
    """
    if wanted.endswith("?"):
        if value is None:
            return True
        wanted = wanted[:-1]
    test = _DECLARED.get(wanted)
    return type_of(value) == wanted if test is None else test(value)
