"""Where a server listens: `unix:PATH`, `tcp:HOST:PORT`, and the listening socket of each.

Owns what must hold before the first client comes: a Unix socket that only its owner can open and whose
file is removed at the end, a TCP socket that other machines cannot reach unless that was asked for. A
socket file that no server listens on is replaced, any other file never. Next: `sxpy/server/clients.py`.
"""

from __future__ import annotations

import errno
import fcntl
import ipaddress
import os
import socket
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sxpy.errors import SxError

BACKLOG = 128
"""How many clients may wait to be accepted."""

PATIENCE = 5.0
"""Seconds to wait for another process that opens or removes a socket file in the same directory."""


class ListenError(SxError):
    """The server cannot listen there; the message says why."""


@dataclass(frozen=True, slots=True)
class UnixAddress:
    """The file of a Unix socket."""

    path: str

    def __str__(self) -> str:
        return f"unix:{self.path}"


@dataclass(frozen=True, slots=True)
class TcpAddress:
    """A host name or address, and a port; port 0 lets the system choose."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"tcp:{host}:{self.port}"


Address = UnixAddress | TcpAddress


def parse_address(text: str) -> Address:
    """The address that `text` writes. Raises ListenError."""
    kind, _, rest = text.partition(":")
    if kind == "unix" and rest:
        return UnixAddress(rest)
    host, _, port = rest.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ListenError(f"{text}: write an IPv6 address in brackets, as in tcp:[::1]:7000")
    if kind == "tcp" and host and port.isascii() and port.isdigit() and int(port) < 1 << 16:
        return TcpAddress(host, int(port))
    raise ListenError(f"{text!r} is no address; write unix:PATH or tcp:HOST:PORT")


class Listener:
    """A listening socket. `address` is where clients find it."""

    def __init__(self, listening: socket.socket, address: Address) -> None:
        self.socket = listening
        self.address = address
        self._file = _identity(address.path) if isinstance(address, UnixAddress) else None

    def close(self) -> None:
        """Listen no more; the file of a Unix socket is gone then."""
        self.socket.close()
        if self._file is None:
            return
        assert isinstance(self.address, UnixAddress)
        path, self._file, ours = self.address.path, None, self._file
        with suppress(OSError, ListenError), _alone_in(path):
            if _identity(path) == ours:
                Path(path).unlink()


def open_listener(address: Address, *, remote: bool = False) -> Listener:
    """Listen at `address`. `remote`: machines other than this one may be able to connect.

    Raises ListenError.
    """
    try:
        if isinstance(address, UnixAddress):
            return _open_unix(address)
        return _open_tcp(address, remote=remote)
    except OSError as error:
        raise ListenError(f"cannot listen on {address}: {error.strerror or error}") from error


# -- Unix ----------------------------------------------------------------------------------------------


def _open_unix(address: UnixAddress) -> Listener:
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _alone_in(address.path):
            _make_room(address)
            before = os.umask(0o177)  # the file is born with mode 0600
            try:
                listening.bind(address.path)
            finally:
                os.umask(before)
            listening.listen(BACKLOG)
        return Listener(listening, address)
    except BaseException:
        listening.close()
        raise


def _make_room(address: UnixAddress) -> None:
    """Remove the socket file of a server that is no more."""
    try:
        found = os.lstat(address.path)
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        raise ListenError(f"{address.path} exists and is no socket; choose another path, or remove it")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        refused = probe.connect_ex(address.path)
    if refused in (0, errno.EAGAIN):
        raise ListenError(f"{address.path}: another server listens there")
    if refused != errno.ECONNREFUSED:
        raise OSError(refused, os.strerror(refused), address.path)
    Path(address.path).unlink()


def _identity(path: str) -> tuple[int, int] | None:
    """What tells the file at `path` from any other; None when there is none."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


@contextmanager
def _alone_in(path: str) -> Iterator[None]:
    """Keep other servers from opening or removing a socket file in the directory of `path`.

    Two that start at once would both find the same dead file, and one would remove the other's new one.
    """
    directory = os.open(Path(path).parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise ListenError(f"another process keeps the directory of {path} locked") from None
                time.sleep(0.01)
        yield
    finally:
        os.close(directory)


# -- TCP -----------------------------------------------------------------------------------------------


def _open_tcp(address: TcpAddress, *, remote: bool) -> Listener:
    found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    places = list(dict.fromkeys((family, place) for family, _, _, _, place in found))
    outside = [place[0] for _, place in places if not ipaddress.ip_address(place[0]).is_loopback]
    if outside and not remote:
        raise ListenError(
            f"{address}: other machines can reach {outside[0]}, and what crosses the network is not "
            "encrypted; use 127.0.0.1, or say --allow-remote"
        )
    for family, place in places:
        try:
            listening = socket.create_server(place, family=family, backlog=BACKLOG)
            break
        except OSError as error:
            refused = error
    else:
        raise refused
    return Listener(listening, TcpAddress(address.host, listening.getsockname()[1]))
