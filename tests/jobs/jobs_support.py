"""What the tests of jobs share: a world with a clock that can be set, and hosts that die."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sxpy.cid import cid_of
from sxpy.convert import to_python
from sxpy.errors import CodeMissingError
from sxpy.host import Host
from sxpy.jobs import Job, Jobs
from sxpy.machine import State
from sxpy_hosts.memory import MemoryHost

CODE = "the code of all of them"
CID = cid_of(CODE.encode())


class KeptImage:
    """Keeps states as they are; their texts are their numbers. What goes through text is tested elsewhere."""

    def __init__(self) -> None:
        self.states: list[State] = []

    def freeze(self, state: State, interpreter: Any) -> tuple[str, Mapping[str, str]]:
        self.states.append(state)
        return str(len(self.states) - 1), {CID: CODE}

    def thaw(self, text: str, interpreter: Any, code: Callable[[str], str | None]) -> State:
        if code(CID) is None:
            raise CodeMissingError(f"code missing: {CID}", (CID,))
        return self.states[int(text)]


class World:
    """A store and its jobs, at a time of one's choice."""

    def __init__(self, host: Host | None = None, **options: Any) -> None:
        self.host = host or MemoryHost()
        self.now = 1000.0
        self.image = KeptImage()
        self.told: list[str] = []
        self.options = options
        self.jobs = self.open(self.host)

    def open(self, host: Host) -> Jobs:
        return Jobs(host, image=self.image, clock=lambda: self.now, lease_clock=lambda: self.now)

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
