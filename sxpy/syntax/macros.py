"""`defmacro`: unhygienic macros, expanded when the form that calls them is analysed.

A macro at top level is a value of its name from the next form on. A macro inside a body is known in that
body only; its expander sees globals, not the body's variables, which have no values yet at that time.
"""

from __future__ import annotations

from sxpy.core import nodes
from sxpy.data import Macro, Symbol
from sxpy.primitives import REGISTRY
from sxpy.syntax.analyser import Analyser, Context, special
from sxpy.syntax.bodies import lambda_node
from sxpy.syntax.scope import body_of
from sxpy.walk import Walk


@special("defmacro")
def defmacro(analyser: Analyser, at: Context) -> Walk:
    """`(defmacro name (param …) body …)`: a macro; the body gets the unevaluated forms."""
    if len(at.items) < 4 or not isinstance(at.items[1], Symbol):
        raise at.wrong("defmacro needs a name, a parameter list and a body")
    name = at.items[1]
    scope = body_of(at.scope)
    if scope is not None:
        scope.put(name, Macro(name.name, analyser.local_expander(at)))
        return analyser.const(None, at.spot)
    expander = yield lambda_node(analyser, name.name, at.items[2], 3, at)
    made = analyser.call(REGISTRY["%macro"], [analyser.const(name.name, at.spot), expander], at.spot)
    cell = analyser.env.own(name.name)
    return analyser.make(nodes.SetGlobal, at.spot, cell, made, define=True)
