"""Runners: functions from machine, input and continuation to what comes next, for the trampoline to call.

Owns the ways to run a block: by tier 0's rules while it is cold, as a compiled block that makes frames as it
goes (`sxpy/compiler/emit.py`), or, for a function, by way of its direct function behind a **gate**
(`sxpy/compiler/direct.py`). Next: `sxpy/compiler/fast.py`, the trampoline.
"""

from __future__ import annotations

from types import CodeType, FrameType, TracebackType
from typing import Any, Protocol

from sxpy.compiler.info import INFO, Info
from sxpy.core.direct import NOT_MADE, Allowance, leave
from sxpy.core.ir import BIND, BRANCH, DO, FIX, JUMP, PUSH, Block, Runner, Template
from sxpy.core.sites import Site
from sxpy.data import Closure, Control, MutableList, Rope, Span, Stack, Vector, closure_of
from sxpy.machine.state import APPLY, CONTINUE, Kont, Transition
from sxpy.machine.step import make_closures

Next = tuple[Any, Any, Any]
"""What comes next: a runner, its input and the continuation."""


def halted(machine: Any, given: Any, kont: Kont) -> Next:
    """The runner after a transition that nothing comes after: the end, or a suspension.

    `given` is the transition. It goes nowhere, so a trampoline may notice it late.
    """
    return halted, given, kont


class Trampoline(Protocol):
    """What a runner needs of the machine that it runs on."""

    site: Site | None
    dynamic: Kont
    hot: int
    allowance: Allowance
    counts: dict[Block, list[int]] | None
    detours: Any

    answer: Any

    def next(self, phase: str, control: Any, env: Any, kont: Kont) -> Next:
        """What comes next after a transition; `halted` when nothing does."""

    def apply(self, head: Any, args: list[Any], kont: Kont) -> Transition:
        """One call."""

    def new_allowance(self) -> Allowance:
        """An allowance for direct code; an empty one when there is no room for it."""


def call(machine: Trampoline, request: Any, kont: Kont) -> Next:
    """Call anything: `request` is procedure, arguments and site."""
    head, args, machine.site = request
    if type(head) is Control and head.direct is not None and _is_hot(args, machine.hot):
        d = () if machine.detours.deep else machine.allowance or machine.new_allowance()
        if d:
            value = head.direct(d, head, *args)
            if kont is None:
                return halted, (CONTINUE, value, (), None), None
            return kont[0].run, value, kont
    return machine.next(*machine.apply(head, args, kont))


def call_by_frames(machine: Trampoline, request: Any, kont: Kont) -> Next:
    """As `call`, but never by direct code."""
    head, args, machine.site = request
    return machine.next(*machine.apply(head, args, kont))


def resume(machine: Trampoline, value: Any, frame: Any) -> Next:
    """Give a value to a native frame, and go on in direct code."""
    kont = frame[-1]
    d = () if machine.detours.deep else machine.allowance or machine.new_allowance()
    if not d:
        return resume_by_frames(machine, value, frame)
    value = frame[0].direct(d, value, frame)
    if kont is None:
        return halted, (CONTINUE, value, (), None), None
    return kont[0].run, value, kont


def resume_by_frames(machine: Trampoline, value: Any, frame: Any) -> Next:
    """Give a value to a native frame."""
    return machine.next(*frame[0].resume(machine, value, frame))


def _is_hot(args: list[Any], hot: int) -> bool:
    """Whether direct code pays for a call: it gets a function that has some, or many items."""
    for arg in args:
        kind = type(arg)
        if kind is Closure:
            if can_be_direct(arg):
                return True
        elif kind in _SIZED and len(arg) >= hot:
            return True
    return False


def can_be_direct(function: Any) -> bool:
    """Whether a function has direct code that may be called."""
    if type(function) is not Closure:
        return False
    direct = function.template.direct
    return direct is not leave and direct.__code__ is not NOT_MADE


_SIZED = frozenset({Span, Stack, Rope, Vector, MutableList})


def interpret(machine: Trampoline, point: Any, kont: Kont) -> Next:
    """Go on from a term, by tier 0's rules, to the end of its block."""
    term, env = point
    while True:
        op = term.op
        if op == BIND:
            env.append(term.expr.value(env))
        elif op == BRANCH:
            test = term.test.value(env)
            term = term.then if test is not None and test is not False else term.other
            continue
        elif op == PUSH:
            kont = (term.block, *[env[slot.index] for slot in term.live], kont)
        elif op == DO:
            term.expr.value(env)
        elif op == FIX:
            make_closures(term, env)
        elif op == JUMP:
            args = [argument.value(env) for argument in term.arguments]
            head = term.head.value(env)
            machine.site = term.site
            return machine.next(APPLY, head, args, kont)
        else:
            return machine.next(CONTINUE, term.expr.value(env), None, kont)
        term = term.next


