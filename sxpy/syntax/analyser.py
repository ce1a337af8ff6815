"""The analyser: forms become core nodes.

Owns the order of evaluation rules: a literal is itself, a symbol is a variable, a list is a special form
if its head names one that is not bound lexically, else a macro call, else a call. Special forms stand in
the files beside this one, a family a file, and register themselves with `special`. Everything that walks
into nested forms is a generator (`sxpy/walk.py`). Next: `sxpy/syntax/binding.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

from sxpy.core import nodes
from sxpy.data import (
    UNBOUND,
    Cell,
    Dict,
    Environment,
    Keyword,
    List,
    Macro,
    MutableList,
    Symbol,
    Vector,
    from_list,
    is_list,
)
from sxpy.errors import TOP_LEVEL, EvalError, Frame, SxSyntaxError
from sxpy.printer import inspect
from sxpy.reader.forms import FormDict, Spot, expanded_spot, item_spot, spot_of
from sxpy.syntax.scope import Alias, InSight, Scope, find, home
from sxpy.walk import Walk, walk

MAX_EXPANSIONS = 100_000
"""How many macro calls one top-level form may hold, those in expansions included."""


@runtime_checkable
class Rules(Protocol):
    """A transformer that rewrites forms without running a program: see `sxpy/syntax/rules.py`."""

    def expand(self, form: Any, scope: Scope | None) -> Any:
        """The expansion of a macro call in `scope`."""


class Evaluator(Protocol):
    """What the analyser needs of a machine: macros are programs."""

    def apply(self, procedure: Any, args: list[Any]) -> Any:
        """Call a procedure and return its value."""

    def evaluate(self, form: Any) -> Any:
        """Evaluate a form at top level and return its value."""


class Special:
    """A special form. Stands in forms made by desugaring too, where no binding can shadow it."""

    __slots__ = ("doc", "handler", "name")

    def __init__(self, name: str, handler: Handler, doc: str) -> None:
        self.name = name
        self.handler = handler
        self.doc = doc


class Context:
    """What a special form's handler is given: the form and where it stands."""

    __slots__ = ("form", "items", "scope", "spot")

    def __init__(self, form: Any, scope: Scope | None, spot: Spot | None) -> None:
        self.form = form
        self.items: list[Any] = form.to_list() if isinstance(form, List) else list(form)
        self.scope = scope
        self.spot = spot

    def spot_at(self, index: int) -> Spot | None:
        """The spot of item `index` of the form."""
        return item_spot(self.form, index, self.spot)

    def wrong(self, message: str, index: int | None = None) -> SxSyntaxError:
        """The error for this form, at one of its items if that is to blame."""
        spot = self.spot if index is None else self.spot_at(index)
        return SxSyntaxError(f"{message} in {shortened(self.form)}", place=spot.place() if spot else None)


Handler = Callable[["Analyser", Context], Walk]

SPECIAL: dict[str, Special] = {}
"""Every special form by name."""


def special(*names: str) -> Callable[[Handler], Handler]:
    """Register the handler of a special form under `names`."""

    def register(handler: Handler) -> Handler:
        for name in names:
            SPECIAL[name] = Special(name, handler, handler.__doc__ or "")
        return handler

    return register


def shortened(form: Any, width: int = 60) -> str:
    """The text of a form for a message, cut to `width` characters."""
    text = inspect(form)
    return text if len(text) <= width else text[: width - 1] + "…"


