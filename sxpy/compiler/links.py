"""Links: what direct functions rely on, kept true while globals are redefined.

A direct function calls another one by a global of its own, so that nothing need be asked at a call. A `Link`
puts the right function there when the global of SX changes; a `Watch` has the function made anew, and so has
`Written` when the body changes that is written where a function is called. A running
direct function never sees such a change: it becomes frames before (`SetCell` in `sxpy/compiler/direct.py`).
"""

from __future__ import annotations

from typing import Any
from weakref import WeakSet

from sxpy.core.direct import NOT_MADE, leave
from sxpy.core.ir import Template
from sxpy.data import Cell

STEADY = 8
"""A global that changed more often is looked up at every call."""


def watch(cell: Cell, watcher: Any) -> None:
    """Have `watcher.relower()` called when the global gets another value."""
    if cell.watchers is None:
        cell.watchers = WeakSet()
    cell.watchers.add(watcher)


class Link:
    """Keeps two names of `owner`'s direct function: that of a global's value, and the value."""

    __slots__ = ("__weakref__", "cell", "closure", "function", "names", "owner")

    def __init__(
        self, cell: Cell, owner: Template, names: dict[str, Any], function: str, closure: str
    ) -> None:
        self.cell = cell
        self.owner = owner
        self.names = names
        self.function = function
        self.closure = closure
        self.relower()

    def relower(self) -> None:
        """The global has another value."""
        if self.cell.changes > STEADY:
            self.owner.cool()
        else:
            watch(self.cell, self)
            self.bind()

    def bind(self) -> None:
        """The value may have another direct function."""
        value = self.cell.value
        template = getattr(value, "template", None)
        if isinstance(template, Template):
            template.link(self)
        self.names[self.function] = getattr(template, "direct", None) or leave
        self.names[self.closure] = value


class TemplateLink:
    """Keeps a name of a direct function: that of a template."""

    __slots__ = ("__weakref__", "function", "names", "template")

    def __init__(self, template: Template, names: dict[str, Any], function: str) -> None:
        self.template = template
        self.names = names
        self.function = function
        template.link(self)
        self.bind()

    def bind(self) -> None:
        """The template has another direct function."""
        self.names[self.function] = self.template.direct


class Watch:
    """Makes the direct function of a template anew when a global changes."""

    __slots__ = ("__weakref__", "template")

    def __init__(self, cell: Cell, template: Template) -> None:
        self.template = template
        watch(cell, self)

    def relower(self) -> None:
        """The global has another value."""
        self.template.cool()


class Written:
    """Makes the direct function of `owner` anew when `template`, which is written in it, gets a new body."""

    __slots__ = ("__weakref__", "owner", "template")

    def __init__(self, template: Template, owner: Template) -> None:
        self.template = template
        self.owner = owner
        template.link(self)

    def bind(self) -> None:
        """The template has another direct function, or none yet, since its body is new."""
        if self.template.direct.__code__ is NOT_MADE is not self.owner.direct.__code__:
            self.owner.cool()
