"""String ports: reading text piece by piece, and collecting what is written (R7RS 6.13).

Owns input ports and the life of both kinds; what is written is in `sxpy/primitives/output.py`. A port
never touches a file or a terminal: those belong to hosts, behind `perform`.
"""

from __future__ import annotations

from typing import Any

from sxpy.data import EOF, Char, Eof, InputPort, OutputPort
from sxpy.errors import SxIOError
from sxpy.primitives.arguments import as_count
from sxpy.primitives.registry import expected, primitive
from sxpy.primitives.text import as_string


def readable(who: str, port: Any) -> InputPort:
    """The port, when it is an input port that is open. Raises SxTypeError, SxIOError."""
    if type(port) is not InputPort:
        raise expected(who, "input port", port)
    if not port.open:
        raise SxIOError(f"{who}: the port is closed", port)
    return port


# -- making, asking, closing -----------------------------------------------------------------------


@primitive("open-input-string")
def open_input_string(string: Any) -> InputPort:
    """(open-input-string s) — a port that reads the string.

    (read-line (open-input-string "a\\nb")) => "a"
    """
    return InputPort(as_string("open-input-string", string))


@primitive("open-output-string")
def open_output_string() -> OutputPort:
    """(open-output-string) — a port that collects what is written to it.

    (let ((p (open-output-string))) (write "a" p) (get-output-string p)) => "\\"a\\""
    """
    return OutputPort()


@primitive("get-output-string")
def get_output_string(port: Any) -> str:
    """(get-output-string p) — everything written to the output port so far; it may be closed.

    (get-output-string (open-output-string)) => ""
    """
    if type(port) is not OutputPort:
        raise expected("get-output-string", "output port", port)
    return port.buffer.text()


@primitive("input-port?")
def input_port_p(value: Any) -> bool:
    """(input-port? x) — whether x is a port to read from.

    (input-port? (open-input-string "x")) => true
    (input-port? (open-output-string)) => false
    """
    return type(value) is InputPort


@primitive("output-port?")
def output_port_p(value: Any) -> bool:
    """(output-port? x) — whether x is a port to write to.

    (output-port? (open-output-string)) => true
    """
    return type(value) is OutputPort


@primitive("port?", "textual-port?")
def port_p(value: Any) -> bool:
    """(port? x) — whether x is a port; all ports are textual.

    (port? (open-input-string "x")) => true
    (port? "x") => false
    """
    return type(value) is InputPort or type(value) is OutputPort


@primitive("binary-port?")
def binary_port_p(value: Any) -> bool:
    """(binary-port? x) — whether x is a port of bytes: no port is.

    (binary-port? (open-output-string)) => false
    """
    return False


@primitive("input-port-open?")
def input_port_open_p(port: Any) -> bool:
    """(input-port-open? p) — whether the input port can still be read.

    (input-port-open? (open-input-string "x")) => true
    """
    if type(port) is InputPort:
        return port.open
    raise expected("input-port-open?", "input port", port)


@primitive("output-port-open?")
def output_port_open_p(port: Any) -> bool:
    """(output-port-open? p) — whether the output port can still be written to.

    (output-port-open? (open-output-string)) => true
    """
    if type(port) is OutputPort:
        return port.open
    raise expected("output-port-open?", "output port", port)


@primitive("close-port")
def close_port(port: Any) -> None:
    """(close-port p) — make further reading or writing an error; nil. Closing twice is none.

    (close-port (open-input-string "x")) => nil
    """
    if type(port) is not InputPort and type(port) is not OutputPort:
        raise expected("close-port", "port", port)
    port.open = False


@primitive("close-input-port")
def close_input_port(port: Any) -> None:
    """(close-input-port p) — make further reading an error; nil.

    (close-input-port (open-input-string "x")) => nil
    """
    if type(port) is not InputPort:
        raise expected("close-input-port", "input port", port)
    port.open = False


@primitive("close-output-port")
def close_output_port(port: Any) -> None:
    """(close-output-port p) — make further writing an error; nil.

    (close-output-port (open-output-string)) => nil
    """
    if type(port) is not OutputPort:
        raise expected("close-output-port", "output port", port)
    port.open = False


# -- the end ---------------------------------------------------------------------------------------


@primitive("eof-object")
def eof_object() -> Eof:
    """(eof-object) — what reading gives at the end of the text.

    (eof-object? (eof-object)) => true
    """
    return EOF


@primitive("eof-object?")
def eof_object_p(value: Any) -> bool:
    """(eof-object? x) — whether x is the end-of-file object.

    (eof-object? (read-char (open-input-string ""))) => true
    (eof-object? nil) => false
    """
    return value is EOF


# -- reading ---------------------------------------------------------------------------------------


@primitive("read-char")
def read_char(port: Any) -> Char | Eof:
    """(read-char p) — the next char, which is then past; the end-of-file object at the end.

    (read-char (open-input-string "ab")) => #\\a
    """
    source = readable("read-char", port)
    if source.position >= len(source.text):
        return EOF
    source.position += 1
    return Char(ord(source.text[source.position - 1]))


@primitive("peek-char")
def peek_char(port: Any) -> Char | Eof:
    """(peek-char p) — the next char, which stays; the end-of-file object at the end.

    (peek-char (open-input-string "ab")) => #\\a
    """
    source = readable("peek-char", port)
    return Char(ord(source.text[source.position])) if source.position < len(source.text) else EOF


@primitive("char-ready?")
def char_ready_p(port: Any) -> bool:
    """(char-ready? p) — whether a char can be read without waiting: with string ports it always can.

    (char-ready? (open-input-string "")) => true
    """
    readable("char-ready?", port)
    return True


@primitive("read-line")
def read_line(port: Any) -> str | Eof:
    """(read-line p) — the text up to the end of the line, which is dropped; at the end the eof object.

    (read-line (open-input-string "ab\\ncd")) => "ab"
    """
    source = readable("read-line", port)
    start = source.position
    if start >= len(source.text):
        return EOF
    end = source.text.find("\n", start)
    source.position = len(source.text) if end < 0 else end + 1
    line = source.text[start:] if end < 0 else source.text[start:end]
    return line.removesuffix("\r") if end >= 0 else line


@primitive("read-string")
def read_string(count: Any, port: Any) -> str | Eof:
    """(read-string n p) — the next n characters, fewer at the end; there the end-of-file object.

    (read-string 2 (open-input-string "abc")) => "ab"
    """

    source, wanted = readable("read-string", port), as_count("read-string", count)
    start = source.position
    if start >= len(source.text) and wanted:
        return EOF
    source.position = min(len(source.text), start + wanted)
    return source.text[start : source.position]


@primitive("read-all")
def read_all_text(port: Any) -> str:
    """(read-all p) — all the text that is left; "" at the end.

    (read-all (open-input-string "a b")) => "a b"
    """
    source = readable("read-all", port)
    start, source.position = source.position, len(source.text)
    return source.text[start:]
