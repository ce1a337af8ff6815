"""A step is a pure function from state to state: states are values, frames are data."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from running import finished, start_state, states

from sxpy import Interpreter
from sxpy.core.ir import Block
from sxpy.core.sites import Site
from sxpy.data import Closure, Continuation, Control, Environment, List, Primitive
from sxpy.errors import Place
from sxpy.machine import Machine, State
from sxpy.machine.state import APPLY, CONTINUE, EVAL, SUSPENDED, Native
from sxpy.printer import inspect

PURE = {
    "calls": ("(define (f n) (if (= n 0) 0 (+ 1 (f (- n 1))))) (f 5)", "5"),
    "closures": ("(define (adder a) (fn (b) (+ a b))) (map (adder 1) (list 1 2 3))", "(2 3 4)"),
    "callbacks": ("(reduce (fn (a x) (+ a x)) 0 (filter (fn (x) (odd? x)) (list 1 2 3)))", "4"),
    "sort": ("(sort (list 3 1 2) (fn (a b) (< a b)))", "(1 2 3)"),
    "guard": ("(guard (e ((number? e) (+ e 1))) (list (raise 1)))", "2"),
    "re-raise": ("(guard (e (true e)) (guard (e ((string? e) e)) (+ 1 (raise 2))))", "2"),
    "call/cc": ("(+ 1 (call/cc (fn (k) (* 10 (k 2)))))", "3"),
    "reset": ("(reset (+ 1 (shift k (list (k 1) (k 2)))))", "(2 3)"),
    "dynamic-wind": ("(dynamic-wind (fn () 1) (fn () (list 2)) (fn () 3))", "(2)"),
    "parameterize": ("(let ((p (make-parameter 1))) (list (p) (parameterize ((p 2)) (p)) (p)))", "(1 2 1)"),
    "values": ("(let-values (((a b) (values 1 2))) (list b a))", "(2 1)"),
    "match": ("(match (list 1 2) ((a b c) 0) ((a b) (list b a)))", "(2 1)"),
    "quasiquote": ("`(1 ,@(map (fn (x) (+ x 1)) (list 1 2)))", "(1 2 3)"),
    "macro": ("(defmacro twice (x) `(list ,x ,x)) (twice (+ 1 2))", "(3 3)"),
}
"""Programs that change nothing which a second run could notice."""


def test_the_machine_starts_in_phase_continue_and_ends_in_it() -> None:
    interpreter = Interpreter()
    *_, last = states(interpreter, start_state(interpreter, "(+ 1 2)"))
    assert (last.phase, last.done, last.value, last.kont) == (CONTINUE, True, 3, None)


def test_a_step_goes_through_the_phases() -> None:
    interpreter = Interpreter()
    seen = {state.phase for state in states(interpreter, start_state(interpreter, "(list (perform 1))"))}
    assert seen == {EVAL, CONTINUE, APPLY, SUSPENDED}


@pytest.mark.parametrize("name", PURE)
def test_fuel_one_is_the_same_as_one_go(name: str) -> None:
    text, expected = PURE[name]
    for fuel in (1, 2, 3, 7, 1000):
        interpreter = Interpreter()
        assert inspect(finished(interpreter, start_state(interpreter, text), fuel).value) == expected


@pytest.mark.parametrize("name", PURE)
def test_a_state_stepped_twice_gives_equal_states(name: str) -> None:
    text, _ = PURE[name]
    interpreter = Interpreter()
    machine = Machine(interpreter)
    for state in states(interpreter, start_state(interpreter, text)):
        if state.phase == CONTINUE and state.kont and state.kont[0].__class__ is Native:
            continue  # a form is analysed: its code is made anew
        assert shape(machine.step(state)) == shape(machine.step(state))


@pytest.mark.parametrize("name", PURE)
def test_every_kept_state_can_be_run_to_the_end_many_times(name: str) -> None:
    text, expected = PURE[name]
    interpreter = Interpreter()
    kept = list(states(interpreter, start_state(interpreter, text)))
    for state in [*kept, *reversed(kept)]:
        assert inspect(finished(interpreter, state).value) == expected


@pytest.mark.parametrize("name", PURE)
def test_states_are_not_changed_by_the_steps_after_them(name: str) -> None:
    text, _ = PURE[name]
    interpreter = Interpreter()
    before = []
    for state in states(interpreter, start_state(interpreter, text)):
        before.append((state, shape(state)))
    for state, looked in before:
        assert shape(state) == looked


@pytest.mark.parametrize("name", PURE)
def test_a_frame_is_immutable_data(name: str) -> None:
    """Frames are tuples of a kind, values and the frame below; no Python frame, generator or function."""
    text, _ = PURE[name]
    interpreter = Interpreter()
    plain = (int, float, str, bool, Fraction, type(None), tuple, List, Closure, Primitive, Control)
    machines = (Block, Native, Environment, Site, Continuation, State)
    for state in states(interpreter, start_state(interpreter, text)):
        for frame in state.frames():
            assert type(frame) is tuple
            assert type(frame[0]) in (Block, Native)
            for part in _parts(frame[1:-1]):
                assert isinstance(part, (*plain, *machines)) or type(part).__module__.startswith("sxpy."), (
                    part
                )


def test_a_state_cannot_be_assigned_to() -> None:
    interpreter = Interpreter()
    state = start_state(interpreter, "1")
    with pytest.raises(AttributeError):
        state.phase = SUSPENDED  # type: ignore[misc]


def test_only_a_suspended_state_can_be_resumed() -> None:
    interpreter = Interpreter()
    state = start_state(interpreter, "1")
    with pytest.raises(ValueError, match="continue"):
        state.resume(1)
    with pytest.raises(ValueError, match="asks for nothing"):
        _ = state.request
    with pytest.raises(ValueError, match="no value yet"):
        _ = state.value


def test_where_a_run_is_sliced_does_not_show_in_the_place_of_an_error() -> None:
    programs = {
        "(define (f x)\n  (car x))\n(list (f 5))": (2, 3),
        "(list 1\n  (map (fn (x)\n    (x)) (list 1)))": (3, 5),
        "(list\n (apply car (list 1)))": (2, 2),
        "(list\n (perform 1))": (2, 2),
        "(define (g) 5)\n(list (flat-map\n (fn (x) (g)) (list 1)))": (2, 7),
    }
    for text, (line, column) in programs.items():
        for fuel in (1, 2, 5, 100_000):
            interpreter = Interpreter()
            try:
                state = finished(interpreter, start_state(interpreter, text), fuel)
                place = state.frames()[0][1].place
            except Exception as error:
                place = getattr(error, "place", None)
            assert isinstance(place, Place), text
            assert (place.line, place.column) == (line, column), (text, fuel)


def _parts(frame: tuple[Any, ...]) -> list[Any]:
    """Everything in the tuples of a frame, without the frames of other continuations."""
    found: list[Any] = []
    for part in frame:
        found.extend(_parts(part) if type(part) is tuple and not is_frame(part) else [part])
    return found


def is_frame(part: tuple[Any, ...]) -> bool:
    """Whether a tuple is a frame."""
    return bool(part) and type(part[0]) in (Block, Native)


def shape(state: State) -> tuple[Any, ...]:
    """What can be compared of a state: closures that are made anew are equal when their code is."""
    return (
        state.phase,
        looked_at(state.control),
        tuple(looked_at(value) for value in state.env),
        tuple(tuple(looked_at(part) for part in frame[:-1]) for frame in state.frames()),
        state.site,
    )


def looked_at(value: Any) -> Any:
    """A value, or what is the same in another run from the same state."""
    if type(value) is Closure:
        return ("closure", value.template.entry, tuple(looked_at(each) for each in value.free))
    if type(value) is tuple:
        return "frame" if is_frame(value) else tuple(looked_at(each) for each in value)
    if isinstance(value, List):
        return tuple(looked_at(each) for each in value)
    return value if isinstance(value, (int, str, Block, Native, Primitive, Control)) else type(value)
