"""Emission: a block becomes the source of one Python function `f(machine, a, K)`.

`a` is the environment of a function's entry, or the value that came back to a label; `K` the continuation,
for a label the frame itself. The function returns what comes next, in the same three parts. Slot i of the
environment is the local `s<i>`.

Every term is one line, so the line of an exception names the term. A line computes only with **pure**
primitives, which can be computed again: when anything in it raises — a nil where Python wants a number, an
error of the program — the term is done once more by tier 0, which gives the value or the proper error. An
expression with a primitive that is not pure is left to tier 0 from the start.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import CodeType, FunctionType
from typing import Any

from sxpy.compiler import inline
from sxpy.core import ir
from sxpy.data import UNBOUND, Box, Closure, Dict
from sxpy.primitives import REGISTRY

MAX_LINES = 400
"""Blocks with more terms are left to tier 0: compiling them costs more than they gain."""
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
    """A block that is left to tier 0."""


class Info:
    """What is known of a compiled function: its block; of each line the term, how many slots there are,
    and whether it can be done again."""

    __slots__ = ("block", "lines")

    def __init__(self, block: ir.Block) -> None:
        self.block = block
        self.lines: dict[int, tuple[ir.Term, int, bool]] = {}


INFO = "__block_info__"
"""The global of a compiled function that holds its `Info`."""


_PURE_FUNCTIONS = {REGISTRY[name].function for name in PURE if name in REGISTRY}
_NOT, _IS_NIL = REGISTRY["not"].function, REGISTRY["nil?"].function


class _Emitter:
    """Writes one block."""

    def __init__(self, block: ir.Block) -> None:
        self.block = block
        self.info = Info(block)
        self.lines: list[str] = []
        self.globals: dict[str, Any] = {"Closure": Closure, "Box": Box, "Dict": Dict, "UNBOUND": UNBOUND}
        self.names: dict[int, str] = {}
        self.temporaries = 0
        self.loops = False

    # -- the frame ---------------------------------------------------------------------------------

    def function(self) -> ir.Runner:
        inputs = len(self.block.inputs) + len(self.block.captured)
        self.lines.append("def block(m, a, K):")
        names = [f"s{index}" for index in range(inputs)]
        if self.block.entry:
            if inputs:
                self.lines.append(f"    {', '.join(names)}, = a")
        else:
            self.lines.append("    s0 = a")
            self.lines.append(f"    {', '.join(['_', *names[1:], 'K'])} = K")
        head = len(self.lines)
        self.terms(self.block.body, inputs, 1)
        if self.loops:
            # A jump to the function itself is a loop, up to so many rounds on one slice of fuel.
            body = ["    " + line for line in self.lines[head:]]
            self.lines[head:] = ["    rounds = 100", "    while True:", *body]
            self.info.lines = {line + 2: what for line, what in self.info.lines.items()}
        source = "\n".join(self.lines)
        code = compile(source, f"<{self.block.label}>", "exec")
        inner = next(part for part in code.co_consts if isinstance(part, CodeType))
        self.globals[INFO] = self.info
        return FunctionType(inner, self.globals)

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

    # -- terms -------------------------------------------------------------------------------------

    def line(self, text: str, indent: int, term: ir.Term, depth: int, *, again: bool = True) -> None:
        if len(self.lines) > MAX_LINES or indent > MAX_INDENT:
            raise Unfit
        self.lines.append("    " * indent + text)
        self.info.lines[len(self.lines)] = (term, depth, again)

    def terms(self, term: ir.Term, depth: int, indent: int) -> None:
        while True:
            match term:
                case ir.Bind():
                    text = f"s{depth} = {self.value(term.expr, depth)}"
                    self.line(text, indent, term, depth, again=_pure(term.expr))
                    depth += 1
                case ir.Do():
                    self.line(self.value(term.expr, depth), indent, term, depth, again=_pure(term.expr))
                case ir.Push():
                    live = "".join(f"s{slot.index}, " for slot in term.live)
                    self.line(f"K = ({self.name(term.block)}, {live}K)", indent, term, depth)
                case ir.Fix():
                    for made in term.closures:
                        self.line(f"s{depth} = Closure({self.name(made.template)}, ())", indent, term, depth)
                        depth += 1
                    first = depth - len(term.closures)
                    for index, made in enumerate(term.closures):
                        free = "".join(f"s{slot.index}, " for slot in made.captures)
                        self.line(f"s{first + index}.free = ({free})", indent, term, depth)
                case ir.Branch():
                    text = f"if {self.test(term.test, depth)}:"
                    self.line(text, indent, term, depth, again=_pure(term.test))
                    self.terms(term.then, depth, indent + 1)
                    term = term.other
                    continue
                case ir.Return():
                    if _pure(term.expr):
                        self.line(f"return K[0].run, {self.pure(term.expr)}, K", indent, term, depth)
                    else:
                        text = f"v = {self.value(term.expr, depth)}"
                        self.line(text, indent, term, depth, again=False)
                        self.line("return K[0].run, v, K", indent, term, depth, again=False)
                    return
                case ir.Jump():
                    self.jump(term, depth, indent)
                    return
                case _:
                    raise Unfit
            term = term.next

    def jump(self, term: ir.Jump, depth: int, indent: int) -> None:
        # What was done once must not be done again: one part that is not pure leaves all to tier 0.
        again = all(_pure(part) for part in (term.head, *term.arguments))
        emit = self.pure if again else lambda part: self.slow(part, depth)
        count = len(term.arguments)
        names = [f"a{index}" for index in range(count)]
        self.line(f"h = {emit(term.head)}", indent, term, depth, again=again)
        for name, argument in zip(names, term.arguments, strict=True):
            self.line(f"{name} = {emit(argument)}", indent, term, depth, again=again)
        listed = "".join(f"{name}, " for name in names)
        self.line(f"if type(h) is Closure and h.template.exact == {count}:", indent, term, depth)
        inner = indent + 1
        if self.may_be_self(term, count):
            self.loops = True
            self.line(f"if h.template.entry is {self.name(self.block)} and rounds:", inner, term, depth)
            self.line("rounds -= 1", inner + 1, term, depth)
            inputs = "".join(f"s{index}, " for index in range(len(self.block.inputs)))
            if inputs:
                self.line(f"{inputs}= {listed}", inner + 1, term, depth)
            if self.block.captured:
                first = len(self.block.inputs)
                free = "".join(f"s{first + index}, " for index in range(len(self.block.captured)))
                self.line(f"{free}= h.free", inner + 1, term, depth)
            self.line("continue", inner + 1, term, depth)
        self.line(f"return h.template.entry.run, ({listed}*h.free), K", inner, term, depth)
        call = self.name(term.site)
        self.line(f"return CALL, (h, [{listed}], {call}), K", indent, term, depth)

    def may_be_self(self, term: ir.Jump, count: int) -> bool:
        """Whether a jump may go to the function that this block is the entry of."""
        if not self.block.entry or count != len(self.block.inputs):
            return False
        head = term.head
        own = self.block.site.function
        if isinstance(head, ir.Global):
            return head.cell.name == own
        return isinstance(head, ir.Slot) and head.var.name == own

    # -- expressions -------------------------------------------------------------------------------

    def value(self, expr: ir.Expr, depth: int) -> str:
        """Python for the value of an expression."""
        return self.pure(expr) if _pure(expr) else self.slow(expr, depth)

    def slow(self, expr: ir.Expr, depth: int) -> str:
        """Python that has tier 0 compute an expression."""
        slots = ", ".join(f"s{index}" for index in range(depth))
        return f"{self.name(expr)}.value([{slots}])"

    def pure(self, expr: ir.Expr) -> str:
        match expr:
            case ir.Constant():
                return self.constant(expr.constant)
            case ir.Slot():
                return f"s{expr.index}"
            case ir.Unboxed():
                temporary = self.temporary()
                slow = f"{self.name(expr)}.value([None] * {expr.slot.index} + [s{expr.slot.index}])"
                return (
                    f"({temporary} if ({temporary} := s{expr.slot.index}.value) is not UNBOUND else {slow})"
                )
            case ir.Global():
                temporary = self.temporary()
                cell, slow = self.name(expr.cell), f"{self.name(expr)}.value(())"
                return f"({temporary} if ({temporary} := {cell}.value) is not UNBOUND else {slow})"
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
                slot = f"s{expr.slot.index}"
                return f"({self.pure(expr.then)} if {slot} is UNBOUND else {slot})"
            case ir.IsUnbound():
                return f"(s{expr.slot.index} is UNBOUND)"
            case ir.NewDict():
                parts = zip(expr.keys, expr.values, strict=True)
                return "Dict({" + ", ".join(f"{key!r}: {self.pure(value)}" for key, value in parts) + "})"
            case ir.NewBox():
                return f"Box({self.pure(expr.content)})"
            case ir.NewClosure():
                free = "".join(f"s{slot.index}, " for slot in expr.captures)
                return f"Closure({self.name(expr.template)}, ({free}))"
        raise Unfit

    def constant(self, value: Any) -> str:
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
        return inline.Operand(self.pure(expr))

    def test(self, expr: ir.Expr, depth: int) -> str:
        """Python for a condition."""
        if not _pure(expr):
            kept = self.temporary()
            return f"({kept} := {self.value(expr, depth)}) is not None and {kept} is not False"
        return self.truth(expr)

    def truth(self, expr: ir.Expr) -> str:
        """Python for whether a pure expression holds."""
        if isinstance(expr, ir.Primitive1) and expr.function is _NOT:
            return f"not ({self.truth(expr.argument)})"
        if isinstance(expr, ir.Primitive1) and expr.function is _IS_NIL:
            return f"({self.pure(expr.argument)} is None)"
        if isinstance(expr, (ir.Primitive1, ir.Primitive2, ir.PrimitiveN)) and inline.is_test(expr.function):
            return self.pure(expr)
        if isinstance(expr, ir.IsUnbound):
            return self.pure(expr)
        kept = self.temporary()
        return f"({kept} := {self.pure(expr)}) is not None and {kept} is not False"


def _pure(expr: ir.Expr) -> bool:
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


def compile_block(block: ir.Block, call: Any) -> ir.Runner | None:
    """The compiled function of a block; None when it is left to tier 0. `call` makes any call."""
    emitter = _Emitter(block)
    emitter.globals["CALL"] = call
    try:
        return emitter.function()
    except (Unfit, SyntaxError, RecursionError, MemoryError):
        return None
