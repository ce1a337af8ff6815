"""The REPL on a real terminal: Ctrl-C stops the program and keeps the session."""

from __future__ import annotations

import os
import select
import signal
import sys
import time

import pytest

pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")

PATIENCE = 30.0
"""Seconds that a slow machine gets for each answer."""


class Terminal:
    """`sx repl` behind a pseudo-terminal."""

    def __init__(self) -> None:
        pid, self.descriptor = pty.fork()
        if pid == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.environ.update(TERM="xterm", PROMPT_TOOLKIT_NO_CPR="1")
            os.execv(sys.executable, [sys.executable, "-m", "sxpy.cli"])
        self.pid = pid
        self.seen = ""

    def send(self, text: str) -> None:
        os.write(self.descriptor, text.encode())

    def wait_for(self, text: str) -> None:
        """Read until `text` has come; what came before it is forgotten."""
        until = time.monotonic() + PATIENCE
        while text not in self.seen:
            ready, _, _ = select.select([self.descriptor], [], [], max(0.0, until - time.monotonic()))
            assert ready, f"no {text!r} in {self.seen!r}"
            self.seen += os.read(self.descriptor, 65536).decode(errors="replace")
        self.seen = self.seen.partition(text)[2]

    def end(self) -> int:
        """Drain the terminal; the exit status."""
        try:
            while os.read(self.descriptor, 65536):
                pass
        except OSError:  # what Linux says at the end of a pseudo-terminal
            pass
        os.close(self.descriptor)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def test_a_report_begins_a_line_of_its_own() -> None:
    terminal = Terminal()
    terminal.wait_for("sx> ")
    terminal.send('(begin (display "part") (missing))\r')
    terminal.wait_for("part\r\n<repl>:1:")
    terminal.wait_for("Undefined symbol: missing")
    terminal.wait_for("sx> ")
    terminal.send("\x04")
    assert terminal.end() == 0


def test_ctrl_c_stops_the_program_and_keeps_the_session() -> None:
    # The interrupt may come while a short form runs: it must stop what follows all the same.
    terminal = Terminal()
    terminal.wait_for(":help")
    terminal.wait_for("sx> ")
    terminal.send('(define kept 41) (display "on") (newline) (let loop () (loop))\r')
    terminal.wait_for("on\r\n")
    terminal.send("\x03")
    terminal.wait_for("interrupted")
    terminal.wait_for("sx> ")
    terminal.send("(+ kep\t")
    terminal.wait_for("kept")
    terminal.send(" 1)\r")
    terminal.wait_for("42\r\n")
    terminal.wait_for("sx> ")
    terminal.send("\x04")
    assert terminal.end() == 0
