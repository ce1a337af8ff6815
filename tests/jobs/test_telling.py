"""What people can do with a job: pause, resume, cancel, retry, fork, look back, forget."""

from __future__ import annotations

import re
from typing import Any

import pytest
from jobs_support import CopiedHost, World, perform

from sxpy.convert import to_python
from sxpy.data import Dict
from sxpy.jobs import Given, JobExists, NoSuchStep, UnknownJob, WrongStatus

NOTES = """
(define (note n)
  (perform {:op "persist/append"
            :args (list "s" {:stream "s" :seq n :type "noted" :at 0 :data n})})
  n)
"""


def test_a_paused_job_is_run_by_nobody() -> None:
    world = World()
    job = world.start(f"{perform('job/sleep', '10')} 5")
    world.work()
    world.jobs.pause(job.id)
    assert world.reason(job) == "paused, since 1970-01-01T00:16:40Z"
    world.now += 100
    world.work()
    assert world.jobs.get(job.id).status == "paused"
    with pytest.raises(WrongStatus):
        world.jobs.pause(job.id)
    world.jobs.resume(job.id)
    with pytest.raises(WrongStatus):
        world.jobs.resume(job.id)
    world.work()
    assert world.value(job) == 5


def test_a_cancelled_job_is_over_where_it_stood() -> None:
    world = World()
    job = world.start(f"{NOTES} (note 1) {perform('job/sleep', '10')} (note 2)")
    world.work()
    world.jobs.cancel(job.id)
    world.now += 100
    world.work()
    assert world.events("s") == [1]
    with pytest.raises(WrongStatus, match="is over already: cancelled"):
        world.jobs.cancel(job.id)
    world.jobs.retry(job.id)
    world.work()
    world.now += 10
    world.work()
    assert world.events("s") == [1, 2]


def test_a_fork_goes_on_with_another_answer() -> None:
    world = World()
    ask = perform("job/ask", '"which?"')
    job = world.start(f"(define first {ask}) (define second {ask}) (list first second)")
    world.work()
    for answer in ("a", "b"):
        world.jobs.answer(job.id, answer)
        world.work()
    other = world.jobs.fork(job.id, 1, answer=Given("B"))
    again = world.jobs.fork(job.id, 0, id="again")
    world.work()
    assert world.value(job) == ["a", "b"]
    assert world.value(other) == ["a", "B"]
    assert other.birth.forked == f"{job.id}@1"
    assert 'an answer to "which?"' in world.reason(again)
    with pytest.raises(JobExists):
        world.jobs.fork(job.id, 0, id="again")
    with pytest.raises(NoSuchStep, match="no state of step 7"):
        world.jobs.fork(job.id, 7)


def test_a_fork_does_again_what_its_step_does() -> None:
    world = World()
    job = world.start(f"(define before {perform('job/now')}) {NOTES} (guard (e (true 0)) (note 1))")
    world.work()
    fork = world.jobs.fork(job.id, 1)
    world.work()
    assert (world.value(job), world.value(fork)) == (1, 0), "the seq was used up"
    assert world.events("s") == [1]


def test_what_was_can_be_looked_at() -> None:
    world = World()
    job = world.start(
        f"{NOTES} (define (outer x) (let ((y (* x 2))) (+ (inner y) 1)))\n"
        "(define (inner z) (let ((w (note z))) (+ w (note (+ z 1)))))\n(outer 5)"
    )
    world.work()
    assert world.value(job) == 22
    first, second = world.jobs.moment(job.id, 0), world.jobs.moment(job.id, 1)
    assert to_python(first.request)["args"][1]["seq"] == 10
    assert to_python(second.request)["args"][1]["seq"] == 11
    assert [frame.function for frame in second.backtrace] == ["note", "inner", "outer"]
    assert "w" in {name for frame in second.frames for name in frame.get("values")}
    assert all(isinstance(frame.get("values"), Dict) for frame in first.frames)
    with pytest.raises(NoSuchStep):
        world.jobs.moment(job.id, 9)


