"""The intermediate form: blocks of A-normal code over an environment of slots.

Owns the data that both executors run. A **block** is the entry of a function or the code after a
non-tail call (a continuation label). Its environment is a list of slots: first its inputs (the parameters,
or the value that was returned), then the captured values (the closure's free values, or the live values of
the frame), then one slot for each `Bind` on the way. A **term** is one action; terms form a tree that ends
in `Return` or `Jump`. An **expression** is computed by `value(env)` without touching the continuation.

A frame is the tuple `(block, live value …, next frame)`; the empty continuation is None.
Next: `sxpy/machine/step.py`, which runs this.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakSet

from sxpy.core.direct import Direct, not_made
from sxpy.core.nodes import Node, Var
from sxpy.core.sites import Site, noted, unbound
from sxpy.data import UNBOUND, Box, Cell, Dict, Environment, closure_of
from sxpy.errors import InternalError, Sight, UnboundError
from sxpy.reader.forms import Spot

Env = list[Any]


# -- expressions -----------------------------------------------------------------------------------


class Expr:
    """A simple expression."""

    __slots__ = ()

    def value(self, env: Env) -> Any:
        """Compute the value; raises EvalError with its site noted."""
        raise NotImplementedError


class Constant(Expr):
    """A constant."""

    __slots__ = ("constant",)

    def __init__(self, constant: Any) -> None:
        self.constant = constant

    def value(self, env: Env) -> Any:
        return self.constant


class Slot(Expr):
    """The content of one slot. `index` is set when the block is finished."""

    __slots__ = ("index", "var")

    def __init__(self, var: Var) -> None:
        self.var = var
        self.index = -1

    def value(self, env: Env) -> Any:
        return env[self.index]


class Unboxed(Expr):
    """The content of the box in a slot."""

    __slots__ = ("site", "slot")

    def __init__(self, slot: Slot, site: Site) -> None:
        self.slot = slot
        self.site = site

    def value(self, env: Env) -> Any:
        value = env[self.slot.index].value
        if value is UNBOUND:
            raise noted(
                UnboundError(f"{self.slot.var.name} is used before it is defined", self.slot.var.name),
                self.site,
            )
        return value


class Global(Expr):
    """The value of a global variable."""

    __slots__ = ("cell", "sight", "site")

    def __init__(self, cell: Cell, site: Site, sight: Sight | None) -> None:
        self.cell = cell
        self.site = site
        self.sight = sight

    def value(self, env: Env) -> Any:
        value = self.cell.value
        if value is UNBOUND:
            message = f"Undefined symbol: {self.cell.name}"
            raise unbound(message, self.cell, self.site, self.sight)
        return value


class Primitive1(Expr):
    """A call of a primitive with one argument."""

    __slots__ = ("argument", "function", "site")

    def __init__(self, function: Callable[..., Any], argument: Expr, site: Site) -> None:
        self.function = function
        self.argument = argument
        self.site = site

    def value(self, env: Env) -> Any:
        argument = self.argument.value(env)
        try:
            return self.function(argument)
        except Exception as error:
            raise noted(error, self.site) from error.__cause__


class Primitive2(Expr):
    """A call of a primitive with two arguments."""

    __slots__ = ("function", "left", "right", "site")

    def __init__(self, function: Callable[..., Any], left: Expr, right: Expr, site: Site) -> None:
        self.function = function
        self.left = left
        self.right = right
        self.site = site

    def value(self, env: Env) -> Any:
        left = self.left.value(env)
        right = self.right.value(env)
        try:
            return self.function(left, right)
        except Exception as error:
            raise noted(error, self.site) from error.__cause__


class PrimitiveN(Expr):
    """A call of a primitive with any number of arguments."""

    __slots__ = ("arguments", "function", "site")

    def __init__(self, function: Callable[..., Any], arguments: Sequence[Expr], site: Site) -> None:
        self.function = function
        self.arguments = tuple(arguments)
        self.site = site

    def value(self, env: Env) -> Any:
        arguments = [argument.value(env) for argument in self.arguments]
        try:
            return self.function(*arguments)
        except Exception as error:
            raise noted(error, self.site) from error.__cause__


def primitive_call(function: Callable[..., Any], arguments: Sequence[Expr], site: Site) -> Expr:
    """The expression for a call of a primitive."""
    if len(arguments) == 1:
        return Primitive1(function, arguments[0], site)
    if len(arguments) == 2:
        return Primitive2(function, arguments[0], arguments[1], site)
    return PrimitiveN(function, arguments, site)


class Choice(Expr):
    """A conditional whose parts are all simple."""

    __slots__ = ("other", "test", "then")

    def __init__(self, test: Expr, then: Expr, other: Expr) -> None:
        self.test = test
        self.then = then
        self.other = other

    def value(self, env: Env) -> Any:
        test = self.test.value(env)
        return (self.then if test is not None and test is not False else self.other).value(env)


class Either(Expr):
    """`or` of two simple expressions."""

    __slots__ = ("left", "right")

    def __init__(self, left: Expr, right: Expr) -> None:
        self.left = left
        self.right = right

    def value(self, env: Env) -> Any:
        left = self.left.value(env)
        return left if left is not None and left is not False else self.right.value(env)


class Both(Expr):
    """`and` of two simple expressions."""

    __slots__ = ("left", "right")

    def __init__(self, left: Expr, right: Expr) -> None:
        self.left = left
        self.right = right

    def value(self, env: Env) -> Any:
        left = self.left.value(env)
        return left if left is None or left is False else self.right.value(env)


class Default(Expr):
    """The slot's value, or `then` when the slot holds no argument."""

    __slots__ = ("slot", "then")

    def __init__(self, slot: Slot, then: Expr) -> None:
        self.slot = slot
        self.then = then

    def value(self, env: Env) -> Any:
        value = env[self.slot.index]
        return self.then.value(env) if value is UNBOUND else value


