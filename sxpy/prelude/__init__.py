"""The prelude: library functions written in SX, compiled when a program first names one.

`prelude.sx` holds one definition a function, its documentation in the comment above it. They are compiled
in an environment of their own, so a program that redefines `map` does not change what `update` does, and
all interpreters share the compiled code.
"""

from __future__ import annotations

import os
from _thread import RLock
from typing import Any

from sxpy.cache import default_cache
from sxpy.core.controls import CONTROLS
from sxpy.core.ir import Code, Return
from sxpy.data import UNBOUND, Cell, Environment
from sxpy.errors import InternalError
from sxpy.primitives import REGISTRY

_DEFINITION = "\n(define ("
"""How each definition begins; nothing else does."""


class _NoMacros:
    """The prelude uses no macros of its own."""

    def apply(self, procedure: Any, args: list[Any]) -> Any:
        raise InternalError("the prelude calls a macro")

    def evaluate(self, form: Any) -> Any:
        raise InternalError("the prelude defines a macro")


class _Prelude:
    """The texts of the definitions, and the environment in which they are compiled."""

    def __init__(self) -> None:
        self.environment = Environment("prelude", builtin=builtin)
        with open(os.path.join(os.path.dirname(__file__), "prelude.sx"), encoding="utf-8") as file:
            head, *parts = file.read().split(_DEFINITION)
        self.texts = {part.split(None, 1)[0].rstrip(")"): _DEFINITION[1:] + part for part in parts}
        self.above = dict(zip(self.texts, [head, *parts], strict=False))
        """The text before each definition, which ends with a comment about it."""

    def compile(self, name: str) -> Any:
        """The function called `name`. It is bound before its body is analysed: it may call itself."""
        cell = self.environment.cells.get(name)
        if cell is None:
            self.environment.cells[name] = Cell(name, UNBOUND)
            cache = default_cache()
            if cache is None:
                definition = self.analyse(name).entry.body
            else:
                definition = cache.term(self.texts[name], self.environment, lambda: self.analyse(name))
            assert isinstance(definition, Return)  # a function's definition is one simple expression
            definition.expr.value([])
            cell = self.environment.cells[name]
        return cell.value

    def analyse(self, name: str) -> Code:
        """The code of a definition."""
        from sxpy.reader import read_data  # noqa: PLC0415  see `sxpy/lazy.py`
        from sxpy.syntax import compile_form  # noqa: PLC0415

        return compile_form(read_data(self.texts[name])[0], self.environment, _NoMacros())


def _comment_at_end(text: str) -> str:
    lines: list[str] = []
    for line in reversed(text.rstrip("\n").split("\n")):
        if not line.startswith(";"):
            break
        lines.insert(0, line.lstrip("; "))
    return "\n".join(lines)


_loaded: list[_Prelude] = []

_lock = RLock()
"""All threads share the prelude, and a function is compiled by one of them."""


def _prelude() -> _Prelude:
    if not _loaded:
        _loaded.append(_Prelude())
    return _loaded[0]


def names() -> list[str]:
    """Every function of the prelude."""
    return list(_prelude().texts)


def documentation(name: str) -> str:
    """What is written above the definition of a function of the prelude."""
    return _comment_at_end(_prelude().above.get(name, ""))


def defines(value: Any) -> bool:
    """Whether a closure is a function of the prelude itself."""
    cell = _loaded[0].environment.cells.get(value.name) if _loaded else None
    return cell is not None and cell.value is value


def builtin(name: str) -> Any:
    """The value that a name has from the start: a primitive, a control procedure, a prelude function."""
    found: Any = REGISTRY.get(name) or CONTROLS.get(name)
    if found is not None:
        return found
    with _lock:
        prelude = _prelude()
        return prelude.compile(name) if name in prelude.texts else UNBOUND
