"""Callbacks: which operations of the machine are written where they are called, with what they call.

`(map (fn (x) …) xs)` is a loop of Python whose body is that of the function, `(guard (e …) …)` a `try`. Owns
the table of these operations and the frames that they wait in: the ones that the operations themselves make
(`sxpy/machine/walks.py`, `sxpy/machine/conditions.py`), so that whoever goes on from one cannot tell.
Next: `sxpy/compiler/embed.py`, which writes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sxpy.compiler import inline
from sxpy.compiler.expressions import is_pure
from sxpy.compiler.inner import ANYTHING, CALLBACK, HERE, Operation
from sxpy.compiler.links import STEADY
from sxpy.compiler.points import Held, Label, value_of
from sxpy.core import ir
from sxpy.core.controls import CONTROLS
from sxpy.core.nodes import Var
from sxpy.data import Control, Primitive, Reraise, from_list
from sxpy.machine.conditions import GUARD
from sxpy.machine.state import NATIVES, Kont, Native

GUARDED, RAISING = CONTROLS["%guard"], CONTROLS["raise"]

REDUCED = CONTROLS["reduce"]


def _listed(so_far: Any) -> Any:
    return from_list(list(so_far))


class Walking(NamedTuple):
    """How a walk is written: what is known at the beginning, what is done with each result, and the value.

    In the texts `so_far` is what is known, `item` the item and `result` the callback's. `holds` and `fails`
    stand for whether the result counts as true. `kept` makes of `so_far` what the frame holds; `is_result`
    says that it is the last result.
    """

    name: str
    start: str
    each: str = ""
    value: str = "{so_far}"
    kept: Callable[[Any], Any] = lambda so_far: so_far
    is_result: bool = False


WALKS: dict[Control, Walking] = {
    CONTROLS[walking.name]: walking
    for walking in (
        Walking("map", "[]", "{so_far}.append({result})", "from_list({so_far})", _listed),
        Walking("filter", "[]", "if {holds}: {so_far}.append({item})", "from_list({so_far})", _listed),
        Walking("remove", "[]", "if {fails}: {so_far}.append({item})", "from_list({so_far})", _listed),
        Walking("for-each", "None"),
        Walking("some", "None", "if {holds}: break", is_result=True),
        Walking("every?", "True", "if {fails}: break", is_result=True),
        Walking("none?", "True", "if {holds}:\n    {so_far} = False\n    break"),
        Walking("find", "None", "if {holds}:\n    {so_far} = {item}\n    break"),
    )
}

Made = Mapping[Var, ir.NewClosure | ir.Global]
"""What variables are bound to: closures, and values of globals."""


def operation(term: ir.Jump, made: Made) -> Operation | None:
    """The operation that a call is, if it is one that is written where it is called."""
    control, arguments = called(term.head), term.arguments
    if control is GUARDED:
        handler, body = (_closure(argument, made) for argument in arguments)
        if handler is None or body is None:
            return None
        return Operation(control, ((handler, None), (body, HERE)), _held(arguments), ())
    if control is None or not (control in WALKS or control is REDUCED) or not arguments:
        return None
    walked, others = _closure(arguments[0], made), arguments[1:]
    takes = 2 if control is REDUCED else 1
    if len(others) != takes or not all(map(is_pure, others)):
        return None
    primitive = _primitive(arguments[0], takes, made)
    if primitive is not None and (control is REDUCED or WALKS[control].each):
        return Operation(control, (), (), others, (), ANYTHING, primitive)
    if walked is None or walked.template.exact != takes:
        return None
    held = _held(arguments[:1])
    if control is REDUCED:
        so_far = walked.template.entry.inputs[0]
        begins, value = ((so_far, others[0]),), ir.Slot(so_far)
        return Operation(control, ((walked, so_far),), held, others, begins, value)
    return Operation(control, ((walked, CALLBACK),), held, others, (), ANYTHING)


def _primitive(argument: ir.Expr, takes: int, made: Made) -> ir.Global | None:
    """The global with a primitive that an operation may call again; of one item, it must be an expression."""
    if isinstance(argument, ir.Slot):
        argument = made.get(argument.var, argument)
    if isinstance(argument, ir.Global) and argument.cell.changes <= STEADY:
        value = argument.cell.value
        if isinstance(value, Primitive) and is_pure(ir.Primitive1(value.function, ANYTHING, argument.site)):
            return argument if takes > 1 or inline.is_expanded(value.function, 1) else None
    return None


def _held(arguments: tuple[ir.Expr, ...]) -> tuple[Var, ...]:
    return tuple([argument.var for argument in arguments if isinstance(argument, ir.Slot)])


def called(head: ir.Expr) -> Control | None:
    """The operation that stands at the head of a call, as far as can be told now."""
    match head:
        case ir.Constant(constant=value):
            return value if isinstance(value, Control) else None
        case ir.Global(cell=cell) if cell.changes <= STEADY:
            return cell.value if isinstance(cell.value, Control) else None
    return None


def _closure(argument: ir.Expr, made: Made) -> ir.NewClosure | None:
    match argument:
        case ir.NewClosure():
            return argument
        case ir.Slot(var=var):
            held = made.get(var)
            return held if isinstance(held, ir.NewClosure) else None
    return None


# -- frames ------------------------------------------------------------------------------------------


class WalkWaits(Label):
    """A walk that waits for its callback."""

    __slots__ = ("function", "items", "iterator", "kept", "kind", "so_far")

    def __init__(self, walking: Walking, function: Held, items: str, iterator: str, so_far: str) -> None:
        self.kind: Native = NATIVES[walking.name]
        self.kept = walking.kept
        self.function = function
        self.items = items
        self.iterator = iterator
        self.so_far = so_far

    def frame(self, machine: Any, local: dict[str, Any], kont: Kont) -> Kont:
        items = local[self.items]
        function, at = value_of(local, self.function), _index(items, local[self.iterator])
        return (self.kind, function, tuple(items), at, self.kept(local[self.so_far]), kont)


class FoldWaits(Label):
    """A fold that waits for its callback, which is in tail position for the last item."""

    __slots__ = ("function", "items", "iterator", "kind")

    def __init__(self, function: Held, items: str, iterator: str) -> None:
        self.kind: Native = NATIVES["reduce"]
        self.function = function
        self.items = items
        self.iterator = iterator

    def frame(self, machine: Any, local: dict[str, Any], kont: Kont) -> Kont:
        items = local[self.items]
        at = _index(items, local[self.iterator]) + 1
        if at == len(items):
            return kont
        return (self.kind, value_of(local, self.function), tuple(items), at, kont)


def _index(items: list[Any], iterator: Any) -> int:
    """The index of the item that an iterator over a list has given last."""
    return len(items) - int(iterator.__length_hint__()) - 1


class GuardWaits(Label):
    """A guard whose body runs."""

    __slots__ = ("handler",)

    def __init__(self, handler: Held) -> None:
        self.handler = handler

    def frame(self, machine: Any, local: dict[str, Any], kont: Kont) -> Kont:
        machine.dynamic = inside = (GUARD, value_of(local, self.handler), machine.dynamic, kont)
        return inside


class HandlerRuns(Label):
    """A handler of a guard that may raise again what was raised: no frame, but that needs some.

    `raised` holds the exception, `again` is the local for what raises again, and `outer` the number of labels
    that wait for the guard.
    """

    __slots__ = ("again", "outer", "raised", "var")

    def __init__(self, raised: str, again: str, var: Var, outer: int) -> None:
        self.raised = raised
        self.again = again
        self.var = var
        self.outer = outer

    def calls(self, head: ir.Expr) -> bool:
        """Whether the head of a call is what raises again."""
        return isinstance(head, ir.Slot) and head.var is self.var

    def frame(self, machine: Any, local: dict[str, Any], kont: Kont) -> Kont:
        raised, outside = local[self.raised], machine.dynamic
        site, below = machine.raised_at(raised.__traceback__, kont, self.outer)
        start = raised.kont(site, below)
        again = Reraise(raised.args[0], start, machine.dynamic, outside, continuable=False)
        local[self.again], machine.dynamic = again, outside
        return kont
