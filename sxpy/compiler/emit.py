"""Emission: a block becomes the source of one Python function `f(machine, a, K)`.

`a` is the environment of a function's entry, or the value that came back to a label; `K` the continuation,
for a label the frame itself. The function returns what comes next, in the same three parts. Slot i of the
environment is the local `s<i>`.

Every term is one line, so the line of an exception names the term. A line computes only with **pure**
primitives, which can be computed again: when anything in it raises — a nil where Python wants a number, an
error of the program — the term is done once more by tier 0, which gives the value or the proper error. An
expression with a primitive that is not pure is left to tier 0 from the start.

A jump to a function of the same code, such as a loop's, is **fused**: the body of the function follows, with
the slots of its own, for as long as that function runs as blocks do. So is one by a global that holds it.
"""

from __future__ import annotations

from types import CodeType, FunctionType
from typing import Any

from sxpy.compiler.asking import perform
from sxpy.compiler.expressions import MAX_INDENT, MAX_LINES, Expressions, Unfit, is_pure
from sxpy.compiler.info import INFO, Info
from sxpy.compiler.runners import halted
from sxpy.core import ir
from sxpy.core.controls import CONTROLS
from sxpy.data import Closure, Continuation, Control, continuation_of
from sxpy.data.procedures import accepts
from sxpy.machine.control import apply_special
from sxpy.machine.performing import PERFORMED
from sxpy.machine.state import SUSPENDED

FUSE, FUSED_LINES = 2, 60
"""Functions that may be written one into the other, and lines after which none is."""

_CALL_CC, _PERFORM = CONTROLS["call/cc"], CONTROLS["perform"]

_PLAIN = frozenset({f"sxpy.machine.{name}" for name in ("control", "coroutines", "winding")})
"""Where the operations are that do nothing but change the continuation."""


