"""The ledger: how jobs are kept by a store of which only the operations are known.

Owns the commit: one `persist/transact` that appends the job's next event on the condition that nobody else
has appended one, and does whatever else belongs to the step. A conflict of that condition is `LeaseLost`;
one that the effect of the step met is an answer for the program. `CATALOGUE` is the stream that tells which
jobs there are: `started`, `ended`, `revived`, `removed`.

Invariant: all that this file writes for one step is one transaction. Next: `sxpy/jobs/runner.py`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sxpy.data import Dict, from_list
from sxpy.errors import EvalError
from sxpy.host import Host
from sxpy.jobs.errors import JobExists, LeaseLost, StoreTrouble, UnknownJob
from sxpy.jobs.record import CATALOGUE, ENDED, GARBAGE, Birth, Record, event_data, stream_of

STARTED, OVER, REVIVED, REMOVED = "started", "ended", "revived", "removed"
"""The types of the events of the catalogue."""

ATTEMPTS = 1000
"""How often a commit is tried again because another job was started or ended at the same moment."""


def request(operation: str, *args: Any) -> Dict:
    """A request as `persist/transact` takes it."""
    return Dict({"op": operation, "args": from_list(list(args))})


def is_conflict(answer: Any) -> bool:
    """Whether an answer says that an expectation did not hold."""
    return isinstance(answer, Dict) and answer.get("conflict") is True


@dataclass(frozen=True, slots=True)
class Entry:
    """An event of a job's stream: its type, and its data beside the record."""

    type: str
    record: Record
    more: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """The last event of a job: its number, and the record it tells."""

    job: str
    seq: int
    record: Record


