"""Constants: the kinds of part for plain values — what a program may quote, and what data is made of.

Lists are written by their items, whatever shape they have in memory; procedures of the language by name.
`Form` and `FormDict` keep the places of their items, as data that may still be evaluated.
Next: `sxpy/core/portable.py`, the kinds for analysed code.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from sxpy.core.pool import Encoder, Fields, Kind, Long, LongKind
from sxpy.data import (
    EMPTY,
    EOF,
    UNBOUND,
    Bytevector,
    Char,
    Dict,
    Eof,
    Keyword,
    List,
    MutableList,
    Rope,
    Span,
    Stack,
    Symbol,
    Vector,
    keyword,
    symbol,
)
from sxpy.data.lists import span, stack
from sxpy.data.values import Unbound
from sxpy.printer.writer import PLAIN, pieces
from sxpy.reader.forms import ExpandedSpot, Form, FormDict, Source, Spot


class SymbolKind(Kind):
    """`(symbol name)`, or `(symbol name false)` when `gensym` made it: it equals no other."""

    name = "symbol"

    def fields(self, encoder: Encoder, value: Symbol) -> Iterable[Any]:
        return (value.name,) if value.interned else (value.name, False)

    def build(self, fields: Fields) -> Symbol:
        name = fields.text()
        if fields.left == 0:
            return symbol(name)
        if fields.flag():
            raise fields.wrong("false")
        return Symbol(name)


class KeywordKind(Kind):
    """`(keyword name)`."""

    name = "keyword"

    def fields(self, encoder: Encoder, value: Keyword) -> Iterable[Any]:
        return (value.name,)

    def build(self, fields: Fields) -> Keyword:
        return keyword(fields.text())


class CharKind(Kind):
    """`(char code)`."""

    name = "char"

    def fields(self, encoder: Encoder, value: Char) -> Iterable[Any]:
        return (value.code,)

    def build(self, fields: Fields) -> Char:
        code = fields.count()
        if code > 0x10FFFF:
            raise fields.wrong("a code point")
        return Char(code)


class RatioKind(Kind):
    """`(ratio numerator denominator)`, in lowest terms, the denominator above 1."""

    name = "ratio"

    def fields(self, encoder: Encoder, value: Fraction) -> Iterable[Any]:
        return (value.numerator, value.denominator)

    def build(self, fields: Fields) -> Fraction:
        numerator, denominator = fields.of(int), fields.count(2)
        made = Fraction(numerator, denominator)
        if made.denominator != denominator:
            raise fields.wrong("in lowest terms")
        return made


class SingleKind(Kind):
    """`(eof)`, `(unbound)`: the one object of its kind."""

    def __init__(self, name: str, single: Any) -> None:
        self.name = name
        self.single = single

    def fields(self, encoder: Encoder, value: Any) -> Iterable[Any]:
        return ()

    def build(self, fields: Fields) -> Any:
        return self.single


def item_step(items: Iterable[Any], item: Any) -> str:
    """Which of the items it is, for a path."""
    return next((f"item {index}" for index, each in enumerate(items) if each is item), "item")


class ListKind(Kind):
    """`(list item …)`."""

    name = "list"
    solid = False

    def fields(self, encoder: Encoder, value: List) -> Iterable[Any]:
        return value.to_list()

    def new(self, fields: Fields) -> List:
        return span([None] * fields.left, 0, fields.left) if fields.left else EMPTY

    def fill(self, made: Span, fields: Fields) -> None:
        if fields.left:
            made.buffer[:] = fields.rest()

    def step(self, value: Any, item: Any) -> str:
        return item_step(value, item)


class FormKind(Kind):
    """`(form source offset item offset …)`: a list that was read from a program's text."""

    name = "form"
    solid = False

    def fields(self, encoder: Encoder, value: Form) -> Iterable[Any]:
        source, start = located(encoder, value.source, value.start)
        found: list[Any] = [source, start]
        items = value.to_list()
        starts = value.starts if len(value.starts) == len(items) else (value.start,) * len(items)
        for item, at in zip(items, starts, strict=True):
            found += (item, max(0, at - value.start + start))
        return found

    def new(self, fields: Fields) -> Form:
        made = Form.__new__(Form)
        count = max(0, fields.left - 2) // 2
        made.buffer, made.low, made.high = [None] * count, 0, count
        return made

    def fill(self, made: Form, fields: Fields) -> None:
        made.source = fields.of(Source)
        made.start = offset_of(fields, made.source)
        starts = []
        for index in range(made.high):
            made.buffer[index] = fields.any()
            starts.append(offset_of(fields, made.source))
        made.starts = tuple(starts)


class FormDictKind(Kind):
    """`(form-dict source offset key value offset …)`: a dict literal that was read from a program's text."""

    name = "form-dict"
    solid = False

    def fields(self, encoder: Encoder, value: FormDict) -> Iterable[Any]:
        source, start = located(encoder, value.source, value.start)
        found: list[Any] = [source, start]
        for key, item in value.items():
            at = value.starts.get(key, value.start)
            found += (key, item, max(0, at - value.start + start))
        return found

    def new(self, fields: Fields) -> FormDict:
        made = FormDict.__new__(FormDict)
        Dict.__init__(made, {})
        return made

    def fill(self, made: FormDict, fields: Fields) -> None:
        made.source = fields.of(Source)
        made.start = offset_of(fields, made.source)
        made.starts = {}
        while fields.left:
            key = fields.text()
            made.set_in_place(key, fields.any())
            made.starts[key] = offset_of(fields, made.source)


