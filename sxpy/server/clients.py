"""A server with many clients: it accepts them, watches them, and ends.

Each client has a thread and a session of its own; what they share is the host that the sessions were made
with. One loop, in the thread that calls `serve`, owns the sockets: it accepts, notices clients that hang up
while their program runs, turns away those that are late with their token, and closes what is done. Replies
are written by the clients' threads. Invariants: there are at most twice as many clients as seats (those
that are served, and as many that are being let in or turned away); a socket is closed by the loop alone,
so no number of a closed one is ever watched. Next: `sxpy/server/client.py`, `sxpy/server/addresses.py`.
"""

from __future__ import annotations

import queue
import select
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from sxpy.baton import Relay
from sxpy.server import replies
from sxpy.server.addresses import Listener, UnixAddress
from sxpy.server.client import Client, Seats
from sxpy.server.session import Session
from sxpy.server.token import Token

SEATS = 64
"""How many clients are served at a time, when nobody says otherwise."""

LETTING_IN = 10.0
"""Seconds that a client may take to show its token."""

GRACE = 10.0
"""Seconds that the clients get to end, once the server is to end."""

_TICK = 0.05
"""Seconds between two looks at the clients that are to end or to show their token."""

_LEAVING = "the server is ending"
_LATE = f'no (auth "TOKEN") within {LETTING_IN:g} s'


class Server:
    """The clients of one listening socket."""

    def __init__(
        self,
        listener: Listener,
        make_session: Callable[[], Session],
        *,
        token: Token | None = None,
        seats: int = SEATS,
        crowded: Callable[[bool], None] = lambda _: None,
    ) -> None:
        """`make_session` is called once for each client, in its thread. `serve` closes `listener`.

        `crowded` is told, by any thread, when a program begins to keep others from computing, and when none
        does any more.
        """
        self._listener = listener
        self._make_session = make_session
        self._token = token
        self._seats = Seats(seats)
        self._relay = Relay(crowded)
        self._poll = select.poll()
        self._bell, self._button = socket.socketpair()
        self._bell.setblocking(False)
        self._button.setblocking(False)
        self._stopping = False
        self._clients: dict[int, tuple[Client, threading.Thread, float]] = {}
        """By the number of the socket: the client, its thread, and since when it is there."""
        self._leaving: dict[int, str] = {}
        """Those that are to end, and why."""
        self._done: queue.SimpleQueue[int] = queue.SimpleQueue()

    def stop(self) -> None:
        """Make `serve` return; safe from a signal handler or a thread."""
        self._stopping = True
        self._ring()

    def serve(self) -> bool:
        """Serve until `stop`: then no client comes in, programs are interrupted, clients are told.

        Whether all clients have ended; those that have not are cut off, their threads may still run.
        """
        self._poll.register(self._listener.socket, select.POLLIN)
        self._poll.register(self._bell, select.POLLIN)
        try:
            while not self._stopping:
                self._turn()
        finally:
            self._poll.unregister(self._listener.socket)
            self._listener.close()
        for number in self._clients:
            self._leaving.setdefault(number, _LEAVING)
        ended = self._see_off(GRACE) or self._cut_off()
        self._bell.close()
        self._button.close()
        return ended

    # -- the loop --------------------------------------------------------------------------------------

    def _turn(self) -> None:
        """Wait until there is something to do, and do it."""
        restless = self._leaving or not all(client.known for client, _, _ in self._clients.values())
        for number, _ in self._poll.poll(_TICK * 1000 if restless else None):
            if number == self._bell.fileno():
                self._bell.recv(4096)
            elif number in self._clients:
                # The client has hung up: nobody is left to be told.
                self._poll.unregister(number)
                self._leaving[number] = ""
            else:
                self._accept()
        late = time.monotonic() - LETTING_IN
        for number, (client, _, since) in self._clients.items():
            if not client.known and since < late:
                self._leaving.setdefault(number, _LATE)
        for number, why in self._leaving.items():
            self._clients[number][0].end(why)
        self._forget_the_done()

    def _forget_the_done(self) -> None:
        while not self._done.empty():
            number = self._done.get()
            client, thread, _ = self._clients.pop(number)
            self._leaving.pop(number, None)
            with suppress(KeyError):
                self._poll.unregister(number)
            thread.join()
            client.connection.close()

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.socket.accept()
        except ConnectionAbortedError:
            return
        except OSError as error:  # no file descriptor or no memory is left: some client will end
            print(f"cannot accept a client: {error.strerror}", file=sys.stderr)
            time.sleep(_TICK)
            return
        if not isinstance(self._listener.address, UnixAddress):
            _notice_the_dead(connection)
        client = Client(connection, self._make_session, self._seats, self._token, self._relay)
        number = connection.fileno()
        thread = threading.Thread(target=self._serve_client, args=(client, number), daemon=True)
        try:
            if len(self._clients) >= 2 * self._seats.total:
                raise RuntimeError("too many clients")
            thread.start()
        except RuntimeError as error:
            with suppress(OSError):
                connection.send(replies.error(0, f"{error}; try again later"), socket.MSG_DONTWAIT)
            connection.close()
            return
        self._clients[number] = client, thread, time.monotonic()
        self._poll.register(number, 0)  # POLLHUP and POLLERR are always told

    def _serve_client(self, client: Client, number: int) -> None:
        try:
            client.serve()
        finally:
            self._done.put(number)
            self._ring()

    def _ring(self) -> None:
        """Wake the loop."""
        with suppress(OSError):  # it has been rung often enough, or the loop is no more
            self._button.send(b".")

    # -- the end ---------------------------------------------------------------------------------------

    def _see_off(self, seconds: float) -> bool:
        """Whether all clients end within so many seconds."""
        deadline = time.monotonic() + seconds
        while self._clients and time.monotonic() < deadline:
            self._turn()
        return not self._clients

    def _cut_off(self) -> bool:
        for client, _, _ in self._clients.values():
            client.cut()
        return self._see_off(1.0)


def _notice_the_dead(connection: socket.socket) -> None:
    """Tune a TCP connection: replies leave at once; a client whose machine is gone is noticed in a minute."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
        option = getattr(socket, name, None)  # not on every system
        if option is not None:
            connection.setsockopt(socket.IPPROTO_TCP, option, value)
