"""The embedding API: values across the border, procedures both ways, runs by hand, many interpreters."""

from __future__ import annotations

import asyncio
import enum
import io
import math
import threading
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sxpy
from sxpy import PENDING, EvalError, Host, Hosts, Interpreter, ReadError, to_python, to_sx
from sxpy.data import Bytevector, Dict, List, MutableList, SxSet, Vector, equal, keyword, list_of, symbol
from sxpy.errors import NoHostError, SxIOError, UnboundError, UnknownOperationError
from sxpy.printer import inspect

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.fractions().filter(lambda f: f.denominator != 1),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
"""Python values that have one SX value and come back as what they were."""


# -- conversion ------------------------------------------------------------------------------------


@given(PLAIN)
def test_a_value_comes_back_from_sx(value: Any) -> None:
    assert to_python(to_sx(value)) == value


@given(PLAIN)
def test_a_value_comes_back_from_a_program(value: Any) -> None:
    interpreter = Interpreter()
    interpreter.define("given", value)
    assert to_python(interpreter.eval("(identity given)")) == value


@given(PLAIN)
def test_conversion_twice_is_conversion_once(value: Any) -> None:
    assert equal(to_sx(to_sx(value)), to_sx(value))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ((1, 2), "(1 2)"),
        (range(3), "(0 1 2)"),
        ([], "()"),
        ({}, "{}"),
        ({"a": [1, {"b": None}]}, "{:a (1 {:b nil})}"),
        (Fraction(4, 2), "2"),
        (Fraction(1, 3), "1/3"),
        (True, "true"),
        (symbol("x"), "x"),
        (keyword("x"), ":x"),
        ([symbol("x"), Vector([1])], "(x #(1))"),
        (enum.IntEnum("Level", {"HIGH": 3}).HIGH, "3"),
        (enum.StrEnum("Color", {"RED": "red"}).RED, '"red"'),
    ],
)
def test_a_python_value_has_an_sx_value(value: Any, shown: str) -> None:
    assert inspect(to_sx(value)) == shown


def test_a_number_or_string_of_a_library_becomes_a_plain_one() -> None:
    level = enum.IntEnum("Level", {"HIGH": 3})
    assert type(to_sx(level.HIGH)) is int
    (key,) = to_sx({enum.StrEnum("Key", {"A": "a"}).A: 1}).keys()
    assert type(key) is str


@pytest.mark.parametrize(
    ("value", "python"),
    [
        (list_of(1, list_of(2)), [1, [2]]),
        (MutableList([1, MutableList([2])]), [1, [2]]),
        (Vector([1, Vector([])]), [1, []]),
        (Dict({"a": list_of(1)}), {"a": [1]}),
        (Bytevector(b"ab"), b"ab"),
        (symbol("x"), symbol("x")),
    ],
)
def test_an_sx_value_has_a_python_value(value: Any, python: Any) -> None:
    assert to_python(value) == python


def test_sets_go_in_as_sets_and_come_out_as_lists() -> None:
    made = to_sx({1, 2})
    assert isinstance(made, SxSet)
    assert sorted(to_python(made)) == [1, 2]


def test_what_has_no_sx_value_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="no SX value stands for a Python object"):
        to_sx(object())
    with pytest.raises(TypeError, match="needs strings as keys, got 1"):
        to_sx({1: 2})
    with pytest.raises(TypeError, match="complex"):
        to_sx([1, [2j]])


def test_what_contains_itself_cannot_cross() -> None:
    cycle: list[Any] = [1]
    cycle.append(cycle)
    with pytest.raises(ValueError, match="contains itself"):
        to_sx(cycle)
    table: dict[str, Any] = {}
    table["a"] = [table]
    with pytest.raises(ValueError, match="contains itself"):
        to_sx(table)
    vector = Vector([1])
    vector.items.append(list_of(vector))
    with pytest.raises(ValueError, match="contains itself"):
        to_python(vector)


def test_what_is_shared_is_no_cycle() -> None:
    shared = [1]
    assert to_python(to_sx([shared, shared, {"a": shared}])) == [[1], [1], {"a": [1]}]


def test_deep_values_cross_without_the_stack() -> None:
    deep: Any = []
    for _ in range(20_000):
        deep = [deep]
    made = to_sx(deep)
    assert isinstance(made, List)
    back = to_python(made)
    for _ in range(20_000):
        (back,) = back
    assert back == []


