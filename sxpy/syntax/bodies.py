"""Bodies: what stands in a function or a `let`, definitions first or between, and functions themselves.

Owns how a body's definitions become variables. They are mutually recursive. Neighbouring function
definitions become one `Fix`, which needs no boxes; a variable that something refers to before its
definition is reached lives in a box that is empty until then. A function has a body, and a body has
functions, so both are made here. Next: `binding.py`, for the forms that have bodies.
"""

from __future__ import annotations

from typing import Any

from sxpy.core import nodes
from sxpy.data import Macro, Symbol, from_list, is_list
from sxpy.reader.forms import Spot, expanded_spot, spot_of
from sxpy.syntax.analyser import SPECIAL, Analyser, Context, Special, head_name, head_of
from sxpy.syntax.params import parse
from sxpy.syntax.patterns import bind_pattern
from sxpy.syntax.scope import Scope, resolve
from sxpy.walk import Walk

# -- functions -------------------------------------------------------------------------------------


def lambda_node(analyser: Analyser, name: str, param_form: Any, start: int, at: Context) -> Walk:
    """The node of a function whose body is the items from `start` on."""
    params = parse(param_form, at)
    scope = Scope(at.scope)
    variables = [scope.bind(symbol, analyser.analysis) for symbol in params.positional]
    rest = scope.bind(params.rest, analyser.analysis) if params.rest else None
    keys = [(symbol.name, scope.bind(symbol, analyser.analysis)) for symbol, _ in params.keys]
    outer, analyser.function = analyser.function, name
    wrappers: list[tuple[nodes.Var, nodes.Node]] = []
    for (symbol, default), (_, var) in zip(params.keys, keys, strict=True):
        # Each default sees the parameters before it.
        then = yield analyser.expr(default, scope, at.spot)
        inner = scope.bind(symbol, analyser.analysis)
        wrappers.append((inner, analyser.make(nodes.IfUnbound, at.spot, var, then)))
    for symbol, pattern in params.patterns:
        found = scope.names[symbol]
        assert isinstance(found, nodes.Var)
        wrappers.extend((yield bind_pattern(analyser, pattern, found, scope, at)))
    made = yield body(analyser, at, start, scope)
    for inner, init in reversed(wrappers):
        made = analyser.make(nodes.Let, at.spot, inner, init, made)
    analyser.function = outer
    return analyser.make(
        nodes.Lambda, at.spot, name, tuple(variables), rest, tuple(keys), made, tuple(params.types)
    )


# -- definitions ------------------------------------------------------------------------------------


def parse_define(at: Context) -> tuple[Symbol, Any]:
    """The name that a `define` form gives a value, and its target: the name, or `(name param …)`."""
    if len(at.items) < 2:
        raise at.wrong("define needs a name")
    target = at.items[1]
    name = head_of(target) if is_list(target) and len(target) > 0 else target
    if is_list(name) and name is not target:
        raise at.wrong("a curried definition is not offered; let the function return a function", 1)
    if not isinstance(name, Symbol):
        raise at.wrong("define needs a symbol as the name", 1)
    return name, target


def define_value(analyser: Analyser, at: Context, name: Symbol, target: Any) -> Walk:
    """The node of the value of a `define` form; a function gets the name."""
    if is_list(target):
        return (yield lambda_node(analyser, name.name, from_list(list(target)[1:]), 2, at))
    rest = at.items[2:]
    index = 2
    if len(rest) >= 2 and _is_effects(rest[0]):
        index = 4  # (define name :effects […] value): effects are documentation
    if len(at.items) > index + 1:
        raise at.wrong("define takes one value")
    if index >= len(at.items):
        return analyser.const(None, at.spot)
    value = at.items[index]
    if is_function(value, at.scope):
        inner = Context(value, at.scope, spot_of(value, at.spot))
        if len(inner.items) >= 2:
            return (yield lambda_node(analyser, name.name, inner.items[1], 2, inner))
    return (yield analyser.expr(value, at.scope, at.spot_at(index)))


def _is_effects(item: Any) -> bool:
    return getattr(item, "name", None) == "effects" and not isinstance(item, Symbol)


def is_function(form: Any, scope: Scope | None) -> bool:
    """Whether a form is a `fn` form."""
    if head_name(form) not in ("fn", "lambda"):
        return False
    head = head_of(form)
    return not isinstance(head, Symbol) or isinstance(resolve(head, scope), Symbol)


# -- bodies -----------------------------------------------------------------------------------------


class Item:
    """One form of a body: a definition of `name`, or an expression (`name` None)."""

    __slots__ = ("at", "function", "name", "node", "var")

    def __init__(self, at: Context, name: Symbol | None) -> None:
        self.at = at
        self.name = name
        self.var: nodes.Var | None = None
        self.node: Any = None
        self.function = False


def body(analyser: Analyser, at: Context, start: int, scope: Scope) -> Walk:
    """The node of the forms from item `start` on, as a body that may begin with definitions."""
    inner = Scope(scope, body=True)
    return (yield block(analyser, at, start, inner, []))


