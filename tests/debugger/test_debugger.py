"""The debugger as a library: ways of going, breakpoints, looking, answering, going back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sxpy import Interpreter, Limits
from sxpy.data import Dict
from sxpy.debugger import Debugger, Reason, Stop, calls, pending
from sxpy.errors import ArityError, EvalError, ProgramInterrupted, StepLimitError, SxValueError
from sxpy.printer import inspect

FACTORIAL = """\
(define (fact n)
  (if (= n 0)
      1
      (* n (fact (- n 1)))))
(list (fact 2))
"""


def debugger(text: str, **options: Any) -> Debugger:
    """A debugger at the start of a program, whose world gets `options`."""
    made = Debugger(lambda: Interpreter(**options))
    made.load(text, "t.sx")
    return made


def line(stop: Stop) -> int | None:
    """The line of the innermost call."""
    call = next((call for call in calls(stop.state) if call.place is not None), None)
    return None if call is None or call.place is None else call.place.line


def names(it: Debugger) -> dict[str, str]:
    """The variables of the innermost call, printed."""
    call = next(call for call in calls(it.state) if call.site is not None)
    return {item.name: inspect(item.value) for item in it.variables(call)}


# -- going on --------------------------------------------------------------------------------------


def test_a_step_is_one_of_the_machine() -> None:
    it = debugger("(+ 1 2)")
    phases = [it.state.phase]
    while it.step().reason is not Reason.END:
        phases.append(it.state.phase)
    assert phases == ["continue", "eval", "continue"]
    assert it.state.value == 3
    assert it.history.step == 2


def test_several_steps_are_as_many_single_ones() -> None:
    one, other = debugger(FACTORIAL), debugger(FACTORIAL)
    for _ in range(7):
        one.step()
    other.step(7)
    assert (one.state.phase, one.history.step) == (other.state.phase, other.history.step) == ("eval", 7)


def test_next_goes_over_calls_and_into_the_branches_of_its_own_function() -> None:
    it = debugger(FACTORIAL)
    it.break_at("fact")
    it.go()
    it.breakpoints.remove(1)
    assert line(it.next()) == 4  # the call of fact
    stop = it.next()  # over it: the product
    assert (line(stop), names(it)) == (4, {"n": "2"})
    assert stop.state.phase == "eval"
    assert line(it.next()) == 5  # the caller


def test_next_goes_round_a_loop_and_not_over_it() -> None:
    it = debugger("(define (f)\n  (let loop ((i 0))\n    (when (< i 3)\n      (loop (+ i 1)))))\n(list (f))")
    it.break_at("loop")
    it.go()
    it.breakpoints.remove(1)
    seen = []
    for _ in range(4):
        seen.append((line(it.next()), names(it)["i"]))
    assert seen == [(4, "0"), (3, "1"), (4, "1"), (3, "2")]


def test_next_goes_over_a_tail_call_of_another_function() -> None:
    it = debugger("(define (g) (+ 1 1))\n(define (f)\n  (g))\n(list (f)\n  7)")
    it.break_at("f")
    it.go()
    assert line(it.next()) == 4


def test_next_goes_from_form_to_form_at_top_level() -> None:
    it = debugger("(define a 1)\n(define b 2)\n(list a b)")
    assert [line(it.next()) for _ in range(3)] == [1, 2, 3]
    assert it.next().reason is Reason.END


def test_into_goes_into_calls_but_not_into_what_has_no_source() -> None:
    it = debugger("(define (f x) (* x x))\n(update {:a 1}\n  :a f)")
    it.into()
    assert [line(it.into()) for _ in range(2)] == [2, 1]  # `update` is written in SX, in the prelude
    assert names(it) == {"x": "1"}


def test_out_stops_where_the_caller_gets_the_value() -> None:
    it = debugger(FACTORIAL)
    it.break_at("fact", condition="(= n 1)")
    assert it.go().reason is Reason.BREAKPOINT
    stop = it.out()
    assert (stop.reason, stop.state.control) == (Reason.RETURN, 1)
    assert names(it) == {"n": "2"}


def test_out_stops_when_an_error_takes_the_program_out() -> None:
    it = debugger("(define (f) (error 1))\n(define (g)\n  (guard (e (true\n    7))\n    (list (f))))\n(g)")
    it.break_at("f")
    it.go()
    it.out()
    assert it.state.phase != "continue"
    assert it.go().state.value == 7


def test_a_program_gives_what_it_gives_without_a_debugger() -> None:
    text = (
        "(define-type T (A x)) (define k nil) (define n 0)"
        "(define (f x) (let ((y (* 2 x))) (set! n (+ n 1)) (map (fn (z) (+ x y z)) (list 1 2))))"
        "(define r (call/cc (fn (c) (set! k c) 1)))"
        "(if (< r 3) (k (+ r 1)) nil)"
        "(list r n (f 3) (match (A 4) ((A q) q)) (reset (+ 1 (shift j (j (j 5))))))"
    )
    plain, watched = Interpreter().eval(text), debugger(text).go()
    assert inspect(watched.state.value) == inspect(plain) == "(3 0 (10 11) 4 7)"


# -- breakpoints -----------------------------------------------------------------------------------


def test_a_breakpoint_stops_at_the_calls_of_a_function() -> None:
    it = debugger(FACTORIAL)
    made = it.break_at("fact")
    assert [(it.go().reason, names(it)["n"]) for _ in range(3)] == [
        (Reason.BREAKPOINT, n) for n in ("2", "1", "0")
    ]
    assert it.go().reason is Reason.END
    assert made.hits == 3


def test_a_breakpoint_stops_at_the_calls_of_an_operation() -> None:
    it = debugger("(list 1)\n(list (map inc (list 1 2)))")
    it.break_at("map")
    assert (it.go().reason, it.state.control.name) == (Reason.BREAKPOINT, "map")


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        (1, 2),  # the head of a function: its first step
        (2, 2),
        (3, 3),
        (4, 4),  # a branch that only has a value
        (5, 7),  # a blank line: the form after it
        (6, 7),
        (8, 7),  # a part of a simple expression: the last line of its form with a step
        (10, 9),
    ],
)
def test_a_line_stands_for_the_step_that_is_nearest(wanted: int, got: int) -> None:
    text = """\