class Emitter(Expressions):
    """Writes one block."""

    def __init__(self, block: ir.Block, fuse: int) -> None:
        super().__init__()
        self.block = block
        self.fuse = fuse
        self.info = Info(block)
        self.lines: list[str] = []
        self.loops = False
        self.within = [block]
        """The block, and the functions that are written into it where the path is."""

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
        added = self.counting()
        if self.loops:
            # A jump to the function itself is a loop, up to so many rounds on one slice of fuel.
            self.lines[head:] = ["    " + line for line in self.lines[head:]]
            added = ["    rounds = 100", "    while True:", *["    " + line for line in added]]
        self.lines[head:head] = added
        self.info.lines = {line + len(added): what for line, what in self.info.lines.items()}
        source = "\n".join(self.lines)
        code = compile(source, f"<{self.block.label}>", "exec")
        inner = next(part for part in code.co_consts if isinstance(part, CodeType))
        self.globals[INFO] = self.info
        return FunctionType(inner, self.globals)

    def counting(self) -> list[str]:
        """The lines that count a call, when calls are counted."""
        template = self.block.template
        if not self.block.entry or template is None or template.count is None:
            return []
        return [f"    {self.name(template.count)}[0] += 1"]

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
                    self.line(text, indent, term, depth, again=is_pure(term.expr))
                    depth += 1
                case ir.Do(expr=ir.SetBox(slot=slot, content=content)) if is_pure(content):
                    text = f"{self.local(slot)}.value = {self.pure(content)}"
                    self.line(text, indent, term, depth)
                case ir.Do():
                    self.line(self.value(term.expr, depth), indent, term, depth, again=is_pure(term.expr))
                case ir.Push():
                    live = "".join(f"s{slot.index}, " for slot in term.live)
                    self.line(f"K = ({self.name(term.block)}, {live}K)", indent, term, depth)
                case ir.Fix():
                    for made in term.closures:
                        self.line(
                            f"s{depth} = closure_of({self.name(made.template)}, ())", indent, term, depth
                        )
                        depth += 1
                    first = depth - len(term.closures)
                    for index, made in enumerate(term.closures):
                        free = "".join(f"s{slot.index}, " for slot in made.captures)
                        self.line(f"s{first + index}.free = ({free})", indent, term, depth)
                case ir.Branch():
                    text = f"if {self.test(term.test, depth)}:"
                    self.line(text, indent, term, depth, again=is_pure(term.test))
                    self.terms(term.then, depth, indent + 1)
                    term = term.other
                    continue
                case ir.Return():
                    if is_pure(term.expr):
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
        again = all(is_pure(part) for part in (term.head, *term.arguments))
        emit = self.pure if again else lambda part: self.slow(part, depth)
        count = len(term.arguments)
        known = self.known(term)
        names = [f"a{index}" for index in range(count)]
        for name, argument in zip(names, term.arguments, strict=True):
            self.line(f"{name} = {emit(argument)}", indent, term, depth, again=again)
        self.line(f"h = {emit(term.head)}", indent, term, depth, again=again)
        listed = "".join(f"{name}, " for name in names)
        if isinstance(term.head, ir.Global) and term.head.cell.value is _PERFORM and count == 1:
            self.perform(term, depth, indent)
        if known is not None:
            function, test = known
            given = f"{listed}*h.free" if function.entry.captured else listed
            self.fused(function, given, indent, term, depth, test)
        self.operation(term, listed, depth, indent)
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
        given = f"({listed}*h.free) if h.free else ({listed})" if listed else "h.free"
        self.line(f"return h.template.entry.run, {given}, K", inner, term, depth)
        if count == 1:
            self.control(term, depth, indent)
        call = self.name(term.site)
        self.line(f"return CALL, (h, [{listed}], {call}), K", indent, term, depth)

    def operation(self, term: ir.Jump, listed: str, depth: int, indent: int) -> None:
        """An operation that does nothing but change the continuation is entered from the block."""
        head = term.head
        value = head.constant if isinstance(head, ir.Constant) else None
        if isinstance(head, ir.Global):
            value = head.cell.value
        if type(value) is not Control or value in (_CALL_CC, _PERFORM) or value.direct is not None:
            return
        if value.enter.__module__ not in _PLAIN or not accepts(value, len(term.arguments)):
            return
        self.line(f"if h is {self.name(value)}:", indent, term, depth)
        self.line(f"m.site = {self.name(term.site)}", indent + 1, term, depth)
        text = f"return m.next(*{self.name(value.enter)}(m, [{listed}], K))"
        self.line(text, indent + 1, term, depth, again=False)

    def control(self, term: ir.Jump, depth: int, indent: int) -> None:
        """What continuations do is done at once, where no winder or handler lies between."""
        head = term.head
        if isinstance(head, ir.Global) and head.cell.value is _CALL_CC:
            test = f"if h is {self.name(_CALL_CC)} and type(a0) is Closure and a0.template.exact == 1:"
            taken = f"{self.name(continuation_of)}(K, m.dynamic), *a0.free"
            self.line(test, indent, term, depth)
            taker = term.arguments[0]
            if isinstance(taker, ir.NewClosure) and self.may_fuse(taker.template, 1):
                self.fused(taker.template, taken, indent + 1, term, depth)
            self.line(f"return a0.template.entry.run, ({taken}), K", indent + 1, term, depth)
            return
        inner = indent + 1
        self.line(f"if type(h) is {self.name(Continuation)}:", indent, term, depth)
        self.line("if h.dynamic is m.dynamic and not h.delimited:", inner, term, depth)
        self.line("return h.kont[0].run, a0, h.kont", inner + 1, term, depth)
        self.line(f"m.site = {self.name(term.site)}", inner, term, depth)
        text = f"return m.next(*{self.name(apply_special)}(m, h, [a0], K))"
        self.line(text, inner, term, depth, again=False)

    def perform(self, term: ir.Jump, depth: int, indent: int) -> None:
        """A `perform` asks the host, or the run suspends."""
        self.globals |= {"ASK": perform, "HALTED": halted, "SUSPENDED": SUSPENDED, "PERFORMED": PERFORMED}
        site = self.name(term.site)
        self.line(f"if h is {self.name(_PERFORM)}:", indent, term, depth)
        ask = f"if m.answer is not None: return ASK(m, a0, {site}, K)"
        for text in (
            ask,
            f"m.site = {site}",
            f"return HALTED, (SUSPENDED, a0, (), (PERFORMED, {site}, K)), None",
        ):
            self.line(text, indent + 1, term, depth, again=False)

    def known(self, term: ir.Jump) -> tuple[ir.Template, str] | None:
        """The function that a jump goes to, and the test for it, if it is one that may be written here."""
        head, test = term.head, ""
        template: ir.Template | None = None
        if isinstance(head, ir.Slot):
            template = self.block.code.functions.get(head.var)
        elif isinstance(head, ir.Global) and type(head.cell.value) is Closure:
            function = head.cell.value
            if function.template.entry.code is self.block.code:
                template, test = function.template, f"h is {self.name(function)} and "
        return (template, test) if template and self.may_fuse(template, len(term.arguments)) else None

    def may_fuse(self, template: ir.Template, count: int) -> bool:
        """Whether the body of a function may be written here: it takes that many, and there is room."""
        if template.exact != count or template.entry in self.within:
            return False
        return len(self.within) <= self.fuse and len(self.lines) <= FUSED_LINES

    def fused(
        self, template: ir.Template, given: str, indent: int, term: ir.Term, depth: int, test: str = ""
    ) -> None:
        """The body of a function that a jump goes to, for as long as it runs as blocks do: saves a bounce."""
        entry = template.entry
        block = self.name(entry)
        self.line(f"if {test}{block}.run is {block}.frames:", indent, term, depth)
        slots = len(entry.inputs) + len(entry.captured)
        names = "".join(f"s{index}, " for index in range(slots))
        if slots == 1 and given == "a0, ":
            self.line("s0 = a0", indent + 1, term, depth)
        elif names:
            self.line(f"{names}= {given}", indent + 1, term, depth)
        shared = self.name(template)
        self.line(f"if {shared}.count is not None: {shared}.count[0] += 1", indent + 1, term, depth)
        self.within.append(entry)
        self.terms(entry.body, slots, indent + 1)
        self.within.pop()

    def may_be_self(self, term: ir.Jump, count: int) -> bool:
        """Whether a jump may go to the function that this block is the entry of."""
        if not self.block.entry or count != len(self.block.inputs):
            return False
        head = term.head
        own = self.block.site.function
        if isinstance(head, ir.Global):
            return head.cell.name == own
        return isinstance(head, ir.Slot) and head.var.name == own

    def local(self, slot: ir.Slot) -> str:
        return f"s{slot.index}"

    # -- expressions -------------------------------------------------------------------------------

    def value(self, expr: ir.Expr, depth: int) -> str:
        """Python for the value of an expression."""
        return self.pure(expr) if is_pure(expr) else self.slow(expr, depth)

    def slow(self, expr: ir.Expr, depth: int) -> str:
        """Python that has tier 0 compute an expression."""
        slots = ", ".join(f"s{index}" for index in range(depth))
        return f"{self.name(expr)}.value([{slots}])"

    def test(self, expr: ir.Expr, depth: int) -> str:
        """Python for a condition."""
        if not is_pure(expr):
            kept = self.temporary()
            return f"({kept} := {self.value(expr, depth)}) is not None and {kept} is not False"
        return self.truth(expr)


def compile_block(block: ir.Block, call: Any) -> ir.Runner | None:
    """The compiled function of a block; None when it is left to tier 0. `call` makes any call."""
    for fuse in (FUSE, 0):
        emitter = Emitter(block, fuse)
        emitter.globals["CALL"] = call
        try:
            return emitter.function()
        except (Unfit, SyntaxError, RecursionError, MemoryError):
            continue
    return None
