"""How the debugger shows what it looks at: stops, calls, frames, variables, source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import click

from sxpy.cli.report import excerpt
from sxpy.core.ir import BIND, BRANCH, DO, FIX, JUMP, PUSH, Block, Global, Slot
from sxpy.core.sites import Site
from sxpy.data import UNBOUND, Closure, Control, Primitive
from sxpy.debugger import Call, Debugger, LineBreakpoint, Reason, Stop, Variable, pending, variables
from sxpy.debugger.calls import upcoming, waiting
from sxpy.errors import SxError
from sxpy.machine.program import PROGRAM
from sxpy.machine.state import APPLY, EVAL, PERFORM, SUSPENDED, State
from sxpy.printer import inspect
from sxpy.reader import Source, read_next
from sxpy.reader.forms import ExpandedSpot, Spot

WIDTH = 160
"""Characters of a value that are shown in a line with others."""

AROUND = 5
"""Lines of source that are listed on each side of a place."""

MOST_CALLS = 40
"""Calls of a backtrace that are shown when nobody says how many."""


def stop(where: Stop, debugger: Debugger) -> str:
    """The lines that say where a program has stopped."""
    state = where.state
    head = f"step {debugger.history.step}"
    spot = standing(state)
    if spot is not None:
        head += f", {spot.place()}"
    if state.phase in (EVAL, APPLY):
        call = state.control.site if state.phase == EVAL else state.site
        head += "" if call is None else f" in {call.function}"
    why = [f"breakpoint {item.number}" for item in where.breakpoints]
    if where.reason is Reason.RAISE and where.error is not None:
        why.append(f"raises: {where.error.message}")
    lines = [f"{head}: {doing(state)}" + (f" ({', '.join(why)})" if why else "")]
    if spot is not None:
        lines += excerpt(spot.place())
    return "\n".join(lines)


def standing(state: State) -> Spot | None:
    """The place in the source where a state stands, or where it is about to go on."""
    site = state.standing
    return upcoming(state) or (None if site is None else site.spot)


def doing(state: State) -> str:
    """What the next step does, in a few words."""
    if state.done:
        return f"the program has ended with {brief(state.value)}"
    if state.phase == SUSPENDED:
        return f"perform {brief(state.request)} waits for an answer"
    if state.phase == EVAL:
        return _term(state.control)
    if state.phase == APPLY:
        return f"call {called(state.control)} with {brief_list(state.env)}"
    if upcoming(state) is not None:
        return "evaluate the next form"
    assert state.kont is not None
    kind = state.kont[0]
    if type(kind) is not Block and kind.name == PERFORM:
        return f"go on with the answer {brief(state.control)}"
    to = waiting(state.kont).function if type(kind) is Block else operation(kind.name)
    return f"return {brief(state.control)} to {to}"


def _term(term: Any) -> str:
    if term.op == BIND:
        return f"bind {term.var.name}" if term.var.named else "keep a value"
    if term.op == FIX:
        return "make " + " ".join(var.name for var in term.vars)
    if term.op == JUMP:
        return "call " + _head(term.head)
    return {BRANCH: "decide", DO: "evaluate", PUSH: "push the frame of what comes after"}.get(
        term.op, "return"
    )


def _head(head: Any) -> str:
    if isinstance(head, Global):
        return head.cell.name
    if isinstance(head, Slot) and head.var.named:
        return head.var.name
    constant = getattr(head, "constant", None)
    return called(constant) if constant is not None else "what was computed"


def called(procedure: Any) -> str:
    """A procedure by its name."""
    if isinstance(procedure, (Closure, Control, Primitive)):
        return operation(procedure.name)
    return brief(procedure)


def operation(name: str) -> str:
    """An operation of the machine by the name that programs know."""
    return name.removeprefix("%")


def brief(value: Any) -> str:
    """A value on a part of a line."""
    text = "(no value yet)" if value is UNBOUND else inspect(value)
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def brief_list(values: Iterable[Any]) -> str:
    """Several values."""
    return "(" + " ".join(brief(value) for value in values) + ")"


# -- calls -----------------------------------------------------------------------------------------


def backtrace(debugger: Debugger, calls: Iterator[Call], selected: int, most: int) -> Iterator[str]:
    """The lines of a backtrace, at most `most` calls of it."""
    for number, call in enumerate(islice(calls, most)):
        if call.elided:
            yield "     … tail calls elided"
        yield f"{'=>' if number == selected else '  '} {number:>2} {heading(debugger, call)}"
    more = sum(1 for _ in calls)
    if more:
        yield f"   … {more:,} more (`backtrace {most + more}` shows them)"


def heading(debugger: Debugger, call: Call) -> str:
    """A call in one line: its function, its place, its variables."""
    if call.operation is not None:
        return _operation_line(call)
    assert call.site is not None
    inside = f" (in {call.site.within[0]})" if call.site.within else ""
    values = " ".join(
        f"{item.name}={_short(item.value)}" for item in debugger.variables(call) if not _is_function(item)
    )
    where = f", {call.place}" if call.place else ""
    return f"{call.function}{inside}{where}" + (f": {values}" if values else "")


def _is_function(item: Variable) -> bool:
    return type(item.value) is Closure


def _short(value: Any) -> str:
    text = brief(value)
    return text if len(text) <= 40 else text[:39] + "…"


def _operation_line(call: Call) -> str:
    frame = call.frames[0]
    if frame[0] is PROGRAM:
        left = len(frame[2]) - frame[3]
        return f"the program, {left} more form{'' if left == 1 else 's'} to come"
    return f"{operation(call.function)}, an operation of the machine"


def frames(state: State) -> Iterator[str]:
    """The frames of a continuation, each in a line, with what they hold."""
    inner = state.kont
    number = 0
    while inner is not None:
        kind = inner[0]
        if type(kind) is Block:
            place = kind.site.place
            held = ", ".join(
                f"{var.name if var.named else '·'} = {_short(getattr(value, 'value', value))}"
                for var, value in zip(kind.captured, inner[1:-1], strict=True)
            )
            where = f", {place}" if place else ""
            yield f"{number:>3} after the call in {kind.site.function}{where}" + (f": {held}" if held else "")
        else:
            name = _operation_line(waiting(inner)) if kind is PROGRAM else operation(kind.name)
            yield f"{number:>3} {name}"
        inner = inner[-1]
        number += 1
    if number == 0:
        yield "the continuation is empty: the next value is the program's"


def call_details(debugger: Debugger, call: Call, number: int) -> Iterator[str]:
    """A call with its place, its variables and what it keeps for later."""
    yield f"call {number}: {heading(debugger, call).partition(': ')[0]}"
    yield from excerpt(call.place)
    yield from environment(debugger, call)


def environment(debugger: Debugger, call: Call) -> Iterator[str]:
    """The variables of a call, and the values that it keeps."""
    state, call = debugger.seen_from(call)
    named = variables(state, call)
    for item in named:
        yield f"  {item.name} = {brief(item.value)}" + ("   (set by the program)" if item.box else "")
    for origin, value in pending(state, call):
        yield f"  {source_of(origin)} → {brief(value)}"
    if not named and not pending(state, call):
        yield "  no variables"


def source_of(site: Site) -> str:
    """The text of the form at a site, on a part of a line."""
    spot = site.spot
    if spot is None:
        return "a value"
    if isinstance(spot, ExpandedSpot):
        return _short(spot.form)
    try:
        _, end = read_next(spot.source.text, spot.offset)
    except SxError:  # the text was read before: only a place within a token can fail here
        return "a value"
    text = " ".join(spot.source.text[spot.offset : end].split())
    return text if len(text) <= 40 else text[:39] + "…"


# -- source ----------------------------------------------------------------------------------------


def listing(
    debugger: Debugger, source: Source, here: int | None, middle: int, around: int = 5
) -> Iterator[str]:
    """Lines of a source around line `middle`; `=>` marks the line `here`, a star the breakpoints."""
    lines = source.text.split("\n")
    marked = {
        item.resolved or item.line
        for item in debugger.breakpoints
        if isinstance(item, LineBreakpoint) and item.is_in(source.file)
    }
    first = max(1, middle - AROUND)
    for number in range(first, min(len(lines), middle + AROUND) + 1):
        if number == len(lines) and not lines[-1]:
            break
        arrow = click.style("=>", fg="green", bold=True) if number == here else "  "
        star = "*" if number in marked else " "
        yield f"{arrow}{star}{number:>4}  {lines[number - 1]}".rstrip()
