"""Many clients of one server: each for itself, none in the way of another."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from connecting import SPIN, Served, served, within
from serving import quoted

from sxpy.server import client as client_module
from sxpy.server import clients as clients_module
from sxpy_hosts.memory import MemoryHost

PUT = '(perform {:op "persist/kv-put" :args (list "k" 5)})'
GET = '(perform {:op "persist/kv-get" :args (list "k")})'
ENDING = '(error 0 "the server is ending")'


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Served]:
    """A server on a Unix socket with a store in memory."""
    with served(tmp_path / "socket", MemoryHost()) as serving:
        yield serving


# -- each for itself ----------------------------------------------------------------------------------


def test_each_client_has_its_own_interpreter_and_epoch(one: Served) -> None:
    with one.client().ready() as ann, one.client().ready() as bob:
        ann.send("(epoch 7)")
        assert ann.ask('(load-source "(define x 1)")') == "(ok 7)"
        assert bob.ask('(eval "x")') == '(error 0 "Undefined symbol: x (at <eval>:1:1)")'
        assert ann.eval("x") == "1"
        assert bob.ask("(ping)") == '(ok 0 "pong")'


def test_a_reset_is_for_one_client(one: Served) -> None:
    with one.client().ready() as ann, one.client().ready() as bob:
        for talk in (ann, bob):
            talk.eval("(define x 1)")
        assert ann.ask("(reset)") == "(ok 0)"
        assert ann.ask('(eval "x")').startswith("(error 0 ")
        assert bob.eval("x") == "1"


def test_all_clients_share_the_store(one: Served) -> None:
    with one.client().ready() as ann, one.client().ready() as bob:
        ann.eval(PUT)
        assert bob.eval(GET) == "5"


def test_each_client_answers_its_own_requests(tmp_path: Path) -> None:
    with (
        served(tmp_path / "socket", bridge=True) as serving,
        serving.client().ready() as ann,
        serving.client().ready() as bob,
    ):
        for talk in (ann, bob):
            assert talk.ask('(eval "(perform {:op \\"who?\\" :args ()})")') == '(io-request "who?")'
        assert bob.ask('(io-response "bob")') == '(ok-len 0 5)\n"bob"'
        assert ann.ask('(io-response "ann")') == '(ok-len 0 5)\n"ann"'


def test_a_program_that_computes_does_not_keep_others_from_being_served(one: Served) -> None:
    with one.client().ready() as ann:
        ann.send(SPIN)
        with one.client().ready() as bob:
            assert bob.eval("(+ 1 2)") == "3"


def test_lines_may_come_in_any_pieces(one: Served) -> None:
    with one.client().ready() as ann:
        for byte in b"(ping)\n(epoch 4)\n(pi":
            ann.socket.send(bytes([byte]))
        assert ann.read() == '(ok 0 "pong")'
        ann.socket.send(b"ng)\n(ping)\n")
        assert [ann.read(), ann.read()] == ['(ok 4 "pong")'] * 2


def test_a_client_that_sends_no_more_gets_all_its_replies(one: Served) -> None:
    with one.client().ready() as ann:
        ann.send('(eval "(reduce + 0 (range 100000))")').send("(ping)")
        ann.half_close()
        assert ann.read_to_end() == b'(ok-len 0 10)\n4999950000\n(ok 0 "pong")\n'


def test_hostile_bytes_are_one_client_s_own_trouble(one: Served) -> None:
    with one.client().ready() as ann, one.client().ready() as bob:
        for line in (b"\xff\x00", b"(((", b'"', b"(exit)", b"(io-response 1)", b"(epoch x)", b'(auth "x")'):
            assert ann.ask(line).startswith("(error 0 ")
            assert bob.ask("(ping)") == '(ok 0 "pong")'


# -- leaving ------------------------------------------------------------------------------------------


def test_the_program_of_a_client_that_is_gone_is_stopped(one: Served) -> None:
    with one.client().ready() as bob:
        ann = one.client().ready()
        ann.send(SPIN)
        assert bob.ask("(ping)") == '(ok 0 "pong")'
        ann.close()
        assert within(10, lambda: len(one.server._clients) == 1)
        assert bob.ask("(ping)") == '(ok 0 "pong")'


def test_nothing_more_is_done_for_a_client_that_is_gone(one: Served) -> None:
    with one.client().ready() as bob:
        ann = one.client().ready()
        ann.send(SPIN).send(f"(eval {quoted(PUT)})")
        ann.close()
        assert within(10, lambda: len(one.server._clients) == 1)
        assert bob.eval(GET) == "nil"


def test_a_client_may_go_at_any_moment(one: Served) -> None:
    with one.client().ready() as bob:
        for number in range(60):
            ann = one.client()
            if number % 3:
                ann.ready()
            if number % 3 == 2:
                ann.send('(eval "(range 100000)")')
            ann.close()
        assert bob.ask("(ping)") == '(ok 0 "pong")'
        assert within(10, lambda: len(one.server._clients) == 1)


def test_a_client_that_waits_for_an_answer_may_go(tmp_path: Path) -> None:
    with served(tmp_path / "socket", bridge=True) as serving:
        ann = serving.client().ready()
        assert ann.ask('(eval "(perform {:op \\"who?\\" :args ()})")') == '(io-request "who?")'
        ann.close()
        assert serving.becomes_empty()


# -- bounds -------------------------------------------------------------------------------------------


def test_too_many_clients_are_refused_until_one_leaves(tmp_path: Path) -> None:
    with served(tmp_path / "socket", seats=2) as serving, ExitStack() as closing:
        first = [closing.enter_context(serving.client()).ready() for _ in range(2)]
        for _ in range(5):
            with serving.client() as refused:
                assert refused.read() == '(error 0 "2 clients are being served already; try again later")'
                assert refused.read_to_end() == b""
            assert within(
                10, lambda: len(serving.server._clients) == 2
            )  # else the next one may be one too many
        assert first[0].ask("(ping)") == '(ok 0 "pong")'
        first[0].close()
        assert within(10, lambda: len(serving.server._clients) == 1)
        with serving.client().ready() as late:
            assert late.ask("(ping)") == '(ok 0 "pong")'


def test_clients_that_are_refused_and_stay_are_bounded_too(tmp_path: Path) -> None:
    with served(tmp_path / "socket", seats=1) as serving, ExitStack() as closing:
        closing.enter_context(serving.client()).ready()
        crowd = [closing.enter_context(serving.client()) for _ in range(20)]
        for talk in crowd:
            assert talk.read().startswith('(error 0 "')
        assert len(serving.server._clients) <= 2


def test_a_client_that_does_not_read_stops_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "READING", 0.3)
    with served(tmp_path / "socket") as serving, serving.client().ready() as bob:
        with serving.client().ready() as ann:
            ann.socket.settimeout(0.2)
            with pytest.raises(OSError):
                for _ in range(10_000):
                    ann.send('(eval "(range 10000)")')
            assert bob.ask("(ping)") == '(ok 0 "pong")'
            assert within(10, lambda: len(serving.server._clients) == 1)  # it was dropped
        assert bob.ask("(ping)") == '(ok 0 "pong")'


# -- the end ------------------------------------------------------------------------------------------


def test_when_the_server_ends_every_client_is_told(one: Served) -> None:
    with one.client().ready() as idle, one.client().ready() as busy:
        busy.send("(epoch 3)").send(SPIN)
        time.sleep(0.1)
        assert one.stop() is True
        assert idle.read_to_end() == f"{ENDING}\n".encode()
        assert busy.read().startswith('(error 3 "interrupted')
        assert busy.read() == '(error 3 "the server is ending")'
        assert busy.read_to_end() == b""


def test_no_client_comes_in_once_the_server_is_to_end(one: Served) -> None:
    assert one.stop() is True
    with pytest.raises(OSError):
        one.client()


def test_lines_that_wait_when_the_server_ends_are_not_done(tmp_path: Path) -> None:
    host = MemoryHost()
    with served(tmp_path / "socket", host) as serving, serving.client().ready() as ann:
        ann.send(SPIN).send(f"(eval {quoted(PUT)})")
        assert serving.stop() is True
        ann.read_to_end()
        assert host.answer("persist/kv-has?", ["k"]) is False


class Stuck:
    """A host whose one operation does not return until it is let go."""

    def __init__(self) -> None:
        self.asked, self.go = threading.Event(), threading.Event()

    def owns(self, operation: str) -> bool:
        return True

    def answer(self, operation: str, args: list[Any], request: Any) -> Any:
        self.asked.set()
        assert self.go.wait(30)

    def close(self) -> None:
        pass


def test_a_client_that_cannot_be_stopped_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients_module, "GRACE", 0.2)
    stuck = Stuck()
    with served(tmp_path / "socket", stuck) as serving, serving.client().ready() as ann:
        ann.send('(eval "(perform {:op \\"hang\\" :args ()})")')
        assert stuck.asked.wait(10)
        assert serving.stop() is False
        assert ann.read_to_end() == b""
        stuck.go.set()


def test_the_server_can_be_stopped_before_it_serves(tmp_path: Path) -> None:
    with served(tmp_path / "socket") as serving:
        assert serving.stop() is True
        serving.server.stop()


def test_a_session_that_cannot_be_made_ends_one_client(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with served(tmp_path / "socket") as serving:
        real = serving.server._make_session

        def broken() -> Any:
            serving.server._make_session = real
            raise MemoryError("none is left")

        serving.server._make_session = broken
        with serving.client() as ann:
            assert ann.read_to_end() == b""
        with serving.client().ready() as bob:
            assert bob.ask("(ping)") == '(ok 0 "pong")'
    assert "MemoryError: none is left" in capsys.readouterr().err


def test_no_socket_is_left_open(one: Served) -> None:
    made: list[socket.socket] = []
    for _ in range(5):
        with one.client().ready() as ann:
            made += [client.connection for client, _, _ in one.server._clients.values()]
            ann.send("(ping)").read()
    assert within(10, lambda: all(connection.fileno() == -1 for connection in made))
