"""Hostile values and names, on a real disk: kept as they are, or refused with a typed error and nothing done.

Every hostile name is a stream and a key of the same store, next to all the others. `HOSTILE_NAMES` and
`HOSTILE_VALUES` are counted by the last test, which prints them (`pytest -rP`).
"""

from __future__ import annotations

import math
import os
import re
import unicodedata
from collections.abc import Callable
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from store_support import ask, event, request

from sxpy.data import Dict, MutableList, equal, from_list
from sxpy.errors import EvalError
from sxpy_hosts.disk import open_host
from sxpy_hosts.errors import StoreError
from sxpy_hosts.verify import verify

LONG = 100_000

HOSTILE_NAMES = {
    "nothing": "",
    "a space": " ",
    "a dot": ".",
    "two dots": "..",
    "a path": "/etc/passwd",
    "a way out": "../../../../tmp/out",
    "a slash": "/",
    "a backslash": "..\\..\\out",
    "NUL": "\0",
    "NUL inside": "a\0b",
    "before the NUL": "a",
    "a newline": "\n",
    "a record": '(put "k" 1) ; 1 11 00000000\n',
    "a quote": 'a" 1)',
    "an escape": "a\\",
    "a carriage return": "a\r\n",
    "a high surrogate": "\ud800",
    "a low surrogate": "\udfff",
    "a pair the wrong way": "\udfff\ud800",
    "outside the first plane": "\U0001f600",
    "the last character": "\U0010ffff",
    "NFC": unicodedata.normalize("NFC", "é"),
    "NFD": unicodedata.normalize("NFD", "é"),
    "a device": "CON",
    "a device in lower case": "con",
    "a device with a suffix": "NUL.txt",
    "upper case": "KEY",
    "lower case": "key",
    "mixed case": "Key",
    "dotless i": "ı",
    "sharp s": "ß",
    "SS": "SS",
    "right to left": "\u202egnp.exe",
    "no width": "a\u200b",
    "a byte order mark": "\ufeff",
    "a wildcard": "*?[a-z]",
    "an option": "-rf",
    "the marker": "format.sx",
    "hex of the marker": b"format.sx".hex(),
    "the hex of another": b"key".hex(),
    "a digest": "sha256-" + "0" * 64,
    "the longest in hex": "x" * 125,
    "one more": "x" * 126,
    "and one more": "x" * 127,
    "long": "n" * LONG,
    "long, with another end": "n" * (LONG - 1) + "m",
    "long, of three bytes each": "€" * LONG,
}


def nested(depth: int) -> Any:
    value: Any = from_list([])
    for _ in range(depth):
        value = from_list([value])
    return value


def nested_dicts(depth: int) -> Any:
    value: Any = Dict({})
    for _ in range(depth):
        value = Dict({"d": value})
    return value


HOSTILE_VALUES: dict[str, Callable[[], Any]] = {
    "a list 100,000 deep": lambda: nested(LONG),
    "dicts 100,000 deep": lambda: nested_dicts(LONG),
    "a string of 50 MB": lambda: "s" * 50_000_000,
    "a string of 200 KB that needs escapes": lambda: '"\\\n\0\u2028' * 40_000,
    "an integer of 100,000 digits": lambda: 10**100_000 + 1,
    "a negative one": lambda: -(10**100_000) - 1,
    "a fraction of 20,000 digits": lambda: Fraction(10**10_000 + 1, 10**10_000),
    "not a number": lambda: float("nan"),
    "infinity": lambda: float("inf"),
    "minus zero": lambda: -0.0,
    "the smallest float": lambda: 5e-324,
    "every control character": lambda: "".join(map(chr, range(32))) + "\x7f\x85\u2028\u2029",
    "lone surrogates": lambda: "\ud800 \udfff",
    "a text that looks like a trailer": lambda: ") ; 1 2 00000000\n(put",
    "a dict with hostile keys": lambda: Dict(dict.fromkeys(HOSTILE_NAMES.values(), 1)),
    "a list of 50,000": lambda: from_list(list(range(50_000))),
}


def cycle() -> Any:
    value = MutableList([1])
    value.items.append(value)
    return value


def long_cycle() -> Any:
    inner = MutableList([])
    inner.items.append(from_list([Dict({"k": inner})]))
    return inner


REFUSED: dict[str, Callable[[], Any]] = {
    "a function": lambda: len,
    "a lambda": lambda: lambda: None,
    "an object": object,
    "a function deep inside": lambda: from_list([Dict({"f": from_list([len])})]),
    "a cycle": cycle,
    "a longer cycle": long_cycle,
}