TERMWISE = {interpret.__code__}
"""The code of the functions that do terms by tier 0's rules: with locals `term`, `env` and `kont`."""


def interpret_block(machine: Trampoline, block: Block, given: Any, kont: Any) -> Next:
    """Run a block by tier 0's rules."""
    if block.entry:
        if machine.counts is not None:
            machine.counts[block][0] += 1
        return interpret(machine, (block.body, list(given)), kont)
    return interpret(machine, (block.body, [given, *kont[1:-1]]), kont[-1])


def _left_to_tier_0(block: Block) -> Any:
    def run(machine: Trampoline, given: Any, kont: Any) -> Next:
        return interpret_block(machine, block, given, kont)

    return run


def gate(template: Template) -> Runner:
    """The runner of a function's entry that calls its direct function."""
    block = template.entry
    inputs, has_rest, is_open = len(block.inputs), template.rest is not None, bool(block.captured)

    def run(machine: Trampoline, given: Any, kont: Kont) -> Next:
        d = machine.allowance or machine.new_allowance()
        if not d:
            return as_blocks(block)(machine, given, kont)
        closure = closure_of(template, given[inputs:]) if is_open else None
        if has_rest:
            value = template.direct(d, closure, *given[: inputs - 1], *given[inputs - 1])
        else:
            value = template.direct(d, closure, *given[:inputs])
        if kont is None:
            return halted, (CONTINUE, value, (), None), None
        return kont[0].run, value, kont

    return run


_GATE = next(part for part in gate.__code__.co_consts if isinstance(part, CodeType))


def as_blocks(block: Block) -> Runner:
    """The runner of a block that makes frames as it goes."""
    if block.frames is None:
        from sxpy.compiler.emit import compile_block  # noqa: PLC0415  short programs compile nothing

        block.frames = compile_block(block, call) or _left_to_tier_0(block)
    return block.frames


def block_of(following: Any) -> Block:
    """The block that a `Block.run` runs."""
    info = following.__globals__.get(INFO)
    if isinstance(info, Info):
        return info.block
    names, cells = following.__code__.co_freevars, following.__closure__
    cold: Block = cells[names.index("block")].cell_contents
    return cold


TRAMPOLINES: set[CodeType] = set()
"""The code of the trampoline: what is further in than a second one of a traceback is none of its business.

It belongs to a program that a host or a primitive ran, or to an error that is raised for a second time.
"""


def gate_of(trace: TracebackType | None) -> TracebackType | None:
    """The place in the traceback of a trampoline where direct code was entered: a gate, or `call`."""
    trace = trace and trace.tb_next
    while trace is not None and not is_gate(trace.tb_frame):
        trace = None if trace.tb_frame.f_code in TRAMPOLINES else trace.tb_next
    return trace


def is_gate(frame: FrameType) -> bool:
    """Whether a frame of Python is where direct code was entered."""
    code = frame.f_code
    if code is _GATE:
        return True
    return (code is call.__code__ or code is resume.__code__) and bool(frame.f_locals.get("d"))


def point_of(trace: TracebackType | None) -> Any:
    """The term that an exception was raised at, with environment and continuation; None: it was in no block.

    The frame after the trampoline's is a compiled block's, or tier 0's loop over one.
    """
    trace = trace and trace.tb_next
    while trace is not None and trace.tb_frame.f_code not in TRAMPOLINES:
        code, local = trace.tb_frame.f_code, trace.tb_frame.f_locals
        if code in TERMWISE:
            return local["term"], local["env"], local["kont"], False
        info = trace.tb_frame.f_globals.get(INFO)
        if isinstance(info, Info):
            line = info.lines.get(trace.tb_lineno)
            if line is None:  # it calls another one
                trace = trace.tb_next
                continue
            if not isinstance(line, tuple):
                return line.restored(local)
            term, depth, again = line
            if not again and "v" in local and local["K"] is None:
                return None, local["v"], None, False
            return term, [local[f"s{index}"] for index in range(depth)], local["K"], again
        trace = trace.tb_next
    return None
