"""Pools: a graph of objects as a flat table of plain data, and back.

Owns the one way the project turns what is linked in memory into something that can be kept: analysed code
(`sxpy/core/portable.py`) and suspended programs (`sxpy/image`). A pool is a tuple of **parts**; a part is a
tuple `(kind, field …)`; a field is an atom — nil, a boolean, an integer, a float, a string — or a
**reference** `(n,)`, a tuple of one integer, to part n. Nothing else occurs in it, so a pool can be
marshalled, written as text, hashed and compared. An object that is reached twice is one part; cycles stay.

A kind is **solid** or a **shell**. A solid is made of finished parts and never changed; the solids that it
refers to come before it. A shell is made empty and filled when all solids are there, so it may refer to
anything. Neither way uses Python's stack for the depth of the data, and decoding runs no code of a program.

The order of parts follows from the graph alone: equal graphs have equal pools.
Next: `sxpy/core/constants.py`, the kinds of plain values.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

from sxpy.data import SX_TYPES, Dict, List, Symbol, type_of
from sxpy.data.values import Unbound
from sxpy.errors import NotFreezable, ThawError

Field = Any
"""An atom, or a reference."""

Part = tuple[Field, ...]

T = TypeVar("T")

LONG = 64
"""Strings of more characters and integers of more than four times as many bits are parts of their own."""

_PLAIN = frozenset({type(None), bool, int, float, str})
_MISSING = object()


class Long:
    """A long string or a large integer, as a part that all who hold it share."""

    __slots__ = ("value",)

    def __init__(self, value: str | int) -> None:
        self.value = value


class Kind:
    """A kind of part. Subclasses say how an object is taken apart and put together again.

    `fields` gives what the object consists of: atoms and objects, which become references. A solid has
    `build`; a shell has `new`, which may look at atoms only, and `fill`. All check what they read by means of
    `Fields`, which raises ThawError.
    """

    name: str = ""
    solid = True
    stage = 0
    """When a shell is filled: those of a lower stage first."""

    def fields(self, encoder: Encoder, value: Any) -> Iterable[Any]:
        """The parts of an object, in order."""
        raise NotImplementedError

    def write(self, encoder: Encoder, number: int, value: Any) -> None:
        """Write the part of a shell."""
        encoder.parts[number] = (
            self.name,
            *[encoder.field(item, value) for item in self.fields(encoder, value)],
        )

    def build(self, fields: Fields) -> Any:
        """The object of a solid."""
        raise NotImplementedError

    def new(self, fields: Fields) -> Any:
        """The empty object of a shell."""
        raise NotImplementedError

    def fill(self, made: Any, fields: Fields) -> None:
        """Give a shell its content."""
        raise NotImplementedError

    def step(self, value: Any, item: Any) -> str:
        """What `item` is of `value`, for the path of an error."""
        return f"part of a {type_of(value)}"


class LongKind(Kind):
    """`(text s)`: a long string or a large integer."""

    name = "text"

    def build(self, fields: Fields) -> Long:
        value = fields.any()
        if type(value) not in (str, int):
            raise fields.wrong("a string or an integer")
        return Long(value)


# -- objects to parts --------------------------------------------------------------------------------


class Encoder:
    """Makes a pool. `kinds` maps Python types to kinds; raises NotFreezable for what has none."""

    def __init__(self, kinds: Mapping[type, Kind]) -> None:
        self.kinds = kinds
        self.parts: list[Any] = []
        self.objects: list[Any] = []
        """The object of each part; keeps them alive, so that an identity means one object."""
        self._numbers: dict[int, int] = {}
        self._long: dict[str | int, Long] = {}
        self._waiting: deque[tuple[int, Any, Kind]] = deque()
        self._above: dict[int, Any] = {}
        self.instead: dict[int, Any] = {}
        """What is encoded instead of an object, by the object's identity."""

    def add(self, value: Any) -> Field:
        """Add a value and all that it needs: the field that stands for it."""
        field = self.field(value, None)
        self.settle()
        return field

    def settle(self) -> None:
        """Take apart every shell that was met."""
        while self._waiting:
            number, value, kind = self._waiting.popleft()
            kind.write(self, number, value)

    def known(self, value: Any) -> bool:
        """Whether the object is a part already."""
        return id(value) in self._numbers

    def kind_of(self, value: Any) -> Kind | None:
        """The kind of an object; None when it has none."""
        return self.kinds.get(type(value))

    def field(self, value: Any, above: Any) -> Field:
        """The field for a value that is a part of `above`."""
        if type(value) in _PLAIN:
            return self._atom(value)
        if self.instead:
            value = self.instead.get(id(value), value)
        number = self._numbers.get(id(value))
        if number is not None:
            return (number,)
        kind = self._kind(value, above)
        return (self._solids(value, kind) if kind.solid else self._shell(value, kind),)

    def _atom(self, value: Any) -> Field:
        if (type(value) is str and len(value) > LONG) or (
            type(value) is int and value.bit_length() > 4 * LONG
        ):
            long = self._long.get(value)
            if long is None:
                long = self._long[value] = Long(value)
                self._number(long, (LongKind.name, value))
            return (self._numbers[id(long)],)
        return value

    def _kind(self, value: Any, above: Any) -> Kind:
        if above is not None:
            self._above.setdefault(id(value), above)
        kind = self.kind_of(value)
        if kind is None:
            raise self.refusal(value)
        return kind

    def _number(self, value: Any, part: Any) -> int:
        number = self._numbers[id(value)] = len(self.parts)
        self.parts.append(part)
        self.objects.append(value)
        return number

    def _shell(self, value: Any, kind: Kind) -> int:
        number = self._number(value, None)
        self._waiting.append((number, value, kind))
        return number

    def _solids(self, root: Any, kind: Kind) -> int:
        """Number a solid after the solids that it refers to."""
        stack: list[tuple[Any, Kind, Iterator[Any], list[Field]]] = []
        stack.append((root, kind, iter(list(kind.fields(self, root))), [kind.name]))
        while True:
            value, kind, rest, done = stack[-1]
            for item in rest:
                if type(item) in _PLAIN:
                    done.append(self._atom(item))
                    continue
                if self.instead:
                    item = self.instead.get(id(item), item)  # noqa: PLW2901
                number = self._numbers.get(id(item))
                if number is None:
                    inner = self._kind(item, value)
                    if inner.solid:
                        stack.append((item, inner, iter(list(inner.fields(self, item))), [inner.name]))
                        break
                    number = self._shell(item, inner)
                done.append((number,))
            else:
                number = self._number(value, tuple(done))
                stack.pop()
                if not stack:
                    return number
                stack[-1][3].append((number,))

    # -- errors ------------------------------------------------------------------------------------

    def path(self, value: Any) -> tuple[str, ...]:
        """The way from the root to an object that was met."""
        steps: list[str] = []
        while (above := self._above.get(id(value))) is not None:
            kind = self.kind_of(above)
            if kind is not None:
                steps.append(kind.step(above, value))
            value = above
        steps.reverse()
        return tuple(step for step in steps if step)

    def refusal(self, value: Any, why: str = "") -> NotFreezable:
        """The error for a value that cannot be kept."""
        path = self.path(value)
        what = why or f"a Python {type(value).__name__} is no value of SX"
        where = " → ".join([*path, described(value)])
        return NotFreezable(f"cannot be frozen: {what}: {where}", value, path=path)


