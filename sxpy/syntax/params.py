"""Parameter lists: `(a b &rest more)`, `(a . more)`, `(a :as type)`, patterns, `&key a (b default)`."""

from __future__ import annotations

from typing import Any

from sxpy.data import Keyword, Symbol, is_list
from sxpy.syntax.analyser import Context, head_of
from sxpy.syntax.patterns import names_of

REST = frozenset({"&rest", "&", "."})


class Params:
    """A parsed parameter list. `patterns` pairs a parameter with the pattern that takes it apart."""

    __slots__ = ("keys", "patterns", "positional", "rest", "types")

    def __init__(self) -> None:
        self.positional: list[Symbol] = []
        self.types: list[str | None] = []
        self.patterns: list[tuple[Symbol, Any]] = []
        self.rest: Symbol | None = None
        self.keys: list[tuple[Symbol, Any]] = []


def parse(items: Any, at: Context) -> Params:
    """Parse a parameter list; raises SxSyntaxError."""
    params = Params()
    if isinstance(items, Symbol):  # (fn args body …): all arguments as one list
        params.rest = items
        return params
    if items is None:
        return params
    if not is_list(items):
        raise at.wrong("a parameter list must be a list")
    mode = "positional"
    for item in items:
        if isinstance(item, Symbol) and item.name in REST:
            mode = "rest"
        elif isinstance(item, Symbol) and item.name == "&key":
            mode = "key"
        elif mode == "key":
            params.keys.append(_key(item, at))
        elif mode == "rest":
            if params.rest is not None or not isinstance(item, Symbol):
                raise at.wrong("one name must follow &rest")
            params.rest = item
        elif isinstance(item, Symbol):
            params.positional.append(item)
            params.types.append(None)
        elif is_list(item) and len(item) == 3 and _is_as(list(item)[1]):
            name, _, wanted = item
            if not isinstance(name, Symbol):
                raise at.wrong("a name must stand before :as")
            params.positional.append(name)
            params.types.append(wanted.name if isinstance(wanted, (Symbol, Keyword)) else str(wanted))
        else:
            name = Symbol("argument")
            params.positional.append(name)
            params.types.append(None)
            params.patterns.append((name, item))
    if mode == "rest" and params.rest is None:
        raise at.wrong("one name must follow &rest")
    _check_unique(params, at)
    return params


def _is_as(item: Any) -> bool:
    return isinstance(item, Keyword) and item.name == "as"


def _key(item: Any, at: Context) -> tuple[Symbol, Any]:
    if isinstance(item, Symbol):
        return item, None
    if is_list(item) and len(item) == 2 and isinstance(head_of(item), Symbol):
        name, default = item
        return name, default
    raise at.wrong("a keyword parameter must be a name or (name default)")


def _check_unique(params: Params, at: Context) -> None:
    names = [*params.positional, *([params.rest] if params.rest else []), *(name for name, _ in params.keys)]
    for _, pattern in params.patterns:
        names.extend(names_of(pattern))
    seen: set[Symbol] = set()
    for name in names:
        if name in seen and name.name != "_":
            raise at.wrong(f"the parameter {name.name} stands twice")
        seen.add(name)