def test_nan_and_infinities_cross() -> None:
    assert math.isnan(to_python(to_sx(math.nan)))
    assert to_python(to_sx(-math.inf)) == -math.inf


# -- procedures ------------------------------------------------------------------------------------


def test_a_python_function_is_a_procedure() -> None:
    interpreter = Interpreter()
    interpreter.define("twice", lambda x: 2 * x)
    assert interpreter.eval("(twice 21)") == 42
    assert to_python(interpreter.eval("(map twice (list 1 2))")) == [2, 4]


def test_a_python_function_gets_and_gives_python_values() -> None:
    seen: list[Any] = []

    def note(*values: Any) -> dict[str, Any]:
        seen.extend(values)
        return {"values": list(values)}

    interpreter = Interpreter()
    interpreter.define("note", note)
    assert inspect(interpreter.eval('(note 1 (list 2 {:a "x"}) nil)')) == '{:values (1 (2 {:a "x"}) nil)}'
    assert seen == [1, [2, {"a": "x"}], None]


def test_the_arity_of_a_python_function_is_checked() -> None:
    interpreter = Interpreter()
    interpreter.define("pair", lambda a, b=5: [a, b])
    assert to_python(interpreter.eval("(list (pair 1) (pair 1 2))")) == [[1, 5], [1, 2]]
    with pytest.raises(EvalError, match="pair takes 1 to 2 arguments, got 3"):
        interpreter.eval("(pair 1 2 3)")
    with pytest.raises(EvalError, match="pair takes 1 to 2 arguments, got 0"):
        interpreter.eval("(pair)")


def test_an_exception_of_a_python_function_is_an_error_of_the_program() -> None:
    def fail(text: str) -> None:
        raise KeyError(text)

    interpreter = Interpreter()
    interpreter.define("fail", fail)
    with pytest.raises(EvalError, match="fail: KeyError: 'x'") as raised:
        interpreter.eval('(list\n (fail "x"))')
    assert str(raised.value.place) == "<string>:2:2"
    assert isinstance(raised.value.__cause__, KeyError)
    assert interpreter.eval('(try-catch (fn () (fail "x")) (fn (e) e))') == "fail: KeyError: 'x'"
    assert (
        interpreter.eval('(guard (e (true (error-message e))) (map fail (list "x")))')
        == "fail: KeyError: 'x'"
    )


def test_a_result_without_an_sx_value_is_an_error_of_the_program() -> None:
    interpreter = Interpreter()
    interpreter.define("make", object)
    with pytest.raises(EvalError, match="TypeError: no SX value"):
        interpreter.eval("(make)")


def test_an_sx_error_of_a_python_function_goes_through() -> None:
    def refuse() -> None:
        raise SxIOError("the disk is full")

    interpreter = Interpreter()
    interpreter.define("refuse", refuse)
    with pytest.raises(SxIOError, match="the disk is full"):
        interpreter.eval("(refuse)")


def test_a_procedure_is_called_by_name_or_as_a_value() -> None:
    interpreter = Interpreter()
    interpreter.eval("(define (area w h) (* w h))")
    assert interpreter.call("area", 6, 7) == 42
    assert interpreter.call(interpreter.lookup("area"), 2, 3) == 6
    assert interpreter.call(interpreter.eval("(fn (d) (get d :a))"), {"a": 1}) == 1
    assert to_python(interpreter.call("map", interpreter.lookup("inc"), [1, 2])) == [2, 3]
    assert to_python(interpreter.call("map", lambda x: x * x, [1, 2])) == [1, 4]


def test_a_procedure_that_is_none_cannot_be_called() -> None:
    interpreter = Interpreter()
    with pytest.raises(UnboundError, match="Undefined symbol: nothing"):
        interpreter.call("nothing")
    with pytest.raises(EvalError, match="Not callable: 5"):
        interpreter.call(5)


def test_lookup_and_names() -> None:
    interpreter = Interpreter()
    interpreter.define("answer", 42)
    assert interpreter.lookup("answer") == 42
    assert {"answer", "map", "car", "if", "update", "perform"} <= set(interpreter.names())
    assert not [name for name in interpreter.names() if name.startswith("%")]
    assert interpreter.names() == sorted(interpreter.names())
    with pytest.raises(UnboundError):
        interpreter.lookup("no-such")


def test_documentation_is_found_for_every_kind_of_name() -> None:
    interpreter = Interpreter()
    for name in ("if", "car", "map", "update"):
        assert interpreter.doc(name)
    assert interpreter.doc("no-such") is None


