"""The runner: one job under a lease, from its last commit to where it waits, ends, or is taken away.

The job's last event keeps a state that stands at a `perform`, number N. To answer it is step N: the answer
(`sxpy/jobs/answers.py`), running on to the next `perform`, freezing there, and one commit that holds the
effect of N, what it was answered, and the state at N + 1. So a step is in the store whole or not at all, and
whoever takes the job up stands before an effect that has not happened or behind one that has.

The state after a write is computed before the write, on the answer that it will have when it is done
(`sxpy/jobs/effects.py`). If the store says otherwise, a conflict or an error, nothing is written, and
the program is run on with that answer from N, thawed anew: what it changed in between counts no more.

Answers that changed nothing anywhere, reads and `job/now`, need no commit of their own: they wait for the
next one, at most `TOGETHER` of them. Until then nobody can have seen what followed from them. A call to the
outside is such a somebody, so everything is committed before it is made.

Invariant: only `_commit`, `_settle` and `renew` write, with `_lock` held and on the last event they know of.
Next: `sxpy/jobs/worker.py`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sxpy.data import Dict, from_list, symbol
from sxpy.errors import EvalError, Frame, LimitError, NotFreezable, ProgramInterrupted, SxError
from sxpy.host import operation_of
from sxpy.interpreter import Interpreter, Limits, Run
from sxpy.jobs.answers import Answers, Asking
from sxpy.jobs.effects import Reply
from sxpy.jobs.errors import Blocked, LeaseLost, StoreTrouble
from sxpy.jobs.images import CODE_MISSING, REFUSED, Images
from sxpy.jobs.ledger import Entry, Kept, Ledger, request
from sxpy.jobs.record import (
    BLOCKED,
    DONE,
    FAILED,
    READY,
    WAITING,
    Birth,
    Given,
    Lease,
    Record,
    stream_of,
)
from sxpy.jobs.waits import WAITS, Watch, wait_for
from sxpy.machine.driver import resume_error
from sxpy.printer import inspect, serialize
from sxpy.runtime import Writer

TOGETHER = 64
"""How many steps that changed nothing wait for a commit."""

SLACK = 16
"""How many events of history too many there may be before they are dropped."""

SHOWN = 200
"""Characters of an answer in the history."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What all runs of a worker share. `clock` is what jobs see, `lease_clock` what leases go by; seconds."""

    ledger: Ledger
    images: Images
    answers: Answers
    watch: Watch
    clock: Callable[[], float]
    lease_clock: Callable[[], float]
    lease: float
    """How long a lease lasts, in seconds."""
    limits: Limits
    output: Writer | None
    stopping: threading.Event


@dataclass(slots=True)
class Arrival:
    """Where a job has come to: a `perform` and its frozen text, the end, or an error that no handler took."""

    run: Run | None = None
    text: str | None = None
    error: SxError | None = None
    instant: Given | None = None
    """What a wait here is answered, when it is over as soon as it began."""

    @property
    def request(self) -> Any:
        """What is asked; None at the end."""
        return self.run.request if self.run is not None and self.run.suspended else None


