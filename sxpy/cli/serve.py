"""`sx serve`: the server protocol over standard input and output."""

from __future__ import annotations

import os
import sys
from contextlib import redirect_stdout
from pathlib import Path

import click

from sxpy import Host, Interpreter, Limits
from sxpy.cli.options import limit_options, store_options
from sxpy.server import Session
from sxpy.server import serve as serve_streams
from sxpy.stores import store_host


@click.command()
@store_options
@limit_options
@click.option("--strict", is_flag=True, help="Check argument counts, annotated types and arithmetic.")
@click.option("--bridge", is_flag=True, help="Let the parent answer what no host owns.")
def serve(store: Path | None, limits: Limits, strict: bool, bridge: bool) -> None:
    """Serve a parent process: one command a line on standard input, one reply on standard output.

    The first line is (ready); the end of the input ends the server. What programs write goes to standard
    error. Commands: (epoch N), (load "path"), (load-source "text"), (eval "text"), (reset), (ping), and, as
    the answer to an (io-request "name" arg ...), (io-response VALUE) or (io-error "message").
    """

    def make(host: Host | None) -> Interpreter:
        return Interpreter(host=host, output=sys.stderr, limits=limits, strict=strict)

    host = store_host(store)
    sink = sys.stdout.buffer
    try:
        # Nothing but replies may reach the parent.
        with redirect_stdout(sys.stderr):
            serve_streams(Session(make, host, bridge=bridge), sys.stdin.buffer, sink)
    finally:
        if host is not None:
            host.close()
        _forget_unread(sink.fileno())


def _forget_unread(descriptor: int) -> None:
    """What a parent that went away did not read must not fail once more when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
