"""Operations written where they are called: nobody can tell that their functions are no closures there."""

from __future__ import annotations

import gc
from typing import Any
from weakref import ref

import pytest
from both_tiers import ending, interpreter

from sxpy.compiler import direct
from sxpy.compiler.inner import Inner
from sxpy.errors import TimeLimitError
from sxpy.machine.limits import Limits

USED = {
    "plain": "(define (use x) (list x))",
    "captured": "(define ks (mutable-list)) (define (use x) (call/cc (fn (k) (append! ks k) x)))",
    "shifted": "(define (use x) (shift k (list (k x) (k (list x)))))",
    "raising": "(define (use x) (if (= x 2) (raise (list 'no x)) (list x)))",
    "erring": "(define (use x) (list (if (= x 2)\n (error 'two x) x)))",
    "wrong": "(define (use x) (list (if (= x 2)\n (+ x {}) x)))",
}
"""What a callback calls; some of it has to leave direct code."""

WALKS = {
    "map": "(map (fn (x) (list x (use x) a)) xs)",
    "map of an expression": "(list (use 1) (map (fn (x) (+ x a)) xs))",
    "map of a failing expression": "(list (use 1)\n (map (fn (x) (+ x (if (= x 3) {} a))) xs))",
    "filter": "(filter (fn (x) (and (use x) (> x 1))) xs)",
    "filter by an expression": "(filter (fn (x) (> x a)) xs)",
    "remove": "(remove (fn (x) (use x)) xs)",
    "remove by an expression": "(remove (fn (x) (> x 1)) xs)",
    "for-each": "(let ((l (mutable-list))) (list (for-each (fn (x) (append! l (use x))) xs) l))",
    "for-each of an expression": "(list (for-each (fn (x) (+ x a)) xs))",
    "some": "(list (some (fn (x) (and (use x) (> x 1) x)) xs) (some (fn (x) (> x 9)) xs))",
    "every?": "(list (every? (fn (x) (and (use x) (< x 3))) xs) (every? (fn (x) x) xs))",
    "none?": "(list (none? (fn (x) (and (use x) (= x 3))) xs) (none? (fn (x) (= x 9)) xs))",
    "find": "(list (find (fn (x) (and (use x) (= x 3))) xs) (find (fn (x) (= x 9)) xs))",
    "reduce": "(reduce (fn (so-far x) (append so-far (list (use x) a))) (list) xs)",
    "reduce in tail position": "(reduce (fn (so-far x) (if (= x 3) (use so-far) (cons x so-far))) () xs)",
    "reduce of an expression": "(list (use 1) (reduce (fn (n x) (+ n x a)) 0 xs))",
    "reduce of a failing expression": "(list (use 1)\n (reduce (fn (n x) (+ n x (if (= x 3) {} a))) 0 xs))",
    "in each other": "(map (fn (x) (filter (fn (y) (use (+ x y))) (map (fn (z) (- z a)) xs))) xs)",
    "one after the other": "(reduce (fn (n x) (cons x n)) () (map (fn (x) (use x)) "
    "(filter (fn (x) (> x a)) xs)))",
    "of a named function": "(define (mine x) (list a (use x))) (map mine xs)",
    "of a named function that is used twice": "(define (mine x) (list a (use x))) "
    "(list (map mine xs) (mine 5))",
    "of a function in a variable": "(let ((mine (fn (x) (list a (use x))))) (list (use 1) (map mine xs)))",
    "of one that calls itself": "(define (down x) (if (< x 1) (use x) (list (down (- x 1))))) (map down xs)",
    "with a loop inside": "(map (fn (x) (let loop ((i 0) (n (list))) (if (= i x) n "
    "(loop (+ i 1) (append n (list (use i))))))) xs)",
    "inside of a loop": "(let loop ((i 0) (all (list))) (if (= i 3) all "
    "(loop (+ i 1) (append all (list (map (fn (x) (use (+ i x))) xs))))))",
    "inside of two loops": "(let outer ((i 0)) (let inner ((j 0)) (cond ((some (fn (x) (= x (+ i j))) xs) "
    "(if (> i 1) (list i j (use 1)) (outer (+ i 1)))) (else (inner (+ j 1))))))",
    "of a cursor": "(let loop ((ys xs) (all (list))) (if (empty? ys) all (loop (rest ys) (append all (list "
    "(map (fn (x) (list (use (first ys)) x)) xs))))))",
    "with variables that change": "(let ((n 0)) (list (map (fn (x) (set! n (+ n x)) (use n)) xs) n))",
    "of an argument that changes": "(map (fn (x) (set! x (* 2 x)) (list (use x) x)) xs)",
    "making closures": "(map (fn (f) (f)) (map (fn (x) (fn () (use x))) xs))",
    "in a tail call": "(if (use 0) (map (fn (x) (use x)) xs) 1)",
    "with guards inside": "(map (fn (x) (guard (e (true (list 'got e))) (use x))) xs)",
    "inside of a guard": "(guard (e ((list? e) (list 'got e)) ((number? e) 0)) (map (fn (x) (use x)) xs))",
}


