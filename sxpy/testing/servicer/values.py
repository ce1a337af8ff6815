"""What a servicer must do with names and values of every kind, and with what it must not take.

Next: `sxpy/testing/servicer/blobs.py`.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from sxpy.data import EMPTY, Bytevector, Char, Dict, Primitive, Vector, keyword, list_of, symbol
from sxpy.testing.servicer.registry import check
from sxpy.testing.servicer.subject import Subject, event, request

NAMES = [
    "",
    "orders",
    "a/b",
    "..",
    ".",
    "../../etc/passwd",
    "/",
    "\0",
    "a\0b",
    "new\nline",
    'quote " and \\ back',
    "Case",
    "case",
    "CASE",
    "\u00e9",
    "e\u0301",
    "\ud800",
    "\ud83d\ude00",
    "😀",
    "; comment",
    "$global",
    "a%",
    "a_",
    "x" * 126,
    "x" * 127,
    "x" * 128,
    "x" * 5000,
    "x" * 4999 + "y",
    "-",
    "6f",
    "sha256-",
]
"""Names that a careless store would confuse, lose, or take for something else."""

VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    -7,
    2**63,
    10**60,
    0.1,
    -0.0,
    1e300,
    2.0,
    math.inf,
    math.nan,
    Fraction(1, 3),
    "",
    "two\nlines",
    'tab\t quote" back\\ nul\0 cr\r',
    "; not a comment",
    " ; 1 2 3456789a",
    "\u2028\u0085\x1c",
    "\ud800 alone",
    "😀",
    "x" * 100_000,
    symbol("a-symbol"),
    keyword("key"),
    Char(955),
    EMPTY,
    list_of(1, "two", list_of(3)),
    Vector([1, 2]),
    Bytevector(b"\x00\xff"),
    Dict({}),
    Dict({"a": 1, "b c": list_of(None), "": Dict({"deep": True})}),
]
"""A value of every kind that has a syntax, and texts that a store might take for its own."""


@check()
def every_string_is_a_stream_of_its_own(store: Subject) -> None:
    for number, name in enumerate(NAMES, 1):
        store.append(name, number)
    store.reopen()
    for number, name in enumerate(NAMES, 1):
        store.holds(name, number)
    for name in NAMES:
        store.ask("truncate-through", name, 10**9)
    store.reopen()
    store.gives_names(NAMES, "streams")


@check()
def every_string_is_a_key_of_its_own(store: Subject) -> None:
    for number, name in enumerate(NAMES):
        store.ask("kv-put", name, number)
    store.reopen()
    for number, name in enumerate(NAMES):
        store.gives(number, "kv-get", name)
    store.gives_names(NAMES, "kv-keys")
    for name in NAMES:
        store.ask("kv-delete", name)
    store.reopen()
    store.gives(EMPTY, "kv-keys")


@check()
def every_value_comes_back_equal(store: Subject) -> None:
    for number, value in enumerate(VALUES):
        store.ask("kv-put", f"k{number}", value)
        store.ask("append", f"s{number}", event(f"s{number}", 1, value))
    store.reopen()
    for number, value in enumerate(VALUES):
        store.gives(value, "kv-get", f"k{number}")
        store.gives(list_of(event(f"s{number}", 1, value)), "read", f"s{number}")


@check()
def data_may_nest_deeper_than_the_stack(store: Subject) -> None:
    deep: Any = EMPTY
    for _ in range(10_000):
        deep = list_of(deep)
    store.ask("kv-put", "k", deep)
    store.reopen()
    store.gives(deep, "kv-get", "k")


@check()
def an_event_may_have_any_keys(store: Subject) -> None:
    odd = Dict({"seq": 1, "more": list_of(1), "data": None})
    store.ask("append", "s", odd)
    store.reopen()
    store.gives(list_of(odd), "read", "s")


def _writes_of(value: Any) -> list[tuple[str, list[Any]]]:
    """Every way to store a value."""
    stored = event("s", 1, list_of(1, value))
    return [
        ("append", ["s", stored]),
        ("kv-put", ["k", value]),
        ("kv-put", ["k", Dict({"deep": list_of(value)})]),
        ("append-if", ["s", 0, stored]),
        ("append-many", ["s", list_of(event("s", 1), event("s", 2, value))]),
        ("append-once", ["s", "k", stored]),
        ("kv-cas", ["k", None, value]),
        ("kv-put-new", ["k", value]),
        ("transact", [list_of(request("kv-put", "a", 1), request("kv-put", "k", value))]),
    ]


@check()
def a_function_is_refused_and_nothing_is_written(store: Subject) -> None:
    for operation, args in _writes_of(Primitive("f", lambda: None, 0, 0)):
        if store.host.owns(f"persist/{operation}"):
            store.refuses(operation, *args)
    store.is_empty()


@check()
def what_is_no_event_is_refused(store: Subject) -> None:
    for seq in (None, "1", 1.0, True):
        store.refuses("append", "s", Dict({"seq": seq}))
    for wrong in ("no dict", None, Dict({}), list_of(1)):
        store.refuses("append", "s", wrong)
    store.is_empty()


@check()
def a_name_that_is_no_string_is_refused(store: Subject) -> None:
    for wrong in (None, 1, symbol("s"), keyword("s"), list_of("s")):
        store.refuses("append", wrong, event("s", 1))
        for operation in ("read", "last-seq", "kv-get", "kv-has?", "kv-delete"):
            store.refuses(operation, wrong)
        store.refuses("truncate-through", wrong, 1)
        store.refuses("kv-put", wrong, 1)
    store.is_empty()


@check()
def a_bound_that_is_no_integer_is_refused(store: Subject) -> None:
    store.append("s", 1, 2)
    for wrong in (None, "1", 1.5, True):
        store.refuses("truncate-through", "s", wrong)
    store.holds("s", 1, 2)


@check()
def a_wrong_number_of_arguments_is_refused(store: Subject) -> None:
    for operation, right in (
        ("append", 2),
        ("read", 1),
        ("last-seq", 1),
        ("truncate-through", 2),
        ("streams", 0),
        ("kv-get", 1),
        ("kv-put", 2),
        ("kv-delete", 1),
        ("kv-has?", 1),
        ("kv-keys", 0),
    ):
        for count in {max(0, right - 1), right + 1} - {right}:
            store.refuses(operation, *["a"] * count)
    store.is_empty()
