"""What code refers to, as parts of a pool: sources, globals, variables, procedures by name, types.

Next: `sxpy/core/node_parts.py`, the nodes themselves; `sxpy/core/portable.py`, which puts both to use.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sxpy.core import nodes
from sxpy.core.constants import CONSTANTS
from sxpy.core.controls import CONTROLS
from sxpy.core.node_parts import NODE_KINDS
from sxpy.core.pool import Encoder, Fields, Kind, LongKind
from sxpy.data import AdtType, Cell, Control, Environment, Primitive, RecordType, type_of
from sxpy.errors import ThawError
from sxpy.primitives import REGISTRY
from sxpy.primitives.internal import made_by
from sxpy.reader.forms import Source


class SourceKind(Kind):
    """`(source n)`: the n-th of the sources."""

    name = "source"

    def fields(self, encoder: Any, value: Source) -> Iterable[Any]:
        if value not in encoder.sources:
            encoder.sources.append(value)
        return (encoder.sources.index(value),)

    def build(self, fields: Fields) -> Source:
        number, sources = fields.count(), fields.decoder.sources
        if number >= len(sources):
            raise fields.wrong("the number of a source")
        found: Source = sources[number]
        return found


class CellKind(Kind):
    """`(cell name)`: the global that this name means where the code stands."""

    name = "cell"

    def fields(self, encoder: Any, value: Cell) -> Iterable[Any]:
        return (encoder.name_of(value),)

    def build(self, fields: Fields) -> Cell:
        cell: Cell = fields.decoder.env.cell(fields.text())
        return cell


class OwnCellKind(Kind):
    """`(own name)`: the global that a definition of this name makes or changes where the code stands."""

    name = "own"

    def fields(self, encoder: Encoder, value: Cell) -> Iterable[Any]:
        return (value.name,)

    def build(self, fields: Fields) -> Cell:
        cell: Cell = fields.decoder.env.own(fields.text())
        return cell


class EnvironmentKind(Kind):
    """`(home)`: the environment in which the code stands. Any other one is an outside part."""

    name = "home"

    def fields(self, encoder: Any, value: Environment) -> Iterable[Any]:
        return ()

    def build(self, fields: Fields) -> Environment:
        env: Environment = fields.decoder.env
        return env


class OutsideKind(Kind):
    """`(outside kind)`: an object that whoever decodes the code must have."""

    name = "outside"

    def fields(self, encoder: Encoder, value: Any) -> Iterable[Any]:
        return (type_of(value),)

    def build(self, fields: Fields) -> Any:
        raise ThawError(f"frozen code needs a {fields.text()} that was not given with it")


class VarKind(Kind):
    """`(var name number assigned? named?)`."""

    name = "var"

    def fields(self, encoder: Encoder, value: nodes.Var) -> Iterable[Any]:
        return (value.name, value.number, value.assigned, value.named)

    def build(self, fields: Fields) -> nodes.Var:
        made = nodes.Var(fields.text(), fields.of(int))
        made.assigned, made.named = fields.flag(), fields.flag()
        return made


class ControlKind(Kind):
    """`(control name)`."""

    name = "control"

    def fields(self, encoder: Encoder, value: Control) -> Iterable[Any]:
        return (value.name,)

    def build(self, fields: Fields) -> Control:
        found: Control | None = CONTROLS.get(fields.text())
        if found is None:
            raise fields.wrong(f"the name of a control procedure, not {fields.part[1]!r}")
        return found


class RecordTypeKind(Kind):
    """`(record-type name field …)`: a type; two are never the same."""

    name = "record-type"

    def fields(self, encoder: Encoder, value: RecordType) -> Iterable[Any]:
        return (value.name, *value.fields)

    def build(self, fields: Fields) -> RecordType:
        return RecordType(fields.text(), tuple(fields.rest(fields.text)))


class AdtTypeKind(Kind):
    """`(adt-type name constructor number-of-fields field … constructor …)`."""

    name = "adt-type"

    def fields(self, encoder: Encoder, value: AdtType) -> Iterable[Any]:
        found: list[Any] = [value.name]
        for constructor, names in value.constructors.items():
            found += (constructor, len(names), *names)
        return found

    def build(self, fields: Fields) -> AdtType:
        name, constructors = fields.text(), {}
        while fields.left:
            constructor = fields.text()
            constructors[constructor] = fields.many(fields.text)
        return AdtType(name, constructors)


class MadeKind(Kind):
    """`(made maker type argument …)`: a constructor, predicate, accessor or modifier of a type.

    A list of names is the last argument, and its names stand for it.
    """

    name = "made"

    def fields(self, encoder: Encoder, value: Primitive) -> Iterable[Any]:
        maker, args = made_by(value) or ("", ())
        found: list[Any] = [maker]
        for arg in args:
            found += arg if type(arg) is tuple else (arg,)
        return found

    def build(self, fields: Fields) -> Primitive:
        maker = fields.text()
        if maker not in MAKERS:
            raise fields.wrong("the maker of a type's procedure")
        wanted, *_ = MAKERS[maker]
        args: list[Any] = [fields.of(wanted)]
        for reader in MAKERS[maker][1:]:
            args.append(reader(fields))
        try:
            made: Primitive = REGISTRY[maker].function(*args)
        except (KeyError, ValueError):
            raise fields.wrong("of the type") from None
        return made


def _name(fields: Fields) -> str:
    return fields.text()


def _name_or_nil(fields: Fields) -> str | None:
    return fields.maybe(str)


def _names(fields: Fields) -> tuple[str, ...]:
    return tuple(fields.rest(fields.text))


MAKERS: dict[str, tuple[Any, ...]] = {
    "%adt-constructor": (AdtType, _name),
    "%adt-predicate": (AdtType, _name_or_nil),
    "%adt-accessor": (AdtType, _name, _name),
    "%record-constructor": (RecordType, _name, _names),
    "%record-predicate": (RecordType, _name),
    "%record-accessor": (RecordType, _name, _name),
    "%record-modifier": (RecordType, _name, _name),
}
"""What the makers of the procedures of types take: the type, and readers of the other arguments."""


class PrimitiveKind(Kind):
    """`(primitive name)`: what the language offers under this name."""

    name = "primitive"

    def fields(self, encoder: Encoder, value: Primitive) -> Iterable[Any]:
        return (value.name,)

    def build(self, fields: Fields) -> Primitive:
        found: Primitive | None = REGISTRY.get(fields.text())
        if found is None:
            raise fields.wrong(f"the name of a primitive, not {fields.part[1]!r}")
        return found


PRIMITIVE, MADE, OUTSIDE, HOME = PrimitiveKind(), MadeKind(), OutsideKind(), EnvironmentKind()
CELL, OWN = CellKind(), OwnCellKind()

KINDS: dict[type, Kind] = {
    **CONSTANTS,
    **NODE_KINDS,
    Source: SourceKind(),
    nodes.Var: VarKind(),
    Control: ControlKind(),
    RecordType: RecordTypeKind(),
    AdtType: AdtTypeKind(),
}
"""The kinds of code by the Python type of what they stand for, those apart that depend on the object."""

BY_NAME: dict[str, Kind] = {
    kind.name: kind for kind in (*KINDS.values(), LongKind(), PRIMITIVE, MADE, OUTSIDE, HOME, CELL, OWN)
}
"""The kinds of code by name."""