def program(walk: str, use: str) -> str:
    """A program that makes a walk; what its callbacks captured is entered again four times."""
    text = f"{USED[use]}\n(define (f xs a)\n  {WALKS[walk]})\n"
    if use == "captured":
        return text + (
            "(define n 0)\n(define r (f (list 1 2 3) 1))\n(set! n (+ n 1))\n"
            "(if (and (< n 5) (not (empty? ks))) ((nth ks (mod (* 2 n) (len ks))) (+ 1 n)) (list n r))"
        )
    if use == "shifted":
        return text + "(reset (list (f (list 1 2 3) 1)))"
    return text + "(list (f (list 1 2 3) 1))"


@pytest.mark.parametrize("use", USED)
@pytest.mark.parametrize("walk", WALKS)
def test_a_walk_is_like_tier_0s(walk: str, use: str) -> None:
    text = program(walk, use)
    expected = ending(interpreter(compiled=False), text)
    for levels in (0, 1, 3, None):
        assert ending(interpreter(compiled=True, levels=levels), text) == expected, levels


COLLECTIONS = ["()", "nil", "(vector 1 2)", '"ab"', "{:a 1}", "(cons 1 (cons 2 ()))", "5", "(mutable-list)"]


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_a_walk_is_over_whatever_can_be_walked(collection: str) -> None:
    text = (
        "(define (f xs)\n  (list (map (fn (x) (list x)) xs) (filter (fn (x) x) xs) (for-each (fn (x) x) xs)"
        " (some (fn (x) x) xs) (every? (fn (x) x) xs) (reduce (fn (a x) (cons x a)) () xs)))\n"
        f"(f {collection})"
    )
    expected = ending(interpreter(compiled=False), text)
    assert ending(interpreter(compiled=True), text) == expected


ITEMS = ["(list 1 2 3 4)", "(list 2 4.0 6)", "(list 1 (/ 1 2) true)", '(list 1 "a")', "(list nil 1)", "()"]
ITEMS += [
    "(list (list 1) (list) nil)",
    "(list 0.1 0.2 0.3 -0.6)",
    "(list (/ 1 2) (/ 1 2))",
    "5",
    "(vector 1 2)",
]


@pytest.mark.parametrize("items", ITEMS)
def test_a_walk_by_a_primitive_is_tier_0s(items: str) -> None:
    calls = [
        f"({walk} {primitive} xs)"
        for walk in ("map", "filter", "remove", "some", "every?", "none?", "find")
        for primitive in ("odd?", "inc", "first", "string?", "empty?", "str")
    ] + ["(reduce + 0 xs)", "(reduce * 1 xs)", "(reduce + 1.5 xs)", "(reduce + (/ 1 2) xs)", "(reduce + xs)"]
    for call in calls:
        text = f"(define (f xs)\n  (list {call}))\n(f {items})"
        expected = ending(interpreter(compiled=False), text)
        assert ending(interpreter(compiled=True), text) == expected, call


