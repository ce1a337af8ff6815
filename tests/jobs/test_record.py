"""What a job keeps comes back as it was, and what cannot be kept is refused; in any store that will do."""

from __future__ import annotations

import re
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given
from jobs_support import CopiedHost, World, perform

from sxpy.convert import to_sx
from sxpy.data import equal
from sxpy.errors import NotFreezable
from sxpy.jobs import Jobs
from sxpy.jobs.images import Images
from sxpy.jobs.record import Birth, Given, Lease, Record, event_data
from sxpy.printer import serialize
from sxpy.reader import read_datum

times = st.floats(0, 1e11)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
).map(to_sx)
words = st.text(min_size=1, max_size=8)
problems = st.builds(lambda kind, message: to_sx({"kind": kind, "message": message}), words, words)

records = st.builds(
    Record,
    status=words,
    since=times,
    step=st.integers(0, 10**9),
    state=st.integers(0, 10**9),
    wait=st.none() | st.builds(lambda kind: to_sx({"for": kind}), words),
    lease=st.none() | st.builds(Lease, words, times),
    given=st.none() | st.builds(Given, values) | st.builds(Given, error=words),
    was=st.none() | words,
    error=st.none() | problems,
    value=values,
    shown=st.none() | words,
)


@given(records)
def test_a_record_comes_back_as_it_was(record: Record) -> None:
    back = Record.from_sx(read_datum(serialize(event_data(record))))
    assert equal(event_data(back), event_data(record))
    assert (back.status, back.since, back.step, back.lease) == (
        record.status,
        record.since,
        record.step,
        record.lease,
    )
    assert (back.given is None) == (record.given is None)
    assert equal(back.value, record.value)


@given(st.builds(Birth, name=words, created=times, call=st.none() | words, keep=st.integers(-1, 1000)))
def test_a_birth_comes_back_as_it_was(birth: Birth) -> None:
    assert Birth.from_sx(read_datum(serialize(birth.to_sx()))) == birth


class Narrow(CopiedHost):
    """A store that owns nothing but what `Jobs` says it needs."""

    wanted = frozenset(
        name if "/" in name else f"persist/{name}"
        for name in re.findall(r"`([a-z/?…-]+)`", (Jobs.__doc__ or "").split("`key`")[0])
    )

    def owns(self, operation: str) -> bool:
        return operation in self.wanted or operation.startswith("blob/")

    def answer(self, operation: str, args: list[Any], request: Any = None) -> Any:
        asked = [each.get("op") for each in args[0]] if operation == "persist/transact" else []
        for each in (operation, *asked):
            assert self.owns(each), each
        return super().answer(operation, args, request)


def test_jobs_live_in_any_store_that_owns_the_operations_they_name() -> None:
    world = World(Narrow())
    spawn = perform("job/spawn", f"(fn () {perform('job/sleep', '10')} 4)")
    job = world.start(f"(list {perform('job/join', spawn)} {perform('job/ask', chr(34) + chr(34))})", keep=1)
    world.work()
    world.now += 10
    world.work()
    world.jobs.answer(job.id, 5)
    world.jobs.pause(job.id)
    world.jobs.resume(job.id)
    world.work()
    assert world.value(job) == [4, 5]
    world.jobs.fork(job.id)
    world.now += 10
    assert len(world.jobs.gc(5)) == 2


def test_what_cannot_be_kept_is_an_error_at_its_perform(monkeypatch: pytest.MonkeyPatch) -> None:
    """The job is as it was before, and a program can catch the error and go on."""
    freeze = Images.freeze

    def refuse(self: Images, state: Any, interpreter: Any) -> str:
        if state.suspended and state.request.get("op") == "odd":
            raise NotFreezable("a socket has no text", path=("the variable s",))
        return freeze(self, state, interpreter)

    monkeypatch.setattr(Images, "freeze", refuse)
    called: list[str] = []
    world = World(handlers={"odd": lambda call: called.append(call.key)})
    put = perform("persist/kv-put", '"k"', "1")
    caught = world.start(f"{put} (list (guard (e (true (error-message e))) {perform('odd')}) {put})")
    lost = world.start(f"{put} {perform('odd')}")
    world.work()
    assert world.value(caught) == ["a socket has no text", None]
    assert world.reason(lost).endswith("a socket has no text")
    assert world.jobs.get(lost.id).record.step == 1
    monkeypatch.undo()
    world.jobs.retry(lost.id)
    world.work()
    assert world.jobs.get(lost.id).status == "done"
    assert len(called) == 1
