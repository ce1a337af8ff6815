"""Every name of the language stands in one of the small programs below `tests/sx`, and can be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sxpy import Interpreter
from sxpy.data import Dict, Symbol, Vector, is_list, symbol
from sxpy.errors import ReadError
from sxpy.reader import read_data, read_datum

PROGRAMS = sorted(Path(__file__).with_name("sx").rglob("*.sx"))


def symbols(form: Any) -> Iterator[str]:
    """The names of all symbols in a form."""
    pending = [form]
    while pending:
        item = pending.pop()
        if isinstance(item, Symbol):
            yield item.name
        elif is_list(item) or isinstance(item, Vector):
            pending.extend(item if is_list(item) else item.items)
        elif isinstance(item, Dict):
            pending.extend(item.values())


@pytest.fixture(scope="module")
def shown() -> set[str]:
    found: set[str] = set()
    for path in PROGRAMS:
        try:
            forms = list(read_data(path.read_text(encoding="utf-8")))
        except ReadError:  # a program whose text is what it is about
            continue
        for form in forms:
            found.update(symbols(form))
    return found


def test_every_name_stands_in_a_program(shown: set[str]) -> None:
    missing = [name for name in Interpreter().names() if name not in shown]
    assert missing == []


def test_every_name_can_be_read() -> None:
    assert [name for name in Interpreter().names() if read_datum(name) != symbol(name)] == []
