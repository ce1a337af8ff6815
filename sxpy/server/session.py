"""One client's session: a function from a line to the bytes that answer it.

Owns the epoch, the interpreter and the run that waits for the client. It knows no stream and never blocks
on one: a run that performs what no host owns is left suspended, its `io-request` is the reply, and the
line that brings the answer resumes it. So one process can hold any number of sessions, over whatever
carries lines. Invariants: every command gets one reply (`epoch` and blank lines none), whatever the line
and whatever the program does; a line that is no command changes nothing.
Next: `sxpy/server/commands.py`, `replies.py`, `stdio.py`, `clients.py`.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sxpy.errors import SxError
from sxpy.host import PENDING, Host, Hosts
from sxpy.interpreter import Interpreter, Run
from sxpy.server import replies
from sxpy.server.commands import (
    Auth,
    Command,
    CommandError,
    Epoch,
    Eval,
    IoError,
    IoResponse,
    Load,
    LoadSource,
    Ping,
    Reset,
    parse_command,
)
from sxpy.server.lines import LONGEST, TooLong

MakeInterpreter = Callable[[Host | None], Interpreter]
"""Makes a fresh interpreter that asks this host."""

Reply = Callable[[int, Any], bytes]
"""From the epoch and the value of a run to the reply."""


class Bridge:
    """The host of everything no other host owns: it leaves the answer to the client."""

    def __init__(self) -> None:
        self.line = b""
        """The last request, as it is written to the client."""

    def owns(self, operation: str) -> bool:
        """Every operation."""
        return True

    def answer(self, operation: str, args: list[Any], request: Any) -> Any:
        """PENDING. Raises EvalError for arguments that cannot be written."""
        self.line = replies.io_request(operation, args)
        return PENDING

    def close(self) -> None:
        """Nothing to let go of."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A run whose `io-request` is open, and how its value will be shown when it ends."""

    run: Run
    reply: Reply


class Session:
    """The state of one client's conversation."""

    def __init__(self, make: MakeInterpreter, host: Host | None = None, *, bridge: bool = False) -> None:
        """`host` answers what it owns, for as long as the session lives; `bridge`: the client the rest."""
        self._make = make
        self._bridge = Bridge()
        self._host = Hosts([*([] if host is None else [host]), self._bridge]) if bridge else host
        self._waiting: _Waiting | None = None
        self._epoch = 0
        self._begin()

    def feed(self, line: bytes | TooLong) -> bytes:
        """Do what a line says; the bytes to send back, none for a line that asks for nothing."""
        try:
            if isinstance(line, TooLong):
                raise CommandError(f"the line is longer than {LONGEST} bytes; load a file instead")
            command = parse_command(line)
            return b"" if command is None else self._do(command)
        except SxError as error:
            return replies.error(self._epoch, _told(error))
        except Exception as error:  # whatever goes wrong in here, the client gets its reply and goes on
            traceback.print_exc(file=sys.stderr)
            return replies.error(
                self._epoch, f"internal error, please report: {type(error).__name__}: {error}"
            )

    @property
    def epoch(self) -> int:
        """The tag of the replies now."""
        return self._epoch

    def interrupt(self) -> bool:
        """Stop the run in progress; safe from a signal handler or a thread. Whether there was one."""
        return self._interpreter.interrupt()

    def _begin(self) -> None:
        self._interpreter = self._make(self._host)
        # Before a program can give the name another meaning.
        self._load = self._interpreter.lookup("load")

    def _do(self, command: Command) -> bytes:
        if isinstance(command, IoResponse | IoError):
            return self._answer(command)
        if self._waiting is not None and not isinstance(command, Reset):
            raise CommandError("an io-request is open: answer it (io-response, io-error) or (reset)")
        match command:
            case Epoch(number):
                self._epoch = number
                return b""
            case Ping():
                return replies.ok(self._epoch, "pong")
            case Load(path):
                return self._run(lambda: self._interpreter.start_call(self._load, path, hosted=True), _done)
            case LoadSource(text):
                return self._run(lambda: self._start(text, "<load-source>"), _done)
            case Eval(text):
                return self._run(lambda: self._start(text, "<eval>"), replies.ok_len)
            case Reset():
                return self._reset()
            case Auth():
                raise CommandError("auth is the first line to a server that demands a token, and only that")

    def _start(self, text: str, file: str) -> Run:
        return self._interpreter.start(text, file, hosted=True, scanned=True)

    def _answer(self, answer: IoResponse | IoError) -> bytes:
        waiting, self._waiting = self._waiting, None
        if waiting is None:
            raise CommandError("stray answer: no io-request is open")
        if isinstance(answer, IoError):
            return self._run(lambda: waiting.run.resume_error(answer.message), waiting.reply)
        return self._run(lambda: waiting.run.resume(answer.value), waiting.reply)

    def _run(self, advance: Callable[[], Run], reply: Reply) -> bytes:
        run = advance()
        if run.suspended:
            self._waiting = _Waiting(run, reply)
            return self._bridge.line
        return reply(self._epoch, run.value)

    def _reset(self) -> bytes:
        """A fresh interpreter on the same store. A run that waits for the client ends with an error."""
        waiting, self._waiting = self._waiting, None
        self._begin()
        ended = b"" if waiting is None else replies.error(self._epoch, "the run was ended by a reset")
        return ended + replies.ok(self._epoch)


def _done(epoch: int, value: Any) -> bytes:
    """The reply to a load: its value is not shown."""
    return replies.ok(epoch)


def _told(error: SxError) -> str:
    return error.message if error.place is None else f"{error.message} (at {error.place})"
