"""Dicts as parts: versions of one dict are written by what they differ in.

A large dict that grew by `assoc` shares all but one path with the dict it came of. So does its text: a
version says which other one it is like. Otherwise a loop that holds every version would be quadratic as text.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sxpy.core.constants import DictKind
from sxpy.core.pool import Fields, Kind
from sxpy.data import Dict
from sxpy.data.dicts import difference


class SharedDictKind(DictKind):
    """`(dict key value …)`, or what it differs in from another version of it that was met before."""

    def write(self, encoder: Any, number: int, value: Dict) -> None:
        """A version that shares its trie with an earlier one is written by what is different."""
        base = encoder.version_before(number, value)
        found = None if base is None else difference(encoder.objects[base], value)
        if found is None:
            super().write(encoder, number, value)
            return
        removed, changed = found
        fields = [encoder.field(item, value) for pair in changed for item in pair]
        names = [encoder.field(key, value) for key in removed]
        encoder.parts[number] = ("version", (base,), len(removed), *names, *fields)


class VersionKind(Kind):
    """`(version dict count removed … key value …)`: a dict that shares most of another one."""

    name = "version"
    solid = False

    def fields(self, encoder: Any, value: Dict) -> Iterable[Any]:
        raise NotImplementedError  # `SharedDictKind` writes it

    def new(self, fields: Fields) -> Dict:
        field = fields.raw()
        if type(field) is not tuple or len(field) != 1 or not 0 <= field[0] < fields.number:
            raise fields.wrong("a dict that stands before it")
        return Dict({})

    def fill(self, made: Dict, fields: Fields) -> None:
        base = fields.of(Dict)
        removed = fields.many(fields.text)
        made.become(base)
        for key in removed:
            if not made.delete_in_place(key):
                raise fields.wrong("without keys that are not there")
        while fields.left:
            key = fields.text()
            made.set_in_place(key, fields.any())
