"""The core language: what every special form and macro is reduced to, as a tree of nodes.

Owns the node kinds and their one derived fact, `simple`: a simple node is computed without the
continuation — no call of unknown code, no suspension — so it needs no frame and no label. Whether a call is
simple depends on a global still holding the primitive it held; `Analysis.refresh` derives the fact anew
when such a global was redefined. Nodes are numbered in the order they are made, children first; the
numbers name continuation labels and are the same for every lowering of one tree.
Next: `sxpy/core/lower.py`, which turns a tree into blocks.
"""

from __future__ import annotations

from typing import Any

from sxpy.data import Cell, Primitive
from sxpy.errors import Sight
from sxpy.reader.forms import Spot

MAX_NEST = 12
"""Simple expressions nest no deeper than this: executors evaluate them recursively."""


class Var:
    """A lexical variable. `assigned`: some `set!` changes it, or a closure takes it before its value."""

    __slots__ = ("assigned", "name", "named", "number")

    def __init__(self, name: str, number: int) -> None:
        self.name = name
        self.number = number
        self.assigned = False
        self.named = False
        """Whether the program names it; the others are made by special forms."""

    def __repr__(self) -> str:
        return f"Var({self.name}.{self.number})"


class Node:
    """One operation of the core. `depth` is the nesting of a simple node."""

    __slots__ = ("depth", "number", "place", "simple")

    def __init__(self, number: int, place: Spot | None) -> None:
        self.number = number
        self.place = place
        self.simple = False
        self.depth = 0

    def parts(self) -> tuple[Node, ...]:
        """The nodes that are evaluated as part of this one, in order."""
        return ()

    def inlined(self) -> bool:
        """Whether the operation itself, given simple parts, is simple."""
        return True

    def derive(self) -> None:
        """Set `simple` and `depth` from the parts and from what globals hold now."""
        depth = 0
        simple = self.inlined()
        for part in self.parts():
            simple = simple and part.simple
            depth = max(depth, part.depth)
        self.depth = depth + 1
        self.simple = simple and self.depth <= MAX_NEST


class Const(Node):
    """A constant value."""

    __slots__ = ("value",)

    def __init__(self, number: int, place: Spot | None, value: Any) -> None:
        super().__init__(number, place)
        self.value = value


class LocalRef(Node):
    """The value of a lexical variable."""

    __slots__ = ("var",)

    def __init__(self, number: int, place: Spot | None, var: Var) -> None:
        super().__init__(number, place)
        self.var = var


class GlobalRef(Node):
    """The value of a global variable; unbound is an error, which tells what was in `sight`."""

    __slots__ = ("cell", "sight")

    def __init__(self, number: int, place: Spot | None, cell: Cell, sight: Sight | None) -> None:
        super().__init__(number, place)
        self.cell = cell
        self.sight = sight


class SetLocal(Node):
    """`(set! var value)`, or the initialisation of a variable that closures took before."""

    __slots__ = ("value", "var")

    def __init__(self, number: int, place: Spot | None, var: Var, value: Node) -> None:
        super().__init__(number, place)
        self.var = var
        self.value = value

    def parts(self) -> tuple[Node, ...]:
        return (self.value,)


class SetGlobal(Node):
    """`(set! name value)` on a global; `define` makes it when it is unbound, else that is an error."""

    __slots__ = ("cell", "define", "sight", "value")

    def __init__(
        self,
        number: int,
        place: Spot | None,
        cell: Cell,
        value: Node,
        *,
        define: bool,
        sight: Sight | None = None,
    ) -> None:
        super().__init__(number, place)
        self.cell = cell
        self.value = value
        self.define = define
        self.sight = sight

    def parts(self) -> tuple[Node, ...]:
        return (self.value,)


class If(Node):
    """A conditional; false and nil choose `other`."""

    __slots__ = ("other", "test", "then")

    def __init__(self, number: int, place: Spot | None, test: Node, then: Node, other: Node) -> None:
        super().__init__(number, place)
        self.test = test
        self.then = then
        self.other = other

    def parts(self) -> tuple[Node, ...]:
        return (self.test, self.then, self.other)


class Decide(Node):
    """`(or left right)` or, with `either` false, `(and left right)`: the value that decides."""

    __slots__ = ("either", "left", "right")

    def __init__(self, number: int, place: Spot | None, left: Node, right: Node, *, either: bool) -> None:
        super().__init__(number, place)
        self.left = left
        self.right = right
        self.either = either

    def parts(self) -> tuple[Node, ...]:
        return (self.left, self.right)


class IfUnbound(Node):
    """`then` when the parameter `var` got no argument, else its value."""

    __slots__ = ("then", "var")

    def __init__(self, number: int, place: Spot | None, var: Var, then: Node) -> None:
        super().__init__(number, place)
        self.var = var
        self.then = then

    def parts(self) -> tuple[Node, ...]:
        return (self.then,)


class Seq(Node):
    """Several nodes in order; the value is the last one's. At least one."""

    __slots__ = ("items",)

    def __init__(self, number: int, place: Spot | None, items: tuple[Node, ...]) -> None:
        super().__init__(number, place)
        self.items = items

    def parts(self) -> tuple[Node, ...]:
        return self.items


