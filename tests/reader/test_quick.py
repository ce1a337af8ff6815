"""The quick way reads what the scanner reads, to the last bit, or doubts; plain data it does read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from snapshot import snapshots
from test_readers_agree import PIECES

from sxpy.data import Dict, from_list
from sxpy.errors import ReadError
from sxpy.printer import serialize
from sxpy.reader import quick, read_datum, read_lines
from sxpy.reader.forms import Source
from sxpy.reader.scanner import scan

TEMPTING = [
    *'{}()[],:" \n\t-',
    *("{:a ", " :b ", ":a", '"k"', '"k" ', '"k":', '\\"', "\\\\", "\\n", "\\q", "\\u0041", "\\"),
    *("nil", "null", "true", "false", "NaN", "Infinity", "-Infinity", "1", "-0", "01", "1.5", "1.", ".5"),
    *("1e5", "1E400", "2/3", "#|", "|", "#\\", ";", "\x01", "\x02", "\x03", ":(", "[1]", "(1 2)", "{:a 1}"),
    *(" 1", " 2 ", ") (", "} {", "é", "\u00a0", "\ufeff", "\x1f", "12345678901234567890"),
]
"""What JSON and SX could be thought to read alike."""


def definitive(text: str) -> Any:
    """The snapshots of the values as the scanner reads them, or None when it refuses."""
    try:
        return snapshots(scan(Source(text, "t")))
    except ReadError:
        return None


def check(text: str) -> None:
    """Either the quick way doubts, or both read the same."""
    try:
        found = quick.values(text)
    except quick.Doubt:
        pass
    else:
        assert snapshots(found) == definitive(text)
    try:
        each = quick.lines(text)
    except quick.Doubt:
        return
    assert [[one] for one in snapshots(each)] == [definitive(line) for line in text.split("\n")]


@settings(max_examples=1500, deadline=None)
@given(st.lists(st.sampled_from(TEMPTING), max_size=12).map("".join))
@example('"x":1')
@example('{"x":1}')
@example('("x" ,1)')
@example('{:a "x" :a "y"}')
@example("{:null 1 :nil nil :true false}")
@example("(1\n2)\n3 4")
@example("(1\n 2)")
@example("(:a\n1)")
@example('"a\nb"')
@example('#|a"b|"c"')
@example('; "\n1 "')
@example('#\\" "')
def test_what_is_tempting_is_read_alike_or_doubted(text: str) -> None:
    check(text)


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from([*PIECES, *TEMPTING]), max_size=14).map("".join))
def test_any_text_is_read_alike_or_doubted(text: str) -> None:
    check(text)


words = st.text(st.characters(codec="utf-8"), max_size=12)
plain = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), words
    ),
    lambda parts: st.one_of(
        st.lists(parts, max_size=4).map(from_list),
        st.dictionaries(st.from_regex(r"[a-z][a-z0-9./_-]*\??", fullmatch=True), parts, max_size=4).map(Dict),
    ),
    max_leaves=12,
)


@settings(max_examples=500, deadline=None)
@given(st.lists(plain, min_size=1, max_size=5))
def test_what_is_written_of_plain_values_is_read_back_alike(made: list[Any]) -> None:
    text = "\n".join(map(serialize, made))
    assert snapshots(read_lines(text)) == snapshots(made)
    assert snapshots([read_datum(line) for line in text.split("\n")]) == snapshots(made)
    check(text)


@pytest.mark.parametrize(
    "text",
    [
        '{:stream "orders" :seq 3 :type "paid" :at 12 :data nil}',
        '{:data {:items (1 -2.5 "x" () {}) :note "a \\"quote\\", a \\\\, a line\\n" :ok true}}',
        "(nil nil)",
        '"only text: (1 2) {:a nil}"',
        "-17",
    ],
)
def test_plain_data_is_read_the_quick_way(text: str) -> None:
    assert snapshots(quick.values(text)) == snapshots(quick.lines(text)) == definitive(text)


@pytest.mark.parametrize(
    "text", ["a", "(f 1)", "'1", "{:k :v}", '{"two words" 1}', "1/2", "#\\a", "; c", "[1]"]
)
def test_other_data_is_doubted_and_read_all_the_same(text: str) -> None:
    with pytest.raises(quick.Doubt):
        quick.values(text)
    assert definitive(text) is not None


def test_a_wrong_line_among_right_ones_is_refused_as_the_scanner_refuses_it() -> None:
    with pytest.raises(ReadError, match="the key a stands twice"):
        read_lines("{:a 1}\n{:a 1 :a 2}")
    with pytest.raises(ReadError, match="one form is expected"):
        read_lines("(1 2)\n3 4")
    with pytest.raises(ReadError, match="there is no form here"):
        read_lines("1\n")


def test_deep_data_is_left_to_the_scanner() -> None:
    deep = "(" * 100_000 + ")" * 100_000
    with pytest.raises(quick.Doubt):
        quick.values(deep)
    assert len(read_datum(deep)) == 1