# -- evaluating ------------------------------------------------------------------------------------


def test_eval_gives_the_value_of_the_last_form() -> None:
    interpreter = Interpreter()
    assert interpreter.eval("1 2 3") == 3
    assert interpreter.eval("") is None
    assert interpreter.eval("; nothing") is None


def test_eval_each_gives_every_value_in_turn() -> None:
    interpreter = Interpreter()
    values = interpreter.eval_each("(define x 1) (set! x 2) x")
    next(values)
    assert interpreter.eval("x") == 1
    assert list(values)[-1] == 2


def test_definitions_stay_when_a_later_form_fails() -> None:
    interpreter = Interpreter()
    with pytest.raises(EvalError):
        interpreter.eval("(define x 1) (car 5) (define y 2)")
    assert interpreter.eval("x") == 1
    with pytest.raises(UnboundError):
        interpreter.eval("y")


def test_text_that_does_not_read_is_a_read_error_and_runs_nothing() -> None:
    interpreter = Interpreter()
    with pytest.raises(ReadError) as raised:
        interpreter.eval("(define x 1) (+ 1", "here.sx")
    assert raised.value.place is not None
    assert raised.value.place.file == "here.sx"
    with pytest.raises(UnboundError):
        interpreter.eval("x")


def test_eval_file(tmp_path: Path) -> None:
    file = tmp_path / "program.sx"
    file.write_text("(define x 20)\n(+ x 22)\n", encoding="utf-8")
    interpreter = Interpreter()
    assert interpreter.eval_file(file) == 42
    assert interpreter.lookup("x") == 20
    with pytest.raises(SxIOError):
        interpreter.eval_file(tmp_path / "none.sx")


def test_load_looks_on_the_search_path(tmp_path: Path) -> None:
    (tmp_path / "part.sx").write_text("(define part 5)", encoding="utf-8")
    interpreter = Interpreter(search_path=[tmp_path])
    interpreter.eval('(load "part.sx")')
    assert interpreter.lookup("part") == 5
    with pytest.raises(EvalError):
        interpreter.eval('(load "no-such-part.sx")')


def test_output_goes_where_the_interpreter_says() -> None:
    first, second = io.StringIO(), io.StringIO()
    one, other = Interpreter(output=first), Interpreter(output=second)
    one.eval('(display "one") (newline)')
    other.eval('(display "other")')
    assert (first.getvalue(), second.getvalue()) == ("one\n", "other")


def test_a_seed_makes_chance_repeatable() -> None:
    draw = "(map (fn (i) (random-int 0 1000000)) (range 10))"
    assert inspect(Interpreter(seed=7).eval(draw)) == inspect(Interpreter(seed=7).eval(draw))
    assert inspect(Interpreter(seed=7).eval(draw)) != inspect(Interpreter(seed=8).eval(draw))


# -- runs by hand ----------------------------------------------------------------------------------


def test_a_run_waits_at_the_perform() -> None:
    run = Interpreter().start('(+ 1 (perform {:op "ask" :args (list 5)}))')
    assert (run.suspended, run.done) == (True, False)
    assert to_python(run.request) == {"op": "ask", "args": [5]}
    assert run.resume(41).value == 42
    assert run.resume(0).value == 1


def test_a_run_that_performs_nothing_is_done() -> None:
    run = Interpreter().start("(+ 1 2)")
    assert (run.suspended, run.done, run.value) == (False, True, 3)


def test_a_run_has_a_value_or_a_request() -> None:
    interpreter = Interpreter()
    waiting, ended = interpreter.start("(perform 1)"), interpreter.start("1")
    with pytest.raises(ValueError, match="no value yet"):
        _ = waiting.value
    with pytest.raises(ValueError, match="asks for nothing"):
        _ = ended.request
    with pytest.raises(ValueError, match="only a suspended one"):
        ended.resume(1)
    with pytest.raises(ValueError, match="only a suspended one"):
        ended.resume_error("no")


def test_a_python_value_is_an_answer() -> None:
    run = Interpreter().start("(get (perform 1) :a)")
    assert to_python(run.resume({"a": [1, 2]}).value) == [1, 2]


def test_any_value_is_a_request() -> None:
    for text in ("5", "nil", '"text"', "(list)", ":key", "'sym"):
        assert Interpreter().start(f"(perform {text})").suspended


