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
    first_characters,
    nullable,
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
    first = first_characters(tree)
    if first is not None:
        # A class may come with flags of its own; an inline group gives each set its flags.
        program.first = re.compile("|".join(map(_with_flags, first)))
    return program


def _with_flags(characters: Characters) -> str:
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
    for _ in range(node.low):
        _write(node.node, program)
    if node.high == UNBOUNDED:
        _write_loop(node, program)
        return
    splits = []
    for _ in range(node.high - node.low):
        splits.append(_emit(program, SPLIT))
        _write(node.node, program)
    for split in splits:
        _set_split(program, split, len(program.code), greedy=node.greedy)


def _write_loop(node: Repeat, program: Program) -> None:
    split = _emit(program, SPLIT)
    if nullable(node.node):
        loop = program.loops
        program.loops += 1
        _emit(program, ENTER, loop)
        _write(node.node, program)
        _emit(program, LEAVE, loop, split)
    else:
        _write(node.node, program)
        _emit(program, JUMP, split)
    _set_split(program, split, len(program.code), greedy=node.greedy)


def _set_split(program: Program, split: int, past: int, *, greedy: bool) -> None:
    inside = split + 1
    program.code[split] = (SPLIT, inside, past) if greedy else (SPLIT, past, inside)
