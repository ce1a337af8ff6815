"""The world of a program as parts: environments, globals, code, macros, what the host defined.

Owns what is reachable by name. A global is kept when reachable code names it, and so is what it holds, in
turn. What has the value that the language gives the name from the start is not kept: it is there after a
thaw. When something reachable can look names up that no code tells — `eval`, `load`, a macro in a form still
to come — everything in the environments is kept. Forms still to come name the globals they mention.

Code is kept by name: an image says where a form's code stands — its environment, file and line — and which
objects it shares with the rest of the program; the code itself is a blob (`sxpy/image/codes.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sxpy import prelude
from sxpy.core import code_parts
from sxpy.core.ir import Code
from sxpy.core.nodes import Call
from sxpy.core.pool import Fields, Kind, is_value
from sxpy.core.portable import decode_code
from sxpy.data import (
    UNBOUND,
    Cell,
    Control,
    Dict,
    Environment,
    Library,
    List,
    Macro,
    Primitive,
    Symbol,
    Vector,
    is_list,
)
from sxpy.errors import ThawError
from sxpy.image.codes import Blob, blob_of, read_blob, source_text, sources_of
from sxpy.image.text import SOURCE_FORMAT, document
from sxpy.machine.state import State
from sxpy.printer.spelling import quoted
from sxpy.reader.forms import Source
from sxpy.syntax.rules import SyntaxRules
from sxpy.syntax.scope import Alias, InSight

DYNAMIC = frozenset(
    {"eval", "eval-in-env", "load", "%import", "%define-library", "make-cek-state", "make-environment"}
)
"""Procedures that may evaluate what no code tells."""

DYNAMIC_FORMS = frozenset({"import", "define-library", "include", "current-environment", "load", "eval"})
"""The heads of forms that may."""


class World:
    """What surrounds a state: global environment, operations of `defio`, libraries, strictness."""

    __slots__ = ("env", "libraries", "operations", "strict")

    def __init__(
        self, env: Environment, operations: dict[str, Any], libraries: dict[str, Library], *, strict: bool
    ) -> None:
        self.env = env
        self.operations = operations
        self.libraries = libraries
        self.strict = strict


class Program:
    """A state in its world: what an image is of."""

    __slots__ = ("state", "world")

    def __init__(self, world: World, state: State) -> None:
        self.world = world
        self.state = state


class ProgramKind(Kind):
    """`(program world state)`: always the first part."""

    name = "program"
    solid = False

    def fields(self, encoder: Any, value: Program) -> Iterable[Any]:
        return (value.world, value.state)

    def new(self, fields: Fields) -> Program:
        return Program.__new__(Program)

    def fill(self, made: Program, fields: Fields) -> None:
        made.world, made.state = fields.of(World), fields.of(State)

    def step(self, value: Program, item: Any) -> str:
        return ""


class WorldKind(Kind):
    """`(world environment strict? count operation description … library …)`."""

    name = "world"
    solid = False
    stage = 1

    def fields(self, encoder: Any, value: World) -> Iterable[Any]:
        found: list[Any] = [value.env, value.strict, len(value.operations)]
        for name in sorted(value.operations):
            found += (name, value.operations[name])
        return (*found, *encoder.libraries(value))

    def write(self, encoder: Any, number: int, value: World) -> None:
        """The libraries are known at the end."""
        encoder.late.append((self, number, value))
        encoder.worlds.append(value)
        for part in (value.env, *value.operations.values()):
            encoder.field(part, value)

    def new(self, fields: Fields) -> World:
        return World.__new__(World)

    def fill(self, made: World, fields: Fields) -> None:
        made.env, made.strict = fields.of(Environment), fields.flag()
        made.operations = dict(fields.many(lambda: (fields.text(), fields.any())))
        made.libraries = {each.name: each for each in fields.rest(lambda: fields.of(Library))}

    def step(self, value: World, item: Any) -> str:
        return ""


class EnvironmentKind(Kind):
    """`(environment name builtin? parent count imported … name cell …)`: what is reachable of it, by name."""

    name = "environment"
    solid = False

    def fields(self, encoder: Any, value: Environment) -> Iterable[Any]:
        cells = encoder.cells.get(id(value), {})
        imported = sorted(value.imported & cells.keys())  # of the language's own names there is no need
        found: list[Any] = [value.builtin is not None, value.name, value.parent, len(imported), *imported]
        for name in sorted(cells):
            found += (name, cells[name])
        return found

    def write(self, encoder: Any, number: int, value: Environment) -> None:
        """What it holds is known at the end."""
        encoder.late.append((self, number, value))
        encoder.enter_environment(value)

    def new(self, fields: Fields) -> Environment:
        return Environment("", builtin=prelude.builtin if fields.flag() else None)

    def fill(self, made: Environment, fields: Fields) -> None:
        fields.flag()
        made.name, made.parent = fields.text(), fields.maybe(Environment)
        imported = fields.many(fields.text)
        while fields.left:
            name = fields.text()
            if name in made.cells:
                raise fields.wrong("a name that stands once")
            made.cells[name] = fields.of(Cell)
        if not made.cells.keys() >= set(imported):
            raise fields.wrong("a cell for every imported name")
        made.imported = set(imported)

    def step(self, value: Environment, item: Any) -> str:
        return ""


class CellKind(Kind):
    """`(cell name value)`: a global."""

    name = "cell"
    solid = False

    def fields(self, encoder: Any, value: Cell) -> Iterable[Any]:
        return (value.name, value.value)

    def new(self, fields: Fields) -> Cell:
        return Cell("", UNBOUND)

    def fill(self, made: Cell, fields: Fields) -> None:
        made.name, made.value = fields.text(), fields.content()

    def step(self, value: Cell, item: Any) -> str:
        return f"global {value.name}"


class CodeKind(Kind):
    """`(code cid environment file line keep? count opened … part object …)`: a form's code, where it stands.

    `keep`: its frames keep all variables in sight, for a debugger.
    `opened` are the numbers of calls that were made when their heads were no primitives, and must stay so;
    `part object` the objects that stand for parts of the blob.
    """

    name = "code"
    solid = False
    stage = 1

    def write(self, encoder: Any, number: int, value: Code) -> None:
        """Whatever it names is reachable; which lists the program holds is known at the end."""
        blob = blob_of(value)
        encoder.need(blob)
        encoder.late.append((self, number, value))
        encoder.field(value.env, value)
        for index, name in blob.cells:
            encoder.reach(value.env, name, blob.objects[index], value)
        for index in blob.identities:
            encoder.field(blob.objects[index], value)

    def fields(self, encoder: Any, value: Code) -> Iterable[Any]:
        blob = blob_of(value)
        opened = [
            node.number for node in value.nodes if type(node) is Call and node.open and _looks_simple(node)
        ]
        found: list[Any] = [
            blob.cid,
            value.env,
            blob.file,
            blob.line,
            bool(value.scopes),
            len(opened),
            *opened,
        ]
        for index, name in blob.cells:
            if value.env.find(name) is not blob.objects[index]:
                found += (index, blob.objects[index])
        for index in blob.identities:
            found += (index, blob.objects[index])
        for index in blob.lists:
            if encoder.known(blob.objects[index]):
                found += (index, blob.objects[index])
        return found

    def new(self, fields: Fields) -> Code:
        return Code("")

    def fill(self, made: Code, fields: Fields) -> None:
        decoder = fields.decoder
        cid, env = fields.text(), fields.of(Environment)
        file, line, keep = fields.maybe(str), fields.count(), fields.flag()
        opened = fields.many(fields.count)
        read = read_blob(cid, decoder.lookup)
        given = {}
        while fields.left:
            index = fields.count()
            given[index] = fields.item()
        sources = sources_of(read, file, line, decoder.lookup)
        made.name = f"{file}:{line}"
        objects: list[Any] = []
        decode_code(
            read.parts,
            read.root,
            read.function,
            env,
            sources,
            name=made.name,
            given=given,
            sight=InSight(env, None),
            into=made,
            opened=opened,
            objects=objects,
            keep=keep,
        )
        others = {other: decoder.lookup(other) or "" for _, _, other in read.others}
        main = sources[0] if read.source is not None else None
        made.kept = Blob(cid, read.text, read.parts, tuple(objects), main, others)

    def step(self, value: Code, item: Any) -> str:
        return ""


def _looks_simple(node: Call) -> bool:
    """Whether a call that is open would be taken for one of a primitive."""
    node.open = False
    simple = node.primitive() is not None
    node.open = True
    return simple


class SourceKind(Kind):
    """`(source file line cid)`: a text that forms still to come stand in; the text is a blob."""

    name = "source"

    def fields(self, encoder: Any, value: Source) -> Iterable[Any]:
        text = document(SOURCE_FORMAT, text=quoted(value.text))
        return (value.file, value.first_line, encoder.need_text(text))

    def build(self, fields: Fields) -> Source:
        file, line, cid = fields.text(), fields.count(1), fields.text()
        return Source(source_text(cid, fields.decoder.lookup), file, line)


# -- macros --------------------------------------------------------------------------------------------


class MacroKind(Kind):
    """`(macro name expander)`."""

    name = "macro"
    solid = False

    def fields(self, encoder: Any, value: Macro) -> Iterable[Any]:
        if not isinstance(value.expander, SyntaxRules):
            encoder.open_world()
        return (value.name, value.expander)

    def new(self, fields: Fields) -> Macro:
        return Macro.__new__(Macro)

    def fill(self, made: Macro, fields: Fields) -> None:
        made.name, made.expander = fields.text(), fields.item()
        if type(made.expander) is not SyntaxRules and not is_value(made.expander):
            raise fields.wrong("a transformer")


class RulesKind(Kind):
    """`(rules environment dots count literal … pattern template …)`: what `syntax-rules` makes."""

    name = "rules"
    solid = False

    def fields(self, encoder: Any, value: SyntaxRules) -> Iterable[Any]:
        if value.scope is not None:
            raise encoder.refusal(value, "a macro that sees local variables")
        found: list[Any] = [value.env, value.dots, len(value.literals), *value.literals]
        for pattern, template in value.rules:
            encoder.mention(value.env, (template,))
            found += (pattern, template)
        return found

    def new(self, fields: Fields) -> SyntaxRules:
        return SyntaxRules.__new__(SyntaxRules)

    def fill(self, made: SyntaxRules, fields: Fields) -> None:
        made.env, made.dots, made.scope = fields.of(Environment), fields.instance(Symbol), None
        made.literals = list(fields.many(lambda: fields.instance(Symbol)))
        made.rules = []
        while fields.left:
            pattern, template = fields.any(), fields.any()
            if not is_list(pattern) or len(pattern) == 0:
                raise fields.wrong("behind a pattern that is a list")
            made.rules.append((pattern, template))


class AliasKind(Kind):
    """`(alias symbol environment)`: a symbol that a macro of the top level introduced."""

    name = "alias"

    def fields(self, encoder: Any, value: Alias) -> Iterable[Any]:
        if value.scope is not None:
            raise encoder.refusal(value, "a name that a macro among local variables introduced")
        return (value.original, value.env)

    def build(self, fields: Fields) -> Alias:
        return Alias(fields.instance(Symbol), None, fields.of(Environment))


# -- procedures by name --------------------------------------------------------------------------------


class BuiltinKind(Kind):
    """`(builtin name)`: a function of the prelude."""

    name = "builtin"

    def fields(self, encoder: Any, value: Any) -> Iterable[Any]:
        return (value.name,)

    def build(self, fields: Fields) -> Any:
        found = prelude.builtin(fields.text())
        if found is UNBOUND:
            raise fields.wrong(f"the name of a function of this language, not {fields.part[1]!r}")
        return found


class ControlKind(code_parts.ControlKind):
    """`(control name)`: a control procedure; one that looks names up opens the world."""

    def fields(self, encoder: Any, value: Control) -> Iterable[Any]:
        if value.name in DYNAMIC:
            encoder.open_world()
        return super().fields(encoder, value)


class HostKind(Kind):
    """`(host name)`: a procedure that the embedding program defined; whoever thaws must define it, too."""

    name = "host"

    def fields(self, encoder: Any, value: Primitive) -> Iterable[Any]:
        return (value.name,)

    def build(self, fields: Fields) -> Primitive:
        name = fields.text()
        found: Primitive | None = fields.decoder.procedures.get(name)
        if found is None:
            raise ThawError(f"the program uses {name}, which the host must define before it is thawed")
        return found


def symbols_in(forms: Iterable[Any]) -> Iterator[str]:
    """The names of the symbols in forms."""
    pending = list(forms)
    seen: set[int] = set()
    while pending:
        form = pending.pop()
        if isinstance(form, Symbol):
            yield form.name
        elif is_list(form) or isinstance(form, (Vector, Dict)):
            if id(form) in seen:
                continue
            seen.add(id(form))
            if isinstance(form, Dict):
                pending.extend(form.values())
            elif isinstance(form, List):
                pending.extend(form)
            else:
                pending.extend(form.items)


WORLD: dict[type, Kind] = {
    Program: ProgramKind(),
    World: WorldKind(),
    Environment: EnvironmentKind(),
    Cell: CellKind(),
    Code: CodeKind(),
    Source: SourceKind(),
    Macro: MacroKind(),
    SyntaxRules: RulesKind(),
    Alias: AliasKind(),
    Control: ControlKind(),
}
"""The kinds by the Python type of what they stand for."""
