"""`match` and `let-match`: clauses, each behind the tests and bindings of its pattern.

Next: `patterns.py`, which makes those, and `coverage.py`, which warns when a clause is missing.
"""

from __future__ import annotations

from sxpy.core import nodes
from sxpy.data import from_list, is_list
from sxpy.primitives import REGISTRY
from sxpy.syntax.analyser import SPECIAL, Analyser, Context, special
from sxpy.syntax.bodies import body
from sxpy.syntax.coverage import warn_if_open
from sxpy.syntax.patterns import Step, test_pattern
from sxpy.syntax.scope import Scope
from sxpy.walk import Walk


@special("match")
def match(analyser: Analyser, at: Context) -> Walk:
    """`(match v (pattern body …) …)`: the body of the first clause whose pattern fits."""
    if len(at.items) < 2:
        raise at.wrong("match needs a value")
    value = yield analyser.item(at, 1)
    var = analyser.analysis.var("match")
    clauses = []
    for index in range(2, len(at.items)):
        if not is_list(at.items[index]) or len(at.items[index]) < 1:
            raise at.wrong("a match clause must be (pattern body …)", index)
        clauses.append(Context(at.items[index], at.scope, at.spot_at(index)))
    warn_if_open(analyser, at, [clause.items[0] for clause in clauses])
    compiled = []
    for clause in clauses:
        compiled.append((yield _clause(analyser, clause, var)))
    node = analyser.call(REGISTRY["%no-match"], [analyser.local(var, at.spot)], at.spot)
    for clause, (steps, arm) in zip(reversed(clauses), reversed(compiled), strict=True):
        node = _choose(analyser, clause, steps, arm, node)
    return analyser.make(nodes.Let, at.spot, var, value, node)


def _clause(analyser: Analyser, clause: Context, var: nodes.Var) -> Walk:
    scope = Scope(clause.scope)
    inner = Context(clause.form, scope, clause.spot)
    steps = yield test_pattern(analyser, clause.items[0], var, scope, inner)
    arm = yield body(analyser, inner, 1, scope)
    return steps, arm


def _choose(
    analyser: Analyser, clause: Context, steps: list[Step], arm: nodes.Node, otherwise: nodes.Node
) -> nodes.Node:
    """`arm` behind its steps. When more than one test can fail, `otherwise` becomes a local function."""
    tests = sum(1 for var, _ in steps if var is None)
    fail: nodes.Var | None = None
    if tests > 1:
        fail = analyser.analysis.var("next")
    node = arm
    for var, value in reversed(steps):
        if var is not None:
            node = analyser.make(nodes.Let, clause.spot, var, value, node)
        else:
            miss = otherwise
            if fail is not None:
                miss = analyser.call(analyser.local(fail, clause.spot), [], clause.spot)
            node = analyser.make(nodes.If, clause.spot, value, node, miss)
    if fail is None:
        return node
    function = analyser.make(nodes.Lambda, clause.spot, "next", (), None, (), otherwise)
    made: nodes.Node = analyser.make(nodes.Fix, clause.spot, (fail,), (function,), node)
    return made


@special("let-match")
def let_match(analyser: Analyser, at: Context) -> Walk:
    """`(let-match pattern v body …)`: the body with the pattern's names; an error when it does not fit."""
    if len(at.items) < 3:
        raise at.wrong("let-match needs a pattern and a value")
    clause = from_list([at.items[1], *at.items[3:]])
    form = from_list([SPECIAL["match"], at.items[2], clause])
    return (yield analyser.expr(form, at.scope, at.spot))
