"""Integers of any size to and from text, whatever limit the process sets on such conversions."""

from __future__ import annotations

import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from sxpy.reader.integers import format_integer, parse_integer

CHECK = """
import sys
sys.set_int_max_str_digits(640)
from sxpy.reader.integers import format_integer, parse_integer
from sxpy.reader import read_datum
from sxpy.printer import serialize
assert format_integer(10**5000) == "1" + "0" * 5000
assert parse_integer("9" * 5000) == 10**5000 - 1
assert serialize(read_datum("-" + "7" * 3000)) == "-" + "7" * 3000
assert sys.get_int_max_str_digits() == 640
"""


def test_the_limit_of_the_process_neither_matters_nor_changes() -> None:
    subprocess.run([sys.executable, "-c", CHECK], check=True)


def test_powers_of_ten_are_a_one_and_zeros() -> None:
    for digits in [0, 1, 510, 511, 512, 513, 1023, 1024, 1025, 4299, 4300, 4301, 20_000]:
        assert format_integer(10**digits) == "1" + "0" * digits
        assert parse_integer("1" + "0" * digits) == 10**digits
        assert format_integer(10**digits - 1) == ("9" * digits or "0")
        assert parse_integer("9" * digits or "0") == 10**digits - 1
        assert parse_integer("-" + "9" * (digits + 1)) == 1 - 10 ** (digits + 1)
        assert format_integer(-(10**digits)) == "-1" + "0" * digits


def test_leading_zeros_and_signs_count_for_nothing() -> None:
    assert parse_integer("+" + "0" * 5000 + "12") == 12
    assert parse_integer("-" + "0" * 5000) == 0


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 9000), st.integers(), st.booleans())
def test_text_and_back_is_the_same_integer(bits: int, low: int, negative: bool) -> None:
    value = (1 << bits) + low
    value = -value if negative else value
    text = format_integer(value)
    assert parse_integer(text) == value
    # Arithmetic that needs no conversion: the digits are those of the value.
    assert sum(int(digit) for digit in text.lstrip("-")) % 9 == abs(value) % 9
    assert int(text[-300:].lstrip("-")) == abs(value) % 10 ** min(300, len(text.lstrip("-")))
