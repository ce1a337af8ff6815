"""Conditionals and sequences: `if cond case when unless and or begin do while`."""

from __future__ import annotations

from typing import Any

from sxpy.core import nodes
from sxpy.data import Keyword, Symbol, from_list, is_list, list_of
from sxpy.primitives import REGISTRY
from sxpy.reader.forms import Form, Spot, spot_of
from sxpy.syntax.analyser import SPECIAL, Analyser, Context, head_name, head_of, special
from sxpy.syntax.bodies import is_do_loop, recursive
from sxpy.syntax.scope import Scope, find, plain
from sxpy.walk import Walk


@special("if")
def if_(analyser: Analyser, at: Context) -> Walk:
    """`(if test then else?)`; only false and nil are false."""
    if not 3 <= len(at.items) <= 4:
        raise at.wrong("if needs a test, a consequence and at most one alternative")
    test = yield analyser.item(at, 1)
    then = yield analyser.item(at, 2)
    other = yield analyser.item(at, 3)
    return analyser.make(nodes.If, at.spot, test, then, other)


@special("when")
def when(analyser: Analyser, at: Context) -> Walk:
    """`(when test body …)`: the body if the test holds, else nil."""
    return (yield _one_armed(analyser, at, positive=True))


@special("unless")
def unless(analyser: Analyser, at: Context) -> Walk:
    """`(unless test body …)`: the body if the test does not hold, else nil."""
    return (yield _one_armed(analyser, at, positive=False))


def _one_armed(analyser: Analyser, at: Context, *, positive: bool) -> Walk:
    if len(at.items) < 2:
        raise at.wrong("a test is missing")
    test = yield analyser.item(at, 1)
    arm = analyser.sequence((yield analyser.items(at, 2)), at.spot)
    none = analyser.const(None, at.spot)
    return analyser.make(nodes.If, at.spot, test, *((arm, none) if positive else (none, arm)))


@special("and")
def and_(analyser: Analyser, at: Context) -> Walk:
    """`(and a b …)`: the first false value, else the last value; true for none."""
    return (yield _decide(analyser, at, either=False))


@special("or")
def or_(analyser: Analyser, at: Context) -> Walk:
    """`(or a b …)`: the first true value, else the last value; false for none."""
    return (yield _decide(analyser, at, either=True))


def _decide(analyser: Analyser, at: Context, *, either: bool) -> Walk:
    parts = yield analyser.items(at, 1)
    if not parts:
        return analyser.const(not either, at.spot)
    node = parts[-1]
    for left in reversed(parts[:-1]):
        node = analyser.make(nodes.Decide, at.spot, left, node, either=either)
    return node


@special("begin")
def begin(analyser: Analyser, at: Context) -> Walk:
    """`(begin a b …)`: in order; the value of the last."""
    return analyser.sequence((yield analyser.items(at, 1)), at.spot)


@special("do")
def do(analyser: Analyser, at: Context) -> Walk:
    """`(do a b …)` is a sequence; `(do ((var init step) …) (test result …) body …)` the R7RS loop."""
    if is_do_loop(at.form, "do"):
        return (yield _do_loop(analyser, at))
    return analyser.sequence((yield analyser.items(at, 1)), at.spot)


def _do_loop(analyser: Analyser, at: Context) -> Walk:
    specs = [(list(spec), spot_of(spec, at.spot)) for spec in at.items[1]]
    inits = []
    for spec, spot in specs:
        inits.append((yield analyser.expr(spec[1], at.scope, spot)))
    outer = Scope(at.scope)
    loop = outer.bind(Symbol("do"), analyser.analysis)
    scope = Scope(outer)
    variables = [scope.bind(spec[0], analyser.analysis) for spec, _ in specs]
    clause = Context(at.items[2], scope, at.spot_at(2))
    inner = Context(at.form, scope, at.spot)
    test = yield analyser.item(clause, 0)
    result = analyser.sequence((yield analyser.items(clause, 1)), at.spot)
    effects = yield analyser.items(inner, 3)
    steps = []
    for (spec, spot), var in zip(specs, variables, strict=True):
        step = analyser.local(var, spot)
        if len(spec) == 3:
            step = yield analyser.expr(spec[2], scope, spot)
        steps.append(step)
    again = analyser.call(analyser.local(loop, at.spot), steps, at.spot)
    looping = analyser.make(nodes.If, at.spot, test, result, analyser.sequence([*effects, again], at.spot))
    function = analyser.make(nodes.Lambda, at.spot, "do", tuple(variables), None, (), looping)
    start = analyser.call(analyser.local(loop, at.spot), inits, at.spot)
    return recursive(analyser, [(loop, function)], start, at.spot)


