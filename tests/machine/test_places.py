"""Every error tells where: line and column, counted by hand, and the calls that led there."""

from __future__ import annotations

from pathlib import Path

import pytest
from running import error_of, show

from sxpy import EvalError, Interpreter
from sxpy.errors import TOP_LEVEL, Frame, Place, UnknownOperationError

pytestmark = pytest.mark.usefixtures("tier")


def place_of(text: str) -> tuple[int, int]:
    """Line and column of the error a program ends with."""
    place = error_of(text).place
    assert isinstance(place, Place), text
    return place.line, place.column


def trace_of(text: str) -> list[tuple[str, int, int]]:
    """The backtrace of the error: function, line and column."""
    frames = error_of(text).backtrace
    return [
        (frame.function, frame.place.line, frame.place.column) for frame in frames if frame.place is not None
    ]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        # A symbol without a value: the symbol.
        ("unknown", 1, 1),
        ("(list 1\n  unknown)", 2, 3),
        ("(list 1\n  (list 2 unknown))", 2, 11),
        ("(unknown 1)", 1, 2),
        ("(let ((a 1))\n  (set! b 2))", 2, 3),
        ("(define (f)\n  (+ 1 nowhere))\n(f)", 2, 8),
        # A call of something else than a procedure: the call.
        ("(list\n (5 6))", 2, 2),
        ("(let ((x 5))\n  (x))", 2, 3),
        ('("f" 1)', 1, 1),
        # A wrong number of arguments: the call.
        ("(define (f x) x)\n(f 1 2)", 2, 1),
        ("(define (f x) x)\n(list (f 1 2))", 2, 7),
        ("(list (not 1 2))", 1, 7),
        ("(list 1 (error-message))", 1, 9),
        # A primitive that gets a wrong value: its call, however deep in simple expressions.
        ("(car 5)", 1, 1),
        ("(+ 1 (* 2 (- 3\n  (len 5))))", 2, 3),
        ("(+ 1 (* 2 (- 3 (len (rest\n  5)))))", 1, 21),
        ("(if true\n  (car 5))", 2, 3),
        ("(let ((a 1)\n      (b (car 5))) b)", 2, 10),
        ("(list 1 {:a 2\n  :b (car 5)})", 2, 6),
        ("`(1 ,(car 5))", 1, 6),
        ("(cond ((car 5) 1))", 1, 8),
        ("(and 1 (or false\n (car 5)))", 2, 2),
        ("(begin 1\n (car 5)\n 2)", 2, 2),
        ("(let ((x 1)) (set! x (car 5)))", 1, 22),
        ("(define x (car 5))", 1, 11),
        ("(do ((i 0 (+ i 1))) ((car i) 1))", 1, 22),
        ("(while (car 5) 1)", 1, 8),
        ("(case (car 5) 1 2)", 1, 7),
        ("(match (car 5) (x x))", 1, 8),
        ("((fn (&key (a (car 5))) a))", 1, 15),
        # Threading: the step.
        ("(-> 5\n  (+ 1)\n  (car))", 3, 3),
        ("(-> 5\n  inc\n  car)", 3, 3),
        ("(->> 5 (+ 1)\n (car))", 2, 2),
        ("(as-> 5 x\n (car x))", 2, 2),
        # Callbacks: where the error is; for a primitive as the callback, the call of `map`.
        ("(map (fn (x)\n  (car x)) (list 1))", 2, 3),
        ("(list\n (map car (list 1)))", 2, 2),
        ("(list (map\n (fn (x) (+ x 1)) 5))", 1, 7),
        ("(list (reduce (fn (a x) (car x)) 0 (list 1)))", 1, 25),
        ("(list (reduce car 0 (list 1)))", 1, 7),
        ("(list (sort (list 1 2)\n (fn (a b) (car a))))", 2, 12),
        ("(list (map 5 (list 1)))", 1, 7),
        ("(list 1 (apply car (list 5)))", 1, 9),
        ("(list (flat-map (fn (x) 5) (list 1)))", 1, 7),
        # Raised and signalled: the call.
        ("(list 1\n (raise 5))", 2, 2),
        ("(raise 5)", 1, 1),
        ('(list (error "x"))', 1, 7),
        ('(error "x")', 1, 1),
        ("(assert (= 1 2))", 1, 1),
        ("(guard (e ((string? e) 1))\n  (raise 5))", 2, 3),
        ("(guard (e ((string? e) 1))\n  (car 5))", 2, 3),
        ("(with-exception-handler (fn (e) 1)\n  (fn () (raise 5)))", 2, 10),
        ("(with-exception-handler (fn (e) 1)\n  (fn () (car 5)))", 2, 10),
        ("(try-catch (fn () (car 5))\n (fn (e) (raise e)))", 2, 10),
        ("(match 5\n  (6 1))", 1, 1),
        ("(reset (+ 1 (shift k\n  (car 5))))", 2, 3),
        ("(list (shift k 1))", 1, 7),
        ("(list (parameterize ((5 1)) 2))", 1, 7),
        ("(list (force (delay\n (car 5))))", 2, 2),
        ("(list (let-values (((a b) 5)) a))", 1, 7),
        ("(coroutine-yield 5)", 1, 1),
        # perform and io: the call.
        ('(list 1\n (perform {:op "x" :args ()}))', 2, 2),
        ("(define (f) (perform 5))\n(f)", 1, 13),
        ('(list (io "nothing" 1))', 1, 7),
        # Forms of the wrong shape: the form, or the part to blame.
        ("(list\n (if))", 2, 2),
        ("(list (let 5 1))", 1, 12),
        ("(list (let ((a 1) (b)\n c) a))", 1, 12),
        ("(fn)", 1, 1),
        ("(list (quote))", 1, 7),
        ("(define)", 1, 1),
        ("(let () (define 5 1))", 1, 17),
        ("(list ,x)", 1, 7),
        ("if", 1, 1),
        ("(list 1 lambda)", 1, 9),
        # A macro: an error in its expander there, in its expansion at the call.
        ('(defmacro m (x)\n  (error "no" x))\n(m 1)', 2, 3),
        ("(defmacro m (x)\n  (car 5))\n(m 1)", 2, 3),
        ("(defmacro m (x) `(car ,x))\n(list\n (m 5))", 3, 2),
        ("(defmacro m (x) (list 'if))\n(list 1\n (m 5))", 3, 2),
        ("(define-syntax m (syntax-rules () ((_ a) a)))\n(list\n (m))", 3, 2),
        ("(define-syntax m (syntax-rules () ((_ a) (car a))))\n(list\n (m 5))", 3, 2),
        ("(eval '(list\n (car 5)))", 2, 2),
        ("(list\n (eval (list 'car 5)))", 2, 2),
        ('(set-strict! true) (define (f (x :as number)) x)\n(f "a")', 2, 1),
        ("(set-strict! true) (define (f x) x)\n(list (f))", 2, 7),
        ('(set-strict! true)\n(list (+ 1 "2"))', 2, 7),
        ("(define-type T (A x))\n(list (A))", 2, 7),
        ("(define-record-type p (mk x) p? (x px))\n(list (px 5))", 2, 7),
    ],
)
def test_an_error_has_the_place_of_the_form_to_blame(text: str, line: int, column: int) -> None:
    assert place_of(text) == (line, column)


