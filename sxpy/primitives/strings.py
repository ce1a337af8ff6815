"""Strings: making, measuring, cutting, changing and searching them.

Owns the primitives of strings alone; those that mean the same for lists (`len nth slice index-of reverse
contains? concat`) are in `sxpy/primitives/access.py`. Strings are immutable, and every length and index
counts code points. Next: `sxpy/primitives/formatting.py`.
"""

from __future__ import annotations

from typing import Any

from sxpy.data import Char, List, Vector, from_list
from sxpy.errors import SxValueError
from sxpy.primitives.arguments import as_integer, as_items, as_range
from sxpy.primitives.chars import char_of_code, define_orders
from sxpy.primitives.number_syntax import shown
from sxpy.primitives.registry import primitive
from sxpy.primitives.text import MOST_CHARS, as_char, as_string, as_text, refuse_length
from sxpy.printer import show

# -- making ----------------------------------------------------------------------------------------


@primitive("str")
def str_(*values: Any) -> str:
    """(str x …) — the texts of the values as one: strings bare, nil as nothing, others as `inspect`.

    (str "a" 1 nil "b") => "a1b"
    (str (list "a" 1)) => "(\\"a\\" 1)"
    """
    return "".join([value if type(value) is str else show(value) for value in values])


@primitive("string-append")
def string_append(*strings: Any) -> str:
    """(string-append s …) — the strings as one.

    (string-append "ab" "c") => "abc"
    """
    return "".join([as_string("string-append", string) for string in strings])


@primitive("string")
def string_of(*chars: Any) -> str:
    """(string c …) — the string of the chars; strings among them are taken whole.

    (string #\\a #\\b) => "ab"
    """
    return "".join([as_text("string", char) for char in chars])


@primitive("make-string")
def make_string(length: Any, char: Any = None) -> str:
    """(make-string n c?) — n times the char, a space by default.

    (make-string 3 #\\z) => "zzz"
    """
    count = _count("make-string", length)
    fill = " " if char is None else chr(as_char("make-string", char).code)
    refuse_length("make-string", count)
    return fill * count


@primitive("repeat")
def repeat(string: Any, times: Any) -> str:
    """(repeat s n) — n times the string.

    (repeat "ab" 3) => "ababab"
    """
    text, count = as_string("repeat", string), _count("repeat", times)
    refuse_length("repeat", len(text) * count)
    return text * count


def _count(who: str, value: Any) -> int:
    count = as_integer(who, value, "integer count")
    if count < 0:
        raise SxValueError(f"{who}: expected a count of 0 or more, got {shown(count)}", value)
    return count if count <= MOST_CHARS else MOST_CHARS + 1


@primitive("string-copy")
def string_copy(string: Any, start: Any = 0, end: Any = None) -> str:
    """(string-copy s start? end?) — the part from start up to end (R7RS 6.7).

    (string-copy "hello" 1 3) => "el"
    """
    text = as_string("string-copy", string)
    low, high = as_range("string-copy", start, end, len(text))
    return text[low:high]


@primitive("list->string")
def list_to_string(chars: Any) -> str:
    """(list->string xs) — the string of a list of chars or strings.

    (list->string (list #\\a #\\b)) => "ab"
    """
    return "".join([as_text("list->string", char) for char in as_items("list->string", chars)])


@primitive("string->list")
def string_to_list(string: Any, start: Any = 0, end: Any = None) -> List:
    """(string->list s start? end?) — the chars from start up to end (R7RS 6.7).

    (string->list "ab") => (#\\a #\\b)
    """
    text = as_string("string->list", string)
    low, high = as_range("string->list", start, end, len(text))
    return from_list([Char(ord(char)) for char in text[low:high]])


# -- measuring and cutting -------------------------------------------------------------------------


@primitive("string-length")
def string_length(string: Any) -> int:
    """(string-length s) — how many characters.

    (string-length "abc") => 3
    """
    return len(as_string("string-length", string))


@primitive("string-null?")
def string_null_p(string: Any) -> bool:
    """(string-null? s) — whether the string is empty.

    (string-null? "") => true
    """
    return not as_string("string-null?", string)


@primitive("blank?")
def blank_p(string: Any) -> bool:
    """(blank? s) — whether the string is nil, empty, or white space alone.

    (blank? " \\n") => true
    (blank? "a") => false
    """
    return string is None or not as_string("blank?", string).strip()