class IsUnbound(Expr):
    """Whether the slot holds no argument."""

    __slots__ = ("slot",)

    def __init__(self, slot: Slot) -> None:
        self.slot = slot

    def value(self, env: Env) -> Any:
        return env[self.slot.index] is UNBOUND


class InOrder(Expr):
    """Several expressions in order; the value is the last one's."""

    __slots__ = ("items", "last")

    def __init__(self, items: Sequence[Expr]) -> None:
        self.items = tuple(items[:-1])
        self.last = items[-1]

    def value(self, env: Env) -> Any:
        for item in self.items:
            item.value(env)
        return self.last.value(env)


class NewDict(Expr):
    """A new dict."""

    __slots__ = ("keys", "values")

    def __init__(self, keys: tuple[str, ...], values: Sequence[Expr]) -> None:
        self.keys = keys
        self.values = tuple(values)

    def value(self, env: Env) -> Any:
        return Dict({key: value.value(env) for key, value in zip(self.keys, self.values, strict=True)})


class NewBox(Expr):
    """A new box around a value."""

    __slots__ = ("content",)

    def __init__(self, content: Expr) -> None:
        self.content = content

    def value(self, env: Env) -> Any:
        return Box(self.content.value(env))


class SetBox(Expr):
    """Put a value into the box in a slot; the value is the result."""

    __slots__ = ("content", "slot")

    def __init__(self, slot: Slot, content: Expr) -> None:
        self.slot = slot
        self.content = content

    def value(self, env: Env) -> Any:
        value = env[self.slot.index].value = self.content.value(env)
        return value


class SetCell(Expr):
    """Give a global a value; the value is the result (nil for a definition)."""

    __slots__ = ("cell", "content", "define", "sight", "site")

    def __init__(self, cell: Cell, content: Expr, site: Site, sight: Sight | None, *, define: bool) -> None:
        self.cell = cell
        self.content = content
        self.site = site
        self.sight = sight
        self.define = define

    def value(self, env: Env) -> Any:
        value = self.content.value(env)
        cell = self.cell
        if cell.value is UNBOUND and not self.define:
            message = f"set!: {cell.name} is not defined; define it first"
            raise unbound(message, cell, self.site, self.sight)
        store(cell, value)
        return value


