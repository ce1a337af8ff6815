"""Frames, states and places in code as parts.

A frame of SX code names its **label** — the code, the number of the node that waits, the variables that are
live there — and holds their values. A frame of an operation of the machine names the operation; what it
holds is checked by the schema of its kind (`sxpy/image/natives.py`). The chain of dynamic frames must be the
one that the frames themselves form. Blocks, terms and sites are found when the code is lowered, which is
after the frames are there: until then empty ones stand for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sxpy.core.ir import JUMP, Bind, Block, Branch, Code, Do, Fix, Jump, Push, Return, Term
from sxpy.core.pool import Fields, Kind, is_value
from sxpy.core.sites import Site
from sxpy.data import UNBOUND, Box, Closure, MachineState
from sxpy.errors import EvalError, ThawError
from sxpy.image.natives import SCHEMAS
from sxpy.machine.state import APPLY, CONTINUE, EVAL, NATIVES, SUSPENDED, Native, State

PHASES = {EVAL: EVAL, CONTINUE: CONTINUE, APPLY: APPLY, SUSPENDED: SUSPENDED}
"""The phases by name: the machine compares them by identity."""


class LabelKind(Kind):
    """`(label code number variable number assigned? …)`: a block, with the variables that it captures."""

    name = "label"

    def fields(self, encoder: Any, value: Block) -> Iterable[Any]:
        found: list[Any] = [value.code, value.number]
        for var in value.captured:
            found += (var.name, var.number, var.assigned)
        return found

    def build(self, fields: Fields) -> Block:
        code, number = fields.of(Code), fields.count()
        layout = []
        while fields.left:
            layout.append((fields.text(), fields.of(int), fields.flag()))
        block: Block = fields.decoder.block(code, number, tuple(layout))
        return block


class FrameKind(Kind):
    """`(frame label value … frame)`: SX code that waits for a value."""

    name = "frame"

    def fields(self, encoder: Any, value: tuple[Any, ...]) -> Iterable[Any]:
        moved = encoder.moved.get(id(value))
        return value if moved is None else (*moved, value[-1])

    def build(self, fields: Fields) -> Any:
        decoder = fields.decoder
        block = fields.of(Block)
        layout = decoder.layouts[id(block)]
        values = [read_slot(fields, assigned) for _, _, assigned in layout]
        below = decoder.kont(fields)
        frame = (block, *values, below)
        decoder.nearest[id(frame)] = decoder.nearest_dynamic(below)
        decoder.waiting[id(block)] = block
        decoder.frames.append(frame)
        return frame

    def step(self, value: Any, item: Any) -> str:
        block: Block = value[0]
        if item is value[-1] or item is block:
            return ""
        names = [var.name for var, each in zip(block.captured, value[1:-1], strict=True) if each is item]
        place = f" at {block.site.place}" if block.site.place is not None else ""
        return f"variable {names[0] if names else '?'} in frame {block.site.function}{place}"


def read_slot(fields: Fields, assigned: bool) -> Any:
    """What a captured variable holds: a box exactly if it is assigned."""
    value = fields.item()
    if (type(value) is Box) is not assigned or not (assigned or value is UNBOUND or is_value(value)):
        fields.at -= 1
        raise fields.wrong("a box" if assigned else "a value")
    return value


class NativeKind(Kind):
    """`(native name field … frame)`: an operation of the machine that waits for a value."""

    name = "native"

    def fields(self, encoder: Any, value: Any) -> Iterable[Any]:
        name = value[0].name
        if name == "program":
            _, env, forms, index, below = value
            return (name, env, encoder.still_to_come(env, forms, index), 0, below)
        return (name, *value[1:])

    def build(self, fields: Fields) -> Any:
        decoder = fields.decoder
        name = fields.text()
        kind: Native | None = NATIVES.get(name)
        if kind is None:
            raise fields.wrong("the name of an operation of the machine")
        parts = [fields.item() for _ in range(fields.left)]
        schema = SCHEMAS[name]
        outer = 2 if kind.dynamic else 1
        if len(parts) != len(schema.fields) + outer:
            raise fields.wrong("with the fields of this operation")
        below = parts[-1]
        if not (below is None or is_frame(below)):
            raise fields.wrong("above a frame")
        nearest = decoder.nearest_dynamic(below)
        if kind.dynamic and parts[-2] is not nearest:
            raise fields.wrong("linked to the nearest dynamic frame")
        for index, (part, check) in enumerate(zip(parts, schema.fields, strict=False)):
            if not check(part):
                fields.at = index + 2
                raise fields.wrong(check.__doc__ or "what the operation holds")
        if schema.whole is not None and not schema.whole(parts):
            raise fields.wrong("consistent")
        if schema.late is not None:
            decoder.checks.append((schema.late, parts, fields))
        frame = (kind, *parts)
        decoder.nearest[id(frame)] = nearest
        return frame

    def step(self, value: Any, item: Any) -> str:
        return "" if item is value[-1] else f"frame of {value[0].name}"


class TupleKind(Kind):
    """`(tuple item …)`, `(array item …)`: what an operation of the machine holds together."""

    def __init__(self, name: str, make: type) -> None:
        self.name = name
        self.make = make

    def fields(self, encoder: Any, value: Any) -> Iterable[Any]:
        return tuple(value)

    def build(self, fields: Fields) -> Any:
        items = [fields.item() for _ in range(fields.left)]
        if len(items) == 4 and type(items[0]) is str:  # perhaps a transition of the machine
            items[0] = PHASES.get(items[0], items[0])
        return self.make(items)

    def step(self, value: Any, item: Any) -> str:
        return next((f"item {index}" for index, each in enumerate(value) if each is item), "")


class MappingKind(Kind):
    """`(mapping name name …)`: the names that a library exports, with those they have inside."""

    name = "mapping"

    def fields(self, encoder: Any, value: dict[str, str]) -> Iterable[Any]:
        return [part for pair in value.items() for part in pair]

    def build(self, fields: Fields) -> dict[str, str]:
        made = {}
        while fields.left:
            name = fields.text()
            made[name] = fields.text()
        return made


class ClosureKind(Kind):
    """`(closure label value …)`: a function with the values it captured."""

    name = "closure"
    solid = False
    stage = 2

    def fields(self, encoder: Any, value: Closure) -> Iterable[Any]:
        return (value.template.entry, *value.free)

    def new(self, fields: Fields) -> Closure:
        return Closure.__new__(Closure)

    def fill(self, made: Closure, fields: Fields) -> None:
        block = fields.of(Block)
        template = block.code.templates.get(block.number)
        if template is None or template.entry is not block:
            raise fields.wrong("the label of a function")
        layout = fields.decoder.layouts[id(block)]
        made.template = template
        made.free = tuple([read_slot(fields, assigned) for _, _, assigned in layout])

    def step(self, value: Closure, item: Any) -> str:
        entry: Block = value.template.entry
        if item is entry:
            return f"function {value.name}"
        names = [var.name for var, each in zip(entry.captured, value.free, strict=True) if each is item]
        place = f" at {entry.site.place}" if entry.site.place is not None else ""
        return f"variable {names[0] if names else '?'} of function {value.name}{place}"


# -- places in code ----------------------------------------------------------------------------------


class SiteKind(Kind):
    """`(site code number)`: where a call was made."""

    name = "site"
    solid = False
    stage = 2

    def fields(self, encoder: Any, value: Site) -> Iterable[Any]:
        return (value.code, value.number)

    def new(self, fields: Fields) -> Site:
        return Site.__new__(Site)

    def fill(self, made: Site, fields: Fields) -> None:
        code, number = fields.of(Code), fields.count()
        found = fields.decoder.sites(code).get(number)
        if found is None:
            raise fields.wrong("the number of a node at which the code calls something")
        for name in Site.__slots__:
            setattr(made, name, getattr(found, name))


def sites_of(code: Code) -> dict[int, Site]:
    """The sites of the terms of some code by number: those of calls before others."""
    found: dict[int, Site] = {}
    for block in code.blocks.values():
        found.setdefault(block.site.number, block.site)
        for term in terms_of(block):
            if term.op == JUMP:
                found[term.site.number] = term.site
            else:
                found.setdefault(term.site.number, term.site)
    return found


def terms_of(block: Block) -> Iterable[Term]:
    """Every term of a block."""
    pending: list[Term] = [block.body]
    while pending:
        term = pending.pop()
        yield term
        if type(term) is Branch:
            pending += (term.other, term.then)
        elif type(term) not in (Return, Jump):
            pending.append(term.next)


class Point:
    """Where a program stands inside of a block: a term, to be found when the code is there."""

    __slots__ = ("code", "number", "steps")

    def __init__(self, code: Code, number: int, steps: str) -> None:
        self.code = code
        self.number = number
        self.steps = steps

    def find(self) -> tuple[Term, int]:
        """The term, and how many slots it finds. Raises ThawError."""
        block = self.code.blocks.get(self.number)
        if block is None:
            raise ThawError(f"frozen text is damaged: there is no block {self.number}")
        term, depth = block.body, len(block.inputs) + len(block.captured)
        for step in self.steps:
            if type(term) is Branch and step in "to":
                term = term.then if step == "t" else term.other
            elif step == "n" and type(term) not in (Branch, Return, Jump):
                depth += 1 if type(term) is Bind else len(term.closures) if type(term) is Fix else 0
                term = term.next
            else:
                raise ThawError("frozen text is damaged: the program stands where no code is")
        return term, depth


class TermKind(Kind):
    """`(point code block steps)`: a term, by the way to it from the beginning of its block."""

    name = "point"

    def fields(self, encoder: Any, value: Term) -> Iterable[Any]:
        steps, at = [], value
        while isinstance(before := at.before, Term):
            if type(before) is Branch:
                steps.append("t" if before.then is at else "o")
            else:
                steps.append("n")
            at = before
        return (before.code, before.number, "".join(reversed(steps)))

    def build(self, fields: Fields) -> Point:
        return Point(fields.of(Code), fields.count(), fields.text())


class StateKind(Kind):
    """`(state phase control frame dynamic site slot …)`."""

    name = "state"
    solid = False
    stage = 2

    def fields(self, encoder: Any, value: State) -> Iterable[Any]:
        return (value.phase, value.control, value.kont, value.dynamic, value.site, *value.env)

    def new(self, fields: Fields) -> State:
        return State.__new__(State)

    def fill(self, made: State, fields: Fields) -> None:
        decoder = fields.decoder
        phase = PHASES.get(fields.text())
        if phase is None:
            raise fields.wrong("a phase")
        control = fields.item()
        kont = decoder.kont(fields)
        dynamic, site = decoder.dynamic(fields), fields.maybe(Site)
        if dynamic is not decoder.nearest_dynamic(kont):
            raise fields.wrong("linked to the nearest dynamic frame")
        slots = tuple([fields.item() for _ in range(fields.left)])
        if phase is EVAL:
            if type(control) is not Point:
                raise fields.wrong("at a point in code")
            control, depth = control.find()
            if len(slots) != depth or not all(map(is_content, slots)):
                raise fields.wrong(f"with {depth} slots")
        elif not is_value(control):
            raise fields.wrong("a value")
        elif phase is not APPLY and slots:
            raise fields.wrong("without slots")
        elif not all(map(is_argument, slots)):
            raise fields.wrong("with arguments that are values")
        put = object.__setattr__
        put(made, "phase", phase)
        put(made, "control", control)
        put(made, "env", slots)
        put(made, "kont", kont)
        put(made, "dynamic", dynamic)
        put(made, "site", site)

    def step(self, value: State, item: Any) -> str:
        if item is value.control:
            return "the request" if value.phase is SUSPENDED else "the value at hand"
        if any(item is each for each in value.env):
            return "the values at hand"
        return ""


def is_content(value: Any) -> bool:
    """Whether a slot may hold this."""
    return is_value(value) or type(value) is Box or value is UNBOUND


def is_argument(value: Any) -> bool:
    """Whether a procedure of the machine may be called with this."""
    return is_value(value) or is_frame(value) or isinstance(value, EvalError)


def is_frame(value: Any) -> bool:
    """Whether a Python object is a frame."""
    return type(value) is tuple and len(value) >= 2 and type(value[0]) in (Block, Native)


class MachineStateKind(Kind):
    """`(cek-state state world)`: a state as a value; with a world of its own, or nil."""

    name = "cek-state"
    solid = False
    stage = 3

    def fields(self, encoder: Any, value: MachineState) -> Iterable[Any]:
        return (value.state, None if value.context is None else encoder.world(value.context))

    def new(self, fields: Fields) -> MachineState:
        return MachineState(None)

    def fill(self, made: MachineState, fields: Fields) -> None:
        made.state, made.context = fields.of(State), fields.decoder.context(fields)


FRAME, NATIVE, TUPLE = FrameKind(), NativeKind(), TupleKind("tuple", tuple)

FRAMES: dict[type, Kind] = {
    Block: LabelKind(),
    list: TupleKind("array", list),
    dict: MappingKind(),
    Closure: ClosureKind(),
    Site: SiteKind(),
    State: StateKind(),
    MachineState: MachineStateKind(),
    **dict.fromkeys((Bind, Do, Branch, Return, Jump, Push, Fix), TermKind()),
}
"""The kinds by the Python type of what they stand for; tuples apart."""


def kind_of_tuple(value: tuple[Any, ...]) -> Kind:
    """The kind of a tuple: a frame of code, a frame of the machine, or items that belong together."""
    head = value[0] if value else None
    if type(head) is Block:
        return FRAME
    return NATIVE if type(head) is Native else TUPLE
