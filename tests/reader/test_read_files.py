"""Files of source: what is no text, and what cannot be read, is told with the path."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sxpy.errors import ReadError, SxIOError
from sxpy.reader import read_file, read_source


def test_a_file_reads_with_its_path_as_name(tmp_path: Path) -> None:
    path = tmp_path / "a.sx"
    path.write_bytes('\ufeff(é "😀")\r\n(b)\r\n'.encode())
    source = read_file(path)
    forms, offsets = read_source(source)
    assert len(forms) == 2
    assert source.file == str(path)
    assert str(source.place(offsets[1])) == f"{path}:2:1"
    assert str(source.place(offsets[0])) == f"{path}:1:1"


def test_a_carriage_return_before_a_line_feed_is_no_part_of_a_string(tmp_path: Path) -> None:
    path = tmp_path / "a.sx"
    path.write_bytes(b'"a\r\nb"')
    assert read_source(read_file(path))[0] == ["a\nb"]


def test_bytes_that_are_not_utf8_are_told_with_path_place_and_offset(tmp_path: Path) -> None:
    path = tmp_path / "latin.sx"
    path.write_bytes(b"(a)\n(b \xe9 c)")
    with pytest.raises(ReadError, match=r"byte 7 .*0xe9.* UTF-8") as caught:
        read_file(path)
    assert str(caught.value.place) == f"{path}:2:4"


def test_a_cut_character_is_no_utf8(tmp_path: Path) -> None:
    path = tmp_path / "cut.sx"
    path.write_bytes("(é".encode()[:-1])
    with pytest.raises(ReadError, match="byte 1 "):
        read_file(path)


def test_encoded_surrogates_are_no_utf8(tmp_path: Path) -> None:
    path = tmp_path / "surrogate.sx"
    path.write_bytes(b'"\xed\xa0\x80"')
    with pytest.raises(ReadError, match="byte 1 "):
        read_file(path)


@pytest.mark.parametrize("data", [b"\x7fELF\x02\x01\x01\0\0\0\0", b"(a)\n\0\0\0", b"(\0a\0)\0"])
def test_a_null_byte_makes_a_file_binary(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "binary"
    path.write_bytes(data)
    with pytest.raises(ReadError, match=f"byte {data.index(0)} is null: .* binary file") as caught:
        read_file(path)
    assert caught.value.place is not None
    assert caught.value.place.file == str(path)


def test_a_missing_file_is_told_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / "none.sx"
    with pytest.raises(SxIOError, match="No such file") as caught:
        read_file(path)
    assert str(path) in caught.value.message


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(SxIOError, match="is a directory"):
        read_file(tmp_path)


def test_a_path_through_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("1")
    with pytest.raises(SxIOError, match="Not a directory"):
        read_file(tmp_path / "f" / "a.sx")


def test_a_path_with_a_null_character_is_refused() -> None:
    with pytest.raises(SxIOError, match="null"):
        read_file("a\0b")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_without_permission_is_told(tmp_path: Path) -> None:
    path = tmp_path / "secret.sx"
    path.write_text("1")
    path.chmod(0)
    with pytest.raises(SxIOError, match="Permission denied"):
        read_file(path)