class Running:
    """One job that this worker holds the lease of. `run` is for one thread, the others for any."""

    def __init__(self, setting: Setting, kept: Kept, birth: Birth) -> None:
        lease = kept.record.lease
        assert lease is not None, "a job is run under a lease"
        self._setting = setting
        self._birth = birth
        self._images = setting.images.fresh()
        self._owner = lease.owner
        self._lock = threading.Lock()
        self._kept = kept
        self._here = kept.record
        """What the record says once all that is pending is committed."""
        self._pending: list[Entry] = []
        self._dropped = 0
        self._over = False
        self._lost = False
        self.interpreter = Interpreter(
            output=setting.output, limits=setting.limits, search_path=list(birth.paths or ())
        )

    @property
    def job(self) -> str:
        """The id of the job."""
        return self._kept.job

    def run(self) -> Record:
        """Run until the job waits, ends, is blocked or is to be let go; its record then.

        Raises LeaseLost when somebody else changed the job, StoreTrouble when nothing can be committed.
        """
        try:
            self._steps()
        except Blocked as blocked:
            problem = _problem(blocked.kind, blocked.message, cids=from_list(list(blocked.cids)) or None)
            self._settle(BLOCKED, self._changed(status=BLOCKED, error=problem, given=self._here.given))
        except ProgramInterrupted:
            if self._lost:
                raise LeaseLost(self.job) from None
            self._settle("released", self._here.changed(lease=None))
        except (LeaseLost, StoreTrouble):
            raise
        except Exception as error:
            self._fail(error)
        finally:
            with self._lock:
                self._over = True
        return self._kept.record

    def _fail(self, error: Exception) -> None:
        """A bug of this package, or Python at its limits: the job fails where it stood, and says so."""
        record = self._here = self._kept.record
        self._pending = []
        problem = _problem("internal error", f"{type(error).__name__}: {error}")
        self._settle(FAILED, self._changed(status=FAILED, error=problem, given=record.given))

    def renew(self) -> None:
        """Make the lease last longer, if it is time. A lease that is lost stops the program."""
        setting = self._setting
        with self._lock:
            record = self._kept.record
            if self._over or record.lease is None:
                return
            if record.lease.until - setting.lease_clock() > setting.lease * 0.7:
                return
            entry = Entry("renewed", record.changed(lease=self._lease()), {})
            try:
                self._kept = setting.ledger.change(self._kept, entry, at=setting.clock())
            except LeaseLost:
                self._lost = True
        if self._lost:
            self.interpreter.interrupt()

    def interrupt(self) -> None:
        """Stop the program, if it is computing, and let the job go as of the last `perform`."""
        self.interpreter.interrupt()

    # -- the steps -------------------------------------------------------------------------------------

    def _steps(self) -> None:
        arrival = self._begin()
        while self._here.status == READY:
            if self._setting.stopping.is_set():
                self._settle("released", self._here.changed(lease=None))
                return
            if len(self._pending) >= TOGETHER or self._setting.answers.is_outside(arrival.request):
                self._commit(Reply())
            arrival = self._step(arrival)
        self._settle(self._here.status, self._here)

    def _begin(self) -> Arrival:
        """Where the job stands, or comes to without a step being made."""
        record, birth = self._kept.record, self._birth
        if record.state == 0:
            program = birth.program and self._images.code(birth.program)
            if program is None:
                cid = birth.program or ""
                raise Blocked(CODE_MISSING, f"the store has no blob {cid}, the program {birth.file}", (cid,))
            text = program + _call(birth)
            arrival = self._arrive(lambda: self.interpreter.start(text, birth.file))
            self._add(arrival, Reply(), 0)
            return arrival
        event = self._setting.ledger.event(self.job, record.state)
        kept = None if event is None else event.get("data").get("text")
        if kept is None:
            raise Blocked(REFUSED, f"event {record.state} of {stream_of(self.job)} keeps no state")
        run = self._images.thaw(kept, self.interpreter)
        state, self.interpreter = run.state, run.interpreter
        given = record.given
        if given is None and state.suspended:
            arrival = Arrival(run, kept)
            self._here = self._record_at(arrival, Reply(), 0)
            return arrival
        reply = Reply()
        if given is not None:
            reply = _given_reply(given)
            state = state.resume(reply.value) if reply.error is None else resume_error(state, reply.error)
        arrival = self._arrive(lambda: self.interpreter.start_state(state))
        self._add(arrival, reply, 0 if given is None else 1)
        return arrival

    def _step(self, before: Arrival) -> Arrival:
        """Answer the `perform` that the job stands at: where it comes to then."""
        assert before.run is not None, "only a `perform` is answered"
        if before.instant is not None:
            reply = _given_reply(before.instant)
        else:
            reply = self._setting.answers.reply(self._asking(before))
        run, here, pending = before.run, self._here, len(self._pending)
        while True:
            arrival = self._resume(run, reply)
            self._add(arrival, reply, 1)
            if not (reply.requests or reply.firm):
                return arrival
            try:
                conflict = self._commit(reply)
            except (LeaseLost, StoreTrouble):
                raise
            except EvalError as refused:
                other = Reply(error=refused)
            else:
                if conflict is None:
                    return arrival
                other = reply.conflict(conflict)
            self._here = here
            del self._pending[pending:]
            assert before.text is not None, "a job stands at a frozen state"
            run = self._images.thaw(before.text, self.interpreter)
            self.interpreter, reply = run.interpreter, other

    def _asking(self, arrival: Arrival) -> Asking:
        return Asking(
            self.job,
            self._birth,
            self._here.step,
            self.interpreter,
            self._images,
            arrival.request,
            self._setting.clock(),
        )

    def _resume(self, run: Run, reply: Reply) -> Arrival:
        error = reply.error
        if error is None:
            return self._arrive(lambda: run.resume(reply.value))
        return self._arrive(lambda: run.resume_error(error))

    def _arrive(self, go: Callable[[], Run]) -> Arrival:
        """Run on to the next `perform` that can be kept; at one that cannot, an error says so."""
        while True:
            try:
                run = go()
            except ProgramInterrupted:
                raise
            except SxError as error:
                return Arrival(error=error)
            if run.done:
                return Arrival(run)
            try:
                return Arrival(run, self._images.freeze(run.state, self.interpreter))
            except NotFreezable as error:
                go = _raising(run, error)

    # -- what is committed -----------------------------------------------------------------------------

    def _add(self, arrival: Arrival, reply: Reply, steps: int) -> None:
        """Note where the job has come to by `reply`, for the next commit."""
        self._here = self._record_at(arrival, reply, steps)
        more: dict[str, Any] = {"text": arrival.text}
        if arrival.request is not None:
            more["asks"] = _asked(arrival.request)
        if steps:
            more["answered"] = _shown(reply)
        self._pending.append(Entry("stepped", self._here, more))

    def _record_at(self, arrival: Arrival, reply: Reply, steps: int) -> Record:
        now = self._setting.clock()
        step = self._here.step + steps
        if arrival.error is not None:
            given = None
            if steps:
                given = Given(reply.value) if reply.error is None else Given(error=reply.error.message)
            return self._changed(status=FAILED, step=step, given=given, error=_failure(arrival.error))
        assert arrival.run is not None
        if arrival.run.done:
            value = arrival.run.value
            text = _unwritable(value)
            value = value if text is None else None
            return self._changed(status=DONE, step=step, value=value, shown=text)
        wait = self._wait_at(arrival, now, look=not reply.requests)
        if wait is not None:
            return self._changed(status=WAITING, step=step, wait=wait)
        return self._here.changed(
            status=READY, step=step, wait=None, given=None, error=None, lease=self._lease()
        )

    def _changed(self, **changes: Any) -> Record:
        """The record in another status, which nobody holds a lease of."""
        plain: dict[str, Any] = {"wait": None, "given": None, "error": None, "lease": None}
        return self._here.changed(**{**plain, "since": self._setting.clock(), **changes})

    def _wait_at(self, arrival: Arrival, now: float, *, look: bool) -> Dict | None:
        """What the job must wait for here; None when nothing, or when that is so already.

        `look`: whether what led here is in the store, so that it can be looked for there.
        """
        operation, args = operation_of(arrival.request)
        if operation not in WAITS:
            return None
        try:
            wait = wait_for(operation, args, now)
        except EvalError as error:
            arrival.instant = Given(error=error.message)
            return None
        arrival.instant = self._setting.watch.result(wait, now) if look else None
        return wait if arrival.instant is None else None

    def _lease(self) -> Lease:
        return Lease(self._owner, round(self._setting.lease_clock() + self._setting.lease, 3))

    def _commit(self, reply: Reply) -> Dict | None:
        """Commit what is pending together with the effect of `reply`; the conflict, if that met one."""
        if not self._pending:
            return None
        with self._lock:
            entries, state = [], self._here.state
            for seq, entry in enumerate(self._pending, self._kept.seq + 1):
                state = seq if entry.more["text"] is not None else state
                entries.append(replace(entry, record=entry.record.changed(state=state)))
            drop = self._droppable(self._kept.seq + len(entries), state)
            after = self._setting.ledger.commit(
                self._kept,
                entries,
                reply.requests,
                also=[request("persist/truncate-through", stream_of(self.job), drop)] if drop else (),
                news=reply.news,
                at=self._setting.clock(),
            )
            if not isinstance(after, Kept):
                return after
            self._kept, self._here = after, after.record
            self._pending, self._dropped = [], max(self._dropped, drop)
            self._images.confirm()
            return None

    def _droppable(self, last: int, state: int) -> int:
        """Through which event the policy of the job keeps nothing more; 0 when there is little to drop."""
        through = min(last - 1 - self._birth.keep, state - 1)
        return 0 if self._birth.keep < 0 or through - self._dropped < SLACK else through

    def _settle(self, type_: str, record: Record) -> None:
        """Commit what is pending, with `record` as its last word."""
        if self._pending:
            self._pending[-1] = replace(self._pending[-1], record=record)
            self._commit(Reply())
            return
        with self._lock:
            if self._kept.record != record:
                entry = Entry(type_, record.changed(state=self._kept.record.state), {})
                self._kept = self._setting.ledger.change(self._kept, entry, at=self._setting.clock())


