"""Traces: blocks that always follow each other as one Python function, and what goes round as a loop.

A function that captures continuations runs as blocks (`sxpy/compiler/detours.py`), and each block is a bounce
of the trampoline, with frames, continuations and closures in between that live until the next block. A trace
follows what was recorded (`sxpy/compiler/recording.py`): it guards that a call goes where it went, goes on
there, and knows what it would have made without making it (`sxpy/compiler/virtual.py`). Whenever something is
otherwise than it was, it makes all of it and goes on as a block does. When the way comes back to its first
block, it is a loop: once with everything as it is found, and then round and round with what is known by then
(`sxpy/compiler/closing.py`).
(Gal et al., "Trace-based just-in-time type specialization for dynamic languages", 2009.)

Owns the way from block to block. What the lines between are made of is in `sxpy/compiler/unmade.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from sxpy.compiler.expressions import Unfit
from sxpy.compiler.recording import CALL_CC, Visit
from sxpy.compiler.unmade import Unmade
from sxpy.compiler.virtual import DYNAMIC, Made, Name, Pushed, Taken, Value
from sxpy.core import ir
from sxpy.data import Box, Closure, Continuation


class Follower(Unmade):
    """Writes the blocks of a recording one after the other."""

    def round(self) -> tuple[Sequence[Value], Value] | None:
        """Write all blocks. What the first one gets when the way comes back there, and its continuation."""
        visits = self.recording.visits
        for index, visit in enumerate(visits):
            self.follow(visit)
            if not visit.leads:
                self.leave(self.term)
                return None
            onward = visits[index + 1] if index + 1 < len(visits) else visits[0]
            going = self.jump_to(visit, onward)
            if onward is visits[0]:
                return going
            self.enter(onward, *going)
        raise AssertionError("a recording ends or is closed")

    def begin(self, inputs: Sequence[Value], kont: Value) -> None:
        """Begin the first block."""
        self.begins = inputs, kont
        self.enter(self.recording.visits[0], inputs, kont)
        self.begins = None

    def enter(self, visit: Visit, inputs: Sequence[Value], kont: Value) -> None:
        """Begin a block."""
        if visit.block.entry:
            self.env, self.kont = list(inputs), kont
        else:
            frame = self.open(kont, visit)
            self.env, self.kont = [*inputs, *frame.live], frame.below

    def open(self, kont: Value, visit: Visit) -> Pushed:
        """A frame that is known to be one of the block that is visited."""
        if isinstance(kont, Pushed):
            return kont
        assert isinstance(kont, Name)
        found = self.facts.opened.get(kont.text)
        if found is None:
            seen = visit.env[1 : 1 + len(visit.block.captured)]
            below = Name(f"k{self.temporary()}")
            live = self.unpack(seen, "_, {}" + below.text, kont.text)
            found = self.facts.opened[kont.text] = Pushed(visit.block, self.met(live), below)
        return found

    def follow(self, visit: Visit) -> None:
        """Write the terms of a block up to the last one, which is the term then."""
        self.outcomes = iter(visit.outcomes)
        term = visit.block.body
        while True:
            self.term, self.before = term, dict(self.heap)
            if term is visit.term:
                return
            match term:
                case ir.Bind():
                    value = self.evaluate(term.expr, visit.env[len(self.env)])
                    self.env.append(value)
                case ir.Do():
                    self.evaluate(term.expr)
                case ir.Push():
                    live = tuple([self.env[slot.index] for slot in term.live])
                    self.kont = Pushed(term.block, live, self.kont)
                case ir.Fix():
                    self.functions(term)
                case ir.Branch():
                    is_true = next(self.outcomes)
                    onward, aside = (term.then, term.other) if is_true else (term.other, term.then)
                    self.go(term.test, is_true=is_true, aside=aside)
                    term = onward
                    continue
            term = term.next

    def functions(self, term: ir.Fix) -> None:
        """Make functions that may know each other."""
        first = len(self.env)
        names = [self.new(f"closure_of({self.name(one.template)}, ())") for one in term.closures]

        def captured(index: int) -> Value:
            return names[index - first] if index >= first else self.env[index]

        for name, closure in zip(names, term.closures, strict=True):
            slots = [slot.index for slot in closure.captures]
            texts = [self.text(captured(index)) for index in slots]
            self.step(f"{name.text}.free = ({''.join([text + ', ' for text in texts])})")
            self.facts.made[name.text] = Made(closure.template, tuple([captured(index) for index in slots]))
        self.env += names

    # -- from block to block -----------------------------------------------------------------------

    def jump_to(self, visit: Visit, onward: Visit) -> tuple[Sequence[Value], Value]:
        """Write the last term of a block that went to another one: what that gets, and its continuation."""
        term = self.term
        if isinstance(term, ir.Return):
            kont = self.known_to_be(self.kont, onward.block)
            if onward is not self.recording.visits[0]:
                self.open(kont, onward)  # whatever has to be asked is asked before anything is done for good
            return [self.evaluate(term.expr)], kont
        assert isinstance(term, ir.Jump)
        self.compute(term.arguments)
        if isinstance(term.head, ir.Global) and term.head.cell.value is CALL_CC:
            self.cells.append(term.head.cell)
            return self.call(self.given[0], None, [Taken(self.kont)], onward), self.kont
        head = self.evaluate(term.head)
        if not onward.block.entry:
            return self.given, self.known_to_be(self.frames_of(head), onward.block)
        known = None
        if isinstance(term.head, ir.Slot):
            known = visit.block.code.functions.get(term.head.var)
        return self.call(head, known, self.given, onward), self.kont

    def met(self, names: Sequence[Name]) -> tuple[Name, ...]:
        """The first names of what locals hold, where that has another one already."""
        found = []
        for name in names:
            seen, before = self.seen.get(name.text), name
            if type(seen) in (Closure, Box):
                before = self.facts.met.setdefault(id(seen), name)
            if before is not name:
                self.leave_if(f"{name.text} is not {before.text}")
            found.append(before)
        return tuple(found)

    def call(
        self, head: Value, known: ir.Template | None, given: Sequence[Value], onward: Visit
    ) -> Sequence[Value]:
        """What a function's block gets for these arguments, and leave if another one is called."""
        if isinstance(head, Name):
            found = self.facts.made.get(head.text)
            if found is None:
                template = onward.block.template
                assert template is not None
                if known is not template:
                    test = f"type({head.text}) is not Closure or {head.text}.template is not"
                    self.leave_if(f"{test} {self.name(template)}")
                seen = onward.env[len(given) : len(given) + len(onward.block.captured)]
                captured = self.unpack(seen, "{}", f"{head.text}.free")
                found = self.facts.made[head.text] = Made(template, self.met(captured))
            head = found
        if not isinstance(head, Made) or head.template.entry is not onward.block:
            raise Unfit
        return [*given, *head.captures]

    def frames_of(self, head: Value) -> Value:
        """The frames of a continuation, and leave if it is none that may be entered just so."""
        if isinstance(head, Taken):
            return head.kont
        if not isinstance(head, Name):
            raise Unfit
        found = self.facts.konts.get(head.text)
        if found is None:
            kind = self.name(Continuation)
            test = f"type({head.text}) is not {kind} or {head.text}.dynamic is not {DYNAMIC}"
            self.leave_if(f"{test} or {head.text}.delimited or {head.text}.kont is None")
            name = Name(f"k{self.temporary()}")
            self.step(f"{name.text} = {head.text}.kont")
            found = self.facts.konts[head.text] = name
        return found

    def known_to_be(self, kont: Value, block: ir.Block) -> Value:
        """The continuation, whose innermost frame is one of the block; leave if it is not."""
        found = self.facts.opened.get(kont.text) if isinstance(kont, Name) else kont
        if found is None:
            assert isinstance(kont, Name)
            self.leave_if(f"{kont.text}[0] is not {self.name(block)}")
        elif not isinstance(found, Pushed) or found.block is not block:
            raise Unfit
        return kont
