"""`sx serve --listen` as a process: options, signals, killed clients, and sixteen writers on one store."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from connecting import SPIN, Connected, listening
from serving import quoted

from sxpy.server.addresses import TcpAddress, UnixAddress
from sxpy_hosts.disk import open_host
from sxpy_hosts.verify import verify

SERVE = [sys.executable, "-m", "sxpy.cli", "serve"]
WRITERS, EVENTS = 16, 15

LIBRARY = """
(load "lib/persist/all.sx")
(define own (persist/durable-backend))
(define shared (persist/extended-durable-backend))
(define (put stream data) (persist/event-seq (persist/append own stream "t" 0 data)))
(define (put-shared data)
  (let ((r (persist/append-expect shared "shared" (persist/last-seq shared "shared") "t" 0 data)))
    (if (persist/conflict? r) (put-shared data) (persist/event-seq r))))
"""


def test_it_tells_where_it_listens_and_serves(tmp_path: Path) -> None:
    with listening(tmp_path) as (_, address), Connected(address).ready() as ann:
        assert address == UnixAddress(str(tmp_path / "socket"))
        assert ann.eval("(+ 1 2)") == "3"


def test_what_programs_write_goes_to_standard_error(tmp_path: Path) -> None:
    with listening(tmp_path) as (_, address), Connected(address).ready() as ann:
        assert ann.ask('(load-source "(display \\"hello\\") (newline)")') == "(ok 0)"
        assert (tmp_path / "stderr").read_text() == "hello\n"


def test_limits_are_for_each_run_of_each_client(tmp_path: Path) -> None:
    with (
        listening(tmp_path, "--max-steps", "100000") as (_, address),
        Connected(address).ready() as ann,
        Connected(address).ready() as bob,
    ):
        assert ann.ask(SPIN).startswith('(error 0 "the program took more than')
        assert bob.eval("(+ 1 2)") == "3"
        assert ann.eval("(+ 1 2)") == "3"


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_ends_it_in_order(tmp_path: Path, number: int, status: int) -> None:
    with listening(tmp_path, store=tmp_path / "store") as (process, address):
        with Connected(address).ready() as ann, Connected(address).ready() as bob:
            ann.eval('(perform {:op "persist/kv-put" :args (list "k" 5)})')
            bob.send('(eval "(display \\"begun\\\\n\\") (let loop () (loop))")')
            while "begun" not in (tmp_path / "stderr").read_text():
                time.sleep(0.01)
            process.send_signal(number)
            assert ann.read() == '(error 0 "the server is ending")'
            assert bob.read().startswith('(error 0 "interrupted')
            assert bob.read() == '(error 0 "the server is ending")'
        assert process.wait(30) == status
        assert not (tmp_path / "socket").exists()
        assert (tmp_path / "stderr").read_text() == "begun\n"
    with closing(open_host(tmp_path / "store", read_only=True)) as host:
        assert host.answer("persist/kv-get", ["k"]) == 5


def test_a_second_signal_does_not_wait(tmp_path: Path) -> None:
    with listening(tmp_path) as (process, address), Connected(address).ready() as ann:
        # The first waits for a client to read its reply.
        ann.send('(eval "(make-string 5000000)")')
        assert ann.socket.recv(1) == b"("
        process.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 143
        assert not (tmp_path / "socket").exists()


def test_a_server_that_was_killed_leaves_a_file_that_the_next_one_replaces(tmp_path: Path) -> None:
    with listening(tmp_path) as (process, _):
        process.kill()
        process.wait()
    assert (tmp_path / "socket").is_socket()
    with listening(tmp_path) as (_, address), Connected(address).ready() as ann:
        assert ann.eval("(+ 1 2)") == "3"


def test_over_tcp_with_a_token_from_a_file(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("secret\n")
    token.chmod(0o600)
    options = ("--token-file", str(token), "--clients", "1")
    with listening(tmp_path, *options, address="tcp:127.0.0.1:0") as (_, address):
        assert isinstance(address, TcpAddress) and address.port > 0
        with Connected(address) as ann, Connected(address) as bob:
            assert ann.ask('(auth "secret")') == "(ready)"
            assert ann.eval("(+ 1 2)") == "3"
            assert bob.ask('(auth "secret")').startswith('(error 0 "1 clients are being served already')
    assert (tmp_path / "stderr").read_text() == ""


def test_a_token_file_that_others_can_read_is_worth_a_warning(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("secret")
    token.chmod(0o644)
    with listening(tmp_path, "--token-file", str(token)) as (_, address), Connected(address) as ann:
        assert ann.ask('(auth "secret")') == "(ready)"
    assert "warning: others can read" in (tmp_path / "stderr").read_text()


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="the system does not tell")
def test_it_stays_on_the_processor_that_it_is_given(tmp_path: Path) -> None:
    cpu = max(os.sched_getaffinity(0))
    with listening(tmp_path, "--cpu", str(cpu)) as (process, address), Connected(address).ready() as ann:
        assert os.sched_getaffinity(process.pid) == {cpu}
        assert ann.eval("(+ 1 2)") == "3"


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--listen", "tcp:127.0.0.1:0"], "give a --token-file or $SX_SERVE_TOKEN"),
        (["--listen", "tcp:0.0.0.0:0"], "give a --token-file or $SX_SERVE_TOKEN"),
        (["--listen", "7000"], "write unix:PATH or tcp:HOST:PORT"),
        (["--listen", "unix:/"], "exists and is no socket"),
        (["--listen", "unix:s", "--clients", "0"], "--clients"),
        (["--listen", "unix:s", "--token-file", "/no/such"], "cannot read the token file"),
        (["--clients", "3"], "go with --listen"),
        (["--token-file", "t"], "go with --listen"),
        (["--allow-remote"], "go with --listen"),
        (["--cpu", "100000"], "may run on"),
    ],
)
def test_wrong_usage(tmp_path: Path, options: list[str], complaint: str) -> None:
    done = subprocess.run(
        [*SERVE, "--no-store", *options],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert complaint in done.stderr.replace("\n", " ")


def test_other_machines_are_let_in_only_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SX_SERVE_TOKEN", "secret")
    done = subprocess.run(
        [*SERVE, "--no-store", "--listen", "tcp:0.0.0.0:0"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "--allow-remote" in done.stderr
    with listening(tmp_path, "--allow-remote", address="tcp:0.0.0.0:0") as (_, address):
        assert isinstance(address, TcpAddress)
        with Connected(TcpAddress("127.0.0.1", address.port)) as ann:
            assert ann.ask('(auth "secret")') == "(ready)"


# -- writers ------------------------------------------------------------------------------------------


CLIENT = """
import socket, sys
with socket.socket(socket.AF_UNIX) as connection:
    connection.connect(sys.argv[1])
    stream = connection.makefile("rwb")
    def ask(line):
        stream.write(line + b"\\n")
        stream.flush()
        head = stream.readline()
        return stream.readline() if head.startswith(b"(ok-len ") else head
    stream.readline()
    assert ask(sys.argv[2].encode()) == b"(ok 0)\\n"
    number = 0
    while True:
        number += 1
        print(int(ask(b'(eval "(put \\\\"killed\\\\" %d)")' % number)), flush=True)
