"""Calls at top level that go without code: of a function that a global holds, with constants.

A line from a client, or from a terminal, is mostly one: `(put "k" 1)`. Analysing and lowering it would take
longer than everything else it costs, and what comes of it is used once. So the machine makes the call
straight away. What the code would tell of it is its site; the code is made when somebody asks the site for
it, such as whoever freezes a state that stands there. Next: `sxpy/machine/program.py`.
"""

from __future__ import annotations

from typing import Any

from sxpy.cache.pending import later
from sxpy.core import nodes
from sxpy.core.ir import Code
from sxpy.core.lower import lower
from sxpy.core.sites import Site
from sxpy.data import Cell, Closure, Environment, Keyword, Symbol
from sxpy.errors import TOP_LEVEL
from sxpy.reader.forms import Form, Spot, item_spot

CONSTANTS = frozenset({type(None), bool, int, float, str})
"""The types of the values that stand for themselves, and of which no program can tell one from its equal."""


def plain_call(form: Any, env: Environment) -> tuple[Closure, list[Any], Site] | None:
    """The function, the arguments and the site of a top-level form that is such a call; None of any other."""
    from sxpy.syntax import SPECIAL  # noqa: PLC0415  see `sxpy/lazy.py`

    if type(form) is not Form or form.high == 0:
        return None
    head, *items = form.buffer
    if type(head) is not Symbol or not head.interned or head.name in SPECIAL:
        return None
    cell = env.find(head.name)
    if cell is None or type(cell.value) is not Closure:
        return None
    args = []
    for item in items:
        kind = type(item)
        if kind in CONSTANTS:
            args.append(item)
        elif kind is Keyword:
            args.append(item.name)
        else:
            return None
    return cell.value, args, _site(form, cell, args, env)


def _site(form: Form, cell: Cell, args: list[Any], env: Environment) -> Site:
    spot = Spot(form.source, form.start)

    def fill(code: Code) -> None:
        analysis = nodes.Analysis()
        head = analysis.add(nodes.GlobalRef, item_spot(form, 0), cell, None)
        parts = [analysis.add(nodes.Const, item_spot(form, at), arg) for at, arg in enumerate(args, 1)]
        call = analysis.add(nodes.Call, spot, head, tuple(parts))
        code.env, code.spot = env, spot
        lower(code, call, analysis, TOP_LEVEL)

    # The call is the last node, after its head and its arguments.
    return Site(TOP_LEVEL, spot, cell, code=later(lambda: str(spot.place()), fill), number=len(args) + 2)
