"""Entries: a loop that gives a dict an entry in each round leaves it as tier 0 does, for whoever holds it."""

from __future__ import annotations

import pytest
from both_tiers import ending, interpreter

from sxpy.compiler import inplace

LOOPS = {
    "counting": "(define (f ks d) (let loop ((ks ks) (d d)) (if (empty? ks) d "
    "(loop (rest ks) (assoc d (first ks) (+ 1 (get d (first ks) 0)))))))",
    "by a name for the key": "(define (f ks d) (let loop ((ks ks) (d d)) (if (empty? ks) d "
    "(let ((k (use (first ks)))) (loop (rest ks) (assoc d k (list (get d k) (has-key? d k))))))))",
    "of another key": "(define (f ks d) (let loop ((ks ks) (d d) (last nil)) (if (empty? ks) d "
    "(loop (rest ks) (assoc d (first ks) (list (get d last 7) (use last))) (first ks)))))",
    "of known strings": "(define (f ks d) (let loop ((i 0) (d d)) (if (= i 5) (list d d) "
    '(loop (+ i 1) (assoc d (str "k" (mod i 3)) (list i (get d (str "k" (mod i 3)))))))))',
    "asked before": "(define (f ks d) (let loop ((ks ks) (d d)) (cond ((empty? ks) d) "
    "((has-key? d (first ks)) (loop (rest ks) d)) (else (loop (rest ks) (assoc d (first ks) (use 1)))))))",
    "with itself": "(define (f ks d) (let loop ((ks ks) (d d)) (if (empty? ks) d "
    "(loop (rest ks) (assoc d (first ks) (list d))))))",
    "with itself as the value": "(define (f ks d) (let loop ((ks ks) (d d)) (if (empty? ks) d "
    "(loop (rest ks) (assoc d (first ks) d)))))",
    "looked at": "(define (f ks d) (let loop ((ks ks) (d d) (all ())) (if (empty? ks) (list d all) "
    "(loop (rest ks) (assoc d (first ks) (len d)) (cons d all)))))",
    "two": "(define (f ks d) (let loop ((ks ks) (d d) (e {})) (if (empty? ks) (list d e) "
    "(loop (rest ks) (assoc d (first ks) (+ 1 (get e (first ks) 0))) "
    "(assoc e (first ks) (+ 1 (get d (first ks) 0) (use 1)))))))",
    "and a list": "(define (f ks d) (let loop ((ks ks) (d d) (xs ())) (if (empty? ks) (list d xs) "
    "(loop (rest ks) (assoc d (first ks) (use 1)) (append xs (get d (first ks)))))))",
    "and something that fails": "(define (f ks d) (let loop ((i 0) (ks ks) (d d) (m 0)) "
    "(if (empty? ks) (list d m)\n (loop (+ i 1) (rest ks) (assoc d (first ks) i) (+ m (if (= i 2) {} i))))))",
    "by itself": "(define (f ks d) (if (empty? ks) d (f (rest ks) (assoc d (first ks) (use (len ks))))))",
    "in two loops": "(define (f ks d) (let outer ((i 0) (d d)) (if (= i 3) d (let inner ((js ks) (e d)) "
    "(if (empty? js) (outer (+ i 1) e) "
    "(inner (rest js) (assoc e (first js) (+ i (get e (first js) 0)))))))))",
    "with guards": "(define (f ks d) (let loop ((ks ks) (d d)) (if (empty? ks) d (loop (rest ks) "
    "(assoc d (first ks) (guard (e (true (list 'got e))) (use (get d (first ks) 2))))))))",
    "in a fold": "(define (f ks d) (reduce (fn (d k) (assoc d k (list k (get d k)))) d ks))",
    "in a walk": "(define (f ks d) (let loop ((i 0) (d d)) (if (= i 3) d "
    "(loop (+ i 1) (assoc d (str i) (map (fn (k) (list (get d k) (use 1))) ks))))))",
    "for a closure": "(define (f ks d) ((let loop ((ks ks) (d d)) (if (empty? ks) (fn () d) "
    "(loop (rest ks) (assoc d (first ks) (use 1)))))))",
    "in place": "(define (f ks d) (let ((e (dict))) (let loop ((ks ks)) (if (empty? ks) (list d e) (begin "
    "(dict-set! e (first ks) (+ 1 (get e (first ks) 0))) (loop (rest ks)))))))",
    "in place, for its value": "(define (f ks d) (let ((e (dict))) (map (fn (k) "
    "(let ((r (dict-set! e k (list k (has-key? e k))))) (list (eq? r e) (use (len r))))) ks)))",
    "in what was given": "(define (f ks d) (list (map (fn (k) (dict-set! d k (list (get d k) k)) 1) ks) d))",
}

USES = {
    "plain": "(define (use x) x)",
    "captured": "(define ks (mutable-list)) (define (use x) (call/cc (fn (k) (append! ks k) x)))",
    "raising": "(define n-used 0) (define (use x) (set! n-used (+ n-used 1)) (if (= n-used 2) (raise x) x))",
}

KEYS = ['(list "a" "b" "a" "c")', '(list "a" :b :a \'c "b")', '(list "a" 5 "b")', '(list "a" nil)', "()"]

DICTS = ["{}", "nil", "{:a 1}", "shared", "(list 1)", "many"]

SETUP = (
    "(define shared {:a 10 :z 20})\n(define many (reduce (fn (d i) (assoc d (str i) i)) {} (range 200)))\n"
)


def program(loop: str, use: str, keys: str, begin: str) -> str:
    """A program that enters keys twice; what was captured is entered again."""
    text = f"{SETUP}{USES[use]}\n{LOOPS[loop]}\n"
    call = f"(define r (list (f {keys} {begin})\n (f {keys} {begin}) shared (len many)))\n"
    if use != "captured":
        return f"{text}{call}r"
    return (
        f"{text}(define n 0)\n{call}(set! n (+ n 1))\n"
        "(if (and (< n 5) (not (empty? ks))) ((nth ks (mod (* 3 n) (len ks))) (+ 10 n)) (list n r))"
    )


def compare(text: str) -> None:
    expected = ending(interpreter(compiled=False), text)
    for levels in (1, 4, None):
        assert ending(interpreter(compiled=True, levels=levels), text) == expected, levels


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("loop", LOOPS)
def test_entries_are_tier_0s(loop: str, use: str) -> None:
    for begin in ("{}", "shared"):
        compare(program(loop, use, KEYS[0], begin))


@pytest.mark.parametrize("keys", KEYS)
@pytest.mark.parametrize("begin", DICTS)
def test_any_key_may_be_entered_anywhere(begin: str, keys: str) -> None:
    for loop in ("counting", "by a name for the key", "two", "in place", "in what was given"):
        text = program(loop, "plain", keys, begin)
        assert ending(interpreter(compiled=True), text) == ending(interpreter(compiled=False), text), loop


@pytest.mark.parametrize("loop", ["counting", "by a name for the key", "two", "and a list", "in two loops"])
def test_entries_need_no_count_of_references(monkeypatch: pytest.MonkeyPatch, loop: str) -> None:
    monkeypatch.setattr(inplace, "COUNTED", False)
    for begin in DICTS[:4]:
        compare(program(loop, "plain", KEYS[0], begin))
