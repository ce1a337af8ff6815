"""What a set of files defines: names, how many arguments functions take, macros.

Nothing of a program runs, but for its macro definitions, whose expanders the linter needs to see the code
behind a macro call; they run with a limit on their steps. Files loaded by a literal path are read too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sxpy.data import Symbol, is_list
from sxpy.errors import SxError
from sxpy.interpreter import Interpreter
from sxpy.library.paths import find_file, library_path
from sxpy.machine.limits import Limits
from sxpy.reader import read_file, read_source
from sxpy.reader.forms import Source, Spot
from sxpy.syntax.analyser import head_name, head_of
from sxpy.syntax.bodies import is_do_loop
from sxpy.syntax.params import REST

EXPANDER_STEPS = 200_000
"""Steps that the definition of a macro, and each of its expansions, may take."""

Arity = tuple[int, int | None]
"""The least number of arguments that fill every parameter, and the greatest; None is no bound."""


class Program:
    """The forms of a set of files, and everything they define at top level."""

    def __init__(self) -> None:
        self.interpreter = Interpreter(limits=Limits(steps=EXPANDER_STEPS))
        self.forms: dict[Path, list[tuple[Any, Spot]]] = {}
        self.defined: dict[str, Arity | None] = {}
        """Each name with what it takes, when it is a function that is defined once."""

    def add(self, path: Path) -> None:
        """Read a file, and the files it loads. Raises ReadError, SxIOError."""
        if path in self.forms:
            return
        self.forms[path] = []
        source: Source = read_file(path)
        forms, starts = read_source(source)
        pending = [(form, Spot(source, start)) for form, start in zip(forms, starts, strict=True)][::-1]
        while pending:
            form, spot = pending.pop()
            head = head_name(form)
            if head in ("begin", "do") and not is_do_loop(form, head):
                pending.extend((item, spot) for item in reversed(list(form)[1:]))
                continue
            self.forms[path].append((form, spot))
            self._note(form, head)

    def _note(self, form: Any, head: str | None) -> None:
        if head in ("define", "def", "defcomp") and len(form) > 1:
            self._define(list(form))
        elif head in ("define-values",) and len(form) > 1:
            for name in _names(list(form)[1]):
                self.defined[name] = None
        elif head in ("defmacro", "define-syntax"):
            self._run(form)
        elif head in ("define-type", "define-record-type"):
            before = set(self.interpreter.env.cells)
            self._run(form)
            for name in set(self.interpreter.env.cells) - before:
                self.defined.setdefault(name, None)
        elif head == "load" and len(form) == 2 and isinstance(list(form)[1], str):
            try:
                self.add(Path(find_file(list(form)[1], library_path())))
            except SxError:
                return  # the program's own affair: it may only run where the file is

    def _define(self, items: list[Any]) -> None:
        target = items[1]
        params: Any = None
        if is_list(target) and len(target) > 0:
            name, params = head_of(target), list(target)[1:]
        else:
            name = target
            value = items[-1]
            if head_name(value) in ("fn", "lambda") and len(value) > 1:
                listed = list(value)[1]
                params = list(listed) if is_list(listed) else None
        if isinstance(name, Symbol):
            again = name.name in self.defined
            self.defined[name.name] = None if again or params is None else arity_of(params)

    def _run(self, form: Any) -> None:
        from sxpy.machine.program import program_state  # noqa: PLC0415

        try:
            self.interpreter._finish(program_state(((form, None),), self.interpreter.env))
        except SxError:
            return  # the definition itself is looked at, and reported, with all other forms


def arity_of(params: list[Any]) -> Arity | None:
    """What a parameter list takes; None when keywords make that hard to say."""
    count = 0
    for param in params:
        if isinstance(param, Symbol) and param.name in REST:
            return count, None
        if isinstance(param, Symbol) and param.name == "&key":
            return None
        count += 1
    return count, count


def _names(formals: Any) -> list[str]:
    items = list(formals) if is_list(formals) else [formals]
    return [item.name for item in items if isinstance(item, Symbol) and item.name not in REST]
