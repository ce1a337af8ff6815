"""A session on a pair of byte streams: the loop, and what ends it.

The loop ends with the input, with a client that no longer reads, or with SIGINT and SIGTERM: at once
while it waits for a line, else after the run in progress, which is interrupted and gets its reply; a
second signal does not wait. Next: `sxpy/server/session.py`.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import BinaryIO

from sxpy.server.lines import read_lines
from sxpy.server.replies import READY
from sxpy.server.session import Session


def serve(session: Session, source: BinaryIO, sink: BinaryIO) -> None:
    """Speak the protocol until `source` ends or nobody reads `sink`. To be called in the main thread.

    Raises SystemExit with 128 + the number of the signal that ended it, and OSError for a broken `source`.
    """
    with _signals(session) as stop:
        try:
            _send(sink, READY)
            for line in read_lines(source):
                _send(sink, session.feed(line))
                stop.check()
        except BrokenPipeError:
            return


def _send(sink: BinaryIO, reply: bytes) -> None:
    if reply:
        sink.write(reply)
        sink.flush()


class _Stop:
    """What a signal asked for."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._signal: int | None = None

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Take a signal."""
        first, self._signal = self._signal is None, number
        if not (first and self._session.interrupt()):
            self.check()

    def check(self) -> None:
        """Raises SystemExit when a signal has come."""
        if self._signal is not None:
            raise SystemExit(128 + self._signal)


@contextmanager
def _signals(session: Session) -> Iterator[_Stop]:
    stop = _Stop(session)
    before = {number: signal.signal(number, stop.handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
