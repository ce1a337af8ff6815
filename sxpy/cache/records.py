"""Records: what is kept of one top-level form, as plain data, and the way back to something that runs.

A record is one of these tuples, which `marshal` writes and reads:

* `("code", offset, needs, opened, sights, signature, function, body)` — the analysed form: `body` has its
  pool (`sxpy/core/portable.py`), or the parts of a call that is the whole form, such as `(load "…")`;
  `opened` the calls that were not taken for calls of primitives, `sights` the lexical names in sight of
  globals that had no value, `signature` that of the function when the form defines one, else nil;
* `("form", offset, body)` — the form as data: it must be analysed each time;
* `("unseen", offset, body)` — the same of a form whose turn has not come yet.

Owns when a record may stand for the analysis. What the analyser makes of a form depends on its text, and on
the globals it names: which are macros, which primitives, which constructors. `needs` lists those names as
they were. A form that a macro of the program had a part in, or a type that was known, has no such record
(`Analysis.private`), nor one that holds what has no text.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable
from typing import Any

from sxpy.cache.entry import Record
from sxpy.cache.pending import definition
from sxpy.core import nodes
from sxpy.core.code_parts import BY_NAME, KINDS
from sxpy.core.ir import Code, Term
from sxpy.core.lower import lower
from sxpy.core.pool import Decoder, Encoder
from sxpy.core.portable import decode_code, encode_code
from sxpy.data import Environment, Macro, Primitive
from sxpy.errors import TOP_LEVEL, EvalError, Sight
from sxpy.primitives import REGISTRY
from sxpy.reader.forms import Source, Spot

CODE, FORM, UNSEEN = "code", "form", "unseen"

DAMAGE = (EvalError, EOFError, LookupError, TypeError, ValueError)
"""What a record that makes no sense may raise."""


class KeptSight:
    """What can be seen where these names mean variables: they, and what has a value in `env`."""

    __slots__ = ("_lexical", "env")

    def __init__(self, env: Environment, lexical: tuple[str, ...]) -> None:
        self.env = env
        self._lexical = lexical

    def names(self) -> set[str]:
        """The names that have a meaning there."""
        return {*self._lexical, *self.env.names()}


# -- keeping -----------------------------------------------------------------------------------------


def code_record(code: Code, spot: Spot | None) -> Record | None:
    """The record of an analysed form; None when no record can stand for the analysis."""
    if code.private or code.env.parent is not None or not _by_name(code):
        return None
    encoded = encode_code(code)
    if encoded.outside or len(encoded.sources) > 1 or (encoded.sources and spot is None):
        return None
    if encoded.sources and spot is not None and encoded.sources[0] is not spot.source:
        return None
    return (
        CODE,
        -1 if spot is None else spot.offset,
        _needs(code),
        tuple([node.number for node in code.nodes if type(node) is nodes.Call and node.open]),
        _sights(code),
        _signature(code),
        code.function,
        _call_of(code.tree) or marshal.dumps((encoded.root, encoded.parts)),
    )


def _by_name(code: Code) -> bool:
    """Whether every global that the form names goes by its own name here: an import may have renamed one."""
    cells = [node.cell for node in code.nodes if isinstance(node, (nodes.GlobalRef, nodes.SetGlobal))]
    return all(code.env.find(cell.name) is cell for cell in cells)


def _needs(code: Code) -> tuple[tuple[str, ...], ...]:
    """The names that the analysis took for what they were.

    They are those of primitives, those of other globals that are called, those in patterns that are no
    constructors, and those of globals that are set.
    """
    primitives: set[str] = set()
    others: set[str] = set()
    assigned: set[str] = set()
    for node in code.nodes:
        if type(node) is nodes.Call and type(node.head) is nodes.GlobalRef:
            (others if node.open else primitives).add(node.head.cell.name)
        elif type(node) is nodes.SetGlobal and not node.define:
            assigned.add(node.cell.name)
    return tuple(primitives), tuple(others), tuple(code.patterns), tuple(assigned)


def _sights(code: Code) -> tuple[tuple[tuple[str, ...], tuple[int, ...]], ...]:
    """The lexical names in sight of globals without a value, with the numbers of the nodes that see them."""
    found: dict[tuple[str, ...], list[int]] = {}
    for node in code.nodes:
        if isinstance(node, (nodes.GlobalRef, nodes.SetGlobal)) and node.sight is not None:
            names = set(node.sight.names()) - code.env.names()
            found.setdefault(tuple(sorted(names)), []).append(node.number)
    return tuple([(names, tuple(numbers)) for names, numbers in found.items()])


def _signature(code: Code) -> tuple[Any, ...] | None:
    """What must be known of a function before its body is made, when all the form does is to define it."""
    tree = code.tree
    if type(tree) is not nodes.SetGlobal or not tree.define or type(tree.value) is not nodes.Lambda:
        return None
    made, at, lambda_at = tree.value, tree.place, tree.value.place
    if type(at) is not Spot or type(lambda_at) is not Spot or code.function != TOP_LEVEL:
        return None
    params = tuple([var.name for var in made.params])
    keys = tuple([name for name, _ in made.keys])
    rest = made.rest.name if made.rest is not None else None
    name, number = tree.cell.name, made.number
    return (
        name,
        number,
        (at.offset, lambda_at.offset),
        made.name,
        params,
        rest,
        keys,
        made.types,
        made.component,
    )


def _call_of(tree: nodes.Node) -> tuple[Any, ...] | None:
    """The parts of a call of a global with constants, each with number and offset; None for anything else."""
    if type(tree) is not nodes.Call or type(tree.head) is not nodes.GlobalRef:
        return None
    parts = []
    for node, what in ((tree, None), (tree.head, tree.head.cell.name), *[(x, _atom(x)) for x in tree.args]):
        if type(node.place) is not Spot or what is _NO_ATOM:
            return None
        parts.append((node.number, node.place.offset, what))
    return tuple(parts)


_NO_ATOM = object()


def _atom(node: nodes.Node) -> Any:
    plain = type(node) is nodes.Const and type(node.value) in (type(None), bool, int, float, str)
    return node.value if plain and type(node) is nodes.Const else _NO_ATOM


def form_record(form: Any, spot: Spot, *, seen: bool) -> Record | None:
    """The record of a form that is not analysed, or whose analysis must not be kept."""
    encoder = _FormEncoder(KINDS)
    try:
        field = encoder.add(form)
    except EvalError:
        return None
    if any(source is not spot.source for source in encoder.sources):
        return None
    return FORM if seen else UNSEEN, spot.offset, marshal.dumps((field, tuple(encoder.parts)))


class _FormEncoder(Encoder):
    def __init__(self, kinds: Any) -> None:
        super().__init__(kinds)
        self.sources: list[Source] = []


# -- using -------------------------------------------------------------------------------------------


def is_code(record: Record | None) -> bool:
    """Whether it is a "code" record, with fields that are what they must be."""
    match record:
        case (
            "code",
            int(),
            (tuple(), tuple(), tuple(), tuple()),
            tuple(),
            tuple(),
            None | (str(), int(), (int(), int()), str(), tuple(), None | str(), tuple(), tuple(), bool()),
            str(),
            bytes() | tuple(),
        ):
            return True
    return False


def holds(record: Record, env: Environment) -> bool:
    """Whether what a "code" record takes for granted holds in an environment now.

    A name that has no cell yet means what it means from the start, as it did when the record was made.
    """
    cells = env.cells
    primitives, others, patterns, assigned = record[2]
    for name in primitives:
        cell = cells.get(name)
        if cell is not None and (type(cell.value) is not Primitive or REGISTRY.get(name) is not cell.value):
            return False
    for name in others:
        cell = cells.get(name)
        if cell is not None and type(cell.value) in (Primitive, Macro):
            return False
    for name in patterns:
        cell = cells.get(name)
        if cell is not None and type(cell.value) is Primitive and REGISTRY.get(name) is not cell.value:
            return False
    return env.parent is None and not env.imported.intersection(assigned)


def term_of(
    record: Record, source: Source, env: Environment, again: Callable[[Code], None]
) -> tuple[Term, Code]:
    """The term that evaluates the form of a "code" record, which must hold, and its code. Raises ThawError.

    `again` analyses the form itself into the given code; it is there for a record that turns out to be
    damaged when it is too late for the caller to do without.
    """
    _, offset, _, opened, sights, signature, function, body = record
    seen = {number: KeptSight(env, names) for names, numbers in sights for number in numbers}

    def fill(code: Code) -> None:
        if type(body) is tuple:
            code.env = env
            tree, analysis = _call(body, env, source, lambda number: seen.get(number, KeptSight(env, ())))
            lower(code, tree, analysis, function)
            return
        root, parts = marshal.loads(body)
        decode_code(
            *(parts, root, function, env, (source,)),
            name=code.name,
            sight=KeptSight(env, ()),
            sights=seen,
            into=code,
            opened=opened,
        )
        code.spot = Spot(source, offset)

    if signature is None:
        code = Code(_name(source, offset))
        fill(code)
        return code.entry.body, code

    def fill_or_analyse(code: Code) -> None:
        try:
            fill(code)
        except DAMAGE:
            again(code)

    return definition(
        lambda: _name(source, offset), env.own(signature[0]), source, signature, fill_or_analyse
    )


def _call(
    parts: tuple[Any, ...], env: Environment, source: Source, sight: Callable[[int], Sight]
) -> tuple[nodes.Node, nodes.Analysis]:
    """What `_call_of` took apart."""
    (number, offset, _), (head_number, head_offset, name), *args = parts
    head = nodes.GlobalRef(head_number, Spot(source, head_offset), env.cell(name), sight(head_number))
    values = tuple([nodes.Const(at, Spot(source, place), value) for at, place, value in args])
    tree = nodes.Call(number, Spot(source, offset), head, values)
    analysis = nodes.Analysis()
    for node in (head, *values, tree):
        analysis.keep(node)
    return tree, analysis


def usable_term(record: Record | None, source: Source, env: Environment) -> Term | None:
    """The term of a record, of no definition; None when it does not stand for the analysis, or is damaged."""
    try:
        if record is not None and is_code(record) and record[5] is None and holds(record, env):
            return term_of(record, source, env, _never)[0]
    except DAMAGE:
        pass
    return None


def _never(code: Code) -> None:
    raise AssertionError("only the code of a function's definition is made later")


def form_of(record: Record, source: Source) -> Any:
    """The form of a "form" or "unseen" record. Raises ThawError."""
    field, parts = marshal.loads(record[2])
    decoder = _FormDecoder(BY_NAME, parts)
    decoder.sources = (source,)
    decoder.decode()
    return decoder.value(field)


class _FormDecoder(Decoder):
    sources: tuple[Source, ...]


def _name(source: Source, offset: int) -> str:
    return str(source.place(offset)) if offset >= 0 else "form"