@primitive("string-ref")
def string_ref(string: Any, index: Any) -> Char:
    """(string-ref s i) — the char at index i; outside it is an error (R7RS 6.7).

    (string-ref "abc" 1) => #\\b
    """
    text = as_string("string-ref", string)
    low, _ = as_range("string-ref", index, None, len(text))
    if low == len(text):
        raise SxValueError(f"string-ref: index {low} is out of range for length {low}", index)
    return Char(ord(text[low]))


@primitive("char-at")
def char_at(string: Any, index: Any) -> str | None:
    """(char-at s i) — the one-character string at index i; nil outside.

    (char-at "abc" 1) => "b"
    (char-at "abc" 3) => nil
    """
    text, at = as_string("char-at", string), as_integer("char-at", index, "integer index")
    return text[at] if 0 <= at < len(text) else None


@primitive("char-code")
def char_code(string: Any, index: Any = 0) -> int:
    """(char-code s i?) — the code point at index i, 0 by default; outside it is an error.

    (char-code "A") => 65
    """
    text, at = as_text("char-code", string), as_integer("char-code", index, "integer index")
    if not 0 <= at < len(text):
        raise SxValueError(f"char-code: index {shown(at)} is out of range for length {len(text)}", string)
    return ord(text[at])


@primitive("char-from-code")
def char_from_code(code: Any) -> str:
    """(char-from-code n) — the one-character string of the code point n.

    (char-from-code 65) => "A"
    """
    return chr(char_of_code("char-from-code", code).code)


@primitive("substring")
def substring(string: Any, start: Any, end: Any = None) -> str:
    """(substring s start end?) — the part from start up to end; outside it is an error, see `slice`.

    (substring "hello" 1 3) => "el"
    """
    text = as_string("substring", string)
    low, high = as_range("substring", start, end, len(text))
    return text[low:high]


@primitive("trim")
def trim(string: Any) -> str:
    """(trim s) — without white space at both ends.

    (trim "  a ") => "a"
    """
    return as_string("trim", string).strip()


@primitive("trim-left", "triml")
def trim_left(string: Any) -> str:
    """(trim-left s) — without white space at the start.

    (trim-left "  a ") => "a "
    """
    return as_string("trim-left", string).lstrip()


@primitive("trim-right", "trimr")
def trim_right(string: Any) -> str:
    """(trim-right s) — without white space at the end.

    (trim-right "  a ") => "  a"
    """
    return as_string("trim-right", string).rstrip()


@primitive("split")
def split(string: Any, separator: Any = None, limit: Any = None) -> List:
    """(split s sep? limit?) — the parts between the separators, at most `limit` of them.

    Without a separator the words between white space; with "" the single characters.

    (split "a,b" ",") => ("a" "b")
    (split "a,b,c" "," 2) => ("a" "b,c")
    (split " a  b ") => ("a" "b")
    (split "abc" "") => ("a" "b" "c")
    """
    text = as_string("split", string)
    most = -1
    if limit is not None:
        most = as_integer("split", limit, "integer limit") - 1
        if most < 0:
            raise SxValueError("split: the limit must be 1 or more", limit)
        most = min(most, len(text) + 1)
    if separator is None:
        return from_list(text.split(None, most))
    between = as_text("split", separator)
    if between:
        return from_list(text.split(between, most))
    if most < 0 or most >= len(text):
        return from_list(list(text))
    return from_list([*text[:most], text[most:]])


@primitive("split-lines", "lines")
def split_lines(string: Any) -> List:
    """(split-lines s) — the lines, without their ends (\\\\n, \\\\r\\\\n or \\\\r).

    (split-lines "a\\nb\\n") => ("a" "b")
    """
    text = as_string("split-lines", string).replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    return from_list(lines[:-1] if not lines[-1] else lines)


# -- joining ---------------------------------------------------------------------------------------


@primitive("join")
def join(separator: Any, values: Any) -> str:
    """(join sep xs) — the texts of the items, as `str` shows them, with the separator between them.

    (join "," (list "a" "b")) => "a,b"
    (join "-" (list 1 2 3)) => "1-2-3"
    """
    between = as_text("join", separator)
    items = values.items if type(values) is Vector else as_items("join", values)
    texts = [value if type(value) is str else show(value) for value in items]
    refuse_length("join", sum(map(len, texts)) + len(between) * len(texts))
    return between.join(texts)


@primitive("string-join")
def string_join(strings: Any, separator: Any = " ") -> str:
    """(string-join xs sep?) — the strings of the list with the separator, a space by default (SRFI 130).

    (string-join (list "a" "b") ", ") => "a, b"
    """
    for string in as_items("string-join", strings):
        as_string("string-join", string)
    return join(separator, strings)


