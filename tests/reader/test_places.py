"""Where forms stand: each list and dict of a program knows its place and those of its parts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sxpy.errors import Place
from sxpy.reader import Source, read_source
from sxpy.reader.forms import Form, FormDict, item_spot, spot_of


def at(place: Place) -> tuple[int, int]:
    return place.line, place.column


def form_of(text: str) -> Any:
    return read_source(Source(text, "t.sx"))[0][0]


def test_top_level_forms_tell_their_offsets() -> None:
    forms, offsets = read_source(Source("#;x 1 'a\n (b)\n;c\n{:d 1}\n", "t.sx"))
    assert len(forms) == 4
    assert offsets == [4, 6, 10, 17]


def test_a_list_knows_its_own_place_and_those_of_its_items() -> None:
    form = form_of('\n (f 12 #;x\n  (g) "s")')
    assert isinstance(form, Form)
    assert [at(form.source.place(start)) for start in (form.start, *form.starts)] == [
        (2, 2),
        (2, 3),
        (2, 5),
        (3, 3),
        (3, 7),
    ]
    inner = form.nth(2)
    spot = spot_of(inner)
    assert spot is not None
    assert at(spot.place()) == (3, 3)
    assert str(spot.place()) == "t.sx:3:3"


def test_a_dict_knows_its_own_place_and_those_of_its_values() -> None:
    form = form_of('{:a 1\n "b" (f)}')
    assert isinstance(form, FormDict)
    assert form.start == 0
    assert {key: at(form.source.place(start)) for key, start in form.starts.items()} == {
        "a": (1, 5),
        "b": (2, 6),
    }


def test_a_prefixed_form_stands_at_its_prefix() -> None:
    form = form_of("  '(a)")
    assert isinstance(form, Form)
    assert (form.start, form.starts) == (2, (2, 3))
    inner = form.nth(1)
    assert isinstance(inner, Form)
    assert inner.start == 3


def test_forms_inside_vectors_have_places() -> None:
    (inner,) = form_of("#((f))").items
    assert isinstance(inner, Form)
    assert inner.start == 2


def test_an_empty_list_has_a_place() -> None:
    assert isinstance(form_of(" ()"), Form)
    assert form_of(" ()").start == 1


def test_a_spot_of_an_item_falls_back_on_its_form() -> None:
    form = form_of("(a b)")
    item, beyond = item_spot(form, 1), item_spot(form, 7)
    assert item is not None and beyond is not None
    assert (item.offset, beyond.offset) == (3, 0)
    assert spot_of(5) is None


def test_columns_count_code_points() -> None:
    form = form_of('("😀é" x)')
    assert form.starts == (1, 6)


def test_a_source_can_begin_at_a_later_line() -> None:
    source = Source("a\n(b)", "<repl>", first_line=7)
    form = read_source(source)[0][1]
    assert str(source.place(form.start)) == "<repl>:8:1"


def test_a_byte_order_mark_takes_no_column() -> None:
    form = form_of("\ufeff(a)")
    assert at(form.source.place(form.start)) == at(form.source.place(0)) == (1, 1)


def test_two_readings_at_once_keep_their_sources_apart() -> None:
    def read(number: int) -> bool:
        source = Source("(a (b) {:c (d)}) " * 200, f"file {number}")
        forms, _ = read_source(source)
        return all(form.source is source and form.nth(1).source is source for form in forms)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(read, range(16)))