def store(cell: Cell, value: Any) -> None:
    """Give `cell` a value, and tell the code that took its old value for granted."""
    changed = value is not cell.value
    cell.value = value
    if changed and cell.watchers:
        cell.changes += 1
        watchers, cell.watchers = cell.watchers, None
        for code in list(watchers):
            code.relower()


class NewClosure(Expr):
    """A new closure over the captured slots, which are set when the block is finished."""

    __slots__ = ("captures", "template")

    def __init__(self, template: Template) -> None:
        self.template = template
        self.captures: tuple[Slot, ...] = ()

    def value(self, env: Env) -> Any:
        return closure_of(self.template, tuple([env[slot.index] for slot in self.captures]))


# -- terms -----------------------------------------------------------------------------------------

BIND, DO, BRANCH, RETURN, JUMP, PUSH, FIX = range(7)


class Term:
    """One action. `op` is the kind as a small integer; `next` the term after it, where there is one.

    `site` is the form that it is a step of; `before` the term before it, or the block that it begins: the
    way back to what the slots hold.
    """

    __slots__ = ("before", "next", "site")
    op = -1

    def __init__(self) -> None:
        self.next: Term = self
        self.before: Term | Block
        self.site: Site


class Bind(Term):
    """Compute an expression into the next free slot."""

    __slots__ = ("expr", "var")
    op = BIND

    def __init__(self, expr: Expr, var: Var) -> None:
        super().__init__()
        self.expr = expr
        self.var = var


class Do(Term):
    """Compute an expression for its effect."""

    __slots__ = ("expr",)
    op = DO

    def __init__(self, expr: Expr) -> None:
        super().__init__()
        self.expr = expr


class Branch(Term):
    """Go on with `then` or with `other`."""

    __slots__ = ("other", "test", "then")
    op = BRANCH

    def __init__(self, test: Expr) -> None:
        super().__init__()
        self.test = test
        self.then: Term = self
        self.other: Term = self


class Return(Term):
    """Give a value to the continuation."""

    __slots__ = ("expr",)
    op = RETURN

    def __init__(self, expr: Expr) -> None:
        super().__init__()
        self.expr = expr


class Jump(Term):
    """Call a procedure in tail position: whatever must happen afterwards was pushed before."""

    __slots__ = ("arguments", "head")
    op = JUMP

    def __init__(self, head: Expr, arguments: Sequence[Expr]) -> None:
        super().__init__()
        self.head = head
        self.arguments = tuple(arguments)


class Push(Term):
    """Push the frame of `block` with its live values, then go on."""

    __slots__ = ("block", "live")
    op = PUSH

    def __init__(self, block: Block) -> None:
        super().__init__()
        self.block = block
        self.live: tuple[Slot, ...] = ()


class Fix(Term):
    """Make mutually recursive closures, one slot for each of `vars`."""

    __slots__ = ("closures", "vars")
    op = FIX

    def __init__(self, vars_: tuple[Var, ...]) -> None:
        super().__init__()
        self.vars = vars_
        self.closures: tuple[NewClosure, ...] = ()


# -- blocks ----------------------------------------------------------------------------------------


class Block:
    """The `entry` of a function, or a continuation label. `captured` names its captured values in order.

    `run` is a function that runs it, `frames`, once it is made, one that makes frames as it goes. `cool`
    forgets both. `template` is what closures share whose entry it is, `around` that of their maker.
    """

    __slots__ = (
        *("around", "body", "captured", "code", "entry", "frames", "heat"),
        *("inputs", "number", "run", "site", "template"),
    )

    def __init__(self, code: Code, number: int, site: Site, inputs: tuple[Var, ...], *, entry: bool) -> None:
        self.code = code
        self.entry = entry
        self.template: Template | None = None
        self.around: Block | None = None
        self.cool()
        self.number = number
        self.site = site
        self.inputs = inputs
        self.captured: tuple[Var, ...] = ()
        self.body: Term = _UNFINISHED

    def cool(self) -> None:
        """Forget what was made of the body: it is new."""
        self.heat = 0
        self.run: Runner = _cold(self)
        self.frames: Runner | None = None
        if self.template is not None:
            self.template.cool()

    @property
    def label(self) -> str:
        """The stable name of the label: the code's identity and the node's number."""
        return f"{self.code.name}#{self.number}"

    def __repr__(self) -> str:
        return f"<Block {self.label} of {self.site.function}>"


