"""The replies of the protocol, as bytes.

Every reply line is plain ASCII: what a string holds beyond it is written as `\\uXXXX`, in two halves when
it takes more than four digits, as JSON does. The one exception is the payload of `ok-len`, which is UTF-8
and whose length in bytes stands in the line before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sxpy.errors import EvalError
from sxpy.printer import inspect, serialize

READY = b"(ready)\n"

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_STRINGS_AND_CHARS = re.compile(r'"(?:\\.|[^"\\])*"|#\\.', re.DOTALL)


def ok(epoch: int, value: str | None = None) -> bytes:
    """`(ok N)`, or `(ok N "value")`."""
    return b"(ok %d)\n" % epoch if value is None else b"(ok %d %s)\n" % (epoch, ascii_string(value))


def ok_len(epoch: int, value: Any) -> bytes:
    """`(ok-len N LEN)` and the value as text, on a line of its own."""
    payload = inspect(value).encode("utf-8", "backslashreplace")  # a lone surrogate is written \\udXXX
    return b"(ok-len %d %d)\n%s\n" % (epoch, len(payload), payload)


def error(epoch: int, message: str) -> bytes:
    """`(error N "message")`."""
    return b"(error %d %s)\n" % (epoch, ascii_string(message))


def io_request(operation: str, args: Sequence[Any]) -> bytes:
    """`(io-request "name" arg …)`. Raises EvalError for an argument that has no syntax, or no ASCII one."""
    texts = [_ascii_data(serialize(arg)) for arg in args]
    return b"(io-request %s)\n" % b" ".join([ascii_string(operation), *texts])


def ascii_string(text: str) -> bytes:
    """`text` as an SX string on one line, in ASCII."""
    return b'"%s"' % "".join(map(_escaped, text)).encode("ascii")


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    return char if " " <= char <= "~" else _unicode_escape(char)


def _unicode_escape(char: str) -> str:
    code = ord(char)
    if code < 0x10000:
        return f"\\u{code:04x}"
    return f"\\u{0xD800 + ((code - 0x10000) >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def _ascii_data(text: str) -> bytes:
    """Data as text, with what is not ASCII escaped; only strings and characters have an escape."""
    escaped = _STRINGS_AND_CHARS.sub(_ascii_token, text)
    try:
        return escaped.encode("ascii")
    except UnicodeEncodeError as failure:
        name = escaped[failure.start : failure.end]
        raise EvalError(f"io-request: a name with {name!r} in it cannot cross: the line is ASCII") from None


def _ascii_token(match: re.Match[str]) -> str:
    token = match.group()
    if token.isascii():
        return token
    if token.startswith("#"):
        return f"#\\x{ord(token[2:]):X}"
    return "".join(char if char.isascii() else _unicode_escape(char) for char in token)
