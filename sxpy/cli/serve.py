"""`sx serve`: the server protocol, over standard input and output or on a socket for many clients."""

from __future__ import annotations

import os
import signal
import stat
import sys
from collections.abc import Callable
from contextlib import ExitStack, redirect_stdout, suppress
from pathlib import Path
from types import FrameType
from typing import TextIO

import click

from sxpy import Host, Interpreter, Limits
from sxpy.cli.options import cache_option, limit_options, store_options
from sxpy.cli.output import discard
from sxpy.jobs.door import with_jobs
from sxpy.printer import serialize
from sxpy.server import (
    SEATS,
    Listener,
    ListenError,
    Server,
    Session,
    TokenError,
    find_token,
    open_listener,
    parse_address,
)
from sxpy.server import serve as serve_streams
from sxpy.server.addresses import Address, TcpAddress
from sxpy.server.token import ENVIRONMENT, Token
from sxpy.stores import store_host


@click.command()
@store_options
@limit_options
@cache_option
@click.option("--strict", is_flag=True, help="Check argument counts, annotated types and arithmetic.")
@click.option("--bridge", is_flag=True, help="Let the client answer what no host owns.")
@click.option(
    "--listen",
    metavar="ADDRESS",
    help="Serve many clients on a socket: unix:PATH or tcp:HOST:PORT (port 0: any free one).",
)
@click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=f"Clients must show the token in FILE.  [default: ${ENVIRONMENT}; tcp: demands one]",
)
@click.option("--allow-remote", is_flag=True, help="Listen where other machines can connect, unencrypted.")
@click.option(
    "--clients",
    type=click.IntRange(min=1),
    metavar="N",
    help=f"Serve N clients at a time, turn others away.  [default: {SEATS}]",
)
@click.option(
    "--cpu",
    type=click.IntRange(min=0),
    metavar="N",
    help="Stay on processor N, from 0: many clients get up to twice as much.  [default: any]",
)
def serve(
    store: Path | None,
    limits: Limits,
    strict: bool,
    bridge: bool,
    listen: str | None,
    token_file: Path | None,
    allow_remote: bool,
    clients: int | None,
    cpu: int | None,
) -> None:
    """Serve a client: one command a line on standard input, one reply on standard output.

    The first line is (ready); the end of the input ends the server. What programs write goes to standard
    error. Commands: (epoch N), (load "path"), (load-source "text"), (eval "text"), (reset), (ping), and, as
    the answer to an (io-request "name" arg ...), (io-response VALUE) or (io-error "message").

    With --listen each client has an interpreter of its own, and all share the store. (listening "ADDRESS")
    on standard output says that clients can connect. Where a token is demanded, a client's first line is
    (auth "TOKEN"). SIGTERM ends the server with status 0, Ctrl-C with 130.
    """
    if listen is None and (token_file or allow_remote or clients):
        raise click.UsageError("--token-file, --allow-remote and --clients go with --listen.")
    if cpu is not None:
        _stay_on(cpu)
    with ExitStack() as closing:
        error = sys.stderr or closing.enter_context(Path(os.devnull).open("w", encoding="utf-8"))

        def make(host: Host | None) -> Interpreter:
            return Interpreter(host=host, output=error, limits=limits, strict=strict)

        host = with_jobs(store_host(store))
        if host is not None:
            closing.callback(host.close)

        def make_session() -> Session:
            return Session(make, host, bridge=bridge)

        if listen is None:
            _serve_parent(make_session(), error, closing)
        else:
            _serve_clients(
                listen, make_session, error, closing, token_file, allow_remote=allow_remote, seats=clients
            )


def _stay_on(cpu: int) -> None:
    """Keep all threads of this process on one processor: one of them computes at a time anyway.

    Handing over to a thread on another processor, whose caches know nothing of it, takes longer than what
    most requests want.
    """
    if not hasattr(os, "sched_setaffinity"):
        raise click.UsageError("--cpu: this system does not let a process choose its processors.")
    allowed = os.sched_getaffinity(0)
    if cpu not in allowed:
        listed = ", ".join(map(str, sorted(allowed)))
        raise click.UsageError(f"--cpu {cpu}: this process may run on {listed}.")
    os.sched_setaffinity(0, {cpu})


def _serve_parent(session: Session, error: TextIO, closing: ExitStack) -> None:
    if sys.stdin is None or sys.stdout is None:
        raise click.ClickException("standard input and output must be open: the parent speaks through them")
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    # What the parent did not read before it went away must not fail once more when Python ends.
    closing.callback(discard, sys.stdout)
    # Nothing but replies may reach the parent.
    closing.enter_context(redirect_stdout(error))
    try:
        serve_streams(session, source, sink)
    except OSError as failure:
        raise click.ClickException(f"cannot speak with the parent: {failure.strerror}") from failure


def _serve_clients(
    listen: str,
    make_session: Callable[[], Session],
    error: TextIO,
    closing: ExitStack,
    token_file: Path | None,
    *,
    allow_remote: bool,
    seats: int | None,
) -> None:
    try:
        address = parse_address(listen)
        token = _token(address, token_file)
        listener = open_listener(address, remote=allow_remote)
    except (ListenError, TokenError) as refused:
        raise click.UsageError(str(refused)) from refused
    closing.callback(listener.close)
    server = Server(listener, make_session, token=token, seats=seats or SEATS, crowded=_share)
    ending = _Ending(server)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ending.handle)
    _announce(listener)
    closing.enter_context(redirect_stdout(error))
    if not server.serve():
        raise click.ClickException("some client did not end in time and was cut off")
    if ending.signal == signal.SIGINT:
        raise SystemExit(128 + signal.SIGINT)


def _share(crowded: bool) -> None:
    """Let threads that all want to compute change more often than Python has them do.

    A program that only computes would else keep every other reply and commit waiting, for five milliseconds
    each time they need the interpreter lock; measured, this doubles what the others get.
    """
    sys.setswitchinterval(0.0005 if crowded else 0.005)


def _token(address: Address, file: Path | None) -> Token | None:
    token = find_token(file)
    if token is None and isinstance(address, TcpAddress):
        raise TokenError(
            f"{address}: everybody on the machine can connect; give a --token-file or ${ENVIRONMENT}"
        )
    if file is not None and stat.S_IMODE(file.stat().st_mode) & 0o077:
        click.echo(f"warning: others can read {file}; chmod 600 it", err=True)
    return token


def _announce(listener: Listener) -> None:
    """Tell whoever started the server, if anybody, that clients can connect."""
    if sys.stdout is not None:
        with suppress(OSError):
            print(f"(listening {serialize(str(listener.address))})", flush=True)


class _Ending:
    """What a signal does: the first ends the server in order, the second at once."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.signal: int | None = None

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Take a signal."""
        if self.signal is not None:
            raise SystemExit(128 + number)
        self.signal = number
        self._server.stop()
