"""A pattern as instructions for the matcher.

Owns the translation of a tree into a flat program (Thompson's construction, in the form of Cox, "Regular
Expression Matching: the Virtual Machine Approach", 2009). Bounded repeats are written out.
Next: `sxpy/regex/matcher.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from sxpy.regex.syntax import (
    UNBOUNDED,
    At,
    Characters,
    Choice,
    Group,
    Node,
    One,
    Repeat,
    Sequence,
    Special,
)

CHAR, SPLIT, JUMP, SAVE, AT, ENTER, LEAVE, MATCH = range(8)
"""What an instruction does. The second part of an instruction, and the third, are

* CHAR characters — one character of the set
* SPLIT first second — go on at `first`; when that fails, at `second`
* JUMP target
* SAVE slot — remember the position; slot 2i is where group i begins, 2i+1 where it ends
* AT assertion — go on when the assertion holds here
* ENTER loop — remember where this round of a loop began whose body may be empty
* LEAVE loop target — go on at `target` when the round consumed something, else at the next instruction
* MATCH
"""

Instruction = tuple[int, Any, Any]

MOST_INSTRUCTIONS = 20_000
"""A pattern whose program would be longer has none."""


class NoProgramError(Exception):
    """The pattern is not one the matcher can do; the message says what is in the way."""


@dataclass(slots=True)
class Program:
    """The instructions; how many loops have rounds that may be empty; how a match can begin."""

    code: list[Instruction] = field(default_factory=list)
    loops: int = 0
    first: re.Pattern[str] | None = None
    """Finds the next character a match can begin with; None when a match can begin anywhere."""


def assemble(tree: Node) -> Program:
    """The program of a pattern. Raises NoProgramError."""
    program = Program()
    _write(tree, program)
    _emit(program, MATCH)
    if tree.first and not tree.empty:
        program.first = re.compile("|".join(map(_with_flags, tree.first)))
    return program


def _with_flags(characters: Characters) -> str:
    """The set as a part of a larger pattern, whatever the flags of the other parts."""
    flags = characters.flags
    named = ((re.IGNORECASE, "i"), (re.MULTILINE, "m"), (re.DOTALL, "s"), (re.ASCII, "a"))
    letters = "".join(letter for flag, letter in named if flags & flag)
    return f"(?{letters}:{characters.text})" if letters else characters.text


def _emit(program: Program, operation: int, first: Any = None, second: Any = None) -> int:
    """Add an instruction; its address."""
    if len(program.code) >= MOST_INSTRUCTIONS:
        raise NoProgramError(f"it has repeats that come to more than {MOST_INSTRUCTIONS} instructions")
    program.code.append((operation, first, second))
    return len(program.code) - 1


def _write(node: Node, program: Program) -> None:
    match node:
        case One(characters):
            _emit(program, CHAR, characters)
        case At(assertion):
            _emit(program, AT, assertion)
        case Sequence(nodes):
            for inner in nodes:
                _write(inner, program)
        case Choice(nodes):
            _write_choice(nodes, program)
        case Repeat():
            _write_repeat(node, program)
        case Group(inner, index):
            _emit(program, SAVE, 2 * index)
            _write(inner, program)
            _emit(program, SAVE, 2 * index + 1)
        case Special(what):
            raise NoProgramError(f"it has {what}")


def _write_choice(nodes: tuple[Node, ...], program: Program) -> None:
    code, jumps = program.code, []
    for node in nodes[:-1]:
        split = _emit(program, SPLIT)
        _write(node, program)
        jumps.append(_emit(program, JUMP))
        code[split] = (SPLIT, split + 1, len(code))
    _write(nodes[-1], program)
    for jump in jumps:
        code[jump] = (JUMP, len(code), None)


def _write_repeat(node: Repeat, program: Program) -> None:
    """The rounds that must be, one after the other, and then those that may be.

    A round that consumed nothing is the last, as in `re`; where rounds may be empty, a loop register tells.
    """
    start = len(program.code)
    for _ in range(node.low):
        _write(node.node, program)
        if len(program.code) == start:
            return  # nothing, however often
    loop: int | None = None
    if node.node.empty:
        loop = program.loops
        program.loops += 1
    if node.high == UNBOUNDED:
        split = _emit(program, SPLIT)
        _write_round(node.node, loop, split, program)
        _set_split(program, split, greedy=node.greedy)
        return
    splits, ends = [], []
    for _ in range(node.high - node.low):
        splits.append(_emit(program, SPLIT))
        ends.append(_write_round(node.node, loop, None, program))
    for split in splits:
        _set_split(program, split, greedy=node.greedy)
    for end in ends:
        if end is not None:
            program.code[end] = (JUMP, len(program.code), None)


def _write_round(node: Node, loop: int | None, again: int | None, program: Program) -> int | None:
    """One round of a repeat that goes on at `again`, or at the next round that is written when it is None.

    Returns the address of the jump, still to be set, that leaves the repeat after an empty round.
    """
    if loop is not None:
        _emit(program, ENTER, loop)
    _write(node, program)
    if loop is None:
        if again is not None:
            _emit(program, JUMP, again)
        return None
    if again is not None:
        _emit(program, LEAVE, loop, again)
        return None
    _emit(program, LEAVE, loop, len(program.code) + 2)
    return _emit(program, JUMP)


def _set_split(program: Program, split: int, *, greedy: bool) -> None:
    """Let the choice at `split` be between the round behind it and the end of the program so far."""
    inside, past = split + 1, len(program.code)
    program.code[split] = (SPLIT, inside, past) if greedy else (SPLIT, past, inside)
