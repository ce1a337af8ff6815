"""Migration: a frozen run moves to the code of a newer program, where somebody has said how.

A frozen run keeps its own code. Whoever deploys a new program may register **upcasters**, each from a waiting
point of the old code to one of the new: a function from the live values there, a dict by name, to those that
the new code finds. A run migrates when every frame of code that is not in the new program has an upcaster;
otherwise it stays as it is. Nothing is moved by halves.

A **waiting point** is named by its function and its number there, `order#2`: the second place, in the order
of evaluation, at which `order` waits for a call. An inner function stands behind the functions around it,
`order/pay#1`; code outside of every function is `(top level)`. An upcaster for `order` alone is for all
waiting points of `order`, the first for the first and so on.

In a run that has migrated, global functions, types and macros are those of the new program; other globals
keep the values they have in the run. Functions that the run holds as values and that are no globals keep
their code. Types of one name must have the same fields. Next: `sxpy/image/encoder.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from sxpy.core.ir import Block, Code
from sxpy.data import AdtType, Box, Closure, Dict, Environment, Macro, Primitive, RecordType
from sxpy.errors import EvalError, SxError, ThawError
from sxpy.image.codes import blob_of
from sxpy.image.freeze import Frozen, Surroundings, frozen_by
from sxpy.image.thaw import DEFAULT, ThawLimits, thawed
from sxpy.primitives.internal import made_by
from sxpy.printer import inspect
from sxpy.record import Record

CURRENT, MIGRATES, STAYS, FAILS = "current", "migrates", "stays", "fails"
"""What becomes of a run: its code is that of the new program; it moves; it keeps its code; it cannot move."""


class NewProgram(Surroundings, Protocol):
    """An interpreter that has loaded the new program."""

    upcasters: dict[str, tuple[str, Any]]

    def call(self, procedure: Any, *args: Any) -> Any:
        """Call a procedure."""

    def _settled(self, world: Any) -> Any: ...


class Migration(Record):
    """What becomes of a run: `outcome`, why (`reasons`), and if it migrates the run on its new code."""

    __slots__ = ("frozen", "outcome", "reasons")
    outcome: str
    reasons: tuple[str, ...]
    frozen: Frozen | None

    def __init__(self, *, outcome: str, reasons: tuple[str, ...] = (), frozen: Frozen | None = None) -> None:
        object.__setattr__(self, "outcome", outcome)
        object.__setattr__(self, "reasons", reasons)
        object.__setattr__(self, "frozen", frozen)


def migrate(
    program: NewProgram,
    text: str,
    *,
    code: Mapping[str, str] | Callable[[str], str | None] | None = None,
    key: bytes | None = None,
    limits: ThawLimits = DEFAULT,
) -> Migration:
    """What becomes of the run that a frozen text holds when `program` takes its place.

    `code`, `key` and `limits` are as for `thaw`; a run that migrates is signed with the key again. Raises
    nothing for a run that cannot be moved: that is what the outcome tells.
    """
    try:
        run, frames = thawed(
            text, code=code, procedures=program.procedures, settle=program._settled, key=key, limits=limits
        )
        move = _Move(program, run.world.env)
        reasons = move.frames(frames)
        if reasons:
            return Migration(outcome=STAYS, reasons=reasons)
        if not move.moved and not move.replaced:
            return Migration(outcome=CURRENT)
        frozen = frozen_by(run, program, instead=move.instead, moved=move.moved, key=key)
    except SxError as error:
        return Migration(outcome=FAILS, reasons=(str(error),))
    return Migration(outcome=MIGRATES, reasons=tuple(move.told), frozen=frozen)


class _Move:
    """One run's move: what stands for what in it afterwards."""

    def __init__(self, program: NewProgram, env: Environment) -> None:
        self.program = program
        self.instead: dict[int, Any] = {id(program.env): env}
        """What stands instead of an object, by its identity."""
        self.moved: dict[int, tuple[Any, ...]] = {}
        """Block and live values that a frame has instead of its own, by its identity."""
        self.replaced: list[str] = []
        """The globals whose functions are other ones in the new program."""
        self.told: list[str] = []
        self.current = {blob_of(each).cid for each in _codes(program.env)}
        self._functions: dict[str, tuple[Code, str]] = {}
        for each in _codes(program.env):
            for label, _ in waiting_points(each):
                function = label.partition("#")[0]
                self._functions.setdefault(function, (each, function))
        self._globals(env)

    def _globals(self, env: Environment) -> None:
        """Functions, types and macros come from the new program; other globals stay."""
        new = self.program.env
        renamed = {old: to for old, (to, _) in self.program.upcasters.items() if "#" not in old}
        for name, cell in list(env.cells.items()):
            other = new.cells.get(renamed.get(name, name))
            if other is None or not _is_code(other.value):
                continue
            if _is_code(cell.value) and not self._same(cell.value, other.value):
                self.replaced.append(name)
            self._types(cell.value, other.value)
            self.instead[id(cell)] = other
            if isinstance(cell.value, Closure):
                self.instead[id(cell.value)] = other.value
        for name, other in list(new.cells.items()):
            cell_here = env.cells.get(name)
            if cell_here is not None and not _is_code(other.value):
                self.instead[id(other)] = cell_here

    def _same(self, old: Any, new: Any) -> bool:
        if isinstance(old, Closure) and isinstance(new, Closure):
            here, there = old.template.entry, new.template.entry
            return here.number == there.number and blob_of(here.code).cid == blob_of(there.code).cid
        return type(old) is type(new)

    def _types(self, old: Any, new: Any) -> None:
        """Let a type be the new program's. Raises ThawError when that has other fields."""
        here, there = _type_behind(old), _type_behind(new)
        if here is None or there is None or here.name != there.name or here is there:
            return
        if _shape(here) != _shape(there):
            raise ThawError(f"the type {here.name} has other fields in the new program")
        self.instead[id(here)] = there

    # -- frames ------------------------------------------------------------------------------------

    def frames(self, frames: list[Any]) -> tuple[str, ...]:
        """Move the frames of code that the new program has not; why some cannot be moved."""
        reasons: dict[str, None] = {}
        for frame in frames:
            block: Block = frame[0]
            if blob_of(block.code).cid in self.current or block.code.env.name == "prelude":
                continue
            name = label_name(block)
            found = self._upcaster(name)
            if found is None:
                place = block.site.place
                where = f" at {place}" if place is not None else ""
                reasons[f"{name}{where} has no upcaster"] = None
                continue
            self.moved[id(frame)] = self._upcast(frame, name, *found)
        return tuple(reasons)

    def _upcaster(self, name: str) -> tuple[str, Any] | None:
        upcasters = self.program.upcasters
        if name in upcasters:
            return upcasters[name]
        function, _, number = name.partition("#")
        found = upcasters.get(function)
        return None if found is None else (f"{found[0]}#{number}", found[1])

    def _upcast(self, frame: Any, name: str, new: str, function: Any) -> tuple[Any, ...]:
        """The block and the live values of the frame in the new code. Raises ThawError."""
        block = self._label(new, name)
        old = frame[0]
        live = Dict(
            {
                var.name: value.value if var.assigned else value
                for var, value in zip(old.captured, frame[1:-1], strict=True)
            }
        )
        given = live if function is None else self._called(function, live, name)
        values = []
        for var in block.captured:
            if var.name not in given:
                raise ThawError(f"the upcaster from {name} to {new} gives no value for {var.name}")
            value = given.get(var.name)
            boxes = [
                box
                for at, box in zip(old.captured, frame[1:-1], strict=True)
                if at.name == var.name and at.assigned
            ]
            if not var.assigned:
                values.append(value)
            elif boxes and boxes[0].value is value:
                values.append(boxes[0])  # whoever shares the variable goes on sharing it
            else:
                values.append(Box(value))
        self.told.append(f"{name} → {new}")
        return (block, *values)

    def _called(self, function: Any, live: Dict, name: str) -> Dict:
        try:
            given = self.program.call(function, live)
        except EvalError as error:
            raise ThawError(f"the upcaster from {name} failed: {error}") from error
        if not isinstance(given, Dict):
            raise ThawError(f"the upcaster from {name} must give a dict, not {inspect(given)}")
        return given

    def _label(self, new: str, old: str) -> Block:
        function = new.partition("#")[0]
        code, _ = self._functions.get(function, (None, ""))
        points = dict(waiting_points(code)) if code is not None else {}
        if new not in points:
            known = ", ".join(name for name in points if name.startswith(f"{function}#")) or "none"
            raise ThawError(f"the upcaster from {old} leads to {new}; the waiting points there are: {known}")
        return points[new]


