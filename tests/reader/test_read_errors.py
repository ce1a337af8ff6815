"""What is refused, with which error, at which place — by both readers, who must give one account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sxpy.errors import IncompleteRead, ReadError
from sxpy.reader import read_all, read_data, read_datum, read_next, status

READERS: list[Callable[[str], list[Any]]] = [read_all, read_data]

# text, line and column of the error, part of the message, line and column of the opening bracket or None
WRONG: list[tuple[str, tuple[int, int], str, tuple[int, int] | None]] = [
    # closers
    (")", (1, 1), ") closes nothing", None),
    ("a\n  b ]", (2, 5), "] closes nothing", None),
    ("}", (1, 1), "} closes nothing", None),
    ("(a ]", (1, 4), "] does not close (", (1, 1)),
    ("\n (a\n  [b)", (3, 5), ") does not close [, opened at line 3, column 3", (3, 3)),
    ("{:a 1)", (1, 6), ") does not close {", (1, 1)),
    ("#(1]", (1, 4), "] does not close #(", (1, 1)),
    ("#u8(1}", (1, 6), "} does not close #u8(", (1, 1)),
    # prefixes without a form
    ("(')", (1, 3), "a form must follow ' before )", (1, 2)),
    ("(a ,@)", (1, 6), "a form must follow ,@ before )", (1, 4)),
    ("[#;]", (1, 4), "a form must follow #; before ]", (1, 2)),
    ("(' #;x)", (1, 7), "a form must follow ' before )", (1, 2)),
    # dicts
    ("{:a}", (1, 2), "this key has none", (1, 1)),
    ("{:a 1\n :b}", (2, 2), "this key has none", (1, 1)),
    ("{:a #;1}", (1, 2), "this key has none", (1, 1)),
    ("{:a 1 :a 2}", (1, 7), "the key a stands twice", (1, 1)),
    ('{:a 1 "a" 2}', (1, 7), "the key a stands twice", (1, 1)),
    ("{a 1 :a 2}", (1, 6), "the key a stands twice", (1, 1)),
    ("{:a 1 :a}", (1, 7), "the key a stands twice", (1, 1)),
    ("{1 2}", (1, 2), "a dict key must be a keyword, a string or a symbol", (1, 1)),
    ("{:a 1 (b) 2}", (1, 7), "a dict key must be", (1, 1)),
    ("{nil 2}", (1, 2), "a dict key must be", (1, 1)),
    ("{'a 1}", (1, 2), "a dict key must be", (1, 1)),
    ("{#t 1 #f 2}", (1, 2), "a dict key must be", (1, 1)),
    # numbers
    ("1/0", (1, 3), "the denominator of 1/0 is zero", None),
    ("(+ 1 -12/00)", (1, 10), "the denominator of -12/00 is zero", None),
    ("1+", (1, 1), "1+ is not a number", None),
    ("12abc", (1, 1), "12abc is not a number", None),
    ("-1x", (1, 1), "-1x is not a number", None),
    ("+.5.", (1, 1), "+.5. is not a number", None),
    ("1.2.3", (1, 1), "1.2.3 is not a number", None),
    ("1e", (1, 1), "1e is not a number", None),
    ("1/2/3", (1, 1), "1/2/3 is not a number", None),
    ("1/-2", (1, 1), "1/-2 is not a number", None),
    ("1.0/2", (1, 1), "1.0/2 is not a number", None),
    ("1_000", (1, 1), "1_000 is not a number", None),
    ("0x10", (1, 1), "0x10 is not a number", None),
    # names
    ("..", (1, 1), ".. is neither a number nor a name", None),
    (".a", (1, 1), ".a is neither a number nor a name", None),
    ("@a", (1, 1), "@a is neither a number nor a name", None),
    ("\\a", (1, 1), "\\a is neither a number nor a name", None),
    ("٣", (1, 1), "٣ is neither a number nor a name", None),
    ("😀", (1, 1), "😀 is neither a number nor a name", None),
    ("a\\b", (1, 2), "\\ cannot stand in the symbol a\\b", None),
    ("ab😀", (1, 3), "😀 cannot stand in the symbol ab😀", None),
    (":a😀", (1, 3), "😀 cannot stand in the keyword :a😀", None),
    (":", (1, 1), "a keyword needs a name", None),
    ("(a : b)", (1, 4), "a keyword needs a name", None),
    ("a\0b", (1, 2), r"\x00 cannot stand in the symbol a\x00b", None),
    ("\x1b[2J", (1, 1), r"\x1b is neither a number nor a name", None),
    # after a number sign
    ("#q", (1, 1), "#q means nothing", None),
    ("#t1", (1, 1), "#t1 means nothing", None),
    ("#!eof", (1, 1), "#!eof means nothing", None),
    (" #!/bin/sx", (1, 2), "#!/bin/sx means nothing", None),
    ("# a", (1, 1), "# means nothing here", None),
    ("#[a]", (1, 1), "# means nothing here", None),
    ("#{a}", (1, 1), "# means nothing here", None),
    ("#\u00a0", (1, 1), "# means nothing here", None),
    ("#u16(1)", (1, 1), "#u16 means nothing", None),
    # characters
    (r"#\foo", (1, 1), r"#\foo names no character", None),
    (r"(list #\Space)", (1, 7), r"#\Space names no character", None),
    (r"#\xyz", (1, 1), r"#\xyz names no character", None),
    (r"#\x110000", (1, 1), "beyond the last code point", None),
    (r"#\x" + 50 * "f", (1, 1), "beyond the last code point", None),
    # strings
    (r'"\u12"', (1, 2), r"\u needs four hexadecimal digits", None),
    ('(a\n "bc\\u00g0")', (2, 5), r"\u needs four hexadecimal digits", None),
    (r'"\n\uZZZZ"', (1, 4), r"\u needs four hexadecimal digits", None),
    # bytevectors
    ("#u8(256)", (1, 5), "integers from 0 to 255", (1, 1)),
    ("#u8(1 -1)", (1, 7), "integers from 0 to 255", (1, 1)),
    ("#u8(1.0)", (1, 5), "integers from 0 to 255", (1, 1)),
    ("#u8(true)", (1, 5), "integers from 0 to 255", (1, 1)),
    # open, but nothing that follows can mend it
    ("({:a 1 :a", (1, 8), "the key a stands twice", (1, 2)),
    ("{(a) ", (1, 2), "a dict key must be", (1, 1)),
    ("{1 {:a", (1, 2), "a dict key must be", (1, 1)),
    ("#u8(1 999", (1, 7), "integers from 0 to 255", (1, 1)),
    (r'(f "a\uq', (1, 6), r"\u needs four hexadecimal digits", None),
    ('{:a 1 :a "', (1, 7), "the key a stands twice", (1, 1)),
]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("text", "place", "message", "opened"), WRONG, ids=[repr(row[0]) for row in WRONG])
def test_wrong_text_is_refused_at_its_place(
    reader: Callable[[str], list[Any]],
    text: str,
    place: tuple[int, int],
    message: str,
    opened: tuple[int, int] | None,
) -> None:
    with pytest.raises(ReadError) as caught:
        reader(text)
    error = caught.value
    assert not isinstance(error, IncompleteRead)
    assert message in error.message
    assert error.place is not None
    assert (error.place.line, error.place.column) == place
    assert error.place.text == text.split("\n")[place[0] - 1]
    assert opened == (error.opened and (error.opened.line, error.opened.column))
    assert status(text) == "wrong"


# text, line and column of what is open
INCOMPLETE: list[tuple[str, tuple[int, int]]] = [
    ("(", (1, 1)),
    ("(a\n (b", (2, 2)),
    ("(a\n (b)\n", (1, 1)),
    ("[", (1, 1)),
    ("{", (1, 1)),
    ("{:a", (1, 1)),
    ("#(1", (1, 1)),
    ("#u8(1", (1, 1)),
    ("(define (f x)\n  (let ((y 1)\n    y))", (1, 1)),
    ('"abc', (1, 1)),
    ('(f\n  "abc)', (2, 3)),
    ('"a\\', (1, 1)),
    ('"a\\"', (1, 1)),
    ('"\\u00', (1, 1)),
    ("#|abc", (1, 1)),
    ("#|", (1, 1)),
    ("'", (1, 1)),
    ("x '", (1, 3)),
    ("`", (1, 1)),
    (",", (1, 1)),
    (",@", (1, 1)),
    ("#'", (1, 1)),
    ("#;", (1, 1)),
    ("(a '", (1, 4)),
    ("' ; the form comes\n", (1, 1)),
    ("'#;x", (1, 1)),
    ("#", (1, 1)),
    ("#\\", (1, 1)),
    ("(a #\\", (1, 4)),
    ("( ; )", (1, 1)),
]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("text", "place"), INCOMPLETE, ids=[repr(text) for text, _ in INCOMPLETE])
def test_text_that_ends_too_early_is_incomplete(
    reader: Callable[[str], list[Any]], text: str, place: tuple[int, int]
) -> None:
    with pytest.raises(IncompleteRead) as caught:
        reader(text)
    error = caught.value
    assert error.opened is not None
    assert (error.opened.line, error.opened.column) == place
    assert error.expected
    assert status(text) == "incomplete"


@pytest.mark.parametrize("text", ["", " ", "; c", "a", "(a)", "#;a", '"("', "#|(|", "#\\(", "(a) (b)\n"])
def test_complete_text_is_complete(text: str) -> None:
    assert status(text) == "complete"


def test_an_error_shows_its_line_and_a_caret() -> None:
    with pytest.raises(ReadError) as caught:
        read_all("(define x 1)\n(list 1 2x)", "prog.sx")
    assert caught.value.place is not None
    assert str(caught.value.place) == "prog.sx:2:9"
    assert caught.value.place.caret() == "(list 1 2x)\n        ^"


def test_an_unclosed_bracket_tells_how_many_more_are_open() -> None:
    with pytest.raises(IncompleteRead, match=r"\[ is never closed \(and 2 more around it\)"):
        read_data("(a ({:b 1} '[c")


def test_a_mismatch_names_what_was_expected() -> None:
    with pytest.raises(ReadError) as caught:
        read_data("(a]")
    assert caught.value.expected == (")",)


def test_a_long_token_is_cut_in_the_message() -> None:
    with pytest.raises(ReadError) as caught:
        read_data("1" + 10_000 * "x")
    assert len(caught.value.message) < 80


def test_a_byte_order_mark_takes_no_column() -> None:
    with pytest.raises(ReadError) as caught:
        read_all("\ufeff(a ]\n")
    assert caught.value.place is not None
    assert (caught.value.place.line, caught.value.place.column) == (1, 4)
    assert caught.value.place.text == "(a ]"


def test_lines_after_a_shebang_and_with_crlf_are_counted() -> None:
    with pytest.raises(ReadError) as caught:
        read_all("#!/usr/bin/env sx\r\n(a\r\n ]")
    assert caught.value.place is not None
    assert (caught.value.place.line, caught.value.place.column) == (3, 2)
    assert caught.value.opened is not None
    assert caught.value.opened.text == "(a"


def test_a_datum_stands_alone() -> None:
    assert read_datum(" 1 ; one") == 1
    with pytest.raises(ReadError, match="no form"):
        read_datum(" ; none")
    with pytest.raises(ReadError, match="the second of 3") as caught:
        read_datum("1\n 2 3")
    assert caught.value.place is not None
    assert (caught.value.place.line, caught.value.place.column) == (2, 2)


def test_the_next_datum_is_read_and_its_end_told() -> None:
    text = " (a) 'b ; c\n"
    first, after_first = read_next(text, 0)
    assert (len(first), after_first) == (1, 4)
    second, after_second = read_next(text, after_first)
    assert (len(second), after_second) == (1, 7)
    assert read_next(text, after_second) == ([], len(text))
