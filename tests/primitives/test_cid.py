"""Content identifiers, against published ones."""

import pytest

from sxpy.cid import CID_LENGTH, cid_of


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"),
        (b"hello world", "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"),
    ],
)
def test_published_identifiers(data: bytes, expected: str) -> None:
    assert cid_of(data) == expected
    assert cid_of(bytearray(data)) == expected
    assert len(expected) == CID_LENGTH
