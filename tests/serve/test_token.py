"""Who may come in: the token, where it is read from, and what a client without it gets."""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from connecting import Served, served

from sxpy.server import TokenError, clients, find_token, token
from sxpy.server.lines import TOO_LONG
from sxpy.server.token import Token
from sxpy_hosts.memory import MemoryHost

SECRET = "open \u00e9 sesame"
RIGHT = r'(auth "open \u00e9 sesame")'
REFUSED = r'(error 0 "the first line must be (auth \"TOKEN\") with the token of this server")'


@pytest.fixture
def one() -> Iterator[Served]:
    """A server on a TCP port."""
    with served("tcp:127.0.0.1:0", MemoryHost(), token=Token(SECRET)) as serving:
        yield serving


def test_nothing_is_said_to_a_client_before_its_token(one: Served) -> None:
    with one.client() as ann:
        ann.socket.settimeout(0.2)
        with pytest.raises(TimeoutError):
            ann.socket.recv(1)


def test_a_client_with_the_token_is_served(one: Served) -> None:
    with one.client() as ann:
        assert ann.ask(RIGHT) == "(ready)"
        assert ann.ask("(ping)") == '(ok 0 "pong")'


@pytest.mark.parametrize(
    "line",
    [
        '(auth "open")',
        '(auth "")',
        r'(auth "\ud800")',
        "(auth 5)",
        "(auth)",
        "(ping)",
        "",
        "; comment",
        "(",
        '(auth "' + "x" * 100_000 + '")',
        b"\xff",
        RIGHT + RIGHT,
    ],
    ids=lambda line: str(line[:20]),
)
def test_any_other_first_line_gets_one_error_and_the_end(one: Served, line: Any) -> None:
    with one.client() as ann:
        assert ann.ask(line) == REFUSED
        assert ann.read_to_end() == b""


def test_nothing_is_done_for_a_client_without_the_token(one: Served) -> None:
    put = r'(eval "(perform {:op \"persist/kv-put\" :args (list \"k\" 5)})")'
    with one.client() as ann:
        ann.send('(auth "guess")').send(RIGHT).send(put)
        assert ann.read_to_end() == f"{REFUSED}\n".encode()
    with one.client() as bob:
        assert bob.ask(RIGHT) == "(ready)"
        assert bob.eval('(perform {:op "persist/kv-has?" :args (list "k")})') == "false"


def test_a_second_auth_is_an_error_and_the_client_stays(one: Served) -> None:
    with one.client() as ann:
        ann.ask(RIGHT)
        assert ann.ask(RIGHT).startswith('(error 0 "auth is the first line')
        assert ann.ask("(ping)") == '(ok 0 "pong")'


@pytest.mark.parametrize("said", [b"", b"(auth ", b"(auth \x00" * 5000])
def test_a_client_that_is_late_gets_an_error_and_the_end(
    one: Served, said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "LETTING_IN", 0.2)
    with one.client() as ann:
        ann.socket.send(said)
        assert ann.read() == r'(error 0 "no (auth \"TOKEN\") within 10 s")'
        assert ann.read_to_end() == b""


def test_bytes_that_trickle_in_buy_no_time(one: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "LETTING_IN", 0.3)
    with one.client() as ann, pytest.raises(OSError):
        for _ in range(100):
            ann.socket.send(b" ")
            time.sleep(0.05)


def test_a_client_that_is_known_has_all_the_time_there_is(
    one: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    with one.client() as ann:
        assert ann.ask(RIGHT) == "(ready)"
        monkeypatch.setattr(clients, "LETTING_IN", 0.0)
        with one.client() as late:
            assert late.read().startswith("(error 0 ")
        assert ann.ask("(ping)") == '(ok 0 "pong")'


def test_clients_without_the_token_take_no_seat() -> None:
    with (
        served("tcp:127.0.0.1:0", token=Token(SECRET), seats=1) as serving,
        serving.client(),
        serving.client() as ann,
    ):
        assert ann.ask(RIGHT) == "(ready)"


def test_a_token_may_be_demanded_on_a_unix_socket(tmp_path: Path) -> None:
    with served(tmp_path / "socket", token=Token(SECRET)) as serving, serving.client() as ann:
        assert ann.ask("(ping)") == REFUSED


def test_the_token_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def compared(given: bytes, secret: bytes) -> bool:
        seen.append((given, secret))
        return hmac.compare_digest(given, secret)

    class Watched:
        compare_digest = staticmethod(compared)

    monkeypatch.setattr(token, "hmac", Watched)
    assert Token("secret").admits(b'(auth "secret")')
    assert not Token("secret").admits(b'(auth "secres")')
    assert not Token("secret").admits(b"(ping)")
    assert not Token("secret").admits(TOO_LONG)
    assert seen == [(b"secret", b"secret"), (b"secres", b"secret"), (b"", b"secret")]


def test_the_file_is_asked_before_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "token"
    file.write_text("from the file\n")
    assert find_token(None) is None
    monkeypatch.setenv("SX_SERVE_TOKEN", "from the environment")
    found = find_token(None), find_token(file)
    assert found[0] is not None and found[0].admits(b'(auth "from the environment")')
    assert found[1] is not None and found[1].admits(b'(auth "from the file")')


def test_an_empty_variable_is_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SX_SERVE_TOKEN", " ")
    assert find_token(None) is None


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "1 to 1024 printable characters"),
        (b" \n", "1 to 1024 printable characters"),
        (b"two\nlines", "1 to 1024 printable characters"),
        (b"x" * 1025, "1 to 1024 printable characters"),
        (b"\xff", "is no UTF-8 text"),
        (None, "cannot read the token file .*token: No such file"),
    ],
)
def test_a_file_without_a_usable_token(tmp_path: Path, content: bytes | None, complaint: str) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(TokenError, match=complaint):
        find_token(file)


def test_a_token_shows_itself_to_nobody() -> None:
    assert "secret" not in repr(Token("secret"))


def test_the_longest_token_can_be_shown_in_escapes() -> None:
    text = "é" * 1024
    line = f'(auth "{"".join(chr(92) + "u00e9" for _ in text)}")'.encode()
    assert len(line) < token.LONGEST_LINE
    assert Token(text).admits(line)
