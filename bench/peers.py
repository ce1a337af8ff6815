"""Who takes part: SX in both its tiers, CPython, and other Lisps where they are installed.

A contender is a process that answers lines (`worker.py`). Its program is `programs/NAME.KIND.EXT`, or
else `programs/NAME.EXT`; there is none where a language lacks what the program is about (`LACKS`).
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from select import select

PROGRAMS = Path(__file__).parent / "programs"
DRIVERS = Path(__file__).parent / "drivers"
ROOT = Path(__file__).parent.parent

PATIENCE = 60
"""Seconds after which an answer is not waited for any more."""


class Silent(Exception):
    """A contender ended without an answer; the text says what it wrote instead."""


@dataclass(frozen=True)
class Peer:
    """A contender: how its programs are called, how it is started, and what installs it.

    `slow` ones get smaller problems, and are compared with the others at that size.
    """

    name: str
    kind: str
    suffix: str
    hint: str = ""
    slow: bool = False
    environment: tuple[tuple[str, str], ...] = ()

    def missing(self) -> str | None:
        """Why it cannot take part, with what would help; None when it can."""
        found: object = shutil.which(self.kind) if self.kind in SCHEMES else True
        if self.kind in MODULES:
            found = importlib.util.find_spec(MODULES[self.kind])
        return None if found else f"{self.name} is not installed: {self.hint}"

    def program(self, name: str) -> Path | None:
        """The file of a program, if there is one for this contender."""
        if (name, self.kind) in LACKS:
            return None
        for stem in (f"{name}.{self.kind}", name):
            path = PROGRAMS / f"{stem}.{self.suffix}"
            if path.exists():
                return path
        return None

    def command(self, program: Path) -> list[str]:
        """What starts it."""
        if self.kind in SCHEMES:
            return [self.kind, *SCHEMES[self.kind], str(program), str(DRIVERS / f"{self.kind}.scm")]
        return [sys.executable, "-m", "bench.worker", self.kind, str(program)]


SCHEMES = {"csi": ["-q", "-b"], "guile": ["-q", "-l"]}
MODULES = {"hy": "hy", "calysto": "calysto_scheme"}

PYTHON = Peer("CPython", "python", "py")
SX = Peer("SX", "sx", "sx")
TIER0 = Peer("SX, tier 0", "sx", "sx", slow=True, environment=(("SX_TIER", "0"),))
HY = Peer("Hy", "hy", "hy", "pip install hy")
CALYSTO = Peer("Calysto", "calysto", "scm", "pip install calysto-scheme", slow=True)
LIS = Peer("lis.py", "lis", "scm", slow=True)
CSI = Peer("csi", "csi", "scm", "apt-get install chicken-bin")
GUILE = Peer("Guile", "guile", "scm", "apt-get install guile-3.0")

LACKS = {
    ("dicts", "csi"): "hash tables are not among what the interpreter comes with",
    ("dicts", "calysto"): "it has no tables that are changed in place",
    ("dicts", "lis"): "it has no tables",
    ("guards", "lis"): "it does not handle errors",
    ("generators", "lis"): "it has no continuations",
}
"""The programs, by stem and kind of contender, that cannot be written, and why."""

PEERS = [SX, PYTHON, TIER0, HY, CSI, GUILE, CALYSTO, LIS]


class Session:
    """A contender that runs, with one program loaded."""

    def __init__(self, peer: Peer, program: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "hosts")])}
        environment |= {**dict(peer.environment)}
        if peer is SX:
            environment.pop("SX_TIER", None)
        self.peer = peer
        self.process = subprocess.Popen(
            peer.command(program),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def run(self, size: int, times: int = 1) -> tuple[float, str]:
        """Seconds a call, and the answer. Raises Silent."""
        assert self.process.stdin is not None and self.process.stdout is not None
        try:
            self.process.stdin.write(f"{size} {times}\n")
            self.process.stdin.flush()
            if not select([self.process.stdout], [], [], PATIENCE)[0]:
                self.close()
                raise Silent(f"{self.peer.name}: no answer within {PATIENCE} s")
            taken, answer = self.process.stdout.readline().split()
        except (BrokenPipeError, ValueError):
            _, errors = self.process.communicate()
            last = (errors.strip().splitlines() or ["it ended"])[-1]
            raise Silent(f"{self.peer.name}: {last}") from None
        return float(taken), answer

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.communicate()
