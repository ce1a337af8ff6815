"""Regular expressions: matching, searching, replacing and splitting, in bounded time.

Owns the primitives; the pattern comes first, as text or compiled. The syntax is that of Python's `re`
(https://docs.python.org/3/library/re.html#regular-expression-syntax). `sxpy/regex` says how time is
bounded: a match takes time in proportion to the text, or, for the few patterns where nobody knows how,
is refused before it begins.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from sxpy.data import Dict, List, Regex, from_list
from sxpy.errors import SxValueError
from sxpy.primitives.arguments import as_integer
from sxpy.primitives.registry import expected, primitive
from sxpy.primitives.text import as_string, refuse_length
from sxpy.regex import Match, Pattern

_compiled = lru_cache(maxsize=256)(Pattern)
"""Compiled patterns by text: a program that gives text in a loop compiles it once."""


def _pattern(who: str, value: Any) -> Pattern:
    if type(value) is str:
        return _compiled(value)
    if type(value) is Regex:
        pattern: Pattern = value.compiled
        return pattern
    raise expected(who, "pattern (string or regex)", value)


# -- patterns --------------------------------------------------------------------------------------


@primitive("regex-compile", "make-regex")
def regex_compile(source: Any, flags: Any = "") -> Regex:
    """(regex-compile pattern flags?) — the pattern as a value.

    Flags are letters: i without regard to case, m ^ and $ at every line, s the dot takes newlines too,
    x white space and comments in the pattern are left out, a \\\\w \\\\d \\\\s \\\\b are ASCII.

    (regex-match? (regex-compile "HELLO" "i") "hello") => true
    """
    text, letters = as_string("regex-compile", source), as_string("regex-compile", flags, "string of flags")
    return Regex(text, letters, Pattern(text, letters))


@primitive("regex?")
def regex_p(value: Any) -> bool:
    """(regex? x) — whether x is a compiled pattern.

    (regex? (regex-compile "a")) => true
    (regex? "a") => false
    """
    return type(value) is Regex


@primitive("regex-source")
def regex_source(regex: Any) -> str:
    """(regex-source r) — the text the pattern was compiled from.

    (regex-source (regex-compile "a+" "i")) => "a+"
    """
    if type(regex) is Regex:
        return regex.source
    raise expected("regex-source", "regex", regex)


@primitive("regex-flags")
def regex_flags(regex: Any) -> str:
    """(regex-flags r) — the flags the pattern was compiled with.

    (regex-flags (regex-compile "a+" "i")) => "i"
    """
    if type(regex) is Regex:
        return regex.flags
    raise expected("regex-flags", "regex", regex)


@primitive("regex-escape")
def regex_escape(string: Any) -> str:
    """(regex-escape s) — a pattern that matches the very text.

    (regex-match? (regex-escape "a.b") "axb") => false
    """
    return re.escape(as_string("regex-escape", string))


# -- matching --------------------------------------------------------------------------------------


@primitive("regex-match?")
def regex_match_p(pattern: Any, string: Any) -> bool:
    """(regex-match? pattern s) — whether the pattern matches anywhere in the string; see ^ and $.

    (regex-match? "[0-9]+" "abc 123") => true
    (regex-match? "^[0-9]+$" "abc 123") => false
    """
    compiled, text = _pattern("regex-match?", pattern), as_string("regex-match?", string)
    return compiled.search(text) is not None


@primitive("regex-match")
def regex_match(pattern: Any, string: Any) -> List | None:
    """(regex-match pattern s) — the first match: its text, then that of each group; nil when there is none.

    A group that took no part is nil.

    (regex-match "([a-z]+)@([a-z]+)" "to ann@home") => ("ann@home" "ann" "home")
    (regex-match "x" "abc") => nil
    """
    compiled, text = _pattern("regex-match", pattern), as_string("regex-match", string)
    found = compiled.search(text)
    return None if found is None else from_list(found.groups())


@primitive("regex-match-groups")
def regex_match_groups(pattern: Any, string: Any) -> Dict | None:
    """(regex-match-groups pattern s) — the named groups, (?P<name>…), of the first match; nil without one.

    (regex-match-groups "(?P<key>\\\\w+)=(?P<value>\\\\w+)" "a=1") => {:key "a" :value "1"}
    """
    compiled, text = _pattern("regex-match-groups", pattern), as_string("regex-match-groups", string)
    found = compiled.search(text)
    if found is None:
        return None
    return Dict({name: found.group(index) for name, index in compiled.names.items()})


@primitive("regex-index")
def regex_index(pattern: Any, string: Any) -> int:
    """(regex-index pattern s) — where the first match begins; -1 when there is none.

    (regex-index "[0-9]" "abc1") => 3
    """
    found = _pattern("regex-index", pattern).search(as_string("regex-index", string))
    return -1 if found is None else found.spans[0][0]


@primitive("regex-find-all")
def regex_find_all(pattern: Any, string: Any) -> List:
    """(regex-find-all pattern s) — the texts of all matches, from left to right without overlaps.

    (regex-find-all "[0-9]+" "1 and 22") => ("1" "22")
    """
    compiled, text = _pattern("regex-find-all", pattern), as_string("regex-find-all", string)
    return from_list([found.group(0) for found in compiled.matches(text)])


@primitive("regex-match-all")
def regex_match_all(pattern: Any, string: Any) -> List:
    """(regex-match-all pattern s) — all matches, each a list as `regex-match` gives it.

    (regex-match-all "(\\\\w)=(\\\\w)" "a=1 b=2") => (("a=1" "a" "1") ("b=2" "b" "2"))
    """
    compiled, text = _pattern("regex-match-all", pattern), as_string("regex-match-all", string)
    return from_list([from_list(found.groups()) for found in compiled.matches(text)])


# -- replacing and splitting -----------------------------------------------------------------------


@primitive("regex-replace", "regex-replace-all")
def regex_replace(pattern: Any, string: Any, replacement: Any) -> str:
    """(regex-replace pattern s replacement) — the string with every match replaced.

    In the replacement $1 … $99 or \\\\1 are groups, $0 or $& the whole match, ${name} a named group (a group
    that took no part is nothing), and $$ is a dollar sign, \\\\\\\\ a backslash.

    (regex-replace "[0-9]+" "a1b22" "#") => "a#b#"
    (regex-replace "(\\\\w+) (\\\\w+)" "hello world" "$2 $1") => "world hello"
    """
    return _replaced("regex-replace", pattern, string, replacement, None)


@primitive("regex-replace-first")
def regex_replace_first(pattern: Any, string: Any, replacement: Any) -> str:
    """(regex-replace-first pattern s replacement) — as `regex-replace`, the first match only.

    (regex-replace-first "[0-9]+" "a1b22" "#") => "a#b22"
    """
    return _replaced("regex-replace-first", pattern, string, replacement, 1)


def _replaced(who: str, pattern: Any, string: Any, replacement: Any, most: int | None) -> str:
    compiled, text = _pattern(who, pattern), as_string(who, string)
    template = _template(who, as_string(who, replacement, "string as replacement"), compiled)
    pieces: list[str] = []
    at = length = 0
    for count, found in enumerate(compiled.matches(text)):
        if count == most:
            break
        start, end = found.spans[0]
        pieces.append(text[at:start])
        inserted = _filled(template, found)
        length += len(inserted)
        refuse_length(who, length)
        pieces.append(inserted)
        at = end
    pieces.append(text[at:])
    return "".join(pieces)


_REFERENCE = re.compile(r"\$(?:([0-9]{1,2})|(&)|(\$)|\{(\w+)\})|\\(?:([0-9]{1,2})|(\\))")


def _template(who: str, text: str, pattern: Pattern) -> list[str | int]:
    """The replacement as plain text and group numbers, in turn."""
    parts: list[str | int] = []
    at = 0
    for found in _REFERENCE.finditer(text):
        number, whole, dollar, name, backslashed, backslash = found.groups()
        parts.append(text[at : found.start()])
        at = found.end()
        if dollar or backslash:
            parts.append(found[0][0])
            continue
        digits = number or backslashed or (name if name and name.isdecimal() else None)
        index = 0 if whole else int(digits) if digits else pattern.names.get(name, -1)
        if not 0 <= index <= pattern.groups:
            raise SxValueError(
                f"{who}: the replacement names {found[0]}, a group the pattern does not have", text
            )
        parts.append(index)
    parts.append(text[at:])
    return parts


def _filled(template: list[str | int], match: Match) -> str:
    return "".join([part if isinstance(part, str) else match.group(part) or "" for part in template])


@primitive("regex-split")
def regex_split(pattern: Any, string: Any, limit: Any = None) -> List:
    """(regex-split pattern s limit?) — the parts between the matches, at most `limit` of them.

    Matches of nothing do not split.

    (regex-split "[,;] *" "a, b;c") => ("a" "b" "c")
    """
    compiled, text = _pattern("regex-split", pattern), as_string("regex-split", string)
    most = None if limit is None else as_integer("regex-split", limit, "integer limit")
    if most is not None and most < 1:
        raise SxValueError("regex-split: the limit must be 1 or more", limit)
    parts: list[str] = []
    at = 0
    for found in compiled.matches(text):
        if most is not None and len(parts) + 1 >= most:
            break
        start, end = found.spans[0]
        if start < end:
            parts.append(text[at:start])
            at = end
    parts.append(text[at:])
    return from_list(parts)
