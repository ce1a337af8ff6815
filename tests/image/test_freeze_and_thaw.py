"""Frozen programs go on where they were, in a world of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from sxpy import Interpreter
from sxpy.errors import CodeMissingError, EvalError, NotFreezable, ThawError
from sxpy.image import needs_of
from sxpy.interpreter import Run
from sxpy.printer import canonical, inspect
from sxpy.reader import read_datum

ASK = '(define (ask x) (perform {:op "ask" :args (list x)}))\n'


def _start(text: str, **options: Any) -> Run:
    return Interpreter(**options).start(ASK + text, "prog.sx")


def _thawed(run: Run, **options: Any) -> Run:
    frozen = run.freeze()
    return Interpreter(**options).thaw(frozen.text, code=frozen.code)


def _finish(run: Run, *answers: Any) -> str:
    """The end of a run that is frozen and thawed before each answer."""
    for answer in answers:
        run = _thawed(run).resume(answer)
    assert run.done
    return inspect(run.value)


@pytest.mark.parametrize(
    ("program", "answers", "value"),
    [
        ("(+ 1 (ask 2))", [41], "42"),
        ("(map (fn (x) (* x (ask x))) (list 1 2 3))", [10, 20, 30], "(10 40 90)"),
        ("(reduce (fn (a x) (+ a (ask x))) 0 (list 1 2))", [3, 4], "7"),
        ("(sort (list 3 1 2) (fn (a b) (ask (list a b)) (< a b)))", [0, 0, 0], "(1 2 3)"),
        ("(define x 5) (ask 1) (set! x (+ x 1)) x", [0], "6"),
        ("(let ((n 0)) (let ((up (fn () (set! n (+ n 1)) n))) (up) (ask 1) (up)))", [0], "2"),
        ("(defmacro twice (x) `(* 2 ,x)) (ask 1) (twice 21)", [0], "42"),
        ("(guard (e (true (list :caught (ask 1)))) (ask 0) (error \"no\"))", [1, 2], '("caught" 2)'),
        ("(define p (make-parameter 1)) (parameterize ((p 2)) (ask 1) (p))", [0], "2"),
        ("(dynamic-wind (fn () (ask :in)) (fn () (ask :body)) (fn () (ask :out)))", [1, 2, 3], "2"),
        ("(+ 1 (call/cc (fn (k) (ask 1) (+ 100 (k 1)))))", [0], "2"),
        ("(define c (make-coroutine (fn () (coroutine-yield (ask 1)) 9)))"
         "(list (coroutine-resume c) (coroutine-resume c))", [5], "(5 9)"),
        ("(reset (+ 1 (shift k (+ (k (ask 1)) (k (ask 2))))))", [10, 20], "32"),
        ("(define-record-type point (make x) point? (x point-x set-x!))"
         "(define p (make 1)) (ask 1) (set-x! p (+ 1 (point-x p))) (list (point? p) (point-x p))",
         [0], "(true 2)"),
        ("(define-type Tree (Leaf) (Node l r)) (define t (Node (Leaf) (Leaf))) (ask 1)"
         "(match t ((Node l _) (Leaf? l)))", [0], "true"),
        ("(define v (vector 1 2)) (define w (list v v)) (ask 1) (vector-set! v 0 9) (inspect w)", [0],
         '"(#(9 2) #(9 2))"'),
        ("(define p (delay (ask 1))) (list (force p) (force p))", [7], "(7 7)"),
        ("(receive (a b) (begin (ask 1) (values 1 2)) (list b a))", [0], "(2 1)"),
        ("(define-syntax swap (syntax-rules () ((_ a b) (list b a)))) (ask 1) (swap 1 2)", [0], "(2 1)"),
        ("(eval (list 'ask 1))", [3], "3"),
        ("(define (down n) (if (= n 0) (ask 0) (+ 1 (down (- n 1))))) (down 1000)", [1], "1001"),
        ('(scope "log" (emit! "log" 1) (ask 1) (emit! "log" 2) (emitted "log"))', [0], "(1 2)"),
        ("(update {:a 1} :a (fn (x) (ask x)))", [7], "{:a 7}"),
        ("(define h (make-hash-table)) (hash-table-set! h '(1) 2) (ask 1) (hash-table-ref h '(1))", [0], "2"),
        ("(define s (make-set (list 1 'a \"b\"))) (ask 1) (set-member? s 'a)", [0], "true"),
        ("(with-exception-handler (fn (e) (ask 1)) (fn () (+ 1 (raise-continuable 5))))", [41], "42"),
        ("(let loop ((i 0) (acc ())) (if (= i 3) acc (loop (+ i 1) (cons (ask i) acc))))",
         [1, 2, 3], "(3 2 1)"),
    ],
)  # fmt: skip
def test_a_program_goes_on_where_it_was(program: str, answers: list[Any], value: str) -> None:
    assert _finish(_start(program), *answers) == value


def test_two_thaws_of_one_text_run_independently() -> None:
    run = _start("(define n 0) (define (add x) (set! n (+ n x)) n) (add (ask 1)) (list (add (ask 2)) n)")
    frozen = run.freeze()
    here = Interpreter()
    one, two = (here.thaw(frozen.text, code=frozen.code) for _ in range(2))
    one, two = one.resume(1), two.resume(100)
    assert inspect(one.resume(1).value) == "(2 2)"
    assert inspect(two.resume(1).value) == "(101 101)"
    assert inspect(two.resume(5).value) == "(106 106)"  # the world of a run is shared by its futures


def test_sharing_and_cycles_are_kept() -> None:
    run = _start(
        "(define v (vector 1 nil)) (vector-set! v 1 v) (define l (list v v))"
        "(ask 1) (list (eq? v (vector-ref v 1)) (eq? (first l) (nth l 1)) (eq? v (first l)))"
    )
    assert _finish(run, 0) == "(true true true)"


def test_a_closure_and_its_maker_share_a_variable() -> None:
    run = _start(
        "(define (counter) (let ((n 0)) (list (fn () (set! n (+ n 1)) n) (fn () n))))"
        "(define c (counter)) ((first c)) (ask 1) ((first c)) ((nth c 1))"
    )
    assert _finish(run, 0) == "2"


def test_freezing_again_what_was_thawed_gives_the_same_text() -> None:
    run = _start("(define xs (list 1 2 3)) (map (fn (x) (ask (list x xs))) xs)")
    assert _thawed(run).freeze().text == run.freeze().text


def test_the_text_is_canonical_sx_data() -> None:
    text = _start('(let ((s "a\\"b\\n") (f 0.5) (r 1/3)) (ask (list s f r -0.0 nan)))').freeze().bundled()
    assert canonical(read_datum(text)) == text


def test_a_program_goes_on_in_a_new_process() -> None:
    frozen = _start("(define (twice x) (* 2 x)) (list (twice (ask 1)) (ask 2))").freeze()
    child = (
        "import json, sys; from sxpy import Interpreter; text, code = json.load(sys.stdin);"
        "run = Interpreter().thaw(text, code=code).resume(21); frozen = run.freeze();"
        "json.dump([frozen.text, dict(frozen.code)], sys.stdout)"
    )
    done = subprocess.run(
        [sys.executable, "-c", child],
        input=json.dumps([frozen.text, dict(frozen.code)]),
        capture_output=True,
        text=True,
        check=True,
    )
    text, code = json.loads(done.stdout)
    assert inspect(Interpreter().thaw(text, code=code).resume(5).value) == "(42 5)"


def test_code_may_come_apart_from_the_text() -> None:
    frozen = _start("(list 1 (ask 1))").freeze()
    assert set(needs_of(frozen.text)) == set(frozen.code)
    assert needs_of(frozen.bundled()) == ()
    with pytest.raises(CodeMissingError) as caught:
        Interpreter().thaw(frozen.text)
    assert set(caught.value.cids) == set(frozen.code)
    assert inspect(Interpreter().thaw(frozen.text, code=frozen.code.get).resume(2).value) == "(1 2)"


def test_an_edit_elsewhere_in_the_file_changes_no_name() -> None:
    first = Interpreter().start(ASK + "(define unused 1)\n(list (ask 1))", "f.sx").freeze()
    second = Interpreter().start(ASK + "(define unused 2)\n\n\n(list (ask 1))", "f.sx").freeze()
    assert set(first.code) == set(second.code)


def test_places_survive() -> None:
    run = _start("(define (f x)\n  (+ (ask x)\n     1))\n(list (f 2))")
    again = _thawed(run)
    assert [str(frame.place) for frame in again.state.backtrace()] == [
        str(frame.place) for frame in run.state.backtrace()
    ]
    with pytest.raises(EvalError) as caught:
        again.resume_error("refused")
    assert str(caught.value.place) == "prog.sx:1:17"
    assert caught.value.place is not None and caught.value.place.caret().startswith(
        "(define (ask x) (perform"
    )


def test_only_what_is_reachable_is_kept() -> None:
    unused = "(define (unused) 'elephant) (define herd (list 1 2 3))"
    frozen = _start(unused + "(define (used) 1) (+ (used) (ask 1) (used))").freeze()
    assert "unused" not in frozen.text and "herd" not in frozen.text and '"used"' in frozen.text


def test_eval_keeps_everything() -> None:
    frozen = _start("(define (perhaps) 1) (eval (list (ask 1)))").freeze()
    assert "perhaps" in frozen.text
    run = _start("(define (perhaps) 42) (eval (list (ask 1)))")
    assert _finish(run, read_datum("perhaps")) == "42"


def test_the_hosts_procedures_are_bound_again_by_name() -> None:
    here = Interpreter()
    here.define("twice", lambda x: 2 * x)
    frozen = here.start(ASK + "(twice (ask 1))").freeze()
    there = Interpreter()
    with pytest.raises(ThawError, match="uses twice, which the host must define"):
        there.thaw(frozen.text, code=frozen.code)
    there.define("twice", lambda x: 20 * x)
    assert there.thaw(frozen.text, code=frozen.code).resume(2).value == 40


def test_what_no_text_stands_for_is_refused_with_the_path_to_it() -> None:
    here = Interpreter()
    here.start(ASK + "(define (f x) (list (ask 1) x))", "prog.sx")
    native = Interpreter()
    native.define("strange", lambda: 1)
    stranger = native.lookup("strange")
    run = here.start_call("f", [1, {"deep": stranger}])
    with pytest.raises(NotFreezable) as caught:
        run.freeze()
    message = str(caught.value)
    assert "a Python function that the host did not define by this name" in message
    assert ": variable x in frame f at prog.sx:2:21 → item 1 → key deep → lambda strange" in message
    assert run.resume(1).done  # the state is as it was


def test_what_was_opened_in_one_tier_goes_on_in_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "(define (f n) (if (= n 0) (ask 0) (+ n (f (- n 1))))) (list (f 50) (f 50))"
    for tier, other in (("0", "1"), ("1", "0")):
        monkeypatch.setenv("SX_TIER", tier)
        monkeypatch.setenv("SX_HOT", "1")
        run = _start(text)
        frozen = run.freeze()
        monkeypatch.setenv("SX_TIER", other)
        again = Interpreter().thaw(frozen.text, code=frozen.code).resume(0)
        assert again.freeze().text == _start(text).resume(0).freeze().text
        assert inspect(again.resume(1).value) == "(1275 1276)"


def test_a_state_is_frozen_and_thawed_by_sx_itself() -> None:
    program = """
      (define total 0)
      (define (work) (set! total (+ total (perform "ask"))) total)
      (define text (cek-freeze (cek-step-loop (make-cek-state '(list (work) (work))))))
      (define (finish state)
        (let ((state (cek-step-loop (cek-resume state 5))))
          (if (cek-suspended? state) (finish state) (cek-value state))))
      (list (finish (cek-thaw text)) (finish (cek-thaw text)) total)"""
    assert inspect(Interpreter().eval(program)) == "((5 10) (5 10) 0)"


def test_a_thawed_state_can_be_frozen_inside_of_another() -> None:
    program = """
      (define inner (cek-thaw (cek-freeze (cek-step-loop (make-cek-state '(+ 1 (perform "in")))))))
      (list (perform "out") (cek-value (cek-run (cek-resume inner 41))))"""
    run = Interpreter().start(program)
    assert _finish(run, 1) == "(1 42)"


def test_a_signed_text_is_taken_only_with_its_key() -> None:
    run = _start("(list (ask 1))")
    signed = run.freeze(key=b"operator")
    there = Interpreter()
    assert inspect(there.thaw(signed.text, code=signed.code, key=b"operator").resume(1).value) == "(1)"
    assert inspect(there.thaw(signed.bundled(), key=b"operator").resume(1).value) == "(1)"
    plain = run.freeze()
    for text in (
        plain.text,
        signed.text.replace('"ask"', '"ASK"'),
        run.freeze(key=b"other").text,
        signed.text[:-9],
    ):
        with pytest.raises(ThawError):
            there.thaw(text, code=signed.code, key=b"operator")
    assert canonical(read_datum(signed.text)) == signed.text


def test_code_under_a_wrong_name_is_refused() -> None:
    frozen = _start("(list (ask 1))").freeze()
    code = {cid: text.replace("ask", "ASK") for cid, text in frozen.code.items()}
    with pytest.raises(ThawError, match="is not what that names"):
        Interpreter().thaw(frozen.text, code=code)


def test_freezing_changes_nothing() -> None:
    run = _start("(define xs (mutable-list)) (append! xs 1) (ask 1) (append! xs 2) xs")
    run.freeze()
    assert inspect(run.resume(0).value) == "(1 2)"
