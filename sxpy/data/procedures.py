"""Procedures: everything that can stand at the head of a call, as data.

`Primitive` is a Python function that never calls SX; `Closure` is SX code with the values it captured;
`Control` is an operation of the machine itself (`map`, `call/cc`, `perform` …); the rest are the
machine's own values. None of them knows how it is run: `sxpy/machine` does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Primitive:
    """A Python function offered to SX.

    `minimum` and `maximum` bound the number of arguments (`maximum` None: any number). `function` takes
    SX values and returns one; it raises `sxpy.errors.EvalError` and never calls back into SX.
    """

    __slots__ = ("__weakref__", "doc", "function", "maximum", "minimum", "name")

    def __init__(
        self, name: str, function: Callable[..., Any], minimum: int, maximum: int | None, doc: str = ""
    ) -> None:
        self.name = name
        self.function = function
        self.minimum = minimum
        self.maximum = maximum
        self.doc = doc

    def __repr__(self) -> str:
        return f"<Primitive {self.name}>"


class Closure:
    """SX code (`template`, a lambda of the core) with the captured values `free`, in its order."""

    __slots__ = ("__weakref__", "free", "template")

    def __init__(self, template: Any, free: tuple[Any, ...]) -> None:
        self.template = template
        self.free = free

    @property
    def name(self) -> str:
        """The name it was defined under, or "lambda"."""
        return str(self.template.name)

    def __repr__(self) -> str:
        return f"<Closure {self.name}>"


class Control:
    """A procedure of the machine: it may change the continuation. `enter` is called by the machine only.

    `enter(machine, args, kont)` returns the next transition (see `sxpy/machine/step.py`).
    """

    __slots__ = ("__weakref__", "doc", "enter", "maximum", "minimum", "name")

    def __init__(
        self, name: str, enter: Callable[..., Any], minimum: int, maximum: int | None, doc: str = ""
    ) -> None:
        self.name = name
        self.enter = enter
        self.minimum = minimum
        self.maximum = maximum
        self.doc = doc

    def __repr__(self) -> str:
        return f"<Control {self.name}>"


class Macro:
    """A syntax transformer. `expander` is a procedure of the form's arguments, or a syntax-rules object."""

    __slots__ = ("expander", "name")

    def __init__(self, name: str, expander: Any) -> None:
        self.name = name
        self.expander = expander


class Continuation:
    """A captured continuation: the frames, and the dynamic state that goes with them.

    `delimited` continuations are composable: calling one returns to its caller.
    """

    __slots__ = ("delimited", "kont")

    def __init__(self, kont: Any, *, delimited: bool = False) -> None:
        self.kont = kont
        self.delimited = delimited


class Parameter:
    """What `make-parameter` makes. `value` is the global value, already converted."""

    __slots__ = ("converter", "value")

    def __init__(self, value: Any, converter: Any = None) -> None:
        self.value = value
        self.converter = converter


class Cell:
    """The global variable `name` of one environment; `value` is UNBOUND until it is defined."""

    __slots__ = ("name", "value", "watchers")

    def __init__(self, name: str, value: Any) -> None:
        self.name = name
        self.value = value
        self.watchers: set[Any] | None = None
        """Code that was compiled on the assumption that `value` stays the primitive it was."""


class Environment:
    """A first-class environment: global cells by name, and a parent to look in next."""

    __slots__ = ("__weakref__", "cells", "name", "parent", "syntax")

    def __init__(self, name: str, parent: Environment | None = None) -> None:
        self.name = name
        self.parent = parent
        self.cells: dict[str, Cell] = {}
        self.syntax: dict[str, Any] = {}
