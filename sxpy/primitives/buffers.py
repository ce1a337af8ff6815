"""String buffers: text that grows at its end, each addition in amortised constant time.

`make-buffer` and `make-string-buffer` make the same kind; both families of names work on it.
"""

from __future__ import annotations

from typing import Any

from sxpy.data import StringBuffer
from sxpy.primitives.registry import expected, primitive
from sxpy.printer import show


def _buffer(who: str, value: Any) -> StringBuffer:
    if type(value) is StringBuffer:
        return value
    raise expected(who, "string buffer", value)


@primitive("make-buffer", "make-string-buffer")
def make_buffer(*values: Any) -> StringBuffer:
    """(make-buffer x …) — a new string buffer that holds the texts of the values.

    (buffer->string (make-buffer "a" 1)) => "a1"
    """
    made = StringBuffer()
    made.parts.extend(map(show, values))
    return made


@primitive("buffer?", "string-buffer?")
def buffer_p(value: Any) -> bool:
    """(buffer? x) — whether x is a string buffer.

    (buffer? (make-buffer)) => true
    (buffer? "") => false
    """
    return type(value) is StringBuffer


@primitive("buffer-append!", "string-buffer-append!")
def buffer_append(buffer: Any, *values: Any) -> StringBuffer:
    """(buffer-append! b x …) — add the texts of the values, as `str` shows them, at the end; the buffer.

    (let ((b (make-buffer))) (buffer-append! b "n=" 5) (buffer->string b)) => "n=5"
    """
    target = _buffer("buffer-append!", buffer)
    target.parts.extend([value if type(value) is str else show(value) for value in values])
    return target


@primitive("buffer->string", "string-buffer->string")
def buffer_to_string(buffer: Any) -> str:
    """(buffer->string b) — the text so far.

    (buffer->string (make-buffer)) => ""
    """
    return _buffer("buffer->string", buffer).text()


@primitive("buffer-length", "string-buffer-length")
def buffer_length(buffer: Any) -> int:
    """(buffer-length b) — how many characters the buffer holds.

    (buffer-length (make-buffer "abc")) => 3
    """
    return len(_buffer("buffer-length", buffer).text())


@primitive("buffer-clear!", "string-buffer-clear!")
def buffer_clear(buffer: Any) -> StringBuffer:
    """(buffer-clear! b) — make the buffer empty; the buffer.

    (buffer->string (buffer-clear! (make-buffer "abc"))) => ""
    """
    target = _buffer("buffer-clear!", buffer)
    target.parts = []
    return target
