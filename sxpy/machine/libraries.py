"""Libraries: `define-library` and `import` as operations of the machine.

A library has an environment of its own in which the language's own names are visible; importing shares
the cells of what it exports. A library that is not known is looked for on the library path, `(a b c)` as
`a/b/c.sld` or `a/b/c/library.sld`, and when there is no such file, the machine suspends with
`{:op "import" :args (name)}`: the answer is the text of a program that defines it, or true when it is
defined by now.
"""

from __future__ import annotations

from typing import Any

from sxpy import prelude
from sxpy.core.controls import CONTROLS
from sxpy.data import Dict, Environment, Library, Symbol, is_list, list_of
from sxpy.errors import SxSyntaxError, SxValueError
from sxpy.machine.performing import perform
from sxpy.machine.procedures import control
from sxpy.machine.program import PROGRAM
from sxpy.machine.state import APPLY, CONTINUE, Kont, Transition, native
from sxpy.primitives import REGISTRY
from sxpy.printer import inspect
from sxpy.reader.forms import spot_of
from sxpy.syntax import SPECIAL
from sxpy.syntax.analyser import Context, head_name
from sxpy.syntax.libraries import chosen_forms

STANDARD = ("scheme", "srfi", "sx")
"""Libraries whose names begin so are the language itself."""

MODIFIERS = ("only", "except", "prefix", "rename")


def standard(name: str) -> Library | None:
    """The library of everything the language offers, under a name that means it; None for other names."""
    if name.split(" ", maxsplit=1)[0] not in STANDARD:
        return None
    env = Environment(name, builtin=prelude.builtin)
    names = [*REGISTRY, *CONTROLS, *prelude.names()]
    return Library(name, env, {each: each for each in names if not each.startswith("%")})


def library_name(form: Any) -> str:
    """The name of a library as text: `(a b 1)` is `a b 1`."""
    if not is_list(form) or len(form) == 0:
        raise SxSyntaxError(f"a library name must be a list such as (my library), got {inspect(form)}")
    for part in form:
        if not isinstance(part, (Symbol, str)) and type(part) is not int:
            raise SxSyntaxError(f"a library name holds names and numbers, got {inspect(part)}")
    return " ".join(part.name if isinstance(part, Symbol) else str(part) for part in form)


def innermost(form: Any) -> Any:
    """The library name inside of an import set."""
    while head_name(form) in MODIFIERS and len(form) >= 2 and is_list(list(form)[1]):
        form = list(form)[1]
    return form


def imported(form: Any, library: Library) -> dict[str, str]:
    """The names that an import set binds, with the names they have inside the library."""
    chain = []
    while head_name(form) in MODIFIERS and len(form) >= 2 and is_list(list(form)[1]):
        chain.append(list(form))
        form = list(form)[1]
    names = dict(library.exports or {name: name for name in library.env.cells})
    for kind, _, *rest in reversed(chain):
        names = _modified(kind.name, rest, names, library.name)
    return names


def _modified(kind: str, rest: list[Any], names: dict[str, str], library: str) -> dict[str, str]:
    if kind == "prefix":
        if len(rest) != 1 or not isinstance(rest[0], Symbol):
            raise SxSyntaxError("prefix needs an import set and a name")
        return {rest[0].name + name: inner for name, inner in names.items()}
    if kind == "rename":
        pairs = {}
        for pair in rest:
            if not is_list(pair) or len(pair) != 2 or not all(isinstance(part, Symbol) for part in pair):
                raise SxSyntaxError(f"rename needs pairs (from to), got {inspect(pair)}")
            old, new = pair
            _known(old.name, names, library)
            pairs[old.name] = new.name
        return {pairs.get(name, name): inner for name, inner in names.items()}
    if not all(isinstance(part, Symbol) for part in rest):
        raise SxSyntaxError(f"{kind} needs an import set and names")
    chosen = [part.name for part in rest]
    for name in chosen:
        _known(name, names, library)
    if kind == "only":
        return {name: names[name] for name in chosen if name in names}
    return {name: inner for name, inner in names.items() if name not in chosen}


def _known(name: str, names: dict[str, str], library: str) -> None:
    if name not in names and name not in SPECIAL:
        raise SxValueError(f"import: ({library}) does not export {name}", name)


# -- import ----------------------------------------------------------------------------------------


