"""Leases: two workers never both get a commit in, and what a dead one had is taken over."""

from __future__ import annotations

import threading
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from jobs_support import World, perform

from sxpy.jobs.board import Board
from sxpy.jobs.errors import LeaseLost, StoreTrouble
from sxpy.jobs.ledger import Entry, Kept, Ledger
from sxpy.jobs.record import READY, Birth, Lease, Record
from sxpy.jobs.waits import Watch
from sxpy_hosts.errors import StoreIOError, StoreLocked
from sxpy_hosts.memory import MemoryHost

LEASE = 10.0
JOBS = ("a", "b", "c")


class LeasesAreHeldByOne(RuleBasedStateMachine):
    """Three jobs, three workers that claim, commit, fall asleep and die; people pause and resume.

    The model: for each job, who claimed it last, whether somebody has taken it from him, and the steps.
    """

    @initialize()
    def begin(self) -> None:
        self.now = 0.0
        self.host = MemoryHost()
        self.world = World(self.host)
        self.world.now = 0.0
        self.ledgers = [Ledger(self.host) for _ in range(3)]
        self.boards = [Board(ledger, Watch(ledger)) for ledger in self.ledgers]
        for job in JOBS:
            self.ledgers[0].bear(job, Birth(job, created=0.0), Record(since=0.0), 0.0)
        self.holds: list[dict[str, Kept]] = [{}, {}, {}]
        self.owner: dict[str, tuple[int, float] | None] = dict.fromkeys(JOBS)
        self.paused: set[str] = set()
        self.steps = dict.fromkeys(JOBS, 0)

    @rule(worker=st.integers(0, 2), pick=st.integers(0, 2))
    def claim(self, worker: int, pick: int) -> None:
        board, ledger = self.boards[worker], self.ledgers[worker]
        board.refresh()
        free = {
            job
            for job in JOBS
            if job not in self.paused and (self.owner[job] is None or self.owner[job][1] <= self.now)
        }
        takable = {kept.job: kept for kept, _ in board.takable(self.now, self.now)}
        assert set(takable) == free
        if takable:
            kept = sorted(takable.values(), key=lambda kept: kept.job)[pick % len(takable)]
            until = self.now + LEASE
            record = kept.record.changed(lease=Lease(str(worker), until))
            self.holds[worker][kept.job] = ledger.change(kept, Entry("claimed", record, {}), at=self.now)
            self.owner[kept.job] = (worker, until)

    @rule(worker=st.integers(0, 2), job=st.sampled_from(JOBS), ends=st.booleans())
    def commit(self, worker: int, job: str, ends: bool) -> None:
        """A worker that once held the job tries to commit a step, whatever has happened since."""
        kept = self.holds[worker].get(job)
        if kept is None:
            return
        owner = self.owner[job]
        mine = owner is not None and owner[0] == worker and job not in self.paused
        lease = None if ends else Lease(str(worker), self.now + LEASE)
        record = kept.record.changed(step=kept.record.step + 1, lease=lease)
        try:
            after = self.ledgers[worker].change(kept, Entry("stepped", record, {}), at=self.now)
        except LeaseLost:
            assert not mine
            del self.holds[worker][job]
            return
        assert mine
        self.steps[job] += 1
        if ends:
            self.owner[job] = None
            del self.holds[worker][job]
        else:
            self.owner[job] = (worker, self.now + LEASE)
            self.holds[worker][job] = after

    @rule(worker=st.integers(0, 2))
    def die(self, worker: int) -> None:
        self.holds[worker] = {}

    @rule(seconds=st.sampled_from([1.0, 4.0, 11.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.world.now = self.now

    @rule(job=st.sampled_from(JOBS))
    def pause_or_resume(self, job: str) -> None:
        if job in self.paused:
            self.world.jobs.resume(job)
            self.paused.remove(job)
        else:
            self.world.jobs.pause(job)
            self.paused.add(job)
        self.owner[job] = None

    @invariant()
    def every_step_is_counted_once(self) -> None:
        for job in JOBS:
            assert self.ledgers[0].last(job).record.step == self.steps[job]


TestLeases = LeasesAreHeldByOne.TestCase
TestLeases.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)


def test_a_worker_that_was_only_slow_finds_its_commit_refused() -> None:
    world = World()
    job = world.start(
        f"{perform('slow')} {perform('persist/kv-put', chr(34) + 'k' + chr(34), perform('who'))}"
    )
    held, go = threading.Event(), threading.Event()

    def slow(call: Any) -> None:
        held.set()
        assert go.wait(20)

    first = threading.Thread(
        target=lambda: world.work(handlers={"slow": slow, "who": lambda call: "the slow one"}, lease=1e-9)
    )
    first.start()
    assert held.wait(20)
    world.now += 1
    world.work(handlers={"slow": lambda call: None, "who": lambda call: "the other"})
    go.set()
    first.join(20)
    assert world.host.answer("persist/kv-get", ["k"]) == "the other"
    assert any("was changed by somebody else" in text for text in world.told)
    assert world.jobs.get(job.id).status == "done"


def test_a_heartbeat_keeps_the_lease_of_a_long_step() -> None:
    world = World()
    job = world.start(perform("long"))
    until: list[float] = []

    def long(call: Any) -> str:
        lease = world.jobs.get(call.job).record.lease
        assert lease is not None
        until.append(lease.until)
        world.now += 0.5
        for _ in range(1000):
            lease = world.jobs.get(call.job).record.lease
            assert lease is not None
            if lease.until > until[0]:
                until.append(lease.until)
                return "kept"
            threading.Event().wait(0.01)
        return "lost"

    world.work(handlers={"long": long}, lease=1.0)
    assert world.value(job) == "kept"
    assert until == [1001.0, 1001.5]


def test_a_pause_takes_the_job_out_of_the_hands_of_its_worker() -> None:
    world = World()
    job = world.start(f"(define (loop) (perform {{:op {chr(34)}tick{chr(34)} :args ()}}) (loop)) (loop)")
    ticks: list[int] = []

    def tick(call: Any) -> None:
        ticks.append(call.step)
        if call.step == 3:
            world.jobs.pause(job.id)

    world.work(handlers={"tick": tick})
    assert ticks == [0, 1, 2, 3]
    found = world.jobs.get(job.id)
    assert (found.status, found.record.step) == ("paused", 3)


def test_a_cancelled_computation_is_stopped() -> None:
    """It never comes to a `perform`; the heartbeat finds that the lease is gone."""
    world = World()
    job = world.start("(define (loop n) (loop (+ n 1))) (loop 0)")
    worker = world.jobs.worker(lease=1.0, poll=0.01)
    thread = threading.Thread(target=lambda: worker.run("once"))
    thread.start()
    while world.jobs.get(job.id).record.lease is None:
        threading.Event().wait(0.01)
    world.jobs.cancel(job.id)
    world.now += 0.9
    thread.join(20)
    assert not thread.is_alive()
    assert world.jobs.get(job.id).status == "cancelled"


def test_to_stop_a_worker_lets_jobs_go_at_a_commit() -> None:
    world = World()
    job = world.start(f"(define (loop) (perform {{:op {chr(34)}tick{chr(34)} :args ()}}) (loop)) (loop)")

    def tick(call: Any) -> None:
        if call.step == 5:
            worker.stop()

    worker = world.jobs.worker(handlers={"tick": tick}, poll=0.01)
    worker.run()
    found = world.jobs.get(job.id)
    assert (found.status, found.record.lease, found.record.step) == (READY, None, 6)


def test_a_program_that_computes_is_interrupted_when_its_worker_must_stop() -> None:
    world = World()
    job = world.start("(define (loop n) (loop (+ n 1))) (loop 0)")
    worker = world.jobs.worker(poll=0.01)
    thread = threading.Thread(target=lambda: worker.run(grace=0.0))
    thread.start()
    while world.jobs.get(job.id).record.lease is None:
        threading.Event().wait(0.01)
    worker.stop()
    thread.join(20)
    assert not thread.is_alive()
    found = world.jobs.get(job.id)
    assert (found.status, found.record.lease, found.record.step) == (READY, None, 0)


class Failing(MemoryHost):
    """A store that refuses commits when it is told to."""

    refuse: Exception | None = None

    def answer(self, operation: str, args: list[Any], request: Any = None) -> Any:
        if operation == "persist/transact" and self.refuse is not None:
            raise self.refuse
        return super().answer(operation, args, request)


def test_a_store_that_refuses_is_told_and_ends_the_worker_but_no_job() -> None:
    host = Failing()
    world = World(host)
    job = world.start(f"{perform('break')} 1")

    def break_(call: Any) -> None:
        host.refuse = StoreLocked("another process writes")

    with pytest.raises(StoreTrouble, match="another process writes"):
        world.work(handlers={"break": break_}, until="idle")
    assert sum("the store refused" in text for text in world.told) == 5
    host.refuse = None
    assert world.jobs.get(job.id).status == READY
    world.now += 31
    world.work(handlers={"break": lambda call: None})
    assert world.value(job) == 1


def test_the_disk_is_full_for_a_moment() -> None:
    """The error is the effect's as far as anybody can tell, so the program hears of it, as programs do."""
    host = Failing()
    world = World(host)
    put = perform("persist/kv-put", '"k"', "1")
    job = world.start(f"{perform('break')} (guard (e (true (error-message e))) {put})")
    error = StoreIOError("commit to", "/root", OSError(28, "No space left on device"))

    def commit_once(operation: str, args: list[Any], request: Any = None) -> Any:
        if operation == "persist/transact" and any(each.get("op") == "persist/kv-put" for each in args[0]):
            raise error
        return MemoryHost.answer(host, operation, args, request)

    host.answer = commit_once  # type: ignore[method-assign]
    world.work(handlers={"break": lambda call: None})
    assert world.value(job) == "cannot commit to /root: No space left on device"


def test_one_worker_runs_many_jobs_at_a_time() -> None:
    world = World()
    gate = threading.Barrier(4)
    jobs = [world.start(perform("meet")) for _ in range(4)]
    world.work(handlers={"meet": lambda call: gate.wait(20) >= 0}, threads=4)
    assert [world.value(job) for job in jobs] == [True] * 4


def test_a_bug_is_told_by_the_job_it_befell(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    job = world.start(perform("job/now"))

    def bug(*args: Any) -> None:
        raise IndexError("list index out of range")

    monkeypatch.setattr("sxpy.jobs.answers.Answers.reply", bug)
    world.work()
    assert world.reason(job) == "internal error: IndexError: list index out of range"
    monkeypatch.undo()
    world.jobs.retry(job.id)
    world.work()
    assert world.value(job) == 1000
