"""Frozen text that nobody vouches for: whatever it says, a thaw ends in a program or in a ThawError."""

from __future__ import annotations

import os
import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sxpy import Interpreter, Limits
from sxpy.data import Bytevector, Char, Dict, Vector, equal, from_list, keyword, symbol
from sxpy.errors import InternalError, SxError, ThawError
from sxpy.image.codes import name_of
from sxpy.image.freeze import Frozen
from sxpy.image.thaw import ThawLimits
from sxpy.machine.step import Machine
from sxpy.printer import inspect

ROUNDS = int(os.environ.get("SX_FREEZE_FUZZ", "300"))
"""Mutations of each program's text and of its code."""

ASK = '(define (ask x) (perform {:op "ask" :args (list x)}))\n'
PROGRAMS = [
    "(define (f n) (map (fn (x) (+ x n (ask x))) (list 1 2 3))) (f 10)",
    "(let ((v (vector 1 2)) (d {:a 1}) (n 0)) (dynamic-wind (fn () (set! n 1))"
    " (fn () (ask (list v d))) list))",
    "(define-record-type p (mk a) p? (a pa set-a!)) (define r (mk 1))"
    " (guard (e (true e)) (ask 1) (set-a! r r) r)",
    "(define k nil) (define c (make-coroutine (fn ()"
    " (call/cc (fn (j) (set! k j))) (coroutine-yield (ask 1))))) (coroutine-resume c)",
    "(define-syntax two (syntax-rules () ((_ x) (list x x)))) (ask 1) (two 5)",
    "(sort (list 3 1 2) (fn (a b) (ask a) (< a b)))",
]
TOKEN = re.compile(r'"[^"]*"|[()]|[^\s()"]+|\s')
NOISE = [
    "%0",
    "%1",
    "%7",
    "%99999",
    "nil",
    "true",
    "0",
    "1",
    "-1",
    "5",
    '"x"',
    "(list)",
    "list",
    "frame",
    "state",
]


def _frozen(program: str) -> Frozen:
    return Interpreter().start(ASK + program).freeze()


def _mutated(text: str, chance: random.Random) -> str:
    """A text with one or a few things changed: cut, flipped, swapped, repeated, replaced."""
    how = chance.randrange(6)
    if how == 0:
        return text[: chance.randrange(len(text))]
    if how == 1:
        at = chance.randrange(len(text))
        return text[:at] + chance.choice('()%0 9"\\{}:nxé\0') + text[at + 1 :]
    tokens = TOKEN.findall(text)
    for _ in range(chance.choice([1, 1, 1, 2, 5])):
        at, other = chance.randrange(len(tokens)), chance.randrange(len(tokens))
        if how == 2:
            tokens[at] = chance.choice(NOISE)
        elif how == 3:
            tokens[at], tokens[other] = tokens[other], tokens[at]
        elif how == 4:
            tokens[at] = tokens[other]
        else:
            del tokens[at : at + chance.randrange(1, 9)]
            if len(tokens) < 2:
                break
    return "".join(tokens)


def _survives(text: str, code: dict[str, str]) -> None:
    """Thaw it; if that succeeds, run it for a while: nothing but the errors of SX may come of it."""
    there = Interpreter(limits=Limits(steps=2_000))
    try:
        run = there.thaw(text, code=code)
    except ThawError:
        return
    state = run.state
    try:
        if state.suspended:
            state = state.resume(3)
        Machine(run.interpreter).run(state, 300)
    except InternalError:
        raise
    except SxError:
        return


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_mutated_text_is_a_program_or_a_thaw_error(program: str) -> None:
    frozen = _frozen(program)
    chance = random.Random(program)
    for _ in range(ROUNDS):
        _survives(_mutated(frozen.text, chance), dict(frozen.code))


@pytest.mark.parametrize("program", PROGRAMS)
def test_mutated_code_is_a_program_or_a_thaw_error(program: str) -> None:
    frozen = _frozen(program)
    chance = random.Random(program)
    for _ in range(ROUNDS // 2):
        cid = chance.choice(sorted(frozen.code))
        blob = _mutated(frozen.code[cid], chance)
        name = name_of(blob)
        _survives(frozen.text.replace(cid, name), {**frozen.code, name: blob})


@given(st.text(max_size=200))
def test_any_text_is_refused(text: str) -> None:
    with pytest.raises(ThawError):
        Interpreter().thaw(text)


DATA = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.fractions().filter(lambda ratio: ratio.denominator > 1)
    | st.text(max_size=90)
    | st.builds(Char, st.integers(0, 0x10FFFF))
    | st.builds(symbol, st.text(min_size=1, max_size=5))
    | st.builds(keyword, st.text(min_size=1, max_size=5))
    | st.builds(Bytevector, st.binary(max_size=9)),
    lambda inner: (
        st.lists(inner, max_size=5).map(from_list)
        | st.lists(inner, max_size=5).map(Vector)
        | st.dictionaries(st.text(max_size=5), inner, max_size=5).map(Dict)
    ),
    max_leaves=20,
)


@settings(max_examples=100)
@given(DATA)
def test_any_data_survives(value: Any) -> None:
    here = Interpreter()
    here.eval(ASK)
    run = here.start_call("ask", value)
    thawed = here.thaw(run.freeze().bundled())
    found = thawed.request.get("args").first()
    assert equal(found, value) and inspect(found) == inspect(value)


def test_limits_on_the_size_are_kept() -> None:
    frozen = _frozen("(list (ask 1))")
    there = Interpreter()
    with pytest.raises(ThawError, match="longer than the limit of 100"):
        there.thaw(frozen.text, code=frozen.code, limits=ThawLimits(characters=100))
    with pytest.raises(ThawError, match="more than the limit of 3"):
        there.thaw(frozen.text, code=frozen.code, limits=ThawLimits(parts=3))


def test_an_unknown_version_is_refused() -> None:
    text = _frozen("(list (ask 1))").text.replace(":version 1", ":version 2")
    with pytest.raises(ThawError, match="version 2 is not known here; this sxpy reads version 1"):
        Interpreter().thaw(text)


def test_an_environment_in_a_circle_is_refused() -> None:
    frozen = _frozen("(list (ask 1))")
    text = re.sub(r'\(environment true "global" nil', r'(environment true "global" %3', frozen.text)
    assert text != frozen.text
    with pytest.raises(ThawError, match="its own parent"):
        Interpreter().thaw(text, code=frozen.code)


def test_a_label_that_is_none_is_refused() -> None:
    frozen = _frozen("(define (f x) (+ x (ask 1))) (f 2)")
    text = re.sub(r"\(label %(\d+) (\d+)", r"(label %\1 999\2", frozen.text)
    with pytest.raises(ThawError, match="no label 999"):
        Interpreter().thaw(text, code=frozen.code)


def test_deep_data_needs_no_stack() -> None:
    here = Interpreter()
    here.eval(ASK + "(define (nest n v) (if (= n 0) v (nest (- n 1) (list v))))")
    run = here.start("(ask (nest 30000 nil))")
    assert here.thaw(run.freeze().bundled()).suspended


def test_nothing_runs_while_thawing(tmp_path: Path) -> None:
    here = Interpreter()
    here.eval("(define ran 0) (define (mark) (set! ran (+ ran 1)))")
    run = here.start(ASK + "(define x (delay (mark))) (define c (mark)) (list (ask (force x)) ran)")
    thawed = here.thaw(run.freeze().bundled())
    assert inspect(thawed.resume(1).value) == "(1 2)"
