"""Variables: what the names in sight mean in a call, and the values that it holds for later.

Owns the way from slots to names. Code that is lowered for a debugger tells the variables in sight at each
term (`Code.scopes`), and its frames keep all of them; of other code, such as the prelude's, only what the
program still needs can be shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sxpy.core.ir import Bind, Block, Branch, Code, Fix, Slot, Term
from sxpy.core.nodes import Var
from sxpy.core.sites import Site
from sxpy.data import UNBOUND, Box, Environment
from sxpy.debugger.calls import Call
from sxpy.machine.state import State


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable in sight. `value` is UNBOUND before its definition.

    `box` holds the value of a variable that the program sets.
    """

    name: str
    value: Any
    box: Box | None = None


def variables(state: State, call: Call) -> list[Variable]:
    """The variables that the program can name in a call, the outermost first, each name once."""
    slots = {var.number: (var, value) for part in reversed(_parts(state, call)) for var, value in part}
    in_sight = _in_sight(call)
    if in_sight is None:
        in_sight = tuple([var for var, _ in slots.values() if var.named])
    found: dict[str, Variable] = {}
    for var in in_sight:
        # A parameter that is assigned is still raw before its box is made.
        _, value = slots.get(var.number) or slots.get(-var.number) or (var, UNBOUND)
        found.pop(var.name, None)
        if isinstance(value, Box):
            found[var.name] = Variable(var.name, value.value, value)
        else:
            found[var.name] = Variable(var.name, value)
    return list(found.values())


def pending(state: State, call: Call) -> list[tuple[Site, Any]]:
    """The values that a call keeps for later and that have no name: where each comes from, and the value."""
    code = _code(call)
    if code is None:
        return []
    # What a variable has been bound to is no more than its value.
    bound = {term.expr.var.number for term in _way(call.term) if isinstance(term.expr, Slot)}
    found: dict[int, tuple[Site, Any]] = {}
    for part in _parts(state, call):
        for var, value in part:
            if not var.named and var.number > 0 and var.number not in bound:
                origin = _origin(code, var)
                if origin is not None:
                    found.setdefault(var.number, (origin, value))
    return list(found.values())


def _way(term: Term | None) -> Iterator[Bind]:
    """The bindings that a block made on its way to `term`, the latest first."""
    before: Any = term.before if term is not None else None
    while isinstance(before, Term):
        if isinstance(before, Bind):
            yield before
        before = before.before


def environment(call: Call | None, default: Environment) -> Environment:
    """The environment of a call's globals."""
    code = None if call is None else _code(call)
    return default if code is None else code.env


def _parts(state: State, call: Call) -> list[list[tuple[Var, Any]]]:
    """What each part of a call holds, innermost first: the slots of the block that runs, and its frames."""
    found = []
    if call.term is not None:
        found.append(list(zip(_path(call.term), state.env, strict=False)))
    for frame in call.frames:
        if type(frame[0]) is Block:
            found.append(list(zip(frame[0].captured, frame[1:-1], strict=True)))
    return found


def _path(term: Term) -> list[Var]:
    """The variables in the slots of a block when it comes to `term`."""
    bound: list[Var] = []
    before = term.before
    while not isinstance(before, Block):
        if isinstance(before, Bind):
            bound.append(before.var)
        elif isinstance(before, Fix):
            bound.extend(reversed(before.vars))
        before = before.before
    return [*before.inputs, *before.captured, *reversed(bound)]


def _in_sight(call: Call) -> tuple[Var, ...] | None:
    """The variables that the source names where a call stands; None when nobody has noted them."""
    code = _code(call)
    if code is None or not code.scopes:
        return None
    if call.term is not None:
        return code.scopes.get(call.term)
    block = next((frame[0] for frame in call.frames if type(frame[0]) is Block), None)
    return None if block is None else tuple([var for var in block.captured if var.named])


def _code(call: Call) -> Code | None:
    if call.term is not None:
        return block_of(call.term).code
    return next((frame[0].code for frame in call.frames if type(frame[0]) is Block), None)


def block_of(term: Term) -> Block:
    """The block that a term belongs to."""
    before = term.before
    while not isinstance(before, Block):
        before = before.before
    return before


def _origin(code: Code, var: Var) -> Site | None:
    """Where the value of a variable without a name comes from: its number is that of the form."""
    block = code.blocks.get(var.number)
    if block is not None:
        return block.site
    return next((term.site for term in terms_of(code) if isinstance(term, Bind) and term.var is var), None)


def terms_of(code: Code) -> Iterator[Term]:
    """Every term of a code."""
    for block in list(code.blocks.values()):
        ahead = [block.body]
        while ahead:
            term = ahead.pop()
            yield term
            if isinstance(term, Branch):
                ahead += (term.then, term.other)
            elif term.next is not term:
                ahead.append(term.next)
