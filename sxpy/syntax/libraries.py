"""`define-library import cond-expand include`, and `defcomp`."""

from __future__ import annotations

from typing import Any

from sxpy.core.controls import CONTROLS
from sxpy.data import Symbol, from_list, is_list
from sxpy.syntax.analyser import SPECIAL, Analyser, Context, head_name, special
from sxpy.syntax.bodies import lambda_node
from sxpy.syntax.conditional import is_else
from sxpy.syntax.scope import body_of
from sxpy.walk import Walk

FEATURES = frozenset({"sx", "sxpy", "r7rs", "exact-closed", "ratios", "full-unicode"})
"""What `cond-expand` knows of this implementation."""


@special("import")
def import_(analyser: Analyser, at: Context) -> Walk:
    """`(import (name …) (only (name …) id …) …)`: bind what libraries export."""
    if at.scope is not None:
        raise at.wrong("import stands at top level or in define-library only")
    sets = analyser.const(from_list(at.items[1:]), at.spot)
    return analyser.call(CONTROLS["%import"], [analyser.const(analyser.env), sets], at.spot)
    yield


@special("define-library")
def define_library(analyser: Analyser, at: Context) -> Walk:
    """`(define-library (name …) (export …) (import …) (begin …) …)`: an R7RS library."""
    if at.scope is not None:
        raise at.wrong("define-library stands at top level only")
    if len(at.items) < 2 or not is_list(at.items[1]) or len(at.items[1]) == 0:
        raise at.wrong("define-library needs a name such as (my library)")
    declarations = []
    for index in range(2, len(at.items)):
        if head_name(at.items[index]) not in (
            "export",
            "import",
            "begin",
            "include",
            "include-library-declarations",
            "cond-expand",
        ):
            raise at.wrong("a declaration must be export, import, begin, include or cond-expand", index)
        declarations.append(at.items[index])
    name = analyser.const(at.items[1], at.spot)
    listed = analyser.const(from_list(declarations), at.spot)
    return analyser.call(CONTROLS["%define-library"], [name, listed], at.spot)
    yield


@special("include")
def include(analyser: Analyser, at: Context) -> Walk:
    """`(include path …)`: the forms of files, as if they stood here, at top level."""
    if at.scope is not None:
        raise at.wrong("include stands at top level or in define-library only; use load elsewhere")
    calls = []
    for index in range(1, len(at.items)):
        path = yield analyser.item(at, index)
        calls.append(analyser.call(CONTROLS["load"], [path], at.spot))
    return analyser.sequence(calls, at.spot)


@special("cond-expand")
def cond_expand(analyser: Analyser, at: Context) -> Walk:
    """`(cond-expand (requirement form …) … (else form …))`: the forms whose requirement this SX meets."""
    chosen = chosen_forms(at.items[1:], at)
    return (yield analyser.expr(from_list([SPECIAL["begin"], *chosen]), at.scope, at.spot))


def chosen_forms(clauses: list[Any], at: Context) -> list[Any]:
    """The forms of the first clause of a `cond-expand` whose requirement holds."""
    for clause in clauses:
        if not is_list(clause) or len(clause) == 0:
            raise at.wrong("a cond-expand clause must be (requirement form …)")
        requirement, *forms = list(clause)
        if is_else(requirement) or meets(requirement):
            return forms
    return []


def meets(requirement: Any, depth: int = 0) -> bool:
    """Whether a feature requirement holds: a name, or `and`, `or`, `not`, `library` of requirements."""
    if isinstance(requirement, Symbol):
        return requirement.name in FEATURES
    if not is_list(requirement) or depth > 100:
        return False
    head, *parts = list(requirement) or [None]
    name = head.name if isinstance(head, Symbol) else None
    if name == "and":
        return all(meets(part, depth + 1) for part in parts)
    if name == "or":
        return any(meets(part, depth + 1) for part in parts)
    if name == "not":
        return len(parts) == 1 and not meets(parts[0], depth + 1)
    if name == "library":
        return len(parts) == 1 and is_list(parts[0]) and head_name(parts[0]) in ("scheme", "sx")
    return False


@special("defcomp")
def defcomp(analyser: Analyser, at: Context) -> Walk:
    """`(defcomp ~name (&key k … &rest children) body …)`: a component, called with keyword arguments."""
    if len(at.items) < 4 or not isinstance(at.items[1], Symbol):
        raise at.wrong("defcomp needs a name, a parameter list and a body")
    name = at.items[1]
    scope = body_of(at.scope)
    if scope is not None and name not in scope.names:
        scope.stray.append(scope.bind(name, analyser.analysis))
    node = yield lambda_node(analyser, name.name, at.items[2], 3, at)
    node.component = True
    return analyser.assign(name, node, Context(at.form, scope, at.spot), define=True)
