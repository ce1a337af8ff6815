"""A host that answers at once: what it says means the same in compiled code as by the definition."""

from __future__ import annotations

from io import StringIO
from time import sleep
from typing import Any

import pytest

from sxpy import (
    PENDING,
    EvalError,
    Interpreter,
    LimitError,
    Limits,
    UnknownOperationError,
    to_python,
)
from sxpy.errors import ProgramInterrupted, TimeLimitError
from sxpy.printer import inspect

pytestmark = pytest.mark.usefixtures("tier")

LOOP = """
(define (ask n) (perform {:op "ask" :args (list n)}))
(define (total n) (let loop ((i 1) (sum 0)) (if (> i n) sum (loop (+ i 1) (+ sum (ask i))))))
(define (tail n) (if (= n 0) (ask 0) (begin (ask n) (tail (- n 1)))))
(define (deep n) (if (= n 0) 0 (+ (ask n) (deep (- n 1)))))
"""
ROUNDS = 200


class Counting:
    """Answers `ask n` with 2n; `special` says what happens for some n instead."""

    def __init__(self, special: dict[int, Any] | None = None) -> None:
        self.special = special or {}
        self.asked: list[int] = []
        self.owned: list[str] = []

    def owns(self, operation: str) -> bool:
        self.owned.append(operation)
        return operation == "ask"

    def answer(self, operation: str, args: list[Any], request: Any) -> Any:
        (n,) = args
        self.asked.append(n)
        special = self.special.get(n)
        if isinstance(special, BaseException):
            raise special
        return 2 * n if special is None else special

    def close(self) -> None:
        """Nothing to let go of."""


def loaded(host: Any) -> Interpreter:
    """An interpreter with the programs, in which what can be compiled is."""
    interpreter = Interpreter(host=host)
    interpreter.eval(LOOP, "loop.sx")
    return interpreter


@pytest.mark.parametrize("name", ["total", "deep"])
def test_every_request_is_answered_once_and_in_order(name: str) -> None:
    host = Counting()
    assert loaded(host).call(name, ROUNDS) == ROUNDS * (ROUNDS + 1)
    assert sorted(host.asked) == list(range(1, ROUNDS + 1))
    assert len(host.asked) == ROUNDS


def test_an_answer_in_tail_position_is_the_value() -> None:
    host = Counting({0: "the end"})
    assert loaded(host).call("tail", ROUNDS) == "the end"
    assert host.asked == list(range(ROUNDS, -1, -1))


def test_a_host_is_asked_once_what_it_owns_in_a_run() -> None:
    host = Counting()
    interpreter = loaded(host)
    interpreter.call("total", ROUNDS)
    assert host.owned == ["ask"]
    interpreter.call("total", ROUNDS)
    assert host.owned == ["ask", "ask"]


@pytest.mark.parametrize("failure", [ValueError("a bug of the host"), KeyboardInterrupt()])
@pytest.mark.parametrize("name", ["total", "tail", "deep"])
def test_what_a_host_lets_through_ends_the_run(failure: BaseException, name: str) -> None:
    host = Counting({150: failure})
    interpreter = loaded(host)
    with pytest.raises(type(failure)) as caught:
        interpreter.eval(f"(guard (e (true e)) ({name} {ROUNDS}))")
    assert caught.value is failure
    host.special.clear()
    assert interpreter.call("ask", 4) == 8


def test_an_error_of_the_host_stands_at_the_perform() -> None:
    interpreter = loaded(Counting({150: EvalError("no answer")}))
    with pytest.raises(EvalError, match="no answer") as caught:
        interpreter.call("total", ROUNDS)
    place = caught.value.place
    assert place is not None
    assert (place.line, place.column) == (2, 17)
    assert [frame.function for frame in caught.value.backtrace] == ["ask", "loop"]
    assert interpreter.eval(f"(guard (e (true (error-message e))) (total {ROUNDS}))") == "no answer"


WALK = "(define (walk n) (if (= n 0) (first 5) (+ 1 (walk (- n 1)))))"


def test_an_error_of_a_program_that_the_host_runs_is_raised_at_the_perform() -> None:
    inner = Interpreter()
    inner.eval(WALK)

    def answer(request: Any) -> Any:
        n = request.get("args").first()
        return inner.call("walk", 20) if n == 150 else n

    with pytest.raises(EvalError, match="first: expected"):
        loaded(answer).call("total", ROUNDS)
    for _ in range(3):
        assert loaded(answer).eval(f"(+ 1 (guard (e (true 5)) (* 2 (total {ROUNDS}))))") == 6


