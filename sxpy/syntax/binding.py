"""Binding forms: `define set! fn let let* letrec`. Their bodies are made in `bodies.py`."""

from __future__ import annotations

from typing import Any

from sxpy.core import nodes
from sxpy.data import Symbol, from_list, is_list
from sxpy.reader.forms import Spot, item_spot, spot_of
from sxpy.syntax.analyser import SPECIAL, Analyser, Context, head_of, special
from sxpy.syntax.bodies import Item, block, body, define_value, lambda_node, parse_define, recursive
from sxpy.syntax.patterns import bind_pattern
from sxpy.syntax.scope import Scope, body_of
from sxpy.walk import Walk


@special("fn", "lambda")
def fn(analyser: Analyser, at: Context) -> Walk:
    """`(fn (param …) body …)`: a function that closes over the variables in sight."""
    if len(at.items) < 2:
        raise at.wrong("fn needs a parameter list and a body")
    return (yield lambda_node(analyser, "lambda", at.items[1], 2, at))


@special("define", "def")
def define(analyser: Analyser, at: Context) -> Walk:
    """`(define name value)` or `(define (name param …) body …)`: give a name a value."""
    name, value = parse_define(at)
    scope = body_of(at.scope)
    if scope is not None and name not in scope.names:
        # A definition inside another form of the body: the variable belongs to the body.
        var = scope.bind(name, analyser.analysis)
        var.assigned = True
        scope.stray.append(var)
    init = yield define_value(analyser, at, name, value)
    inner = Context(at.form, scope, at.spot)
    return analyser.assign(name, init, inner, define=True)


@special("set!")
def set_(analyser: Analyser, at: Context) -> Walk:
    """`(set! name value)`: give the nearest binding of the name another value."""
    if len(at.items) != 3 or not isinstance(at.items[1], Symbol):
        raise at.wrong("set! needs a name and one value")
    value = yield analyser.item(at, 2)
    return analyser.assign(at.items[1], value, at, define=False)


# -- let and its kin -------------------------------------------------------------------------------

Pair = tuple[Any, Any, Spot | None]
"""A binding: what stands on the left, the form of its value, and where that stands."""


def parse_bindings(at: Context, index: int) -> list[Pair]:
    """The bindings of a let form: `((a 1) (b 2))` or flat `(a 1 b 2)`."""
    if index >= len(at.items):
        raise at.wrong("the bindings are missing")
    form: Any = at.items[index]
    if form is None:
        return []
    if not is_list(form):
        raise at.wrong("the bindings must be a list", index)
    items = list(form)
    spot = spot_of(form, at.spot)
    if all(is_list(item) and len(item) == 2 for item in items):
        pairs: list[Pair] = []
        for item in items:
            left, value = item
            pairs.append((left, value, item_spot(item, 1, spot)))
        return pairs
    if all(is_list(item) and len(item) in (1, 2) for item in items):  # (a) is (a nil)
        return [(head_of(item), [*item, None][1], spot_of(item, spot)) for item in items]
    if len(items) % 2:
        raise at.wrong("the bindings must be pairs of a name and a value", index)
    return [(items[i], items[i + 1], item_spot(form, i + 1, spot)) for i in range(0, len(items), 2)]


@special("let", "let*")
def let(analyser: Analyser, at: Context) -> Walk:
    """`(let ((a 1) (b 2)) body …)`, `(let (a 1 b 2) body …)`, `(let name ((a 1)) body …)`; sequential."""
    if len(at.items) > 1 and isinstance(at.items[1], Symbol):
        return (yield named_let(analyser, at))
    scope = at.scope
    made: list[tuple[nodes.Var, nodes.Node]] = []
    for left, value, spot in parse_bindings(at, 1):
        scope_here = Scope(scope)
        init = yield analyser.expr(value, scope, spot)
        if isinstance(left, Symbol):
            made.append((scope_here.bind(left, analyser.analysis), init))
        else:
            whole = analyser.analysis.var("value")
            made.append((whole, init))
            made.extend((yield bind_pattern(analyser, left, whole, scope_here, at)))
        scope = scope_here
    node = yield body(analyser, at, 2, Scope(scope))
    return wrap_lets(analyser, made, node, at.spot)


def wrap_lets(
    analyser: Analyser, made: list[tuple[nodes.Var, nodes.Node]], node: nodes.Node, spot: Spot | None
) -> nodes.Node:
    """`node` inside one Let for each variable, the first outermost."""
    for var, init in reversed(made):
        node = analyser.make(nodes.Let, spot, var, init, node)
    return node


def named_let(analyser: Analyser, at: Context) -> Walk:
    """`(let name bindings body …)`: a local function called with the bindings' values."""
    name = at.items[1]
    pairs = parse_bindings(at, 2)
    inits = []
    for _, value, spot in pairs:
        inits.append((yield analyser.expr(value, at.scope, spot)))
    scope = Scope(at.scope)
    var = scope.bind(name, analyser.analysis)
    inner = Context(at.form, scope, at.spot)
    function = yield lambda_node(analyser, name.name, from_list([left for left, _, _ in pairs]), 3, inner)
    call = analyser.call(analyser.local(var, at.spot), inits, at.spot)
    return recursive(analyser, [(var, function)], call, at.spot)


@special("letrec", "letrec*")
def letrec(analyser: Analyser, at: Context) -> Walk:
    """`(letrec ((name value) …) body …)`: every value sees every name."""
    pairs = parse_bindings(at, 1)
    for left, _, _ in pairs:
        if not isinstance(left, Symbol):
            raise at.wrong("letrec binds names only", 1)
    defines = [
        Item(Context([SPECIAL["define"], left, value], at.scope, spot), left) for left, value, spot in pairs
    ]
    return (yield block(analyser, at, 2, Scope(at.scope, body=True), defines))
