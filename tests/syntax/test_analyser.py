"""The analyser: what a symbol means, what bodies become, which variables get a box."""

from __future__ import annotations

import pytest
from analysing import outline, tree

from sxpy.core import nodes
from sxpy.core.nodes import MAX_NEST
from sxpy.errors import SxSyntaxError


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("5", "5"),
        ('"a"', '"a"'),
        (":key", '"key"'),
        ("nil", "nil"),
        ("()", "()"),
        ("x", "*x"),
        ("'x", "x"),
        ("':key", ":key"),
        ("{:a x :b 1}", "{:a *x :b 1}"),
        ("(f 1 x)", "(*f 1 *x)"),
        ("(if a b)", "(if *a *b nil)"),
        ("(when a b c)", "(if *a (begin *b *c) nil)"),
        ("(unless a b)", "(if *a nil *b)"),
        ("(and a b c)", "(and *a (and *b *c))"),
        ("(or a b c)", "(or *a (or *b *c))"),
        ("(and)", "true"),
        ("(or)", "false"),
        ("(begin)", "nil"),
        ("(begin a)", "*a"),
        ("(cond (a b) (else c))", "(if *a *b *c)"),
        ("(cond a b :else c)", "(if *a *b *c)"),
        ("(cond (a 1) (b => c))", "(if *a 1 (let it *b (if it (*c it) nil)))"),
        ("(cond (a) (b 1) (else 2))", "(or *a (if *b 1 2))"),
        ("(define x 1)", "(define *x 1)"),
        ("(set! x 1)", "(set *x 1)"),
        ("(define (f a) a)", "(define *f (fn (a) a))"),
        ("(-> x f (g 1))", "(*g (*f *x) 1)"),
        ("(->> x f (g 1))", "(*g 1 (*f *x))"),
        ("(as-> x y (f y))", "(let y *x (*f y))"),
    ],
)
def test_a_form_becomes_a_node(form: str, expected: str) -> None:
    assert outline(form) == expected


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("(let ((a 1) (b)) (f b))", "(let a 1 (let b nil (*f b)))"),
        ("(fn (a) (fn (b) (f a b)))", "(fn (a) (fn (b) (*f a b)))"),
        ("(fn (a) (fn (a) a))", "(fn (a) (fn (a) a))"),
        ("(let ((a 1)) (let ((a a)) a))", "(let a 1 (let a a a))"),
        ("(let ((a b) (b a)) b)", "(let a *b (let b a b))"),
        ("(fn (a &rest b) b)", "(fn (a &rest b) b)"),
        ("(fn (&key a (b a)) b)", "(fn (&key a &key b) (let a (default a nil) (let b (default b a) b)))"),
        ("(let ((list f)) (list 1))", "(let list *f (list 1))"),
        ("(let loop ((i 0)) (loop i))", "(fix loop (fn (i) (loop i)) (loop 0))"),
        ("(let loop ((i loop)) i)", "(fix loop (fn (i) i) (loop *loop))"),
        ("(do ((i 0 (f i))) (i))", "(fix do (fn (i) (if i nil (do (*f i)))) (do 0))"),
        ("(while a b)", "(fix while (fn () (if *a (begin *b (while)) nil)) (while))"),
    ],
)
def test_scopes(form: str, expected: str) -> None:
    assert outline(form) == expected


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        # Neighbouring functions: one Fix, no boxes.
        (
            "(let () (define (f) (g)) (define (g) (f)) (f))",
            "(fix f (fn () (g)) g (fn () (f)) (f))",
        ),
        # A value whose definition is reached before anything names it: a plain variable.
        ("(let () (define a 1) (define b a) b)", "(let a 1 (let b a b))"),
        # A function before the value it names: the value gets a box, empty until then.
        (
            "(let () (define (f) a) (define a 1) (f))",
            "(let [a] ? (fix f (fn () [a]) (begin (set [a] 1) (f))))",
        ),
        # Two groups of functions with an expression between: the second is named before it is reached.
        (
            "(let () (define (f) (g)) (h) (define (g) 1) (f))",
            "(let [g] ? (fix f (fn () ([g])) (begin (*h) (set [g] (fn () 1)) (f))))",
        ),
        # Assigned variables live in boxes.
        ("(let ((a 1)) (set! a 2) a)", "(let [a] 1 (begin (set [a] 2) [a]))"),
        ("(fn (a) (set! a 2) a)", "(fn ([a]) (begin (set [a] 2) [a]))"),
        ("(let () (define a 1) (set! a 2) a)", "(let [a] ? (begin (set [a] 1) (set [a] 2) [a]))"),
        ("(let () (define (f) 1) (set! f 2) f)", "(let [f] ? (begin (set [f] (fn () 1)) (set [f] 2) [f]))"),
        (
            "(let loop ((i 0)) (set! loop 1))",
            "(let [loop] ? (begin (set [loop] (fn (i) (set [loop] 1))) ([loop] 0)))",
        ),
        # Defined twice: the second definition assigns.
        ("(let () (define a 1) (define a 2) a)", "(let [a] ? (begin (set [a] 1) (set [a] 2) [a]))"),
        # A definition inside another form of the body belongs to the body.
        ("(let () (when c (define a 1)) a)", "(let [a] ? (begin (if *c (set [a] 1) nil) [a]))"),
        # begin splices.
        ("(let () (begin (define a 1) (define b 2)) (f a b))", "(let a 1 (let b 2 (*f a b)))"),
        # A body that ends with a definition is nil.
        ("(let () (define a 1))", "(let a 1 nil)"),
        ("(letrec ((a 1) (f (fn () a))) (f))", "(let a 1 (fix f (fn () a) (f)))"),
        ("(letrec ((f (fn () a)) (a 1)) (f))", "(let [a] ? (fix f (fn () [a]) (begin (set [a] 1) (f))))"),
    ],
)
def test_bodies(form: str, expected: str) -> None:
    assert outline(form) == expected


