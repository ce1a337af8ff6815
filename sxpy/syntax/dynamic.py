"""Dynamic scopes with accumulation: `provide` and `scope`; and the registry form `defio`.

`(context name)` reads what the nearest `provide` of the name gave, `(emit! name v)` adds to the nearest
scope of the name, `(emitted name)` is what was added so far. A `provide` is a scope too.
"""

from __future__ import annotations

from sxpy.core.controls import CONTROLS
from sxpy.data import from_list
from sxpy.primitives import REGISTRY
from sxpy.syntax.analyser import Analyser, Context, special
from sxpy.syntax.binding import parse_bindings
from sxpy.syntax.control import thunk
from sxpy.walk import Walk


@special("provide")
def provide(analyser: Analyser, at: Context) -> Walk:
    """`(provide name v body …)`: the body with v as the context of the name."""
    if len(at.items) < 3:
        raise at.wrong("provide needs a name and a value")
    name = yield analyser.item(at, 1)
    value = yield analyser.item(at, 2)
    inside = yield thunk(analyser, at, 3, at.scope, "provide")
    return analyser.call(CONTROLS["%provide"], [name, value, inside], at.spot)


@special("scope")
def scope(analyser: Analyser, at: Context) -> Walk:
    """`(scope name body …)`: the body with an empty accumulation of the name."""
    if len(at.items) < 2:
        raise at.wrong("scope needs a name")
    name = yield analyser.item(at, 1)
    inside = yield thunk(analyser, at, 2, at.scope, "scope")
    return analyser.call(CONTROLS["%scope"], [name, inside], at.spot)


@special("defio")
def defio(analyser: Analyser, at: Context) -> Walk:
    """`(defio "name" …)`: make an operation known to `io`; what follows the name describes it."""
    if len(at.items) < 2:
        raise at.wrong("defio needs the name of an operation")
    name = yield analyser.item(at, 1)
    described = analyser.const(from_list(at.items[2:]), at.spot)
    return analyser.call(CONTROLS["%defio"], [name, described], at.spot)


@special("handler-bind")
def handler_bind(analyser: Analyser, at: Context) -> Walk:
    """`(handler-bind ((pred handler) …) body …)`: handlers run at the raise; returning declines."""
    parts = []
    for left, right, spot in parse_bindings(at, 1):
        predicate = yield analyser.expr(left, at.scope, spot)
        handler = yield analyser.expr(right, at.scope, spot)
        parts.append(analyser.call(REGISTRY["list"], [predicate, handler], spot))
    inside = yield thunk(analyser, at, 2, at.scope, "handler-bind")
    pairs = analyser.call(REGISTRY["list"], parts, at.spot)
    return analyser.call(CONTROLS["%handler-bind"], [pairs, inside], at.spot)
