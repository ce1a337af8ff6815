"""The matcher that never does one thing twice: backtracking with a memory of what failed.

Owns the search with a program. It tries the alternatives in the order of `re`, so it finds the same match
with the same groups; but a choice that failed at a position is remembered and not tried again, for this
start of a match or any later one in the text. So a text of n characters takes at most n times as many
steps as the program has instructions, and as many bytes as n times its choices.
Next: `sxpy/regex/pattern.py`.
"""

from __future__ import annotations

from sxpy.regex.program import AT, CHAR, ENTER, JUMP, LEAVE, MATCH, SAVE, SPLIT, Program

MOST_STATES = 2**26
"""More choices times positions than this are refused: it is the bytes of memory, and the bound on time."""


class TooManyStatesError(Exception):
    """Pattern and text together exceed MOST_STATES."""


Spans = tuple[tuple[int, int], ...]
"""Where each group begins and ends, group 0 being the whole match; (-1, -1) for one that took no part."""


class Matcher:
    """A program at work on one text. What failed is remembered from one search to the next."""

    def __init__(self, program: Program, groups: int, text: str) -> None:
        self.program = program
        self.groups = groups
        self.text = text
        self._failed: dict[tuple[int, int], bytearray] = {}
        self._states = 0

    def search(self, start: int, *, advance: bool) -> Spans | None:
        """The first match that begins at `start` or later; with `advance`, no empty one at `start`.

        Raises TooManyStatesError.
        """
        first, at = self.program.first, start
        while at <= len(self.text):
            if first is not None:
                found = first.search(self.text, at)
                if found is None:
                    return None
                at = found.start()
            spans = self._match(at, nonempty=advance and at == start)
            if spans is not None:
                return spans
            at += 1
        return None

    def _match(self, start: int, *, nonempty: bool) -> Spans | None:
        """The match that begins at `start`, if there is one; not the empty one when `nonempty`."""
        code, text, length = self.program.code, self.text, len(self.text)
        loops = 2 * (self.groups + 1)
        slots = [-1] * (loops + self.program.loops)
        # Choices still to be made, (address, position, length of the path), and slots to be restored when
        # they are: (-1 - slot, old content, 0).
        pending: list[tuple[int, int, int]] = []
        # The choices on the way here: they have not failed yet.
        path: list[tuple[bytearray, int]] = []
        # A choice at `start` that fails because the match must not be empty may succeed another time.
        excused: list[bytearray] = []
        pc, at = 0, start
        while True:
            operation, first, second = code[pc]
            if operation == CHAR:
                if at < length and first[text[at]]:
                    pc, at = pc + 1, at + 1
                    continue
            elif operation == SPLIT:
                failed = self._memory(pc, slots, loops, at)
                if not failed[at]:
                    failed[at] = 1
                    if nonempty and at == start:
                        excused.append(failed)
                    path.append((failed, at))
                    pending.append((second, at, len(path)))
                    pc = first
                    continue
            elif operation == JUMP:
                pc = first
                continue
            elif operation in (SAVE, ENTER):
                slot = first if operation == SAVE else loops + first
                pending.append((-1 - slot, slots[slot], 0))
                slots[slot] = at
                pc += 1
                continue
            elif operation == LEAVE:
                slot = loops + first
                if slots[slot] != at:
                    pc = second
                else:
                    pending.append((-1 - slot, at, 0))
                    slots[slot] = -1
                    pc += 1
                continue
            elif operation == AT:
                if first.match(text, at) is not None:
                    pc += 1
                    continue
            elif operation == MATCH and not (nonempty and at == start):
                for failed, position in path:
                    failed[position] = 0
                for failed in excused:
                    failed[start] = 0
                slots[0], slots[1] = start, at
                return tuple((slots[i], slots[i + 1]) for i in range(0, loops, 2))
            while pending:
                pc, at, kept = pending.pop()
                if pc >= 0:
                    del path[kept:]
                    break
                slots[-1 - pc] = at
            else:
                for failed in excused:
                    failed[start] = 0
                return None

    def _memory(self, pc: int, slots: list[int], loops: int, at: int) -> bytearray:
        """Where the choice at `pc` failed, given which loops are in a round that has consumed nothing yet.

        That is all of the slots that decides whether a match follows.
        """
        empty_rounds = 0
        if len(slots) > loops:
            for index in range(loops, len(slots)):
                empty_rounds = 2 * empty_rounds + (slots[index] == at)
        memory = self._failed.get((pc, empty_rounds))
        if memory is None:
            self._states += len(self.text) + 1
            if self._states > MOST_STATES:
                raise TooManyStatesError
            memory = self._failed[pc, empty_rounds] = bytearray(len(self.text) + 1)
        return memory
