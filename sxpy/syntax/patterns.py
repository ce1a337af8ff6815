"""Patterns: `match`, `let-match`, and destructuring in `let` and `fn`.

A pattern becomes steps on a variable: tests that must hold and variables that get a value, in order.
`_` matches everything; a symbol binds; a literal, a keyword or `(quote x)` compares; `(? pred name)` asks;
`(a b &rest more)` takes a list apart, `{:k p}` a dict, `(Some x)` — a head with a capital, or one that is
known as a constructor — an ADT value.
"""

from __future__ import annotations

from typing import Any

from sxpy.core import nodes
from sxpy.data import Dict, Keyword, Symbol, Vector, is_list
from sxpy.primitives import REGISTRY
from sxpy.syntax.analyser import Analyser, Context, head_name, shortened
from sxpy.syntax.coverage import known_constructor
from sxpy.syntax.scope import Scope, plain
from sxpy.walk import Walk

REST = frozenset({"&rest", "&", "."})

Step = tuple[nodes.Var | None, nodes.Node]
"""A test (no variable), or a variable and its value."""


def names_of(pattern: Any) -> list[Symbol]:
    """The names that a destructuring pattern binds for sure."""
    found: list[Symbol] = []
    pending = [pattern]
    seen: set[int] = set()
    while pending:
        item = pending.pop()
        if not isinstance(item, Symbol):
            if id(item) in seen:
                continue
            seen.add(id(item))
        if isinstance(item, Symbol):
            if item.name not in REST and item.name != "_":
                found.append(item)
        elif is_list(item):
            pending.extend(list(item)[_words(head_name(item)) :])
        elif isinstance(item, Dict):
            pending.extend(item.values())
    return found


def _words(head: str | None) -> int:
    """How many items of a list pattern are no patterns: `? pred`, or a head that may be a constructor."""
    return 2 if head == "?" else int(head is not None and head[:1].isupper())


class _Compiler:
    """Collects the steps of one pattern; `scope` gets its variables."""

    def __init__(self, analyser: Analyser, scope: Scope, at: Context, *, testing: bool) -> None:
        self.analyser = analyser
        self.scope = scope
        self.at = at
        self.testing = testing
        self.steps: list[Step] = []

    def test(self, node: nodes.Node) -> None:
        if self.testing:
            self.steps.append((None, node))

    def literal(self, test: nodes.Node, pattern: Any) -> None:
        if not self.testing:
            raise self.at.wrong(f"{shortened(pattern)} is a literal, which binds no name; match compares")
        self.test(test)

    def primitive(self, name: str, *args: Any) -> nodes.Node:
        made = [
            self.analyser.local(arg, self.at.spot)
            if isinstance(arg, nodes.Var)
            else self.analyser.const(arg, self.at.spot)
            for arg in args
        ]
        return self.analyser.call(REGISTRY[name], made, self.at.spot)

    def part(self, node: nodes.Node) -> nodes.Var:
        """A variable for a part of the value."""
        var = self.analyser.analysis.var("part")
        self.steps.append((var, node))
        return var

    def compile(self, pattern: Any, var: nodes.Var) -> Walk:
        if isinstance(pattern, Symbol):
            if pattern.name not in ("_", "else"):
                if pattern in self.scope.names:
                    raise self.at.wrong(f"the name {pattern.name} stands twice in a pattern")
                named = self.scope.bind(pattern, self.analyser.analysis)
                self.steps.append((named, self.analyser.local(var, self.at.spot)))
        elif isinstance(pattern, Keyword):
            exact = self.primitive("equal?", var, pattern)
            by_name = self.primitive("equal?", var, pattern.name)
            self.literal(self.analyser.make(nodes.Decide, self.at.spot, exact, by_name, either=True), pattern)
        elif isinstance(pattern, Dict):
            yield self.analyser.into(pattern, self.dict_pattern(pattern, var), self.at.spot)
        elif is_list(pattern):
            yield self.analyser.into(pattern, self.list_form(pattern, var), self.at.spot)
        elif isinstance(pattern, Vector):
            yield self.analyser.into(
                pattern, self.sequence_pattern(pattern.items, var, "%vector-of?"), self.at.spot
            )
        else:
            self.literal(self.primitive("equal?", var, pattern), pattern)

    def dict_pattern(self, pattern: Dict, var: nodes.Var) -> Walk:
        for key, inner in pattern.items():
            self.test(self.primitive("%key?", var, key))
            yield self.compile(inner, self.part(self.primitive("%entry", var, key)))

    def list_form(self, pattern: Any, var: nodes.Var) -> Walk:
        head = head_name(pattern)
        constructor = self.constructor(pattern)
        items = list(pattern)
        if head == "quote" and len(items) == 2:
            self.literal(self.primitive("equal?", var, plain(items[1])), pattern)
        elif head == "?" and len(items) in (2, 3):
            predicate = yield self.analyser.expr(items[1], self.at.scope, self.at.spot)
            self.test(self.analyser.call(predicate, [self.analyser.local(var)], self.at.spot))
            if len(items) == 3:
                yield self.compile(items[2], var)
        elif constructor is not None:
            if self.testing:
                self.test(self.primitive("%adt?", var, constructor, len(items) - 1))
            else:
                var = self.part(self.primitive("%constructed", var, constructor, len(items) - 1))
            for index, inner in enumerate(items[1:]):
                yield self.compile(inner, self.part(self.primitive("%field", var, index)))
        else:
            yield self.sequence_pattern(items, var)

    def sequence_pattern(self, items: list[Any], var: nodes.Var, test: str = "%list-of?") -> Walk:
        rest = next((i for i, x in enumerate(items) if isinstance(x, Symbol) and x.name in REST), None)
        fixed = items if rest is None else items[:rest]
        if rest is not None and len(items) != rest + 2:
            raise self.at.wrong("one pattern must follow &rest")
        self.test(self.primitive(test, var, len(fixed), rest is not None))
        for index, inner in enumerate(fixed):
            yield self.compile(inner, self.part(self.primitive("%item", var, index)))
        if rest is not None:
            yield self.compile(items[-1], self.part(self.primitive("%tail", var, len(fixed))))

    def constructor(self, pattern: Any) -> str | None:
        """The own name of the constructor that the head of a pattern means, however it is called here."""
        known = known_constructor(self.analyser, pattern)
        if known is not None:
            return known.name
        head = head_name(pattern)
        return head if self.testing and head is not None and head[:1].isupper() else None


def bind_pattern(analyser: Analyser, pattern: Any, var: nodes.Var, scope: Scope, at: Context) -> Walk:
    """The variables that a destructuring pattern gives to parts of `var`, with their nodes; nothing fails."""
    compiler = _Compiler(analyser, scope, at, testing=False)
    yield compiler.compile(pattern, var)
    return [(bound, node) for bound, node in compiler.steps if bound is not None]


def test_pattern(analyser: Analyser, pattern: Any, var: nodes.Var, scope: Scope, at: Context) -> Walk:
    """The steps that decide whether `var` fits a pattern, and give the pattern's names to its parts."""
    compiler = _Compiler(analyser, scope, at, testing=True)
    yield compiler.compile(pattern, var)
    return compiler.steps
