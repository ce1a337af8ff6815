"""Values of a running program as parts: mutable containers, records, promises, continuations, conditions.

Owns every kind of value that constants do not have (`sxpy/core/constants.py`) but code, frames and
environments (`sxpy/image/frames.py`, `sxpy/image/world.py`). What has an identity is a shell, so cycles need
no care. Lists keep what they share: windows on one buffer stay windows on one buffer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sxpy import errors
from sxpy.core.constants import ListKind, StackKind, item_step
from sxpy.core.pool import Fields, Kind, is_value
from sxpy.data import (
    Adt,
    AdtType,
    Box,
    Circumstances,
    Condition,
    Continuation,
    Coroutine,
    Environment,
    HashTable,
    InputPort,
    Library,
    MultipleValues,
    OutputPort,
    Parameter,
    Promise,
    PromiseState,
    Record,
    RecordType,
    Regex,
    Reraise,
    Span,
    Stack,
    StringBuffer,
    SxSet,
    continuation_of,
    hash_key,
)
from sxpy.errors import EvalError, Frame, Place, SxError
from sxpy.image.frames import is_frame
from sxpy.primitives import REGISTRY

Read = Callable[[Fields], Any]


class SlotsKind(Kind):
    """`(kind attribute …)`: an object by its attributes, in this order."""

    solid = False

    def __init__(self, name: str, type_: type[Any], /, **readers: Read) -> None:
        self.name = name
        self.type = type_
        self.readers = readers

    def fields(self, encoder: Any, value: Any) -> Iterable[Any]:
        return [getattr(value, name) for name in self.readers]

    def new(self, fields: Fields) -> Any:
        return object.__new__(self.type)

    def fill(self, made: Any, fields: Fields) -> None:
        for name, read in self.readers.items():
            setattr(made, name, read(fields))

    def step(self, value: Any, item: Any) -> str:
        for name in self.readers:
            if getattr(value, name) is item:
                return "" if name == "state" else f"{name} of a {self.name}"
        return ""


def a_value(fields: Fields) -> Any:
    """Any value of SX."""
    return fields.any()


def a_content(fields: Fields) -> Any:
    """What a variable's box may hold: a value, or nothing yet."""
    return fields.content()


def a_cause(fields: Fields) -> Any:
    """What an error came of: a value, or an error."""
    cause = fields.item()
    if not (is_value(cause) or isinstance(cause, EvalError)):
        fields.at -= 1
        raise fields.wrong("a value or an error")
    return cause


def a_text(fields: Fields) -> str:
    """A string."""
    return fields.text()


def a_flag(fields: Fields) -> bool:
    """A boolean."""
    return fields.flag()


def a_kont(fields: Fields) -> Any:
    """A frame, or nil for the empty continuation."""
    return fields.decoder.kont(fields)


def a_dynamic(fields: Fields) -> Any:
    """A dynamic frame, or nil."""
    return fields.decoder.dynamic(fields)


def some_values(fields: Fields) -> tuple[Any, ...]:
    """A tuple of values."""
    found: tuple[Any, ...] = fields.decoder.tuple_of(fields, is_value)
    return found


class SpanKind(ListKind):
    """`(list item …)`, or a window when it shares its buffer with other lists."""

    def write(self, encoder: Any, number: int, value: Span) -> None:
        """Whether others look at the buffer is known at the end."""
        encoder.window(number, value)


class ShelfKind(StackKind):
    """`(stack item …)`, or a window when it shares its buffer with other lists."""

    def write(self, encoder: Any, number: int, value: Stack) -> None:
        """Whether others look at the buffer is known at the end."""
        encoder.window(number, value)


class WindowKind(Kind):
    """`(span buffer low high)`, `(pile buffer low high)`: a list or stack that looks at a shared buffer."""

    solid = False

    def __init__(self, name: str, make: Callable[[list[Any], int, int], Any]) -> None:
        self.name = name
        self.make = make

    def new(self, fields: Fields) -> Any:
        fields.raw()
        low, high = fields.raw(), fields.raw()
        if type(low) is not int or type(high) is not int or not 0 <= low < high:
            raise fields.wrong("a window that is not empty")
        return self.make([], low, high)

    def fill(self, made: Any, fields: Fields) -> None:
        made.buffer = fields.of(list)
        fields.at += 2
        if made.high > len(made.buffer):
            raise fields.wrong("inside of a buffer")


class BufferedKind(Kind):
    """`(buffer item …)`: what several lists are windows on."""

    name = "buffer"
    solid = False

    def new(self, fields: Fields) -> list[Any]:
        return [None] * fields.left

    def fill(self, made: list[Any], fields: Fields) -> None:
        made[:] = fields.rest()