# -- changing --------------------------------------------------------------------------------------


@primitive("upper", "upcase", "string-upcase", "upper-case")
def upper(string: Any) -> str:
    """(upper s) — in upper case.

    (upper "abc") => "ABC"
    """
    return as_string("upper", string).upper()


@primitive("lower", "downcase", "string-downcase", "lower-case")
def lower(string: Any) -> str:
    """(lower s) — in lower case.

    (lower "ABC") => "abc"
    """
    return as_string("lower", string).lower()


@primitive("string-foldcase")
def foldcase(string: Any) -> str:
    """(string-foldcase s) — as it is compared without regard to case.

    (string-foldcase "Ab") => "ab"
    """
    return as_string("string-foldcase", string).casefold()


@primitive("capitalize")
def capitalize(string: Any) -> str:
    """(capitalize s) — the first character in upper case, the others in lower case.

    (capitalize "hELLO") => "Hello"
    """
    return as_string("capitalize", string).capitalize()


@primitive("string-reverse")
def string_reverse(string: Any) -> str:
    """(string-reverse s) — the characters in opposite order.

    (string-reverse "abc") => "cba"
    """
    return as_string("string-reverse", string)[::-1]


@primitive("replace")
def replace(string: Any, old: Any, new: Any) -> str:
    """(replace s old new) — the string with every part that is `old` replaced by `new`; see `regex-replace`.

    (replace "a-b-c" "-" "+") => "a+b+c"
    """
    return _replaced("replace", string, old, new, -1)


@primitive("replace-first")
def replace_first(string: Any, old: Any, new: Any) -> str:
    """(replace-first s old new) — the string with the first part that is `old` replaced by `new`.

    (replace-first "a-b-c" "-" "+") => "a+b-c"
    """
    return _replaced("replace-first", string, old, new, 1)


def _replaced(who: str, string: Any, old: Any, new: Any, most: int) -> str:
    text, part, other = as_string(who, string), as_text(who, old), as_text(who, new)
    if len(other) > len(part):
        refuse_length(who, len(text) + (text.count(part) + 1) * (len(other) - len(part)))
    return text.replace(part, other, most)


# -- searching -------------------------------------------------------------------------------------


@primitive("starts-with?")
def starts_with_p(string: Any, prefix: Any) -> bool:
    """(starts-with? s prefix) — whether the string begins with the prefix.

    (starts-with? "hello" "he") => true
    """
    return as_string("starts-with?", string).startswith(as_text("starts-with?", prefix))


@primitive("ends-with?")
def ends_with_p(string: Any, suffix: Any) -> bool:
    """(ends-with? s suffix) — whether the string ends with the suffix.

    (ends-with? "hello" "lo") => true
    """
    return as_string("ends-with?", string).endswith(as_text("ends-with?", suffix))


@primitive("string-contains?", "includes?")
def string_contains_p(string: Any, part: Any) -> bool:
    """(string-contains? s part) — whether the part is in the string.

    (string-contains? "hello" "ell") => true
    """
    return as_text("string-contains?", part) in as_string("string-contains?", string)


@primitive("string-index", "string-search")
def string_index(string: Any, part: Any, start: Any = 0) -> Any:
    """(string-index s part start?) — where the char or string first is, from start on; else false.

    `index-of` is the same with -1 for absent.

    (string-index "hello" #\\l) => 2
    (string-index "hello" "z") => false
    """
    text = as_string("string-index", string)
    low, _ = as_range("string-index", start, None, len(text))
    at = text.find(as_text("string-index", part), low)
    return False if at < 0 else at


@primitive("string-index-right")
def string_index_right(string: Any, part: Any) -> Any:
    """(string-index-right s part) — where the char or string last is; else false.

    (string-index-right "hello" #\\l) => 3
    """
    at = as_string("string-index-right", string).rfind(as_text("string-index-right", part))
    return False if at < 0 else at


@primitive("string-count")
def string_count(string: Any, part: Any) -> int:
    """(string-count s part) — how often the char or string is in it, without overlaps.

    (string-count "banana" "an") => 2
    """
    text, sought = as_string("string-count", string), as_text("string-count", part)
    if not sought:
        raise SxValueError("string-count: the part to count is empty", part)
    return text.count(sought)


define_orders(__name__, "string", ", by code point", '"a" "b"', as_string)
define_orders(
    __name__,
    "string-ci",
    ", without regard to case",
    '"a" "B"',
    lambda who, string: as_string(who, string).casefold(),
)
