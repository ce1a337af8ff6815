"""The decoder of images: parts become a program again, with code from its blobs.

Owns what only all parts together show: that labels are labels of the code and hold what it expects, that
dynamic links follow the frames, that environments do not stand in a circle. It runs no code of the program.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sxpy.core.code_parts import MADE, PRIMITIVE
from sxpy.core.ir import Block, Code
from sxpy.core.pool import Decoder, Fields, Kind, LongKind, Part
from sxpy.core.sites import Site
from sxpy.data import Environment
from sxpy.data.lists import span, stack
from sxpy.errors import ThawError
from sxpy.image.codes import Lookup
from sxpy.image.dicts import VersionKind
from sxpy.image.encoder import BUILTIN, BY_TYPE, DELIMITED, HOST, WHOLE
from sxpy.image.frames import FRAME, NATIVE, TUPLE, is_frame, sites_of
from sxpy.image.values import BufferedKind, WindowKind
from sxpy.image.world import World
from sxpy.machine.state import Native

BY_NAME: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        *BY_TYPE.values(),
        *(FRAME, NATIVE, TUPLE, BUILTIN, HOST, WHOLE, DELIMITED, PRIMITIVE, MADE),
        *(LongKind(), WindowKind("span", span), WindowKind("pile", stack), BufferedKind(), VersionKind()),
    )
}
"""The kinds of an image by name."""

Layout = tuple[tuple[str, int, bool], ...]
"""The variables that a block captures: name, number, whether it is assigned."""


class ImageDecoder(Decoder):
    """Decodes an image. `lookup` finds code by name, `procedures` are those that the host defines.

    `settle` makes an interpreter around a world.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        lookup: Lookup,
        procedures: Mapping[str, Any],
        settle: Callable[[World], Any],
    ) -> None:
        super().__init__(BY_NAME, parts)
        self.settle = settle
        self._contexts: dict[int, Any] = {}
        self.lookup = lookup
        self.procedures = procedures
        self.layouts: dict[int, Layout] = {}
        """What each block captures, by the block's identity."""
        self.nearest: dict[int, Any] = {}
        """The nearest dynamic frame below each frame, by the frame's identity."""
        self.waiting: dict[int, Block] = {}
        """The blocks that frames wait for: they must be labels, not functions."""
        self.frames: list[Any] = []
        """The frames of code."""
        self.checks: list[tuple[Callable[[Any], bool], Any, Fields]] = []
        """What is left to be checked when all parts are there."""
        self._blocks: list[Block] = []
        self._sites: dict[int, dict[int, Site]] = {}

    # -- frames ------------------------------------------------------------------------------------

    def kont(self, fields: Fields) -> Any:
        """The next field as a frame or the empty continuation."""
        frame = fields.item()
        if frame is not None and not is_frame(frame):
            fields.at -= 1
            raise fields.wrong("a frame or nil")
        return frame

    def dynamic(self, fields: Fields) -> Any:
        """The next field as a dynamic frame or nil."""
        frame = self.kont(fields)
        if frame is not None and not (type(frame[0]) is Native and frame[0].dynamic):
            fields.at -= 1
            raise fields.wrong("a dynamic frame or nil")
        return frame

    def nearest_dynamic(self, frame: Any) -> Any:
        """The first dynamic frame from `frame` on."""
        if frame is None or (type(frame[0]) is Native and frame[0].dynamic):
            return frame
        return self.nearest[id(frame)]

    def tuple_of(self, fields: Fields, check: Callable[[Any], bool]) -> tuple[Any, ...]:
        """The next field as a tuple of what `check` accepts."""
        found = fields.item()
        if type(found) is not tuple or not all(map(check, found)):
            fields.at -= 1
            raise fields.wrong("a tuple of the right parts")
        return found

    def context(self, fields: Fields) -> Any:
        """The next field as the interpreter around a world, or nil."""
        world = fields.maybe(World)
        if world is None:
            return None
        if id(world) not in self._contexts:
            self._contexts[id(world)] = self.settle(world)
        return self._contexts[id(world)]

    # -- code --------------------------------------------------------------------------------------

    def block(self, code: Code, number: int, layout: Layout) -> Block:
        """The block of a label; its body comes when the code is lowered."""
        block = code.blocks.get(number)
        if block is None:
            block = code.blocks[number] = Block(code, number, Site("", None), (), entry=False)
            self._blocks.append(block)
        elif self.layouts[id(block)] != layout:
            raise ThawError(f"frozen text is damaged: the label {number} has two layouts")
        self.layouts[id(block)] = layout
        return block

    def sites(self, code: Code) -> dict[int, Site]:
        """The sites of lowered code by number."""
        found = self._sites.get(id(code))
        if found is None:
            found = self._sites[id(code)] = sites_of(code)
        return found

    def filled(self, stage: int) -> None:
        if stage == 0:
            self._check_environments()
        if stage == 1:
            self._check_blocks()

    def decode(self) -> None:
        super().decode()
        self._check_blocks()
        for check, parts, fields in self.checks:
            if not check(parts):
                raise fields.wrong("consistent")

    def _check_environments(self) -> None:
        known: set[int] = set()
        for each in self.objects:
            path: set[int] = set()
            here: Any = each if type(each) is Environment else None
            while here is not None and id(here) not in known:
                if id(here) in path:
                    raise ThawError("frozen text is damaged: an environment is its own parent")
                path.add(id(here))
                here = here.parent
            known |= path

    def _check_blocks(self) -> None:
        """Every label is one of the code, and captures what the text says."""
        for block in self._blocks:
            found = tuple([(var.name, var.number, var.assigned) for var in block.captured])
            if not hasattr(block.body, "site"):
                raise ThawError(f"frozen text is damaged: {block.code.name} has no label {block.number}")
            if found != self.layouts[id(block)]:
                raise ThawError(f"the frame layout of {block.label} is not that of this version of sxpy")
        for block in self.waiting.values():
            if block.entry:
                raise ThawError(f"frozen text is damaged: {block.label} is a function, not a label")
