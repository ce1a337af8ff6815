"""The record of a job: what its last event says, which is all that there is to know of it.

A job is a stream, `$job/<id>`. Everything that befalls it is one event of that stream, and each event tells
the whole condition of the job, so the last one suffices: its status, what it waits for, who holds the
lease, and the number of the event that keeps its state. What never changes (name, program, parent) is under
the key `$job/<id>`. Both are plain SX values; fields that say nothing are left out.

Invariant: an event is appended only on the one its author has seen (`persist/append-if`), so whoever has
been overtaken cannot change a job, whatever he believes. Next: `sxpy/jobs/ledger.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from sxpy.data import Dict

READY, WAITING, PAUSED, BLOCKED = "ready", "waiting", "paused", "blocked"
DONE, FAILED, CANCELLED = "done", "failed", "cancelled"
ENDED = frozenset({DONE, FAILED, CANCELLED})
"""What a job is in when nobody needs to look at it any more, unless somebody asks."""

KEEP_ALL = -1
"""For `Birth.keep`: the whole history."""


def stream_of(job: str) -> str:
    """The stream of a job, and the key of what never changes."""
    return f"$job/{job}"


CATALOGUE = "$jobs"
"""The stream that tells which jobs there are."""

GARBAGE = "$jobs/garbage"
"""A stream that names, for a moment, code that may be erased."""


def is_reserved(name: str) -> bool:
    """Whether a stream or key belongs to the jobs themselves."""
    return name in (CATALOGUE, GARBAGE) or name.startswith("$job/")


def _compact(fields_: Mapping[str, Any]) -> Dict:
    return Dict({name: value for name, value in fields_.items() if value is not None})


@dataclass(frozen=True, slots=True)
class Lease:
    """Who runs the job, and until when he need not be feared dead: seconds since the epoch."""

    owner: str
    until: float


@dataclass(frozen=True, slots=True)
class Given:
    """What the `perform` that the job stands at is to be answered: a value, or an error to raise."""

    value: Any = None
    error: str | None = None

    def to_sx(self) -> Dict:
        """As a dict; a value that is nil is kept as such."""
        return Dict({"value": self.value}) if self.error is None else Dict({"error": self.error})

    @classmethod
    def from_sx(cls, value: Dict) -> Given:
        """What `to_sx` made."""
        return cls(value.get("value"), value.get("error"))


@dataclass(frozen=True, slots=True)
class Record:
    """The condition of a job. Times are seconds since the epoch."""

    status: str = READY
    since: float = 0.0
    """Since when it has this status."""
    step: int = 0
    """How many performs have been answered."""
    state: int = 0
    """The event that keeps the state; 0: the program has not begun."""
    wait: Dict | None = None
    """What it waits for: `:for` and what belongs to it (`sxpy/jobs/waits.py`)."""
    lease: Lease | None = None
    given: Given | None = None
    was: str | None = None
    """The status that a pause interrupted."""
    error: Dict | None = None
    """Why it failed or is blocked: `:kind`, `:message`, `:place`, `:trace`, `:cids`."""
    value: Any = None
    """What a job that is done has come to …"""
    shown: str | None = None
    """… or its text, when it has no syntax that could be kept."""

    def to_sx(self) -> dict[str, Any]:
        """The fields that say something."""
        return {
            "status": self.status,
            "since": self.since,
            "step": self.step,
            "state": self.state,
            "wait": self.wait,
            "lease": self.lease and Dict({"owner": self.lease.owner, "until": self.lease.until}),
            "given": self.given and self.given.to_sx(),
            "was": self.was,
            "error": self.error,
            "value": self.value,
            "shown": self.shown,
        }

    @classmethod
    def from_sx(cls, data: Dict) -> Record:
        """The record that an event's data tells."""
        found = {each.name: data.get(each.name) for each in fields(cls) if data.get(each.name) is not None}
        lease, given = found.get("lease"), found.get("given")
        if lease is not None:
            found["lease"] = Lease(lease.get("owner"), lease.get("until"))
        if given is not None:
            found["given"] = Given.from_sx(given)
        return cls(**found)

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self.status in ENDED

    def changed(self, **changes: Any) -> Record:
        """The record with other fields."""
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class Birth:
    """What never changes of a job."""

    name: str
    created: float
    file: str = "<program>"
    program: str | None = None
    """The cid of the program's text; None when the job was born with a state."""
    call: str | None = None
    """The procedure to call once the program is loaded."""
    args: Any = None
    """Its arguments, a list of SX."""
    paths: Any = None
    """Directories for `load`, a list of strings."""
    parent: str | None = None
    forked: str | None = None
    keep: int = 100
    """How many steps of history are kept, beside the last one; -1: all."""

    def to_sx(self) -> Dict:
        """The value of the job's key."""
        return _compact({each.name: getattr(self, each.name) for each in fields(self)})

    @classmethod
    def from_sx(cls, value: Dict) -> Birth:
        """What `to_sx` made."""
        return cls(
            **{each.name: value.get(each.name) for each in fields(cls) if value.get(each.name) is not None}
        )


def event_data(record: Record, **more: Any) -> Dict:
    """The data of an event: the record and what this event alone tells."""
    return _compact({**record.to_sx(), **more})
