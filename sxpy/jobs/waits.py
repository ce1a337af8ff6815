"""Waiting: the operations a job stands still at, and when each of them has an answer.

| operation | arguments | answer |
|---|---|---|
| `job/sleep` | seconds | nil |
| `job/await` | stream, after-seq, type or nil, timeout or nil | the first such event; nil after the timeout |
| `job/ask` | question, timeout or nil | what somebody says; nil after the timeout |
| `job/join` | job or list of jobs, timeout or nil | its value, or theirs; nil after the timeout |

A wait is a dict that is kept in the job's record, so that anybody can see what it waits for. Times are
seconds; a timeout is counted from the moment the job came to the `perform`, however often it was taken up
again since. Next: `sxpy/jobs/runner.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sxpy.data import Dict, from_list, is_list
from sxpy.errors import ArityError, SxValueError
from sxpy.jobs.errors import UnknownJob
from sxpy.jobs.ledger import Ledger
from sxpy.jobs.record import CANCELLED, DONE, Given, Record, stream_of
from sxpy.primitives.registry import expected

TIME, EVENT, ANSWER, JOIN = "time", "event", "answer", "join"
"""The kinds of wait, the value of its `:for`."""


def _seconds(operation: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise expected(operation, "a number of seconds", value)
    if not 0 <= value < 1e11:
        raise SxValueError(f"{operation}: no number of seconds to wait: {value}", value)
    return value


def _deadline(operation: str, timeout: Any, now: float) -> dict[str, Any]:
    return {} if timeout is None else {"until": now + _seconds(operation, timeout)}


def _string(operation: str, what: str, value: Any) -> str:
    if not isinstance(value, str):
        raise expected(operation, what, value)
    return value


def _sleep(now: float, seconds: Any) -> dict[str, Any]:
    return {"for": TIME, "until": now + _seconds("job/sleep", seconds)}


def _await(
    now: float, stream: Any, after: Any = None, type_: Any = None, timeout: Any = None
) -> dict[str, Any]:
    who = "job/await"
    if after is not None and (isinstance(after, bool) or not isinstance(after, int)):
        raise expected(who, "an integer as the seq to look behind", after)
    wait = {"for": EVENT, "stream": _string(who, "a string as the stream", stream), "after": after or 0}
    if type_ is not None:
        wait["type"] = _string(who, "a string as the type", type_)
    return wait | _deadline(who, timeout, now)


def _ask(now: float, question: Any, timeout: Any = None) -> dict[str, Any]:
    return {"for": ANSWER, "question": question} | _deadline("job/ask", timeout, now)


def _join(now: float, jobs: Any, timeout: Any = None) -> dict[str, Any]:
    who = "job/join"
    names = list(jobs) if is_list(jobs) else [jobs]
    for name in names:
        _string(who, "a job, or a list of jobs", name)
    wait = {"for": JOIN, "jobs": from_list(names), "one": not is_list(jobs)}
    return wait | _deadline(who, timeout, now)


WAITS: dict[str, tuple[int, int, Callable[..., dict[str, Any]]]] = {
    "job/sleep": (1, 1, _sleep),
    "job/await": (1, 4, _await),
    "job/ask": (1, 2, _ask),
    "job/join": (1, 2, _join),
}
"""The operations that wait: how few and how many arguments each takes, and what makes the wait."""


def wait_for(operation: str, args: list[Any], now: float) -> Dict:
    """The wait that a request means. Raises ArityError, SxTypeError, SxValueError."""
    fewest, most, make = WAITS[operation]
    if not fewest <= len(args) <= most:
        takes = str(most) if fewest == most else f"{fewest} to {most}"
        raise ArityError(f"{operation}: takes {takes} argument{'' if takes == '1' else 's'}, got {len(args)}")
    return Dict(make(now, *args))


class Watch:
    """Tells whether waits are over, and remembers how far it has looked at the streams that are awaited."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._looked: dict[tuple[str, int, Any], int] = {}
        self._running: dict[str, int] = {}
        """Jobs that others wait for, and the last event that showed them running."""

    def result(self, wait: Dict, now: float) -> Given | None:
        """The answer to the `perform` that waits; None when there is none yet.

        To wait for a job that nobody knows is answered with an error.
        """
        kind = wait.get("for")
        found = None
        if kind == EVENT:
            found = self._event(wait)
        elif kind == JOIN:
            found = self._joined(wait)
        if found is None and wait.get("until") is not None and wait.get("until") <= now:
            return Given()
        return found

    def _event(self, wait: Dict) -> Given | None:
        stream, after, type_ = wait.get("stream"), wait.get("after"), wait.get("type")
        key = (stream, after, type_)
        looked = self._looked.get(key, after)
        last = self._ledger.ask("persist/last-seq", stream)
        if last <= looked:
            return None
        for event in self._ledger.ask("persist/read-range", stream, looked + 1, last):
            if type_ is None or (isinstance(event, Dict) and event.get("type") == type_):
                self._looked.pop(key, None)
                return Given(event)
        self._looked[key] = last
        return None

    def _joined(self, wait: Dict) -> Given | None:
        values = []
        for job in wait.get("jobs"):
            try:
                record = self._ended(job)
            except UnknownJob as error:
                return Given(error=f"job/join: {error.message}")
            if record is None:
                return None
            if record.status != DONE:
                return Given(error=f"job/join: {ending(job, record)}")
            if record.shown is not None:
                return Given(error=f"job/join: the value of job {job!r} has no syntax: {record.shown}")
            values.append(record.value)
        return Given(values[0] if wait.get("one") else from_list(values))

    def _ended(self, job: str) -> Record | None:
        """The record of a job that is over; None while it is not."""
        if self._running.get(job) == self._ledger.ask("persist/last-seq", stream_of(job)):
            return None
        kept = self._ledger.last(job)
        if kept.record.ended:
            self._running.pop(job, None)
            return kept.record
        self._running[job] = kept.seq
        return None


def ending(job: str, record: Record) -> str:
    """How a job ended that is not done, in words."""
    if record.status == CANCELLED:
        return f"job {job!r} was cancelled"
    message = "" if record.error is None else f": {record.error.get('message')}"
    return f"job {job!r} failed{message}"


__all__ = ["ANSWER", "EVENT", "JOIN", "TIME", "WAITS", "Watch", "ending", "wait_for"]
