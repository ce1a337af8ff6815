"""Writing: `display write newline print println`, to a port or to the program's output; values as text.

Owns where output goes: to the port that is given, else to the output of the running interpreter. The
procedures of R7RS (`write display`) spell values as Scheme does, those of SX (`print inspect serialize`) as
SX does. How values look is in `sxpy/printer`.
"""

from __future__ import annotations

from typing import Any

from sxpy.data import OutputPort
from sxpy.errors import SxIOError
from sxpy.primitives.registry import expected, primitive
from sxpy.primitives.text import as_char, as_string
from sxpy.printer import canonical, inspect, serialize, write_scheme
from sxpy.runtime import current


def _emit(who: str, text: str, port: Any) -> None:
    """Write `text` to the port, or to the program's output when the port is nil."""
    if port is None:
        current().output.write(text)
        return
    if type(port) is not OutputPort:
        raise expected(who, "output port", port)
    if not port.open:
        raise SxIOError(f"{who}: the port is closed", port)
    port.buffer.parts.append(text)


@primitive("display")
def display(value: Any, port: Any = None) -> None:
    """(display x port?) — write x for people: as `write`, but strings and chars bare (R7RS 6.13.3).

    (let ((p (open-output-string))) (display "a" p) (display #\\b p) (get-output-string p)) => "ab"
    """
    _emit("display", write_scheme(value, display=True), port)


@primitive("write", "write-simple", "write-shared")
def write(value: Any, port: Any = None) -> None:
    """(write x port?) — write x as `write-to-string` does, so that a Scheme reads it back.

    (let ((p (open-output-string))) (write "a" p) (get-output-string p)) => "\\"a\\""
    """
    _emit("write", write_scheme(value), port)


@primitive("write-string")
def write_string(string: Any, port: Any = None) -> None:
    """(write-string s port?) — write the characters of the string.

    (let ((p (open-output-string))) (write-string "a b" p) (get-output-string p)) => "a b"
    """
    _emit("write-string", as_string("write-string", string), port)


@primitive("write-char")
def write_char(char: Any, port: Any = None) -> None:
    """(write-char c port?) — write the char.

    (let ((p (open-output-string))) (write-char #\\a p) (get-output-string p)) => "a"
    """
    _emit("write-char", chr(as_char("write-char", char).code), port)


@primitive("newline")
def newline(port: Any = None) -> None:
    """(newline port?) — end the line.

    (let ((p (open-output-string))) (newline p) (get-output-string p)) => "\\n"
    """
    _emit("newline", "\n", port)


@primitive("print")
def print_(*values: Any) -> None:
    """(print x …) — write the values with spaces between them: strings bare, others as `inspect`.

    (print) => nil
    """
    _emit("print", _spaced(values), None)


@primitive("println")
def println(*values: Any) -> None:
    """(println x …) — as `print`, and end the line.

    (println) => nil
    """
    _emit("println", _spaced(values) + "\n", None)


def _spaced(values: tuple[Any, ...]) -> str:
    return " ".join([value if type(value) is str else inspect(value) for value in values])


# -- values as text --------------------------------------------------------------------------------


@primitive("inspect")
def inspect_(value: Any) -> str:
    """(inspect x) — x as text for people: as it is read where it can be; it never fails.

    (inspect "a") => "\\"a\\""
    (inspect {:a 1}) => "{:a 1}"
    """
    return inspect(value)


@primitive("write-to-string")
def write_to_string(value: Any) -> str:
    """(write-to-string x) — x as Scheme writes it: nil is (), true #t, false #f.

    (write-to-string (list nil true "a")) => "(() #t \\"a\\")"
    """
    return write_scheme(value)


@primitive("display-to-string")
def display_to_string(value: Any) -> str:
    """(display-to-string x) — x as `display` writes it.

    (display-to-string (list "a" #\\b)) => "(a b)"
    """
    return write_scheme(value, display=True)


@primitive("serialize")
def serialize_(value: Any) -> str:
    """(serialize x) — x as text that reads back equal; a value without a syntax is an error.

    (serialize (list 1 "a" nil)) => "(1 \\"a\\" nil)"
    """
    return serialize(value)


@primitive("canonical-serialize")
def canonical_serialize(value: Any) -> str:
    """(canonical-serialize x) — as `serialize`, with the keys of dicts sorted: equal values, equal text.

    (canonical-serialize {:b 1 :a 2}) => "{:a 2 :b 1}"
    """
    return canonical(value)
