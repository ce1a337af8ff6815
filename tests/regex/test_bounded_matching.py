"""Regular expressions: the same matches as `re`, in bounded time."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sxpy.errors import SxValueError
from sxpy.regex import Pattern
from sxpy.regex.cost import search_steps
from sxpy.regex.matcher import Matcher, Spans
from sxpy.regex.pattern import BUDGET
from sxpy.regex.program import assemble
from sxpy.regex.syntax import parse


def matches(source: str, flags: int, text: str) -> Iterator[Spans]:
    """All matches by the matcher of the package, whatever the pattern would cost `re`."""
    matcher = Matcher(assemble(parse(source, flags)), re.compile(source, flags).groups, text)
    start, advance = 0, False
    while (spans := matcher.search(start, advance=advance)) is not None:
        yield spans
        begin, start = spans[0]
        advance = begin == start


SOURCES = [
    r"a",
    r"abc",
    r"a|ab|abc",
    r"(a)(b)?",
    r"a*",
    r"a+?",
    r"(a*)(a*)",
    r"(a|b)*c",
    r"(?:ab|a)(?:bc|c)?",
    r"a{2,3}",
    r"a{2,}?",
    r"^a",
    r"a$",
    r"\ba",
    r"\Ba",
    r"(?m)^a$",
    r"(?i)AB",
    r"(?s).b",
    r".b",
    r"[^a]",
    r"\w+\s*",
    r"(\w+)=(\d*)",
    r"(a*)*",
    r"(a*)+",
    r"(a|b*)*",
    r"((a)|(b))*",
    r"(a?)*?b",
    r"(?:a*)*b",
    r"(a*?)*",
    r"((a*)*)*",
    r"(a+)+b",
    r"(?:a|a)*b",
    r"(|a)*",
    r"(a|)+",
    r"()*a",
    r"x?(?P<n>a)",
    r"(?:(a)|b)*",
    r"(?:a?){3}",
    r"(a?){2,4}b",
    r"(?:^|a)+b",
    r"(?:$|b)*",
    r"(?i:a)B",
    r"(ab?)*",
    r"(a(?:b,?)*)*b",
]

TEXTS = [
    "",
    "a",
    "b",
    "ab",
    "aab",
    "abab",
    "aaa b=12 ",
    "abcabc\nab",
    "AB aB",
    "bbb",
    "a=1, b=22",
    "xaxa",
    "é\na",
]


@pytest.mark.parametrize("source", ["", *SOURCES])
def test_matcher_agrees_with_re(source: str) -> None:
    for text in TEXTS:
        assert list(matches(source, 0, text)) == [found.regs for found in re.finditer(source, text)], text


def patterns() -> st.SearchStrategy[str]:
    leaves = st.sampled_from(["a", "b", "c", ".", "[ab]", "[^a]", r"\w", r"\b", "^", "$", ""])
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, min_size=2, max_size=3).map("".join),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: "(?:" + "|".join(parts) + ")"),
            inner.map(lambda part: f"({part})"),
            st.tuples(
                inner, st.sampled_from(["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{2,}", "{0,2}?"])
            ).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
        ),
        max_leaves=6,
    )


@settings(max_examples=400)
@given(patterns(), st.text("abc ", max_size=7))
def test_matcher_finds_what_re_finds_with_all_groups(source: str, text: str) -> None:
    assert list(matches(source, 0, text)) == [found.regs for found in re.finditer(source, text)]


CATASTROPHES = [
    ("(a+)+b", "a" * 5000),
    ("(a|a)*b", "a" * 5000),
    ("(a|aa)+$", "a" * 5000 + "b"),
    (r"(\w+\s*)+!", "word " * 1000),
    ("(x+x+)+y", "x" * 5000),
    (r"^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 3000),
    ("a*a*a*a*a*b", "a" * 3000),
    (r"\s+$", " " * 40000 + "x"),
    ("(.*)*(.*)*(.*)*x", "a" * 1000),
    ("(?:a?){30}a{30}", "a" * 29),
]


@pytest.mark.parametrize(("source", "text"), CATASTROPHES)
def test_catastrophic_patterns_end(source: str, text: str) -> None:
    """Each of these takes `re` minutes to centuries, and ends here with the right answer: no match."""
    assert Pattern(source).search(text) is None


def test_what_cannot_be_bounded_is_refused() -> None:
    found = Pattern(r"(\w+) \1!").search("say no no!")
    assert found is not None
    assert found.groups() == ["no no!", "no"]
    with pytest.raises(SxValueError, match=r"may take too long on 5000 characters.*it has a backreference"):
        Pattern(r"(a+)+\1b").search("a" * 5000)
    with pytest.raises(SxValueError, match="lookaround"):
        Pattern(r"(?:a|a)*(?=b)").search("a" * 5000)
    with pytest.raises(SxValueError, match="more than 20000 instructions"):
        Pattern("(?:a?){30000}b").search("a" * 30000)


def test_many_matches_in_a_long_text_take_linear_work() -> None:
    """Each search of `a.*b|a` runs to the end in vain; what failed is remembered by the next one."""
    text = "a" * 200_000
    assert sum(1 for _ in Pattern("a.*b|a").matches(text)) == len(text)


@pytest.mark.parametrize(
    ("source", "degree"),
    [
        ("abc", 1),
        ("(ab?)*c", 2),
        (r'("[^"]*"\s*,?)*x', 3),
        (r"\w+", 1),
        (r"#\w+", 1),
        ("[a-z]{2,5}x", 1),
        ("a+b", 2),
        (r"(\w+)=(\d+)", 2),
        (r"\w+\w+b", 3),
    ],
)
def test_bound_has_the_right_degree(source: str, degree: int) -> None:
    assert search_steps(parse(source, 0)).degree == degree


@given(st.integers(0, 50))
def test_ambiguous_loops_have_no_bound(length: int) -> None:
    for source in ("(a+)+b", "(a|a)*b", "(a|ab)*c", "(a?)*b", "(.*,)*x"):
        assert search_steps(parse(source, 0)).of(length) > BUDGET


@pytest.mark.parametrize(
    "source",
    [
        "(" * 90 + "a*" + ")*" * 90,
        "(" * 300 + "a*" + ")*" * 300,
        "(?:" * 90 + "a?b?" + "){0,2}" * 90,
        "a?" * 20_000 + "b",
        "(?:(?:(?:){1000}){1000}){1000}",
        "|".join(f"w{number}x" for number in range(5000)),
        "(?i)" + "|".join(f"{number}x" for number in range(2000)),
        "(?:" + "|".join(chr(200 + number) for number in range(500)) + "|[a-z]b)*c",
    ],
)
def test_analysis_of_large_patterns_ends(source: str) -> None:
    """Work that doubles with each level of nesting, or squares with the alternatives, would not."""
    try:
        found = Pattern(source).search("no letter: \n")
    except SxValueError as error:
        assert "more than 20000 instructions" in error.message or "nested too deep" in error.message
    else:
        assert found is None or found.groups()[0] in ("", "c")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("(", "missing ), unterminated subpattern at character 0"),
        ("a**", "multiple repeat"),
        ("[z-a]", "bad character range"),
        ("a{99999999999}", "repetition number is too large"),
        ("(" * 5000 + ")" * 5000, "nested too deep"),
    ],
)
def test_bad_patterns(source: str, message: str) -> None:
    with pytest.raises(SxValueError) as caught:
        Pattern(source)
    assert message in caught.value.message


def test_flags() -> None:
    found = Pattern("^b.$", "ims").search("a\nB\n")
    assert found is not None
    assert found.group(0) == "B\n"
    with pytest.raises(SxValueError, match="unknown flag 'q'; the flags are i m s x a"):
        Pattern("a", "q")