def test_an_error_of_a_program_that_a_procedure_runs_is_raised_at_the_call() -> None:
    inner, outer = Interpreter(), Interpreter()
    inner.eval(WALK)
    outer.define("walked", lambda n: inner.call("walk", 20) if n == 150 else n)
    outer.eval(
        "(define (total n) (let loop ((i 1) (sum 0)) (if (> i n) sum (loop (+ i 1) (+ sum (walked i))))))"
    )
    for _ in range(3):
        assert outer.eval(f"(+ 1 (guard (e (true 5)) (* 2 (total {ROUNDS}))))") == 6


def test_a_pending_answer_suspends_where_it_was_asked() -> None:
    host = Counting({150: PENDING})
    run = loaded(host).start_call("total", ROUNDS, hosted=True)
    assert inspect(run.request) == '{:op "ask" :args (150)}'
    assert host.asked == list(range(1, 151))
    without = ROUNDS * (ROUNDS + 1) - 300
    thawed = run.interpreter.thaw(run.freeze().bundled(), hosted=True)
    assert [run.resume(0).value, run.resume(7).value, thawed.resume(5).value] == [
        without,
        without + 7,
        without + 5,
    ]


def test_a_pending_answer_without_a_run_is_an_error() -> None:
    with pytest.raises(EvalError, match="the host answers later"):
        loaded(Counting({150: PENDING})).call("deep", ROUNDS)


def test_perform_may_be_another_procedure() -> None:
    host = Counting()
    interpreter = loaded(host)
    assert interpreter.call("total", ROUNDS) == ROUNDS * (ROUNDS + 1)
    interpreter.eval("(define perform (fn (request) 1))")
    assert interpreter.call("total", ROUNDS) == ROUNDS
    assert len(host.asked) == ROUNDS


def test_perform_is_a_value_like_any_procedure() -> None:
    host = Counting()
    interpreter = loaded(host)
    requests = f'(map (fn (n) {{:op "ask" :args (list n)}}) (range {ROUNDS}))'
    assert to_python(interpreter.eval(f"(map perform {requests})")) == [2 * n for n in range(ROUNDS)]
    assert host.asked == list(range(ROUNDS))
    host.special[150] = ValueError("a bug of the host")
    with pytest.raises(ValueError, match="a bug"):
        interpreter.eval(f"(map perform {requests})")


def test_a_function_is_a_host() -> None:
    def answer(request: Any) -> Any:
        operation, args = request.get("op"), to_python(request.get("args"))
        if operation != "ask":
            raise UnknownOperationError(f"what is {operation}?", request)
        return args[0] * 2 if args[0] != 150 else PENDING

    interpreter = loaded(answer)
    assert interpreter.call("deep", 100) == 100 * 101
    run = interpreter.start_call("total", ROUNDS, hosted=True)
    assert run.suspended
    assert run.resume(300).value == ROUNDS * (ROUNDS + 1)
    with pytest.raises(UnknownOperationError, match="what is tell"):
        interpreter.eval('(perform {:op "tell" :args ()})')


def test_requests_that_are_no_plain_dict() -> None:
    seen = []

    class Any_(Counting):
        def owns(self, operation: str) -> bool:
            return True

        def answer(self, operation: str, args: list[Any], request: Any) -> Any:
            seen.append((operation, args))
            return len(args)

    interpreter = Interpreter(host=Any_())
    interpreter.eval("(define (put request) (perform request))")
    wide = '(reduce (fn (d i) (assoc d (str i) i)) {:op "wide" :args (list 1)} (range 300))'
    for text in (
        '{:op "bare"}',
        '{:op "vector" :args (vector 1)}',
        '{:op "rest" :args (rest (list 1 2 3))}',
        wide,
    ):
        interpreter.eval(f"(put {text})")
        interpreter.eval(f"(put {text})")
    assert seen[::2] == [("bare", []), ("vector", []), ("rest", [2, 3]), ("wide", [1])]
    assert seen[1::2] == seen[::2]
    for text in ("5", "{}", "{:op 5 :args ()}", "{:op (list) :args ()}"):
        with pytest.raises(UnknownOperationError):
            interpreter.eval(f"(put {text})")


@pytest.mark.parametrize("name", ["total", "tail", "deep"])
def test_an_interrupt_is_seen_before_the_next_request(name: str) -> None:
    def answer(request: Any) -> Any:
        n = request.get("args").first()
        asked.append(n)
        if n == 150:
            interpreter.interrupt()
        return n

    asked: list[int] = []
    interpreter = loaded(answer)
    with pytest.raises(ProgramInterrupted) as caught:
        interpreter.eval(f"(guard (e (true e)) ({name} {ROUNDS}))")
    assert asked[-1] == 150
    assert caught.value.place is not None
    assert interpreter.call("ask", 4) == 4