def test_an_error_is_an_answer_too() -> None:
    run = Interpreter().start("(guard (e (true (list (error-object? e) (error-message e)))) (perform 1))")
    assert to_python(run.resume_error("not today").value) == [True, "not today"]
    error = SxIOError("disk full", 5)
    assert to_python(run.resume_error(error).value) == [True, "disk full"]
    with pytest.raises(SxIOError, match="disk full"):
        Interpreter().start("(perform 1)").resume_error(SxIOError("disk full"))


def test_a_run_can_be_resumed_after_others_have_changed_the_world() -> None:
    interpreter = Interpreter()
    interpreter.eval("(define x 1)")
    run = interpreter.start("(+ x (perform 1))")
    late = interpreter.start("(+ (perform 1) x)")
    interpreter.eval("(set! x 100)")
    assert run.resume(1).value == 2
    assert late.resume(1).value == 101


def test_start_call() -> None:
    interpreter = Interpreter()
    interpreter.eval("(define (ask-twice x) (+ x (perform 1) (perform 2)))")
    run = interpreter.start_call("ask-twice", 100)
    assert run.resume(10).resume(1).value == 111


class Counter:
    """A host that owns `count`, answers it at once, and `later`, which it answers when somebody resumes."""

    def __init__(self) -> None:
        self.asked = 0
        self.closed = False

    def owns(self, operation: str) -> bool:
        return operation in ("count", "later", "refuse")

    def answer(self, operation: str, args: list[Any], request: Any) -> Any:
        if operation == "later":
            return PENDING
        if operation == "refuse":
            raise SxIOError(f"refused: {inspect(list_of(*args))}")
        self.asked += 1
        return self.asked

    def close(self) -> None:
        self.closed = True


COUNT = '(perform {:op "count" :args (list)})'
LATER = '(perform {:op "later" :args (list)})'


def test_a_host_answers() -> None:
    host = Counter()
    assert isinstance(host, Host)
    interpreter = Interpreter(host=host)
    assert to_python(interpreter.eval(f"(list {COUNT} {COUNT})")) == [1, 2]
    assert interpreter.eval(f"(map (fn (x) {COUNT}) (range 3))").nth(2) == 5


def test_a_host_refuses_at_the_perform() -> None:
    text = '(perform {:op "refuse" :args (list 1 "a")})'
    assert Interpreter(host=Counter()).eval(f"(try-catch (fn () {text}) (fn (e) e))") == 'refused: (1 "a")'
    with pytest.raises(SxIOError) as raised:
        Interpreter(host=Counter()).eval(f"(list\n {text})")
    assert str(raised.value.place) == "<string>:2:2"


def test_an_operation_nobody_owns_is_an_error_at_the_perform() -> None:
    with pytest.raises(UnknownOperationError, match="Unknown IO operation: no/such"):
        Interpreter(host=Counter()).eval('(perform {:op "no/such" :args (list)})')
    with pytest.raises(NoHostError, match="IO suspension in non-IO context: no/such"):
        Interpreter().eval('(perform {:op "no/such" :args (list)})')


def test_a_pending_answer_needs_a_run_by_hand() -> None:
    host = Counter()
    interpreter = Interpreter(host=host)
    with pytest.raises(EvalError, match="the host answers later"):
        interpreter.eval(LATER)
    run = interpreter.start(f"(list {COUNT} {LATER} {COUNT})", hosted=True)
    assert run.suspended
    assert to_python(run.resume("now").value) == [1, "now", 2]
    assert to_python(run.resume("again").value) == [1, "again", 3]


def test_a_run_by_hand_asks_no_host_unless_told() -> None:
    host = Counter()
    run = Interpreter(host=host).start(COUNT)
    assert (run.suspended, host.asked) == (True, 0)


def test_several_hosts_are_one() -> None:
    class Other(Counter):
        def owns(self, operation: str) -> bool:
            return operation in ("count", "other")

        def answer(self, operation: str, args: list[Any], request: Any) -> Any:
            return f"other {operation}"

    first, second = Counter(), Other()
    hosts = Hosts([first, second])
    interpreter = Interpreter(host=hosts)
    assert to_python(interpreter.eval(f'(list {COUNT} (perform {{:op "other" :args (list)}}))')) == [
        1,
        "other other",
    ]
    hosts.close()
    assert first.closed
    assert second.closed


