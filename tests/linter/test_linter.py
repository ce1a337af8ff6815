"""Each rule finds what it says, where it is, and nothing else; our own sources are clean."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from sxpy.cli.main import main
from sxpy.linter import RULES, lint

ROOT = Path(__file__).resolve().parents[2]


def findings(tmp_path: Path, text: str) -> list[tuple[int, int, str]]:
    file = tmp_path / "program.sx"
    file.write_text(text, encoding="utf-8")
    return [(finding.line, finding.column, finding.rule) for finding in lint([file])]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(define (f x) (+ x 1)) (f 2)", []),
        ("(display nowhere)", [(1, 10, "unbound")]),
        ("(define (f) (g)) (define (g) 1)", []),
        ("(set! nowhere 1)", [(1, 1, "unbound")]),
        ("(first)", [(1, 1, "arguments")]),
        ("(first 1 2 3)", [(1, 1, "arguments")]),
        ("(define (f a) a)\n(f 1 2)", [(2, 1, "arguments")]),
        ("(define (f a b) (list a b))\n(f 1)", [(2, 1, "padding")]),
        ("(define (f a &rest r) (list a r))\n(f 1) (f 1 2 3)", []),
        ("(define (f &key a) a)\n(f :a 1)", []),
        ("(define f (fn (a) a))\n(f 1 2)", [(2, 1, "arguments")]),
        ("(define (f a) a)\n(define (f a b) b)\n(f 1)", []),
        ("(let ((a 1)) 2)", [(1, 1, "unused")]),
        ("(let ((_a 1)) 2)", []),
        ("(define (f) (define (g) 1) 2)", [(1, 13, "unused")]),
        ("(define (map x) x)", [(1, 1, "shadowed")]),
        ("(cond ((f) 1) (else 2) ((g) 3))\n(define (f) 1) (define (g) 2)", [(1, 24, "unreachable")]),
        ("(cond (> 1 2) 1 :else 2)", []),
        ("(cond true 1 (list) 2)", [(1, 14, "unreachable")]),
        ("(case 1 1 :a :else :b 2 :c)", [(1, 23, "unreachable")]),
        ("(if)", [(1, 1, "error")]),
        ("(f", [(1, 1, "error")]),
        ("(defmacro twice (e) `(begin ,e ,e))\n(twice (display nowhere))", [(2, 17, "unbound")]),
        ("(define-syntax m (syntax-rules () ((_ x) (let ((y x)) y))))\n(m 1)", []),
        ("(define-type T (A x) (B)) (match (A 1) ((A v) v) ((B) 0)) (A-x (A 1))", []),
        ("(define-record-type p (make-p x) p? (x p-x)) (p-x (make-p 1))", []),
        ("(display nowhere)  ; lint-ignore: unbound", []),
        ("(display nowhere)  ; lint-ignore: unused", [(1, 10, "unbound")]),
        ("(for-each display *args*)", []),
    ],
)
def test_rules(tmp_path: Path, text: str, expected: list[tuple[int, int, str]]) -> None:
    assert findings(tmp_path, text) == expected


def test_names_of_loaded_files_and_of_the_other_files_are_known(tmp_path: Path) -> None:
    one, two, three = (tmp_path / name for name in ("one.sx", "two.sx", "three.sx"))
    one.write_text(f'(load "{two}") (in-two 1) (in-three)', encoding="utf-8")
    two.write_text("(define (in-two x) x)", encoding="utf-8")
    three.write_text("(define (in-three) 1)", encoding="utf-8")
    assert lint([one, three]) == []
    assert [finding.rule for finding in lint([one])] == ["unbound"]


SHOP = """\
(define-library (shop)
  (export price (rename tax duty) twice Some)
  (import (scheme base))
  (begin
    (define (price n) (* n (tax n)))
    (define (tax n) (+ n rate))
    (define rate 3)
    (define-syntax twice (syntax-rules () ((_ e) (begin e e))))
    (define-type Option (Some v))))
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(import (shop))\n(price 1) (duty 2) (Some 1)", []),
        ("(import (shop))\n(price 1 2)", [(11, 1, "arguments")]),
        ("(import (shop))\n(tax 1)", [(11, 2, "unbound")]),  # it is called duty outside
        ("(import (shop))\n(twice (nowhere))", [(11, 9, "unbound")]),
        ("(import (only (shop) price))\n(duty 1)", [(11, 2, "unbound")]),
        ("(import (except (shop) price))\n(price 1)", [(11, 2, "unbound")]),
        ("(import (prefix (shop) s:))\n(s:price 1) (s:twice 2)", []),
        ("(import (rename (shop) (price cost)))\n(cost 1) (price 1)", [(11, 11, "unbound")]),
        ("(import (only (shop) rebate))", [(10, 1, "error")]),
        ("(import (scheme base) (prefix (scheme base) b:))\n(b:map b:car (list))", []),
        ("(import (of somebody else))\n(anything 1)", []),
        ("(price 1)", [(10, 2, "unbound")]),  # nothing is imported
    ],
)
def test_imported_names_are_known(tmp_path: Path, text: str, expected: list[tuple[int, int, str]]) -> None:
    assert findings(tmp_path, SHOP + text) == expected


def test_the_body_of_a_library_is_looked_at_in_its_own_space(tmp_path: Path) -> None:
    text = (
        "(define-library (a) (export f ghost) (begin\n  (define (f x) (helper x 1))\n"
        "  (define (helper x) lost)))\n(define lost 1)"
    )
    assert findings(tmp_path, text) == [(1, 1, "error"), (2, 17, "arguments"), (3, 22, "unbound")]


def test_a_library_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "shop.sld").write_text(SHOP, encoding="utf-8")
    assert findings(tmp_path, "(import (shop))\n(price 1 2) (lost)") == [
        (2, 1, "arguments"),
        (2, 14, "unbound"),
    ]


def test_a_macro_that_never_ends_is_an_error_and_not_a_hang(tmp_path: Path) -> None:
    text = "(defmacro m () (let loop () (loop)))\n(m)"
    assert [rule for _, _, rule in findings(tmp_path, text)] == ["error"]


def test_our_own_sources_are_clean() -> None:
    sources = [*ROOT.glob("lib/**/*.sx"), *ROOT.glob("examples/*.sx")]
    assert [str(finding) for finding in lint(sources)] == []


def test_the_command_prints_findings_and_tells_by_its_status(tmp_path: Path) -> None:
    file = tmp_path / "a.sx"
    file.write_text("(display nowhere)", encoding="utf-8")
    done = CliRunner().invoke(main, ["lint", str(tmp_path)])
    assert done.exit_code == 1
    assert done.output.strip() == f"{file}:1:10: unbound: nowhere is not defined"
    done = CliRunner().invoke(main, ["lint", "--json", str(file)])
    assert json.loads(done.output)["rule"] == "unbound"
    assert CliRunner().invoke(main, ["lint", "--without", "unbound", str(file)]).exit_code == 0
    assert CliRunner().invoke(main, ["lint", "--only", "unused", str(file)]).exit_code == 0


def test_the_help_names_every_rule() -> None:
    text = CliRunner().invoke(main, ["lint", "--help"]).output
    assert all(rule in text for rule in RULES)
