"""Text for people and for markup: `format`, padding, plurals, escaping.

Owns templates and what makes text fit a place: a column, a sentence, a page of HTML, a string literal.
Next: `sxpy/primitives/output.py`.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sxpy.errors import SxValueError
from sxpy.primitives.arguments import as_integer
from sxpy.primitives.number_syntax import integer_text
from sxpy.primitives.numeric import as_number, as_real_number, as_whole
from sxpy.primitives.registry import primitive
from sxpy.primitives.text import as_name, as_string, as_text, refuse_length
from sxpy.printer import inspect, show

# -- templates -------------------------------------------------------------------------------------

_DIRECTIVE = re.compile(r"~(?:([0-9]*)(?:,([0-9]+))?([a-zA-Z%~\n]))?")

MOST_PLACES = 10_000
"""More decimal places or columns than this in a directive are refused."""


@primitive("format")
def format_(template: Any, *arguments: Any) -> str:
    """(format template x …) — the template with its directives replaced (SRFI 28, with more directives).

    With an argument each: ~a as `str` shows it, ~s as `inspect` writes it, ~d ~b ~o ~x an integer in radix
    10, 2, 8, 16, ~f a decimal number (~8,2f: at least 8 wide, 2 places), ~c a char. Without: ~% or ~n a
    newline, ~t a tab, ~~ a tilde. Another directive, and too few or too many arguments, are errors.

    (format "~a and ~s" "x" "y") => "x and \\"y\\""
    (format "~d is ~b" 5 5) => "5 is 101"
    (format "~,2f" 3.14159) => "3.14"
    """
    text = as_string("format", template, "template string")
    rest = iter(arguments)
    result = _DIRECTIVE.sub(lambda found: _directive(found, rest), text)
    left = len(list(rest))
    if left:
        raise SxValueError(
            f"format: {left} arguments more than {inspect(text)} has directives for", *arguments
        )
    return result


def _directive(found: re.Match[str], arguments: Iterator[Any]) -> str:
    width, places, letter = found[1], found[2], (found[3] or "").lower()
    if letter in _PLAIN and not width and not places:
        return _PLAIN[letter]
    write = _WRITERS.get(letter)
    if write is None or (letter != "f" and (width or places)):
        raise SxValueError(f"format: unknown directive {found[0]!r}; use ~a ~s ~d ~b ~o ~x ~f ~c ~% ~n ~t ~~")
    try:
        argument = next(arguments)
    except StopIteration:
        raise SxValueError(f"format: no argument is left for {found[0]!r}") from None
    if letter != "f":
        return write(argument)
    if int(width or 0) > MOST_PLACES or int(places or 0) > MOST_PLACES:
        raise SxValueError(f"format: more than {MOST_PLACES} places or columns in {found[0]!r}")
    return _fixed(argument, None if places is None else int(places)).rjust(int(width or 0))


def _in_radix(radix: int) -> Callable[[Any], str]:
    return lambda value: integer_text(int(as_whole("format", value)), radix)


_PLAIN = {"%": "\n", "n": "\n", "t": "\t", "~": "~"}
_WRITERS: dict[str, Callable[[Any], str]] = {
    "a": show,
    "s": inspect,
    "d": lambda value: inspect(as_number(value)),
    "b": _in_radix(2),
    "o": _in_radix(8),
    "x": _in_radix(16),
    "c": lambda value: as_text("format", value),
    "f": show,
}


def _fixed(value: Any, places: int | None) -> str:
    """The number in decimal notation without an exponent; rounded to `places` when they are given."""
    number = as_number(value)
    if type(number) is float and not math.isfinite(number):
        return inspect(number)
    if places is None:
        return format(Decimal(repr(number)), "f") if type(number) is float else inspect(number)
    scaled = round(Fraction(number) * 10**places)
    digits = integer_text(abs(scaled)).rjust(places + 1, "0")
    point = len(digits) - places
    sign = "-" if number < 0 else ""
    return f"{sign}{digits[:point]}.{digits[point:]}" if places else sign + digits


# -- columns ---------------------------------------------------------------------------------------


@primitive("pad-left")
def pad_left(value: Any, width: Any, fill: Any = " ") -> str:
    """(pad-left x width fill?) — the text of x with fill before it, until it is `width` long.

    (pad-left "7" 3 "0") => "007"
    (pad-left "long" 2) => "long"
    """
    text, padding = _padding("pad-left", value, width, fill)
    return padding + text


@primitive("pad-right")
def pad_right(value: Any, width: Any, fill: Any = " ") -> str:
    """(pad-right x width fill?) — the text of x with fill after it, until it is `width` long.

    (pad-right "ab" 4 ".") => "ab.."
    """
    text, padding = _padding("pad-right", value, width, fill)
    return text + padding


def _padding(who: str, value: Any, width: Any, fill: Any) -> tuple[str, str]:
    text, piece = show(value), as_text(who, fill)
    columns = as_integer(who, width, "integer width")
    missing = max(0, columns - len(text))
    refuse_length(who, columns)
    if not piece:
        raise SxValueError(f"{who}: the text to fill with is empty", fill)
    return text, (piece * (missing // len(piece) + 1))[:missing]


@primitive("pluralize")
def pluralize(count: Any, singular: Any = None, plural: Any = None) -> str:
    """(pluralize n singular? plural?) — the form that goes with n: the singular when n is 1.

    The plural is the singular with "s" when it is not given; without both, the ending alone.

    (pluralize 1 "item") => "item"
    (pluralize 3 "item") => "items"
    (pluralize 2 "child" "children") => "children"
    (str "file" (pluralize 2)) => "files"
    """
    one = "" if singular is None else as_string("pluralize", singular)
    if as_real_number("pluralize", count) == 1:
        return one
    return one + "s" if plural is None else as_string("pluralize", plural)


# -- markup and literals ---------------------------------------------------------------------------


@primitive("strip-tags")
def strip_tags(string: Any) -> str:
    """(strip-tags s) — without what stands between < and >; a < that is never closed stays.

    It makes text readable. It makes nothing safe: use `escape` for what goes into HTML.

    (strip-tags "<b>bold</b> text") => "bold text"
    """
    text = as_string("strip-tags", string)
    kept: list[str] = []
    at = 0
    while (start := text.find("<", at)) >= 0 and (end := text.find(">", start)) >= 0:
        kept.append(text[at:start])
        at = end + 1
    kept.append(text[at:])
    return "".join(kept)


@primitive("escape", "escape-html")
def escape(value: Any) -> str:
    """(escape x) — the text of x for HTML, in an element or a quoted attribute: & < > " ' as entities.

    (escape "<a & b>") => "&lt;a &amp; b&gt;"
    """
    return html.escape(show(value), quote=True)


@primitive("escape-string")
def escape_string(value: Any) -> str:
    """(escape-string s) — the text of s for a string literal, the quotes around it left out.

    (escape-string "a\\"b") => "a\\\\\\"b"
    """
    return inspect(as_name("escape-string", value))[1:-1]
