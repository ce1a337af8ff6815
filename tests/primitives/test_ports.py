"""String ports, output, and reading data from text."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from calling import call, raw
from hypothesis import given
from hypothesis import strategies as st

from sxpy.data import EOF, Char, InputPort, OutputPort, keyword, symbol
from sxpy.errors import EvalError, SxIOError, SxParseError, SxTypeError, SxValueError
from sxpy.runtime import Runtime, activate, deactivate


@pytest.fixture
def output() -> Iterator[io.StringIO]:
    """What the program of the test writes to its output."""
    stream = io.StringIO()
    token = activate(Runtime(stream))
    yield stream
    deactivate(token)


def reading(text: str) -> InputPort:
    port = raw("open-input-string", text)
    assert isinstance(port, InputPort)
    return port


def written(name: str, *args: Any) -> str:
    """What the primitive writes to a port that is given last."""
    port = raw("open-output-string")
    assert raw(name, *args, port) is None
    return str(call("get-output-string", port))


def test_chars_are_read_one_by_one() -> None:
    port = reading("aλ")
    assert call("peek-char", port) == "a"
    assert type(raw("read-char", port)) is Char
    assert call("read-char", port) == "λ"
    assert raw("read-char", port) is EOF
    assert raw("peek-char", port) is EOF
    assert call("char-ready?", port) is True


def test_lines_are_read_without_their_ends() -> None:
    port = reading("one\r\n\nthree")
    assert [call("read-line", port) for _ in range(3)] == ["one", "", "three"]
    assert raw("read-line", port) is EOF
    assert raw("read-line", reading("")) is EOF
    assert call("read-line", reading("\n")) == ""


def test_strings_are_read_up_to_a_length() -> None:
    port = reading("abcde")
    assert call("read-string", 2, port) == "ab"
    assert call("read-string", 0, port) == ""
    assert call("read-all", port) == "cde"
    assert call("read-all", port) == ""
    assert raw("read-string", 1, port) is EOF


def test_data_are_read_one_by_one() -> None:
    port = reading("(1 2) ; comment\n #;skipped :k {:a 1}")
    assert call("read", port) == [1, 2]
    assert call("read", port) is keyword("k")
    assert call("read", port) == {"a": 1}
    assert raw("read", port) is EOF
    port = reading("a b")
    assert call("read", port) is symbol("a")
    assert call("read-all", port) == " b"


def test_bad_data_are_an_error_with_a_place() -> None:
    port = reading("1\n(2")
    assert call("read", port) == 1
    with pytest.raises(SxParseError, match=r"^read: line 2, column 1: \( is never closed"):
        call("read", port)
    assert raw("read", port) is EOF
    with pytest.raises(SxParseError, match=r"^sx-parse: line 1, column 4: \) closes nothing"):
        call("sx-parse", "a b)")


def test_sx_parse_gives_all_forms() -> None:
    assert call("sx-parse", "1 (a) ; c\n") == [1, [symbol("a")]]
    assert call("sx-parse", "") == []


def test_deep_data_are_read() -> None:
    text = "(" * 30_000 + ")" * 30_000
    assert call("serialize", raw("read", reading(text))) == text
    assert call("=", raw("sx-parse", text), raw("list", raw("read", reading(text)))) is True


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("display", "a", "a"),
        ("display", ["a", Char(98), None, True], "(a b () #t)"),
        ("display", 2.5, "2.5"),
        ("write", "a", '"a"'),
        ("write", ["a", Char(98), None, True], '("a" #\\b () #t)'),
        ("write-simple", "a", '"a"'),
        ("write-string", "a b", "a b"),
        ("write-char", Char(955), "λ"),
    ],
)
def test_writing_to_a_port(name: str, value: Any, text: str) -> None:
    assert written(name, value) == text


def test_writing_without_a_port_goes_to_the_output_of_the_program(output: io.StringIO) -> None:
    raw("display", "a")
    raw("newline")
    raw("write", "b")
    raw("write-char", Char(99))
    raw("print", "x", None, [1], keyword("k"))
    raw("println", "y")
    raw("println")
    assert output.getvalue() == 'a\n"b"cx nil (1) :ky\n\n'


def test_values_as_text() -> None:
    assert call("inspect", ["a", None, True]) == '("a" nil true)'
    assert call("write-to-string", ["a", None, True]) == '("a" () #t)'
    assert call("display-to-string", ["a", None, True]) == "(a () #t)"
    assert call("serialize", {"b": 1, "a": "x"}) == '{:b 1 :a "x"}'
    assert call("canonical-serialize", {"b": 1, "a": "x"}) == '{:a "x" :b 1}'
    with pytest.raises(SxTypeError, match="serialize"):
        call("serialize", raw("open-output-string"))


@pytest.mark.parametrize("name", ["read-char", "peek-char", "read-line", "read-all", "read", "char-ready?"])
def test_reading_needs_an_open_input_port(name: str) -> None:
    with pytest.raises(SxTypeError, match="expected input port, got output-port"):
        call(name, raw("open-output-string"))
    port = reading("a")
    assert raw("close-port", port) is None
    assert raw("close-input-port", port) is None
    with pytest.raises(SxIOError, match="the port is closed"):
        call(name, port)


def test_writing_needs_an_open_output_port() -> None:
    with pytest.raises(SxTypeError, match="display: expected output port, got input-port"):
        call("display", "a", reading(""))
    port = raw("open-output-string")
    raw("write-string", "kept", port)
    raw("close-output-port", port)
    with pytest.raises(SxIOError, match="newline: the port is closed"):
        call("newline", port)
    assert call("get-output-string", port) == "kept"
    assert call("output-port-open?", port) is False


@pytest.mark.parametrize(
    ("name", "args", "kind"),
    [
        ("get-output-string", [reading("x")], SxTypeError),
        ("open-input-string", [1], SxTypeError),
        ("close-port", [1], SxTypeError),
        ("close-input-port", [OutputPort()], SxTypeError),
        ("close-output-port", [reading("")], SxTypeError),
        ("input-port-open?", [1], SxTypeError),
        ("read-string", [-1, reading("")], SxValueError),
        ("write-string", [1], SxTypeError),
        ("write-char", ["a"], SxTypeError),
        ("sx-parse", [1], SxTypeError),
    ],
)
def test_error(name: str, args: list[Any], kind: type[EvalError]) -> None:
    with pytest.raises(kind):
        call(name, *args)


def test_kinds_of_port() -> None:
    source, sink = reading("x"), raw("open-output-string")
    assert [call(name, source) for name in ("port?", "input-port?", "output-port?", "binary-port?")] == [
        True,
        True,
        False,
        False,
    ]
    assert call("output-port?", sink) is True
    assert call("textual-port?", sink) is True
    assert call("eof-object?", raw("eof-object")) is True
    assert call("eof-object?", None) is False


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_lines_join_to_the_text(text: str) -> None:
    text = text.replace("\r", "")
    port, lines = reading(text), []
    while (line := raw("read-line", port)) is not EOF:
        lines.append(line)
    assert lines == (text.removesuffix("\n").split("\n") if text else [])


values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.fractions(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.lists(values))
def test_serialized_values_read_back_one_after_the_other(items: list[Any]) -> None:
    port = reading(" ".join(call("serialize", item) for item in items))
    for item in items:
        assert call("=", raw("read", port), item) is True
    assert raw("read", port) is EOF
