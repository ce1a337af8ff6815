"""Primitives that only the analyser calls: what patterns, quasiquotes and definitions are made of.

Their names begin with `%`; they are registered like all others because frozen code names what it calls.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from sxpy.data import (
    EMPTY,
    UNBOUND,
    Adt,
    AdtType,
    Dict,
    Environment,
    List,
    Macro,
    MultipleValues,
    Primitive,
    Promise,
    PromiseState,
    Record,
    RecordType,
    Vector,
    from_list,
    is_list,
)
from sxpy.errors import ArityError, SxValueError
from sxpy.primitives.registry import expected, primitive


@primitive("%join")
def join_parts(*parts: Any) -> List:
    """The items of several lists as one: how a quasiquoted list is put together."""
    items: list[Any] = []
    for part in parts:
        if part is None:
            continue
        if not is_list(part):
            raise expected("splice-unquote", "a list", part)
        items.extend(part)
    return from_list(items)


@primitive("%join-vector")
def join_vector(*parts: Any) -> Vector:
    """As `%join`, a vector."""
    return Vector(join_parts(*parts).to_list())


# -- patterns --------------------------------------------------------------------------------------


@primitive("%list-of?")
def list_of_length(value: Any, count: int, more: bool) -> bool:
    """Whether the value is a list of `count` items, or at least as many."""
    return is_list(value) and (len(value) >= count if more else len(value) == count)


@primitive("%vector-of?")
def vector_of_length(value: Any, count: int, more: bool) -> bool:
    """As `%list-of?`, of a vector."""
    return isinstance(value, Vector) and (len(value) >= count if more else len(value) == count)


@primitive("%item")
def item(value: Any, index: int) -> Any:
    """Item `index` of a list or vector, nil when there is none."""
    if isinstance(value, List):
        return value.nth(index) if index < len(value) else None
    if value is None:
        return None
    if is_list(value) or isinstance(value, Vector):
        return value.items[index] if index < len(value) else None
    raise expected("destructuring", "a list", value)


@primitive("%tail")
def tail(value: Any, index: int) -> Any:
    """The items from `index` on, as a list."""
    if isinstance(value, List):
        return value.slice(min(index, len(value)), len(value))
    if value is None:
        return EMPTY
    if is_list(value) or isinstance(value, Vector):
        return from_list(value.items[index:])
    raise expected("destructuring", "a list", value)


@primitive("%key?")
def has_key(value: Any, key: str) -> bool:
    """Whether the value is a dict with the key."""
    return isinstance(value, Dict) and key in value


@primitive("%entry")
def entry(value: Any, key: str) -> Any:
    """The value of the key, nil when it is absent."""
    if value is None:
        return None
    if not isinstance(value, Dict):
        raise expected("destructuring", "a dict", value)
    return value.get(key)


@primitive("%adt?")
def is_adt(value: Any, constructor: str, count: int) -> bool:
    """Whether the value was made by the constructor, which has `count` fields."""
    if type(value) is not Adt or value.constructor != constructor:
        return False
    if len(value.values) != count:
        raise SxValueError(f"pattern: {constructor} has {len(value.values)} fields, the pattern {count}")
    return True


@primitive("%constructed")
def constructed(value: Any, constructor: str, count: int) -> Any:
    """The value; an error unless the constructor made it."""
    if not is_adt(value, constructor, count):
        raise expected("destructuring", f"a value of {constructor}", value)
    return value


@primitive("%field")
def field(value: Adt, index: int) -> Any:
    """Field `index` of an ADT value."""
    return value.values[index]


@primitive("%no-match")
def no_match(value: Any) -> Any:
    """Raise the error of a `match` without a clause for the value."""
    from sxpy.printer import inspect  # noqa: PLC0415  printing is needed on this path only

    raise SxValueError(f"match: no clause matched {inspect(value)}", value)


# -- definitions -----------------------------------------------------------------------------------


@primitive("%macro")
def macro(name: str, expander: Any) -> Macro:
    """A macro around its expander."""
    return Macro(name, expander)


@primitive("%promise")
def promise(thunk: Any, chained: bool) -> Promise:
    """A promise that is not forced yet."""
    return Promise(PromiseState(done=False, thunk=thunk, chained=chained))


@primitive("%adt-type")
def adt_type(name: str, constructors: Dict) -> AdtType:
    """The type that `define-type` makes."""
    return AdtType(name, {key: tuple(fields) for key, fields in constructors.items()})


CONSTRUCTED: WeakKeyDictionary[Primitive, AdtType] = WeakKeyDictionary()
"""The type that each constructor makes values of: how `match` knows which constructors there are."""


_MADE: WeakKeyDictionary[Primitive, tuple[str, tuple[Any, ...]]] = WeakKeyDictionary()


def _made(maker: str, args: tuple[Any, ...], made: Primitive) -> Primitive:
    _MADE[made] = (maker, args)
    return made


def made_by(procedure: Primitive) -> tuple[str, tuple[Any, ...]] | None:
    """Which primitive made the procedure of a type, of which arguments; None of any other primitive."""
    return _MADE.get(procedure)


@primitive("%adt-constructor")
def adt_constructor(type_: AdtType, name: str) -> Primitive:
    """The constructor: it checks its number of arguments."""
    count = len(type_.constructors[name])

    def construct(*values: Any) -> Adt:
        if len(values) != count:
            raise ArityError(f"{name} takes {count} arguments, got {len(values)}")
        return Adt(type_, name, values)

    made = Primitive(name, construct, count, count, f"({name} …) — a {type_.name}.")
    CONSTRUCTED[made] = type_
    return _made("%adt-constructor", (type_, name), made)


@primitive("%adt-predicate")
def adt_predicate(type_: AdtType, constructor: Any) -> Primitive:
    """The predicate of a type, or of one of its constructors."""

    def holds(value: Any) -> bool:
        return type(value) is Adt and value.type is type_ and constructor in (None, value.constructor)

    made = Primitive(f"{constructor or type_.name}?", holds, 1, 1)
    return _made("%adt-predicate", (type_, constructor), made)


@primitive("%adt-accessor")
def adt_accessor(type_: AdtType, constructor: str, name: str) -> Primitive:
    """The accessor of one field of one constructor."""
    index = type_.constructors[constructor].index(name)
    accessor = f"{constructor}-{name}"

    def access(value: Any) -> Any:
        if type(value) is not Adt or value.type is not type_ or value.constructor != constructor:
            raise expected(accessor, f"a {constructor}", value)
        return value.values[index]

    return _made("%adt-accessor", (type_, constructor, name), Primitive(accessor, access, 1, 1))


@primitive("%record-type")
def record_type(name: str, fields: Any) -> RecordType:
    """The type that `define-record-type` makes."""
    return RecordType(name, tuple(fields))


@primitive("%record-constructor")
def record_constructor(type_: RecordType, name: str, fields: Any) -> Primitive:
    """The constructor of a record type; it sets the named fields, the others are nil."""
    positions = [type_.fields.index(field_name) for field_name in fields]
    count = len(positions)

    def construct(*values: Any) -> Record:
        if len(values) != count:
            raise ArityError(f"{name} takes {count} arguments, got {len(values)}")
        slots: list[Any] = [None] * len(type_.fields)
        for position, value in zip(positions, values, strict=True):
            slots[position] = value
        return Record(type_, slots)

    args = (type_, name, tuple(fields))
    return _made("%record-constructor", args, Primitive(name, construct, count, count))


@primitive("%record-predicate")
def record_predicate(type_: RecordType, name: str) -> Primitive:
    """The predicate of a record type."""
    made = Primitive(name, lambda value: type(value) is Record and value.type is type_, 1, 1)
    return _made("%record-predicate", (type_, name), made)


@primitive("%record-accessor")
def record_accessor(type_: RecordType, name: str, field_name: str) -> Primitive:
    """The accessor of a field."""
    index = type_.fields.index(field_name)

    def access(value: Any) -> Any:
        if type(value) is not Record or value.type is not type_:
            raise expected(name, f"a {type_.name}", value)
        return value.values[index]

    return _made("%record-accessor", (type_, name, field_name), Primitive(name, access, 1, 1))


@primitive("%record-modifier")
def record_modifier(type_: RecordType, name: str, field_name: str) -> Primitive:
    """The modifier of a field; it returns nil."""
    index = type_.fields.index(field_name)

    def modify(value: Any, new: Any) -> None:
        if type(value) is not Record or value.type is not type_:
            raise expected(name, f"a {type_.name}", value)
        value.values[index] = new

    return _made("%record-modifier", (type_, name, field_name), Primitive(name, modify, 2, 2))


# -- environments and values -----------------------------------------------------------------------


@primitive("%values-list")
def values_list(value: Any) -> List:
    """What an expression returned, as a list: several values or the one."""
    return from_list(list(value.items)) if type(value) is MultipleValues else from_list([value])


@primitive("%environment")
def environment(parent: Environment, names: Any, values: Any) -> Environment:
    """An environment in which the lexical variables in sight are globals of its own."""
    made = Environment("local", parent)
    for name, value in zip(names, values, strict=True):
        if value is not UNBOUND:
            made.own(name).value = value
    return made


@primitive("%exactly")
def exactly(values: Any, count: int, more: bool) -> Any:
    """The list of values, checked for its number."""
    if len(values) != count and not (more and len(values) > count):
        raise ArityError(f"expected {count} values, got {len(values)}")
    return values