def block(analyser: Analyser, at: Context, start: int, scope: Scope, items: list[Item]) -> Walk:
    """A body in `scope`: first `items`, then the forms from item `start` on."""
    for item in items:
        item.at.scope = scope
        declare(analyser, scope, item)
    pending = [(at.items[i], at.spot_at(i)) for i in range(len(at.items) - 1, start - 1, -1)]
    while pending:
        form, spot = pending.pop()
        form, spot, head = expand_head(analyser, form, scope, spot)
        if head in ("begin", "do") and not is_do_loop(form, head):
            inner = Context(form, scope, spot)
            pending.extend((inner.items[i], inner.spot_at(i)) for i in range(len(inner.items) - 1, 0, -1))
            continue
        context = Context(form, scope, spot) if is_list(form) else Context([form], scope, spot)
        if head in ("defmacro", "define-syntax"):
            yield SPECIAL[head].handler(analyser, context)
        elif head in ("define", "def"):
            item = Item(context, parse_define(context)[0])
            declare(analyser, scope, item)  # at once: the forms after it may call it like a macro outside
            items.append(item)
        else:
            item = Item(context, None)
            item.node = (form, spot)
            items.append(item)
    for item in items:
        if item.var is not None:
            scope.late.add(item.var)
            item.function = defines_function(item.at)
    yield analyse_items(analyser, scope, items)
    return assemble(analyser, scope, items, at.spot)


def expand_head(
    analyser: Analyser, form: Any, scope: Scope, spot: Spot | None
) -> tuple[Any, Spot | None, str | None]:
    """Expand macros at the head of a form; the name of the special form it then is, if any."""
    while is_list(form) and len(form) > 0:
        spot = spot_of(form, spot)
        macro = analyser.macro_of(form, scope)
        if isinstance(macro, Special):
            return form, spot, macro.name
        if not isinstance(macro, Macro):
            break
        form = analyser.expanded(macro, form, scope, spot)
        spot = expanded_spot(spot, form, macro.name)
    return form, spot, None


def is_do_loop(form: Any, head: str) -> bool:
    """Whether a `do` form is the R7RS loop: `(do ((var init step) …) (test …) body …)`."""
    if head != "do" or len(form) < 3:
        return False
    _, bindings, clause, *_ = form
    return (
        is_list(bindings)
        and is_list(clause)
        and len(clause) > 0
        and all(
            is_list(item) and len(item) in (2, 3) and isinstance(head_of(item), Symbol) for item in bindings
        )
        and not (len(bindings) > 0 and isinstance(head_of(bindings), Symbol))
    )


def declare(analyser: Analyser, scope: Scope, item: Item) -> None:
    """Make the variable of a definition in a body."""
    assert item.name is not None
    found = scope.names.get(item.name)
    if isinstance(found, nodes.Var):
        found.assigned = True  # defined twice: the second one is an assignment
        item.var = found
    else:
        item.var = scope.bind(item.name, analyser.analysis)


def defines_function(at: Context) -> bool:
    """Whether the value of a `define` form is a function by its form."""
    if is_list(at.items[1]):
        return True
    return len(at.items) == 3 and is_function(at.items[2], at.scope)


def analyse_items(analyser: Analyser, scope: Scope, items: list[Item]) -> Walk:
    """Analyse in order; a variable is late until its definition, or its group of functions, is reached."""
    index = 0
    while index < len(items):
        end = index + 1
        if items[index].function:
            while end < len(items) and items[end].function:
                end += 1
            for item in items[index:end]:
                scope.late.discard(item.var)
        for item in items[index:end]:
            if item.name is None:
                form, spot = item.node
                item.node = yield analyser.expr(form, scope, spot)
            else:
                item.node = yield define_value(analyser, item.at, item.name, item.at.items[1])
                scope.late.discard(item.var)
        index = end


def assemble(analyser: Analyser, scope: Scope, items: list[Item], spot: Spot | None) -> nodes.Node:
    """The body's node, built from its end; variables that need a box get it at the start."""
    boxed: list[nodes.Var] = [*scope.stray]
    rest: list[nodes.Node] = []
    index = len(items)
    while index > 0:
        index -= 1
        item = items[index]
        if item.var is None:
            rest.insert(0, item.node)
            continue
        group = [item]
        while item.function and index > 0 and items[index - 1].function:
            index -= 1
            group.insert(0, items[index])
        boxes = [one for one in group if one.var is not None and one.var.assigned]
        if not rest:
            rest = [analyser.const(None, item.at.spot)]
        setters = [analyser.make(nodes.SetLocal, one.at.spot, one.var, one.node) for one in boxes]
        boxed.extend(one.var for one in boxes if one.var is not None and one.var not in boxed)
        plain = [one for one in group if one not in boxes]
        node = analyser.sequence([*setters, *rest], spot)
        if item.function and plain:
            pairs = [(one.var, one.node) for one in plain if one.var is not None]
            node = recursive(analyser, pairs, node, spot)
        elif plain:
            node = analyser.make(nodes.Let, item.at.spot, item.var, item.node, node)
        rest = [node]
    node = analyser.sequence(rest, spot)
    for var in reversed(boxed):
        node = analyser.make(nodes.Let, spot, var, None, node)
    return node


def recursive(
    analyser: Analyser, functions: list[tuple[nodes.Var, Any]], rest: nodes.Node, spot: Spot | None
) -> nodes.Node:
    """Mutually recursive functions around `rest`; boxes where a function's variable is assigned."""
    if not any(var.assigned for var, _ in functions):
        variables, lambdas = zip(*functions, strict=True)
        fix: nodes.Node = analyser.make(nodes.Fix, spot, tuple(variables), tuple(lambdas), rest)
        return fix
    setters = [analyser.make(nodes.SetLocal, spot, var, function) for var, function in functions]
    for var, _ in functions:
        var.assigned = True
    node = analyser.sequence([*setters, rest], spot)
    for var, _ in reversed(functions):
        node = analyser.make(nodes.Let, spot, var, None, node)
    return node
