"""Symbols and keywords: names as values.

Owns interning. A symbol read from text is interned, so two symbols of one name are one object and
`eq?`; `gensym` makes uninterned ones, which no text can name. Keywords are always interned.
Next: `sxpy/data/lists.py`, which holds them together.
"""

from __future__ import annotations


class Symbol:
    """A name. Compare with `is`: interned symbols of one name are one object."""

    __slots__ = ("__weakref__", "interned", "name")

    def __init__(self, name: str, *, interned: bool = False) -> None:
        self.name = name
        self.interned = interned

    def __repr__(self) -> str:
        return f"Symbol({self.name!r})"

    def __reduce__(self) -> tuple[object, ...]:
        return (symbol, (self.name,)) if self.interned else (Symbol, (self.name,))


class Keyword:
    """A keyword `:name`. It evaluates to its name as a string; quoted, it stays a keyword."""

    __slots__ = ("__weakref__", "name")

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"Keyword({self.name!r})"

    def __reduce__(self) -> tuple[object, ...]:
        return (keyword, (self.name,))


_symbols: dict[str, Symbol] = {}
_keywords: dict[str, Keyword] = {}


def symbol(name: str) -> Symbol:
    """Return the interned symbol called `name`."""
    found = _symbols.get(name)
    if found is None:
        # setdefault, not assignment: two threads must agree on one object.
        found = _symbols.setdefault(name, Symbol(name, interned=True))
    return found


def keyword(name: str) -> Keyword:
    """Return the keyword called `name` (without its colon)."""
    found = _keywords.get(name)
    if found is None:
        found = _keywords.setdefault(name, Keyword(name))
    return found
