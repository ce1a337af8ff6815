"""Procedures: everything that can stand at the head of a call, as data.

`Primitive` is a Python function that never calls SX; `Closure` is SX code with the values it captured;
`Control` is an operation of the machine itself (`map`, `call/cc`, `perform` …); the rest are the
machine's own values. None of them knows how it is run: `sxpy/machine` does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakSet

from sxpy.data.values import UNBOUND


class Primitive:
    """A Python function offered to SX.

    `minimum` and `maximum` bound the number of arguments (`maximum` None: any number). `function` takes
    SX values and returns one; it raises `sxpy.errors.EvalError` and never calls back into SX.
    `template` and `direct` are for direct code, which finds both on whatever it calls.
    """

    __slots__ = ("__weakref__", "_doc", "direct", "function", "maximum", "minimum", "name", "template")

    def __init__(
        self, name: str, function: Callable[..., Any], minimum: int, maximum: int | None, doc: str = ""
    ) -> None:
        self.name = name
        self.function = function
        self.minimum = minimum
        self.maximum = maximum
        self._doc = doc
        self.template = self
        self.direct: Callable[..., Any] = call_primitive

    @property
    def doc(self) -> str:
        """The documentation, without the indentation it has in the source; "" for none."""
        return _unindented(self._doc)

    def __repr__(self) -> str:
        return f"<Primitive {self.name}>"


def _unindented(doc: str) -> str:
    from inspect import cleandoc  # noqa: PLC0415  who runs a program needs no documentation

    return cleandoc(doc)


def call_primitive(d: Any, primitive: Primitive, *arguments: Any) -> Any:
    """The direct function of every primitive. Raises TypeError for a wrong number of arguments."""
    given = len(arguments)
    if not accepts(primitive, given):
        raise TypeError(primitive.name)
    return primitive.function(*arguments)


def accepts(procedure: Primitive | Control, given: int) -> bool:
    """Whether a procedure takes this number of arguments."""
    return given >= procedure.minimum and (procedure.maximum is None or given <= procedure.maximum)


class Closure:
    """SX code (`template`, a lambda of the core) with the captured values `free`, in its order."""

    __slots__ = ("__weakref__", "free", "template")

    template: Any
    free: tuple[Any, ...]

    @property
    def name(self) -> str:
        """The name it was defined under, or "lambda"."""
        return str(self.template.name)

    def __repr__(self) -> str:
        return f"<Closure {self.name}>"


def closure_of(template: Any, free: tuple[Any, ...]) -> Closure:
    """The closure. A function makes it in half the time that a method `__init__` takes."""
    made = Closure()
    made.template = template
    made.free = free
    return made


class Control:
    """A procedure of the machine: it may change the continuation. `enter` is called by the machine only.

    `enter(machine, args, kont)` returns the next transition (see `sxpy/machine/step.py`). `direct` does the
    same from direct code (`sxpy/core/direct.py`), found by way of `template` as with everything it calls;
    None: it cannot.
    """

    __slots__ = ("__weakref__", "_doc", "direct", "enter", "maximum", "minimum", "name", "template")

    def __init__(
        self, name: str, enter: Callable[..., Any], minimum: int, maximum: int | None, doc: str = ""
    ) -> None:
        self.name = name
        self.enter = enter
        self.minimum = minimum
        self.maximum = maximum
        self._doc = doc
        self.template = self
        self.direct: Callable[..., Any] | None = None

    @property
    def doc(self) -> str:
        """The documentation, without the indentation it has in the source; "" for none."""
        return _unindented(self._doc)

    def __repr__(self) -> str:
        return f"<Control {self.name}>"


class Macro:
    """A syntax transformer. `expander` is a procedure of the form's arguments, or a syntax-rules object."""

    __slots__ = ("expander", "name")

    def __init__(self, name: str, expander: Any) -> None:
        self.name = name
        self.expander = expander


class Continuation:
    """A captured continuation: the frames, and the dynamic frame among them that was innermost.

    `delimited` continuations are composable: their frames end at the prompt, and calling one returns.
    """

    __slots__ = ("delimited", "dynamic", "kont")

    kont: Any
    dynamic: Any
    delimited: bool