def test_an_asynchronous_host() -> None:
    async def answer(request: Any) -> Any:
        await asyncio.sleep(0)
        if request == "fail":
            raise SxIOError("failed later")
        return request

    async def several() -> list[Any]:
        programs = [Interpreter().eval_async(f"(+ (perform {i}) (perform {i}))", answer) for i in range(20)]
        return list(await asyncio.gather(*programs))

    assert asyncio.run(several()) == [2 * i for i in range(20)]
    text = '(guard (e (true (error-message e))) (perform "fail"))'
    assert asyncio.run(Interpreter().eval_async(text, answer)) == "failed later"


def test_one_interpreter_runs_several_asynchronous_programs() -> None:
    async def answer(request: Any) -> Any:
        await asyncio.sleep(0.001 * (5 - request))
        return request

    async def several(interpreter: Interpreter) -> list[Any]:
        programs = [
            interpreter.eval_async(f"(begin (perform {i}) (set! n (+ n 1)) {i})", answer) for i in range(5)
        ]
        return list(await asyncio.gather(*programs))

    interpreter = Interpreter()
    interpreter.define("n", 0)
    assert asyncio.run(several(interpreter)) == [0, 1, 2, 3, 4]
    assert interpreter.lookup("n") == 5


# -- many interpreters -----------------------------------------------------------------------------


def test_interpreters_share_nothing() -> None:
    one, other = Interpreter(), Interpreter()
    one.eval("(define x 1) (define (car xs) :mine) (defmacro m () 5) (set-strict! true)")
    assert to_python(other.eval("(list (car (list 7)) ((fn (a b) b) 1))")) == [7, None]
    for text in ("x", "(m)"):
        with pytest.raises(UnboundError):
            other.eval(text)


def test_a_redefinition_in_one_does_not_reach_the_shared_prelude() -> None:
    one, other = Interpreter(), Interpreter()
    one.eval("(define (assoc d k v) :mine) (define (reduce f i xs) :mine)")
    assert inspect(one.eval("(update {:a 1} :a inc)")) == "{:a 2}"
    assert inspect(other.eval("(update {:a 1} :a inc)")) == "{:a 2}"


def test_threads_have_an_interpreter_each() -> None:
    results: dict[int, Any] = {}

    def work(number: int) -> None:
        output = io.StringIO()
        interpreter = Interpreter(output=output)
        interpreter.define("n", number)
        interpreter.eval("(define (sum k) (if (= k 0) 0 (+ k (sum (- k 1))))) (display (* n (sum 2000)))")
        interpreter.eval("(display (group-by odd? (list n)))")
        results[number] = output.getvalue()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {n: f"{n * 2001000}{{:{'true' if n % 2 else 'false'} ({n})}}" for n in range(6)}


def test_an_interpreter_runs_one_program_at_a_time() -> None:
    interpreter = Interpreter()
    interpreter.define("again", interpreter.eval)
    with pytest.raises(EvalError, match="this interpreter is running already"):
        interpreter.eval('(again "1")')
    assert interpreter.eval("(+ 1 2)") == 3


def test_a_program_may_run_another_interpreter() -> None:
    outer, inner = Interpreter(), Interpreter()
    outer.define("inside", inner.eval)
    assert outer.eval('(+ 1 (inside "(+ 1 40)"))') == 42
    caught = outer.eval('(guard (e (true (error-message e))) (inside "(nowhere)"))')
    assert caught == "Undefined symbol: nowhere"


def test_the_limits_of_an_inner_interpreter_do_not_stop_the_outer_one() -> None:
    inner = Interpreter(limits=sxpy.Limits(steps=100))
    outer = Interpreter()
    outer.define("inside", inner.eval)
    caught = outer.eval('(guard (e (true (error-message e))) (inside "(let loop () (loop))"))')
    assert caught == "inside: StepLimitError: the program took more than 100 steps"


# -- the face of the package -----------------------------------------------------------------------


def test_the_public_names_are_there() -> None:
    for name in sxpy.__all__:
        assert hasattr(sxpy, name)


def test_a_payload_is_read_as_a_program_is() -> None:
    def outcome(text: str, *, scanned: bool) -> str:
        try:
            return inspect(Interpreter().start(text, scanned=scanned).value)
        except (EvalError, ReadError) as error:
            return f"{type(error).__name__}: {error.message} at {error.place}"

    for text in (
        '(define (f x) (* x x))\n(list (f 3) \'(a . b) {:k "v"})',
        "(define (f x)\n  (nth x 1))\n(f 5)",
        "(list 1\n   (car",
        "(list 1 2]",
        "#!/usr/bin/env sx\n(+ 1 2)",
    ):
        assert outcome(text, scanned=True) == outcome(text, scanned=False)
