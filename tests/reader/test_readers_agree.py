"""The grammar and the scanner accept one language, give equal values, and refuse with one error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from snapshot import snapshots

from sxpy.data import Vector
from sxpy.errors import IncompleteRead, ReadError
from sxpy.reader import Source, read_all, read_data, read_source
from sxpy.reader.forms import Form, FormDict
from sxpy.reader.scanner import scan_forms

PIECES = [
    *"()[]{}'`,;#\"\\|.:@ \n\t",
    *(
        "#(",
        "#u8(",
        "#;",
        "#'",
        ",@",
        "#|",
        "#\\",
        "#t",
        "#f",
        "; c\n",
        "\\u",
        "\\u0041",
        "\\n",
        "\r\n",
        "\u00a0",
    ),
    *(
        "a",
        "set!",
        ":k",
        ":a/b",
        "nil",
        "true",
        "...",
        "1",
        "-2",
        "1.5",
        "1e9",
        "1/2",
        "1/0",
        "255",
        "nan",
        "-inf",
    ),
    *(
        '"s"',
        '"a\\"b"',
        "#|r|",
        "#\\a",
        "#\\space",
        "#\\x41",
        "é",
        "λ",
        "\ud800",
        "😀",
        "\u0301",
        "\0",
        "\ufeff",
        "²",
    ),
    *(
        "(f x)",
        "[1 2]",
        "{:a 1}",
        '{"b" 2}',
        "#(1)",
        "#u8(1 2)",
        "'x",
        "`(a ,b ,@c)",
        "#;(skip)",
        "{:a 1 :a 2}",
    ),
]
"""What text is made of: delimiters, tokens, parts of tokens and whole forms."""

WHOLE = (
    '(define (f x . r) #;y {:a "s\\u0041" b [1 -2.5e3 2/3]} '
    "'(#\\a #\\space #(1) #u8(1 2)) #|r| `(,a ,@b) nil) ; end\n"
)


def outcome(read: Callable[[str], list[Any]], text: str) -> Any:
    """The values, or everything that an error says."""
    try:
        return snapshots(read(text))
    except ReadError as error:
        place = error.place
        assert place is not None
        where = (place.line, place.column, place.text)
        return type(error), error.message, where, error.expected, error.opened and str(error.opened.column)


def places(value: Any) -> Any:
    """Where a form and all its parts stand."""
    if isinstance(value, Form):
        return value.start, value.starts, [places(item) for item in value]
    if isinstance(value, FormDict):
        return value.start, value.starts, [places(item) for _, item in value.items()]
    return [places(item) for item in value.items] if isinstance(value, Vector) else None


def check(text: str) -> None:
    wanted = outcome(lambda text: read_all(text, "f"), text)
    assert outcome(lambda text: read_data(text, "f"), text) == wanted
    assert outcome(lambda text: scan_forms(Source(text, "f"))[0], text) == wanted
    if isinstance(wanted, list):
        (scanned, here), (read, there) = scan_forms(Source(text, "f")), read_source(Source(text, "f"))
        assert [places(form) for form in scanned] == [places(form) for form in read]
        assert here == there


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
@example("#u8(1)")
@example("#u8")
@example("'#;a #;'b ,c")
@example("\ufeff#!/x\n'")
@example("#\\\n")
@example("a\u3000b")
@example("\x1c(\x85)")
def test_both_readers_agree_on_text_put_together_from_pieces(text: str) -> None:
    check(text)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_both_readers_agree_on_valid_text_that_was_damaged(data: st.DataObject) -> None:
    text = WHOLE
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 3)))
        text = text[:start] + data.draw(st.sampled_from(["", *PIECES])) + text[end:]
    check(text)


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(codec=None), max_size=20))
def test_both_readers_agree_on_any_text(text: str) -> None:
    check(text)


def test_every_character_means_the_same_to_both_readers() -> None:
    for code in [*range(0x500), *range(0x1FFF, 0x2070), 0x3000, 0xD800, 0xFEFF, 0xFFFE, 0x1F600, 0x10FFFF]:
        for text in (chr(code), f"a{chr(code)}b", f":{chr(code)}", f"#{chr(code)}", f"#\\{chr(code)}"):
            check(text)


def test_valid_text_that_is_cut_between_tokens_is_never_wrong() -> None:
    for end in range(1, WHOLE.rindex(")")):
        if WHOLE[end] in " ()[]{}" and not WHOLE[:end].endswith("#u8"):
            with pytest.raises(IncompleteRead):
                read_data(WHOLE[:end])
