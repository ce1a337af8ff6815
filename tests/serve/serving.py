"""A `sx serve` child, spoken to as a script would: a line in, a reply out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Self

QUOTED = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


def quoted(text: str) -> str:
    """`text` as an SX string in ASCII."""
    return f'"{text.translate(QUOTED)}"'


def start(
    store: Path | None, options: Sequence[str], error: Path, *, stdin: int = subprocess.DEVNULL
) -> subprocess.Popen[bytes]:
    """A process that runs `sx serve`."""
    where = ["--no-store"] if store is None else ["--store", str(store)]
    with error.open("ab") as stderr:
        return subprocess.Popen(
            [sys.executable, "-m", "sxpy.cli", "serve", *where, *options],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env={**os.environ, "PYTHONUNBUFFERED": ""},
        )


class Talk:
    """A client's end of a conversation: lines out, replies in."""

    def __init__(self, out: BinaryIO, replies: BinaryIO) -> None:
        self._in, self._out = out, replies

    def send(self, line: str | bytes) -> Self:
        """Write a line."""
        self._in.write((line.encode("ascii") if isinstance(line, str) else line) + b"\n")
        self._in.flush()
        return self

    def read(self) -> str:
        """The next reply; for `ok-len`, the line and the payload."""
        head = self._out.readline().decode("ascii")
        if not head.startswith("(ok-len "):
            return head.removesuffix("\n")
        length = int(head.removesuffix(")\n").split(" ")[2])
        payload = self._out.read(length)
        assert len(payload) == length
        assert self._out.read(1) == b"\n"
        return head + payload.decode("utf-8")

    def ask(self, line: str | bytes) -> str:
        """Write a line and read its reply."""
        return self.send(line).read()

    def eval(self, text: str) -> str:
        """The value of `text`, as text."""
        reply = self.ask(f"(eval {quoted(text)})")
        assert reply.startswith("(ok-len "), reply
        return reply.split("\n", 1)[1]

    def read_to_end(self) -> bytes:
        """Whatever is still written."""
        return self._out.read()


class Child(Talk):
    """A running server. `error` is the file that its standard error goes to."""

    def __init__(self, store: Path | None, options: Sequence[str], error: Path) -> None:
        self.process = start(store, options, error, stdin=subprocess.PIPE)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        super().__init__(self.process.stdin, self.process.stdout)
        self.error = error
        assert self._out.readline() == b"(ready)\n"

    def end(self) -> int:
        """End the input; the exit status. Nothing more may have been written."""
        self._in.close()
        assert self._out.read() == b""
        return self.wait()

    def wait(self) -> int:
        """The exit status."""
        return self.process.wait(timeout=30)

    def signal(self, number: int) -> None:
        """Send a signal."""
        self.process.send_signal(number)


@contextmanager
def serving(tmp_path: Path, *options: str, store: Path | None = None) -> Iterator[Child]:
    """A server for the length of a test."""
    child = Child(store, options, tmp_path / "stderr")
    try:
        yield child
    finally:
        child.process.send_signal(signal.SIGKILL)
        child.process.wait()
        for stream in (child.process.stdin, child.process.stdout):
            assert stream is not None
            with suppress(BrokenPipeError):
                stream.close()