class TableKind(Kind):
    """`(set item …)`: a set. It is filled when its items are, because it finds them by their content."""

    name = "set"
    solid = False
    stage = 4

    def fields(self, encoder: Any, value: SxSet) -> Iterable[Any]:
        return list(value.table.values())

    def new(self, fields: Fields) -> SxSet:
        return SxSet({})

    def fill(self, made: SxSet, fields: Fields) -> None:
        for item in fields.rest():
            made.table[hash_key(item)] = item

    def step(self, value: Any, item: Any) -> str:
        return "an item of a set"


class HashTableKind(Kind):
    """`(hash-table key value …)`."""

    name = "hash-table"
    solid = False
    stage = 4

    def fields(self, encoder: Any, value: HashTable) -> Iterable[Any]:
        return [part for pair in value.table.values() for part in pair]

    def new(self, fields: Fields) -> HashTable:
        return HashTable({})

    def fill(self, made: HashTable, fields: Fields) -> None:
        while fields.left:
            key, value = fields.any(), fields.any()
            made.table[hash_key(key)] = (key, value)

    def step(self, value: Any, item: Any) -> str:
        return "an entry of a hash table"


class BufferKind(Kind):
    """`(string-buffer text)`."""

    name = "string-buffer"
    solid = False

    def fields(self, encoder: Any, value: StringBuffer) -> Iterable[Any]:
        return ("".join(value.parts),)

    def new(self, fields: Fields) -> StringBuffer:
        return StringBuffer()

    def fill(self, made: StringBuffer, fields: Fields) -> None:
        text = fields.text()
        made.parts = [text] if text else []


class RegexKind(Kind):
    """`(regex source flags)`: it is compiled anew."""

    name = "regex"

    def fields(self, encoder: Any, value: Regex) -> Iterable[Any]:
        return (value.source, value.flags)

    def build(self, fields: Fields) -> Regex:
        source, flags = fields.text(), fields.text()
        try:
            made: Regex = REGISTRY["make-regex"].function(source, flags)
        except EvalError as error:
            raise fields.wrong(f"a regular expression: {error.message}") from None
        return made


class RecordKind(Kind):
    """`(record type value …)`."""

    name = "record"
    solid = False

    def fields(self, encoder: Any, value: Record) -> Iterable[Any]:
        return (value.type, *value.values)

    def new(self, fields: Fields) -> Record:
        return Record.__new__(Record)

    def fill(self, made: Record, fields: Fields) -> None:
        made.type = fields.of(RecordType)
        made.values = fields.rest()
        if len(made.values) != len(made.type.fields):
            raise fields.wrong("as many values as the type has fields")

    def step(self, value: Record, item: Any) -> str:
        names = zip(value.type.fields, value.values, strict=True)
        return next((f"field {name} of a {value.type.name}" for name, each in names if each is item), "")


class AdtKind(Kind):
    """`(adt type constructor value …)`."""

    name = "adt"
    solid = False

    def fields(self, encoder: Any, value: Adt) -> Iterable[Any]:
        return (value.type, value.constructor, *value.values)

    def new(self, fields: Fields) -> Adt:
        return Adt.__new__(Adt)

    def fill(self, made: Adt, fields: Fields) -> None:
        made.type, made.constructor = fields.of(AdtType), fields.text()
        made.values = tuple(fields.rest())
        names = made.type.constructors.get(made.constructor)
        if names is None or len(made.values) != len(names):
            raise fields.wrong("a constructor of the type and its values")

    def step(self, value: Adt, item: Any) -> str:
        return f"{item_step(value.values, item)} of a {value.constructor}"


class InputPortKind(SlotsKind):
    """`(input-port text position open?)`."""

    def fill(self, made: Any, fields: Fields) -> None:
        super().fill(made, fields)
        if made.position > len(made.text):
            raise fields.wrong("a position in the text")


class ContinuationKind(Kind):
    """`(continuation frame dynamic)`, `(delimited frames dynamic)`: what call/cc and shift capture."""

    solid = False

    def __init__(self, name: str, *, delimited: bool) -> None:
        self.name = name
        self.delimited = delimited

    def fields(self, encoder: Any, value: Continuation) -> Iterable[Any]:
        return (value.kont, value.dynamic)

    def new(self, fields: Fields) -> Continuation:
        return continuation_of(None, None, delimited=self.delimited)

    def fill(self, made: Continuation, fields: Fields) -> None:
        decoder = fields.decoder
        if self.delimited:
            made.kont = decoder.tuple_of(fields, is_frame)
        else:
            made.kont = decoder.kont(fields)
        made.dynamic = decoder.dynamic(fields)

    def step(self, value: Any, item: Any) -> str:
        return "a continuation"