def test_a_place_has_the_line_and_its_text() -> None:
    place = error_of("(list 1\n  (car 5))").place
    assert place is not None
    assert (str(place), place.text) == ("<string>:2:3", "  (car 5))")
    assert place.caret() == "  (car 5))\n  ^"


# -- backtraces ------------------------------------------------------------------------------------


def test_a_backtrace_has_the_calls_that_wait_innermost_first() -> None:
    text = "(define (f x)\n  (+ 1 (car x)))\n(define (g x)\n  (list (f x)))\n(list\n (g 5))"
    assert trace_of(text) == [("f", 2, 8), ("g", 4, 9), ("(top level)", 6, 2)]


def test_a_tail_call_leaves_no_trace() -> None:
    text = "(define (f x) (car x))\n(define (g x) (f x))\n(list (g 5))"
    assert trace_of(text) == [("f", 1, 15), ("(top level)", 3, 7)]


def test_a_call_that_fails_is_told_once() -> None:
    assert trace_of("(list (unknown 1))") == [("(top level)", 1, 8)]
    assert trace_of("(define (f) 1)\n(list (f 1))") == [("(top level)", 2, 7)]
    assert trace_of("(list (raise 1))") == [("(top level)", 1, 7)]
    assert trace_of('(list (error "x"))') == [("(top level)", 1, 7)]
    assert trace_of("(list (5))") == [("(top level)", 1, 7)]
    assert trace_of("(list (perform 5))") == [("(top level)", 1, 7)]


def test_a_call_that_was_not_made_yet_is_not_told() -> None:
    text = "(define (f x) x)\n(define (g) (list (f (car 5))))\n(list (g))"
    assert trace_of(text) == [("g", 2, 22), ("(top level)", 3, 7)]


def test_recursion_is_told_call_by_call() -> None:
    text = "(define (f n)\n  (if (= n 0) (car 5) (+ 1 (f (- n 1)))))\n(list (f 3))"
    assert trace_of(text) == [("f", 2, 15), *[("f", 2, 28)] * 3, ("(top level)", 3, 7)]


