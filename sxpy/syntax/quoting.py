"""`quote` and `quasiquote`, with nested levels as in R7RS §4.2.8."""

from __future__ import annotations

from typing import Any

from sxpy.core import nodes
from sxpy.data import Dict, Symbol, Vector, is_list
from sxpy.primitives import REGISTRY
from sxpy.reader.forms import item_spot, spot_of
from sxpy.syntax.analyser import Analyser, Context, head_name, special
from sxpy.syntax.scope import plain
from sxpy.walk import Walk

SPLICE = ("splice-unquote", "unquote-splicing")


@special("quote")
def quote(analyser: Analyser, at: Context) -> Walk:
    """`(quote x)`, `'x`: x itself, unevaluated."""
    if len(at.items) != 2:
        raise at.wrong("quote takes one form")
    return analyser.const(plain(at.items[1]), at.spot)
    yield  # a handler is a generator, also when it has nothing to wait for


@special("quasiquote")
def quasiquote(analyser: Analyser, at: Context) -> Walk:
    """`` `x ``: x with its `,holes` evaluated and its `,@lists` spliced in."""
    if len(at.items) != 2:
        raise at.wrong("quasiquote takes one form")
    return (yield _template(analyser, at.items[1], at, 1))


@special("unquote", "splice-unquote", "unquote-splicing")
def unquote(analyser: Analyser, at: Context) -> Walk:
    """`,x` and `,@x` belong inside a quasiquote."""
    raise at.wrong("an unquote stands outside of a quasiquote")
    yield


def _template(analyser: Analyser, form: Any, at: Context, level: int) -> Walk:
    """The node that builds `form` at this level of nested quasiquotes."""
    return (yield analyser.into(form, _filled(analyser, form, at, level), at.spot))


def _filled(analyser: Analyser, form: Any, at: Context, level: int) -> Walk:
    if isinstance(form, Dict):
        values = []
        for value in form.values():
            values.append((yield _template(analyser, value, at, level)))
        return analyser.make(nodes.MakeDict, at.spot, tuple(form.keys()), tuple(values))
    if isinstance(form, Vector):
        parts = yield _parts(analyser, form.items, form, at, level)
        return analyser.call(REGISTRY["%join-vector"], parts, at.spot)
    if not is_list(form):
        return analyser.const(plain(form), at.spot)
    head = head_name(form)
    items = list(form)
    if len(items) == 2 and head == "unquote":
        if level == 1:
            return (yield analyser.expr(items[1], at.scope, item_spot(form, 1, at.spot)))
        level -= 1
    elif len(items) == 2 and head == "quasiquote":
        level += 1
    elif len(items) == 2 and head in SPLICE:
        if level == 1:
            raise at.wrong("a splice stands in no list")
        level -= 1
    if not any(isinstance(item, (Dict, Vector)) or is_list(item) for item in items):
        return analyser.const(plain(form), at.spot)
    parts = yield _parts(analyser, items, form, at, level)
    return analyser.call(REGISTRY["%join"], parts, at.spot)


def _parts(analyser: Analyser, items: list[Any], form: Any, at: Context, level: int) -> Walk:
    """Nodes of lists which joined are the items: runs of single items, and spliced lists."""
    parts: list[nodes.Node] = []
    run: list[nodes.Node] = []
    for index, item in enumerate(items):
        inner = Context([item], at.scope, item_spot(form, index, spot_of(form, at.spot)))
        if level == 1 and is_list(item) and len(item) == 2 and head_name(item) in SPLICE:
            if run:
                parts.append(analyser.call(REGISTRY["list"], run, at.spot))
                run = []
            hole = list(item)[1]
            parts.append((yield analyser.expr(hole, at.scope, item_spot(item, 1, inner.spot))))
        elif isinstance(item, Symbol):
            run.append(analyser.const(plain(item), inner.spot))
        else:
            run.append((yield _template(analyser, item, inner, level)))
    if run or not parts:
        parts.append(analyser.call(REGISTRY["list"], run, at.spot))
    return parts
