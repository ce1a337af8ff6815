"""Loops: local functions that are nothing but loops, such as those of a named `let`.

A function that is called once from outside, and otherwise only calls itself in tail position, needs neither a
closure nor a call: its body can stand where the call from outside stands.
(Kennedy, "Compiling with continuations, continued", 2007, calls this contification.)

Owns the search for all inner functions (`sxpy/compiler/inner.py`): what is a loop depends on what the
callbacks around its calls are, and the other way round, so both are taken for granted until one is not so.
Next: `sxpy/compiler/direct.py`, which writes such functions as Python loops.
"""

from __future__ import annotations

from collections import Counter

from sxpy.compiler.callbacks import operation
from sxpy.compiler.inner import Inner, TooLong, parts, steps, uses, variables
from sxpy.core import ir
from sxpy.core.nodes import Var

MOST = 50
"""Local functions of one function that may be loops: to find those that are takes the third power of it."""

Begins = dict[Var, ir.Term]
"""By the variable of a local function, where the code that may use it begins."""


def find_inner(body: ir.Term, *, callbacks: bool = True) -> Inner:
    """The local functions under `body` that can stand in its code. Raises TooLong.

    `callbacks`: whether those that operations are called with can.
    """
    inner = Inner()
    begins: Begins = {}
    made: dict[Var, ir.NewClosure | ir.Global] = {}
    for term, _ in steps(body, inner):
        match term:
            case ir.Fix(vars=(var,), closures=(closure,)) if not var.assigned:
                made[var] = closure
                if closure.template.exact >= 0:
                    inner.loops[var], begins[var] = closure, term.next
            case ir.Bind(var=var, expr=ir.NewClosure() | ir.Global() as bound) if callbacks:
                made[var] = bound
            case ir.Jump() if callbacks and (found := operation(term, made)) is not None:
                inner.operations[term] = found
                for var in found.held:
                    held = made[var]
                    assert isinstance(held, ir.NewClosure)
                    inner.callbacks[var] = held
    candidates = inner.loops
    if len(candidates) > MOST:
        raise TooLong
    while True:
        inner.loops = _loops(candidates, begins, inner)
        wrong = _wrong(body, inner)
        if not wrong:
            return inner
        for var in wrong:
            del inner.callbacks[var]
        for term, found in list(inner.operations.items()):
            if not wrong.isdisjoint(found.held):
                del inner.operations[term]


def _wrong(body: ir.Term, inner: Inner) -> set[Var]:
    """The variables whose closures must be made: they are used otherwise than by one operation."""
    taken: Counter[Var] = Counter()
    used: set[Var] = set()
    for term, _ in steps(body, inner):
        used |= variables(parts(term, inner))
        if term in inner.operations:
            taken.update(inner.operations[term].held)
    return {var for var in inner.callbacks if taken[var] != 1 or var in used}


# -- loops -------------------------------------------------------------------------------------------


def _loops(candidates: dict[Var, ir.NewClosure], begins: Begins, inner: Inner) -> dict[Var, ir.NewClosure]:
    """Those of the candidates that are loops."""
    inner.loops = {}
    for var in reversed(candidates):  # those inside of others came after them
        made = candidates[var]
        if (
            var not in inner.callbacks
            and _called_once(var, made, begins[var], inner)
            and _calls_itself_last(var, made, inner)
        ):
            inner.loops[var] = made
    return inner.loops


def _called_once(var: Var, made: ir.NewClosure, begin: ir.Term, inner: Inner) -> bool:
    """Whether the only use of `var` after its closure is made is one call."""
    calls = 0
    for term, _ in steps(begin, inner):
        if _calls(term, var, made):
            calls += 1
        elif var in uses(parts(term, inner)):
            return False
    return calls == 1


def _calls_itself_last(var: Var, made: ir.NewClosure, inner: Inner) -> bool:
    """Whether the function uses itself only to call itself in tail position."""
    for term, waiting in steps(made.template.entry.body, inner):
        if _calls(term, var, made):
            if waiting:
                return False
        elif var in uses(parts(term, inner)):
            return False
    return True


def _calls(term: ir.Term, var: Var, made: ir.NewClosure) -> bool:
    """Whether the term calls the function as it wants to be called, and uses it for nothing else."""
    return (
        isinstance(term, ir.Jump)
        and isinstance(term.head, ir.Slot)
        and term.head.var is var
        and len(term.arguments) == made.template.exact
        and var not in variables(term.arguments)
    )