"""


def test_sixteen_writers_over_a_unix_socket_lose_nothing(tmp_path: Path) -> None:
    told: dict[int, list[tuple[int, int]]] = {}

    def write(me: int, address: UnixAddress) -> None:
        mine = told[me] = []
        with Connected(address).ready() as talk:
            assert talk.ask(f"(load-source {quoted(LIBRARY)})") == "(ok 0)"
            for number in range(EVENTS):
                own = int(talk.eval(f'(put "own {me}" {number})'))
                mine.append((own, int(talk.eval(f"(put-shared {me * 1000 + number})"))))

    with listening(tmp_path, store=tmp_path / "store") as (process, address), ExitStack() as bystanders:
        assert isinstance(address, UnixAddress)
        killed = subprocess.Popen(
            [sys.executable, "-c", CLIENT, address.path, f"(load-source {quoted(LIBRARY)})"],
            stdout=subprocess.PIPE,
        )
        bystanders.enter_context(Connected(address).ready()).send(SPIN)
        writers = [threading.Thread(target=write, args=(me, address)) for me in range(WRITERS)]
        for writer in writers:
            writer.start()
        assert killed.stdout is not None
        acknowledged = [int(killed.stdout.readline()) for _ in range(5)]
        killed.kill()
        acknowledged += [int(line) for line in killed.stdout.read().split(b"\n")[:-1]]
        for writer in writers:
            writer.join()
        killed.wait()
        killed.stdout.close()
        process.kill()  # what was acknowledged is there without any goodbye
        process.wait()

    assert verify(tmp_path / "store").problems == []
    with closing(open_host(tmp_path / "store", read_only=True)) as host:

        def stored(stream: str) -> list[tuple[int, int]]:
            return [(e.get("seq"), e.get("data")) for e in host.answer("persist/read", [stream])]

        for me in range(WRITERS):
            assert stored(f"own {me}") == [(number + 1, number) for number in range(EVENTS)]
            assert [seq for seq, _ in told[me]] == list(range(1, EVENTS + 1))
        shared = {shared: me * 1000 + n for me in told for n, (_, shared) in enumerate(told[me])}
        assert stored("shared") == sorted(shared.items())
        assert sorted(shared) == list(range(1, WRITERS * EVENTS + 1))
        seqs = [seq for seq, _ in stored("killed")]
        assert acknowledged == list(range(1, len(acknowledged) + 1))
        assert seqs == list(range(1, len(seqs) + 1)) and len(seqs) >= len(acknowledged)
