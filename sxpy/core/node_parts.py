"""Core nodes as parts of a pool: how each kind is written and read.

A node is part of one other only, has a number of its own, and a variable that is set must be marked so:
reading checks that lowering finds what the analyser would have made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sxpy.core import nodes
from sxpy.core.pool import Fields, Kind
from sxpy.data import Cell
from sxpy.reader.forms import Spot

Make = Callable[[Fields, int, Spot | None], nodes.Node]


class _NodeKind(Kind):
    """`(kind number place …)`. `parts_of` gives what follows, `make` reads it and makes the node."""

    def __init__(self, name: str, parts_of: Callable[[Any], Iterable[Any]], make: Make) -> None:
        self.name = name
        self.parts_of = parts_of
        self.make = make

    def fields(self, encoder: Any, value: nodes.Node) -> Iterable[Any]:
        return (value.number, encoder.place(value.place), *self.parts_of(value))

    def build(self, fields: Fields) -> nodes.Node:
        decoder: Any = fields.decoder
        number = decoder.fresh(fields)
        made: nodes.Node = decoder.keep(self.make(fields, number, decoder.place(fields)))
        return made


def _node(fields: Fields) -> nodes.Node:
    """A node that is part of no other yet."""
    node = fields.instance(nodes.Node)
    decoder: Any = fields.decoder
    if node.number in decoder.used:
        fields.at -= 1
        raise fields.wrong("a node that is part of one other only")
    decoder.used.add(node.number)
    return node


def _maybe_node(fields: Fields) -> nodes.Node | None:
    if fields.at < len(fields.part) and fields.part[fields.at] is None:
        return fields.maybe()
    return _node(fields)


def _lambda(fields: Fields) -> nodes.Lambda:
    node = _node(fields)
    if not isinstance(node, nodes.Lambda):
        fields.at -= 1
        raise fields.wrong("a lambda")
    return node


def _nodes(fields: Fields) -> tuple[nodes.Node, ...]:
    return tuple([_node(fields) for _ in range(fields.left)])


def _some_nodes(fields: Fields) -> tuple[nodes.Node, ...]:
    found = _nodes(fields)
    if not found:
        raise fields.wrong("a node")
    return found


def _var(fields: Fields, *, assigned: bool | None = None) -> nodes.Var:
    """A variable; `assigned` is what it must be for what the node does."""
    var = fields.of(nodes.Var)
    if assigned is not None and var.assigned is not assigned:
        fields.at -= 1
        raise fields.wrong(f"a variable that is {'' if assigned else 'not '}assigned")
    return var


def _make_let(fields: Fields, number: int, place: Spot | None) -> nodes.Let:
    var, init = _var(fields), _maybe_node(fields)
    if init is None and not var.assigned:
        raise fields.wrong("behind the value of the variable")
    return nodes.Let(number, place, var, init, _node(fields))


def _make_fix(fields: Fields, number: int, place: Spot | None) -> nodes.Fix:
    vars_ = fields.many(lambda: _var(fields, assigned=False))
    lambdas = tuple([_lambda(fields) for _ in vars_])
    return nodes.Fix(number, place, vars_, lambdas, _node(fields))


def _make_lambda(fields: Fields, number: int, place: Spot | None) -> nodes.Lambda:
    name, component = fields.text(), fields.flag()
    params = fields.many(lambda: _var(fields))
    rest = fields.maybe(nodes.Var)
    keys = fields.many(lambda: (fields.text(), _var(fields)))
    types = fields.many(lambda: fields.maybe(str))
    made = nodes.Lambda(number, place, name, params, rest, keys, _node(fields), types)
    made.component = component
    return made


def _write_lambda(node: nodes.Lambda) -> Iterable[Any]:
    yield from (node.name, node.component, len(node.params), *node.params, node.rest, len(node.keys))
    for key, var in node.keys:
        yield from (key, var)
    yield from (len(node.types), *node.types, node.body)


def _make_dict(fields: Fields, number: int, place: Spot | None) -> nodes.MakeDict:
    keys = fields.many(fields.text)
    return nodes.MakeDict(number, place, keys, tuple([_node(fields) for _ in keys]))


def _make_set_global(fields: Fields, number: int, place: Spot | None) -> nodes.SetGlobal:
    cell, value, define = fields.of(Cell), _node(fields), fields.flag()
    sight = None if define else fields.decoder.sight_of(number)
    return nodes.SetGlobal(number, place, cell, value, define=define, sight=sight)


NODE_KINDS: dict[type, Kind] = {
    nodes.Const: _NodeKind("const", lambda x: (x.value,), lambda f, n, p: nodes.Const(n, p, f.any())),
    nodes.LocalRef: _NodeKind("local", lambda x: (x.var,), lambda f, n, p: nodes.LocalRef(n, p, _var(f))),
    nodes.GlobalRef: _NodeKind(
        "global",
        lambda x: (x.cell,),
        lambda f, n, p: nodes.GlobalRef(n, p, f.of(Cell), f.decoder.sight_of(n)),
    ),
    nodes.SetLocal: _NodeKind(
        "set",
        lambda x: (x.var, x.value),
        lambda f, n, p: nodes.SetLocal(n, p, _var(f, assigned=True), _node(f)),
    ),
    nodes.SetGlobal: _NodeKind(
        "set-global",
        lambda x: (x.cell, x.value, x.define),
        _make_set_global,
    ),
    nodes.If: _NodeKind(
        "if",
        lambda x: (x.test, x.then, x.other),
        lambda f, n, p: nodes.If(n, p, _node(f), _node(f), _node(f)),
    ),
    nodes.Decide: _NodeKind(
        "decide",
        lambda x: (x.left, x.right, x.either),
        lambda f, n, p: nodes.Decide(n, p, _node(f), _node(f), either=f.flag()),
    ),
    nodes.IfUnbound: _NodeKind(
        "if-unbound",
        lambda x: (x.var, x.then),
        lambda f, n, p: nodes.IfUnbound(n, p, _var(f), _node(f)),
    ),
    nodes.Seq: _NodeKind("seq", lambda x: x.items, lambda f, n, p: nodes.Seq(n, p, _some_nodes(f))),
    nodes.Let: _NodeKind("let", lambda x: (x.var, x.init, x.body), _make_let),
    nodes.Fix: _NodeKind("fix", lambda x: (len(x.vars), *x.vars, *x.lambdas, x.body), _make_fix),
    nodes.Lambda: _NodeKind("lambda", _write_lambda, _make_lambda),
    nodes.MakeDict: _NodeKind("make-dict", lambda x: (len(x.keys), *x.keys, *x.values), _make_dict),
    nodes.Call: _NodeKind(
        "call",
        lambda x: (x.head, *x.args),
        lambda f, n, p: nodes.Call(n, p, _node(f), _nodes(f)),
    ),
}