def test_a_long_backtrace_is_cut() -> None:
    define = "(define (f n) (if (= n 0) (car 5) (+ 1 (f (- n 1)))))\n"
    frames = error_of(f"{define}(list (f 100000))").backtrace
    assert len(frames) < 1000
    assert frames[-1] == Frame(TOP_LEVEL, Place("<string>", 2, 7, "(list (f 100000))"))
    assert sum(1 + (frame.omitted or 0) for frame in frames) == 100_002
    # What a program catches is cut sooner, and nobody counts the rest.
    caught = f"{define}(guard (e (true (len (error-backtrace e)))) (f 100000))"
    assert 20 <= int(show(caught)) <= 40
    raised_again = error_of(f"{define}(guard (e ((string? e) 1)) (f 100000))").backtrace
    assert raised_again[-1].omitted is None


def test_a_branch_that_calls_is_no_call_of_its_own() -> None:
    text = (
        "(define (f x)\n  (+ 1 (if x\n    (+ 2 (if (car x)\n      (+ 3 (car 5)) 1)) 0)))\n(list (f (list 1)))"
    )
    assert trace_of(text) == [("f", 4, 12), ("(top level)", 5, 7)]
    text = "(define (g) (car 5))\n(define (f x) (+ 1 (if x (+ 2 (g)) (+ 3 (f true)))))\n(list (f nil))"
    assert trace_of(text) == [("g", 1, 13), ("f", 2, 31), ("f", 2, 41), ("(top level)", 3, 7)]


def elisions(text: str) -> list[tuple[str, bool]]:
    """The functions of the backtrace, and whether calls between each and the one before left no trace."""
    return [(frame.function, frame.elided) for frame in error_of(text).backtrace]


def test_a_backtrace_tells_where_tail_calls_left_no_trace() -> None:
    define = "(define (f x) (car x)) (define (g x) (f x)) (define (h x) (list (g x)))"
    assert elisions(f"{define} (list (h 5))") == [("f", False), ("h", True), ("(top level)", False)]
    # A loop inside a function, a function under another name, a callback: nothing that is not to be seen.
    loop = "(define (f) (let loop ((i 0)) (if (= i 3) (car i) (loop (+ i 1)))))"
    assert elisions(f"{loop} (list (f))") == [("loop", False), ("(top level)", False)]
    assert elisions("(define (f) (car 5)) (define g f) (list (g))") == [("f", False), ("(top level)", False)]
    assert elisions("(list (map (fn (x) (car x)) (list 5)))") == [("lambda", False), ("(top level)", False)]
    local = "(define (f) (define (g) (h)) (define (h) (car 5)) (list (g))) (list (f))"
    assert elisions(local) == [("h", False), ("f", True), ("(top level)", False)]


def test_a_backtrace_tells_in_which_function_another_stands() -> None:
    text = "(define (f xs) (let loop () (list (map (fn (x) (car x)) xs)))) (list (f (list 5)))"
    within = [(frame.function, frame.within) for frame in error_of(text).backtrace]
    assert within == [("lambda", ("loop", "f")), ("loop", ("f",)), ("(top level)", ())]


def test_callbacks_are_told_with_the_call_that_made_them() -> None:
    define = "(define (f x)\n  (car x))\n"
    text = f"{define}(define (g)\n  (list (map (fn (x)\n    (list (f x))) (list 5))))\n(list (g))"
    assert trace_of(text) == [("f", 2, 3), ("lambda", 5, 11), ("g", 4, 9), ("(top level)", 6, 7)]


def test_an_expansion_is_told() -> None:
    error = error_of("(defmacro m (x)\n  (list (car 5)))\n(list\n (m 1))")
    assert [frame.function for frame in error.backtrace] == ["m", "expansion of m"]
    assert error.backtrace[1].place is not None
    assert (error.backtrace[1].place.line, error.backtrace[1].place.column) == (4, 2)


def test_an_error_that_is_raised_again_keeps_its_place() -> None:
    text = "(guard (e (true\n  (raise e)))\n  (car 5))"
    assert place_of(text) == (3, 3)


def test_a_suspended_program_that_fails_later_knows_where_it_waited() -> None:
    run = Interpreter().start("(define (f)\n  (list (perform 1)))\n(list (f))")
    with pytest.raises(EvalError) as raised:
        run.resume_error("no")
    assert raised.value.place is not None
    assert (raised.value.place.line, raised.value.place.column) == (2, 9)
    assert [frame.function for frame in raised.value.backtrace] == ["f", "(top level)"]


class NobodysHost:
    """A host that owns nothing."""

    def owns(self, operation: str) -> bool:
        return False

    def answer(self, operation: str, args: object, request: object) -> object:
        raise AssertionError

    def close(self) -> None:
        pass


