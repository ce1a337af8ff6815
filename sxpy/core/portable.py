"""Portable code: the analysed form of one top-level form as plain data, and back.

Owns the kinds of part (`sxpy/core/pool.py`) for core nodes, variables, globals and types. Who keeps code —
a frozen program, a cache of analysed files — encodes `Code` and decodes it later, perhaps in another process.
Macros were expanded when the form was analysed, so decoding needs none and runs no code of the program.

What is guaranteed:

* `Encoded.parts` holds tuples, strings, numbers, booleans and nil only, so it can be marshalled as it is. It
  depends on the form and its macros alone, not on the values of globals or on what ran before.
* Decoding in an environment gives code that behaves as if the form had been analysed there. Globals are found
  by name. Primitives and control procedures are found by name too; one that is unknown is a ThawError.
* Nodes keep their numbers, and with them the labels and frame layouts of the lowered blocks.
* Places survive: the decoder is given the sources that `Encoded.sources` names, in order. Of a form that a
  macro made the beginning of its text is kept.
* Record and ADT types that the form makes are new ones, as after another analysis, unless they are given.
* Constants of kinds that no text has, such as a procedure in a form given to `eval`, are **outside** parts.
  Code with such a part cannot be decoded without being given the object.

`Encoded.objects` tells the object of every part, so that somebody who keeps identities can give them back:
`decode_code(…, given={part: object})`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sxpy.core import nodes
from sxpy.core.code_parts import BY_NAME, CELL, HOME, KINDS, MADE, OUTSIDE, OWN, PRIMITIVE
from sxpy.core.ir import Code
from sxpy.core.lower import lower
from sxpy.core.pool import Decoder, Encoder, Field, Fields, Kind, Part
from sxpy.data import Cell, Environment, Primitive
from sxpy.errors import Sight, ThawError
from sxpy.primitives import REGISTRY
from sxpy.primitives.internal import made_by
from sxpy.reader.forms import Source, Spot
from sxpy.record import Record


class Encoded(Record):
    """One top-level form's code as plain data: `root` is the tree's field, `function` its name in backtraces.

    `sources` are the texts that its places refer to, in the order of their numbers; `objects` the object of
    each part.
    """

    __slots__ = ("function", "objects", "parts", "root", "sources")
    function: str
    root: Field
    parts: tuple[Part, ...]
    sources: tuple[Source, ...]
    objects: tuple[Any, ...]

    def __init__(
        self,
        *,
        function: str,
        root: Field,
        parts: tuple[Part, ...],
        sources: tuple[Source, ...],
        objects: tuple[Any, ...],
    ) -> None:
        object.__setattr__(self, "function", function)
        object.__setattr__(self, "root", root)
        object.__setattr__(self, "parts", parts)
        object.__setattr__(self, "sources", sources)
        object.__setattr__(self, "objects", objects)

    @property
    def outside(self) -> tuple[int, ...]:
        """The parts that decoding must be given."""
        return tuple([number for number, part in enumerate(self.parts) if part[0] == OUTSIDE.name])


def encode_code(code: Code, cut: Callable[[Spot], tuple[int, int]] | None = None) -> Encoded:
    """The plain data of a form's code.

    `cut` tells from where to where the piece of the source goes in which a form stands, given its spot. The
    first of the sources is that piece then, and offsets in it count from its beginning.
    """
    encoder = _CodeEncoder(code, cut)
    root = encoder.add(code.tree)
    return Encoded(
        function=code.function,
        root=root,
        parts=tuple(encoder.parts),
        sources=tuple(encoder.sources),
        objects=tuple(encoder.objects),
    )


def decode_code(
    encoded_parts: Sequence[Part],
    root: Field,
    function: str,
    env: Environment,
    sources: Sequence[Source],
    *,
    name: str,
    given: Mapping[int, Any] | None = None,
    sight: Sight | None = None,
    sights: Mapping[int, Sight] | None = None,
    into: Code | None = None,
    opened: Iterable[int] = (),
    objects: list[Any] | None = None,
    keep: bool = False,
) -> Code:
    """The code, lowered, of a form that stands in `env`. Raises ThawError.

    `sight` tells what is in sight where a global turns out to have no value, `sights` what is in sight of
    the nodes of these numbers. With `into` the code is lowered into this one, whose blocks may be held
    already. `opened` are the numbers of calls that must not be taken for calls of primitives, whatever their
    heads hold. `objects` gets the object of each part. `keep` is as for `lower`.
    """
    decoder = _CodeDecoder(encoded_parts, env, sources, given or {}, sight, sights or {})
    decoder.decode()
    if objects is not None:
        objects.extend(decoder.objects)
    tree = decoder.value(root)
    if not isinstance(tree, nodes.Node):
        raise ThawError("frozen code is damaged: its root is no node")
    for number in opened:
        call = decoder.calls.get(number)
        if call is None:
            raise ThawError(f"frozen code is damaged: there is no call {number}")
        call.open = True
    code = into if into is not None else Code(name)
    code.env = env
    place = tree.place
    code.spot = (
        Spot(sources[0], 0 if place is None or place.source is not sources[0] else place.offset)
        if sources
        else None
    )
    decoder.analysis.refresh()
    lower(code, tree, decoder.analysis, function, keep=keep)
    if code.entry.captured:
        raise ThawError(f"frozen code is damaged: {code.entry.captured[0].name} is bound nowhere")
    return code


class _CodeEncoder(Encoder):
    """Encodes one form. `sources` are those that were met; the first is the one most places refer to."""

    def __init__(self, code: Code, cut: Callable[[Spot], tuple[int, int]] | None) -> None:
        super().__init__(KINDS)
        self.env = code.env
        self.sources: list[Source] = []
        found = list(_whole(code.tree))
        self.uses = Counter([id(node.place) for node in found])
        """How many nodes have a place: one that has a place for itself holds it as an offset."""
        self.defined = {node.cell for node in found if type(node) is nodes.SetGlobal and node.define}
        """The globals that the form defines."""
        self.main: Source | None = None
        self.start, self.end = 0, 0
        """What is kept of the main source, in which the form stands."""
        self.kept: Source | None = None
        self._names: dict[Cell, str] = {}
        if code.spot is not None:
            self.main = self.kept = source = code.spot.source
            self.end = len(source.text)
            if cut is not None:
                self.start, self.end = cut(code.spot)
                line = source.place(self.start).line
                self.kept = Source(source.text[self.start : self.end], source.file, line)
            self.sources.append(self.kept)

    def located(self, source: Source, offset: int) -> tuple[Source, int]:
        """A place of what is kept: in the piece of the main source, or in any source as a whole."""
        if source is self.main and self.kept is not None and self.start <= offset < self.end:
            return self.kept, offset - self.start
        return source, offset

    def kind_of(self, value: Any) -> Kind:
        if type(value) is Primitive:
            if REGISTRY.get(value.name) is value:
                return PRIMITIVE
            return OUTSIDE if made_by(value) is None else MADE
        if value is self.env:
            return HOME
        if type(value) is Cell:
            if value in self.defined:
                return OWN
            return OUTSIDE if self.name_of(value) is None else CELL
        return self.kinds.get(type(value)) or OUTSIDE

    def name_of(self, cell: Cell) -> str | None:
        """The name that means a global where the code stands: an import may have renamed it."""
        if self.env.find(cell.name) is cell:
            return cell.name
        if not self._names:
            here: Environment | None = self.env
            while here is not None:
                for name, each in here.cells.items():
                    if self.env.find(name) is each:
                        self._names.setdefault(each, name)
                here = here.parent
        return self._names.get(cell)

    def place(self, place: Spot | None) -> Any:
        """A node's place: nil, the offset in the piece of the main source, or a spot."""
        if type(place) is Spot and place.source is self.main and self.uses[id(place)] == 1:
            source, offset = self.located(place.source, place.offset)
            if source is self.kept:
                return offset
        return place


