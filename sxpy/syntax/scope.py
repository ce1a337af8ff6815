"""Scopes: which variable or local macro a symbol means.

Symbols are looked up by identity, so a `gensym` never captures a name that was read. A scope that is a
**body** takes the definitions that stand in it, also one that stands inside a `when` or another form of the
body, as existing programs do.
"""

from __future__ import annotations

from typing import Any

from sxpy.core.nodes import Analysis, Var
from sxpy.data import Dict, Environment, List, Macro, Symbol, Vector, from_list
from sxpy.walk import Walk, walk


class Alias(Symbol):
    """A symbol that a hygienic macro introduced: it stands for `original` as seen from `scope` in `env`."""

    __slots__ = ("env", "original", "scope")

    def __init__(self, original: Symbol, scope: Scope | None, env: Environment) -> None:
        super().__init__(original.name)
        self.original = original
        self.scope = scope
        self.env = env


class Scope:
    """One level of lexical bindings. `parent` None: the level above is the global environment.

    `used` and `late` are shared with all scopes around, so that the depth of the nesting costs nothing
    where a global is meant.
    """

    __slots__ = ("body", "late", "names", "parent", "stray", "used")

    def __init__(self, parent: Scope | None, *, body: bool = False) -> None:
        self.parent = parent
        self.body = body
        self.names: dict[Symbol, Var | Macro] = {}
        self.used: set[Symbol] = parent.used if parent is not None else set()
        """Every name that one of the scopes binds."""
        self.late: set[Var] = parent.late if parent is not None else set()
        """Variables of a body whose definition has not been reached yet."""
        self.stray: list[Var] = []
        """Variables defined inside another form of the body."""

    def bind(self, name: Symbol, analysis: Analysis) -> Var:
        """A new variable called `name` in this scope."""
        var = analysis.var(name.name)
        var.named = True
        self.put(name, var)
        return var

    def put(self, name: Symbol, what: Var | Macro) -> None:
        """Let `name` mean a variable or a macro in this scope."""
        self.names[name] = what
        self.used.add(name)


def resolve(name: Symbol, scope: Scope | None) -> Var | Macro | Symbol:
    """What `name` means: a variable, a local macro, or — the symbol itself — a global."""
    while True:
        here = scope if scope is not None and name in scope.used else None
        while here is not None:
            found = here.names.get(name)
            if found is not None:
                return found
            here = here.parent
        if not isinstance(name, Alias):
            return name
        scope = name.scope
        name = name.original


def find(scope: Scope | None, name: Symbol) -> Var | Macro | None:
    """What `name` means lexically, None when it is global. A reference before the definition boxes it."""
    found = resolve(name, scope)
    if isinstance(found, Symbol):
        return None
    if scope is not None and isinstance(found, Var) and found in scope.late:
        found.assigned = True
    return found


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


class InSight:
    """What can be seen from a place in the program: its scope and its environment."""

    __slots__ = ("env", "scope")

    def __init__(self, env: Environment, scope: Scope | None) -> None:
        self.env = env
        self.scope = scope

    def names(self) -> set[str]:
        """The names that have a meaning there; of those built in, the ones in use."""
        return self.lexical() | self.env.names()

    def lexical(self) -> set[str]:
        """The names of the variables around."""
        return {name.name for name in visible(self.scope)}


def base(name: Symbol) -> Symbol:
    """The symbol that an alias stands for in the end; any other symbol is itself."""
    while isinstance(name, Alias):
        name = name.original
    return name


def home(name: Symbol) -> Environment | None:
    """The environment in which the macro that introduced a name was defined; None of any other name."""
    env = None
    while isinstance(name, Alias):
        env, name = name.env, name.original
    return env


def plain(form: Any) -> Any:
    """A quoted form with its aliases turned back into symbols; the form itself when it holds none."""
    return walk(_plain(form)) if _has_alias(form) else form


def _has_alias(form: Any) -> bool:
    pending = [form]
    seen: set[int] = set()  # quoted data may contain itself
    while pending:
        item = pending.pop()
        if isinstance(item, Alias):
            return True
        if isinstance(item, (Vector, Dict)):
            if id(item) in seen:
                continue
            seen.add(id(item))
        if isinstance(item, List):
            pending.extend(item)
        elif isinstance(item, Vector):
            pending.extend(item.items)
        elif isinstance(item, Dict):
            pending.extend(item.values())
    return False


def _plain(form: Any) -> Walk:
    if isinstance(form, Symbol):
        return base(form)
    made = []
    if isinstance(form, (List, Vector)):
        for item in form if isinstance(form, List) else form.items:
            made.append((yield _plain(item)))
        return from_list(made) if isinstance(form, List) else Vector(made)
    if isinstance(form, Dict):
        for item in form.values():
            made.append((yield _plain(item)))
        return Dict(dict(zip(form.keys(), made, strict=True)))
    return form