def test_an_unknown_operation_is_an_error_at_the_perform() -> None:
    text = '(list\n (perform {:op "no/such" :args (list 1)}))'
    error = error_of(text, host=NobodysHost())
    assert isinstance(error, UnknownOperationError)
    assert error.message == "Unknown IO operation: no/such"
    assert error.place is not None
    assert (error.place.line, error.place.column) == (2, 2)
    caught = f"(guard (e (true (error-message e))) {text})"
    assert show(caught, host=NobodysHost()) == '"Unknown IO operation: no/such"'


def test_a_perform_without_a_host_says_so() -> None:
    assert show('(perform {:op "db/get" :args ()})') == "! IO suspension in non-IO context: db/get"
    assert show("(perform 5)") == "! IO suspension in non-IO context: 5"


def test_an_error_in_a_loaded_file_is_in_that_file(tmp_path: Path) -> None:
    file = tmp_path / "broken.sx"
    file.write_text("(define a 1)\n(list 1\n  (car a))\n")
    error = error_of(f'(list (load "{file}"))')
    assert str(error.place) == f"{file}:3:3"
    assert [str(frame.place) for frame in error.backtrace] == [f"{file}:3:3", "<string>:1:7"]


def test_a_function_of_a_loaded_file_keeps_its_places(tmp_path: Path) -> None:
    file = tmp_path / "defines.sx"
    file.write_text("(define (f x)\n  (car x))\n")
    error = error_of(f'(load "{file}")\n(list (f 5))')
    assert [str(frame.place) for frame in error.backtrace] == [f"{file}:2:3", "<string>:2:7"]


# -- as the program sees it ------------------------------------------------------------------------


def test_a_condition_has_place_and_backtrace() -> None:
    assert show("(guard (e (true (error-place e)))\n  (car 5))") == '{:file "<string>" :line 2 :column 3}'
    names = "(map (fn (frame) (get frame :function)) (error-backtrace e))"
    text = f"(define (f)\n  (car 5))\n(guard (e (true {names}))\n (list (f)))"
    assert show(text) == '("f" "guarded")'


def test_a_condition_of_error_has_place_and_backtrace() -> None:
    assert show('(guard (e (true (get (error-place e) :line)))\n  (list\n (error "x")))') == "3"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(define (area w h) (* w h)) (area 1 2 3)", "area takes 2 arguments (w h), got 3"),
        ("(define (one x) x) (one 1 2)", "one takes 1 argument (x), got 2"),
        ("(define (none) 1) (none 1)", "none takes no arguments, got 1"),
        ("((fn (a) a) 1 2)", "lambda takes 1 argument (a), got 2"),
        ("(not)", "not takes 1 argument, got 0"),
        ("(perform)", "perform takes 1 argument, got 0"),
        ("(define (k &key a b) a) (k 1)", "k has no place for 1; its keywords are :a, :b"),
        ("(set-strict! true) (define (f a b) a) (f 1)", "f takes 2 arguments (a b), got 1"),
        ('(set-strict! true) (define (f (n :as number)) n) (f "x")', 'f: n must be number, got "x"'),
        ("(define-type T (Some v)) (Some)", "Some takes 1 argument, got 0"),
        ("(unknown 1)", "Undefined symbol: unknown"),
        ("(set! unknown 1)", "set!: unknown is not defined; define it first"),
        ("((list 1) 2)", "Not callable: (1)"),
        ("(let () (define a b) (define b 1) a)", "b is used before it is defined"),
    ],
)
def test_a_message_says_what_and_who(text: str, message: str) -> None:
    assert error_of(text).message == message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(define (f a b c) (list a b c)) (f 1)", "(1 nil nil)"),
        ("((fn (a) a))", "nil"),
        ("(define (f a &rest more) (list a more)) (f)", "(nil ())"),
        ('(define (f (n :as number)) n) (f "x")', '"x"'),
        ("(set-strict! true) (define (f (n :as number)) n) (f 1)", "1"),
        ('(set-strict! true) (define (f (n :as string?)) n) (list (f nil) (f "a"))', '(nil "a")'),
        ("(set-strict! true) (set-strict! false) (define (f a b) b) (f 1)", "nil"),
    ],
)
def test_missing_arguments_are_nil_unless_strict(text: str, value: str) -> None:
    assert show(text) == value


def test_the_embedder_can_be_strict() -> None:
    assert error_of("(define (f a) a) (f)", strict=True).message == "f takes 1 argument (a), got 0"


def test_no_place_is_better_than_that_of_another_call() -> None:
    # A tail call of a function of the library leaves no frame, and the last call that was noted is `shift`.
    assert error_of("(let (x 1) (drop-while () (reset (+ 1 (shift k -1)))))").place is None
