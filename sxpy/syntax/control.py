"""Forms that name a control operation of the machine: `guard parameterize delay reset shift` and others.

Each becomes a call of a control procedure with its bodies as functions of no argument: what a body
does is code like any other, and only `sxpy/machine` knows what the operation does.
"""

from __future__ import annotations

from typing import Any

from sxpy.core import nodes
from sxpy.core.controls import CONTROLS
from sxpy.data import Symbol, is_list
from sxpy.primitives import REGISTRY
from sxpy.syntax.analyser import Analyser, Context, special
from sxpy.syntax.binding import parse_bindings
from sxpy.syntax.bodies import body, lambda_node
from sxpy.syntax.conditional import cond_clauses
from sxpy.syntax.params import parse
from sxpy.syntax.scope import Scope, visible
from sxpy.walk import Walk


def thunk(analyser: Analyser, at: Context, start: int, scope: Scope | None, name: str) -> Walk:
    """A function of no argument whose body is the items from `start` on."""
    inner = Context(at.form, scope, at.spot)
    made = yield body(analyser, inner, start, Scope(scope))
    return analyser.make(nodes.Lambda, at.spot, name, (), None, (), made)


@special("guard")
def guard(analyser: Analyser, at: Context) -> Walk:
    """`(guard (e clause …) body …)`: the clauses, as in cond, when the body raises; else it raises again."""
    if len(at.items) < 2 or not is_list(at.items[1]) or len(at.items[1]) < 1:
        raise at.wrong("guard needs (name clause …) and a body")
    spec = Context(at.items[1], at.scope, at.spot_at(1))
    if not isinstance(spec.items[0], Symbol):
        raise at.wrong("guard needs a name for what is raised", 1)
    scope = Scope(at.scope)
    raised = scope.bind(spec.items[0], analyser.analysis)
    again = analyser.analysis.var("raise-again")
    clauses = []
    for index in range(1, len(spec.items)):
        if not is_list(spec.items[index]) or len(spec.items[index]) == 0:
            raise at.wrong("a guard clause must be (test body …)", 1)
        clauses.append(Context(spec.items[index], scope, spec.spot_at(index)))
    otherwise = analyser.call(analyser.local(again, at.spot), [], at.spot)
    handling = yield cond_clauses(analyser, clauses, otherwise)
    handler = analyser.make(nodes.Lambda, at.spot, "guard", (raised, again), None, (), handling)
    guarded = yield thunk(analyser, at, 2, at.scope, "guarded")
    return analyser.call(CONTROLS["%guard"], [handler, guarded], at.spot)


@special("parameterize")
def parameterize(analyser: Analyser, at: Context) -> Walk:
    """`(parameterize ((p v) …) body …)`: the body with other values of the parameters."""
    pairs = parse_bindings(at, 1)
    parts = []
    for left, value, spot in pairs:
        parts.append((yield analyser.expr(left, at.scope, spot)))
        parts.append((yield analyser.expr(value, at.scope, spot)))
    inside = yield thunk(analyser, at, 2, at.scope, "parameterize")
    bindings = analyser.call(REGISTRY["list"], parts, at.spot)
    return analyser.call(CONTROLS["%parameterize"], [bindings, inside], at.spot)


@special("delay", "make-lazy")
def delay(analyser: Analyser, at: Context) -> Walk:
    """`(delay e)`: a promise of e."""
    return (yield _promise(analyser, at, chained=False))


@special("delay-force")
def delay_force(analyser: Analyser, at: Context) -> Walk:
    """`(delay-force e)`: a promise of what the promise e promises, in constant memory."""
    return (yield _promise(analyser, at, chained=True))


def _promise(analyser: Analyser, at: Context, *, chained: bool) -> Walk:
    if len(at.items) != 2:
        raise at.wrong("one expression is needed")
    later = yield thunk(analyser, at, 1, at.scope, "delay")
    return analyser.call(REGISTRY["%promise"], [later, analyser.const(chained, at.spot)], at.spot)


@special("reset")
def reset(analyser: Analyser, at: Context) -> Walk:
    """`(reset e …)`: marks where a `shift` inside stops capturing."""
    inside = yield thunk(analyser, at, 1, at.scope, "reset")
    return analyser.call(CONTROLS["%reset"], [inside], at.spot)


@special("shift")
def shift(analyser: Analyser, at: Context) -> Walk:
    """`(shift k e …)`: k is the continuation up to the nearest `reset`, which gets the value of e."""
    if len(at.items) < 3 or not isinstance(at.items[1], Symbol):
        raise at.wrong("shift needs a name and a body")
    scope = Scope(at.scope)
    captured = scope.bind(at.items[1], analyser.analysis)
    inner = Context(at.form, scope, at.spot)
    made = yield body(analyser, inner, 2, scope)
    taker = analyser.make(nodes.Lambda, at.spot, "shift", (captured,), None, (), made)
    return analyser.call(CONTROLS["%shift"], [taker], at.spot)


