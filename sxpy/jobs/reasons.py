"""Why a job is not running: every job has exactly one reason, and this file finds it.

| kind | |
|---|---|
| `waiting` | for a time, an event, an answer or other jobs; since when |
| `leased` | a worker has it, until when if nothing is heard of it |
| `ready` | any worker may take it; also when the lease of a dead worker has run out |
| `code missing`, `state refused`, `upcaster failed` | its state cannot be thawed: which code, why |
| `error`, `stopped`, `internal error` | how it failed, and where |
| `paused`, `done`, `cancelled` | as somebody asked, or as it ended |

Next: `sxpy/jobs/jobs.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sxpy.data import Dict
from sxpy.jobs.record import BLOCKED, CANCELLED, DONE, FAILED, PAUSED, WAITING, Record
from sxpy.jobs.waits import ANSWER, EVENT, TIME
from sxpy.printer import inspect

LEASED, READY = "leased", "ready"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a job is not running, or that it is: one of the kinds above, in words, and since when."""

    kind: str
    text: str
    since: float


def time_text(seconds: float) -> str:
    """A time in UTC, to the second: `2026-03-01T12:00:00Z`."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return f"{seconds:.0f} s"


def reason_of(record: Record, lease_now: float) -> Reason:
    """The one reason of a job. `lease_now` is the time that leases go by, in seconds."""
    kind, text = _reason(record, lease_now)
    return Reason(kind, text, record.since)


def _reason(record: Record, lease_now: float) -> tuple[str, str]:
    since = f"since {time_text(record.since)}"
    match record.status:
        case _ if record.status == DONE:
            return DONE, f"done: {_short(record.shown or inspect(record.value))}"
        case _ if record.status == CANCELLED:
            return CANCELLED, f"cancelled, {since}"
        case _ if record.status == PAUSED:
            return PAUSED, f"paused, {since}"
        case _ if record.status == WAITING and record.wait is not None:
            return WAITING, f"waiting for {wait_text(record.wait)}, {since}"
        case _ if record.status in (FAILED, BLOCKED) and record.error is not None:
            return record.error.get("kind"), problem_text(record.error)
    lease = record.lease
    if lease is None:
        return READY, f"ready, {since}"
    if lease.until <= lease_now:
        return READY, f"ready: the lease of {lease.owner} ran out at {time_text(lease.until)}"
    return LEASED, f"lease held by {lease.owner} until {time_text(lease.until)}"


def wait_text(wait: Dict) -> str:
    """What a wait is for, in words."""
    kind = wait.get("for")
    until = wait.get("until")
    limit = "" if until is None else f", until {time_text(until)}"
    if kind == TIME:
        return f"{time_text(until)}"
    if kind == EVENT:
        type_ = "" if wait.get("type") is None else f" of type {wait.get('type')!r}"
        return f"an event{type_} after {wait.get('after')} on {wait.get('stream')!r}{limit}"
    if kind == ANSWER:
        return f"an answer to {_short(inspect(wait.get('question')))}{limit}"
    return f"{', '.join(map(str, wait.get('jobs')))}{limit}"


def problem_text(error: Dict) -> str:
    """A failure or block in words: its kind, its place, its message."""
    place = error.get("place")
    return f"{error.get('kind')}: {'' if place is None else f'{place}: '}{_short(error.get('message'))}"


def _short(text: Any) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= 160 else line[:159] + "…"
