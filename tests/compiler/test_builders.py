"""Builders: whoever gets a list that a loop builds gets the one that tier 0 makes, whenever he asks."""

from __future__ import annotations

import pytest
from both_tiers import ending, interpreter

from sxpy.compiler.rounds import Rounds
from sxpy.printer import inspect

BUILDING = {
    "at the end": "(define (f n xs use) (let loop ((i 0) (xs xs)) "
    "(if (= i n) xs (loop (+ i 1) (append xs (use i))))))",
    "at the front": "(define (f n xs use) (let loop ((i 0) (xs xs)) "
    "(if (= i n) (reverse xs) (loop (+ i 1) (cons (use i) xs)))))",
    "of numbers": "(define (f n xs use) (list (use 1) (let loop ((i 0) (xs xs)) "
    "(if (= i n) xs (loop (+ i 1) (append xs (* i i)))))))",
    "only sometimes": "(define (f n xs use) (let loop ((i 0) (xs xs)) (cond ((= i n) (list xs xs)) "
    "((odd? i) (loop (+ i 1) xs)) (else (loop (+ i 1) (cons (use i) xs))))))",
    "two at once": "(define (f n xs use) (let loop ((i 0) (xs xs) (ys xs)) "
    "(if (= i n) (list xs ys) (loop (+ i 1) (append xs (use i)) (cons (use (- i)) ys)))))",
    "by itself": "(define (f n xs use) (go n xs use)) (define (go n xs use) "
    "(if (= n 0) xs (go (- n 1) (append xs (use n)) use)))",
    "from another list": "(define (f n xs use) (go (range n) xs use)) (define (go is xs use) "
    "(if (empty? is) xs (go (rest is) (append xs (use (first is))) use)))",
    "in two loops": "(define (f n xs use) (let outer ((i 0) (xs xs)) (if (= i n) xs "
    "(let inner ((j 0) (ys xs)) (if (= j i) (outer (+ i 1) ys) (inner (+ j 1) (append ys (use j))))))))",
    "lists in a list": "(define (f n xs use) (let outer ((i 0) (xs xs)) (if (= i n) xs (outer (+ i 1) (cons "
    "(let inner ((j 0) (ys ())) (if (= j i) ys (inner (+ j 1) (cons (use j) ys)))) xs)))))",
    "with several ends": "(define (f n xs use) (let loop ((i 0) (xs xs)) (cond ((= i n) (list 'all xs)) "
    "((equal? (use i) 99) (list 'early (reverse xs) xs)) (else (loop (+ i 1) (cons i xs))))))",
    "ending with a call": "(define (f n xs use) (let loop ((i 0) (xs xs)) "
    "(if (= i n) (use xs) (loop (+ i 1) (append xs (use i))))))",
    "ending with a walk": "(define (f n xs use) (let loop ((i 0) (xs xs)) "
    "(if (= i n) (map (fn (x) (list x (len xs) (use 1))) xs) (loop (+ i 1) (append xs (use i))))))",
    "ending with a closure": "(define (f n xs use) ((let loop ((i 0) (xs xs)) "
    "(if (= i n) (fn () (use 1) xs) (loop (+ i 1) (append xs (use i)))))))",
    "with guards": "(define (f n xs use) (let loop ((i 0) (xs xs)) (if (= i n) xs "
    "(loop (+ i 1) (append xs (guard (e (true (list 'got e))) (list (use i))))))))",
    "with a guard that goes on": "(define (f n xs use) (let loop ((i 0) (xs xs)) (if (= i n) xs "
    "(guard (e ((< i n) (loop (+ i 1) (cons e xs)))) (use i) (raise i)))))",
    "with a walk": "(define (f n xs use) (let loop ((i 0) (xs xs)) (if (= i n) xs "
    "(loop (+ i 1) (cons (filter (fn (x) (use x)) (list i 1 2)) xs)))))",
    "with something that fails": "(define (f n xs use) (let loop ((i 0) (xs xs) (m 0)) "
    "(if (= i n) (list xs m)\n (loop (+ i 1) (append xs (use i)) (+ m (if (= i 3) xs i))))))",
    "from its own length": "(define (f n xs use) (let loop ((i 0) (xs xs)) (if (= i n) xs "
    "(loop (+ i 1) (append xs (list (use i) (len xs)))))))",
    "when it is looked at": "(define (f n xs use) (let loop ((i 0) (xs xs)) (if (>= (len xs) n) xs "
    "(loop (+ i 1) (append xs (use i))))))",
    "when it is kept": "(define kept ()) (define (f n xs use) (let loop ((i 0) (xs xs)) (if (= i n) (list xs "
    "kept) (begin (set! kept (cons xs kept)) (loop (+ i 1) (append xs (use i)))))))",
}