@special("while")
def while_(analyser: Analyser, at: Context) -> Walk:
    """`(while test body …)`: the body again and again as long as the test holds; nil."""
    if len(at.items) < 2:
        raise at.wrong("while needs a test")
    scope = Scope(at.scope)
    loop = scope.bind(Symbol("while"), analyser.analysis)
    inner = Context(at.form, scope, at.spot)
    test = yield analyser.item(inner, 1)
    effects = yield analyser.items(inner, 2)
    again = analyser.call(analyser.local(loop, at.spot), [], at.spot)
    arm = analyser.sequence([*effects, again], at.spot)
    looping = analyser.make(nodes.If, at.spot, test, arm, analyser.const(None, at.spot))
    function = analyser.make(nodes.Lambda, at.spot, "while", (), None, (), looping)
    start = analyser.call(analyser.local(loop, at.spot), [], at.spot)
    return recursive(analyser, [(loop, function)], start, at.spot)


# -- cond ------------------------------------------------------------------------------------------


def is_else(item: Any, scope: Scope | None = None) -> bool:
    """Whether a clause head means "otherwise"; a variable called `else` does not (R7RS §4.3.2)."""
    if isinstance(item, Symbol):
        return item.name == "else" and find(scope, item) is None
    return isinstance(item, Keyword) and item.name == "else"


def _is_arrow(clause: Context) -> bool:
    """Whether a clause is `(test => function)`; a variable called `=>` is no arrow (R7RS §4.3.2)."""
    if len(clause.items) != 3:
        return False
    arrow = clause.items[1]
    return isinstance(arrow, Symbol) and arrow.name == "=>" and find(clause.scope, arrow) is None


def scheme_shaped(clauses: list[Any]) -> bool:
    """Whether the clauses of a `cond` are `(test body …)` lists rather than flat pairs."""
    if not clauses or not all(is_list(clause) and len(clause) > 0 for clause in clauses):
        return False
    if all(len(clause) >= 2 for clause in clauses):
        return True
    # A clause of one item, `(test)`: Scheme, unless flat pairs of calls fit as well.
    return bool(len(clauses) % 2) or is_else(head_of(clauses[-1]))


@special("cond")
def cond(analyser: Analyser, at: Context) -> Walk:
    """`(cond (test body …) … (else body …))` or `(cond test expr … :else expr)`; nil when none holds."""
    clauses = at.items[1:]
    if scheme_shaped(clauses):
        contexts = [Context(clause, at.scope, at.spot_at(i + 1)) for i, clause in enumerate(clauses)]
        return (yield cond_clauses(analyser, contexts, analyser.const(None, at.spot)))
    if len(clauses) % 2:
        raise at.wrong("cond needs a test and an expression in turn")
    tests: list[tuple[nodes.Node, nodes.Node]] = []
    node = analyser.const(None, at.spot)
    for index in range(1, len(at.items), 2):
        if is_else(at.items[index], at.scope):
            node = yield analyser.item(at, index + 1)
            break
        test = yield analyser.item(at, index)
        tests.append((test, (yield analyser.item(at, index + 1))))
    for test, then in reversed(tests):
        node = analyser.make(nodes.If, at.spot, test, then, node)
    return node


def cond_clauses(analyser: Analyser, clauses: list[Context], otherwise: nodes.Node) -> Walk:
    """The node of Scheme clauses; `otherwise` when none holds. Also the clauses of `guard`."""
    arms: list[tuple[str, nodes.Node, Any, Context]] = []
    for clause in clauses:
        if is_else(clause.items[0], clause.scope):
            otherwise = analyser.sequence((yield analyser.items(clause, 1)), clause.spot)
            break
        test = yield analyser.item(clause, 0)
        if len(clause.items) == 1:
            arms.append(("value", test, None, clause))
        elif _is_arrow(clause):
            arms.append(("arrow", test, (yield analyser.item(clause, 2)), clause))
        else:
            then = analyser.sequence((yield analyser.items(clause, 1)), clause.spot)
            arms.append(("body", test, then, clause))
    node = otherwise
    for shape, test, then, clause in reversed(arms):
        if shape == "body":
            node = analyser.make(nodes.If, clause.spot, test, then, node)
        elif shape == "value":
            node = analyser.make(nodes.Decide, clause.spot, test, node, either=True)
        else:
            var = analyser.analysis.var("it")
            call = analyser.call(then, [analyser.local(var, clause.spot)], clause.spot)
            choice = analyser.make(nodes.If, clause.spot, analyser.local(var), call, node)
            node = analyser.make(nodes.Let, clause.spot, var, test, choice)
    return node


# -- case ------------------------------------------------------------------------------------------


