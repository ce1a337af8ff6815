"""Names and file names: every string has a file name of its own that leads nowhere else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sxpy_hosts.names import file_name, is_digest, name_of, quoted, to_bytes, to_text, unquoted

anything = st.text(st.characters(), max_size=200)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("orders", "6f7264657273.log"),
        ("", ".log"),
        ("a/b", "612f62.log"),
        ("..", "2e2e.log"),
        ("é", "c3a9.log"),
        ("\ud800", "eda080.log"),
        ("A", "41.log"),
        ("a", "61.log"),
    ],
)
def test_a_file_name_is_the_hex_of_the_utf_8(name: str, file: str) -> None:
    assert file_name(name, ".log") == file


def test_a_long_name_becomes_a_digest() -> None:
    # 125 letters are 250 hex digits: with .log 254, the longest there is
    assert file_name("x" * 125, ".log") == "78" * 125 + ".log"
    # sha256sum of 126 x
    assert file_name("x" * 126, ".log") == (
        "sha256-19981abaa977c9ab097c239adda74b220f06b1eb938bfec39c8361b1a1adcbbf.log"
    )


@given(anything, st.sampled_from(["", ".log", ".12.log"]))
def test_no_file_name_leads_anywhere(name: str, suffix: str) -> None:
    file = file_name(name, suffix)
    assert re.fullmatch(r"(sha256-)?[0-9a-f]*[0-9a-z.]*", file)
    assert len(file) <= 255
    assert is_digest(file) or name_of(file.removesuffix(suffix)) == name


@given(anything, anything)
def test_two_names_never_share_a_file(one: str, other: str) -> None:
    assert (file_name(one) == file_name(other)) == (one == other)
    assert file_name(one) == file_name(one).lower()


@pytest.mark.parametrize("stem", ["6", "6F", "zz", "6f2", " 6f", "ff", "c3", "sha256-00"])
def test_what_no_name_has_is_none(stem: str) -> None:
    assert name_of(stem) is None


@given(anything)
def test_a_quoted_name_is_one_line_and_comes_back(name: str) -> None:
    literal = quoted(name)
    assert b"\n" not in literal
    assert (literal[:1], literal[-1:]) == (b'"', b'"')
    assert unquoted(literal) == name


@given(anything)
def test_bytes_come_back(name: str) -> None:
    assert to_text(to_bytes(name)) == name
