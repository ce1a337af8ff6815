"""Faults at a chosen system call of a real process, through strace.

`Tracer` attaches strace to a process that waits, lets it go, and says which calls it made or whether the
fault was met. strace is in the packages of every Linux distribution (`apt-get install strace`); where it
is not, or where the kernel does not permit tracing, `unavailable` says so and the tests that need it are
skipped. Next: `tests/faults/test_system_calls.py`.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

from workers import Process

FILLING = frozenset(
    ("pwrite64", "fsync", "fdatasync", "rename", "renameat", "renameat2", "mkdir", "mkdirat", "openat")
)
"""The calls that a full disk can answer with an error."""

CHANGING = FILLING | {"write", "ftruncate", "unlinkat"}
"""The calls that change files or directories, or make them durable (`write` is the acknowledgement)."""

FAILING = CHANGING - {"write"} | {"pread64", "newfstatat", "fstat", "getdents64", "flock", "close"}
"""The calls that a disk can answer with an error."""


@lru_cache(maxsize=1)
def unavailable() -> str | None:
    """Why there can be no tracing here, or None."""
    if shutil.which("strace") is None:
        return "strace is not installed (apt-get install strace)"
    sleeper = subprocess.Popen(["sleep", "20"])
    try:
        trial = subprocess.Popen(
            ["strace", "-p", str(sleeper.pid), "-o", "/dev/null"], stderr=subprocess.PIPE, text=True
        )
        assert trial.stderr is not None
        first = trial.stderr.readline()
        trial.terminate()
        trial.communicate()
    finally:
        sleeper.kill()
        sleeper.wait()
    return None if "attached" in first else f"tracing is not permitted here: {first.strip()}"


def traced(process: Process, log: Path, calls: frozenset[str], inject: str | None = None) -> list[Any]:
    """Let a process that waits go under strace; what it told. `log` gets the calls it made."""
    rules = ["-e", f"inject={inject}"] if inject else []
    tracer = subprocess.Popen(
        ["strace", "-p", str(process.pid), "-o", str(log), "-e", f"trace={','.join(sorted(calls))}", *rules],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert tracer.stderr is not None
    first = tracer.stderr.readline()
    assert "attached" in first, first
    process.go()
    told = list(process.rest())
    tracer.communicate(timeout=60)
    return told


_CALL = re.compile(r"^(\w+)\(", re.MULTILINE)


def calls_in(log: Path) -> Counter[str]:
    """How often each call was made."""
    return Counter(_CALL.findall(log.read_text(encoding="utf-8", errors="replace")))


def known(calls: frozenset[str]) -> frozenset[str]:
    """The calls that this machine's kernel has: an ARM has no `mkdir`, for example."""
    found = set()
    for call in calls:
        trial = subprocess.run(["strace", "-e", f"trace={call}", "true"], capture_output=True, check=False)
        if trial.returncode == 0:
            found.add(call)
    return frozenset(found)