@pytest.mark.parametrize("text", ["(total 200)", "(begin (for-each ask (range 1 200)) 1)"])
def test_a_limit_on_time_is_seen_though_the_host_is_slow(text: str) -> None:
    def answer(request: Any) -> Any:
        asked.append(request)
        sleep(0.03)
        return 1

    asked: list[Any] = []
    interpreter = Interpreter(host=answer, limits=Limits(seconds=0.05))
    interpreter.eval(LOOP)
    with pytest.raises(TimeLimitError):
        interpreter.eval(text)
    assert len(asked) <= 3


def test_a_limit_on_steps_counts_from_one_answer_to_the_next() -> None:
    host = Counting()
    interpreter = Interpreter(host=host, limits=Limits(steps=500))
    interpreter.eval(LOOP)
    with pytest.raises(LimitError, match="more than 500 steps"):
        interpreter.call("total", ROUNDS)
    assert 1 < len(host.asked) < ROUNDS


def test_a_conversation_yields_requests_and_returns_the_value() -> None:
    talk = loaded(None).converse_call("total", ROUNDS)
    request, asked = next(talk), []
    with pytest.raises(StopIteration) as end:
        while True:
            (n,) = to_python(request.get("args"))
            asked.append(n)
            request = talk.send(2 * n)
    assert end.value.value == ROUNDS * (ROUNDS + 1)
    assert asked == list(range(1, ROUNDS + 1))


def test_a_conversation_takes_python_values_and_errors_for_answers() -> None:
    interpreter = Interpreter()
    text = "(list (perform 1) (guard (e (true (error-message e))) (perform 2)) (perform 3))"
    talk = interpreter.converse(text)
    assert next(talk) == 1
    assert talk.send({"a": [1, 2]}) == 2
    assert talk.throw(EvalError("not that")) == 3
    with pytest.raises(StopIteration) as end:
        talk.send(None)
    assert to_python(end.value.value) == [{"a": [1, 2]}, "not that", None]
    with pytest.raises(StopIteration):
        next(interpreter.converse("5"))


def test_conversations_go_on_side_by_side() -> None:
    interpreter = loaded(None)
    talks = [interpreter.converse_call("deep", 40) for _ in range(3)]
    for talk in talks:
        next(talk)
    ends = []
    for _ in range(40):
        for factor, talk in enumerate(talks):
            try:
                talk.send(factor)
            except StopIteration as end:
                ends.append(end.value)
    assert ends == [0, 40, 80]


def test_a_conversation_is_interrupted_and_limited() -> None:
    def stop() -> None:
        interpreter.interrupt()

    interpreter = Interpreter()
    interpreter.define("stop", stop)
    interpreter.eval("(define (spin n) (if (= n 0) (perform n) (spin (- n 1))))")
    talk = interpreter.converse("(perform 1) (stop) (spin 1000000)")
    next(talk)
    with pytest.raises(ProgramInterrupted):
        talk.send(2)
    talk = interpreter.converse("(perform 1) (spin 1000000)")
    next(talk)
    interpreter.limits = Limits(seconds=0.001)
    with pytest.raises(TimeLimitError):
        talk.send(2)
    interpreter.limits = Limits()
    assert next(interpreter.converse("(spin 1000)")) == 0


def test_a_conversation_waits_for_nobody_and_takes_its_turn() -> None:
    def ask() -> None:
        next(other)

    interpreter = Interpreter(output=StringIO())
    interpreter.define("ask", ask)
    other = interpreter.converse("(perform 1)")
    with pytest.raises(EvalError, match="running already"):
        interpreter.eval("(ask)")
    first, second = StringIO(), StringIO()
    text = '(display "a") (perform 1) (display "b")'
    talks = [Interpreter(output=out).converse(text) for out in (first, second)]
    assert [next(talk) for talk in talks] == [1, 1]
    for talk in talks:
        with pytest.raises(StopIteration):
            talk.send(None)
    assert [first.getvalue(), second.getvalue()] == ["ab", "ab"]


def test_an_error_that_nobody_handles_ends_a_conversation() -> None:
    talk = loaded(None).converse("(+ 1 (ask 1))")
    next(talk)
    with pytest.raises(EvalError, match="Expected number"):
        talk.send("one")
    with pytest.raises(StopIteration):
        next(talk)
