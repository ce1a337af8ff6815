"""Rounds: how the variables of a loop get their new values.

Owns the lines and locals of a direct function, and the one place where a local gets a second value. All
at once means that nothing is assigned before all is computed that may raise: a line that raises is done
again by tier 0, with what the locals held before. Then a string grows in place, as Python has it, and so do
lists and dicts that nobody else holds (`sxpy/compiler/inplace.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sxpy.compiler import inline, inplace
from sxpy.compiler.builders import APPEND, BEGUN, Builder, added_by
from sxpy.compiler.cursors import Cursor, Known, Walked, cursor_of, entry, list_at, rest_of
from sxpy.compiler.expressions import MAX_INDENT, MAX_LINES, Expressions, Unfit, is_pure
from sxpy.compiler.inline import ATOMS
from sxpy.compiler.inner import variables
from sxpy.compiler.kinds import Kinds
from sxpy.compiler.points import DirectInfo, Held, Point
from sxpy.core import ir
from sxpy.core.nodes import Var
from sxpy.data import Span, Stack

WORDS = re.compile(r"\w+")


class Rounds(Expressions):
    """Lines, locals and their new values."""

    def __init__(self, info: DirectInfo) -> None:
        super().__init__()
        self.direct_info = info
        self.lines: list[str] = []
        self.held: dict[Var, Held] = {}
        self.made = 0
        """Locals that hold variables."""
        self.kinds: Kinds = {}
        self.places: set[Var] = set()
        """The variables that are cursors from where they get their value on."""
        self.with_item: Known = frozenset()
        """The cursors that have an item, where the path is."""
        self.sure: dict[tuple[str, str], str] = {}
        """The local with the entries of a dict, by the texts of dict and key, where these are as usual."""

        self.entries: dict[str, str] = {}
        """By the local with a dict that nobody else sees, the one with its entries; they may be None."""

    def hold(self, var: Var) -> Held:
        """What holds the value of a variable: from now on a local, if it is a new one."""
        held = self.held.get(var)
        if held is None:
            held = self.held[var] = self.fresh()
        return held

    def fresh(self) -> str:
        """A local for a variable."""
        self.made += 1
        return f"v{self.made - 1}"

    def variable(self, var: Var) -> str:
        """The local that holds a variable."""
        held = self.hold(var)
        if isinstance(held, Builder):
            return held.before
        if not isinstance(held, str):
            raise Unfit
        return held

    def local(self, slot: ir.Slot) -> str:
        return self.variable(slot.var)

    def kind(self, expr: ir.Expr) -> type | None:
        return self.kinds.get(expr.var) if isinstance(expr, ir.Slot) else None

    def primitive(self, function: Any, arguments: Sequence[ir.Expr]) -> inline.Operand:
        if len(arguments) == 1 and isinstance(arguments[0], ir.Slot):
            var = arguments[0].var
            held = self.held.get(var)
            if isinstance(held, Cursor):
                kind = inline.result(function, (None,))
                return inline.Operand(held.asked(function, has_item=var in self.with_item), kind)
        elif self.sure and len(arguments) > 1:
            texts = [self.pure(argument) for argument in arguments]
            plain = self.sure.get((texts[0], texts[1]))
            asked = None if plain is None else inline.asked_of_plain(function, plain, texts)
            if asked is not None:
                return inline.Operand(asked, inline.result(function, (None,)))
        if inline.refuses(function, len(arguments)):
            return inline.expanded(self, function, [self.refused(argument) for argument in arguments])
        return super().primitive(function, arguments)

    def refused(self, expr: ir.Expr) -> inline.Operand:
        """An argument of what refuses a variable without a value: tier 0 has the proper error for it."""
        if isinstance(expr, ir.Unboxed):
            return inline.Operand(f"{self.local(expr.slot)}.value")
        return self.operand(expr)

    def cursor(self, var: Var) -> Cursor:
        """The cursor that is a variable."""
        held = self.held[var]
        assert isinstance(held, Cursor)
        return held

    def moved(self, expr: ir.Expr) -> tuple[str, bool]:
        """The place of the rest of a cursor, and whether it certainly does not raise."""
        before = rest_of(expr)
        assert before is not None
        has_item = before in self.with_item
        return self.cursor(before).moved(has_item=has_item), has_item

    def place(self, term: ir.Bind, indent: int, point: Point) -> Cursor:
        """Bind a variable to the rest of a cursor."""
        before = rest_of(term.expr)
        assert before is not None
        made = Cursor(self.variable(term.var), self.cursor(before))
        self.mark(f"{made.at} = {self.moved(term.expr)[0]}", indent, point)
        self.held[term.var] = made
        return made

    def walk(self, found: Walked, indent: int, point: Point) -> None:
        """From here on the lists in variables of a loop are cursors."""
        self.places |= found.keys()
        for var, root in found.items():
            if var is root:
                self.enter(var, indent, point)
        sources = [self.cursor(var).source for var, root in found.items() if var is root]
        if sources:  # not before all are entered: what raises goes on from where the lists were
            self.plain(f"{' = '.join(sources)} = None", indent)

    def enter(self, var: Var, indent: int, point: Point) -> None:
        """From here on the list in a variable is a cursor."""
        cursor = Cursor(self.variable(var))
        span, stack, other = self.name(Span), self.name(Stack), self.name(cursor_of)
        for line in entry(cursor, span, stack, self.temporary(), other):
            self.mark(line, indent, point)
        self.held[var] = cursor

    def build(self, found: dict[Var, bool], indent: int, point: Point) -> None:
        """From here on the lists in variables of a loop are builders."""
        for var, front in found.items():
            before, added = self.variable(var), self.temporary()
            self.mark(f"if type({before}) not in {self.name(BEGUN)}: raise Leave", indent, point)
            self.plain(f"{added} = []", indent)
            self.held[var] = Builder(before, added, front=front)

    def enter_keys(self, found: Sequence[Var], indent: int, point: Point) -> None:
        """From here on the entries of dicts that nobody else sees, in variables of a loop, are at hand."""
        for var in found:
            local, entries = self.variable(var), self.temporary()
            test = inplace.entry_alone(self, local)
            self.mark(f"{entries} = {local}.plain if {test} else None", indent, point)
            self.entries[local] = entries

    def together(self, exprs: Sequence[ir.Expr], indent: int) -> None:
        """Put together the builders that expressions use."""
        for var in variables(tuple(exprs)):
            held = self.held.get(var)
            if isinstance(held, Builder):
                made = f"{self.name(held.together)}({held.before}, {held.added})"
                self.plain(f"if {held.added}: {held.before}, {held.added} = {made}, []", indent)

    def shown(self, held: Held) -> str:
        """The text for the value of a slot, where an expression is computed by tier 0."""
        if isinstance(held, Cursor):
            return f"{self.name(list_at)}({held.parts})"
        if isinstance(held, Builder):  # whoever looks at it has had it put together
            return held.before
        # A loop is called and nothing else, so no expression looks for it in its slot.
        return held if isinstance(held, str) else "None"

    def mark(self, text: str, indent: int, point: Point) -> None:
        """Add a line."""
        if len(self.lines) > MAX_LINES or indent > MAX_INDENT:
            raise Unfit
        self.lines.append("    " * indent + text)
        self.direct_info.points[len(self.lines)] = point

    def plain(self, text: str, indent: int) -> None:
        """Add a line that cannot raise."""
        self.lines.append("    " * indent + text)

    def rename(self, inputs: Sequence[Var], arguments: Sequence[ir.Expr], indent: int, point: Point) -> None:
        """The variables get new values, all at once."""
        if not all(map(is_pure, arguments)):
            raise Unfit
        added, pairs = self.added(inputs, arguments)
        self.together([part for _, part in pairs], indent)
        safe: dict[str, str] = {}
        risky: dict[str, str] = {}
        grown: dict[str, ir.Expr] = {}
        given = []
        for var, part in pairs:
            held = self.held.get(var)
            if not isinstance(held, Cursor):
                given.append((var, part))
            elif isinstance(part, ir.Slot):
                place = self.cursor(part.var).at
                if place != held.at:
                    safe[held.at] = place
            else:
                text, is_safe = self.moved(part)
                (safe if is_safe else risky)[held.at] = text
        changed = {var: part for var, part in given if self.is_changed(part, var)}
        for var, part in given:
            local = self.variable(var)
            # What becomes a part of another one that grows is held by that from then on.
            beside = tuple([changed[one] for one in changed if one is not var])
            if var in changed and (local in self.entries or var not in variables(beside)):
                grown[local] = part
                continue
            text = self.pure(part)
            if local != text:
                (safe if self.is_safe(part) else risky)[local] = text
        if added and not risky and not grown and (only := self.only(added)) is not None:
            self.mark(only, indent, point)
            added = []
        items = [self.kept(item, indent, point) for _, item in added]
        if grown:
            self.change(grown, risky, safe, indent, point)
        elif len(risky) == 1 and not _mentioned(risky, safe):
            # First what may raise, then the others: a string that grows in a local grows in place.
            self.assign(risky, indent, point)
            self.assign(safe, indent, point)
        else:
            self.assign(risky | safe, indent, point)
        for (builder, item), text in zip(added, items, strict=True):
            self.add(builder, item, text, indent)

    def added(
        self, inputs: Sequence[Var], arguments: Sequence[ir.Expr]
    ) -> tuple[list[tuple[Builder, ir.Expr]], list[tuple[Var, ir.Expr]]]:
        """The builders with what is added to them, and the variables that are none, with their new values."""
        added, pairs = [], []
        for var, part in zip(inputs, arguments, strict=True):
            held = self.held.get(var)
            if not isinstance(held, Builder):
                pairs.append((var, part))
            elif (found := added_by(var, part)) is not None:
                added.append((held, found[0]))
        return added, pairs

    def only(self, added: Sequence[tuple[Builder, ir.Expr]]) -> str | None:
        """The line that adds the one item that is added; None: it takes more than a line."""
        ((builder, item), *more) = added
        if more or not self.is_atom(item, builder):
            return None
        return f"{builder.added}.append({self.pure(item)})"

    def is_atom(self, item: ir.Expr, builder: Builder) -> bool:
        """Whether an item is added as it is."""
        return builder.front or self.operand(item).kind in ATOMS

    def kept(self, expr: ir.Expr, indent: int, point: Point) -> str:
        """A local with the value of an expression."""
        kept = self.temporary()
        self.mark(f"{kept} = {self.pure(expr)}", indent, point)
        return kept

    def add(self, builder: Builder, item: ir.Expr, text: str, indent: int) -> None:
        """Add an item that is in a local."""
        adding = f"{builder.added}.append({text})"
        if self.is_atom(item, builder):
            self.plain(adding, indent)
            return
        made = f"{self.name(builder.together)}({builder.before}, {builder.added})"
        other = f"{self.name(APPEND)}({made}, {text})"
        self.plain(f"if type({text}) in {self.name(ATOMS)}: {adding}", indent)
        self.plain(f"else: {builder.before}, {builder.added} = {other}, []", indent)

    def is_changed(self, expr: ir.Expr, var: Var) -> bool:
        """Whether an expression is a new version of the value of `var` that can be made by a change."""
        if not isinstance(expr, (ir.Primitive1, ir.Primitive2, ir.PrimitiveN)):
            return False
        arguments = arguments_of(expr)
        at = inplace.changed(expr.function, len(arguments))
        own = [index for index, part in enumerate(arguments) if isinstance(part, ir.Slot) and part.var is var]
        if self.variable(var) in self.entries:
            return True
        # A variable that is known to hold a string grows in an expression.
        return own == [at] and self.operand(arguments[own[0]]).kind is not str

    def change(
        self,
        grown: dict[str, ir.Expr],
        risky: dict[str, str],
        safe: dict[str, str],
        indent: int,
        point: Point,
    ) -> None:
        """Give variables new values, those of `grown` by a change in place where nobody else holds them."""
        news: dict[str, str] = {}
        for local, text in (risky | safe).items():
            if local in safe and not _mentioned(grown, {local: text}):
                continue
            news[local] = self.temporary()
            self.mark(f"{news[local]} = {text}", indent, point)
        if len(grown) == 1:
            ((local, expr),) = grown.items()
            if self.put(local, expr, indent, point):
                grown = {}
        changes = []
        for local, expr in grown.items():
            operands, parts = [], arguments_of(expr)
            for argument in parts:
                text = self.pure(argument)
                if not text.isidentifier():
                    kept = self.temporary()
                    self.mark(f"{kept} = {text}", indent, point)
                    text = kept
                operands.append(text)
            function = expr.function  # type: ignore[attr-defined]
            others = [text for text in operands if text != local]
            entries, new = self.entries.get(local), self.temporary()
            if entries is not None:
                made = inplace.entry(entries, *others)
            else:
                made = inplace.change(self, function, local, others)
            shown = [
                inline.Operand(text, self.kind(part)) for text, part in zip(operands, parts, strict=True)
            ]
            changes.append((local, new, made, inline.expanded(self, function, shown).text))
        if len(changes) == 1:  # nothing that may raise comes after it
            ((local, _, made, slow),) = changes
            self.mark(f"if {made.test}:", indent, point)
            for line in made.effect:
                self.plain(line, indent + 1)
            self.plain("else:", indent)
            self.mark(f"{local} = {slow}", indent + 1, point)
            changes = []
        for _, new, made, slow in changes:
            self.mark(f"{new} = UNBOUND if {made.test} else {slow}", indent, point)
        for local, new, made, _ in changes:
            self.plain(f"if {new} is UNBOUND:", indent)
            for line in made.effect:
                self.plain(line, indent + 1)
            again = f"; {self.entries[local]} = {local}.plain" if local in self.entries else ""
            self.plain(f"else: {local}, {new} = {new}, None{again}", indent)
        self.assign(news | {local: text for local, text in safe.items() if local not in news}, indent, point)

    def put(self, local: str, expr: ir.Expr, indent: int, point: Point) -> bool:
        """Give the variable that holds a dict alone a new version with another entry, if that is all.

        The value may be found in the entries as they were: they are looked up once.
        """
        dict_, *parts = arguments_of(expr)
        if not inplace.is_entry(expr.function, len(parts)):  # type: ignore[attr-defined]
            return False
        key, kind = self.named(parts[0], indent, point), self.kind(dict_)
        entries = self.entries.get(local)
        plain = entries or self.temporary()
        with self.knowing(local, key.text, plain):
            value = self.pure(parts[1])
        if entries is not None:
            test = f"{entries} is not None{'' if key.kind is str else f' and type({key.text}) is str'}"
        elif _mentioned([local], {"": value}):  # it might become a part of itself
            return False
        else:
            test = inplace.entry_test(self, inline.Operand(local, kind), key, plain, alone=True)
        self.mark(f"if {test}:", indent, point)
        self.mark(f"{plain}[{key.text}] = {value}", indent + 1, point)
        self.plain("else:", indent)
        shown = [inline.Operand(local, kind), key, self.operand(parts[1])]
        self.mark(f"{local} = {inline.expanded(self, expr.function, shown).text}", indent + 1, point)  # type: ignore[attr-defined]
        if entries is not None:  # the new version is nobody else's
            self.plain(f"{entries} = {local}.plain", indent + 1)
        return True

    def named(self, expr: ir.Expr, indent: int, point: Point) -> inline.Operand:
        """An operand whose text may be repeated."""
        operand = self.operand(expr)
        if not operand.is_simple:
            operand = operand._replace(text=self.kept(expr, indent, point))
        return operand

    @contextmanager
    def knowing(self, dict_: str, key: str, plain: str) -> Iterator[None]:
        """Where a dict is plain, with its entries in a local, and a key is a string."""
        self.sure[dict_, key] = plain
        yield
        del self.sure[dict_, key]

    def assign(self, texts: dict[str, str], indent: int, point: Point) -> None:
        """Give locals new values, all at once."""
        if texts:
            self.mark(f"{', '.join(texts)} = {', '.join(texts.values())}", indent, point)

    def is_safe(self, expr: ir.Expr) -> bool:
        """Whether an expression certainly does not raise."""
        match expr:
            case ir.Constant() | ir.Slot():
                return True
            case ir.Primitive1() | ir.Primitive2():
                parts = arguments_of(expr)
                return inline.is_closed(expr.function) and all(
                    self.operand(part).kind is int and self.is_safe(part) for part in parts
                )
        return False


def _mentioned(locals_: Iterable[str], texts: dict[str, str]) -> bool:
    """Whether one of the locals stands in one of the texts."""
    return any(local in WORDS.findall(text) for local in locals_ for text in texts.values())


def arguments_of(expr: Any) -> tuple[ir.Expr, ...]:
    """The arguments of a call of a primitive."""
    match expr:
        case ir.Primitive1():
            return (expr.argument,)
        case ir.Primitive2():
            return (expr.left, expr.right)
    arguments: tuple[ir.Expr, ...] = expr.arguments
    return arguments