GUARDS = {
    "in place": "(define (f x) (list (guard (e (true (list 'got e))) (use x))))",
    "in tail position": "(define (f x) (guard (e (true (list 'got e))) (use x)))",
    "with tail calls": "(define (f x) (guard (e (true (use (list e)))) (list (use x))))",
    "without a clause that holds": "(define (f x) (list (guard (e ((string? e) e)) (list (use x)))))",
    "whose test calls": "(define (f x) (list (guard (e ((first (use 1)) (list 'got e)) ((use 4) 5)) "
    "(list (use x)))))",
    "whose tests all fail, and call": "(define (f x) (list (guard (e ((not (use 1)) 1) ((not (use 3)) 2)) "
    "(list (use x)))))",
    "with arrows": "(define (f x) (guard (e ((and (list? e) e) => use) ((list? e) => list)) (list (use x))))",
    "with values": "(define (f x) (list (guard (e ((and (list? e) (rest e))) (x)) (list (use x)))))",
    "in a guard": "(define (f x) (guard (e (true (list 'outer e))) (list (guard (e ((string? e) e)) "
    "(list (use x))))))",
    "in a handler": "(define (f x) (guard (e (true (guard (o (true (list 'inner o e))) (use 2)))) (use x)))",
    "in a body": "(define (f x) (guard (e (true (list 'outer e))) (guard (o ((raise (list o)) 1)) (use x))))",
    "raising in the handler": "(define (f x) (list (guard (e (true (raise (list 'again e)))) (use x))))",
    "raising in place": "(define (f x) (list (use 1) (guard (e (true (list 'got e))) (raise x))))",
    "in a loop": "(define (f x) (let loop ((i 0) (all (list))) (if (= i 4) all "
    "(loop (+ i 1) (append all (list (guard (e (true (list 'got e))) (use i))))))))",
    "that begins the next round": "(define (f x) (let loop ((i 0)) (guard (e ((< i 3) (loop (+ i 1))) "
    "(else (list i e))) (use x) (raise 'next))))",
    "that calls itself": "(define (f x) (guard (e ((< x 5) (f (+ x 1))) (else (list x e))) "
    "(use x) (raise 'next)))",
    "around a loop": "(define (f x) (guard (e (true (list 'got e))) (let loop ((i 0)) (if (= i 3) (use x) "
    "(begin (use i) (loop (+ i 1)))))))",
    "with variables that change": "(define (f x) (let ((n 0)) (list (guard (e (true (set! n (+ n 1)) "
    "(set! e (list e)) e)) (set! n 10) (use x)) n)))",
    "of several expressions": "(define (f x) (guard (e (true (use 3) (list 'got e))) (use 1) (use x)))",
    "of a value": "(define (f x) (guard (e (true 1)) x))",
    "of a wrong value": "(define (f x) (list (guard (e ((string? e) 1) (true (error-message e))) (+ x {}))))",
    "of a wrong call": "(define (f x) (list (guard (e (true (error-message e))) (use x x))))",
    "making closures": "(define (f x) (map (fn (g) (g)) (guard (e (true (list (fn () (list e x))))) "
    "(list (fn () (use x)) (let ((y (use x))) (fn () y))))))",
    "with a dynamic wind": "(define (f x) (let ((l (mutable-list))) (guard (e ((list? e) (append! l e) l)) "
    "(dynamic-wind (fn () (append! l 'in)) (fn () (use x)) (fn () (append! l 'out))))))",
    "in a handler's scope": "(define (f x) (with-exception-handler (fn (e) (list 'handled e)) (fn () "
    "(list (guard (e ((string? e) e)) (list (use x) (raise-continuable 7)))))))",
    "in a continuable raise": "(define (f x) (with-exception-handler (fn (e) (list 'handled e)) (fn () "
    "(list (guard (e ((string? e) e)) (list (raise-continuable (use x))))))))",
    "telling the backtrace": "(define (f x) (list (guard (e ((error? e) (list (error-message e) "
    "(error-place e) (error-backtrace e))) (true 'other)) (list (use x)))))",
}


@pytest.mark.parametrize("use", USED)
@pytest.mark.parametrize("guard", GUARDS)
def test_a_guard_is_like_tier_0s(guard: str, use: str) -> None:
    text = f"{USED[use]}\n{GUARDS[guard]}\n"
    if use == "captured":
        text += (
            "(define n 0)\n(define r (list (f 2)))\n(set! n (+ n 1))\n"
            "(if (and (< n 5) (not (empty? ks))) ((nth ks (mod (* 2 n) (len ks))) (+ 1 n)) (list n r))"
        )
    else:
        text += "(reset (list (f 2)\n (f 1)))" if use == "shifted" else "(list (f 1)\n (f 2))"
    expected = ending(interpreter(compiled=False), text)
    for levels in (0, 1, 3, None):
        assert ending(interpreter(compiled=True, levels=levels), text) == expected, levels


