"""Digests and encodings, against published values."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from calling import call
from hypothesis import given
from hypothesis import strategies as st

from sxpy.errors import EvalError, SxTypeError, SxValueError


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        # FIPS 180-4 and FIPS 202 examples
        ("crypto-sha256", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("crypto-sha256", b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "crypto-sha512",
            "abc",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        ),
        ("crypto-sha3-256", "abc", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"),
        # the digest of the UTF-8 bytes, by coreutils sha256sum
        ("crypto-sha256", "é", "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c"),
        ("cid", "", "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"),
        ("cid", b"hello world", "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"),
        # RFC 4648 §10
        ("base64-encode", "", ""),
        ("base64-encode", "f", "Zg=="),
        ("base64-encode", "foobar", "Zm9vYmFy"),
        ("base64-decode", "Zg==", b"f"),
        ("base64-decode", "+/+/", b"\xfb\xff\xbf"),
        ("hex-encode", "foobar", "666f6f626172"),
        ("hex-encode", b"\x00\xff", "00ff"),
        ("hex-decode", "00fF", b"\x00\xff"),
        ("hex-decode", "", b""),
    ],
)
def test_value(name: str, value: Any, expected: Any) -> None:
    assert call(name, value) == expected


@pytest.mark.parametrize(
    ("name", "value", "kind", "message"),
    [
        ("crypto-sha256", 1, SxTypeError, "crypto-sha256: expected string or bytevector, got number"),
        ("cid", "a\ud800", SxValueError, "cid: character 1 of the string is a lone surrogate"),
        ("base64-decode", "Zg", SxValueError, "the text is no base64"),
        ("base64-decode", "Z g=", SxValueError, "the text is no base64"),
        ("base64-decode", "é", SxValueError, "the text is no base64"),
        ("hex-decode", "abc", SxValueError, "the text is no hex"),
        ("hex-decode", "zz", SxValueError, "the text is no hex"),
        ("hex-decode", "é", SxValueError, "the text is no hex"),
    ],
)
def test_error(name: str, value: Any, kind: type[EvalError], message: str) -> None:
    with pytest.raises(kind) as caught:
        call(name, value)
    assert message in caught.value.message


@given(st.binary())
def test_encodings_are_undone(data: bytes) -> None:
    assert call("base64-decode", call("base64-encode", data)) == data
    assert call("hex-decode", call("hex-encode", data)) == data
    assert call("base64-encode", data) == base64.b64encode(data).decode()
