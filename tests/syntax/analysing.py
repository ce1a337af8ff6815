"""Analysing forms in tests: the tree of core nodes, as text that shows its shape."""

from __future__ import annotations

from typing import Any

from sxpy import Interpreter
from sxpy.core import nodes
from sxpy.data import Primitive
from sxpy.printer import inspect
from sxpy.reader import read_datum
from sxpy.syntax.analyser import Analyser


class NoMacros:
    """An evaluator for programs without macros of their own."""

    def apply(self, procedure: Any, args: list[Any]) -> Any:
        raise AssertionError("a macro was expanded")

    def evaluate(self, form: Any) -> Any:
        raise AssertionError("a macro was defined")


def tree(text: str) -> nodes.Node:
    """The node of one form, in a fresh interpreter's environment."""
    return Analyser(Interpreter().env, NoMacros()).whole(read_datum(text))


def outline(text: str) -> str:
    """The tree of a form as text: `x` a variable, `[x]` one in a box, `*x` a global."""
    return shape(tree(text))


def shape(node: nodes.Node) -> str:
    """One node as text."""
    match node:
        case nodes.Const():
            return node.value.name if isinstance(node.value, Primitive) else inspect(node.value)
        case nodes.LocalRef():
            return name(node.var)
        case nodes.GlobalRef():
            return "*" + node.cell.name
        case nodes.SetLocal():
            return f"(set {name(node.var)} {shape(node.value)})"
        case nodes.SetGlobal():
            return f"({'define' if node.define else 'set'} *{node.cell.name} {shape(node.value)})"
        case nodes.If():
            return f"(if {shape(node.test)} {shape(node.then)} {shape(node.other)})"
        case nodes.Decide():
            return f"({'or' if node.either else 'and'} {shape(node.left)} {shape(node.right)})"
        case nodes.IfUnbound():
            return f"(default {name(node.var)} {shape(node.then)})"
        case nodes.Seq():
            return "(begin " + " ".join(shape(item) for item in flat(node)) + ")"
        case nodes.Let():
            init = "?" if node.init is None else shape(node.init)
            return f"(let {name(node.var)} {init} {shape(node.body)})"
        case nodes.Fix():
            pairs = " ".join(
                f"{name(var)} {shape(made)}" for var, made in zip(node.vars, node.lambdas, strict=True)
            )
            return f"(fix {pairs} {shape(node.body)})"
        case nodes.Lambda():
            params = [name(var) for var in node.params]
            params += ["&rest " + name(node.rest)] if node.rest else []
            params += ["&key " + name(var) for _, var in node.keys]
            return f"(fn ({' '.join(params)}) {shape(node.body)})"
        case nodes.MakeDict():
            pairs = " ".join(
                f":{key} {shape(value)}" for key, value in zip(node.keys, node.values, strict=True)
            )
            return "{" + pairs + "}"
        case nodes.Call():
            return "(" + " ".join(shape(part) for part in (node.head, *node.args)) + ")"
    raise AssertionError(type(node))


def flat(sequence: nodes.Seq) -> list[nodes.Node]:
    """The items of a sequence, those of inner sequences among them."""
    found: list[nodes.Node] = []
    for item in sequence.items:
        found.extend(flat(item) if isinstance(item, nodes.Seq) else [item])
    return found


def name(var: nodes.Var) -> str:
    """The name of a variable, in brackets when it lives in a box."""
    return f"[{var.name}]" if var.assigned else var.name