def _raising(run: Run, error: EvalError) -> Callable[[], Run]:
    return lambda: run.resume_error(error)


def _given_reply(given: Given) -> Reply:
    return Reply(given.value) if given.error is None else Reply(error=EvalError(given.error))


def _call(birth: Birth) -> str:
    """The text of the call that follows the program."""
    if birth.call is None:
        return ""
    args = [from_list([symbol("quote"), arg]) for arg in birth.args or ()]
    return f"\n{serialize(from_list([symbol(birth.call), *args]))}\n"


def _asked(request_: Any) -> str:
    operation, _ = operation_of(request_)
    return _shortened(inspect(request_)) if operation is None else operation


def _shown(reply: Reply) -> str:
    if reply.error is not None:
        return _shortened(f"error: {reply.error.message}")
    return _shortened(inspect(reply.value))


def _shortened(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _unwritable(value: Any) -> str | None:
    """The text of a value that cannot be kept as such; None when it can."""
    try:
        serialize(value)
    except EvalError:
        return inspect(value)
    return None


def _failure(error: SxError) -> Dict:
    kind = "stopped" if isinstance(error, LimitError) else "error"
    place = None if error.place is None else str(error.place)
    return _problem(
        kind, error.message, place=place, trace=from_list([_frame(each) for each in error.backtrace])
    )


def _frame(frame: Frame) -> Any:
    return from_list([frame.function, None if frame.place is None else str(frame.place)])


def _problem(kind: str, message: str, **more: Any) -> Dict:
    fields = {"kind": kind, "message": message, **more}
    return Dict({name: value for name, value in fields.items() if value is not None})