_UNFINISHED = Term()

Runner = Callable[[Any, Any, Any], tuple[Any, Any, Any]]
"""Runs a block on a machine: from machine, input and continuation to what comes next."""


def _cold(block: Block) -> Runner:
    def run(machine: Any, given: Any, kont: Any) -> tuple[Any, Any, Any]:
        following: tuple[Any, Any, Any] = machine.run_cold(block, given, kont)
        return following

    return run


class Template:
    """What closures of one lambda share: name, parameters and entry block.

    `direct` calls the function from other direct code (`sxpy/core/direct.py`); `links` are those who keep
    it, and are told when it becomes another one. `general`: it was called with arguments of several kinds.
    """

    __slots__ = (
        "arity", "component", "count", "direct", "entry", "exact", "general", "keys", "links", "name",
        "params", "rest", "types",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        params: tuple[str, ...],
        rest: str | None,
        keys: tuple[str, ...],
        entry: Block,
        types: tuple[str | None, ...] = (),
        *,
        component: bool = False,
    ) -> None:
        self.name = name
        self.component = component
        self.params = params
        self.arity = len(params)
        self.rest = rest
        self.keys = keys
        self.entry = entry
        self.types = types
        self.exact = self.arity if rest is None and not keys and not any(types) else -1
        """The number of arguments for which binding is nothing but copying; -1: there is none."""
        self.count: list[int] | None = None
        """Where compiled code counts the calls, as the one item; None: it does not."""
        self.links: WeakSet[Any] | None = None
        self.cool()
        entry.template = self

    def cool(self) -> None:
        """Forget the direct function: the body is new."""
        self.general = False
        self.become(not_made(self))

    def become(self, direct: Direct) -> None:
        """`direct` is the direct function from now on."""
        self.direct = direct
        for link in list(self.links or ()):
            link.bind()

    def link(self, link: Any) -> None:
        """Tell `link` from now on."""
        if self.links is None:
            self.links = WeakSet()
        self.links.add(link)


class Code:
    """The lowered code of one top-level form: its blocks by number; block 0 is where it starts.

    `relower` lowers it anew, in place, when a global that was taken for a primitive has changed: frames and
    closures that hold a block find the new body in it. It was lowered from `tree`, the form's node, `nodes`,
    all its nodes, its name in backtraces `function`, in an environment `env`, at a `spot` of a text.
    """

    __slots__ = (
        *("__weakref__", "blocks", "env", "function", "functions", "kept", "name", "nodes", "patterns"),
        *("private", "relower", "scopes", "spot", "templates", "tree", "users"),
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.blocks: dict[int, Block] = {}
        self.templates: dict[int, Template] = {}
        """The functions by the number of their lambda."""
        self.tree: Node
        self.nodes: list[Node] = []
        self.function = name
        self.env: Environment
        self.functions: dict[Var, Template] = {}
        """The variables that are functions of the code for good."""
        self.private = False
        self.patterns: set[str] = set()
        """See `Analysis.private` and `Analysis.patterns`."""
        self.spot: Spot | None = None
        self.kept: object = None
        """What somebody keeps of the code for later."""
        self.relower: Callable[[], None] = _not_lowered
        self.users: WeakSet[Any] | None = None  # `drop` of each is called when it is lowered anew
        self.scopes: dict[Term, tuple[Var, ...]] = {}
        """The variables that can be named at each term, the innermost last; filled in for a debugger."""

    @property
    def entry(self) -> Block:
        """The block that evaluates the form."""
        return self.blocks[0]


def _not_lowered() -> None:
    raise InternalError("code that was never lowered cannot be lowered again")
