"""Numbers as text, in any radix from 2 to 36: the syntax, and conversions of any size.

Owns what `string->number`, `number->string` and the coercion of numeric strings agree on: the syntax of
number literals. Python limits the conversion of long texts (see `sxpy/reader/integers.py`, which does it for
radix 10); here, too, long ones are halved, so every integer has a text in every radix. Defines no
primitive. Next: `sxpy/primitives/number_text.py`.
"""

from __future__ import annotations

import math
from fractions import Fraction

from sxpy.lazy import lazy_pattern
from sxpy.reader.integers import format_integer, parse_integer

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
"""The digits of radix 36; a smaller radix uses the first of them."""

_CHUNK = 500
"""Texts of up to this many digits are converted at once; Python's limit can be set no lower than 640."""

_DECIMAL = lazy_pattern(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_SPECIAL = {"nan": math.nan, "+nan.0": math.nan, "-nan.0": math.nan}
_SPECIAL |= {"inf": math.inf, "+inf": math.inf, "+inf.0": math.inf, "-inf": -math.inf, "-inf.0": -math.inf}


def read_number(text: str, radix: int = 10) -> int | float | Fraction | None:
    """The number that the whole text denotes; None when it denotes none."""
    whole = _read_integer(text, radix)
    if whole is not None:
        return whole
    top, slash, bottom = text.partition("/")
    if slash:
        numerator, denominator = _read_integer(top, radix), _read_integer(bottom, radix)
        if numerator is None or not denominator or bottom[0] in "+-":
            return None
        ratio = Fraction(numerator, denominator)
        return ratio.numerator if ratio.denominator == 1 else ratio
    if text in _SPECIAL:
        return _SPECIAL[text]
    if radix == 10 and _DECIMAL.fullmatch(text):
        return float(text)
    return None


def _read_integer(text: str, radix: int) -> int | None:
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not digits or not digits.isascii() or not digits.isalnum():
        return None
    if max(digits.lower()) >= (DIGITS + "{")[radix]:
        return None
    value = parse_integer(digits) if radix == 10 else _integer_of(digits, radix)
    return -value if text[0] == "-" else value


def _integer_of(digits: str, radix: int) -> int:
    """The value of valid digits. The recursion halves its input: its depth is logarithmic."""
    if len(digits) <= _CHUNK or radix & (radix - 1) == 0:
        return int(digits, radix)
    low = len(digits) // 2
    scale: int = radix**low
    return _integer_of(digits[:-low], radix) * scale + _integer_of(digits[-low:], radix)


def integer_text(value: int, radix: int = 10) -> str:
    """The digits of `value`, with a minus sign when it is negative."""
    if radix == 10:
        return format_integer(value)
    sign, value = ("-", -value) if value < 0 else ("", value)
    if radix == 16:
        return sign + format(value, "x")
    if radix == 8:
        return sign + format(value, "o")
    if radix == 2:
        return sign + format(value, "b")
    width = int(value.bit_length() / math.log2(radix)) + 2
    return sign + (_padded(value, radix, width).lstrip("0") or "0")


def _padded(value: int, radix: int, width: int) -> str:
    """`value` in `width` digits. The recursion halves the width: its depth is logarithmic."""
    if width <= _CHUNK:
        return _short(value, radix).rjust(width, "0")
    low = width // 2
    high_part, low_part = divmod(value, radix**low)
    return _padded(high_part, radix, width - low) + _padded(low_part, radix, low)


def shown(number: int | float | Fraction) -> str:
    """The number for an error message: its text, or its size when the text would be long."""
    size = (
        max(abs(term).bit_length() for term in number.as_integer_ratio()) if type(number) is not float else 0
    )
    return str(number) if size < 400 else f"a number of {size} bits"


def _short(value: int, radix: int) -> str:
    digits = []
    while value:
        value, digit = divmod(value, radix)
        digits.append(DIGITS[digit])
    return "".join(reversed(digits))
