"""The replies of the protocol, as bytes.

A reply line is SX text, and ASCII wherever SX has an ASCII spelling: in strings and characters everything
up to U+FFFF is escaped. What has none (names, characters beyond) is UTF-8, so that every value crosses
exactly. The payload of `ok-len` is UTF-8 as `inspect` writes it; its length in bytes stands before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sxpy.printer import inspect, serialize

READY = b"(ready)\n"

_STRING_OR_CHAR = re.compile(r'"(?:\\.|[^"\\])*"|#\\.', re.DOTALL)
_NOT_PLAIN = re.compile("[^ -~\U00010000-\U0010ffff]")


def ok(epoch: int, value: Any = None) -> bytes:
    """`(ok N)`, or `(ok N VALUE)` for a value that is not nil."""
    return _line("ok", epoch) if value is None else _line("ok", epoch, value)


def ok_len(epoch: int, value: Any) -> bytes:
    """`(ok-len N LEN)` and the value as text, on a line of its own."""
    payload = inspect(value).encode("utf-8", "backslashreplace")
    return _line("ok-len", epoch, len(payload)) + payload + b"\n"


def error(epoch: int, message: str) -> bytes:
    """`(error N "message")`."""
    return _line("error", epoch, message)


def io_request(operation: str, args: Sequence[Any]) -> bytes:
    """`(io-request "name" arg …)`. Raises EvalError for an argument that has no syntax."""
    return _line("io-request", operation, *args)


def _line(name: str, *values: Any) -> bytes:
    text = " ".join([name, *map(serialize, values)])
    return b"(%s)\n" % _STRING_OR_CHAR.sub(_escaped, text).encode("utf-8")


def _escaped(token: re.Match[str]) -> str:
    text = token.group()
    if text.startswith('"'):
        return _NOT_PLAIN.sub(lambda char: f"\\u{ord(char.group()):04x}", text)
    return text if text.isascii() else f"#\\x{ord(text[2:]):X}"