def test_a_handler_lets_go_of_what_was_raised() -> None:
    made = interpreter(compiled=True)
    made.eval("(define (f x) (guard (e ((list? e) (first e))) (raise (list x))))")
    held = made.eval("(define x (fn () 1)) (f x)")
    seen = ref(held)
    made.eval("(set! x nil)")
    gc.disable()
    try:
        del held
        assert seen() is None
    finally:
        gc.enable()


# -- what is redefined -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "(define (f xs) (map (fn (x) (list x)) xs)) (define a (f (list 1))) "
        "(define (map f xs) (list 'mine xs)) (list a (f (list 2)))",
        "(define (f xs) (map (fn (x) (set! map (fn (f xs) 'mine)) (list x (map 1 2))) xs)) "
        "(list (f (list 1 2)) (f 3))",
        "(define (f x) (guard (e (true (list e))) (raise x))) (define a (f 1)) "
        "(set! raise (fn (x) (list 'mine x))) (list a (f 2))",
        "(define (f xs) (reduce (fn (a x) (set! reduce list) (+ a x)) 0 xs)) (list (f (list 1 2)) (f 3))",
        "(define (f xs) (filter odd? xs)) (define a (f (range 5))) (set! odd? even?) (list a (f (range 5)))",
        "(define (f xs) (filter odd? (g xs))) (define (g xs) (set! odd? even?) xs) "
        "(list (f (range 5)) (f (range 5)))",
    ],
)
def test_an_operation_may_be_redefined(text: str) -> None:
    expected = ending(interpreter(compiled=False), text)
    for levels in (1, None):
        assert ending(interpreter(compiled=True, levels=levels), text) == expected


# -- that it happens, and where it does not ----------------------------------------------------------------


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[Inner]:
    """What was found in each function that became direct."""
    seen: list[Inner] = []
    find = direct.find_inner

    def finding(*args: Any, **options: Any) -> Inner:
        seen.append(find(*args, **options))
        return seen[-1]

    monkeypatch.setattr(direct, "find_inner", finding)
    return seen


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("(map (fn (x) x) xs)", 1),
        ("(let ((g (fn (x) x))) (map g (map (fn (x) x) xs)))", 2),
        ("(begin (define (g x) x) (map g xs))", 1),
        ("(guard (e (true e)) (map (fn (x) x) xs))", 2),
        ("(let ((g (fn (x) x))) (list (map g xs) g))", 0),  # somebody else holds the function
        ("(let ((g (fn (x) x))) (list (map g xs) (map g xs)))", 0),
        ("(map (fn (x y) x) xs)", 0),  # wrong numbers of arguments are for the machine to tell
        ("(map (fn (x) x) xs xs)", 0),
        ("(map (fn (x &rest y) x) xs)", 0),
        ("(map inc xs)", 1),
        ("(map inc (map (fn (x) x) xs))", 2),
        ("(reduce + 0 (map (fn (x) x) xs))", 2),
        ("(reduce + xs)", 0),
        ("(map reverse xs)", 0),  # a primitive that is no expression
    ],
)
def test_functions_stand_where_an_operation_calls_them(found: list[Inner], body: str, expected: int) -> None:
    made = interpreter(compiled=True)
    made.eval(f"(define (f xs) {body}) (f (list))")
    assert max(len(inner.operations) for inner in found) == expected


def test_what_nests_too_deep_for_python_is_direct_nevertheless() -> None:
    walk = "(use xs)"
    for _ in range(15):
        walk = f"(map (fn (xs) (guard (e (true e)) {walk})) xs)"
    text = f"(define (use x) (raise x)) (define (f xs) {walk}) (define (nested n) " + (
        "(if (= n 0) 7 (list (nested (- n 1))))) (f (nested 15))"
    )
    made = interpreter(compiled=True)
    assert ending(made, text) == ending(interpreter(compiled=False), text)


@pytest.mark.parametrize(
    "text",
    [
        "(define (f xs) (map (fn (x) (f xs)) xs)) (f (range 3))",
        "(define (f xs) (map (fn (x) x) xs) (f xs)) (f (range 1000))",
        "(define (f) (guard (e (true (f))) (raise 1))) (f)",
        "(define (f) (let loop () (guard (e (true (loop))) (raise 1)))) (f)",
        "(define (f xs) (reduce (fn (n x) (let loop () (loop))) 0 xs)) (f (range 3))",
    ],
)
def test_what_never_ends_is_stopped(text: str) -> None:
    with pytest.raises(TimeLimitError):
        interpreter(compiled=True, limits=Limits(seconds=0.1)).eval(text)
