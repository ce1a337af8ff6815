"""Real processes on a real store: one is started with everything imported, and forks one for each task.

`Nursery` is the parent's view. A task runs in a process of its own that first waits for a word, so that a
tracer can be attached to it, and then sends one JSON value a line through a pipe. Run as a program, this
file is the process that forks. Next: `tests/faults/strace.py`.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from store_support import ask, content, event, request, small_limits

from sxpy.cid import cid_of
from sxpy.data import Bytevector, Dict, from_list
from sxpy.errors import EvalError
from sxpy.host import Host
from sxpy_hosts.backup import restore
from sxpy_hosts.disk import DiskHost, open_host
from sxpy_hosts.errors import StoreError, StorePoisoned
from sxpy_hosts.memory import MemoryHost
from sxpy_hosts.verify import verify

Operation = tuple[Any, ...]
Tell = Callable[[Any], None]

BLOBS = (cid_of(b"picture"), cid_of(b"\xff\x00"))
SECONDS = 60
"""What lives longer hangs, and is ended by an alarm."""

REOPEN: Operation = ("reopen",)
CHECKPOINT: Operation = ("checkpoint",)


def workload() -> list[Operation]:
    """Every kind of change, with explicit checkpoints and a second opening in the middle."""
    operations: list[Operation] = [
        ("append", "orders", event("orders", 1, "x" * 90)),
        ("append", "orders", event("orders", 2, "x" * 90)),
        ("append-many", "batch", from_list([event("batch", seq) for seq in (1, 2, 3)])),
        ("kv-put", "k", Dict({"n": 1})),
        ("kv-put", "other", "o" * 200),
        ("append-once", "once", "idem/once/a", event("once", 1)),
        ("append", "orders", event("orders", 3, "x" * 90)),
        ("truncate", "orders", 2),
        ("blob/put", "picture", "image/png"),
        ("blob/put", Bytevector(b"\xff\x00"), "image/png"),
        CHECKPOINT,
        ("kv-delete", "k"),
        (
            "transact",
            from_list(
                [
                    request("append", "a", event("a", 1)),
                    request("append", "b", event("b", 7)),
                    request("kv-put", "both", 2),
                    request("truncate", "batch", 2),
                ]
            ),
        ),
        REOPEN,
        ("append-if", "a", 1, event("a", 2)),
        ("append-if", "a", 1, event("a", 2)),
        ("truncate", "orders", 99),
        ("append", "orders", event("orders", 4)),
        ("kv-cas", "other", "o" * 200, "short"),
    ]
    for number in range(5):
        operations.append(("kv-put", f"key {number}", "v" * 100))
        operations.append(("append", f"stream {number}", event(f"stream {number}", 1, "x" * 120)))
    operations += [
        ("truncate", "stream 1", 1),
        CHECKPOINT,
        ("kv-put", "key 3", "again"),
        ("append", "orders", event("orders", 9, "gap")),
        ("append", "long" * 70, event("long", 1)),
        ("kv-put", "long" * 70, 1),
        REOPEN,
        ("append", "stream 2", event("stream 2", 2)),
    ]
    return operations


def plain(value: Any) -> Any:
    """As it comes out of a pipe."""
    return json.loads(json.dumps(value))


def model_after(operations: list[Operation]) -> dict[str, Any]:
    """What a store holds after the operations."""
    model = MemoryHost()
    for operation in operations:
        if operation not in (REOPEN, CHECKPOINT):
            ask(model, *operation)
    return contents(model)


def contents(host: Host) -> dict[str, Any]:
    """Everything a host holds, as it comes out of a pipe."""
    found: dict[str, Any] = plain(content(host, BLOBS))
    return found


# -- what the processes do ---------------------------------------------------------------------------------


def write(root: str, tell: Tell) -> None:
    """Do the workload, and tell the number of each operation once it is acknowledged."""
    with small_limits():
        host = open_host(root)
        for number, operation in enumerate(workload(), 1):
            host = _do(host, root, operation)
            tell(number)
        host.close()
    tell("done")


def _do(host: DiskHost, root: str, operation: Operation) -> DiskHost:
    if operation == REOPEN:
        host.close()
        return open_host(root)
    if operation == CHECKPOINT:
        host.checkpoint()
    else:
        ask(host, *operation)
    return host


def stumble(root: str, tell: Tell, *, lasting: bool) -> None:
    """Do the workload on a disk that fails, and tell what came of each operation.

    A store that is poisoned must stay so; unless the failure is `lasting` it is then opened anew.
    """
    host: DiskHost | None = None
    with small_limits():
        for number, operation in enumerate(workload(), 1):
            try:
                if host is None:
                    host = open_host(root)
                if operation == REOPEN:
                    host.close()
                    host = None
                else:
                    _do(host, root, operation)
                tell([number, "ok", ""])
            except StorePoisoned as error:
                tell([number, "poisoned", str(error)])
                if host is not None:
                    tell([number, "stays poisoned", _stays_poisoned(host)])
                    host.close()
                host = None
                if lasting:
                    break
                host = open_host(root)
                tell([number, "holds", contents(host)])
            except StoreError as error:
                tell([number, "refused", str(error)])
        if host is not None:
            host.close()
    tell("done")


def _stays_poisoned(host: DiskHost) -> bool:
    for operation in (("append", "s", event("s", 1)), ("kv-get", "k"), ("read", "orders")):
        try:
            ask(host, *operation)
        except StorePoisoned:
            continue
        return False
    return True


def look(root: str, tell: Tell) -> None:
    """Tell what a fresh process finds, after a write that made it mend and tidy, and what the check says."""
    host = open_host(root)
    found = contents(host)
    ask(host, "kv-put", "after", 1)
    ask(host, "kv-delete", "after")
    if contents(host) != found:
        raise AssertionError("a write changed more than it said")
    host.close()
    tell({"found": found, "problems": [str(problem) for problem in verify(root).problems]})


def compete(root: str, tell: Tell, *, me: int) -> None:
    """Write beside others until killed: to a stream of its own, and in transactions to one of all."""
    with small_limits(segment=20_000, touched=20):
        host = open_host(root, wait=60)
        own = f"own {me}"
        seq = ask(host, "last-seq", own)
        while True:
            seq += 1
            data = [me, seq, os.getpid()]
            ask(host, "append", own, event(own, seq, from_list(data)))
            tell([own, seq, data])
            if seq % 3 == 0:
                last = ask(host, "last-seq", "shared")
                requests = [
                    request("append-if", "shared", last, event("shared", last + 1, from_list(data))),
                    request("kv-put", f"mark {me}", seq),
                ]
                answer = ask(host, "transact", from_list(requests))
                if not isinstance(answer, Dict):  # no conflict
                    tell(["shared", last + 1, data])
            if seq % 50 == 0:
                host.checkpoint()


def look_beside(root: str, tell: Tell) -> None:
    """Tell every event, key and high-water mark that a fresh process finds, and what the check says."""
    host = open_host(root, wait=60)
    streams = {}
    for name in ask(host, "streams"):
        rows = [[event.get("seq"), list(event.get("data"))] for event in ask(host, "read", name)]
        streams[name] = [ask(host, "last-seq", name), ask(host, "count", name), rows]
    keys = {key: ask(host, "kv-get", key) for key in ask(host, "kv-keys")}
    host.close()
    problems = [str(problem) for problem in verify(root).problems]
    tell({"streams": streams, "keys": keys, "problems": problems})


def bring_back(root: str, tell: Tell, *, backup: str) -> None:
    """Restore a backup, and tell that it was refused or that it is done; then end well."""
    try:
        restore(Path(backup), Path(root))
    except StoreError as error:
        tell(["refused", str(error)])
    tell("done")


TASKS: dict[str, Callable[..., None]] = {
    "write": write,
    "stumble": stumble,
    "look": look,
    "compete": compete,
    "look beside": look_beside,
    "restore": bring_back,
}


# -- the process that forks ----------------------------------------------------------------------------------


def _nurse(line: socket.socket) -> None:
    """Fork a process for each task that comes in; all it may import or read lazily was used before."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    logging.disable()
    while True:
        message, (go, out), *_ = socket.recv_fds(line, 1 << 16, 2)
        if not message:
            return
        pid = os.fork()
        if pid == 0:
            line.close()
            _live(json.loads(message), go, out)
        os.close(go)
        os.close(out)
        line.sendall(b"%d\n" % pid)