def continuation_of(kont: Any, dynamic: Any, *, delimited: bool = False) -> Continuation:
    """The continuation. A function makes it in half the time that a method `__init__` takes."""
    made = Continuation()
    made.kont = kont
    made.dynamic = dynamic
    made.delimited = delimited
    return made


class Reraise:
    """What a `guard` without a matching clause calls: raise `payload` again where it was raised first.

    `start` is the dynamic frame in which the search for a handler goes on.
    """

    __slots__ = ("continuable", "dynamic", "kont", "payload", "start")

    def __init__(self, payload: Any, kont: Any, dynamic: Any, start: Any, *, continuable: bool) -> None:
        self.payload = payload
        self.kont = kont
        self.dynamic = dynamic
        self.start = start
        self.continuable = continuable


class Parameter:
    """What `make-parameter` makes. `value` is the global value, already converted."""

    __slots__ = ("converter", "value")

    def __init__(self, value: Any, converter: Any = None) -> None:
        self.value = value
        self.converter = converter


class Cell:
    """The global variable `name` of one environment; `value` is UNBOUND until it is defined."""

    __slots__ = ("changes", "name", "value", "watchers")

    def __init__(self, name: str, value: Any) -> None:
        self.name = name
        self.value = value
        self.watchers: WeakSet[Any] | None = None
        """Who took for granted that `value` stays what it is: `relower` of each is called when it changes."""
        self.changes = 0
        """How often somebody had to be told."""


class Environment:
    """A first-class environment: global cells by name, a parent to look in next, and built-in names.

    `builtin` gives the value a name has from the start, or UNBOUND; cells are made when first asked for.
    """

    __slots__ = ("__weakref__", "builtin", "cells", "imported", "name", "parent", "pending")

    def __init__(
        self,
        name: str,
        parent: Environment | None = None,
        builtin: Callable[[str], Any] | None = None,
    ) -> None:
        self.name = name
        self.parent = parent
        self.builtin = builtin
        self.cells: dict[str, Cell] = {}
        self.imported: set[str] = set()
        """Names whose cells belong to libraries: a definition here makes a new one."""
        self.pending: list[Callable[[], None]] = []
        """Called before a name comes to mean another cell: those who have still to look names up."""

    def find(self, name: str) -> Cell | None:
        """The cell of `name` here or in an ancestor, if there is one or the name is built in."""
        here: Environment | None = self
        while here is not None:
            cell = here.cells.get(name)
            if cell is None and here.builtin is not None:
                value = here.builtin(name)
                if value is not UNBOUND:
                    cell = here.cells[name] = Cell(name, value)
            if cell is not None:
                return cell
            here = here.parent
        return None

    def cell(self, name: str) -> Cell:
        """The cell that a reference to `name` means; a new unbound one here when there is none."""
        cell = self.find(name)
        if cell is None:
            cell = self.cells[name] = Cell(name, UNBOUND)
        return cell

    def own(self, name: str) -> Cell:
        """The cell of `name` in this very environment: what `define` gives a value."""
        cell = self.cells.get(name)
        if name in self.imported:
            self._settle()
            self.imported.discard(name)
            cell = self.cells[name] = Cell(name, UNBOUND)
        if cell is None:
            found = self.find(name) if self.parent is None else None
            cell = self.cells[name] = found if found is not None else Cell(name, UNBOUND)
        return cell

    def names(self) -> set[str]:
        """The names that have a value here or in an ancestor; of those built in, the ones in use."""
        found: set[str] = set()
        here: Environment | None = self
        while here is not None:
            found.update(name for name, cell in here.cells.items() if cell.value is not UNBOUND)
            here = here.parent
        return found

    def share(self, name: str, cell: Cell) -> None:
        """Import: `name` means the cell of a library from now on."""
        self._settle()
        self.cells[name] = cell
        self.imported.add(name)

    def _settle(self) -> None:
        pending, self.pending = self.pending, []
        for look_up in pending:
            look_up()