def label_name(block: Block) -> str:
    """The name of a waiting point: its function, and its number in it."""
    return next(name for name, each in waiting_points(block.code) if each is block)


def waiting_points(code: Code) -> Iterator[tuple[str, Block]]:
    """The waiting points of some code with their names, in the order of evaluation."""
    counts: dict[str, int] = {}
    for number in sorted(code.blocks):
        block = code.blocks[number]
        if not block.entry:
            function = "/".join([*reversed(block.site.within), block.site.function])
            counts[function] = counts.get(function, 0) + 1
            yield f"{function}#{counts[function]}", block


def _codes(env: Environment) -> list[Code]:
    """The code of the functions that an environment defines."""
    found = {}
    for cell in list(env.cells.values()):  # code that comes from the cache makes cells when it is looked at
        if isinstance(cell.value, Closure) and cell.value.template.entry.code.env is env:
            code = cell.value.template.entry.code
            found[id(code)] = code
    return list(found.values())


def _is_code(value: Any) -> bool:
    if isinstance(value, Primitive):
        return made_by(value) is not None
    return isinstance(value, (Closure, Macro, RecordType))


def _type_behind(value: Any) -> RecordType | AdtType | None:
    if isinstance(value, RecordType):
        return value
    made = made_by(value) if isinstance(value, Primitive) else None
    return None if made is None else made[1][0]


def _shape(type_: RecordType | AdtType) -> Any:
    return type_.fields if isinstance(type_, RecordType) else type_.constructors