class StackKind(ListKind):
    """`(stack item …)`: a list that grows in front; its last item stands first."""

    name = "stack"

    def fields(self, encoder: Encoder, value: List) -> Iterable[Any]:
        return value.to_list()[::-1]

    def new(self, fields: Fields) -> Stack:
        if not fields.left:
            raise fields.wrong("an item")
        return stack([None] * fields.left, 0, fields.left)


class RopeKind(Kind):
    """`(rope left right)`: two lists in a row."""

    name = "rope"

    def fields(self, encoder: Encoder, value: Rope) -> Iterable[Any]:
        return (value.left, value.right)

    def build(self, fields: Fields) -> Rope:
        left, right = fields.instance(List), fields.instance(List)
        if not len(left) or not len(right):
            raise fields.wrong("a list with items")
        made = Rope(left, right)
        heights = [part.height if isinstance(part, Rope) else 0 for part in (left, right)]
        if abs(heights[0] - heights[1]) > 1:
            raise fields.wrong("as high as its sibling")
        return made


class ArrayKind(Kind):
    """`(vector item …)`, `(mutable-list item …)`: items that may change."""

    solid = False

    def __init__(self, name: str, make: type[Vector] | type[MutableList]) -> None:
        self.name = name
        self.make = make

    def fields(self, encoder: Encoder, value: Any) -> Iterable[Any]:
        return list(value.items)

    def new(self, fields: Fields) -> Any:
        return self.make([])

    def fill(self, made: Any, fields: Fields) -> None:
        made.items = fields.rest()

    def step(self, value: Any, item: Any) -> str:
        return item_step(value.items, item)


class DictKind(Kind):
    """`(dict key value …)`, in the order of insertion."""

    name = "dict"
    solid = False

    def fields(self, encoder: Encoder, value: Dict) -> Iterable[Any]:
        return [part for pair in value.items() for part in pair]

    def new(self, fields: Fields) -> Dict:
        return Dict({})

    def fill(self, made: Dict, fields: Fields) -> None:
        while fields.left:
            key = fields.text()
            if key in made:
                raise fields.wrong("a key that stands once")
            made.set_in_place(key, fields.any())

    def step(self, value: Any, item: Any) -> str:
        return next((f"key {key}" for key, each in value.items() if each is item), "entry")


class BytesKind(Kind):
    """`(bytevector hexadecimal-digits)`."""

    name = "bytevector"
    solid = False

    def fields(self, encoder: Encoder, value: Bytevector) -> Iterable[Any]:
        return (value.data.hex(),)

    def new(self, fields: Fields) -> Bytevector:
        return Bytevector(b"")

    def fill(self, made: Bytevector, fields: Fields) -> None:
        digits = fields.text()
        try:
            made.data = bytearray.fromhex(digits)
        except ValueError:
            raise fields.wrong("hexadecimal digits") from None
        if made.data.hex() != digits:
            raise fields.wrong("hexadecimal digits without spaces")


# -- places ------------------------------------------------------------------------------------------


def located(encoder: Encoder, source: Source, offset: int) -> tuple[Source, int]:
    """The source and the offset that are kept of a place: an encoder may keep a piece of a source only."""
    relocated: tuple[Source, int] = getattr(encoder, "located", _as_it_is)(source, offset)
    return relocated


def _as_it_is(source: Source, offset: int) -> tuple[Source, int]:
    return source, offset


def offset_of(fields: Fields, source: Source) -> int:
    """The next field as an offset in a source."""
    offset = fields.count()
    if offset > len(source.text):
        raise fields.wrong("an offset in the source")
    return offset


class SpotKind(Kind):
    """`(spot source offset)`: a place in a text."""

    name = "spot"

    def fields(self, encoder: Encoder, value: Spot) -> Iterable[Any]:
        return located(encoder, value.source, value.offset)

    def build(self, fields: Fields) -> Spot:
        source = fields.of(Source)
        return Spot(source, offset_of(fields, source))


class ExpandedSpotKind(Kind):
    """`(expanded source offset text macro …)`: the place of a call that made a form, and the form's text."""

    name = "expanded"

    def fields(self, encoder: Encoder, value: ExpandedSpot) -> Iterable[Any]:
        source, offset = located(encoder, value.source, value.offset)
        return (source, offset, _cut_text(value.form), *value.macros)

    def build(self, fields: Fields) -> ExpandedSpot:
        source = fields.of(Source)
        offset = offset_of(fields, source)
        form = Symbol(fields.text())  # it is there to be shown
        return ExpandedSpot(Spot(source, offset), form, tuple(fields.rest(fields.text)))


def _cut_text(form: Any) -> str:
    """The beginning of a form's text: as much as a report shows of it."""
    text = ""
    for piece in pieces(form, PLAIN):
        text += piece
        if len(text) > SHOWN:
            return text[:SHOWN]
    return text


SHOWN = 200
"""Characters that are kept of a form that a macro made."""

CONSTANTS: dict[type, Kind] = {
    Long: LongKind(),
    Symbol: SymbolKind(),
    Keyword: KeywordKind(),
    Char: CharKind(),
    Fraction: RatioKind(),
    Eof: SingleKind("eof", EOF),
    Unbound: SingleKind("unbound", UNBOUND),
    Span: ListKind(),
    Form: FormKind(),
    FormDict: FormDictKind(),
    Stack: StackKind(),
    Rope: RopeKind(),
    Vector: ArrayKind("vector", Vector),
    MutableList: ArrayKind("mutable-list", MutableList),
    Dict: DictKind(),
    Bytevector: BytesKind(),
    Spot: SpotKind(),
    ExpandedSpot: ExpandedSpotKind(),
}
"""The kinds by the Python type of what they stand for."""
