"""Characters: code points, case, classes and comparison (R7RS 6.6).

Owns the primitives of chars alone. A char is no one-character string: `(nth "abc" 1)` is a string,
`(string-ref "abc" 1)` a char. Next: `sxpy/primitives/strings.py`.
"""

from __future__ import annotations

import operator
import unicodedata
from collections.abc import Callable
from typing import Any

from sxpy.data import Char
from sxpy.errors import SxValueError
from sxpy.primitives.arguments import as_integer
from sxpy.primitives.number_syntax import shown
from sxpy.primitives.registry import primitive
from sxpy.primitives.text import as_char


def char_of_code(who: str, code: Any) -> Char:
    """The char of a code point. Raises SxValueError for integers that are no Unicode scalar value."""
    value = as_integer(who, code, "code point")
    if not 0 <= value <= 0x10FFFF or 0xD800 <= value <= 0xDFFF:
        raise SxValueError(f"{who}: {shown(value)} is no Unicode character", code)
    return Char(value)


@primitive("char->integer")
def code_of(char: Any) -> int:
    """(char->integer c) — the code point of the char.

    (char->integer #\\a) => 97
    """
    return as_char("char->integer", char).code


@primitive("integer->char", "make-char")
def char_from_integer(code: Any) -> Char:
    """(integer->char n) — the char of the code point n.

    (integer->char 65) => #\\A
    """
    return char_of_code("integer->char", code)


@primitive("char->string")
def char_to_string(char: Any) -> str:
    """(char->string c) — the string of the one char.

    (char->string #\\a) => "a"
    """
    return chr(as_char("char->string", char).code)


def _mapped(who: str, char: Any, mapping: Callable[[str], str]) -> Char:
    """The char that `mapping` makes of it; itself when that is more than one (`ß` in upper case)."""
    given = as_char(who, char)
    result = mapping(chr(given.code))
    return Char(ord(result)) if len(result) == 1 else given


@primitive("char-upcase")
def char_upcase(char: Any) -> Char:
    """(char-upcase c) — the char in upper case.

    (char-upcase #\\a) => #\\A
    """
    return _mapped("char-upcase", char, str.upper)


@primitive("char-downcase")
def char_downcase(char: Any) -> Char:
    """(char-downcase c) — the char in lower case.

    (char-downcase #\\A) => #\\a
    """
    return _mapped("char-downcase", char, str.lower)


@primitive("char-foldcase")
def char_foldcase(char: Any) -> Char:
    """(char-foldcase c) — the char as it is compared without regard to case.

    (char-foldcase #\\A) => #\\a
    """
    return _mapped("char-foldcase", char, str.casefold)


@primitive("char-alphabetic?")
def alphabetic_p(char: Any) -> bool:
    """(char-alphabetic? c) — whether the char is a letter of any script.

    (char-alphabetic? #\\a) => true
    (char-alphabetic? #\\1) => false
    """
    return chr(as_char("char-alphabetic?", char).code).isalpha()


@primitive("char-numeric?")
def numeric_p(char: Any) -> bool:
    """(char-numeric? c) — whether the char is a decimal digit of any script.

    (char-numeric? #\\7) => true
    """
    return chr(as_char("char-numeric?", char).code).isdecimal()


@primitive("char-whitespace?")
def whitespace_p(char: Any) -> bool:
    """(char-whitespace? c) — whether the char is white space.

    (char-whitespace? #\\space) => true
    """
    return chr(as_char("char-whitespace?", char).code).isspace()


@primitive("char-upper-case?")
def upper_case_p(char: Any) -> bool:
    """(char-upper-case? c) — whether the char is an upper-case letter.

    (char-upper-case? #\\A) => true
    """
    return chr(as_char("char-upper-case?", char).code).isupper()


@primitive("char-lower-case?")
def lower_case_p(char: Any) -> bool:
    """(char-lower-case? c) — whether the char is a lower-case letter.

    (char-lower-case? #\\a) => true
    """
    return chr(as_char("char-lower-case?", char).code).islower()


@primitive("digit-value")
def digit_value(char: Any) -> Any:
    """(digit-value c) — the value of a decimal digit of any script; false for other chars.

    (digit-value #\\7) => 7
    (digit-value #\\a) => false
    """
    return unicodedata.decimal(chr(as_char("digit-value", char).code), False)


# -- comparison ------------------------------------------------------------------------------------

_ORDERS: tuple[tuple[str, str, Callable[[Any, Any], bool]], ...] = (
    ("=", "all are equal", operator.eq),
    ("<", "each is below the next", operator.lt),
    (">", "each is above the next", operator.gt),
    ("<=", "none is above the next", operator.le),
    (">=", "none is below the next", operator.ge),
)
"""What the comparisons of chars and of strings have in common: sign, meaning, test of two neighbours."""


def define_orders(home: str, kind: str, remark: str, samples: str, key: Callable[[str, Any], Any]) -> None:
    """Register the five comparisons `KIND=?` … `KIND>=?`; `key` checks an argument and gives its rank.

    `home` is the module that they belong to. `samples` are the arguments of the example; the first is below
    the second.
    """
    for sign, meaning, compare in _ORDERS:
        name, holds = f"{kind}{sign}?", "true" if sign in ("<", "<=") else "false"
        doc = f"({name} a b …) — whether {meaning}{remark}.\n\n({name} {samples}) => {holds}"
        _define_order(home, name, doc, compare, key)


def _define_order(
    home: str, name: str, doc: str, compare: Callable[[Any, Any], bool], key: Callable[[str, Any], Any]
) -> None:
    def holds(first: Any, *others: Any) -> bool:
        ranks = [key(name, value) for value in (first, *others)]
        return all(map(compare, ranks, ranks[1:]))

    holds.__doc__ = doc
    primitive(name, home=home)(holds)


define_orders(__name__, "char", ", by code point", "#\\a #\\b", lambda who, char: as_char(who, char).code)
define_orders(
    __name__,
    "char-ci",
    ", without regard to case",
    "#\\a #\\B",
    lambda who, char: chr(as_char(who, char).code).casefold(),
)
