"""The public face: start jobs, look at them, tell them what to do, and make workers for them.

    jobs = Jobs(open_host("shop"))
    jobs.start("(perform {:op \"job/sleep\" :args (list 60)})")
    jobs.worker().run(until="idle")
    [job.reason.text for job in jobs.ls()]

Everything said to a job is one event on the last one that was seen, as workers do it: it happens whole, or
is tried again on what has happened meanwhile. To pause or cancel takes the lease away, so that the next
commit of whoever runs the job is refused. Next: `sxpy/jobs/record.py`, then `sxpy/jobs/runner.py`.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sxpy.convert import to_sx
from sxpy.data import Dict, from_list
from sxpy.errors import Frame
from sxpy.host import Host
from sxpy.interpreter import Interpreter, Limits
from sxpy.jobs.answers import Answers
from sxpy.jobs.calls import Handlers
from sxpy.jobs.errors import Blocked, LeaseLost, NoSuchStep, UnknownJob, WrongStatus
from sxpy.jobs.images import Images
from sxpy.jobs.ledger import Entry, Kept, Ledger
from sxpy.jobs.migration import Migrator, Moved
from sxpy.jobs.reasons import Reason, reason_of
from sxpy.jobs.record import BLOCKED, CANCELLED, FAILED, PAUSED, READY, WAITING, Birth, Given, Record
from sxpy.jobs.runner import Setting
from sxpy.jobs.waits import ANSWER, Watch
from sxpy.jobs.worker import Worker
from sxpy.machine.reflect import describe_frame
from sxpy.reader import read_source
from sxpy.reader.files import read_file
from sxpy.reader.forms import Source
from sxpy.runtime import Writer

LEASE = 30.0
"""Seconds that a lease lasts when its worker is not heard of any more."""

KEEP = 100
"""Events of history that are kept of each job when nobody says otherwise."""

_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it is now."""

    id: str
    birth: Birth
    record: Record
    reason: Reason

    @property
    def name(self) -> str:
        """What it was started as: its file, its procedure, or the name it was given."""
        return self.birth.name

    @property
    def status(self) -> str:
        """`ready`, `waiting`, `paused`, `blocked`, `done`, `failed` or `cancelled`."""
        return self.record.status

    @property
    def value(self) -> Any:
        """The SX value of a job that is done, nil before."""
        return self.record.value


@dataclass(frozen=True, slots=True)
class Moment:
    """A kept state of a job: the step, the pending request, the calls in progress, their variables."""

    job: str
    step: int
    seq: int
    request: Any
    backtrace: tuple[Frame, ...]
    frames: tuple[Dict, ...]
    """Each call in progress, innermost first: `:function`, `:place`, `:values` by name."""


