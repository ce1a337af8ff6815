"""What the machine's own frames hold: a schema for each kind, by which a thaw checks them.

A frame of an operation is a tuple `(kind, field …, dynamic link, frame below)`, the link for dynamic frames
only. `SCHEMAS` has the checks of its fields and, where they must fit together, one for the whole; a test goes
over every kind that the machine knows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sxpy.core.ir import Block
from sxpy.core.pool import is_value
from sxpy.core.sites import Site
from sxpy.data import UNBOUND, Box, Coroutine, Environment, List, MachineState, Parameter, Promise
from sxpy.machine.state import APPLY, CONTINUE, NATIVES, Native
from sxpy.reader.forms import Spot

Check = Callable[[Any], bool]
Whole = Callable[[Sequence[Any]], bool]


class Schema:
    """The checks of the fields of one kind of frame, and one of all of them together.

    `late` is one that looks into lists, which are filled later.
    """

    __slots__ = ("fields", "late", "whole")

    def __init__(self, *fields: Check, whole: Whole | None = None, late: Whole | None = None) -> None:
        self.fields = fields
        self.whole = whole
        self.late = late


def value(part: Any) -> bool:
    """a value"""
    return is_value(part)


def content(part: Any) -> bool:
    """a value or none yet"""
    return is_value(part) or part is UNBOUND


def items(part: Any) -> bool:
    """a tuple of values"""
    return type(part) is tuple and all(map(is_value, part))


def rows(part: Any) -> bool:
    """a tuple of tuples of values"""
    return type(part) is tuple and all(map(items, part))


def pairs(part: Any) -> bool:
    """a tuple of pairs of values"""
    return rows(part) and all(len(row) == 2 for row in part)


def bindings(part: Any) -> bool:
    """a tuple of pairs of a parameter and a value"""
    return pairs(part) and all(type(row[0]) is Parameter for row in part)


def whole_number(part: Any) -> bool:
    """an integer"""
    return type(part) is int


def flag(part: Any) -> bool:
    """a boolean"""
    return type(part) is bool


def name(part: Any) -> bool:
    """a string"""
    return type(part) is str


def a_list(part: Any) -> bool:
    """a list"""
    return isinstance(part, List)


def environment(part: Any) -> bool:
    """an environment"""
    return type(part) is Environment


def names(part: Any) -> bool:
    """the names that a library exports"""
    return type(part) is dict


def dynamic(part: Any) -> bool:
    """a dynamic frame or nil"""
    return part is None or (_is_frame(part) and type(part[0]) is Native and part[0].dynamic)


def passages(part: Any) -> bool:
    """a tuple of pairs of a thunk and a winder"""
    winder = NATIVES["dynamic-wind"]
    return type(part) is tuple and all(
        type(each) is tuple
        and len(each) == 2
        and is_value(each[0])
        and _is_frame(each[1])
        and each[1][0] is winder
        for each in part
    )


def transition(part: Any) -> bool:
    """a transition of the machine"""
    if type(part) is not tuple or len(part) != 4 or part[0] not in (APPLY, CONTINUE):
        return False
    _, control, args, kont = part
    if not is_value(control) or not (kont is None or _is_frame(kont)):
        return False
    if part[0] == CONTINUE:
        return args is None
    return type(args) in (list, tuple) and all(is_value(arg) or _is_frame(arg) for arg in args)


def forms(part: Any) -> bool:
    """a tuple of forms with their places"""
    return type(part) is tuple and all(
        type(each) is tuple
        and len(each) == 2
        and is_value(each[0])
        and (each[1] is None or isinstance(each[1], Spot))
        for each in part
    )


def site(part: Any) -> bool:
    """a place in code or nil"""
    return part is None or type(part) is Site


def box(part: Any) -> bool:
    """a box"""
    return type(part) is Box


def _is(type_: type) -> Check:
    def check(part: Any) -> bool:
        return type(part) is type_

    check.__doc__ = f"a {type_.__name__.lower()}"
    return check


def _is_frame(part: Any) -> bool:
    return type(part) is tuple and len(part) >= 2 and type(part[0]) in (Block, Native)


def _in_rows(parts: Sequence[Any]) -> bool:
    return 0 <= parts[2] < len(parts[1]) and (isinstance(parts[3], int) or is_value(parts[3]))


def _grows_list(parts: Sequence[Any]) -> bool:
    return _in_rows(parts) and isinstance(parts[3], List)


def _counts(parts: Sequence[Any]) -> bool:
    return _in_rows(parts) and type(parts[3]) is int


def _merges(parts: Sequence[Any]) -> bool:
    _, waiting, done, left, right, *_ = parts
    return bool(len(left) and len(right)) and all(isinstance(run, List) for run in (*waiting, *done))


_WALK = (value, items, whole_number, value)
_ROWS = (value, rows, whole_number, value)
_HANDLER = Schema(value)

SCHEMAS: dict[str, Schema] = {
    **{
        each: Schema(*_WALK, whole=_grows_list)
        for each in ("map", "filter", "remove", "flat-map", "vector-map")
    },
    **{
        each: Schema(*_ROWS, whole=_grows_list)
        for each in ("map of several", "vector-map of several", "map-indexed")
    },
    **{
        each: Schema(*_ROWS, whole=_in_rows)
        for each in (
            *("for-each of several", "some of several", "every? of several"),
            "vector-for-each of several",
        )
    },
    **{
        each: Schema(*_WALK, whole=_in_rows)
        for each in ("for-each", "some", "every?", "none?", "find", "vector-for-each")
    },
    "find-index": Schema(*_WALK, whole=_counts),
    "reduce": Schema(value, items, whole_number, whole=lambda parts: 0 <= parts[2] <= len(parts[1])),
    "fold-right": Schema(value, items, whole_number, whole=lambda parts: -1 <= parts[2] < len(parts[1])),
    "sort": Schema(value, a_list, a_list, a_list, a_list, a_list, late=_merges),
    "dynamic-wind": Schema(value, value),
    "dynamic-wind entry": Schema(value, value, value),
    "dynamic-wind exit": Schema(value),
    "winding": Schema(passages, transition, dynamic, value),
    "handler": _HANDLER,
    "guard": _HANDLER,
    "try-catch": _HANDLER,
    "try-call": Schema(),
    "handling": Schema(dynamic, value, flag),
    "handler-bind": Schema(pairs),
    "handler-bind search": Schema(
        pairs,
        flag,
        whole=lambda parts: (
            _is_frame(parts[-1]) and parts[-1][0] is NATIVES["handling"] and bool(parts[0] or not parts[1])
        ),
    ),
    "raise": Schema(site),
    "perform": Schema(site),
    "call-with-values": Schema(value),
    "parameterize": Schema(bindings),
    "make-parameter": Schema(value),
    "parameter conversion": Schema(
        bindings, bindings, value, whole=lambda parts: len(parts[1]) < len(parts[0])
    ),
    "force": Schema(_is(Promise)),
    "reset": Schema(),
    "coroutine": Schema(_is(Coroutine)),
    "program": Schema(environment, forms, whole_number, whole=lambda parts: 0 <= parts[2] <= len(parts[1])),
    "import": Schema(environment, items, lambda part: part is None or type(part) is str),
    "define-library": Schema(name, environment, names, items),
    "cek-step-loop": Schema(_is(MachineState), flag),
    "scope": Schema(value, content, box),
}
"""The schemas by the name of the kind of frame."""