@native("import")
def IMPORTING(machine: Any, value: Any, frame: Any) -> Transition:
    """(IMPORTING, environment, sets left, the library that was looked for or nil, kont)."""
    _, env, sets, sought, kont = frame
    if sought is not None and sought not in machine.context.libraries:
        if isinstance(value, str):
            forms = machine.context.read_text(value, f"library ({sought})")
            return CONTINUE, None, None, (PROGRAM, machine.context.env, forms, 0, frame)
        raise SxValueError(f"import: there is no library ({sought})", sought)
    return _import(machine, env, sets, kont)


def _import(machine: Any, env: Environment, sets: tuple[Any, ...], kont: Kont) -> Transition:
    libraries = machine.context.libraries
    while sets:
        form = innermost(sets[0])
        name = library_name(form)
        offered = None if name in libraries else standard(name)
        if offered is not None:
            libraries[name] = offered
        if name not in libraries:
            waiting = (IMPORTING, env, sets, name, kont)
            forms = machine.context.read_library(name.split(" "))
            if forms is not None:
                return CONTINUE, None, None, (PROGRAM, machine.context.env, forms, 0, waiting)
            return APPLY, perform, [Dict({"op": "import", "args": list_of(form)})], waiting
        _bind(env, imported(sets[0], libraries[name]), libraries[name])
        sets = sets[1:]
    return CONTINUE, None, None, kont


def _bind(env: Environment, names: dict[str, str], library: Library) -> None:
    for name, inner in names.items():
        cell = library.env.find(inner)
        if cell is None:
            raise SxValueError(f"import: ({library.name}) exports {inner}, which it does not define", inner)
        env.share(name, cell)


@control("%import", minimum=2, maximum=2)
def import_(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(%import environment sets) — what `import` becomes."""
    return _import(machine, args[0], tuple(args[1]), kont)


# -- define-library --------------------------------------------------------------------------------


@native("define-library")
def DEFINING(machine: Any, value: Any, frame: Any) -> Transition:
    """(DEFINING, name, environment, exports so far, declarations left, kont)."""
    _, name, env, exports, declarations, kont = frame
    while declarations:
        declaration, declarations = declarations[0], declarations[1:]
        kind, parts = head_name(declaration), list(declaration)[1:]
        if kind == "export":
            exports = {**exports, **exports_of(parts)}
        elif kind == "cond-expand":
            at = Context(declaration, None, spot_of(declaration))
            declarations = (*chosen_forms(parts, at), *declarations)
        elif kind == "import":
            return _import(machine, env, tuple(parts), (DEFINING, name, env, exports, declarations, kont))
        elif kind == "include-library-declarations":
            included = [form for path in parts for form, _ in machine.context.read_program(path)]
            declarations = (*included, *declarations)
        else:
            forms = tuple([(form, spot_of(form)) for form in parts])
            if kind == "include":
                forms = tuple([pair for path in parts for pair in machine.context.read_program(path)])
            below = (DEFINING, name, env, exports, declarations, kont)
            return CONTINUE, None, None, (PROGRAM, env, forms, 0, below)
    missing = [inner for inner in exports.values() if env.find(inner) is None and inner not in SPECIAL]
    if missing:
        raise SxValueError(
            f"define-library: ({name}) exports {missing[0]}, which it does not define", missing[0]
        )
    machine.context.libraries[name] = Library(name, env, exports)
    return CONTINUE, None, None, kont


def exports_of(parts: list[Any]) -> dict[str, str]:
    """What an export declaration exports, with the names that it has inside. Raises SxSyntaxError."""
    made = {}
    for part in parts:
        if isinstance(part, Symbol):
            made[part.name] = part.name
        elif head_name(part) == "rename" and len(part) == 3 and all(isinstance(x, Symbol) for x in part):
            _, inner, outer = part
            made[outer.name] = inner.name
        else:
            raise SxSyntaxError(f"export needs names or (rename inner outer), got {inspect(part)}")
    return made


@control("%define-library", minimum=2, maximum=2)
def define_library(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(%define-library name declarations) — what `define-library` becomes."""
    name = library_name(args[0])
    env = Environment(f"library ({name})", builtin=prelude.builtin)
    return CONTINUE, None, None, (DEFINING, name, env, {}, tuple(args[1]), kont)
