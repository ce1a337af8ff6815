"""Names and file names: the one place that turns a stream, key or blob name into a name on the disk.

Invariants: every string is a legal name, the empty one and lone surrogates included; two names never
share a file; no file name holds anything but `[0-9a-z.-]`, so none can leave its directory and none
changes meaning on a file system that folds case. The name is the lower-case hex of its UTF-8 bytes, as
in the layout found in the field; when that would be longer than a directory entry may be, it is a
SHA-256 digest, and the file itself says the full name in its first line. Next: `hosts/sxpy_hosts/record.py`.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from sxpy.printer import serialize
from sxpy.reader import read_datum

LONGEST = 255
"""Bytes in a directory entry, on every file system in common use."""

DIGEST_MARK = "sha256-"
"""Begins the file names that are digests; no hex name begins so."""


def to_bytes(text: str) -> bytes:
    """UTF-8, in which a lone surrogate keeps its own three bytes instead of being an error."""
    return text.encode("utf-8", "surrogatepass")


def to_text(data: bytes) -> str:
    """The inverse of `to_bytes`. Raises UnicodeDecodeError for other bytes."""
    return data.decode("utf-8", "surrogatepass")


def file_name(name: str, suffix: str = "") -> str:
    """The file name of `name` with `suffix`, at most `LONGEST` characters."""
    plain = to_bytes(name).hex() + suffix
    return plain if len(plain) <= LONGEST else DIGEST_MARK + digest(name) + suffix


def is_digest(file: str) -> bool:
    """Whether a file name is of the digest kind, so that its first line must say the name."""
    return file.startswith(DIGEST_MARK)


def name_of(stem: str) -> str | None:
    """The name that a file name without its suffix means; None when it means none."""
    try:
        name = to_text(bytes.fromhex(stem))
    except ValueError:
        return None
    return name if to_bytes(name).hex() == stem else None


def digest(name: str) -> str:
    """64 hex digits that spread names evenly."""
    return hashlib.sha256(to_bytes(name)).hexdigest()


@lru_cache(maxsize=8192)
def quoted(name: str) -> bytes:
    """The name as an SX string literal without a raw newline."""
    return to_bytes(serialize(name))


def unquoted(literal: bytes) -> str:
    """The name that `quoted` wrote."""
    if b"\\" not in literal:
        return to_text(literal[1:-1])
    name = read_datum(to_text(literal))
    assert isinstance(name, str)
    return name