class Analyser:
    """Analyses a top-level form in `env`. `evaluator` runs macros; `stepwise` is as for `nodes.Analysis`."""

    def __init__(self, env: Environment, evaluator: Evaluator, *, stepwise: bool = False) -> None:
        self.env = env
        self.evaluator = evaluator
        self.analysis = nodes.Analysis(stepwise=stepwise)
        self.function = TOP_LEVEL
        self._inside: set[int] = set()
        self._expansions = 0

    def whole(self, form: Any, spot: Spot | None = None) -> nodes.Node:
        """The node of a top-level form. Raises SxSyntaxError."""
        node: nodes.Node = walk(self.expr(form, None, spot))
        return node

    # -- making nodes ------------------------------------------------------------------------------

    def make(self, kind: type[Any], spot: Spot | None, *args: Any, **options: Any) -> Any:
        """A new node of `kind`."""
        return self.analysis.add(kind, spot, *args, **options)

    def const(self, value: Any, spot: Spot | None = None) -> nodes.Node:
        """A constant."""
        node: nodes.Node = self.make(nodes.Const, spot, value)
        return node

    def call(self, head: Any, args: Sequence[nodes.Node], spot: Spot | None) -> nodes.Node:
        """A call of a node, or of a primitive or control procedure."""
        target = head if isinstance(head, nodes.Node) else self.const(head, spot)
        node: nodes.Node = self.make(nodes.Call, spot, target, tuple(args))
        return node

    def sequence(self, items: Sequence[nodes.Node], spot: Spot | None = None) -> nodes.Node:
        """Several nodes in order; nil for none."""
        if not items:
            return self.const(None, spot)
        if len(items) == 1:
            return items[0]
        node: nodes.Node = self.make(nodes.Seq, spot, tuple(items))
        return node

    def local(self, var: nodes.Var, spot: Spot | None = None) -> nodes.Node:
        """A reference to a lexical variable."""
        node: nodes.Node = self.make(nodes.LocalRef, spot, var)
        return node

    # -- forms -------------------------------------------------------------------------------------

    def expr(self, form: Any, scope: Scope | None, spot: Spot | None) -> Walk:
        """The node of one form. `spot` is used when the form has none of its own."""
        while True:
            if isinstance(form, Symbol):
                return self.reference(form, scope, spot)
            if isinstance(form, Keyword):
                return self.const(form.name, spot)
            if isinstance(form, Dict):
                return (yield self.into(form, self.dict_literal(form, scope, spot), spot))
            if not is_list(form) or len(form) == 0:
                return self.const(form, spot)
            spot = spot_of(form, spot)
            macro = self.macro_of(form, scope)
            if isinstance(macro, Special):
                return (yield self.into(form, self.special_form(macro, Context(form, scope, spot)), spot))
            if macro is None:
                return (yield self.into(form, self.application(form, scope, spot), spot))
            form = self.expanded(macro, form, scope, spot)
            spot = expanded_spot(spot, form, macro.name)

    def into(self, form: Any, work: Walk, spot: Spot | None) -> Walk:
        """`work`, which analyses the parts of a form; one that contains itself is an error."""
        if not isinstance(form, (MutableList, Dict, Vector)):  # nothing else can
            return (yield work)
        if id(form) in self._inside:
            raise SxSyntaxError("the form contains itself", place=spot.place() if spot else None)
        self._inside.add(id(form))
        made = yield work
        self._inside.discard(id(form))
        return made

    def special_form(self, form: Special, at: Context) -> Walk:
        """The node of a special form; tools that look at programs extend this."""
        return form.handler(self, at)

    def reference(self, name: Symbol, scope: Scope | None, spot: Spot | None) -> nodes.Node:
        """The node for a symbol in value position."""
        found = find(scope, name)
        if isinstance(found, nodes.Var):
            return self.local(found, spot)
        if isinstance(found, Macro):
            return self.const(found, spot)
        cell = self.home_cell(name) or self.env.cell(name.name)
        if cell.value is UNBOUND and name.name in SPECIAL:
            place = spot.place() if spot else None
            raise SxSyntaxError(f"{name.name} is a special form; it has no value", place=place)
        if name.name in SPECIAL:
            self.analysis.private = True
        node: nodes.Node = self.make(nodes.GlobalRef, spot, cell, self.sight(cell, scope))
        return node

    def sight(self, cell: Cell, scope: Scope | None) -> InSight | None:
        """What can be seen from here, for the error that comes if the global gets no value; rarely needed."""
        return InSight(self.env, scope) if cell.value is UNBOUND else None

    def macro_of(self, form: Any, scope: Scope | None) -> Special | Macro | None:
        """The special form or macro that the head of a list names, if any."""
        head = head_of(form)
        if isinstance(head, Special):
            return head
        if not isinstance(head, Symbol):
            return None
        found = find(scope, head)
        if found is not None:
            return found if isinstance(found, Macro) else None
        if head.name in SPECIAL and (head.interned or isinstance(head, Alias)):
            return SPECIAL[head.name]
        cell = self.home_cell(head) or self.env.find(head.name)
        return cell.value if cell is not None and isinstance(cell.value, Macro) else None

    def home_cell(self, name: Symbol) -> Cell | None:
        """The cell of a global that a macro of another environment introduced, if it has a value there."""
        env = home(name)
        if env is None or env is self.env:
            return None
        cell = env.find(name.name)
        return cell if cell is not None and cell.value is not UNBOUND else None

    def expanded(self, macro: Macro, form: Any, scope: Scope | None, spot: Spot | None) -> Any:
        """The expansion of a macro call; an error in it names the macro and points at the call."""
        self._expansions += 1
        self.analysis.private = True
        try:
            if self._expansions > MAX_EXPANSIONS:
                raise SxSyntaxError(f"{macro.name}: more than {MAX_EXPANSIONS} expansions in one form")
            if isinstance(macro.expander, Rules):
                return macro.expander.expand(form, scope)
            return self.evaluator.apply(macro.expander, list(form)[1:])
        except EvalError as error:
            place = spot.place() if spot else None
            error.backtrace = (*error.backtrace, Frame(f"expansion of {macro.name}", place))
            error.place = error.place or place
            error.site = None
            error.payload = None  # what the expander raised is an error in this program, told with this place
            raise

    def application(self, form: Any, scope: Scope | None, spot: Spot | None) -> Walk:
        """The node of a call."""
        parts = []
        for index, item in enumerate(form):
            parts.append((yield self.expr(item, scope, item_spot(form, index, spot))))
        return self.call(parts[0], parts[1:], spot)

    def dict_literal(self, form: Dict, scope: Scope | None, spot: Spot | None) -> Walk:
        """A dict literal: its values are expressions."""
        spot = spot_of(form, spot)
        values = []
        for key, value in form.items():
            at = Spot(form.source, form.starts[key]) if isinstance(form, FormDict) else spot
            values.append((yield self.expr(value, scope, at)))
        return self.make(nodes.MakeDict, spot, tuple(form.keys()), tuple(values))

    def local_expander(self, at: Context) -> Any:
        """The expander of a macro that is defined in a body: a closure over globals."""
        self.analysis.private = True
        return self.evaluator.evaluate(from_list([SPECIAL["fn"], *at.items[2:]]))

    # -- help for handlers ---------------------------------------------------------------------------

    def item(self, at: Context, index: int) -> Walk:
        """The node of item `index` of the form at hand; nil when there is none."""
        if index >= len(at.items):
            return self.const(None, at.spot)
        return (yield self.expr(at.items[index], at.scope, at.spot_at(index)))

    def items(self, at: Context, start: int) -> Walk:
        """The nodes of the items from `start` on."""
        made = []
        for index in range(start, len(at.items)):
            made.append((yield self.item(at, index)))
        return made

    def assign(self, name: Symbol, value: nodes.Node, at: Context, *, define: bool) -> nodes.Node:
        """`set!`, or with `define` the definition of a global or of a stray local."""
        found = find(at.scope, name)
        if isinstance(found, nodes.Var):
            found.assigned = True
            changed: nodes.Node = self.make(nodes.SetLocal, at.spot, found, value)
            return changed
        cell = None if define else self.home_cell(name)
        if cell is None:
            if not define and name.name in self.env.imported:
                raise at.wrong(f"{name.name} is imported; only its own library can set it")
            cell = self.env.own(name.name) if define else self.env.cell(name.name)
        sight = None if define else self.sight(cell, at.scope)
        made: nodes.Node = self.make(nodes.SetGlobal, at.spot, cell, value, define=define, sight=sight)
        return made


def head_of(form: Any) -> Any:
    """The first item of a list form that is not empty."""
    return form.first() if isinstance(form, List) else form.items[0]


def head_name(form: Any) -> str | None:
    """The name at the head of a list form, if it is a symbol."""
    if is_list(form) and len(form) > 0:
        head = head_of(form)
        if isinstance(head, Symbol):
            return head.name
        if isinstance(head, Special):
            return head.name
    return None


def is_pair_form(form: Any, length: int = 2) -> bool:
    """Whether `form` is a list of exactly `length` items."""
    return is_list(form) and len(form) == length