def same(one: Any, other: Any) -> bool:
    """Whether the values are equal, and not a number is not a number."""
    floats = isinstance(one, float) and isinstance(other, float)
    return equal(one, other) or (floats and math.isnan(one) and math.isnan(other))


def test_hostile_names_keep_to_themselves(tmp_path: Path) -> None:
    root = tmp_path / "deep" / "root"
    with closing(open_host(root)) as host:
        for number, name in enumerate(HOSTILE_NAMES.values()):
            ask(host, "append", name, event(name, 1, number))
            ask(host, "kv-put", name, number)
        for number, name in enumerate(HOSTILE_NAMES.values()):
            ask(host, "append", name, event(name, 2, "x" * (5000 if number % 2 else 5)))
    names = sorted(HOSTILE_NAMES.values())
    for _ in range(2):
        with closing(open_host(root)) as host:
            assert sorted(ask(host, "streams")) == names
            assert sorted(ask(host, "kv-keys")) == names
            for number, name in enumerate(HOSTILE_NAMES.values()):
                first, second = ask(host, "read", name)
                assert (first.get("stream"), first.get("data")) == (name, number)
                assert (second.get("stream"), second.get("seq")) == (name, 2)
                assert ask(host, "kv-get", name) == number
                assert ask(host, "last-seq", name) == 2
            ask(host, "kv-put", "another write", 1)
            ask(host, "kv-delete", "another write")
    assert verify(root).problems == []
    assert [path.name for path in tmp_path.iterdir()] == ["deep"]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["root"]
    for directory, _, files in os.walk(root):
        for file in files:
            assert re.fullmatch(r"[0-9a-z.-]{1,255}", file), f"{directory}/{file}"


def test_a_hostile_name_can_be_deleted_without_touching_another(tmp_path: Path) -> None:
    names = list(HOSTILE_NAMES.values())
    with closing(open_host(tmp_path)) as host:
        for name in names:
            ask(host, "append", name, event(name, 1))
            ask(host, "kv-put", name, name)
        host.checkpoint()
        for gone, name in enumerate(names, 1):
            ask(host, "kv-delete", name)
            ask(host, "truncate", name, 1)
            assert sorted(ask(host, "kv-keys")) == sorted(names[gone:])
        for name in names:
            assert list(ask(host, "read", name)) == []
            assert ask(host, "last-seq", name) == 1


@pytest.mark.parametrize("what", HOSTILE_VALUES)
def test_a_hostile_value_comes_back_or_is_refused(tmp_path: Path, what: str) -> None:
    value = HOSTILE_VALUES[what]()
    with closing(open_host(tmp_path)) as host:
        ask(host, "kv-put", "before", 1)
        ask(host, "append", "s", event("s", 1, value))
        ask(host, "kv-put", "k", value)
        assert same(ask(host, "kv-get", "k"), value)
    with closing(open_host(tmp_path)) as host:
        assert same(ask(host, "kv-get", "k"), value)
        (found,) = ask(host, "read", "s")
        assert same(found.get("data"), value)
        ask(host, "append", "s", event("s", 2))
    assert verify(tmp_path).problems == []


@pytest.mark.parametrize("what", REFUSED)
def test_what_has_no_text_is_refused_and_nothing_is_done(tmp_path: Path, what: str) -> None:
    value = REFUSED[what]()
    with closing(open_host(tmp_path)) as host:
        ask(host, "kv-put", "k", 1)
        ask(host, "append", "s", event("s", 1))
        bad = event("s", 2, value)
        for operation in (
            ("append", "s", bad),
            ("append-if", "s", 1, bad),
            ("append-many", "s", from_list([event("s", 2), bad])),
            ("append-once", "s", "marker", bad),
            ("kv-put", "k", value),
            ("kv-put-new", "new", value),
            ("kv-cas", "k", 1, value),
            ("kv-cas", "k", value, 2),
            ("transact", from_list([request("kv-put", "k", 2), request("append", "s", bad)])),
        ):
            with pytest.raises(EvalError) as caught:
                ask(host, *operation)
            assert not isinstance(caught.value, StoreError)
        assert ask(host, "kv-get", "k") == 1
        assert list(ask(host, "kv-keys")) == ["k"]
        assert ask(host, "last-seq", "s") == 1
        ask(host, "append", "s", event("s", 2))
    assert verify(tmp_path).problems == []


def test_what_was_tried_is_counted() -> None:
    print(f"{len(HOSTILE_NAMES)} hostile names, each as stream and as key")
    print(f"{len(HOSTILE_VALUES)} hostile values kept, {len(REFUSED)} refused")
    assert len(set(HOSTILE_NAMES.values())) == len(HOSTILE_NAMES)
