"""Lowering: a tree of core nodes becomes blocks of terms.

Owns the two decisions of A-normal form: which parts need a frame (those that are not `simple`), and which
variables each frame and closure carries. A variable that a block uses but does not bind is **captured** by
it, on first use; for a continuation label these are the live values of its frame, for a function the free
values of its closure — one mechanism. Captured variables are ordered by their number, so a block keeps its
layout when the same tree is lowered anew after a redefinition.

An `if` whose branches call pushes the frame of the code after it and lowers its branches in tail position:
joins cost a frame, never a copy of code. A call evaluates its parts before it pushes its frame, so a call
that was simple and is no more leaves the frames of its parts as they were.

Lowering walks with generators on an explicit stack (`sxpy/walk.py`), and functions wait in a list for
their turn: nesting of the source costs no Python stack.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakSet

from sxpy.core import ir, nodes
from sxpy.core.sites import Site
from sxpy.data import UNBOUND, Cell
from sxpy.errors import TOP_LEVEL
from sxpy.walk import Walk, walk


def lower(
    code: ir.Code, tree: nodes.Node, analysis: nodes.Analysis, function: str, *, keep: bool = False
) -> ir.Code:
    """Lower `tree` into `code`. `function` names the code in backtraces.

    `keep`: for a debugger, frames and closures keep every variable in sight, and `code.scopes` tells which
    those are at each term. What is kept lives longer than the program needs it.
    """

    def redo() -> None:
        analysis.refresh()
        _Lowering(code, keep=keep).whole(tree, function)
        for user in list(code.users or ()):
            user.drop()

    analysis.settle()
    code.relower = redo
    code.tree, code.nodes, code.function = tree, analysis.nodes, function
    _Lowering(code, keep=keep).whole(tree, function)
    return code


class _Builder:
    """A block under construction: where its variables are, and what must be patched in the end."""

    def __init__(self, block: ir.Block) -> None:
        self.block = block
        self.depths: dict[nodes.Var, int] = {}
        self.captured: set[nodes.Var] = set()
        self.slots: list[ir.Slot] = []
        self.pushes: list[tuple[ir.Push, _Builder]] = []
        self.closures: list[tuple[ir.NewClosure, _Builder]] = []

    def slot(self, var: nodes.Var) -> ir.Slot:
        if var not in self.depths and var not in self.block.inputs:
            self.captured.add(var)
        slot = ir.Slot(var)
        self.slots.append(slot)
        return slot

    def finish(self) -> None:
        """Fix the layout; every block that this one pushes or makes a closure of is finished already."""
        for push, target in self.pushes:
            push.live = tuple([self.slot(var) for var in target.block.captured])
        for closure, target in self.closures:
            closure.captures = tuple([self.slot(var) for var in target.block.captured])
        block = self.block
        block.captured = tuple(sorted(self.captured, key=lambda var: var.number))
        fixed = {var: index for index, var in enumerate((*block.inputs, *block.captured))}
        for slot in self.slots:
            depth = self.depths.get(slot.var)
            slot.index = fixed[slot.var] if depth is None else len(fixed) + depth


class _Lowering:
    """Lowers one tree. The path is where the next term goes: a builder, its depth, and a field to fill."""

    def __init__(self, code: ir.Code, *, keep: bool) -> None:
        self.code = code
        self.scope: tuple[nodes.Var, ...] | None = () if keep else None
        """The variables that the program can name here, the innermost last, when they are to be kept."""
        self.function = ""
        self.within: tuple[str, ...] = ()
        """The functions around it, innermost first."""
        self.around: ir.Block | None = None
        """The entry of the function that is lowered; None between functions."""
        self.join: ir.Block | None = None
        """The block after the `if` or the like that the path is in, if the function goes on there."""
        self.local: dict[nodes.Var, str] = {}
        """The variables that are functions for good, with the functions' names."""
        self.builders: list[_Builder] = []
        self.functions: list[tuple[nodes.Lambda, _Builder, tuple[nodes.Var, ...] | None]] = []
        """Functions whose closures are made somewhere, with their scopes; their bodies are to be lowered."""
        self.builder: _Builder
        self.depth = 0
        self.holder: Any = None
        self.field = ""

    # -- the frame of the work ---------------------------------------------------------------------

    def whole(self, tree: nodes.Node, function: str) -> None:
        self.function = function
        self.enter(self.start(0, Site(function, None, code=self.code), (), entry=True))
        walk(self.tail(tree))
        while self.functions:
            self.lambda_body(*self.functions.pop())
        for builder in reversed(self.builders):  # a block pushes and makes only what was begun after it
            builder.finish()

    def start(self, number: int, site: Site, inputs: tuple[nodes.Var, ...], *, entry: bool) -> _Builder:
        """Begin a block; the path stays where it is."""
        block = self.code.blocks.get(number)
        if block is None:
            block = self.code.blocks[number] = ir.Block(self.code, number, site, inputs, entry=entry)
        block.site, block.inputs, block.entry = site, inputs, entry
        block.cool()
        builder = _Builder(block)
        self.builders.append(builder)
        for var in self.scope or ():
            builder.slot(var)
        return builder

    def enter(self, builder: _Builder) -> None:
        """The path goes to the start of a block."""
        self.builder, self.depth, self.holder, self.field = builder, 0, builder.block, "body"

    def emit(self, term: ir.Term, node: nodes.Node) -> None:
        """The path goes over `term`, a step of `node`."""
        term.before, term.site = self.holder, self.site(node)
        if self.scope is not None:
            self.code.scopes[term] = self.scope
        setattr(self.holder, self.field, term)
        self.holder, self.field = term, "next"

    def site(self, node: nodes.Node) -> Site:
        callee: Cell | str | None = None
        if type(node) is nodes.Call:
            head = node.head
            if type(head) is nodes.GlobalRef:
                callee = head.cell
            elif type(head) is nodes.LocalRef:
                callee = self.local.get(head.var)
        return Site(self.function, node.place, callee, self.within, self.join, self.code, node.number)

    def place_var(self, var: nodes.Var) -> None:
        self.builder.depths[var] = self.depth
        self.depth += 1

    def bind(self, var: nodes.Var, expr: ir.Expr, node: nodes.Node) -> None:
        """Emit a slot for `var`, whose value `node` gives; a variable that is assigned lives in a box."""
        self.emit(ir.Bind(ir.NewBox(expr) if var.assigned else expr, var), node)
        self.place_var(var)

    def see(self, *variables: nodes.Var) -> None:
        """From here on the program can name these variables."""
        if self.scope is not None:
            self.scope = (*self.scope, *[var for var in variables if var.named])

    def watch(self, cell: Cell) -> None:
        if cell.watchers is None:
            cell.watchers = WeakSet()
        cell.watchers.add(self.code)

    # -- simple nodes: bounded nesting, so plain recursion -------------------------------------------

    def expr(self, node: nodes.Node) -> ir.Expr:
        """The expression for a simple node."""
        match node:
            case nodes.Const():
                return ir.Constant(node.value)
            case nodes.LocalRef():
                return self.variable(node)
            case nodes.GlobalRef():
                return ir.Global(node.cell, self.site(node), node.sight)
            case nodes.Lambda():
                return self.closure(node)
            case nodes.Call():
                return self.primitive(node, [self.expr(part) for part in node.args])
            case nodes.If():
                return ir.Choice(self.expr(node.test), self.expr(node.then), self.expr(node.other))
            case nodes.Decide():
                kind = ir.Either if node.either else ir.Both
                return kind(self.expr(node.left), self.expr(node.right))
            case nodes.IfUnbound():
                return ir.Default(self.builder.slot(node.var), self.expr(node.then))
            case nodes.Seq():
                return ir.InOrder([self.expr(part) for part in node.items])
            case nodes.MakeDict():
                return ir.NewDict(node.keys, [self.expr(part) for part in node.values])
            case nodes.SetLocal():
                return ir.SetBox(self.builder.slot(node.var), self.expr(node.value))
            case nodes.SetGlobal():
                return self.assignment(node, self.expr(node.value))
        raise AssertionError(f"{type(node).__name__} is never simple")

    def variable(self, node: nodes.LocalRef) -> ir.Expr:
        slot = self.builder.slot(node.var)
        return ir.Unboxed(slot, self.site(node)) if node.var.assigned else slot

    def assignment(self, node: nodes.SetGlobal, content: ir.Expr) -> ir.Expr:
        return ir.SetCell(node.cell, content, self.site(node), node.sight, define=node.define)

    def primitive(self, node: nodes.Call, arguments: list[ir.Expr]) -> ir.Expr:
        primitive = node.primitive()
        assert primitive is not None
        if type(node.head) is nodes.GlobalRef:
            self.watch(node.head.cell)
        return ir.primitive_call(primitive.function, arguments, self.site(node))

    def closure(self, node: nodes.Lambda) -> ir.NewClosure:
        """The expression for a closure. Its function waits for its turn; what it captures is known then."""
        inputs = [*node.params, *([node.rest] if node.rest else []), *(var for _, var in node.keys)]
        given = tuple([_raw(var) if var.assigned else var for var in inputs])
        within = () if self.function == TOP_LEVEL else (self.function, *self.within)
        site = Site(node.name, node.place, within=within, code=self.code, number=node.number)
        entry = self.start(node.number, site, given, entry=True)
        self.functions.append((node, entry, self.scope))
        params = tuple([var.name for var in node.params])
        rest = node.rest.name if node.rest else None
        keys = tuple([name for name, _ in node.keys])
        template = self.code.templates.get(node.number)
        if template is None:
            template = self.code.templates[node.number] = ir.Template(
                node.name, params, rest, keys, entry.block, node.types, component=node.component
            )
        entry.block.around = self.around
        made = ir.NewClosure(template)
        self.builder.closures.append((made, entry))
        return made

    def lambda_body(self, node: nodes.Lambda, entry: _Builder, scope: tuple[nodes.Var, ...] | None) -> None:
        """Lower a function's body; parameters that are assigned get their boxes first."""
        self.function, self.within, self.scope = node.name, entry.block.site.within, scope
        self.around = entry.block
        self.enter(entry)
        inputs = [*node.params, *([node.rest] if node.rest else []), *(var for _, var in node.keys)]
        self.see(*inputs)
        for var, given in zip(inputs, entry.block.inputs, strict=True):
            if var.assigned:
                self.bind(var, self.builder.slot(given), node)
        walk(self.tail(node.body))

    # -- every node, for its value at the path -------------------------------------------------------

    def value(self, node: nodes.Node) -> Walk:
        """The expression for a node's value; whatever must run before is emitted, the path moves on."""
        if node.simple:
            return self.expr(node)
        match node:
            case nodes.Let() | nodes.Fix():
                outer = self.scope
                yield self.binding(node)
                made = yield self.value(node.body)
                self.scope = outer
                return made
            case nodes.Seq():
                yield self.effects(node.items[:-1])
                return (yield self.value(node.items[-1]))
            case nodes.SetLocal():
                content = yield self.value(node.value)
                return ir.SetBox(self.builder.slot(node.var), content)
            case nodes.SetGlobal():
                return self.assignment(node, (yield self.value(node.value)))
            case nodes.MakeDict():
                return ir.NewDict(node.keys, (yield self.operands(node.values)))
            case nodes.Call() if node.primitive() is not None:
                return self.primitive(node, (yield self.operands(node.args)))
            case nodes.Call():
                jump = yield self.jump(node)
                after = self.push(node)
                self.emit(jump, node)
            case _:
                after = self.push(node)
                join, self.join = self.join, after.block
                yield self.tail(node)
                self.join = join
        self.enter(after)
        return self.builder.slot(after.block.inputs[0])

    def push(self, node: nodes.Node) -> _Builder:
        """Push the frame of the code after `node`: the builder of its block, whose input is the value."""
        after = self.start(node.number, self.site(node), (nodes.Var("it", node.number),), entry=False)
        push = ir.Push(after.block)
        self.builder.pushes.append((push, after))
        self.emit(push, node)
        return after

    def operands(self, parts: tuple[nodes.Node, ...]) -> Walk:
        """The expressions for several parts, evaluated from left to right.

        A part that stands before one that is not simple is kept in a slot of its own, unless it is a
        constant or a variable that cannot change meanwhile.
        """
        last = max((index for index, part in enumerate(parts) if not part.simple), default=-1)
        kept: list[ir.Expr | nodes.Var] = []
        for index, part in enumerate(parts):
            if index > last:
                kept.append(self.expr(part))
            elif type(part) is nodes.Const:
                kept.append(ir.Constant(part.value))
            elif type(part) is nodes.LocalRef and not part.var.assigned:
                kept.append(part.var)
            else:
                kept.append((yield self.named(part)))
        return [self.builder.slot(item) if isinstance(item, nodes.Var) else item for item in kept]

    def named(self, part: nodes.Node) -> Walk:
        """Evaluate a part now, and return the variable that holds its value."""
        expr = yield self.value(part)
        if type(expr) is ir.Slot and not expr.var.assigned:
            return expr.var
        var = nodes.Var("it", part.number)
        self.bind(var, expr, part)
        return var

    def effects(self, parts: tuple[nodes.Node, ...]) -> Walk:
        for part in parts:
            expr = yield self.value(part)
            if type(expr) not in (ir.Constant, ir.Slot):
                self.emit(ir.Do(expr), part)

    def binding(self, node: nodes.Let | nodes.Fix) -> Walk:
        """Emit what gives the variables of a `Let` or `Fix` their values; the body comes next."""
        if type(node) is nodes.Fix:
            self.fix(node)
        else:
            assert type(node) is nodes.Let
            yield self.let(node)
            self.see(node.var)

    def let(self, node: nodes.Let) -> Walk:
        init: ir.Expr = ir.Constant(UNBOUND)
        if node.init is not None:
            init = yield self.value(node.init)
        self.bind(node.var, init, node if node.init is None else node.init)

    def fix(self, node: nodes.Fix) -> None:
        term = ir.Fix(node.vars)
        self.emit(term, node)
        for var, function in zip(node.vars, node.lambdas, strict=True):
            self.place_var(var)
            if not var.assigned:
                self.local[var] = function.name
        self.see(*node.vars)
        term.closures = tuple([self.closure(function) for function in node.lambdas])
        for var, made in zip(node.vars, term.closures, strict=True):
            if not var.assigned:
                self.code.functions[var] = made.template

    # -- every node, in tail position ----------------------------------------------------------------

    def tail(self, node: nodes.Node) -> Walk:
        """Emit the terms that give a node's value to the continuation; the path ends."""
        if node.simple:
            self.emit(ir.Return(self.expr(node)), node)
            return
        match node:
            case nodes.Let() | nodes.Fix():
                outer = self.scope
                yield self.binding(node)
                yield self.tail(node.body)
                self.scope = outer
            case nodes.Seq():
                yield self.effects(node.items[:-1])
                yield self.tail(node.items[-1])
            case nodes.If():
                test = yield self.value(node.test)
                yield self.branch(ir.Branch(test), node)
            case nodes.IfUnbound():
                yield self.default(node)
            case nodes.Decide():
                yield self.decide(node)
            case nodes.Call() if node.primitive() is None:
                self.emit((yield self.jump(node)), node)
            case _:
                self.emit(ir.Return((yield self.value(node))), node)

    def branch(self, term: ir.Branch, node: nodes.If) -> Walk:
        self.emit(term, node.test)
        here = (self.builder, self.depth)
        self.holder, self.field = term, "then"
        yield self.tail(node.then)
        self.builder, self.depth = here
        self.holder, self.field = term, "other"
        yield self.tail(node.other)

    def default(self, node: nodes.IfUnbound) -> Walk:
        term = ir.Branch(ir.IsUnbound(self.builder.slot(node.var)))
        self.emit(term, node)
        self.holder, self.field = term, "other"
        self.emit(ir.Return(self.builder.slot(node.var)), node)
        self.holder, self.field = term, "then"
        yield self.tail(node.then)

    def decide(self, node: nodes.Decide) -> Walk:
        left: nodes.Var = yield self.named(node.left)
        term = ir.Branch(self.builder.slot(left))
        self.emit(term, node.left)
        here = (self.builder, self.depth)
        self.holder, self.field = term, "then" if node.either else "other"
        self.emit(ir.Return(self.builder.slot(left)), node)
        self.builder, self.depth = here
        self.holder, self.field = term, "other" if node.either else "then"
        yield self.tail(node.right)

    def jump(self, node: nodes.Call) -> Walk:
        """Evaluate the parts of a call; the term that makes it, which is still to be emitted."""
        head = node.head
        if type(head) in (nodes.GlobalRef, nodes.Const):
            # Looked up when the call is made, after its arguments.
            arguments = yield self.operands(node.args)
            return ir.Jump(self.expr(head), arguments)
        if (
            not node.args
            or type(head) is nodes.Lambda
            or (type(head) is nodes.LocalRef and not head.var.assigned)
        ):
            first, *arguments = yield self.operands((head, *node.args))
            return ir.Jump(first, arguments)
        # A jump evaluates its arguments first, but this head may be told from its value after them.
        var: nodes.Var = yield self.named(head)
        arguments = yield self.operands(node.args)
        return ir.Jump(self.builder.slot(var), arguments)


def _raw(var: nodes.Var) -> nodes.Var:
    """The variable that holds an argument until its box is made."""
    return nodes.Var(var.name, -var.number)
