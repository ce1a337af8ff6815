"""Numbers and their texts: `number->string string->number parse-int parse-float parse-number`.

Owns the conversions a program asks for. A failed one gives nil, or the default that was given. The syntax
is in `sxpy/primitives/number_syntax.py`.
"""

from __future__ import annotations

import math
from typing import Any

from sxpy.data import is_number
from sxpy.errors import SxTypeError, SxValueError
from sxpy.lazy import lazy_pattern
from sxpy.primitives.arguments import as_integer
from sxpy.primitives.number_syntax import integer_text, read_number, shown
from sxpy.primitives.numeric import Number, as_real_number, to_float
from sxpy.primitives.registry import primitive
from sxpy.primitives.text import as_string
from sxpy.printer import inspect


@primitive("number->string")
def number_to_string(number: Any, radix: Any = 10) -> str:
    """(number->string x radix?) — the digits of x in a radix from 2 to 36; floats in 10 alone.

    (number->string 42) => "42"
    (number->string 255 16) => "ff"
    (number->string 1/3 2) => "1/11"
    """
    value, base = as_real_number("number->string", number), _radix("number->string", radix)
    if base == 10:
        return inspect(value)
    if type(value) is float:
        raise SxTypeError("number->string: floats have digits in radix 10 only; make it exact first", number)
    top, bottom = value.as_integer_ratio()
    digits = integer_text(top, base)
    return digits if bottom == 1 else f"{digits}/{integer_text(bottom, base)}"


_PREFIXES = {"#x": 16, "#o": 8, "#b": 2, "#d": 10}


@primitive("string->number")
def string_to_number(string: Any, radix: Any = 10) -> Number | None:
    """(string->number s radix?) — the number the whole string denotes; nil when it denotes none.

    The prefixes #x #o #b #d of Scheme override the radix.

    (string->number "42") => 42
    (string->number "1/3") => 1/3
    (string->number "ff" 16) => 255
    (string->number "42px") => nil
    """
    text, base = as_string("string->number", string), _radix("string->number", radix)
    prefix = text[:2].lower()
    if prefix in _PREFIXES:
        return read_number(text[2:], _PREFIXES[prefix])
    return read_number(text, base)


def _radix(who: str, radix: Any) -> int:
    base = as_integer(who, radix, "integer radix")
    if not 2 <= base <= 36:
        raise SxValueError(f"{who}: the radix must be between 2 and 36, got {shown(base)}", radix)
    return base


_INTEGER_PREFIX = lazy_pattern(r"\s*([+-]?[0-9]+)")
_FLOAT_PREFIX = lazy_pattern(r"\s*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)")


@primitive("parse-int")
def parse_int(value: Any, default: Any = None) -> Any:
    """(parse-int s default?) — the integer that the string begins with; the default, nil, when with none.

    A number loses its fraction.

    (parse-int "42px") => 42
    (parse-int " -7") => -7
    (parse-int "x" 7) => 7
    (parse-int "x") => nil
    """
    if type(value) is str:
        found = _INTEGER_PREFIX.match(value)
        return default if found is None else read_number(found[1])
    if is_number(value) and not (type(value) is float and not math.isfinite(value)):
        return math.trunc(value)
    return default


@primitive("parse-float")
def parse_float(value: Any, default: Any = None) -> Any:
    """(parse-float s default?) — the float that the string begins with; the default, nil, when with none.

    (parse-float "2.5em") => 2.5
    (parse-float "42") => 42.0
    (parse-float "x" 0.0) => 0.0
    """
    if type(value) is str:
        found = _FLOAT_PREFIX.match(value)
        return default if found is None else float(found[1])
    return to_float(value) if is_number(value) else default


@primitive("parse-number")
def parse_number(value: Any, default: Any = None) -> Any:
    """(parse-number s default?) — the number that the string is, white space around it aside.

    (parse-number " 42 ") => 42
    (parse-number "2.5") => 2.5
    (parse-number "42px" 0) => 0
    """
    if type(value) is str:
        number = read_number(value.strip())
        return default if number is None else number
    return value if is_number(value) else default
