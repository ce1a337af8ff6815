"""Content identifiers: the name of a sequence of bytes, computed from the bytes alone.

Owns the one way the project names content: CIDv1, codec raw, multihash sha2-256, in lower-case base32
without padding and with the multibase prefix `b` (https://github.com/multiformats/cid,
https://github.com/multiformats/multibase). Equal bytes have equal names on every host.
"""

from __future__ import annotations

_PREFIX = bytes([0x01, 0x55, 0x12, 0x20])
"""CID version 1, codec raw, hash function sha2-256, digest of 32 bytes; each fits in one varint byte."""

CID_LENGTH = 59
"""The length of every identifier, in characters."""


def cid_of(data: bytes | bytearray) -> str:
    """The content identifier of `data`: 59 characters that begin with `bafkrei`."""
    import base64  # noqa: PLC0415  most programs name no content
    import hashlib  # noqa: PLC0415

    binary = _PREFIX + hashlib.sha256(data).digest()
    return "b" + base64.b32encode(binary).decode("ascii").rstrip("=").lower()
