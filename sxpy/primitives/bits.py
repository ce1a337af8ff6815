"""Bits of integers, negative ones in two's complement of unlimited width (SRFI 151, R7RS-large).

Owns the bitwise primitives. Next: `sxpy/primitives/number_text.py`.
"""

from __future__ import annotations

from typing import Any

from sxpy.errors import SxValueError
from sxpy.primitives.number_syntax import shown
from sxpy.primitives.numeric import as_exact_integer, refuse_bits
from sxpy.primitives.registry import primitive


@primitive("bitwise-and", "bit-and")
def bitwise_and(*integers: Any) -> int:
    """(bitwise-and n …) — the bits set in every n; -1 of none.

    (bitwise-and 12 10) => 8
    """
    result = -1
    for integer in integers:
        result &= as_exact_integer("bitwise-and", integer)
    return result


@primitive("bitwise-or", "bitwise-ior", "bit-or")
def bitwise_or(*integers: Any) -> int:
    """(bitwise-or n …) — the bits set in any n; 0 of none.

    (bitwise-or 12 10) => 14
    """
    result = 0
    for integer in integers:
        result |= as_exact_integer("bitwise-or", integer)
    return result


@primitive("bitwise-xor", "bit-xor")
def bitwise_xor(*integers: Any) -> int:
    """(bitwise-xor n …) — the bits set in an odd number of them; 0 of none.

    (bitwise-xor 12 10) => 6
    """
    result = 0
    for integer in integers:
        result ^= as_exact_integer("bitwise-xor", integer)
    return result


@primitive("bitwise-not", "bit-not")
def bitwise_not(integer: Any) -> int:
    """(bitwise-not n) — every bit turned: -1 - n.

    (bitwise-not 0) => -1
    """
    return ~as_exact_integer("bitwise-not", integer)


@primitive("arithmetic-shift", "ash")
def arithmetic_shift(integer: Any, count: Any) -> int:
    """(arithmetic-shift n count) — n · 2^count, rounded down; a negative count shifts right.

    A result of more than 2^28 bits is an error.

    (arithmetic-shift 1 10) => 1024
    (arithmetic-shift 16 -2) => 4
    """
    value = as_exact_integer("arithmetic-shift", integer)
    by = as_exact_integer("arithmetic-shift", count)
    if by < 0:
        return value >> min(-by, value.bit_length() + 1)
    if value == 0:
        return 0
    refuse_bits("arithmetic-shift", value.bit_length() + by)
    return value << by


@primitive("shift-left", "bit-shift-left")
def shift_left(integer: Any, count: Any) -> int:
    """(shift-left n count) — n · 2^count, for a count of 0 or more.

    (shift-left 1 4) => 16
    """
    return arithmetic_shift(integer, _distance("shift-left", count))


@primitive("shift-right", "bit-shift-right")
def shift_right(integer: Any, count: Any) -> int:
    """(shift-right n count) — n / 2^count rounded down, for a count of 0 or more.

    (shift-right 17 4) => 1
    """
    return arithmetic_shift(integer, -_distance("shift-right", count))


def _distance(who: str, count: Any) -> int:
    by = as_exact_integer(who, count)
    if by < 0:
        raise SxValueError(f"{who}: expected a count of 0 or more, got {shown(by)}", count)
    return by


@primitive("bit-count")
def bit_count(integer: Any) -> int:
    """(bit-count n) — how many bits are 1; of a negative n, how many are 0.

    (bit-count 7) => 3
    (bit-count -1) => 0
    """
    value = as_exact_integer("bit-count", integer)
    return (~value if value < 0 else value).bit_count()


@primitive("integer-length")
def integer_length(integer: Any) -> int:
    """(integer-length n) — how many bits n needs, its sign aside.

    (integer-length 8) => 4
    (integer-length -8) => 3
    """
    value = as_exact_integer("integer-length", integer)
    return (~value if value < 0 else value).bit_length()


@primitive("bit-set?")
def bit_set_p(index: Any, integer: Any) -> bool:
    """(bit-set? i n) — whether bit i of n is 1, counted from the least, 0 (SRFI 151).

    (bit-set? 1 6) => true
    (bit-set? 0 6) => false
    """
    at = _distance("bit-set?", index)
    return arithmetic_shift(integer, -at) & 1 == 1