class ConditionKind(Kind):
    """`(condition kind message place cause irritants backtrace)`. What was in sight is not kept."""

    name = "condition"
    solid = False

    def fields(self, encoder: Any, value: Condition) -> Iterable[Any]:
        irritants, frames = tuple(value.irritants), tuple(value.backtrace)
        return (value.kind, value.message, value.place, cause_of(value.cause), irritants, frames)

    def new(self, fields: Fields) -> Condition:
        return Condition("")

    def fill(self, made: Condition, fields: Fields) -> None:
        made.kind, made.message = fields.text(), fields.text()
        place, cause = fields.maybe(Place), a_cause(fields)
        made.irritants = some_values(fields)
        frames = fields.decoder.tuple_of(fields, lambda item: type(item) is Frame)
        made.circumstances = Circumstances(place, frames, cause)

    def step(self, value: Condition, item: Any) -> str:
        return "the cause of an error" if item is value.cause else "an irritant of an error"


def cause_of(cause: Any) -> Any:
    """The cause of an error; a Python exception as an error that says what it said."""
    if isinstance(cause, BaseException) and type(cause) not in ERRORS.values():
        return EvalError(f"{type(cause).__name__}: {cause}")
    return cause


class ErrorKind(Kind):
    """`(error class message place cause payload irritants backtrace)`: an error on its way into a program."""

    name = "error"
    solid = False

    def fields(self, encoder: Any, value: EvalError) -> Iterable[Any]:
        name = type(value).__name__
        cause = cause_of(value.cause or value.__cause__)
        irritants, frames = tuple(value.irritants), tuple(value.backtrace)
        return (name, value.message, value.place, cause, value.payload, irritants, frames)

    def new(self, fields: Fields) -> EvalError:
        kind = ERRORS.get(fields.text())
        if kind is None:
            raise fields.wrong("the name of an error")
        return kind.__new__(kind)

    def fill(self, made: EvalError, fields: Fields) -> None:
        fields.text()
        message = fields.text()
        SxError.__init__(made, message, place=fields.maybe(Place))
        made.cause, made.payload, made.irritants = a_cause(fields), fields.any(), some_values(fields)
        made.backtrace = fields.decoder.tuple_of(fields, lambda item: type(item) is Frame)


ERRORS: dict[str, type[EvalError]] = {
    name: each
    for name, each in vars(errors).items()
    if isinstance(each, type) and issubclass(each, EvalError)
}
"""The errors that a program can catch, by name."""


class CallKind(Kind):
    """`(call function place elided? omitted within …)`: one call of a backtrace."""

    name = "call-frame"

    def fields(self, encoder: Any, value: Frame) -> Iterable[Any]:
        return (value.function, value.place, value.elided, value.omitted, *value.within)

    def build(self, fields: Fields) -> Frame:
        function, place, elided = fields.text(), fields.maybe(Place), fields.flag()
        omitted = fields.maybe(int)
        return Frame(function, place, tuple(fields.rest(fields.text)), elided=elided, omitted=omitted)


class PlaceKind(Kind):
    """`(place file line column text)`. The form that a macro made is not kept."""

    name = "place"

    def fields(self, encoder: Any, value: Place) -> Iterable[Any]:
        return (value.file, value.line, value.column, value.text)

    def build(self, fields: Fields) -> Place:
        return Place(fields.text(), fields.count(), fields.count(), fields.maybe(str))


VALUES: dict[type, Kind] = {
    Span: SpanKind(),
    Stack: ShelfKind(),
    Box: SlotsKind("box", Box, value=a_content),
    SxSet: TableKind(),
    HashTable: HashTableKind(),
    StringBuffer: BufferKind(),
    Regex: RegexKind(),
    Record: RecordKind(),
    Adt: AdtKind(),
    InputPort: InputPortKind("input-port", InputPort, text=a_text, position=lambda f: f.count(), open=a_flag),
    OutputPort: SlotsKind("output-port", OutputPort, buffer=lambda f: f.of(StringBuffer), open=a_flag),
    Promise: SlotsKind("promise", Promise, state=lambda f: f.of(PromiseState)),
    PromiseState: SlotsKind(
        "promise-state", PromiseState, done=a_flag, value=a_value, thunk=a_value, chained=a_flag
    ),
    MultipleValues: SlotsKind("values", MultipleValues, items=some_values),
    Parameter: SlotsKind("parameter", Parameter, value=a_value, converter=a_value),
    Reraise: SlotsKind(
        "reraise",
        Reraise,
        payload=a_value,
        kont=a_kont,
        dynamic=a_dynamic,
        start=a_dynamic,
        continuable=a_flag,
    ),
    Coroutine: SlotsKind("coroutine", Coroutine, start=a_value, rest=lambda f: f.maybe(Continuation)),
    Library: SlotsKind(
        "library", Library, name=a_text, env=lambda f: f.of(Environment), exports=lambda f: f.maybe(dict)
    ),
    Condition: ConditionKind(),
    Frame: CallKind(),
    Place: PlaceKind(),
    **dict.fromkeys(ERRORS.values(), ErrorKind()),
}
"""The kinds of values by the Python type of what they stand for."""
