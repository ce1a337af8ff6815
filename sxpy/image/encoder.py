"""The encoder of images: what is reachable from a state, as parts, with the blobs that it needs.

Owns what is known only when everything has been met: which globals of an environment are reachable, whether
names may be looked up that no code tells, which lists share a buffer. Next: `sxpy/image/decoder.py`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

from sxpy import prelude
from sxpy.core.code_parts import KINDS as CODE_KINDS
from sxpy.core.code_parts import MADE, PRIMITIVE
from sxpy.core.constants import CONSTANTS
from sxpy.core.ir import Block, Code
from sxpy.core.pool import Encoder, Field, Kind
from sxpy.data import (
    UNBOUND,
    AdtType,
    Cell,
    Closure,
    Continuation,
    Control,
    Dict,
    Environment,
    Library,
    Macro,
    Primitive,
    RecordType,
    Span,
    Stack,
)
from sxpy.data.dicts import nodes_of
from sxpy.image.codes import Blob, name_of
from sxpy.image.dicts import SharedDictKind
from sxpy.image.frames import FRAMES, kind_of_tuple
from sxpy.image.values import VALUES, ContinuationKind
from sxpy.image.world import DYNAMIC, DYNAMIC_FORMS, WORLD, BuiltinKind, HostKind, World, symbols_in
from sxpy.machine.libraries import STANDARD
from sxpy.primitives import REGISTRY
from sxpy.primitives.internal import made_by
from sxpy.syntax.rules import SyntaxRules

BUILTIN, HOST = BuiltinKind(), HostKind()
WHOLE = ContinuationKind("continuation", delimited=False)
DELIMITED = ContinuationKind("delimited", delimited=True)

BY_TYPE: dict[type, Kind] = {
    **CONSTANTS,
    **VALUES,
    **FRAMES,
    **WORLD,
    Dict: SharedDictKind(),
    RecordType: CODE_KINDS[RecordType],
    AdtType: CODE_KINDS[AdtType],
}
"""The kinds of an image by the Python type of what they stand for, those apart that depend on the object."""


TOLD_APART = frozenset({Primitive, Closure, Continuation})
"""The types whose objects are of one kind or another."""


def complete(value: Code | Block) -> None:
    """Have code made that nobody has looked at yet: its parts are there when they are asked for."""
    code = value if isinstance(value, Code) else value.code
    assert code.tree is not None


class Buffer:
    """A buffer that lists look at: the fields of the items that were met, and the windows."""

    __slots__ = ("fields", "high", "items", "low", "windows")

    def __init__(self, items: list[Any]) -> None:
        self.items = items
        self.low, self.high = 0, 0
        """Where all items were met."""
        self.fields: dict[int, Field] = {}
        self.windows: list[tuple[int, Span | Stack]] = []

    def news(self, low: int, high: int) -> list[int]:
        """The indexes of a window that were not met before. Windows that overlap cost what is new."""
        if self.low <= low and high <= self.high:
            return []
        if self.low < self.high and low <= self.high and self.low <= high:
            found = [*range(low, self.low), *range(self.high, high)]
            self.low, self.high = min(low, self.low), max(high, self.high)
            return found
        if high - low > self.high - self.low:
            self.low, self.high = low, high
        return [index for index in range(low, high) if index not in self.fields]


class ImageEncoder(Encoder):
    """Encodes what is reachable. `procedures` are those that the host defined, by name.

    `blobs` gets the texts that the image needs.
    """

    def __init__(self, procedures: Mapping[str, Any]) -> None:
        super().__init__(BY_TYPE)
        self.procedures = procedures
        self.blobs: dict[str, str] = {}
        self.moved: dict[int, tuple[Any, ...]] = {}
        """Block and live values that frames get instead of their own, by the frame's identity."""
        self.late: list[tuple[Kind, int, Any]] = []
        """Parts that are written at the end."""
        self.cells: dict[int, dict[str, Cell]] = {}
        """The globals of each environment, by its identity, that are reachable."""
        self.is_open = False
        """Whether any name may be looked up."""
        self.worlds: list[World] = []
        self._worlds: dict[int, World] = {}
        self._environments: list[Environment] = []
        self._opened: set[int] = set()
        self._mentions: deque[tuple[Environment, tuple[Any, ...]]] = deque()
        self._reached: deque[tuple[Any, Any]] = deque()
        self._buffers: dict[int, Buffer] = {}
        self._versions: dict[int, int] = {}
        self._programs: dict[tuple[int, int], tuple[Any, tuple[Any, ...]]] = {}

    def kind_of(self, value: Any) -> Kind | None:
        kind = type(value)
        if kind is tuple:
            return kind_of_tuple(value)
        found = self.kinds.get(kind)
        if kind in TOLD_APART or found is None:
            return self._told_apart(value, found)
        return found

    def _told_apart(self, value: Any, found: Kind | None) -> Kind | None:
        """The kind of an object whose type does not tell it."""
        kind = type(value)
        if kind is Primitive:
            if REGISTRY.get(value.name) is value:
                return PRIMITIVE
            if made_by(value) is not None:
                return MADE
            if self.procedures.get(value.name) is value:
                return HOST
            raise self.refusal(value, "a Python function that the host did not define by this name")
        if kind is Closure and prelude.defines(value):
            return BUILTIN
        if kind is Continuation:
            return DELIMITED if value.delimited else WHOLE
        if found is None and isinstance(value, (Code, Block)):
            complete(value)
            return self.kinds.get(type(value))
        return found

    # -- names -------------------------------------------------------------------------------------

    def need(self, blob: Blob) -> None:
        """The image needs a form's code."""
        self.blobs[blob.cid] = blob.text
        self.blobs.update(blob.others)

    def need_text(self, text: str) -> str:
        """The image needs a text: its name."""
        cid = name_of(text)
        self.blobs[cid] = text
        return cid

    def reach(self, env: Environment, name: str, cell: Cell, above: Any) -> None:
        """Code in `env` calls a global by a name: keep it, unless it is the language's own."""
        here: Environment | None = env
        while here is not None and here.cells.get(name) is not cell:
            here = here.parent
        if here is None:  # no name leads to it any more
            self._reached.append((cell, above))
            return
        here = self.instead.get(id(here), here)
        cell = self.instead.get(id(cell), cell)
        value = cell.value
        if here.builtin is not None and here.builtin(name) is value and value is not UNBOUND:
            if type(value) is Control and value.name in DYNAMIC:
                self.open_world()
            return
        self.cells.setdefault(id(here), {})[name] = cell
        self._reached.append((here, above))
        self._reached.append((cell, above))

    def mention(self, env: Environment, forms: Iterable[Any]) -> None:
        """Forms that will be evaluated in `env` use whatever they mention."""
        self._mentions.append((env, tuple(forms)))

    def still_to_come(self, env: Environment, forms: Any, index: int) -> tuple[Any, ...]:
        """The forms of a program from `index` on, which it will evaluate in `env`."""
        key = (id(forms), index)
        found = self._programs.get(key)
        if found is None:
            found = self._programs[key] = (forms, tuple(list(forms)[index:]))
            self.mention(env, [form for form, _ in found[1]])
        return found[1]

    def open_world(self) -> None:
        """Any name may be looked up."""
        self.is_open = True

    def enter_environment(self, env: Environment) -> None:
        """An environment was met."""
        self._environments.append(env)
        self.field(env.parent, env)

    def world(self, context: Any) -> World:
        """The world of an interpreter."""
        found = self._worlds.get(id(context))
        if found is None:
            strict = context.runtime.strict
            found = World(context.env, context.operations, context.libraries, strict=strict)
            self._worlds[id(context)] = found
        return found

    def libraries(self, world: World) -> list[Library]:
        """The libraries that are kept: none unless one may be asked for; never those of the language."""
        if not self.is_open:
            return []
        names = sorted(name for name in world.libraries if name.split(" ")[0] not in STANDARD)
        return [world.libraries[name] for name in names]

    def _look_around(self) -> bool:
        """Reach what names lead to. Whether there was any."""
        found = False
        while self._reached or self._mentions:
            found = True
            while self._reached:
                value, above = self._reached.popleft()
                self.field(value, above)
            while self._mentions:
                env, forms = self._mentions.popleft()
                for name in symbols_in(forms):
                    self._mentioned(env, name)
            self.settle()
        if self.is_open:
            for library in [each for world in self.worlds for each in self.libraries(world)]:
                self.field(library, None)
            self.settle()
            for env in list(self._environments):
                if id(env) not in self._opened:
                    self._opened.add(id(env))
                    found = True
                    for name, cell in sorted(env.cells.items()):
                        if cell.value is not UNBOUND:
                            self.reach(env, name, cell, env)
        return found

    def _mentioned(self, env: Environment, name: str) -> None:
        if name in DYNAMIC_FORMS:
            self.open_world()
        cell = env.find(name)
        if cell is not None and cell.value is not UNBOUND:
            self.reach(env, name, cell, env)
            if type(cell.value) is Macro and not isinstance(cell.value.expander, SyntaxRules):
                self.open_world()

    # -- lists that share --------------------------------------------------------------------------

    def window(self, number: int, span: Span | Stack) -> None:
        """A list was met: take in its items."""
        if span.low == span.high:
            self.parts[number] = ("list",)
            return
        buffer = self._buffers.get(id(span.buffer))
        if buffer is None:
            buffer = self._buffers[id(span.buffer)] = Buffer(span.buffer)
        buffer.windows.append((number, span))
        for index in buffer.news(span.low, span.high):
            buffer.fields[index] = self.field(span.buffer[index], span)

    def _write_lists(self) -> None:
        for buffer in self._buffers.values():
            if len(buffer.windows) == 1:
                number, span = buffer.windows[0]
                items = [buffer.fields[index] for index in range(span.low, span.high)]
                self.parts[number] = ("list" if type(span) is Span else "stack", *items)
                continue
            first = min(span.low for _, span in buffer.windows)
            last = max(span.high for _, span in buffer.windows)
            at = len(self.parts)
            self.parts.append(("buffer", *[buffer.fields.get(index) for index in range(first, last)]))
            self.objects.append(buffer.items)
            for number, span in buffer.windows:
                kind = "span" if type(span) is Span else "pile"
                self.parts[number] = (kind, (at,), span.low - first, span.high - first)

    def version_before(self, number: int, value: Dict) -> int | None:
        """The part of an earlier version of a dict, with which it shares a part of its trie."""
        nodes = nodes_of(value)
        found = next((self._versions[id(node)] for node in nodes if id(node) in self._versions), None)
        self._versions.update([(id(node), number) for node in nodes])
        return found

    # -- all of it ---------------------------------------------------------------------------------

    def encode(self, root: Any) -> Field:
        """Encode what is reachable from `root`: its field. Raises NotFreezable."""
        field = self.add(root)
        while self._look_around():
            self.settle()
        for kind, number, value in self.late:
            self.parts[number] = (kind.name, *[self.field(item, value) for item in kind.fields(self, value)])
        assert not self._waiting, "a part was met too late"
        self._write_lists()
        return field
