"""One client of a server with many: its socket, its session, and the thread that serves it.

Owns the order of a conversation: the token where one is demanded, a seat, `(ready)`, then a reply for each
command, one at a time, so a client that does not read only stops itself. It ends with the client's input,
or when somebody else says so with `end`: that wakes the thread, stops its program, and what is left to say
is the last line, an `error`. Invariant: whatever happens here concerns no other client.
Next: `sxpy/server/clients.py`.
"""

from __future__ import annotations

import io
import select
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO

from sxpy.baton import Relay, waiting
from sxpy.server import replies
from sxpy.server.lines import read_lines
from sxpy.server.session import Session
from sxpy.server.token import LONGEST_LINE, Token

if TYPE_CHECKING:
    from typing_extensions import Buffer

READING = 30.0
"""Seconds that a client may take to read some of what was sent to it."""

LINGERING = 1.0
"""Seconds that a client gets to read its last line and close."""

_PIECE = 1 << 16


class Seats:
    """A number of seats; each client that is served has one."""

    def __init__(self, total: int) -> None:
        self.total = total
        self._free = threading.Semaphore(total)

    @contextmanager
    def taken(self) -> Iterator[bool]:
        """Within: a seat is taken. Gives False, and takes none, when there is none."""
        seated = self._free.acquire(blocking=False)
        try:
            yield seated
        finally:
            if seated:
                self._free.release()


class _Incoming(io.RawIOBase):
    """What a client sends. Whoever reads it lets others compute meanwhile."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__()
        self._connection = connection

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        with waiting():
            return self._connection.recv_into(buffer)


class Client:
    """A connected client. `serve` is its thread's work; everything else may be called from any thread."""

    def __init__(
        self,
        connection: socket.socket,
        make_session: Callable[[], Session],
        seats: Seats,
        token: Token | None,
        relay: Relay,
    ) -> None:
        """`connection` stays the caller's to close, when `serve` has returned."""
        self.connection = connection
        self.known = token is None
        """Whether it has shown the token; until then it may be turned away at any time."""
        self._make_session = make_session
        self._seats = seats
        self._token = token
        self._relay = relay
        self._session: Session | None = None
        self._farewell: str | None = None
        """Why the conversation is over, "" when nobody is left to be told."""

    def serve(self) -> None:
        """Converse to the end. Raises nothing."""
        try:
            with self._relay.running(), io.BufferedReader(_Incoming(self.connection)) as source:
                self._converse(source)
            self._bid_farewell()
        except OSError:  # the client has gone away, or does not read
            pass
        except Exception:
            traceback.print_exc(file=sys.stderr)
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def end(self, why: str = "") -> None:
        """End the conversation: the first `why` is the last line. To be called until `serve` returns.

        Once is not enough: a program that was about to start cannot be stopped yet.
        """
        if self._farewell is None:
            self._farewell = why
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RD)
        session = self._session
        if session is not None:
            session.interrupt()

    def cut(self) -> None:
        """End the conversation without a word, even in the middle of a reply."""
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    # -- in the client's thread ------------------------------------------------------------------------

    def _converse(self, source: BinaryIO) -> None:
        if self._token is not None:
            first = next(read_lines(source, LONGEST_LINE), b"")
            if self._farewell is not None:
                return
            if not self._token.admits(first):
                self._farewell = 'the first line must be (auth "TOKEN") with the token of this server'
                return
            self.known = True
        with self._seats.taken() as seat:
            if not seat:
                self._farewell = f"{self._seats.total} clients are being served already; try again later"
                return
            self._session = session = self._make_session()
            self._send(replies.READY)
            for line in read_lines(source):
                if self._farewell is not None:
                    return
                self._send(session.feed(line))

    def _send(self, reply: bytes) -> None:
        """Raises OSError when the client has gone away or does not read."""
        rest = memoryview(reply)
        while rest:
            try:
                rest = rest[self.connection.send(rest[:_PIECE], socket.MSG_DONTWAIT) :]
            except BlockingIOError:
                writable = select.poll()
                writable.register(self.connection, select.POLLOUT)
                with waiting():
                    ready = writable.poll(READING * 1000)
                if not ready:
                    raise TimeoutError(f"the client read nothing for {READING} s") from None

    def _bid_farewell(self) -> None:
        if not self._farewell:
            return
        epoch = 0 if self._session is None else self._session.epoch
        self._send(replies.error(epoch, self._farewell))
        # Closed with something unread, a TCP connection would take back what the client did not read yet.
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(LINGERING)
        deadline = time.monotonic() + LINGERING
        while time.monotonic() < deadline and self.connection.recv(_PIECE):
            pass