def is_value(value: Any) -> bool:
    """Whether a Python object is a value of SX."""
    return type(value) in SX_TYPES or isinstance(value, (List, Dict, Symbol))


def described(value: Any) -> str:
    """A short text for a value in an error."""
    name = getattr(value, "name", None)
    text = f"{type_of(value)} {name}" if isinstance(name, str) else repr(value)
    return text if len(text) <= 80 else text[:79] + "…"


# -- parts to objects --------------------------------------------------------------------------------


class Decoder:
    """Makes the objects of a pool. `kinds` maps names to kinds; `given` are objects that stand for parts.

    Raises ThawError for a pool that no encoder made.
    """

    def __init__(
        self, kinds: Mapping[str, Kind], parts: Sequence[Part], given: Mapping[int, Any] | None = None
    ) -> None:
        self.kinds = kinds
        self.parts = parts
        self.objects: list[Any] = [_MISSING] * len(parts)
        self.given = given or {}

    def decode(self) -> None:
        """Make every object."""
        shells: dict[int, list[tuple[int, Kind]]] = {}
        solids: list[tuple[int, Kind]] = []
        for number, part in enumerate(self.parts):
            if number in self.given:
                self.objects[number] = self.given[number]
                continue
            kind = self.kinds.get(part[0])
            if kind is None:
                raise ThawError(f"frozen text is damaged: part {number} is of the unknown kind {part[0]!r}")
            if kind.solid:
                solids.append((number, kind))
            else:
                shells.setdefault(kind.stage, []).append((number, kind))
                self.objects[number] = kind.new(Fields(self, number))
        for number, kind in solids:
            fields = Fields(self, number)
            self.objects[number] = kind.build(fields)
            if fields.at != len(fields.part):
                raise fields.wrong("no more fields")
        for stage in sorted(shells):
            for number, kind in shells[stage]:
                fields = Fields(self, number)
                kind.fill(self.objects[number], fields)
                if fields.at != len(fields.part):
                    raise fields.wrong("no more fields")
            self.filled(stage)

    def filled(self, stage: int) -> None:
        """All shells of a stage are filled."""

    def value(self, field: Field, fields: Fields | None = None) -> Any:
        """The object or atom that a field stands for."""
        if type(field) is not tuple:
            return field
        number = field[0] if len(field) == 1 else None
        if type(number) is int and 0 <= number < len(self.objects):
            found = self.objects[number]
            if found is not _MISSING:
                return found.value if type(found) is Long else found
        raise fields.wrong("a reference to a finished part") if fields else _no_part(field)


