"""What a set of files defines: names, how many arguments functions take, macros, libraries.

Owns the **spaces**: the programs of all files share one, and each library has its own, into which it imports.
Nothing of a program runs, but for its definitions of macros and types, which the linter needs to see the
code behind a macro call; they run with a limit on their steps. Files loaded by a literal path, and libraries
on the library path, are read too. Next: `check.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sxpy import prelude
from sxpy.data import UNBOUND, Environment, Library, Symbol, is_list
from sxpy.errors import EvalError, SxError
from sxpy.interpreter import Interpreter
from sxpy.library.paths import find_file, library_file, library_path
from sxpy.machine.limits import Limits
from sxpy.reader import read_file, read_source
from sxpy.reader.forms import Source, Spot, item_spot
from sxpy.syntax.analyser import head_name, head_of
from sxpy.syntax.bodies import is_do_loop
from sxpy.syntax.params import REST

EXPANDER_STEPS = 200_000
"""Steps that the definition of a macro, and each of its expansions, may take."""

Arity = tuple[int, int | None]
"""The least number of arguments that fill every parameter, and the greatest; None is no bound."""


@dataclass(slots=True)
class Space:
    """Where names mean something: the environment of macros and types, and all that is defined there."""

    env: Environment
    defined: dict[str, Arity | None] = field(default_factory=dict)
    """Each name with what it takes, when it is a function that is defined once."""
    exports: dict[str, str] = field(default_factory=dict)
    """What a library exports, with the names that it has inside."""
    unclear: bool = False
    """Whether it imports a library that nobody knows, so that any name may be defined."""


@dataclass(frozen=True, slots=True)
class Part:
    """A form of a file, and the space it stands in."""

    form: Any
    spot: Spot
    space: Space


class Program:
    """The forms of a set of files, and everything they define."""

    def __init__(self) -> None:
        self.interpreter = Interpreter(limits=Limits(steps=EXPANDER_STEPS))
        self.common = Space(self.interpreter.env)
        self.libraries: dict[str, tuple[Space, Spot]] = {}
        """Each library's space, and where it is defined."""
        self.parts: dict[Path, list[Part]] = {}
        self.said: list[tuple[str, Spot]] = []
        """What is wrong with imports and exports, and where."""
        self._imports: list[tuple[Any, Part]] = []

    def add(self, path: Path) -> None:
        """Read a file, and the files it loads. Raises ReadError, SxIOError."""
        if path in self.parts:
            return
        self.parts[path] = []
        source: Source = read_file(path)
        forms, starts = read_source(source)
        pairs = zip(forms, starts, strict=True)
        self._take([Part(form, Spot(source, start), self.common) for form, start in pairs], path)

    def settle(self) -> None:
        """Every file is there: give each space what it imports."""
        while self._imports:
            set_, part = self._imports.pop(0)
            try:
                self._import(set_, part)
            except EvalError as error:
                self.said.append((error.message, part.spot))
        for name, (space, spot) in self.libraries.items():
            for inner in space.exports.values():
                if not (space.unclear or inner in space.defined or space.env.find(inner) is not None):
                    self.said.append((f"({name}) exports {inner}, which it does not define", spot))

    # -- forms -------------------------------------------------------------------------------------

    def _take(self, parts: list[Part], path: Path) -> None:
        pending = parts[::-1]
        while pending:
            part = pending.pop()
            head = head_name(part.form)
            if head in ("begin", "do") and not is_do_loop(part.form, head):
                pending.extend(_inside(part, 1, part.space)[::-1])
            elif head == "define-library" and len(part.form) > 1:
                pending.extend(self._library(part)[::-1])
                self.parts[path].append(part)
            else:
                self.parts[path].append(part)
                self._note(part, head)

    def _library(self, part: Part) -> list[Part]:
        """The forms of a library's body, in its own space."""
        from sxpy.machine.libraries import exports_of, library_name  # noqa: PLC0415  the machine is not small

        try:
            name = library_name(list(part.form)[1])
        except EvalError:
            return []  # its own form is reported
        space = Space(Environment(f"library ({name})", builtin=prelude.builtin))
        self.libraries[name] = (space, part.spot)
        found = []
        for declaration in _inside(part, 2, space):
            head = head_name(declaration.form)
            if head == "export":
                try:
                    space.exports.update(exports_of(list(declaration.form)[1:]))
                except EvalError as error:
                    self.said.append((error.message, declaration.spot))
            elif head == "import":
                self._note(declaration, head)
            elif head == "begin":
                found += _inside(declaration, 1, space)
            else:
                space.unclear = True  # include and cond-expand may define anything
        return found

    def _note(self, part: Part, head: str | None) -> None:
        form, space = part.form, part.space
        if head in ("define", "def", "defcomp") and len(form) > 1:
            _define(space, list(form))
        elif head == "define-values" and len(form) > 1:
            for name in _names(list(form)[1]):
                space.defined[name] = None
        elif head in ("defmacro", "define-syntax"):
            self._run(form, space.env)
        elif head in ("define-type", "define-record-type"):
            before = set(space.env.cells)
            self._run(form, space.env)
            for name in set(space.env.cells) - before:
                space.defined.setdefault(name, None)
        elif head == "import":
            self._imports += [(set_, part) for set_ in list(form)[1:]]
        elif head == "load" and len(form) == 2 and isinstance(list(form)[1], str):
            try:
                self.add(Path(find_file(list(form)[1], library_path())))
            except SxError:
                return  # the program's own affair: it may only run where the file is

    def _run(self, form: Any, env: Environment) -> None:
        from sxpy.machine.program import program_state  # noqa: PLC0415

        try:
            self.interpreter._finish(program_state(((form, None),), env))
        except SxError:
            return  # the definition itself is looked at, and reported, with all other forms

    # -- imports -----------------------------------------------------------------------------------

    def _import(self, set_: Any, part: Part) -> None:
        from sxpy.machine.libraries import imported, innermost, library_name, standard  # noqa: PLC0415

        name = library_name(innermost(set_))
        library = standard(name)
        if library is None and name not in self.libraries:
            self._look_for(name, Path(part.spot.source.file))
        space, _ = self.libraries.get(name, (None, None))
        if library is None and space is None:
            part.space.unclear = True
            return
        if library is None:
            assert space is not None
            everything = dict.fromkeys([*space.defined, *space.env.cells])
            library = Library(name, space.env, space.exports or {each: each for each in everything})
        for outer, inner in imported(set_, library).items():
            cell = library.env.find(inner)
            if cell is not None and cell.value is not UNBOUND:
                part.space.env.share(outer, cell)
            if space is not None:
                part.space.defined[outer] = space.defined.get(inner)

    def _look_for(self, name: str, path: Path) -> None:
        """Read the file that should define a library, if one is beside `path` or on the library path."""
        try:
            found = library_file(name.split(" "), library_path([path.parent]))
            if found is not None:
                self.add(Path(found))
        except SxError:
            return  # the library stays unknown


def _inside(part: Part, start: int, space: Space) -> list[Part]:
    """The items of a form from `start` on."""
    items = list(part.form)
    found = []
    for index in range(start, len(items)):
        spot = item_spot(part.form, index, part.spot)
        found.append(Part(items[index], spot or part.spot, space))
    return found


def _define(space: Space, items: list[Any]) -> None:
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
        again = name.name in space.defined
        space.defined[name.name] = None if again or params is None else arity_of(params)


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
