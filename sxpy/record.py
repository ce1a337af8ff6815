"""Records: small immutable values that are compared by what they hold.

Owns what frozen dataclasses would give the few such values that every start needs. `dataclasses` brings
`inspect` along and writes source for each class, which together take longer than Python's own start.
"""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

R = TypeVar("R", bound="Record")


class Record:
    """A value with the fields `__slots__`, which are also the keywords of its `__init__`.

    The fields cannot be assigned to; `__init__` puts them there with `object.__setattr__`. Two records are
    equal when they are of one class and all their fields are equal but those that `uncompared` names.
    """

    __slots__: tuple[str, ...] = ()
    uncompared: ClassVar[frozenset[str]] = frozenset()

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a {type(self).__name__} does not change; `replace` makes another")

    def replace(self: R, **changes: Any) -> R:
        """The same record with other values of some fields."""
        return type(self)(**{name: getattr(self, name) for name in self.__slots__} | changes)

    def _compared(self) -> tuple[Any, ...]:
        return tuple([getattr(self, name) for name in self.__slots__ if name not in self.uncompared])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Record) or type(other) is not type(self):
            return NotImplemented
        return self._compared() == other._compared()

    def __hash__(self) -> int:
        return hash(self._compared())

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
        return f"{type(self).__name__}({fields})"