class Ledger:
    """The jobs of one store. Safe for many threads if the host's `answer` is."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self._births: dict[str, Birth] = {}

    # -- asking ----------------------------------------------------------------------------------------

    def answer(self, operation: str, args: Sequence[Any]) -> Any:
        """The store's answer to what a program asks. Raises its errors."""
        return self.host.answer(operation, list(args), request(operation, *args))

    def ask(self, operation: str, *args: Any) -> Any:
        """The store's answer to what the jobs themselves ask. Raises StoreTrouble."""
        try:
            return self.answer(operation, args)
        except EvalError as error:
            raise StoreTrouble(f"{operation}: {error.message}") from error

    def ask_all(self, requests: Sequence[Dict]) -> list[Any]:
        """The answers to several operations that only read, all of one instant."""
        if not requests:
            return []
        return list(self.ask("persist/transact", from_list(list(requests))))

    def last_seqs(self, streams: Sequence[str]) -> list[int]:
        """The high-water mark of each stream."""
        return self.ask_all([request("persist/last-seq", stream) for stream in streams])

    def last(self, job: str) -> Kept:
        """The last event of a job. Raises UnknownJob."""
        stream = stream_of(job)
        while True:
            seq = self.ask("persist/last-seq", stream)
            event = self.event(job, seq) if seq else None
            if event is not None:
                return Kept(job, seq, Record.from_sx(event.get("data")))
            if seq == 0 or self.ask("persist/last-seq", stream) == seq:
                raise UnknownJob(job)

    def event(self, job: str, seq: int) -> Dict | None:
        """The event of that number; None when it is kept no more."""
        for event in self.ask("persist/read-range", stream_of(job), seq, seq):
            found: Dict = event
            return found
        return None

    def events(self, job: str) -> list[Dict]:
        """All events of a job that are kept, oldest first."""
        return list(self.ask("persist/read-from", stream_of(job), 1))

    def birth(self, job: str) -> Birth:
        """What never changes of a job. Raises UnknownJob."""
        found = self._births.get(job)
        if found is None:
            value = self.ask("persist/kv-get", stream_of(job))
            if value is None:
                raise UnknownJob(job)
            found = self._births[job] = Birth.from_sx(value)
        return found

    def catalogue(self) -> Catalogue:
        """A view of which jobs there are."""
        return Catalogue(self)

    # -- committing ------------------------------------------------------------------------------------

    def commit(
        self,
        kept: Kept,
        entries: Sequence[Entry],
        effects: Sequence[Dict] = (),
        *,
        also: Sequence[Dict] = (),
        news: Sequence[tuple[str, str]] = (),
        at: float,
    ) -> Kept | Dict:
        """Append `entries` and do `effects`, all or nothing; the job's last event then.

        `also` are requests that cannot be in conflict with anything; `news` are events for the catalogue:
        type and job. A conflict that the effects met is answered, and nothing is done. Raises LeaseLost when
        `kept` is not the job's last event any more; whatever the store raises when there are effects, which
        may be what it does not like; else StoreTrouble.
        """
        stream = stream_of(kept.job)
        rows = []
        for seq, entry in enumerate(entries, kept.seq + 1):
            event = _event(stream, seq, entry.type, at, event_data(entry.record, **entry.more))
            first = seq == kept.seq + 1
            rows.append(
                request("persist/append-if", stream, kept.seq, event)
                if first
                else request("persist/append", stream, event)
            )
        last = Kept(kept.job, kept.seq + len(entries), entries[-1].record)
        news = [*news, *_turns(kept, last)]
        for _ in range(ATTEMPTS):
            posts, expected = self._posts(news, at)
            ask = self.answer if effects else lambda operation, args: self.ask(operation, *args)
            answer = ask("persist/transact", [from_list([*rows, *also, *posts, *effects])])
            if not is_conflict(answer):
                return last
            if self.ask("persist/last-seq", stream) != kept.seq:
                raise LeaseLost(kept.job)
            if not news or self.ask("persist/last-seq", CATALOGUE) == expected:
                conflict: Dict = answer
                return conflict
        raise StoreTrouble(f"cannot commit a step of job {kept.job!r}: too many jobs start and end")

    def change(self, kept: Kept, entry: Entry, *, at: float) -> Kept:
        """Append one event that has no effects. Raises LeaseLost, StoreTrouble."""
        after = self.commit(kept, [entry], at=at)
        assert isinstance(after, Kept), "without effects nothing else can be in conflict"
        return after

    def birth_requests(self, job: str, birth: Birth, record: Record, at: float, **more: Any) -> list[Dict]:
        """What brings a job into the world, as part of a transaction; the catalogue must be told too."""
        stream = stream_of(job)
        event = _event(stream, 1, "started", at, event_data(record, **more))
        return [
            request("persist/kv-put-new", stream, birth.to_sx()),
            request("persist/append-if", stream, 0, event),
        ]

    def bear(self, job: str, birth: Birth, record: Record, at: float, **more: Any) -> Kept:
        """Bring a job into the world. Raises JobExists, and what the store raises."""
        requests = self.birth_requests(job, birth, record, at, **more)
        for _ in range(ATTEMPTS):
            posts, _ = self._posts([(STARTED, job)], at)
            if not is_conflict(self.ask("persist/transact", from_list([*requests, *posts]))):
                return Kept(job, 1, record)
            if self.ask("persist/last-seq", stream_of(job)) or self.ask("persist/kv-has?", stream_of(job)):
                raise JobExists(job)
        raise StoreTrouble(f"cannot start job {job!r}: too many jobs start and end")

    def remove(self, kept: Kept, at: float) -> bool:
        """Forget a job that is over; whether nobody had touched it meanwhile."""
        stream = stream_of(kept.job)
        gone = _event(stream, kept.seq + 1, "removed", at, None)
        for _ in range(ATTEMPTS):
            posts, expected = self._posts([(REMOVED, kept.job)], at)
            requests = [
                request("persist/append-if", stream, kept.seq, gone),
                request("persist/truncate-through", stream, kept.seq + 1),
                request("persist/kv-delete", stream),
                *posts,
            ]
            if not is_conflict(self.ask("persist/transact", from_list(requests))):
                self._births.pop(kept.job, None)
                return True
            if self.ask("persist/last-seq", CATALOGUE) == expected:
                return False
        return False

    def erase_unmentioned(self, cids: Sequence[str], at: float) -> None:
        """Erase the blobs that nothing else in the store mentions, if it can erase.

        A stream that is erased takes such blobs with it, so one is made that mentions them.
        """
        last: int = self.ask("persist/last-seq", GARBAGE)
        event = _event(GARBAGE, last + 1, "garbage", at, from_list(list(cids)))
        if not is_conflict(self.ask("persist/append-if", GARBAGE, last, event)):
            self.ask("persist/erase-stream", GARBAGE)

    def _posts(self, news: Sequence[tuple[str, str]], at: float) -> tuple[list[Dict], int]:
        """Requests that tell the catalogue, and the last event they build on."""
        if not news:
            return [], 0
        last: int = self.ask("persist/last-seq", CATALOGUE)
        posts = [
            request("persist/append-if", CATALOGUE, seq - 1, _event(CATALOGUE, seq, type_, at, job))
            for seq, (type_, job) in enumerate(news, last + 1)
        ]
        return posts, last


