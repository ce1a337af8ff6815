"""The remaining kinds of value: vectors, sets, hash tables, buffers, ports, records, promises.

Each is a plain container with no behaviour of its own; the primitives of its family give it one.
Compare them with `sxpy.data.equality.equal`, never with `==`, which on these classes is identity.
Next: `sxpy/data/procedures.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class Vector:
    """A mutable array of fixed length."""

    __slots__ = ("items",)

    def __init__(self, items: list[Any]) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)


class Bytevector:
    """A mutable array of bytes."""

    __slots__ = ("data",)

    def __init__(self, data: bytes | bytearray) -> None:
        self.data = bytearray(data)

    def __len__(self) -> int:
        return len(self.data)


class SxSet:
    """A mutable set. `table` maps `hash_key(item)` to the item, in insertion order."""

    __slots__ = ("table",)

    def __init__(self, table: dict[Any, Any]) -> None:
        self.table = table

    def __len__(self) -> int:
        return len(self.table)


class HashTable:
    """A mutable table with keys of any kind. `table` maps `hash_key(key)` to `(key, value)`."""

    __slots__ = ("table",)

    def __init__(self, table: dict[Any, tuple[Any, Any]]) -> None:
        self.table = table

    def __len__(self) -> int:
        return len(self.table)


class StringBuffer:
    """Pieces of text that are joined when asked for; appending is amortised O(1)."""

    __slots__ = ("parts",)

    def __init__(self) -> None:
        self.parts: list[str] = []

    def text(self) -> str:
        """The text so far; the pieces become one."""
        joined = "".join(self.parts)
        self.parts = [joined] if joined else []
        return joined


class InputPort:
    """A port that reads `text` from `position` on, in code points."""

    __slots__ = ("open", "position", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.open = True


class OutputPort:
    """A port that collects what is written to it."""

    __slots__ = ("buffer", "open")

    def __init__(self) -> None:
        self.buffer = StringBuffer()
        self.open = True


class Eof:
    """The type of `EOF`, the end-of-file object."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "EOF"

    def __reduce__(self) -> str:
        return "EOF"


EOF = Eof()


class Unbound:
    """The type of `UNBOUND`, the mark of a variable that has no value yet. Never a value of SX."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNBOUND"

    def __reduce__(self) -> str:
        return "UNBOUND"


UNBOUND = Unbound()


class Regex:
    """A compiled pattern with its source and flags."""

    __slots__ = ("compiled", "flags", "source")

    def __init__(self, source: str, flags: str, compiled: Any) -> None:
        self.source = source
        self.flags = flags
        self.compiled = compiled


class RecordType:
    """What `define-record-type` makes: a name and its field names."""

    __slots__ = ("fields", "name")

    def __init__(self, name: str, fields: tuple[str, ...]) -> None:
        self.name = name
        self.fields = fields


class Record:
    """An instance of a record type; `values[i]` belongs to `type.fields[i]` and may change."""

    __slots__ = ("type", "values")

    def __init__(self, type_: RecordType, values: list[Any]) -> None:
        self.type = type_
        self.values = values


class AdtType:
    """What `define-type` makes. `constructors` maps each constructor's name to its field names."""

    __slots__ = ("constructors", "name")

    def __init__(self, name: str, constructors: dict[str, tuple[str, ...]]) -> None:
        self.name = name
        self.constructors = constructors


class Adt:
    """A value of an ADT: its type, its constructor's name and the immutable field values."""

    __slots__ = ("constructor", "type", "values")

    def __init__(self, type_: AdtType, constructor: str, values: tuple[Any, ...]) -> None:
        self.type = type_
        self.constructor = constructor
        self.values = values


class Promise:
    """A delayed value. The promises of one `delay-force` chain come to share one state (R7RS §7.3)."""

    __slots__ = ("state",)

    def __init__(self, state: PromiseState) -> None:
        self.state = state


class PromiseState:
    """Done: `value` holds the value. Not yet: `thunk` makes it, or if `chained` a promise of it."""

    __slots__ = ("chained", "done", "thunk", "value")

    def __init__(self, *, done: bool, value: Any = None, thunk: Any = None, chained: bool = False) -> None:
        self.done = done
        self.value = value
        self.thunk = thunk
        self.chained = chained


class MultipleValues:
    """What `(values a b …)` returns when it is not exactly one value."""

    __slots__ = ("items",)

    def __init__(self, items: tuple[Any, ...]) -> None:
        self.items = items


class Box:
    """The shared cell of a variable that is assigned after a closure took it."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class Circumstances(NamedTuple):
    """Where a condition was raised: the place, the calls in progress, and what was being handled there."""

    place: Any = None
    backtrace: tuple[Any, ...] = ()
    cause: Any = None


class Condition:
    """The value that an error is to SX: message, irritants, place, backtrace, cause.

    `kind` groups conditions for hosts: "error" for `(error …)`, else the name of the error class. `sight`
    knows what could be seen where a name has no value. `circumstances` may be a function that finds them,
    called when somebody asks: most conditions are handled and forgotten. Until then the condition keeps
    alive what that function looks at, which is the continuation of the raise.
    """

    __slots__ = ("_circumstances", "irritants", "kind", "message", "sight")

    def __init__(
        self,
        message: str,
        irritants: tuple[Any, ...] = (),
        circumstances: Circumstances | Callable[[], Circumstances] | None = None,
        *,
        kind: str = "error",
        sight: Any = None,
    ) -> None:
        self.message = message
        self.irritants = irritants
        self.kind = kind
        self.sight = sight
        self._circumstances = Circumstances() if circumstances is None else circumstances

    @property
    def circumstances(self) -> Circumstances:
        """Where it was raised."""
        found = self._circumstances
        if not isinstance(found, Circumstances):
            found = self._circumstances = found()
        return found

    @circumstances.setter
    def circumstances(self, found: Circumstances) -> None:
        self._circumstances = found

    @property
    def place(self) -> Any:
        """The place in the source where it was raised, if that is known."""
        return self.circumstances.place

    @property
    def backtrace(self) -> tuple[Any, ...]:
        """The calls that were in progress, innermost first."""
        return self.circumstances.backtrace

    @property
    def cause(self) -> Any:
        """What was being handled when it was raised, or the Python exception that it came of."""
        return self.circumstances.cause
