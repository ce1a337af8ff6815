"""Expressions: the Python text for the simple expressions of the intermediate form.

Owns what both emitters share, blocks (`sxpy/compiler/emit.py`) and direct functions
(`sxpy/compiler/direct.py`): constants, temporaries, truth, and which primitives are **pure**, so that an
expression can be computed again. What a primitive looks like inline is in `sxpy/compiler/inline.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sxpy.compiler import inline
from sxpy.core import ir
from sxpy.data import UNBOUND, Box, Closure, Dict, closure_of
from sxpy.primitives import REGISTRY

MAX_LINES = 400
"""Functions with more lines are left to tier 0: compiling them costs more than they gain."""
MAX_INDENT = 40

_PURE_NAMES = """
+ - * / mod remainder quotient modulo abs floor ceil ceiling round truncate min max inc dec pow expt sqrt
= != < > <= >= eq? eqv? equal? not nil? boolean? string? symbol? keyword? list? dict? vector? char? number?
integer? float? zero? positive? negative? odd? even? empty? contains? procedure?
list cons first second third rest last nth len count append concat reverse take drop slice range
get get-in has-key? keys vals assoc dissoc merge dict
str string-append string-length substring upper lower trim split join starts-with? ends-with?
string-contains? index-of char-at vector-ref vector-length
%item %tail %list-of? %key? %entry %adt? %field %join %values-list
"""

PURE = frozenset(_PURE_NAMES.split())
"""Primitives that neither change anything nor depend on anything but their arguments."""


class Unfit(Exception):
    """What is left to tier 0."""


_PURE_FUNCTIONS = {REGISTRY[name].function for name in PURE if name in REGISTRY}
_NOT, _IS_NIL = REGISTRY["not"].function, REGISTRY["nil?"].function


class Expressions:
    """Writes expressions, and keeps the globals of the function that they stand in."""

    def __init__(self) -> None:
        self.globals: dict[str, Any] = {
            "Closure": Closure,
            "closure_of": closure_of,
            "Box": Box,
            "Dict": Dict,
            "UNBOUND": UNBOUND,
            "away": _away,
        }
        self.names: dict[int, str] = {}
        self.temporaries = 0

    def local(self, slot: ir.Slot) -> str:
        """The local that holds a slot."""
        raise NotImplementedError

    def name(self, value: Any) -> str:
        """A global of the function that holds a constant value."""
        found = self.names.get(id(value))
        if found is None:
            found = self.names[id(value)] = f"c{len(self.names)}"
            self.globals[found] = value
        return found

    def temporary(self) -> str:
        self.temporaries += 1
        return f"t{self.temporaries}"

    def pure(self, expr: ir.Expr) -> str:
        """Python for the value of a pure expression. Raises Unfit."""
        match expr:
            case ir.Constant():
                return self.constant(expr.constant)
            case ir.Slot():
                return self.local(expr)
            case ir.Unboxed():
                kept, box = self.temporary(), self.local(expr.slot)
                return f"({kept} if ({kept} := {box}.value) is not UNBOUND else away())"
            case ir.Global():
                if expr.cell.value is not UNBOUND:  # and never will be again
                    return f"{self.name(expr.cell)}.value"
                kept = self.temporary()
                return f"({kept} if ({kept} := {self.name(expr.cell)}.value) is not UNBOUND else away())"
            case ir.Primitive1() | ir.Primitive2() | ir.PrimitiveN():
                return self.operand(expr).text
            case ir.Choice():
                return f"({self.pure(expr.then)} if {self.truth(expr.test)} else {self.pure(expr.other)})"
            case ir.Either():
                kept = self.temporary()
                return (
                    f"({kept} if ({kept} := {self.pure(expr.left)}) is not None and {kept} is not False "
                    f"else {self.pure(expr.right)})"
                )
            case ir.Both():
                kept = self.temporary()
                return (
                    f"({kept} if ({kept} := {self.pure(expr.left)}) is None or {kept} is False "
                    f"else {self.pure(expr.right)})"
                )
            case ir.Default():
                slot = self.local(expr.slot)
                return f"({self.pure(expr.then)} if {slot} is UNBOUND else {slot})"
            case ir.IsUnbound():
                return f"({self.local(expr.slot)} is UNBOUND)"
            case ir.NewDict():
                parts = zip(expr.keys, expr.values, strict=True)
                return "Dict({" + ", ".join(f"{key!r}: {self.pure(value)}" for key, value in parts) + "})"
            case ir.NewBox():
                return f"Box({self.pure(expr.content)})"
            case ir.NewClosure():
                free = "".join([self.local(slot) + ", " for slot in expr.captures])
                return f"closure_of({self.name(expr.template)}, ({free}))"
        raise Unfit

    def constant(self, value: Any) -> str:
        """Python for a constant."""
        if value is None or value is True or value is False:
            return repr(value)
        if type(value) is int and -(10**15) < value < 10**15:
            return repr(value) if value >= 0 else f"({value})"
        if type(value) is str and len(value) < 80 and value.isascii():
            return repr(value)
        return self.name(value)

    def primitive(self, function: Any, arguments: Sequence[ir.Expr]) -> inline.Operand:
        return inline.expanded(self, function, [self.operand(argument) for argument in arguments])

    def operand(self, expr: ir.Expr) -> inline.Operand:
        """An argument of a primitive, with what is known of it."""
        match expr:
            case ir.Constant():
                value, text = expr.constant, self.constant(expr.constant)
                literal = str(value) if type(value) in (str, int) and not text.isidentifier() else None
                return inline.Operand(text, type(value), literal)
            case ir.Primitive1() if expr.function is _NOT or expr.function is _IS_NIL:
                return inline.Operand(f"({self.truth(expr)})", bool)
            case ir.Primitive1():
                return self.primitive(expr.function, (expr.argument,))
            case ir.Primitive2():
                return self.primitive(expr.function, (expr.left, expr.right))
            case ir.PrimitiveN():
                return self.primitive(expr.function, expr.arguments)
        return inline.Operand(self.pure(expr), self.kind(expr))

    def kind(self, expr: ir.Expr) -> type | None:
        """The class that the value of an expression is known to have."""
        return None

    def truth(self, expr: ir.Expr) -> str:
        """Python for whether a pure expression holds."""
        if isinstance(expr, ir.Constant):
            return "False" if expr.constant is None or expr.constant is False else "True"
        if isinstance(expr, ir.Primitive1) and expr.function is _NOT:
            return f"not ({self.truth(expr.argument)})"
        if isinstance(expr, ir.Primitive1) and expr.function is _IS_NIL:
            return self.is_nil(expr.argument)
        if self.kind(expr) not in (None, bool, type(None)):
            return "True"
        if isinstance(expr, (ir.Primitive1, ir.Primitive2, ir.PrimitiveN)) and inline.is_test(expr.function):
            return self.pure(expr)
        if isinstance(expr, ir.IsUnbound):
            return self.pure(expr)
        if isinstance(expr, ir.Either):
            return f"({self.truth(expr.left)} or {self.truth(expr.right)})"
        if isinstance(expr, ir.Both):
            return f"({self.truth(expr.left)} and {self.truth(expr.right)})"
        if isinstance(expr, ir.Choice):
            return f"({self.truth(expr.then)} if {self.truth(expr.test)} else {self.truth(expr.other)})"
        text = self.pure(expr)
        if text.isidentifier():
            return f"{text} is not None and {text} is not False"
        kept = self.temporary()
        return f"({kept} := {text}) is not None and {kept} is not False"

    def is_nil(self, expr: ir.Expr) -> str:
        """Python for whether a pure expression is nil."""
        if isinstance(expr, ir.Constant):
            return repr(expr.constant is None)
        return f"({self.pure(expr)} is None)"


class Away(Exception):
    """A line cannot be computed as it was compiled."""


def _away() -> None:
    raise Away


def is_pure(expr: ir.Expr) -> bool:
    """Whether an expression can be computed twice."""
    pending = [expr]
    while pending:
        item = pending.pop()
        match item:
            case ir.Constant() | ir.Slot() | ir.Unboxed() | ir.Global() | ir.IsUnbound() | ir.NewClosure():
                continue
            case ir.Primitive1():
                if item.function not in _PURE_FUNCTIONS:
                    return False
                pending.append(item.argument)
            case ir.Primitive2():
                if item.function not in _PURE_FUNCTIONS:
                    return False
                pending += [item.left, item.right]
            case ir.PrimitiveN():
                if item.function not in _PURE_FUNCTIONS:
                    return False
                pending += item.arguments
            case ir.Choice():
                pending += [item.test, item.then, item.other]
            case ir.Either() | ir.Both():
                pending += [item.left, item.right]
            case ir.Default():
                pending.append(item.then)
            case ir.NewDict():
                pending += item.values
            case ir.NewBox():
                pending.append(item.content)
            case _:
                return False
    return True
