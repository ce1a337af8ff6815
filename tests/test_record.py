"""Records: what holds for places, frames of a backtrace, limits and states alike."""

from __future__ import annotations

import pytest

from sxpy.errors import Expansion, Frame, Place
from sxpy.machine.limits import Limits


def test_records_are_equal_by_content() -> None:
    assert Place("f", 1, 2) == Place("f", 1, 2) != Place("f", 1, 3)
    assert len({Place("f", 1, 2), Place("f", 1, 2), Place("g", 1, 2)}) == 2
    assert Limits(steps=3) != Frame("f", None)
    assert Frame("f", None) != ("f", None)


def test_an_uncompared_field_makes_no_difference() -> None:
    assert Place("f", 1, 2, "(x)", Expansion("form", ("m",))) == Place("f", 1, 2, "(x)")


def test_a_record_does_not_change() -> None:
    place = Place("f", 1, 2)
    with pytest.raises(AttributeError, match="a Place does not change"):
        place.line = 5
    assert place.replace(line=5) == Place("f", 5, 2)
    assert place.line == 1


def test_a_record_shows_its_fields() -> None:
    assert repr(Limits(steps=3)) == "Limits(depth=None, memory=None, seconds=None, steps=3)"