def _live(task: dict[str, Any], go: int, out: int) -> None:
    def tell(value: Any) -> None:
        os.write(out, json.dumps(value).encode() + b"\n")

    status = 1
    try:
        if sys.platform == "linux":  # where Yama lets only ancestors trace: let anybody trace this one
            ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1).value, 0, 0, 0)
        os.read(go, 1)
        signal.alarm(SECONDS)
        name = task.pop("task")
        TASKS[name](tell=tell, **task)
        status = 0
    except EvalError as error:
        tell(["failed", type(error).__name__, str(error)])
    except BaseException as error:
        import traceback  # noqa: PLC0415 - only on the way out

        tell(["crashed", type(error).__name__, "".join(traceback.format_exception(error))])
    finally:
        os._exit(status)


def _warm(root: str) -> None:
    """Use everything once, so that nothing is imported while a process is traced."""

    def ignore(_: Any) -> None:
        pass

    write(root, ignore)
    look(root, ignore)
    bring_back(root + " again", ignore, backup=root)
    try:
        open_host("/dev/null/nothing").close()
        raise OSError(5, "warm")
    except (OSError, StoreError):
        json.dumps(["warm", "ü"])


class Process:
    """A forked process with a task: it waits for `go`, and says what it tells."""

    def __init__(self, pid: int, go: int, told: int) -> None:
        self.pid = pid
        self._go = go
        self._told = open(told, "rb", buffering=0)  # noqa: SIM115 - closed with the process

    def go(self) -> None:
        """Let it begin."""
        os.write(self._go, b"!")
        os.close(self._go)

    def kill(self) -> None:
        """End it, as the kernel does when memory is short."""
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            raise AssertionError(f"it ended by itself: {list(self.rest())[-3:]}") from None

    def one(self) -> Any:
        """The next thing it tells."""
        return json.loads(self._told.readline())

    def rest(self) -> Iterator[Any]:
        """What it tells until it ends; a line that its end cut short was not told."""
        for line in self._told.read().splitlines(keepends=True):
            if line.endswith(b"\n"):
                yield json.loads(line)
        self._told.close()


