"""Lines to commands: the short way for plain lines gives what the reader gives."""

from __future__ import annotations

from collections.abc import Callable
from unittest import mock

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sxpy.server import commands
from sxpy.server.commands import CommandError, Eval, IoError, Load, LoadSource, parse_command

PIECES = [
    *'()"\\ ;#\n\t\r\x00\x7f',
    *("eval", "load", "load-source", "io-error", "ping", "epoch", "auth", "nil", "7", "é"),
    *('(eval "', '")', '\\"', "\\\\", "\\n", "\\u0041", "\\u00", "\\x41;", "\\q", "(put 1)", ' "'),
]


def outcome(line: bytes) -> object:
    try:
        return parse_command(line)
    except CommandError as error:
        return str(error)


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=10).map("".join), st.booleans())
@example('(eval "\\u12")', False)
@example('(eval "a\\\\")', False)
@example('(eval \'"a")', False)
def test_a_plain_line_is_the_command_that_the_reader_reads(text: str, whole: bool) -> None:
    line = (f'(eval "{text}")' if whole else text).encode()
    with mock.patch.object(commands, "_TEXTS", {}):
        wanted = outcome(line)
    assert outcome(line) == wanted


@pytest.mark.parametrize(
    ("name", "kind"),
    [("eval", Eval), ("load", Load), ("load-source", LoadSource), ("io-error", IoError)],
)
def test_escapes_are_read(name: str, kind: Callable[[str], object]) -> None:
    assert parse_command(rf'({name} "(str \"a\\\\b\" \u0041)")'.encode()) == kind('(str "a\\\\b" A)')


def test_a_line_of_many_escapes_is_read_at_once() -> None:
    text = '\\"' * 1_000_000
    assert parse_command(f'(eval "{text}'.encode() + b'")') == Eval('"' * 1_000_000)
    with pytest.raises(CommandError):
        parse_command(f'(eval "{text}'.encode())