@special("case")
def case(analyser: Analyser, at: Context) -> Walk:
    """`(case v k1 e1 … :else e)` or `(case v ((k …) body …) … (else body …))`; compared with `=`."""
    if len(at.items) < 2:
        raise at.wrong("case needs a value")
    value = yield analyser.item(at, 1)
    var = analyser.analysis.var("case")
    clauses = at.items[2:]
    arms: list[tuple[nodes.Node, nodes.Node]] = []
    otherwise = analyser.const(None, at.spot)
    if clauses and all(_is_case_clause(clause) for clause in clauses):
        for index, clause in enumerate(clauses):
            inner = Context(clause, at.scope, at.spot_at(index + 2))
            arm = yield _case_arm(analyser, inner, var)
            if is_else(inner.items[0], inner.scope):
                otherwise = arm
                break
            arms.append((_member(analyser, var, list(inner.items[0]), inner.spot), arm))
    else:
        if len(clauses) % 2:
            raise at.wrong("case needs a key and an expression in turn")
        for index in range(2, len(at.items), 2):
            if is_else(at.items[index], at.scope):
                otherwise = yield analyser.item(at, index + 1)
                break
            key = yield analyser.item(at, index)
            arm = yield analyser.item(at, index + 1)
            arms.append((_equal(analyser, var, key, at.spot), arm))
    for test, arm in reversed(arms):
        otherwise = analyser.make(nodes.If, at.spot, test, arm, otherwise)
    return analyser.make(nodes.Let, at.spot, var, value, otherwise)


def _is_case_clause(clause: Any) -> bool:
    if not is_list(clause) or len(clause) < 2:
        return False
    first = head_of(clause)
    return is_else(first) or (is_list(first) and head_name(clause) is None)


def _case_arm(analyser: Analyser, clause: Context, var: nodes.Var) -> Walk:
    if _is_arrow(clause):
        function = yield analyser.item(clause, 2)
        return analyser.call(function, [analyser.local(var, clause.spot)], clause.spot)
    return analyser.sequence((yield analyser.items(clause, 1)), clause.spot)


def _datum(item: Any) -> Any:
    return item.name if isinstance(item, Keyword) else plain(item)


def _equal(analyser: Analyser, var: nodes.Var, key: nodes.Node, spot: Spot | None) -> nodes.Node:
    return analyser.call(REGISTRY["equal?"], [analyser.local(var, spot), key], spot)


def _member(analyser: Analyser, var: nodes.Var, keys: list[Any], spot: Spot | None) -> nodes.Node:
    """Whether the value is one of the literal keys; a keyword key also matches its name."""
    node = analyser.const(False, spot)
    for key in reversed(keys):
        test = _equal(analyser, var, analyser.const(_datum(key), spot), spot)
        if isinstance(key, Keyword):
            exact = _equal(analyser, var, analyser.const(key, spot), spot)
            test = analyser.make(nodes.Decide, spot, test, exact, either=True)
        node = analyser.make(nodes.Decide, spot, test, node, either=True)
    return node


# -- threading -------------------------------------------------------------------------------------


@special("->")
def thread_first(analyser: Analyser, at: Context) -> Walk:
    """`(-> x f (g a) …)`: each step gets the value so far as its first argument."""
    return (yield _thread(analyser, at, last=False))


@special("->>")
def thread_last(analyser: Analyser, at: Context) -> Walk:
    """`(->> x f (g a) …)`: each step gets the value so far as its last argument."""
    return (yield _thread(analyser, at, last=True))


def _thread(analyser: Analyser, at: Context, *, last: bool) -> Walk:
    if len(at.items) < 2:
        raise at.wrong("a value is missing")
    form = at.items[1]
    for index in range(2, len(at.items)):
        step = at.items[index]
        if is_list(step) and len(step) > 0 and head_name(step) not in ("fn", "lambda"):
            items = list(step)
            items.insert(len(items) if last else 1, form)
        else:
            items = [step, form]
        form = _standing(items, at.spot_at(index))
    return (yield analyser.expr(form, at.scope, at.spot_at(1)))


def _standing(items: list[Any], spot: Spot | None) -> Any:
    """A form of the items that stands, as far as errors show, at the spot."""
    if spot is None:
        return from_list(items)
    return Form(items, spot.source, spot.offset, (spot.offset,) * len(items))


@special("as->")
def thread_as(analyser: Analyser, at: Context) -> Walk:
    """`(as-> x name form …)`: each form sees the value so far under the name."""
    if len(at.items) < 3 or not isinstance(at.items[2], Symbol):
        raise at.wrong("as-> needs a value and a name")
    name, forms = at.items[2], at.items[3:]
    bindings: list[Any] = [name, at.items[1]]
    for form in forms[:-1]:
        bindings += [name, form]
    last = forms[-1] if forms else name
    return (yield analyser.expr(list_of(SPECIAL["let"], list_of(*bindings), last), at.scope, at.spot))