class Nursery:
    """The process that forks, while it is entered."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch

    def __enter__(self) -> Nursery:
        ours, theirs = socket.socketpair()
        self._line = ours
        self._process = subprocess.Popen(
            [sys.executable, "-B", __file__, str(theirs.fileno()), str(self._scratch / "warm")],
            pass_fds=[theirs.fileno()],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "0"},
        )
        theirs.close()
        if ours.recv(1) != b"!":
            raise RuntimeError("the process that forks did not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._line.close()
        self._process.wait(timeout=30)

    def process(self, task: str, root: Path, **options: Any) -> Process:
        """A process that waits to begin its task."""
        go, ours_go = os.pipe()
        told, theirs_told = os.pipe()
        message = json.dumps({"task": task, "root": str(root), **options}).encode()
        socket.send_fds(self._line, [message], [go, theirs_told])
        os.close(go)
        os.close(theirs_told)
        pid = b""
        while not pid.endswith(b"\n"):
            pid += self._line.recv(64)
        return Process(int(pid), ours_go, told)

    def do(self, task: str, root: Path, **options: Any) -> list[Any]:
        """All that a task tells."""
        process = self.process(task, root, **options)
        process.go()
        return list(process.rest())

    def found(self, root: Path) -> dict[str, Any]:
        """What a fresh process finds in the store; fails when it cannot, or when the check complains."""
        told = self.do("look", root)
        assert len(told) == 1, told
        assert isinstance(told[0], dict), told
        assert told[0]["problems"] == []
        found: dict[str, Any] = told[0]["found"]
        return found


if __name__ == "__main__":
    _warm(sys.argv[2])
    with socket.socket(fileno=int(sys.argv[1])) as parent:
        parent.sendall(b"!")
        with contextlib.suppress(ValueError):  # no descriptors came: the other end was closed
            _nurse(parent)
