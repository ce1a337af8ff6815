"""What `sx run` and the REPL say of errors, wherever they come from. Places are counted by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import sx


def report(program: str, *options: str, **files: str) -> list[str]:
    """The lines that `sx run` complains with about `program`; `files` are by name without `.sx`."""
    for name, text in {"main": program, **files}.items():
        Path(f"{name}.sx").write_text(text, encoding="utf-8")
    result = sx("run", "--no-store", *options, "main.sx")
    assert result.exit_code == 1
    return result.stderr.splitlines()


def test_in_a_loaded_file() -> None:
    lines = report(
        '(define (f)\n  (list (half 5)))\n(load "part.sx")\n(list (f))',
        part='(define (half n)\n  (list (/ n "x")))\n',
    )
    assert lines == [
        "part.sx:2:9: error: Expected number, got string",
        '    (list (/ n "x")))',
        "          ^",
        '  with "x"',
        "  in half, part.sx:2:9",
        "  in f, main.sx:2:9",
        "  in (top level), main.sx:4:7",
    ]


def test_in_a_library() -> None:
    Path("shop").mkdir()
    Path("shop/prices.sld").write_text(
        "(define-library (shop prices)\n  (export price)\n  (begin\n"
        "    (define (rate x)\n      (* 2 (vector-ref x 9)))\n"
        "    (define (price x)\n      (+ 1 (rate x)))))\n"
    )
    assert report("(import (shop prices))\n(list (price (vector 1 2)))") == [
        "shop/prices.sld:5:12: error: vector-ref: index 9 is out of range for length 2",
        "        (* 2 (vector-ref x 9)))",
        "             ^",
        "  with 9",
        "  in rate, shop/prices.sld:5:12",
        "  in price, shop/prices.sld:7:12",
        "  in (top level), main.sx:2:7",
    ]


def test_in_a_callback() -> None:
    lines = report(
        "(define (f xs)\n  (list (map (fn (x)\n    (list (frist x)))\n  xs)))\n(list (f (list 1)))"
    )
    assert lines == [
        "main.sx:3:12: error: Undefined symbol: frist",
        "      (list (frist x)))",
        "             ^",
        "  did you mean first?",
        "  in lambda (in f), main.sx:3:12",
        "  in f, main.sx:2:9",
        "  in (top level), main.sx:5:7",
    ]


def test_in_a_coroutine() -> None:
    lines = report(
        "(define c (make-coroutine (fn (x)\n  (coroutine-yield 1)\n  (list (hlaf 2)))))\n"
        "(define (half x) x)\n(coroutine-resume c 0)\n"
        "(define (go)\n  (list (coroutine-resume c 0)))\n(list (go))"
    )
    assert lines == [
        "main.sx:3:10: error: Undefined symbol: hlaf",
        "    (list (hlaf 2)))))",
        "           ^",
        "  did you mean half?",
        "  in lambda, main.sx:3:10",
        "  in go, main.sx:7:9",
        "  in (top level), main.sx:8:7",
    ]


def test_in_a_handler_with_what_it_was_handling() -> None:
    lines = report(
        '(define (work)\n  (list (error "disk is full" 7)))\n'
        "(with-exception-handler\n  (fn (e)\n    (list (missing-thing e)))\n  (fn () (list (work))))"
    )
    assert lines == [
        "main.sx:5:12: error: Undefined symbol: missing-thing",
        "      (list (missing-thing e)))",
        "             ^",
        "  in lambda, main.sx:5:12",
        "  in work, main.sx:2:9",
        "  in lambda, main.sx:6:16",
        "  while handling: main.sx:2:9: error: disk is full",
        '      (list (error "disk is full" 7)))',
        "            ^",
        "    with 7",
        "    in work, main.sx:2:9",
        "    in lambda, main.sx:6:16",
    ]


def test_an_error_that_is_given_another_one_came_of_it() -> None:
    lines = report('(guard (e (true\n  (error "cannot start:" e)))\n  (list (car 5)))')
    assert lines[0] == "main.sx:2:3: error: cannot start:"
    assert "  while handling: main.sx:3:9: error: car: expected list, string or vector, got number" in lines
    assert not any(line.startswith("  with") for line in lines)


def test_in_a_thunk_of_dynamic_wind_on_the_way_out() -> None:
    lines = report(
        "(define (f)\n  (guard (e ((string? e) 1))\n    (dynamic-wind\n      (fn () 1)\n"
        '      (fn () (list (error "inner")))\n      (fn () (list (car 7))))))\n(list (f))'
    )
    assert lines[0] == "main.sx:6:20: error: car: expected list, string or vector, got number"
    assert "  while handling: main.sx:5:20: error: inner" in lines


@pytest.mark.parametrize(
    ("program", "place", "expansion"),
    [
        (
            "(defmacro nope (c x) `(if ,c nil (frob ,x)))\n"
            "(define (f y)\n  (list (nope false y)))\n(list (f 1))",
            "3:9",
            "  in the expansion of nope: (frob y)",
        ),
        (  # a macro that is a form of a body
            "(defmacro nope (x) `(frob ,x))\n(define (f y)\n  (nope y)\n  1)\n(list (f 1))",
            "3:3",
            "  in the expansion of nope: (frob y)",
        ),
        (
            "(define-syntax swap! (syntax-rules ()\n  ((_ a b) (let ((t a)) (set! a b) (set! b t)))))\n"
            "(define (f)\n  (define x 1)\n  (swap! x lost)\n  x)\n(list (f))",
            "5:3",
            "  in the expansion of swap!: (set! x lost)",
        ),
        (  # a macro that is made by another one
            "(defmacro inner (x) `(frob ,x))\n(defmacro outer (x) `(list (inner ,x)))\n(list\n  (outer 5))",
            "4:3",
            "  in the expansion of inner, made by outer: (frob 5)",
        ),
    ],
)
def test_in_an_expansion_the_users_code_and_the_macro_are_told(
    program: str, place: str, expansion: str
) -> None:
    lines = report(program)
    assert lines[0].startswith(f"main.sx:{place}: error: Undefined symbol: ")
    assert expansion in lines


def test_tail_calls_that_left_no_frame_are_noted() -> None:
    lines = report("(define (a) (car 5))\n(define (b) (a))\n(define (c)\n  (list (b)))\n(list (c))")
    assert lines[4:] == [
        "  in a, main.sx:1:13",
        "  … tail calls elided",
        "  in c, main.sx:4:9",
        "  in (top level), main.sx:5:7",
    ]


CHAIN = "\n".join(
    [f"(define (f{n})\n  (list (f{n + 1})))" for n in range(12)]
    + ["(define (f12) (list (car 5)))", "(list (f0))"]
)


def test_as_much_of_the_calls_as_is_wanted() -> None:
    full, short, none = (report(CHAIN, f"--traceback={much}") for much in ("full", "short", "none"))
    assert [line.split()[1] for line in full if line.startswith("  in ")] == [
        *[f"f{n}," for n in range(12, -1, -1)],
        "(top",
    ]
    assert "  … 6 more (--traceback=full shows more)" in short
    assert [line.split()[1] for line in short if line.startswith("  in ")] == [
        *["f12,", "f11,", "f10,", "f9,", "f8,", "f7,", "f0,", "(top"]
    ]
    assert none == full[:4]
    assert report(CHAIN) == short


def test_swapped_letters_are_seen_in_short_names_too() -> None:
    assert "  did you mean sum?" in report("(define sum 1)\n(list smu)")


def test_local_names_may_have_been_meant() -> None:
    assert "  did you mean quantity?" in report("(define (f quantity)\n  (list quantitty))\n(list (f 1))")


def test_the_repl_says_the_same() -> None:
    result = sx("repl", "--no-store", input="(define (f quantity)\n  (list quantitty))\n(list (f 1))\n")
    assert result.stderr.splitlines() == [
        "<stdin>:2:9: error: Undefined symbol: quantitty",
        "    (list quantitty))",
        "          ^",
        "  did you mean quantity?",
        "  in f, <stdin>:2:9",
        "  in (top level), <stdin>:3:7",
    ]
