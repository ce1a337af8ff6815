"""Scopes: which variable or local macro a symbol means.

Symbols are looked up by identity, so a `gensym` never captures a name that was read. A scope that is a
**body** takes the definitions that stand in it, also one that stands inside a `when` or another form of the
body, as existing programs do.
"""

from __future__ import annotations

from sxpy.core.nodes import Analysis, Var
from sxpy.data import Macro, Symbol


class Scope:
    """One level of lexical bindings. `parent` None: the level above is the global environment."""

    __slots__ = ("body", "late", "names", "parent", "stray")

    def __init__(self, parent: Scope | None, *, body: bool = False) -> None:
        self.parent = parent
        self.body = body
        self.names: dict[Symbol, Var | Macro] = {}
        self.late: set[Var] = set()
        """Variables of a body whose definition has not been reached yet."""
        self.stray: list[Var] = []
        """Variables defined inside another form of the body."""

    def bind(self, name: Symbol, analysis: Analysis) -> Var:
        """A new variable called `name` in this scope."""
        var = analysis.var(name.name)
        self.names[name] = var
        return var


def find(scope: Scope | None, name: Symbol) -> Var | Macro | None:
    """What `name` means lexically; None when it is global. A reference before the definition boxes the var."""
    while scope is not None:
        found = scope.names.get(name)
        if found is not None:
            if scope.late and found in scope.late:
                assert isinstance(found, Var)
                found.assigned = True
            return found
        scope = scope.parent
    return None


def body_of(scope: Scope | None) -> Scope | None:
    """The nearest body around `scope`; None at top level."""
    while scope is not None and not scope.body:
        scope = scope.parent
    return scope


def visible(scope: Scope | None) -> dict[Symbol, Var]:
    """Every lexical variable in sight, the innermost of each name."""
    found: dict[Symbol, Var] = {}
    while scope is not None:
        for name, what in scope.names.items():
            if isinstance(what, Var):
                found.setdefault(name, what)
        scope = scope.parent
    return found