@special("case-lambda")
def case_lambda(analyser: Analyser, at: Context) -> Walk:
    """`(case-lambda (params body …) …)`: the clause that takes the number of arguments given."""
    parts = []
    for index in range(1, len(at.items)):
        if not is_list(at.items[index]) or len(at.items[index]) < 2:
            raise at.wrong("a clause must be (params body …)", index)
        clause = Context(at.items[index], at.scope, at.spot_at(index))
        params = parse(clause.items[0], clause)
        count, rest = len(params.positional), params.rest is not None
        function = yield lambda_node(analyser, "case-lambda", clause.items[0], 1, clause)
        parts += [analyser.const(count), analyser.const(rest), function]
    arguments = analyser.analysis.var("arguments")
    clauses = analyser.analysis.var("clauses")
    chosen = analyser.call(
        CONTROLS["%case-lambda"], [analyser.local(clauses), analyser.local(arguments)], at.spot
    )
    made = analyser.make(nodes.Lambda, at.spot, "case-lambda", (), arguments, (), chosen)
    return analyser.make(nodes.Let, at.spot, clauses, analyser.call(REGISTRY["list"], parts, at.spot), made)


# -- multiple values -------------------------------------------------------------------------------


@special("let-values", "let*-values")
def let_values(analyser: Analyser, at: Context) -> Walk:
    """`(let-values (((a b) expr) …) body …)`: names for several values."""
    scope = at.scope
    wrappers: list[tuple[nodes.Var, nodes.Node]] = []
    for formals, value, spot in parse_bindings(at, 1):
        init = yield analyser.expr(value, scope, spot)
        inner = Scope(scope)
        wrappers += _receive(analyser, at, formals, init, inner)
        scope = inner
    node = yield body(analyser, at, 2, Scope(scope))
    for var, init in reversed(wrappers):
        node = analyser.make(nodes.Let, at.spot, var, init, node)
    return node


@special("receive")
def receive(analyser: Analyser, at: Context) -> Walk:
    """`(receive formals expr body …)`: SRFI-8."""
    if len(at.items) < 4:
        raise at.wrong("receive needs formals, an expression and a body")
    init = yield analyser.item(at, 2)
    scope = Scope(at.scope)
    wrappers = _receive(analyser, at, at.items[1], init, scope)
    node = yield body(analyser, at, 3, Scope(scope))
    for var, value in reversed(wrappers):
        node = analyser.make(nodes.Let, at.spot, var, value, node)
    return node


@special("define-values")
def define_values(analyser: Analyser, at: Context) -> Walk:
    """`(define-values (a b &rest c) expr)`: define names for several values."""
    if len(at.items) != 3:
        raise at.wrong("define-values needs formals and one expression")
    from sxpy.syntax.scope import body_of  # noqa: PLC0415

    scope = body_of(at.scope)
    init = yield analyser.item(at, 2)
    hidden = Scope(None)
    made = []
    targets: list[tuple[Symbol, nodes.Node]] = []
    for var, node in _receive(analyser, at, at.items[1], init, hidden):
        name = next((symbol for symbol, bound in hidden.names.items() if bound is var), None)
        if name is None:
            made.append((var, node))
        else:
            targets.append((name, node))
    sets = []
    for name, node in targets:
        if scope is not None and name not in scope.names:
            stray = scope.bind(name, analyser.analysis)
            scope.stray.append(stray)
        sets.append(analyser.assign(name, node, Context(at.form, scope, at.spot), define=True))
    result = analyser.sequence([*sets, analyser.const(None, at.spot)], at.spot)
    for var, node in reversed(made):
        result = analyser.make(nodes.Let, at.spot, var, node, result)
    return result


def _receive(
    analyser: Analyser, at: Context, formals: Any, init: nodes.Node, scope: Scope
) -> list[tuple[nodes.Var, nodes.Node]]:
    """The variables of `formals` with the nodes that take them from the values of `init`."""
    params = parse(formals, at)
    if params.keys or params.patterns:
        raise at.wrong("names, and &rest with a name, are expected")
    received = analyser.analysis.var("values")
    count = len(params.positional)
    listed = analyser.call(REGISTRY["%values-list"], [init], at.spot)
    checks = [listed, analyser.const(count), analyser.const(params.rest is not None)]
    made = [(received, analyser.call(REGISTRY["%exactly"], checks, at.spot))]
    for index, name in enumerate(params.positional):
        part = [analyser.local(received), analyser.const(index)]
        made.append((scope.bind(name, analyser.analysis), analyser.call(REGISTRY["%item"], part, at.spot)))
    if params.rest is not None:
        tail = [analyser.local(received), analyser.const(count)]
        var = scope.bind(params.rest, analyser.analysis)
        made.append((var, analyser.call(REGISTRY["%tail"], tail, at.spot)))
    return made


# -- environments ----------------------------------------------------------------------------------


@special("current-environment")
def current_environment(analyser: Analyser, at: Context) -> Walk:
    """`(current-environment)`: the global environment and a copy of the variables that have a value."""
    if len(at.items) > 1:
        raise at.wrong("current-environment takes nothing")
    late = at.scope.late if at.scope is not None else set()
    variables = {name: var for name, var in visible(at.scope).items() if var not in late}
    env = analyser.const(analyser.env, at.spot)
    if not variables:
        return env
    names = [analyser.const(symbol.name) for symbol in variables]
    values = [analyser.local(var, at.spot) for var in variables.values()]
    listed = [analyser.call(REGISTRY["list"], part, at.spot) for part in (names, values)]
    return analyser.call(REGISTRY["%environment"], [env, *listed], at.spot)
    yield
