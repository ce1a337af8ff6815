"""The rules: a walk over the core of every form of the files that are checked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sxpy.core import nodes
from sxpy.data import UNBOUND, Cell, Control, Primitive, Symbol, is_list
from sxpy.errors import EvalError, LimitError, Place, ReadError, SxIOError
from sxpy.linter.definitions import Arity, Part, Program, Space
from sxpy.reader.forms import Spot
from sxpy.syntax import SPECIAL
from sxpy.syntax.analyser import Analyser, Context, Special, head_of, shortened
from sxpy.syntax.conditional import is_else, scheme_shaped
from sxpy.walk import Walk

RULES = {
    "error": "the file cannot be read, or a form is of the wrong shape",
    "unbound": "a name that nothing defines",
    "arguments": "a call with more arguments than the function takes, or fewer than a primitive needs",
    "padding": "a call with fewer arguments than the function has parameters: the others are nil",
    "unused": "a local variable that nothing refers to (a name that begins with _ says so)",
    "shadowed": "a definition or variable with the name of something the language offers",
    "unreachable": "a clause behind one that always holds",
}
"""Every rule, and what it finds."""

_IGNORE = re.compile(r";\s*lint-ignore:([^;]*)")


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One finding."""

    file: str
    line: int
    column: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.rule}: {self.message}"


def lint(paths: Iterable[Path], rules: Iterable[str] = RULES) -> list[Finding]:
    """What is to be said of the files, in order. Names that any of them defines are known in all."""
    wanted = set(rules)
    files = list(dict.fromkeys(paths))
    program, found = Program(), set[Finding]()
    for path in files:
        try:
            program.add(path)
        except (ReadError, SxIOError) as error:
            found.add(_finding("error", error.message, error.place, path))
    program.settle()
    found.update(
        _finding("error", message, spot.place(), Path(spot.source.file)) for message, spot in program.said
    )
    for path in files:
        for part in program.parts.get(path, []):
            found.update(_check(program, path, part))
    return sorted(finding for finding in found if finding.rule in wanted and not _ignored(finding))


def _finding(rule: str, message: str, place: Place | None, path: Path) -> Finding:
    line, column = (place.line, place.column) if place else (1, 1)
    return Finding(place.file if place else str(path), line, column, rule, message)


def _ignored(finding: Finding) -> bool:
    """Whether a comment on the finding's line takes it back."""
    try:
        lines = Path(finding.file).read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        return False
    comment = _IGNORE.search(lines[finding.line - 1]) if finding.line <= len(lines) else None
    return comment is not None and finding.rule in comment.group(1).split()


def _check(program: Program, path: Path, part: Part) -> list[Finding]:
    analyser, spot = _Watching(program, part.space), part.spot
    try:
        analyser.whole(part.form, spot)
    except (EvalError, LimitError) as error:
        place = error.place or spot.place()
        return [_finding("error", error.message, place, path)]
    made = [_finding(rule, message, (at or spot).place(), path) for rule, message, at in analyser.said]
    for node in analyser.analysis.nodes:
        made.extend(
            _finding(rule, message, node.place.place() if node.place else spot.place(), path)
            for rule, message in _look(part.space, node)
        )
    made.extend(_unused(analyser.analysis, path, spot))
    return made


class _Watching(Analyser):
    """The analyser, which also hears what special forms are made of."""

    def __init__(self, program: Program, space: Space) -> None:
        from sxpy.machine import Machine  # noqa: PLC0415
        from sxpy.machine.program import NestedEvaluator  # noqa: PLC0415

        super().__init__(space.env, NestedEvaluator(Machine(program.interpreter), space.env))
        self.said: list[tuple[str, str, Spot | None]] = []

    def special_form(self, form: Special, at: Context) -> Walk:
        if form.name == "cond":
            self._clauses(at, 1, flat=not scheme_shaped(at.items[1:]))
        elif form.name == "case":
            self._clauses(at, 2, flat=not all(is_list(item) for item in at.items[2:]))
        elif form.name in ("define", "def") and at.scope is None and len(at.items) > 1:
            target = at.items[1]
            name = head_of(target) if is_list(target) and len(target) else target
            if isinstance(name, Symbol):
                self._shadowed(name.name, at.spot)
        return super().special_form(form, at)

    def _shadowed(self, name: str, spot: Spot | None) -> None:
        if _offered(name):
            self.said.append(("shadowed", f"{name} is a name of the language", spot))

    def _clauses(self, at: Context, start: int, *, flat: bool) -> None:
        step = 2 if flat else 1
        for index in range(start, len(at.items), step):
            item = at.items[index]
            test = item if flat else (head_of(item) if is_list(item) and len(item) else item)
            if (is_else(test) or test is True) and index + step < len(at.items):
                said = f"nothing behind {shortened(test)} is ever reached"
                self.said.append(("unreachable", said, at.spot_at(index + step)))
                return


def _offered(name: str) -> bool:
    from sxpy import prelude  # noqa: PLC0415

    return name in SPECIAL or prelude.builtin(name) is not UNBOUND


def _look(space: Space, node: nodes.Node) -> Iterable[tuple[str, str]]:
    """What is to be said of one node."""
    if isinstance(node, (nodes.GlobalRef, nodes.SetGlobal)):
        cell = node.cell
        known = cell.value is not UNBOUND or cell.name in space.defined or _defines(node)
        if not known and not space.unclear and not cell.name.startswith("*"):
            yield "unbound", f"{cell.name} is not defined"
    elif isinstance(node, nodes.Call) and isinstance(node.head, nodes.GlobalRef):
        yield from _call(space, node.head.cell, len(node.args))


def _defines(node: nodes.Node) -> bool:
    return isinstance(node, nodes.SetGlobal) and node.define


def _call(space: Space, cell: Cell, given: int) -> Iterable[tuple[str, str]]:
    """What is to be said of a call of a global with this many arguments."""
    name = cell.name
    if name in space.defined:
        arity: Arity | None = space.defined[name]
        strict = False
    elif isinstance(cell.value, (Primitive, Control)):
        arity, strict = (cell.value.minimum, cell.value.maximum), True
    else:
        return
    if arity is None:
        return
    least, most = arity
    if most is not None and given > most:
        yield "arguments", f"{name} takes {most} arguments at most, got {given}"
    elif given < least:
        rule = "arguments" if strict else "padding"
        yield rule, f"{name} takes {least} arguments{' at least' if most != least else ''}, got {given}"


def _unused(analysis: nodes.Analysis, path: Path, spot: Spot) -> Iterable[Finding]:
    """Local variables that are bound by a let or a definition and never referred to."""
    used: set[nodes.Var] = set()
    for node in analysis.nodes:
        if isinstance(node, (nodes.LocalRef, nodes.IfUnbound)):
            used.add(node.var)
    for node in analysis.nodes:
        bound: list[tuple[nodes.Var, Spot | None]] = []
        if isinstance(node, nodes.Let):
            bound = [(node.var, node.place)]
        elif isinstance(node, nodes.Fix):
            bound = [(var, made.place) for var, made in zip(node.vars, node.lambdas, strict=True)]
        for var, at in bound:
            if var.named and var not in used and not var.name.startswith("_"):
                yield _finding("unused", f"{var.name} is never used", (at or spot).place(), path)
