"""A server with many clients, in a thread of the test or as a process, and clients that connect to it."""

from __future__ import annotations

import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from serving import Talk, start

from sxpy import Interpreter
from sxpy.host import Host
from sxpy.reader import read_datum
from sxpy.server import Listener, Server, Session, open_listener, parse_address
from sxpy.server.addresses import Address, UnixAddress

SPIN = '(eval "(let loop () (loop))")'


class Connected(Talk):
    """A client of a server. As a context, it is closed at the end."""

    def __init__(self, address: Address) -> None:
        if isinstance(address, UnixAddress):
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.connect(address.path)
        else:
            self.socket = socket.create_connection((address.host, address.port))
        self.socket.settimeout(30)
        super().__init__(self.socket.makefile("wb"), self.socket.makefile("rb"))

    def ready(self) -> Connected:
        """The same, once the server has said so."""
        assert self.read() == "(ready)"
        return self

    def half_close(self) -> None:
        """Send no more."""
        self.socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Be gone, as a process that was killed is."""
        for stream in (self._in, self._out, self.socket):
            with suppress(OSError):  # what the server did not take any more
                stream.close()

    def __enter__(self) -> Connected:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class Served:
    """A server that runs in a thread; `ended` is what `serve` returned."""

    def __init__(self, listener: Listener, make_session: Callable[[], Session], **options: Any) -> None:
        self.address = listener.address
        self.server = Server(listener, make_session, **options)
        self.ended: bool | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        self.ended = self.server.serve()

    def client(self) -> Connected:
        """A client that has said nothing yet."""
        return Connected(self.address)

    def stop(self) -> bool | None:
        """End the server; whether its clients have ended."""
        self.server.stop()
        self._thread.join(30)
        return self.ended

    def becomes_empty(self) -> bool:
        """Whether all clients end within some seconds."""
        return within(10, lambda: not self.server._clients)


@contextmanager
def served(
    address: str | Path, host: Host | None = None, *, bridge: bool = False, **options: Any
) -> Iterator[Served]:
    """A server for the length of a test, in this process; a path is that of a Unix socket."""
    where = parse_address(address if isinstance(address, str) else f"unix:{address}")

    def make_session() -> Session:
        return Session(lambda asked: Interpreter(host=asked, output=sys.stderr), host, bridge=bridge)

    serving = Served(open_listener(where), make_session, **options)
    try:
        yield serving
    finally:
        serving.stop()


@contextmanager
def listening(
    directory: Path, *options: str, address: str = "", store: Path | None = None
) -> Iterator[tuple[Any, Address]]:
    """A server as a process: it, and the address that it tells."""
    listen = address or f"unix:{directory / 'socket'}"
    process = start(store, ["--listen", listen, *options], directory / "stderr")
    assert process.stdout is not None
    try:
        told = read_datum(process.stdout.readline().decode())
        yield process, parse_address(list(told)[1])
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    """Whether something comes to hold in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True