(define (f x)
  (if x
      (g x)
      2))

(define (g x)
  (list
    x))
(list (f false) (f
  true))
"""
    it = debugger(text)
    it.break_at_line(wanted)
    stop = it.go()
    assert (stop.reason, line(stop)) == (Reason.BREAKPOINT, got)


def test_each_part_of_a_sequence_is_a_step_though_all_of_it_is_simple() -> None:
    it = debugger(
        "(define (f x)\n  (set! x (+ x 1))\n  (set! x (* x 2))\n  (if (> x 3)\n    x\n    0))\n(list (f 1))"
    )
    it.break_at("f")
    it.go()
    assert [line(it.next()) for _ in range(4)] == [2, 3, 4, 5]


def test_a_line_after_the_last_form_is_an_error() -> None:
    with pytest.raises(SxValueError, match=r"t\.sx has no form at line 9"):
        debugger("1\n2").break_at_line(9)


def test_a_line_is_hit_once_for_each_time_the_program_comes_to_it() -> None:
    it = debugger("(define (f x)\n  (list (* x 2) (g x) (g x)))\n(define (g x) x)\n(list (f 1) (f 2))")
    it.break_at_line(2)
    assert [(it.go().reason, names(it)["x"]) for _ in range(2)] == [
        (Reason.BREAKPOINT, "1"),
        (Reason.BREAKPOINT, "2"),
    ]
    assert it.go().reason is Reason.END


def test_a_line_of_a_file_that_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("part.sx").write_text("(define (half n)\n  (/ n 2))\n")
    it = debugger('(load "part.sx")\n(list (half 8))')
    it.break_at_line(2, "part.sx")
    assert (it.go().reason, names(it)) == (Reason.BREAKPOINT, {"n": "8"})


@pytest.mark.parametrize(("wanted", "got"), [(2, 4), (4, 4), (5, 6), (6, 6)])
def test_a_line_of_a_library(wanted: int, got: int) -> None:
    it = debugger(
        "(define-library (shop)\n  (export price)\n  (begin\n    (define rate (list 2))\n"
        "    (define (price n)\n      (* n (first rate)))))\n(import (shop))\n(list (price 21))"
    )
    it.break_at_line(wanted)
    stop = it.go()
    assert (stop.reason, line(stop)) == (Reason.BREAKPOINT, got)
    assert inspect(it.go().state.value) == "(42)"


def test_a_line_stays_armed_when_code_is_lowered_anew() -> None:
    it = debugger("(define (f x)\n  (inc x))\n(define (inc x) (+ x 10))\n(list (f 1))")
    it.break_at_line(2)
    assert it.go().reason is Reason.BREAKPOINT
    assert inspect(it.go().state.value) == "(11)"


def test_a_condition_is_asked_where_the_breakpoint_is() -> None:
    it = debugger(FACTORIAL)
    it.break_at("fact", condition="(= n 1)")
    assert (it.go().reason, names(it)) == (Reason.BREAKPOINT, {"n": "1"})
    assert it.go().reason is Reason.END


def test_a_condition_that_fails_stops_and_tells() -> None:
    it = debugger(FACTORIAL)
    it.break_at("fact", condition="(= m 1)")
    stop = it.go()
    assert stop.reason is Reason.BREAKPOINT
    assert stop.error is not None and stop.error.message == "Undefined symbol: m"


def test_a_breakpoint_for_once_is_gone_afterwards() -> None:
    it = debugger(FACTORIAL)
    it.break_at("fact", once=True)
    assert [it.go().reason for _ in range(2)] == [Reason.BREAKPOINT, Reason.END]


def test_an_error_breakpoint_stops_before_what_is_handled_too() -> None:
    it = debugger("(define (f x)\n  (guard (e (true 0))\n    (first (+ 1 x))))\n(list (f (list)))")
    it.break_at_errors()
    stop = it.go()
    assert (stop.reason, line(stop)) == (Reason.RAISE, 3)
    assert stop.error is not None and stop.error.message == "Expected number, got list"
    assert names(it) == {"x": "()"}
    assert inspect(it.go().state.value) == "(0)"


def test_an_error_breakpoint_stops_at_a_raise() -> None:
    it = debugger("(guard (e (true e))\n  (raise 5))")
    it.break_at_errors()
    stop = it.go()
    assert (stop.reason, line(stop), it.state.control.name) == (Reason.BREAKPOINT, 2, "raise")
    assert it.go().state.value == 5


# -- errors, limits, interrupts --------------------------------------------------------------------


def test_an_error_that_nothing_handles_leaves_the_state_before_it() -> None:
    it = debugger("(define (f x)\n  (+ 1 x))\n(list (f (list)))")
    stop = it.go()
    assert stop.reason is Reason.ERROR and line(stop) == 2
    assert stop.error is not None and stop.error.message == "Expected number, got list"
    assert names(it) == {"x": "()"}
    assert it.go().reason is Reason.ERROR  # again the same
    it.finish_with(7)
    assert inspect(it.go().state.value) == "(7)"


def test_an_error_of_the_analysis_leaves_the_program_before_its_form() -> None:
    it = debugger("(define a 1)\n(if)")
    stop = it.go()
    assert stop.reason is Reason.ERROR
    assert stop.error is not None and str(stop.error.place) == "t.sx:2:1"
    assert it.evaluate("a") == 1


def test_a_definition_mends_a_program_that_waits_at_an_error() -> None:
    it = debugger("(define (f x) (helper x))\n(list (f 1))")
    assert it.go().reason is Reason.ERROR
    it.evaluate("(define (helper x) (* 10 x))")
    assert inspect(it.go().state.value) == "(10)"


def test_an_interrupt_stops_at_a_state_that_goes_on() -> None:
    it = debugger("(define (f n) (if (= n 0) 5 (f (- n 1))))\n(f 100)")
    it.interrupt()
    stop = it.go()
    assert stop.reason is Reason.LIMIT and isinstance(stop.error, ProgramInterrupted)
    assert it.go().state.value == 5


def test_a_limit_stops_at_a_state_that_can_be_looked_at() -> None:
    it = debugger("(define (f n) (f (+ n 1)))\n(f 0)", limits=Limits(steps=50))
    stop = it.go()
    assert stop.reason is Reason.LIMIT and isinstance(stop.error, StepLimitError)
    assert int(names(it)["n"]) > 5


# -- perform ---------------------------------------------------------------------------------------


class Doubler:
    """A host that doubles."""

    def owns(self, operation: str) -> bool:
        return operation == "double"

    def answer(self, operation: str, args: list[Any], request: Any) -> Any:
        if not args:
            raise ArityError("double takes a number")
        return 2 * args[0]

    def close(self) -> None:
        pass


ASKING = '(define (ask x)\n  (+ x (perform {:op "ask" :args (list x)})))\n(list (ask 1))'


def test_a_perform_that_no_host_answers_stops_and_is_answered_by_hand() -> None:
    it = debugger(ASKING)
    stop = it.go()
    assert (stop.reason, line(stop), names(it)) == (Reason.PERFORM, 2, {"x": "1"})
    assert isinstance(it.state.request, Dict)
    it.answer(41)
    assert inspect(it.go().state.value) == "(42)"


def test_it_is_answered_with_an_error_or_by_raising_a_value() -> None:
    text = f'(guard (e (true (list "got" (if (error-object? e) (error-message e) e)))) {ASKING})'
    it = debugger(text)
    it.go()
    it.fail(EvalError("nobody there"))
    assert inspect(it.go().state.value) == '("got" "nobody there")'
    it.restart()
    it.go()
    it.raise_value(7)
    assert inspect(it.go().state.value) == '("got" 7)'


def test_going_on_leaves_it_to_the_program() -> None:
    it = debugger(ASKING)
    it.go()
    stop = it.go()
    assert stop.reason is Reason.ERROR
    assert stop.error is not None and stop.error.message == "IO suspension in non-IO context: ask"


def test_the_host_answers_what_it_owns() -> None:
    it = debugger('(list (perform {:op "double" :args (list 4)}))', host=Doubler())
    assert inspect(it.go().state.value) == "(8)"


def test_a_perform_breakpoint_stops_before_the_host_answers() -> None:
    it = debugger('(list (perform {:op "double" :args (list 4)}))', host=Doubler())
    it.break_at_perform("other")
    it.break_at_perform("double")
    stop = it.go()
    assert (stop.reason, [item.number for item in stop.breakpoints]) == (Reason.BREAKPOINT, [2])
    it.step()
    assert it.state.control == 8


def test_only_a_perform_can_be_answered() -> None:
    it = debugger("1")
    with pytest.raises(SxValueError, match="no perform waits"):
        it.answer(1)
    with pytest.raises(SxValueError, match="no function is running"):
        it.finish_with(1)


def test_variables_are_known_where_a_tail_call_performs() -> None:
    it = debugger("(define (ask x y)\n  (perform (list x)))\n(list (ask 1 2))")
    it.go()
    assert names(it) == {"x": "1", "y": "2"}
    assert it.evaluate("(+ x y)") == 3


# -- looking ---------------------------------------------------------------------------------------


def test_every_variable_in_sight_is_there_though_the_program_needs_it_no_more() -> None:
    it = debugger("(define (g) 5)\n(define (f a b)\n  (let ((c (* a b)))\n    (list (g))))\n(list (f 2 3))")
    it.break_at("g")
    it.go()
    _, caller = [call for call in calls(it.state) if call.site is not None][:2]
    assert [(item.name, item.value) for item in it.variables(caller)] == [("a", 2), ("b", 3), ("c", 6)]


def test_what_is_out_of_sight_is_not_shown() -> None:
    it = debugger(
        "(define (f x)\n  (let ((y 1)) (g y))\n  (let ((x 10))\n    (g x))\n  (g x))\n"
        "(define (g z) z)\n(list (f 5))"
    )
    it.break_at_line(4)
    it.go()
    assert names(it) == {"x": "10"}
    it.break_at_line(5)
    it.go()
    assert names(it) == {"x": "5"}


def test_parameters_that_are_assigned_are_seen_from_the_first_step() -> None:
    it = debugger("(define (f x)\n  (set! x (+ x 1))\n  x)\n(list (f 1))")
    it.break_at("f")
    it.go()
    assert names(it) == {"x": "1"}
    it.step(2)
    assert names(it) == {"x": "2"}


def test_values_that_wait_without_a_name_are_told_with_their_form() -> None:
    it = debugger("(define (f x) (* x 10))\n(list (f 1) (f 2))")
    it.break_at("f", condition="(= x 2)")
    it.go()
    caller = [call for call in calls(it.state) if call.site is not None][1]
    ((origin, value),) = pending(it.state, caller)
    assert (str(origin.place), value) == ("t.sx:2:7", 10)


def test_an_expression_sees_what_the_program_sees() -> None:
    it = debugger("(define x 1)\n(define (f y)\n  (let ((x (* y 2)))\n    (list x)))\n(list (f 4))")
    it.break_at_line(4)
    it.go()
    assert inspect(it.evaluate("(map (fn (z) (* z x)) (list x y))")) == "(64 32)"


def test_an_expression_sets_what_the_program_sets() -> None:
    it = debugger("(define (f)\n  (let ((n 1))\n    (set! n 2)\n    (list n)))\n(list (f))")
    it.break_at_line(4)
    it.go()
    it.evaluate("(set! n 30)")
    assert inspect(it.go().state.value) == "((30))"


def test_an_expression_cannot_set_what_the_program_never_sets() -> None:
    it = debugger("(define (f n)\n  (list n))\n(f 1)")
    it.break_at("f")
    it.go()
    with pytest.raises(SxValueError, match="n cannot be set"):
        it.evaluate("(set! n 2)")


def test_a_call_of_a_library_sees_the_globals_of_the_library() -> None:
    it = debugger(
        "(define-library (shop) (export price) (begin\n  (define rate 3)\n"
        "  (define (price n)\n    (* n rate))))\n(import (shop))\n(list (price 2))"
    )
    it.break_at("price")
    it.go()
    assert it.evaluate("(list rate n)") is not None
    assert inspect(it.evaluate("(list rate n)")) == "(3 2)"


def test_calls_are_told_with_operations_and_elided_tail_calls() -> None:
    it = debugger(
        "(define (h x) (error x))\n(define (g x) (h x))\n(define (f x)\n  (list (g x)))\n(map f (list 1))"
    )
    assert it.go().reason is Reason.ERROR
    assert [(call.function, call.elided) for call in calls(it.state)] == [
        ("h", False),
        ("f", True),
        ("map", False),
    ]


# -- going back ------------------------------------------------------------------------------------


def test_going_back_and_forward_runs_nothing() -> None:
    it = debugger(FACTORIAL)
    it.go()
    last = it.state
    assert it.back(5).reason is Reason.STEP
    assert it.history.ahead == 5
    it.forward(5)
    assert it.state is last


def test_a_step_after_going_back_is_made_anew() -> None:
    it = debugger("(define n 0)\n(set! n (+ n 1))\n(list n)")
    assert inspect(it.go().state.value) == "(1)"
    stop = it.back(4)
    assert stop.undone == ("set! n",)
    assert inspect(it.go().state.value) == "(2)"
    assert it.history.ahead == 0


def test_going_back_tells_what_it_does_not_undo() -> None:
    it = debugger('(define (f)\n  (perform "a")\n  (display "b")\n  (display "c")\n  (list 1))\n(list (f))')
    it.go()
    it.answer(None)
    it.go()
    assert it.back(1000).undone == ("define f", 'perform "a"', "display (2 times)")


def test_previous_goes_back_over_calls() -> None:
    it = debugger("(define (g) (+ 1 1))\n(define (f)\n  (g)\n  (g)\n  (list 5))\n(list (f))")
    it.break_at_line(5)
    it.go()
    assert [line(it.previous()) for _ in range(3)] == [4, 3, 6]


def test_rewind_goes_back_to_a_breakpoint() -> None:
    it = debugger(FACTORIAL)
    it.break_at("fact", condition="(= n 1)")
    it.go()
    it.go()
    assert (it.rewind().reason, names(it)) == (Reason.BREAKPOINT, {"n": "1"})
    assert it.rewind().reason is Reason.EDGE


def test_the_history_keeps_as_much_as_it_should() -> None:
    it = Debugger(Interpreter, history=10)
    it.load(FACTORIAL)
    it.go()
    assert len(it.history) == 10
    assert it.back(100).reason is Reason.EDGE
    assert it.go().reason is Reason.END


def test_restart_begins_anew_from_the_file_as_it_is_now(tmp_path: Path) -> None:
    file = tmp_path / "p.sx"
    file.write_text("(define (f) 1)\n(list (f))")
    it = Debugger(Interpreter)
    it.load_file(file)
    it.break_at("f")
    it.go()
    file.write_text("(define (f)\n  2)\n(list (f))")
    it.restart()
    assert (it.go().reason, line(Stop(Reason.STEP, it.state))) == (Reason.BREAKPOINT, 2)
    assert inspect(it.go().state.value) == "(2)"