def _turns(before: Kept, after: Kept) -> Iterator[tuple[str, str]]:
    """What the catalogue must be told when a job's record changes."""
    if after.record.ended and not before.record.ended:
        yield OVER, after.job
    elif before.record.ended and not after.record.ended:
        yield REVIVED, after.job


def _event(stream: str, seq: int, type_: str, at: float, data: Any) -> Dict:
    return Dict({"stream": stream, "seq": seq, "type": type_, "at": at, "data": data})


SNAPSHOT = "$jobs"
"""The key of what the catalogue had come to when it was compacted."""


class Catalogue:
    """Which jobs there are, and which of them are over, as far as the catalogue has been followed."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._following = threading.Lock()
        self._seen = 0
        self._jobs: dict[str, bool] = {}
        """Each job, and whether it is over, oldest first."""

    def follow(self) -> None:
        """Take in what has happened since."""
        with self._following:
            last = self._ledger.ask("persist/last-seq", CATALOGUE)
            if last == self._seen:
                return
            snapshot, events = self._ledger.ask_all(
                [
                    request("persist/kv-get", SNAPSHOT),
                    request("persist/read-from", CATALOGUE, self._seen + 1),
                ]
            )
            if snapshot is not None and snapshot.get("seq") > self._seen:
                self._jobs = dict(snapshot.get("jobs").items())
                self._seen = snapshot.get("seq")
            for event in events:
                if event.get("seq") > self._seen:
                    self._take(event.get("type"), event.get("data"))
                    self._seen = event.get("seq")

    def _take(self, type_: str, job: str) -> None:
        if type_ == REMOVED:
            self._jobs.pop(job, None)
        else:
            self._jobs[job] = type_ == OVER

    def jobs(self) -> list[str]:
        """All jobs, in the order they were started."""
        return list(self._jobs)

    def live(self) -> list[str]:
        """The jobs that are not over."""
        return [job for job, over in list(self._jobs.items()) if not over]

    def compact(self) -> int:
        """Keep what it all comes to, and drop the events; how many went."""
        self.follow()
        if not self._seen:
            return 0
        value = Dict({"seq": self._seen, "jobs": Dict(dict(self._jobs))})
        before: int = self._ledger.ask("persist/count", CATALOGUE)
        self._ledger.ask_all(
            [
                request("persist/kv-put", SNAPSHOT, value),
                request("persist/truncate-through", CATALOGUE, self._seen),
            ]
        )
        after: int = self._ledger.ask("persist/count", CATALOGUE)
        return before - after


__all__ = ["ENDED", "Catalogue", "Entry", "Kept", "Ledger", "is_conflict", "request"]
