"""The protocol of direct code: functions of SX as Python functions that call each other.

A **direct function** is called as `function(d, closure, argument …)` and returns the value. Whatever it
cannot do in that way it does not do: it raises, and so does every direct function that waits for it. Whoever
entered direct code then makes frames of what was going on (`sxpy/compiler/unwind.py`), and the machine goes
on from there. This is generalized stack inspection (Pettyjohn, Clements, Marshall, Krishnamurthi and
Felleisen, "Continuations from generalized stack inspection", 2005), with Python's tracebacks as the
inspection: no code runs, and none is generated, for captures that do not happen.

`d` is the **allowance**: a chain of tuples `(d for calls made from here, ticks, machine, length)`. It is as
long as calls may nest; the last one is empty, so a call that would nest too deep raises by itself when it
takes `d[0]`. `ticks` is an iterator that ends when the machine wants to look at limits and interrupts: each
round of a loop takes one, and each activation that makes more than one call.

An operation of the machine that takes functions has a direct function too, written by hand; a `Waiting` says
which frame it is when it waits. Next: `sxpy/compiler/direct.py`, which writes direct functions.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType
from typing import Any

Direct = Callable[..., Any]
Allowance = tuple[Any, ...]


class Leave(Exception):
    """Direct code cannot go on; the machine can, from where it is raised."""


def leave(d: Allowance, closure: Any, *arguments: Any) -> Any:
    """The direct function of a procedure that has none: it cannot be called from direct code."""
    raise Leave


def not_made(template: Any) -> Direct:
    """The direct function of a template before there is one: has the machine make it."""

    def direct(d: Allowance, closure: Any, *arguments: Any) -> Any:
        made = template.direct
        if made is direct:
            given = (*arguments, *closure.free) if closure is not None else arguments
            made = d[2].direct_for(template, given)
        return made(d, closure, *arguments)

    return direct


NOT_MADE: CodeType = not_made(None).__code__
"""The code of all direct functions that are not made yet."""


def mistaken(template: Any) -> Direct:
    """What a direct function is for arguments that it was not made for: has the machine make it for any."""

    def direct(d: Allowance, closure: Any, *arguments: Any) -> Any:
        if not template.general:
            template.general = True
            d[2].direct_for(template)
        return template.direct(d, closure, *arguments)

    return direct


def direct_of(d: Allowance, procedure: Any) -> Direct:
    """The direct function of a procedure that will be called many times."""
    template = procedure.template
    direct: Direct = template.direct
    if direct.__code__ is NOT_MADE:
        direct = d[2].direct_for(template)
    return direct


def allowance(depth: int, ticks: Any, machine: Any) -> Allowance:
    """An allowance for `depth` nested calls."""
    d: Allowance = ()
    for length in range(1, depth + 1):
        d = (d, ticks, machine, length)
    return d


class Waiting:
    """What a direct function written by hand is to the machine when direct code is left.

    `frame(machine, local, kont)` gives the native frame that it is while the function that it called runs,
    `call(local)` that function and its arguments, from its local variables. A variable `result` is
    UNBOUND while it waits; while there is none, nothing has been done yet, and the call of the operation
    itself can be made again; any other value has come and is for the frame to take. A variable `final` says
    that something has been done, and an exception is an error of the operation.
    """

    __slots__ = ("call", "frame")

    def __init__(
        self,
        frame: Callable[[Any, dict[str, Any], Any], Any],
        call: Callable[[dict[str, Any]], tuple[Any, list[Any]]],
    ) -> None:
        self.frame = frame
        self.call = call


WAITING: dict[CodeType, Waiting] = {}
"""How each direct function written by hand waits, by its code."""
