"""The baseline: Scheme in a page of Python, written anew after Peter Norvig's essay (norvig.com/lispy.html).

Programs are Python lists of symbols and constants, environments are dicts that know the one around them, and
`evaluate` loops over tail calls. It has no continuations, no error handling and Python's recursion limit:
what an evaluator costs that does only this much.
"""

from __future__ import annotations

import operator
import re
import sys
from collections.abc import Callable
from functools import reduce
from typing import Any

TOKEN = re.compile(r"""\s*(?:;[^\n]*\s*)*([()']|"[^"]*"|[^\s()'";]+)""")


class Name(str):
    """A symbol."""

    __slots__ = ()


class Scope(dict[str, Any]):
    """Variables, and the scope around them."""

    def __init__(self, names: list[str], values: Any, outer: Scope | None = None) -> None:
        super().__init__(zip(names, values, strict=True))
        self.outer = outer

    def of(self, name: str) -> Scope:
        """The nearest scope that has `name`. Raises NameError."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope:
                return scope
            scope = scope.outer
        raise NameError(name)


class Procedure:
    """A lambda and where it was made."""

    def __init__(self, names: list[str], body: list[Any], scope: Scope) -> None:
        self.names, self.body, self.scope = names, body, scope

    def __call__(self, *values: Any) -> Any:
        return evaluate([Name("begin"), *self.body], Scope(self.names, values, self.scope))


class Lis:
    """An interpreter with a global scope of its own."""

    def __init__(self) -> None:
        sys.setrecursionlimit(20_000)
        self.globals = Scope(list(PROCEDURES), PROCEDURES.values())

    def eval_text(self, text: str) -> Any:
        """The value of the last form of a text."""
        tokens, value = TOKEN.findall(text)[::-1], None
        while tokens:
            value = evaluate(parse(tokens), self.globals)
        return value


def parse(tokens: list[str]) -> Any:
    """The next form of reversed tokens, which are used up."""
    token = tokens.pop()
    if token == "(":
        form = []
        while tokens[-1] != ")":
            form.append(parse(tokens))
        tokens.pop()
        return form
    if token == "'":
        return [Name("quote"), parse(tokens)]
    if token.startswith('"'):
        return token[1:-1]
    constants = {"#t": True, "#f": False}
    return int(token) if re.fullmatch(r"-?\d+", token) else constants.get(token, Name(token))


def evaluate(form: Any, scope: Scope) -> Any:
    """The value of a form."""
    while True:
        if isinstance(form, Name):
            return scope.of(form)[form]
        if not isinstance(form, list):
            return form
        head = form[0]
        if head == "quote":
            return form[1]
        if head == "if":
            form = form[2] if evaluate(form[1], scope) is not False else form[3] if len(form) > 3 else None
        elif head == "define":
            what, body = form[1], form[2:]
            made = Procedure(what[1:], body, scope) if isinstance(what, list) else evaluate(body[0], scope)
            scope[what[0] if isinstance(what, list) else what] = made
            return None
        elif head == "set!":
            scope.of(form[1])[form[1]] = evaluate(form[2], scope)
            return None
        elif head == "lambda":
            return Procedure(form[1], form[2:], scope)
        elif head == "let":
            form, scope = let(form, scope)
        elif head == "cond":
            form = clauses(form[1:])
        elif head == "or":
            form = [Name("if"), form[1], True, [Name("or"), *form[2:]]] if len(form) > 1 else False
        elif head == "begin":
            for part in form[1:-1]:
                evaluate(part, scope)
            form = form[-1]
        else:
            procedure, *values = [evaluate(part, scope) for part in form]
            if not isinstance(procedure, Procedure):
                return procedure(*values)
            form, scope = [Name("begin"), *procedure.body], Scope(procedure.names, values, procedure.scope)


def let(form: list[Any], scope: Scope) -> tuple[Any, Scope]:
    """What `let` goes on with, and where; a named one binds its procedure in a scope of its own."""
    named = isinstance(form[1], Name)
    bindings, body = form[1 + named], form[2 + named :]
    names, values = [name for name, _ in bindings], [evaluate(value, scope) for _, value in bindings]
    if named:
        scope = Scope([form[1]], [None], scope)
        scope[form[1]] = Procedure(names, body, scope)
    return [Name("begin"), *body], Scope(names, values, scope)


def clauses(rest: list[Any]) -> Any:
    """A `cond` as `if`."""
    if not rest:
        return None
    test, *body = rest[0]
    if test == "else":
        return [Name("begin"), *body]
    return [Name("if"), test, [Name("begin"), *body], [Name("cond"), *rest[1:]]]


PROCEDURES: dict[str, Callable[..., Any]] = {
    "+": lambda *numbers: sum(numbers),
    "-": operator.sub,
    "*": operator.mul,
    "=": operator.eq,
    "<": operator.lt,
    "abs": abs,
    "modulo": operator.mod,
    "cons": lambda item, items: [item, *items],
    "car": lambda items: items[0],
    "cdr": lambda items: items[1:],
    "not": lambda value: value is False,
    "null?": lambda items: items == [],
    "list": lambda *items: list(items),
    "reverse": lambda items: items[::-1],
    "map": lambda procedure, items: [procedure(item) for item in items],
    "apply": lambda procedure, items: procedure(*items),
    "string-append": lambda *parts: reduce(operator.add, parts, ""),
    "string-length": len,
    "number->string": str,
}
