"""`sx serve`: the server protocol over standard input and output."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, redirect_stdout
from pathlib import Path

import click

from sxpy import Host, Interpreter, Limits
from sxpy.cli.options import limit_options, store_options
from sxpy.cli.output import discard
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

    if sys.stdin is None or sys.stdout is None:
        raise click.ClickException("standard input and output must be open: the parent speaks through them")
    with ExitStack() as closing:
        error = sys.stderr or closing.enter_context(Path(os.devnull).open("w", encoding="utf-8"))

        def make(host: Host | None) -> Interpreter:
            return Interpreter(host=host, output=error, limits=limits, strict=strict)

        source, sink = sys.stdin.buffer, sys.stdout.buffer
        host = store_host(store)
        if host is not None:
            closing.callback(host.close)
        # What the parent did not read before it went away must not fail once more when Python ends.
        closing.callback(discard, sys.stdout)
        # Nothing but replies may reach the parent.
        closing.enter_context(redirect_stdout(error))
        try:
            serve_streams(Session(make, host, bridge=bridge), source, sink)
        except OSError as failure:
            raise click.ClickException(f"cannot speak with the parent: {failure.strerror}") from failure