def _whole(tree: nodes.Node) -> Iterator[nodes.Node]:
    """The nodes of a tree."""
    pending = [tree]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(node.parts())
        if type(node) is nodes.Call:
            pending.append(node.head)
        elif type(node) is nodes.Lambda:
            pending.append(node.body)
        elif type(node) is nodes.Fix:
            pending.extend(node.lambdas)


class _CodeDecoder(Decoder):
    def __init__(
        self,
        parts: Sequence[Part],
        env: Environment,
        sources: Sequence[Source],
        given: Mapping[int, Any],
        sight: Sight | None,
        sights: Mapping[int, Sight],
    ) -> None:
        super().__init__(BY_NAME, parts, given)
        self.env = env
        self.sources = sources
        self.sight = sight
        self.sights = sights
        self.analysis = nodes.Analysis()
        self.calls: dict[int, nodes.Call] = {}
        self.numbers: set[int] = set()
        self.used: set[int] = set()
        """The numbers of the nodes that are parts of others."""

    def fresh(self, fields: Fields) -> int:
        """The next field as the number of a node, which no other has. Number 0 means the form itself."""
        number = fields.count(1)
        if number in self.numbers:
            fields.at -= 1
            raise fields.wrong("a number that no other node has")
        self.numbers.add(number)
        return number

    def sight_of(self, number: int) -> Sight | None:
        """What is in sight of a node."""
        return self.sights.get(number, self.sight)

    def keep(self, node: nodes.Node) -> nodes.Node:
        """Take a node into the analysis."""
        if type(node) is nodes.Call:
            self.calls[node.number] = node
        self.analysis.keep(node)
        return node

    def place(self, fields: Fields) -> Spot | None:
        """A node's place."""
        field = fields.raw()
        if field is None:
            return None
        if type(field) is int:
            if not self.sources or not 0 <= field <= len(self.sources[0].text):
                fields.at -= 1
                raise fields.wrong("an offset in the source")
            return Spot(self.sources[0], field)
        fields.at -= 1
        return fields.instance(Spot)
