"""The kinds of value of SX, and how Python holds each.

nil is None; booleans, integers, floats and strings are Python's; rationals are `fractions.Fraction`
with a denominator above 1; every other kind has a class here. Numbers must be tested with
`is_number`, never with `isinstance(x, int)`, because Python's booleans are integers and SX's are not.
"""

from sxpy.data.chars import CHAR_NAMES, NAME_OF_CODE, Char
from sxpy.data.dicts import Dict
from sxpy.data.equality import eq, equal, eqv, hash_key, is_number
from sxpy.data.lists import EMPTY, List, MutableList, Rope, Span, Stack, from_list, list_of
from sxpy.data.machines import Coroutine, Library, MachineState
from sxpy.data.procedures import (
    Cell,
    Closure,
    Continuation,
    Control,
    Environment,
    Macro,
    Parameter,
    Primitive,
    Reraise,
)
from sxpy.data.symbols import Keyword, Symbol, keyword, symbol
from sxpy.data.types import is_list, is_procedure, truthy, type_matches, type_of
from sxpy.data.values import (
    EOF,
    UNBOUND,
    Adt,
    AdtType,
    Box,
    Bytevector,
    Condition,
    Eof,
    HashTable,
    InputPort,
    MultipleValues,
    OutputPort,
    Promise,
    PromiseState,
    Record,
    RecordType,
    Regex,
    StringBuffer,
    SxSet,
    Vector,
)

__all__ = [
    "CHAR_NAMES",
    "EMPTY",
    "EOF",
    "NAME_OF_CODE",
    "UNBOUND",
    "Adt",
    "AdtType",
    "Box",
    "Bytevector",
    "Cell",
    "Char",
    "Closure",
    "Condition",
    "Continuation",
    "Control",
    "Coroutine",
    "Dict",
    "Environment",
    "Eof",
    "HashTable",
    "InputPort",
    "Keyword",
    "Library",
    "List",
    "MachineState",
    "Macro",
    "MultipleValues",
    "MutableList",
    "OutputPort",
    "Parameter",
    "Primitive",
    "Promise",
    "PromiseState",
    "Record",
    "RecordType",
    "Regex",
    "Reraise",
    "Rope",
    "Span",
    "Stack",
    "StringBuffer",
    "SxSet",
    "Symbol",
    "Vector",
    "eq",
    "equal",
    "eqv",
    "from_list",
    "hash_key",
    "is_list",
    "is_number",
    "is_procedure",
    "keyword",
    "list_of",
    "symbol",
    "truthy",
    "type_matches",
    "type_of",
]
