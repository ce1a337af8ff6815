"""Signatures: frozen text that only the operator's key can have made.

A signed text is a dict around the text, with the HMAC-SHA256 (RFC 2104) of its UTF-8 bytes under the key. The
code that an image needs is named by what it holds, so the signature covers it. With a key, text that is
unsigned or altered is refused before anything of it is read; without one, a signature is not checked.
"""

from __future__ import annotations

import hashlib
import hmac

from sxpy.errors import ThawError

_OPENS, _SIGNED, _CLOSES = "{:frozen ", ' :signature "', '"}'
_DIGITS = 64


def seal(text: str, key: bytes | None) -> str:
    """The signed text; the text itself without a key."""
    return text if key is None else f"{_OPENS}{text}{_SIGNED}{_signature(text, key)}{_CLOSES}"


def unseal(text: str, key: bytes | None) -> str:
    """The text that was signed. Raises ThawError when there is a key and it was not signed with it."""
    tail = len(_SIGNED) + _DIGITS + len(_CLOSES)
    if not text.startswith(_OPENS):
        if key is not None:
            raise ThawError("the frozen text is not signed, and this thaw takes only what its key has signed")
        return text
    inner, end = text[len(_OPENS) : -tail], text[-tail:]
    if not end.startswith(_SIGNED) or not end.endswith(_CLOSES) or len(text) < len(_OPENS) + tail:
        raise ThawError("frozen text is damaged: its signature is cut")
    found = end[len(_SIGNED) : -len(_CLOSES)]
    if key is not None and not hmac.compare_digest(found.encode(), _signature(inner, key).encode()):
        raise ThawError("the frozen text was altered, or signed with another key")
    return inner


def _signature(text: str, key: bytes) -> str:
    return hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
