"""What is made when it is first asked for: names of a package, things a registry knows, regular expressions.

Owns how a start pays for nothing but what it uses. A package whose face is wider than what most programs
need lists where its names are (`lazy_names`); a registry lists which module makes what (`Catalogue`), and
the module registers it with `add` while it is imported. Whatever one function alone needs, and rarely, it
imports itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from re import Pattern

T = TypeVar("T")


def lazy_names(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` of the package: `homes` maps each module to the names that the package has of it."""
    module_of = {name: module for module, names in homes.items() for name in names.split()}

    def find(name: str) -> Any:
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found = getattr(import_module(module_of[name]), name)
        setattr(import_module(package), name, found)
        return found

    return find


class _Pattern:
    """A regular expression that is compiled when one of its methods is first asked for."""

    __slots__ = ("_source", "finditer", "fullmatch", "match", "search", "split", "sub")

    def __init__(self, text: str, flags: int) -> None:
        self._source = (text, flags)

    def __getattr__(self, name: str) -> Any:
        import re  # noqa: PLC0415  see above

        compiled = re.compile(*self._source)
        for each in self.__slots__[1:]:
            setattr(self, each, getattr(compiled, each))
        return getattr(compiled, name)


def lazy_pattern(text: str, flags: int = 0) -> Pattern[str]:
    """A regular expression of the project that not every program needs."""
    return cast("Pattern[str]", _Pattern(text, flags))


class Catalogue(Mapping[str, T]):
    """A mapping from names to things. `index` maps each module of `package` to the names it makes.

    They are a sequence, or a text with white space between them. Looking a name up imports its module;
    asking for names alone imports nothing.
    """

    def __init__(self, package: str, index: Mapping[str, str | Sequence[str]]) -> None:
        self._homes = {
            name: f"{package}.{module}"
            for module, names in index.items()
            for name in (names.split() if isinstance(names, str) else names)
        }
        self._made: dict[str, T] = {}

    def add(self, name: str, thing: T, module: str) -> None:
        """Register `thing`, which `module` makes. Raises ImportError when the index does not say so."""
        if self._homes.get(name) != module or name in self._made:
            home = self._homes.get(name, "no module")
            raise ImportError(f"{module} makes {name}, which the index expects once, of {home}")
        self._made[name] = thing

    def get(self, name: str, default: Any = None) -> Any:
        made = self._made.get(name)
        if made is not None:
            return made
        return self[name] if name in self._homes else default

    def __getitem__(self, name: str) -> T:
        if name not in self._made:
            import_module(self._homes[name])
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._homes

    def __iter__(self) -> Iterator[str]:
        return iter(self._homes)

    def __len__(self) -> int:
        return len(self._homes)