def test_the_history_tells_what_befell_a_job() -> None:
    world = World()
    ask = perform("job/ask", '"well?"')
    job = world.start(f"{NOTES} (note 1) {ask}")
    world.work()
    world.jobs.answer(job.id, "yes")
    world.work()
    told = [
        (event.get("type"), event.get("data").get("asks"), event.get("data").get("answered"))
        for event in world.jobs.history(job.id)
    ]
    assert told == [
        ("started", None, None),
        ("claimed", None, None),
        ("stepped", "persist/append", None),
        ("stepped", "job/ask", "nil"),
        ("answered", None, None),
        ("claimed", None, None),
        ("stepped", None, '"yes"'),
    ]


def test_missing_code_blocks_a_job_until_it_is_there() -> None:
    world = World()
    job = world.start(f"(define (f) {perform('job/sleep', '1')} 5) (f)")
    world.work()
    text = world.jobs.history(job.id)[-1].get("data").get("text")
    code = {cid: world.host.blobs.get(cid) for cid in re.findall("bafkrei[a-z2-7]{52}", text)}
    assert len(code) > 0
    for cid in code:
        world.host.blobs.remove(cid)
    world.now += 1
    world.work()
    assert world.jobs.get(job.id).status == "blocked"
    assert world.reason(job).startswith("code missing: ")
    assert all(cid in world.jobs.get(job.id).record.error.get("cids") for cid in code)
    for source in code.values():
        world.host.answer("blob/put", [source.decode(), None])
    world.jobs.retry(job.id)
    world.work()
    assert world.value(job) == 5


def test_jobs_that_ended_long_ago_are_forgotten() -> None:
    world = World()
    old = world.start("1")
    world.work()
    world.now += 1000
    young, live = world.start("2"), world.start(perform("job/sleep", "10"))
    world.work()
    assert world.jobs.gc(500, dry_run=True) == [old.id]
    assert world.jobs.gc(500) == [old.id]
    assert world.jobs.gc(500) == []
    assert [job.id for job in world.jobs.ls()] == [young.id, live.id]
    with pytest.raises(UnknownJob):
        world.jobs.get(old.id)
    with pytest.raises(JobExists):
        world.start("1", id=old.id)
    world.now += 10
    world.work()
    assert world.jobs.get(live.id).status == "done"
    another = world.start("3")
    assert [job.id for job in world.jobs.ls()] == [young.id, live.id, another.id]


def test_code_goes_with_the_last_job_that_needs_it() -> None:
    world = World()
    shared = f"(define (nap) {perform('job/sleep', '10')}) "
    first = world.start(shared + "(define (mine) (nap) 1) (mine)")
    world.work()
    second = world.start(shared + "(define (yours) (nap) 2) (yours)")
    world.work()
    world.now += 10
    world.work()
    both = set(world.host.blobs._data)
    world.now += 10
    third = world.start(shared + "(define (yours) (nap) 2) (yours)")
    world.work()
    assert world.jobs.gc(5) == [first.id, second.id]
    left = set(world.host.blobs._data)
    needed = world.jobs._code_of(third.id)
    assert left == needed < both
    world.now += 10
    world.work()
    assert world.value(third) == 2


def test_code_that_was_taken_for_garbage_is_put_back() -> None:
    """Somebody cleans the store between the freezing of a state and the commit that names its code."""
    cleaned = []

    class Cleaning(CopiedHost):
        def answer(self, operation: str, args: list[Any], request: Any = None) -> Any:
            if operation == "persist/transact" and self.blobs._data and not cleaned and len(code()) > 1:
                cleaned.append(code())
                for cid in code():
                    self.blobs.remove(cid)
            return super().answer(operation, args, request)

    host = Cleaning()
    world = World(host)

    def code() -> list[str]:
        return list(host.blobs._data)[1:]  # the first is the program

    job = world.start(f"(define (nap) {perform('job/sleep', '10')} 1) (define (go) (+ 1 (nap)))", "go")
    world.work()
    assert len(cleaned) == 1
    world.now += 10
    world.work()
    assert world.value(job) == 2


def test_who_does_not_exist() -> None:
    world = World()
    for ask in (world.jobs.get, world.jobs.cancel, world.jobs.history, world.jobs.moment, world.jobs.fork):
        with pytest.raises(UnknownJob, match="there is no job 'nobody'"):
            ask("nobody")