class Let(Node):
    """`var` is the value of `init` in `body`. `init` None: no value yet (a box that says so)."""

    __slots__ = ("body", "init", "var")

    def __init__(self, number: int, place: Spot | None, var: Var, init: Node | None, body: Node) -> None:
        super().__init__(number, place)
        self.var = var
        self.init = init
        self.body = body

    def parts(self) -> tuple[Node, ...]:
        return (self.body,) if self.init is None else (self.init, self.body)

    def inlined(self) -> bool:
        return False


class Fix(Node):
    """Mutually recursive functions: each var is its lambda in all lambdas and in `body`."""

    __slots__ = ("body", "lambdas", "vars")

    def __init__(
        self,
        number: int,
        place: Spot | None,
        vars_: tuple[Var, ...],
        lambdas: tuple[Lambda, ...],
        body: Node,
    ) -> None:
        super().__init__(number, place)
        self.vars = vars_
        self.lambdas = lambdas
        self.body = body

    def parts(self) -> tuple[Node, ...]:
        return (self.body,)

    def inlined(self) -> bool:
        return False


class Lambda(Node):
    """A function: parameters in order, then the rest parameter, then keyword parameters."""

    __slots__ = ("body", "component", "keys", "name", "params", "rest", "types")

    def __init__(
        self,
        number: int,
        place: Spot | None,
        name: str,
        params: tuple[Var, ...],
        rest: Var | None,
        keys: tuple[tuple[str, Var], ...],
        body: Node,
        types: tuple[str | None, ...] = (),
    ) -> None:
        super().__init__(number, place)
        self.name = name
        self.params = params
        self.rest = rest
        self.keys = keys
        self.body = body
        self.types = types
        self.component = False
        """Whether `defcomp` made it: a component is a kind of its own to `type-of`."""

    def derive(self) -> None:
        # Making a closure is simple whatever its body does.
        self.simple = True
        self.depth = 1


class MakeDict(Node):
    """A dict literal with computed values."""

    __slots__ = ("keys", "values")

    def __init__(
        self, number: int, place: Spot | None, keys: tuple[str, ...], values: tuple[Node, ...]
    ) -> None:
        super().__init__(number, place)
        self.keys = keys
        self.values = values

    def parts(self) -> tuple[Node, ...]:
        return self.values


class Call(Node):
    """A call. It is simple when the head is a primitive that takes this number of arguments.

    `open`: the head has been something else, or may become so while the form runs. Such a call is never
    simple again: frames in flight may wait for it.
    """

    __slots__ = ("args", "head", "open")

    def __init__(self, number: int, place: Spot | None, head: Node, args: tuple[Node, ...]) -> None:
        super().__init__(number, place)
        self.head = head
        self.args = args
        self.open = False

    def parts(self) -> tuple[Node, ...]:
        return self.args

    def primitive(self) -> Primitive | None:
        """The primitive that is called, when the head is known to be one and takes these arguments."""
        if self.open:
            return None
        head = self.head
        value = head.cell.value if type(head) is GlobalRef else head.value if type(head) is Const else None
        if type(value) is not Primitive:
            return None
        count = len(self.args)
        if count < value.minimum or (value.maximum is not None and count > value.maximum):
            return None
        return value

    def inlined(self) -> bool:
        self.open = self.primitive() is None
        return not self.open


class Analysis:
    """Numbers and collects the nodes and variables of one top-level form.

    `stepwise`, for a debugger: no sequence and no conditional is simple, so each of their parts is a step.
    """

    def __init__(self, *, stepwise: bool = False) -> None:
        self.stepwise = stepwise
        self.nodes: list[Node] = []
        self.assigned: set[Cell] = set()
        """The globals to which the form itself gives values."""
        self.private = False
        """Whether the tree depends on more than the form and the kinds of the globals that it calls."""
        self.patterns: set[str] = set()
        """Names that would mean something else in a pattern if they were constructors."""
        self._next = 0

    def number(self) -> int:
        """The next number, for a node or a variable."""
        self._next += 1
        return self._next

    def var(self, name: str) -> Var:
        """A new variable."""
        return Var(name, self.number())

    def add(self, kind: type[Any], place: Spot | None, *args: Any, **options: Any) -> Any:
        """Make a node of `kind`, give it its number, derive its facts and keep it."""
        node = kind(self.number(), place, *args, **options)
        self.keep(node)
        return node

    def keep(self, node: Node) -> None:
        """Take in a node, whose parts are in already, and derive its facts."""
        self.derive(node)
        self.nodes.append(node)
        if type(node) is SetGlobal:
            self.assigned.add(node.cell)

    def settle(self) -> None:
        """The form is complete: calls of globals that it assigns itself take no primitive for granted."""
        found = False
        for node in self.nodes:
            if type(node) is Call and not node.open:
                node.open = type(node.head) is GlobalRef and node.head.cell in self.assigned
                found = found or node.open
        if found:
            self.refresh()

    def refresh(self) -> None:
        """Derive every node's facts anew: a global that was taken for a primitive has changed."""
        for node in self.nodes:
            self.derive(node)

    def derive(self, node: Node) -> None:
        """Derive a node's facts from those of its parts."""
        node.derive()
        if self.stepwise and type(node) in (Seq, If):
            node.simple = False