def test_a_reference_to_itself_in_a_value_gets_a_box() -> None:
    assert outline("(let () (define a (f a)) a)") == "(let [a] ? (begin (set [a] (*f [a])) [a]))"


def test_a_local_definition_does_not_leak() -> None:
    assert outline("(begin (let () (define a 1) a) a)") == "(begin (let a 1 a) *a)"


@pytest.mark.parametrize(
    ("form", "simple"),
    [
        ("(+ 1 2)", True),
        ("(+ 1 (* 2 x))", True),
        ("(fn (x) (f x))", True),
        ("(if (odd? x) 1 2)", True),
        ("{:a (+ 1 2)}", True),
        ("(set! x (+ 1 2))", True),
        ("(f 1)", False),
        ("(+ 1 (f 2))", False),
        ("(map inc xs)", False),
        ("(perform 1)", False),
        ("(if x (f 1) 2)", False),
        ("(not 1 2)", False),
        ("(let ((a 1)) a)", False),
    ],
)
def test_what_needs_no_continuation_is_simple(form: str, simple: bool) -> None:
    assert tree(form).simple is simple


def test_simple_nodes_nest_to_a_depth_and_no_deeper() -> None:
    def nested(depth: int) -> nodes.Node:
        return tree("(+ 1 " * (depth - 1) + "x" + ")" * (depth - 1))

    assert nested(MAX_NEST).simple
    assert not nested(MAX_NEST + 1).simple


def test_children_are_numbered_before_their_parents() -> None:
    pending = [tree("(f (g 1) (if a (fn (x) (h x 2)) 3))")]
    while pending:
        node = pending.pop()
        for part in node.parts():
            assert part.number < node.number
            pending.append(part)


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ("if", "if is a special form; it has no value"),
        ("(list lambda)", "lambda is a special form"),
        ("(if)", "if needs a test"),
        ("(if 1 2 3 4)", "if needs a test"),
        ("(let)", "bindings"),
        ("(let 5 1)", "the bindings must be a list"),
        ("(let (a) 1)", "pairs"),
        ("(let ((a 1 2)) a)", "pairs"),
        ("(define)", "define needs a name"),
        ("(define 5 1)", "define needs a symbol"),
        ("(define x 1 2)", "define takes one value"),
        ("(define ((f a) b) 1)", "curried"),
        ("(set! x)", "set! needs a name and one value"),
        ("(set! 5 1)", "set! needs a name"),
        ("(fn)", "fn needs a parameter list"),
        ("(fn 5 1)", "a parameter list must be a list"),
        ("(fn (a a) 1)", "the parameter a stands twice"),
        ("(fn (a &rest) 1)", "one name must follow &rest"),
        ("(fn (&rest a b) 1)", "one name must follow &rest"),
        ("(fn (&key 5) 1)", "a keyword parameter must be a name or (name default)"),
        ("(fn ((5 :as number)) 1)", "a name must stand before :as"),
        ("(quote)", "quote takes one form"),
        ("(quote 1 2)", "quote takes one form"),
        ("(quasiquote)", "quasiquote takes one form"),
        ("(unquote x)", "outside of a quasiquote"),
        ("`,@x", "a splice stands in no list"),
        ("(cond 1)", "cond needs a test and an expression in turn"),
        ("(case)", "case needs a value"),
        ("(case 1 2)", "case needs a key and an expression in turn"),
        ("(while)", "while needs a test"),
        ("(when)", "a test is missing"),
        ("(->)", "a value is missing"),
        ("(as-> 1)", "as-> needs a value and a name"),
        ("(guard)", "guard needs"),
        ("(guard (5) 1)", "guard needs a name"),
        ("(guard (e 5) 1)", "a guard clause must be"),
        ("(match)", "match needs a value"),
        ("(match 1 5)", "a match clause must be"),
        ("(match 1 ((a &rest) 1))", "one pattern must follow &rest"),
        ("(shift 5 1)", "shift needs a name and a body"),
        ("(delay)", "one expression is needed"),
        ("(delay 1 2)", "one expression is needed"),
        ("(letrec ((5 1)) 1)", "letrec binds names only"),
        ("(defmacro)", "defmacro needs a name"),
        ("(define-syntax x)", "define-syntax needs"),
        ("(define-syntax x 5)", "a transformer must be"),
        ("(define-syntax x (syntax-rules))", "a transformer must be"),
        ("(define-syntax x (syntax-rules 5 6))", "list of literals"),
        ("(define-syntax x (syntax-rules () 5))", "a rule must be"),
        ("(define-type)", "define-type needs"),
        ("(define-type T 5)", "a constructor must be"),
        ("(define-type T (A) (A))", "the constructor A stands twice"),
        ("(define-record-type)", "define-record-type needs"),
        ("(define-record-type p (mk z) p? (x))", "the constructor sets z, which is no field"),
        ("(define-record-type p 5 p?)", "the constructor must be"),
        ("(let-values (((a) 1 2)) a)", "pairs"),
        ("(receive (a))", "receive needs"),
        ("(define-values (a))", "define-values needs"),
        ("(case-lambda 5)", "a clause must be"),
        ("(provide)", "provide needs"),
        ("(handler-bind)", "bindings"),
    ],
)
def test_a_form_of_the_wrong_shape_is_a_syntax_error(form: str, message: str) -> None:
    with pytest.raises(SxSyntaxError) as raised:
        tree(form)
    assert message in raised.value.message
    assert raised.value.place is None or raised.value.place.line == 1