USES = {
    "a number": "(define (use x) x)",
    "anything": '(define (use x) (cond ((= x 0) nil) ((= x 1) (list x x)) ((= x 2) "two") (else x)))',
    "captured": "(define ks (mutable-list)) (define (use x) (call/cc (fn (k) (append! ks k) x)))",
    "raising": "(define (use x) (if (= x 2) (raise x) x))",
}

BEGINS = ["()", "nil", "(list 7 8)", "(cons 7 (cons 8 ()))", "(concat (range 50) (range 50))", '"ab"', "5"]
BEGINS += ["(mutable-list 1)", "(vector 1)", "(rest (list 7 8 9))", "shared"]

UPON = ["at the end", "at the front", "by itself", "from another list", "two at once"]


def program(building: str, use: str, begin: str) -> str:
    """A program that builds upon `begin`, twice; what was captured is entered again."""
    text = f"(define shared (append (list 1 2) 3)) {USES[use]}\n{BUILDING[building]}\n"
    call = f"(define r (list (f 6 {begin} use)\n (f 2 {begin} use) shared))"
    if use != "captured":
        return text + call + " r"
    return text + (
        f"(define n 0)\n{call}\n(set! n (+ n 1))\n"
        "(if (and (< n 5) (not (empty? ks))) ((nth ks (mod (* 3 n) (len ks))) (+ 10 n)) (list n r))"
    )


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("building", BUILDING)
def test_a_list_that_is_built_is_tier_0s(building: str, use: str) -> None:
    for begin in ("()", "shared") if use == "captured" else ("()", "(list 7 8)"):
        text = program(building, use, begin)
        expected = ending(interpreter(compiled=False), text)
        for levels in (1, 4, None):
            assert ending(interpreter(compiled=True, levels=levels), text) == expected, (begin, levels)


@pytest.mark.parametrize("begin", BEGINS)
@pytest.mark.parametrize(
    "building", ["at the end", "at the front", "by itself", "from another list", "two at once"]
)
def test_anything_can_be_built_upon(building: str, begin: str) -> None:
    text = program(building, "a number", begin)
    expected = ending(interpreter(compiled=False), text)
    assert ending(interpreter(compiled=True), text) == expected


def test_two_who_go_on_with_a_list_do_not_meet() -> None:
    made = interpreter(compiled=True)
    made.eval("(define (f n xs) (let loop ((i 0) (xs xs)) (if (= i n) xs (loop (+ i 1) (append xs i)))))")
    made.eval("(define (g n xs) (let loop ((i 0) (xs xs)) (if (= i n) xs (loop (+ i 1) (cons i xs)))))")
    text = (
        "(let* ((a (f 3 ())) (b (f 2 a)) (c (f 1 a)) (d (g 2 a)) (e (g 1 d)) (h (g 3 d))) (list a b c d e h))"
    )
    assert inspect(made.eval(text)) == (
        "((0 1 2) (0 1 2 0 1) (0 1 2 0) (1 0 0 1 2) (0 1 0 0 1 2) (2 1 0 1 0 0 1 2))"
    )


def test_who_gets_a_list_twice_gets_the_same_one() -> None:
    made = interpreter(compiled=True)
    text = (
        "(define (f n) (let loop ((i 0) (xs ())) (if (= i n) (eq? xs xs) (loop (+ i 1) (cons i xs))))) (f 3)"
    )
    assert made.eval(text) is True


@pytest.mark.parametrize(
    ("loop", "expected"),
    [
        ("(loop (+ i 1) (append xs i))", True),
        ("(loop (+ i 1) (cons i xs))", True),
        ("(if (odd? i) (loop (+ i 1) xs) (loop (+ i 1) (cons i xs)))", True),
        ("(if (odd? i) (loop (+ i 1) ()) (loop (+ i 1) (cons i xs)))", False),
        ("(if (odd? i) (loop (+ i 1) (append xs i)) (loop (+ i 1) (cons i xs)))", False),
        ("(loop (+ i 1) (cons (len xs) xs))", False),
        ("(loop (+ i (len xs)) (cons i xs))", False),
    ],
)
def test_what_nobody_looks_at_is_built(monkeypatch: pytest.MonkeyPatch, loop: str, expected: bool) -> None:
    found = 0
    build = Rounds.build

    def building(self: Rounds, variables: dict[object, bool], *rest: object) -> None:
        nonlocal found
        found += len(variables)
        build(self, variables, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Rounds, "build", building)
    interpreter(compiled=True).eval(f"(define (f n) (let loop ((i 0) (xs ())) (if (= i n) xs {loop}))) (f 1)")
    assert bool(found) is expected
