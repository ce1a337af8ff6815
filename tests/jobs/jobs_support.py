"""What the tests of jobs share: a world with a clock that can be set, and hosts that die."""

from __future__ import annotations

import copy
from typing import Any

from sxpy.convert import to_python
from sxpy.host import Host
from sxpy.jobs import Job, Jobs
from sxpy_hosts.memory import MemoryHost


class CopiedHost(MemoryHost):
    """A store in memory, of which there can be a second one."""

    def copy(self) -> CopiedHost:
        """Another store that holds the same."""
        made = CopiedHost()
        for name in ("_streams", "_keys", "_kinds"):
            setattr(made._memory, name, copy.deepcopy(getattr(self._memory, name)))
        made.blobs._data = dict(self.blobs._data)
        return made


class World:
    """A store and its jobs, at a time of one's choice."""

    def __init__(self, host: Host | None = None, **options: Any) -> None:
        self.host = host or CopiedHost()
        self.now = 1000.0
        self.told: list[str] = []
        self.options = options
        self.jobs = self.open(self.host)

    def open(self, host: Host) -> Jobs:
        return Jobs(host, clock=lambda: self.now, lease_clock=lambda: self.now)

    def work(self, jobs: Jobs | None = None, until: str = "once", **options: Any) -> None:
        """Run all that can go on."""
        chosen = {"poll": 0.01, "tell": self.told.append, **self.options, **options}
        (jobs or self.jobs).worker(**chosen).run(until)

    def start(self, text: str, *args: Any, **options: Any) -> Job:
        return self.jobs.start(text, *args, **options)

    def value(self, job: Job) -> Any:
        """The value of a job that is done."""
        found = self.jobs.get(job.id)
        assert found.status == "done", found.reason.text
        return to_python(found.value)

    def reason(self, job: Job) -> str:
        return self.jobs.get(job.id).reason.text

    def events(self, stream: str) -> list[Any]:
        return [event["data"] for event in to_python(self.host.answer("persist/read", [stream]))]


class Killed(BaseException):
    """The process was killed: nothing that runs may see it."""


class Mortal:
    """A host whose process is killed at the n-th commit, before it or after it."""

    def __init__(self, host: Host, at: int, *, after: bool) -> None:
        self._host = host
        self._left = at
        self._after = after
        self.died = False

    def owns(self, operation: str) -> bool:
        return self._host.owns(operation)

    def answer(self, operation: str, args: list[Any], request: Any = None) -> Any:
        if self.died:
            raise Killed
        if operation == "persist/transact":
            self._left -= 1
            if self._left < 0:
                self.died = True
                if self._after:
                    self._host.answer(operation, args, request)
                raise Killed
        return self._host.answer(operation, args, request)

    def close(self) -> None:
        pass


def perform(operation: str, *args: str) -> str:
    """The form of a `perform`."""
    return f'(perform {{:op "{operation}" :args (list {" ".join(args)})}})'
