"""`define-type` (algebraic data types) and `define-record-type` (SRFI-9)."""

from __future__ import annotations

from typing import Any

from sxpy.data import Dict, Symbol, from_list, is_list, list_of, symbol
from sxpy.primitives import REGISTRY
from sxpy.syntax.analyser import SPECIAL, Analyser, Context, head_of, special
from sxpy.walk import Walk


def _define(name: str, value: Any) -> Any:
    return list_of(SPECIAL["define"], symbol(name), value)


@special("define-type")
def define_type(analyser: Analyser, at: Context) -> Walk:
    """`(define-type Name (Ctor field …) …)`: constructors, `Name?`, `Ctor?`, `Ctor-field`."""
    if len(at.items) < 3 or not isinstance(at.items[1], Symbol):
        raise at.wrong("define-type needs a name and constructors")
    name = at.items[1].name
    constructors: dict[str, Any] = {}
    for index in range(2, len(at.items)):
        spec = at.items[index]
        parts = list(spec) if is_list(spec) else [spec]
        if not parts or not all(isinstance(part, Symbol) for part in parts):
            raise at.wrong("a constructor must be (Name field …)", index)
        if parts[0].name in constructors:
            raise at.wrong(f"the constructor {parts[0].name} stands twice", index)
        constructors[parts[0].name] = from_list([part.name for part in parts[1:]])
    type_ = REGISTRY["%adt-type"].function(name, Dict(constructors))
    forms = [_define(f"{name}?", _made("%adt-predicate", type_, None))]
    for constructor, fields in constructors.items():
        forms.append(_define(constructor, _made("%adt-constructor", type_, constructor)))
        if constructor != name:
            forms.append(_define(f"{constructor}?", _made("%adt-predicate", type_, constructor)))
        forms += [
            _define(f"{constructor}-{field}", _made("%adt-accessor", type_, constructor, field))
            for field in fields
        ]
    return (yield analyser.expr(from_list([SPECIAL["begin"], *forms, None]), at.scope, at.spot))


def _made(maker: str, *args: Any) -> Any:
    """The form of a value that is made now: a type is one type, however often its form is evaluated."""
    return list_of(SPECIAL["quote"], REGISTRY[maker].function(*args))


@special("define-record-type")
def define_record_type(analyser: Analyser, at: Context) -> Walk:
    """`(define-record-type name (make field …) pred? (field accessor modifier?) …)`: SRFI-9."""
    if len(at.items) < 4:
        raise at.wrong("define-record-type needs a name, a constructor and a predicate")
    target, constructor, predicate = at.items[1:4]
    name = head_of(target) if is_list(target) and len(target) > 0 else target
    if not isinstance(name, Symbol):
        raise at.wrong("the type needs a name", 1)
    specs = []
    for index in range(4, len(at.items)):
        spec = list(at.items[index]) if is_list(at.items[index]) else [at.items[index]]
        if not 1 <= len(spec) <= 3 or not all(isinstance(part, Symbol) for part in spec):
            raise at.wrong("a field must be (name accessor modifier?)", index)
        specs.append([part.name for part in spec])
    fields = [spec[0] for spec in specs]
    shown = name.name.strip("<>")
    type_ = REGISTRY["%record-type"].function(shown, fields)
    forms = [_define(name.name, list_of(SPECIAL["quote"], type_))]
    if constructor not in (None, False):
        parts = list(constructor) if is_list(constructor) else [constructor]
        if not parts or not all(isinstance(part, Symbol) for part in parts):
            raise at.wrong("the constructor must be (name field …)", 2)
        wanted = [part.name for part in parts[1:]] if is_list(constructor) else fields
        unknown = [field for field in wanted if field not in fields]
        if unknown:
            raise at.wrong(f"the constructor sets {unknown[0]}, which is no field", 2)
        made = _made("%record-constructor", type_, parts[0].name, wanted)
        forms.append(_define(parts[0].name, made))
    if isinstance(predicate, Symbol):
        forms.append(_define(predicate.name, _made("%record-predicate", type_, predicate.name)))
    for spec in specs:
        if len(spec) > 1:
            forms.append(_define(spec[1], _made("%record-accessor", type_, spec[1], spec[0])))
        if len(spec) > 2:
            forms.append(_define(spec[2], _made("%record-modifier", type_, spec[2], spec[0])))
    return (yield analyser.expr(from_list([SPECIAL["begin"], *forms, None]), at.scope, at.spot))
