"""The secret that a client must know: where it is read from, and how a client's first line is judged.

Invariant: nothing tells a client, in words or in time, how near its guess was.
Next: `sxpy/server/client.py`, which asks.
"""

from __future__ import annotations

import hmac
import os
from pathlib import Path

from sxpy.server.commands import Auth, CommandError, parse_command
from sxpy.server.lines import TooLong

ENVIRONMENT = "SX_SERVE_TOKEN"

LONGEST = 1024
"""The longest token, in characters."""

LONGEST_LINE = 16 * LONGEST
"""The longest first line, in bytes: enough for any token, however it is escaped."""


class TokenError(Exception):
    """There is no usable token; the message says why."""


class Token:
    """A secret text."""

    __slots__ = ("_secret",)

    def __init__(self, text: str) -> None:
        """Raises TokenError for a text that is empty, too long, or not printable."""
        if not text or len(text) > LONGEST or not text.isprintable():
            raise TokenError(f"a token is 1 to {LONGEST} printable characters")
        self._secret = text.encode()

    def admits(self, line: bytes | TooLong) -> bool:
        """Whether the line is `(auth "…")` with the secret."""
        if isinstance(line, TooLong):
            return False
        try:
            command = parse_command(line)
        except CommandError:
            return False
        given = command.token.encode("utf-8", "surrogatepass") if isinstance(command, Auth) else b""
        return hmac.compare_digest(given, self._secret)


def find_token(file: Path | None) -> Token | None:
    """The token in `file`, else in `$SX_SERVE_TOKEN`; None when neither is given. Raises TokenError.

    White space around it does not count.
    """
    if file is None:
        text = os.environ.get(ENVIRONMENT, "").strip()
        return Token(text) if text else None
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise TokenError(f"cannot read the token file {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise TokenError(f"the token file {file} is no UTF-8 text") from error
    try:
        return Token(text.strip())
    except TokenError as error:
        raise TokenError(f"the token file {file}: {error}") from error
