"""Digests and encodings of bytes: SHA-2, SHA-3, content identifiers, hex and base64.

Owns what turns text or bytes into a name or into printable text. A string stands for its UTF-8 bytes; the
way back from text gives a bytevector, because not all bytes are text: `utf8->string` makes text of it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Any

from sxpy.cid import cid_of
from sxpy.data import Bytevector
from sxpy.errors import SxValueError
from sxpy.primitives.registry import expected, primitive
from sxpy.primitives.text import as_string


def as_bytes(who: str, value: Any) -> bytes:
    """The bytes of a bytevector, or those of a string in UTF-8.

    Raises SxTypeError for other kinds, SxValueError for a string with a lone surrogate.
    """
    if type(value) is Bytevector:
        return bytes(value.data)
    if type(value) is not str:
        raise expected(who, "string or bytevector", value)
    try:
        return value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise SxValueError(
            f"{who}: character {error.start} of the string is a lone surrogate, which has no UTF-8", value
        ) from None


@primitive("crypto-sha256")
def sha256(data: Any) -> str:
    """(crypto-sha256 x) — the SHA-256 digest of a string or bytevector, in 64 hex digits (FIPS 180-4).

    (crypto-sha256 "abc") => "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    """
    return hashlib.sha256(as_bytes("crypto-sha256", data)).hexdigest()


@primitive("crypto-sha512")
def sha512(data: Any) -> str:
    """(crypto-sha512 x) — the SHA-512 digest of a string or bytevector, in 128 hex digits (FIPS 180-4).

    (slice (crypto-sha512 "abc") 0 16) => "ddaf35a193617aba"
    """
    return hashlib.sha512(as_bytes("crypto-sha512", data)).hexdigest()


@primitive("crypto-sha3-256")
def sha3_256(data: Any) -> str:
    """(crypto-sha3-256 x) — the SHA3-256 digest of a string or bytevector, in 64 hex digits (FIPS 202).

    (crypto-sha3-256 "") => "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"
    """
    return hashlib.sha3_256(as_bytes("crypto-sha3-256", data)).hexdigest()


@primitive("cid")
def cid(data: Any) -> str:
    """(cid x) — the content identifier of a string or bytevector: CIDv1, raw, sha2-256, base32.

    (cid "") => "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"
    """
    return cid_of(as_bytes("cid", data))


@primitive("base64-encode")
def base64_encode(data: Any) -> str:
    """(base64-encode x) — a string or bytevector in base64, with padding (RFC 4648 §4).

    (base64-encode "hello") => "aGVsbG8="
    """
    return base64.b64encode(as_bytes("base64-encode", data)).decode("ascii")


@primitive("base64-decode")
def base64_decode(string: Any) -> Bytevector:
    """(base64-decode s) — the bytes that base64 text stands for; other text is an error (RFC 4648 §4).

    (utf8->string (base64-decode "aGVsbG8=")) => "hello"
    """
    text = as_string("base64-decode", string)
    try:
        return Bytevector(base64.b64decode(text, validate=True))
    except ValueError:
        raise SxValueError(
            "base64-decode: the text is no base64: A-Z a-z 0-9 + / and = up to a multiple of four", string
        ) from None


@primitive("hex-encode")
def hex_encode(data: Any) -> str:
    """(hex-encode x) — a string or bytevector in lower-case hex, two digits a byte (RFC 4648 §8).

    (hex-encode "az") => "617a"
    """
    return as_bytes("hex-encode", data).hex()


@primitive("hex-decode")
def hex_decode(string: Any) -> Bytevector:
    """(hex-decode s) — the bytes that hex digits stand for; other text is an error (RFC 4648 §8).

    (utf8->string (hex-decode "617A")) => "az"
    """
    text = as_string("hex-decode", string)
    try:
        return Bytevector(binascii.unhexlify(text))
    except ValueError:
        raise SxValueError("hex-decode: the text is no hex: an even number of 0-9 a-f A-F", string) from None