class Jobs:
    """The jobs of the store behind `host`. Safe for many threads if the host's `answer` is.

    `host` owns the operations `persist/transact`, `append`, `append-if`, `last-seq`, `read-from`,
    `read-range`, `count`, `truncate-through`, `kv-get`, `kv-put`, `kv-has?`, `kv-put-new`, `kv-delete` and
    `blob/…`. `key`: bytes that sign the states of jobs; unsigned and altered ones are refused. `clock` is
    the time that jobs see, `lease_clock` that by which leases run out: functions that answer seconds since
    the epoch.
    """

    def __init__(
        self,
        host: Host,
        *,
        key: bytes | None = None,
        clock: Callable[[], float] = time.time,
        lease_clock: Callable[[], float] = time.time,
    ) -> None:
        self.host = host
        self._clock = clock
        self._lease_clock = lease_clock
        self._ledger = Ledger(host)
        self._images = Images(self._ledger, key)

    # -- starting --------------------------------------------------------------------------------------

    def start(
        self,
        text: str,
        call: str | None = None,
        args: Sequence[Any] = (),
        *,
        file: str = "<program>",
        paths: Sequence[str] = (),
        id: str | None = None,
        name: str | None = None,
        keep: int = KEEP,
    ) -> Job:
        """Start a program: its forms, then, if given, the procedure `call` with `args`, Python or SX values.

        `file` is what places are told in, `paths` are directories for `load`; `keep` says how many events of
        history to keep, -1: all. Raises ReadError for a text that is no program, JobExists, TypeError for an
        argument that is no value.
        """
        read_source(Source(text, file))
        now = self._clock()
        images = self._images.fresh()
        birth = Birth(
            name or call or Path(file).name,
            created=now,
            file=file,
            program=images.keep_text(text),
            call=call,
            args=from_list([to_sx(arg) for arg in args]) if args else None,
            paths=from_list(list(paths)) if paths else None,
            keep=keep,
        )
        record = Record(since=now)
        job = id or _fresh_id()
        self._ledger.bear(job, birth, record, now)
        images.confirm()
        return self._job(job, birth, record)

    def start_file(
        self, path: str | Path, call: str | None = None, args: Sequence[Any] = (), **options: Any
    ) -> Job:
        """Start the program in a file; `load` looks beside it too. Raises SxIOError, and as `start`."""
        source = read_file(path)
        beside = str(Path(path).resolve().parent)
        return self.start(source.text, call, args, file=str(path), paths=[beside], **options)

    def fork(
        self, job: str, at: int | None = None, *, answer: Given | None = None, id: str | None = None
    ) -> Job:
        """A new job that goes on from what `job` was after `at` steps, by default from where it stands.

        `answer`: what the `perform` it stands at is answered in the new job; without, it is done again there.
        Raises UnknownJob, NoSuchStep.
        """
        event = self._state_event(job, at)
        now = self._clock()
        old = self._ledger.birth(job)
        step = event.get("data").get("step", 0)
        birth = Birth(
            old.name,
            created=now,
            file=old.file,
            program=old.program,
            paths=old.paths,
            forked=f"{job}@{step}",
            keep=old.keep,
        )
        record = Record(since=now, step=step, state=1, given=answer)
        fork = id or _fresh_id()
        self._ledger.bear(fork, birth, record, now, text=event.get("data").get("text"))
        return self._job(fork, birth, record)

    # -- looking ---------------------------------------------------------------------------------------

    def ls(self) -> list[Job]:
        """All jobs, in the order they were started."""
        catalogue = self._ledger.catalogue()
        catalogue.follow()
        found = []
        for job in catalogue.jobs():
            with suppress(UnknownJob):  # forgotten at this moment
                found.append(self.get(job))
        return found

    def get(self, job: str) -> Job:
        """One job. Raises UnknownJob."""
        kept = self._ledger.last(job)
        return self._job(job, self._ledger.birth(job), kept.record)

    def history(self, job: str) -> list[Dict]:
        """The events of a job that are kept, oldest first. Raises UnknownJob."""
        self._ledger.birth(job)
        return self._ledger.events(job)

    def moment(self, job: str, at: int | None = None) -> Moment:
        """What a job was after `at` steps, by default where it stands.

        Raises UnknownJob, NoSuchStep, and Blocked for a state that cannot be thawed.
        """
        event = self._state_event(job, at)
        state = self._images.thaw(event.get("data").get("text"), Interpreter()).state
        frames = [describe_frame(frame) for frame in state.frames()]
        return Moment(
            job,
            event.get("data").get("step", 0),
            event.get("seq"),
            state.request if state.suspended else None,
            state.backtrace(),
            tuple(frame for frame in frames if frame.get("kind") == "call"),
        )

    def _state_event(self, job: str, at: int | None) -> Dict:
        kept = self._ledger.last(job)
        if at is None:
            event = self._ledger.event(job, kept.record.state) if kept.record.state else None
            if event is None:
                raise NoSuchStep(f"job {job!r} has no state: it has not come to a `perform`")
            return event
        found = None
        for event in self._ledger.events(job):
            data = event.get("data")
            if data.get("step", 0) == at and data.get("text") is not None:
                found = event
        if found is None:
            raise NoSuchStep(
                f"job {job!r} has no state of step {at}; `sx jobs history {job}` lists what is kept"
            )
        return found

    def _job(self, job: str, birth: Birth, record: Record) -> Job:
        return Job(job, birth, record, reason_of(record, self._lease_clock()))

    # -- telling ---------------------------------------------------------------------------------------

    def answer(self, job: str, value: Any) -> Job:
        """Answer the question a job asks, with a Python or SX value. Raises UnknownJob, WrongStatus."""

        def change(record: Record) -> Record:
            if record.status != WAITING or record.wait is None or record.wait.get("for") != ANSWER:
                raise self._wrong(job, record, "asks nothing")
            return record.changed(status=READY, since=self._clock(), wait=None, given=Given(to_sx(value)))

        return self._tell("answered", job, change)

    def pause(self, job: str) -> Job:
        """Let nobody run a job until it is resumed; whoever runs it now stops before its next commit.

        Raises UnknownJob, WrongStatus.
        """

        def change(record: Record) -> Record:
            if record.status not in (READY, WAITING):
                raise self._wrong(job, record, "cannot be paused")
            return record.changed(status=PAUSED, since=self._clock(), was=record.status, lease=None)

        return self._tell("paused", job, change)

    def resume(self, job: str) -> Job:
        """Let a paused job go on. Raises UnknownJob, WrongStatus."""

        def change(record: Record) -> Record:
            if record.status != PAUSED:
                raise self._wrong(job, record, "is not paused")
            return record.changed(status=record.was or READY, since=self._clock(), was=None)

        return self._tell("resumed", job, change)

    def cancel(self, job: str) -> Job:
        """End a job where it stands. Raises UnknownJob, WrongStatus."""

        def change(record: Record) -> Record:
            if record.ended:
                raise self._wrong(job, record, "is over already")
            return record.changed(
                status=CANCELLED, since=self._clock(), wait=None, lease=None, was=None, error=None
            )

        return self._tell("cancelled", job, change)

    def retry(self, job: str) -> Job:
        """Let a job that failed, is blocked or was cancelled go on from its last state.

        A `perform` that was answered before the job failed is not done again: it gets the same answer.
        Raises UnknownJob, WrongStatus.
        """

        def change(record: Record) -> Record:
            if record.status not in (FAILED, BLOCKED, CANCELLED):
                raise self._wrong(job, record, "has not failed")
            status = record.was or READY
            return record.changed(status=status, since=self._clock(), was=None, error=None)

        return self._tell("retried", job, change)

    def _tell(self, type_: str, job: str, change: Callable[[Record], Record]) -> Job:
        while True:
            kept = self._ledger.last(job)
            try:
                after = self._ledger.change(kept, Entry(type_, change(kept.record), {}), at=self._clock())
            except LeaseLost:
                continue
            return self._job(job, self._ledger.birth(job), after.record)

    def _wrong(self, job: str, record: Record, what: str) -> WrongStatus:
        reason = reason_of(record, self._lease_clock())
        return WrongStatus(f"job {job!r} {what}: {reason.text}")

    def migrate(
        self, path: str | Path, *, dry_run: bool = False, all_programs: bool = False
    ) -> Iterator[Moved]:
        """Move jobs to the program in a file, one by one; what became of each (`sxpy/jobs/migration.py`).

        Of the jobs that are not over: those started from a file of this name, or all. Raises SxIOError,
        ReadError, and what the program raises while it is loaded.
        """
        migrator = Migrator(self._ledger, self._images, self._clock, path)
        catalogue = self._ledger.catalogue()
        catalogue.follow()
        name = Path(path).name
        wanted = [
            job for job in catalogue.live() if all_programs or Path(self._ledger.birth(job).file).name == name
        ]
        return migrator.move(wanted, dry_run=dry_run)

    # -- cleaning --------------------------------------------------------------------------------------

    def gc(self, older: float, *, dry_run: bool = False) -> list[str]:
        """Forget the jobs that ended more than `older` seconds ago; their ids.

        Code that only they named is erased with them when the store can erase.
        """
        catalogue = self._ledger.catalogue()
        catalogue.follow()
        now = self._clock()
        old = [kept for kept in self._ended(catalogue.jobs()) if now - kept.record.since > older]
        if dry_run or not old:
            return [kept.job for kept in old]
        gone, code = [], set()
        for kept in old:
            needs = self._code_of(kept.job)
            if self._ledger.remove(kept, now):
                gone.append(kept.job)
                code |= needs
        catalogue.compact()
        if code and self.host.owns("persist/erase-stream"):
            self._ledger.erase_unmentioned(sorted(code), now)
        return gone

    def _code_of(self, job: str) -> set[str]:
        """The code that a job's kept states need, and its program."""
        program = self._ledger.birth(job).program
        found = set() if program is None else {program}
        for event in self._ledger.events(job):
            text = event.get("data").get("text")
            found.update(() if text is None else self._images.needs(text))
        return found

    def _ended(self, jobs: Sequence[str]) -> Iterator[Kept]:
        for job in jobs:
            kept = self._ledger.last(job)
            if kept.record.ended:
                yield kept

    # -- working ---------------------------------------------------------------------------------------

    def worker(
        self,
        *,
        handlers: Handlers | None = None,
        threads: int = 1,
        lease: float = LEASE,
        limits: Limits | None = None,
        output: Writer | None = None,
        **options: Any,
    ) -> Worker:
        """A worker for these jobs.

        `handlers`: Python functions by the operations they answer (`sxpy/jobs/calls.py`). `threads`: how many
        jobs to run at a time. `lease`: after how many seconds without a sign of this worker others take its
        jobs. `limits`: for each run of a program between two performs. `output`: where programs write.
        Others: `name`, `poll` (seconds between two looks at the store), `tell` (gets lines for people).
        """
        answers = Answers(self._ledger, handlers or {})
        setting = Setting(
            ledger=self._ledger,
            images=self._images,
            answers=answers,
            watch=Watch(self._ledger),
            clock=self._clock,
            lease_clock=self._lease_clock,
            lease=lease,
            limits=limits or Limits(),
            output=output,
            stopping=threading.Event(),
        )
        return Worker(setting, threads=threads, **options)


def _fresh_id() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(8))


__all__ = ["Blocked", "Job", "Jobs", "Moment"]