def _no_part(field: Field) -> ThawError:
    return ThawError(f"frozen text is damaged: there is no part {field}")


class Fields:
    """The fields of one part, read in order, each checked for what it must be."""

    __slots__ = ("at", "decoder", "number", "part")

    def __init__(self, decoder: Any, number: int) -> None:
        self.decoder = decoder
        self.number = number
        self.part: Part = decoder.parts[number]
        self.at = 1

    def wrong(self, wanted: str) -> ThawError:
        """The error for the field at hand."""
        where = f"part {self.number} ({self.part[0]}), field {self.at}"
        return ThawError(f"frozen text is damaged: {where} must be {wanted}")

    def raw(self) -> Field:
        """The next field as it stands."""
        if self.at >= len(self.part):
            raise self.wrong("there")
        field = self.part[self.at]
        self.at += 1
        return field

    def item(self) -> Any:
        """The next field's object, whatever it is."""
        field = self.raw()
        return field if type(field) is not tuple else self.decoder.value(field, self)

    def any(self) -> Any:
        """The next field's value, any that a program may have."""
        value = self.item()
        if not is_value(value):
            self.at -= 1
            raise self.wrong("a value of SX")
        return value

    def content(self) -> Any:
        """The next field's value, or the mark of a variable that has none yet."""
        value = self.item()
        if not is_value(value) and type(value) is not Unbound:
            self.at -= 1
            raise self.wrong("a value of SX")
        return value

    def of(self, *types: type[T]) -> T:
        """The next field's value, of one of these very types."""
        value = self.item()
        if type(value) not in types:
            self.at -= 1
            raise self.wrong(" or ".join(each.__name__ for each in types))
        return cast(T, value)

    def maybe(self, *types: type[T]) -> T | None:
        """The next field's value, of one of these very types, or nil."""
        value = self.item()
        if value is not None and type(value) not in types:
            self.at -= 1
            raise self.wrong(" or ".join(each.__name__ for each in types) + " or nil")
        return cast("T | None", value)

    def instance(self, kind: type[T]) -> T:
        """The next field's value, of a type or of one derived from it."""
        value = self.item()
        if not isinstance(value, kind):
            self.at -= 1
            raise self.wrong(kind.__name__)
        return value

    def text(self) -> str:
        """The next field, a string."""
        return self.of(str)

    def flag(self) -> bool:
        """The next field, a boolean."""
        return self.of(bool)

    def count(self, least: int = 0) -> int:
        """The next field, an integer that is at least `least`."""
        value = self.of(int)
        if value < least:
            self.at -= 1
            raise self.wrong(f"at least {least}")
        return value

    def many(self, read: Callable[[], T]) -> tuple[T, ...]:
        """A number, and so many fields read by `read`."""
        count = self.count()
        if count > len(self.part):
            self.at -= 1
            raise self.wrong("the number of the fields that follow")
        return tuple([read() for _ in range(count)])

    def rest(self, read: Callable[[], T] | None = None) -> list[Any]:
        """All fields that are left."""
        reader = read or self.any
        return [reader() for _ in range(len(self.part) - self.at)]

    @property
    def left(self) -> int:
        """How many fields are left."""
        return len(self.part) - self.at
