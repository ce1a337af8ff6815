"""The REPL without a terminal: lines from a stream, evaluated as soon as they make whole forms."""

from __future__ import annotations

from typing import BinaryIO

from sxpy.cli.repl.repl import Repl
from sxpy.cli.repl.tokens import Nesting
from sxpy.errors import ReadError
from sxpy.reader.files import decode_source


def read_pipe(repl: Repl, stream: BinaryIO) -> None:
    """Feed `repl` from `stream`, UTF-8, until it ends or the conversation does.

    A form that the end of the stream leaves open is reported like any other error.
    """
    pending: list[str] = []
    nesting = Nesting()
    number = 0
    while not repl.done and (data := stream.readline()):
        number += 1
        try:
            line = decode_source(data, "<stdin>", number).text
        except ReadError as error:
            repl.session.report(error)
            line = "\n"
        pending.append(line)
        nesting.feed(line)
        text = "".join(pending)
        if not nesting.open and not repl.incomplete(text):
            repl.feed(text)
            pending, nesting = [], Nesting()
    if pending and not repl.done:
        repl.feed("".join(pending))
