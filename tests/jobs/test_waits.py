"""Waiting: a time, an event, an answer, other jobs; and what a job does in the meantime, which is nothing."""

from __future__ import annotations

import pytest
from jobs_support import World, perform

from sxpy.convert import to_sx
from sxpy.jobs import WrongStatus


def put(world: World, stream: str, seq: int, type_: str, data: object = None) -> None:
    event = to_sx({"stream": stream, "seq": seq, "type": type_, "at": 0, "data": data})
    world.host.answer("persist/append", [stream, event])


def test_a_sleep_ends_when_its_time_has_come_not_before() -> None:
    world = World()
    job = world.start(f"{perform('job/sleep', '60')} {perform('job/now')}")
    world.work()
    assert world.reason(job) == "waiting for 1970-01-01T00:17:40Z, since 1970-01-01T00:16:40Z"
    world.now += 59.9
    world.work()
    assert world.jobs.get(job.id).status == "waiting"
    world.now += 0.1
    world.work()
    assert world.value(job) == 1060


def test_time_that_passed_while_nobody_worked_counts() -> None:
    world = World()
    job = world.start(f"{perform('job/sleep', '60')} {perform('job/sleep', '60')} {perform('job/now')}")
    world.work()
    world.now += 1000
    world.work()
    assert world.jobs.get(job.id).status == "waiting"
    world.now += 60
    world.work()
    assert world.value(job) == 2060


def test_no_time_at_all_is_no_wait() -> None:
    world = World()
    job = world.start(f'{perform("job/sleep", "0")} "at once"')
    world.work()
    assert world.value(job) == "at once"


@pytest.mark.parametrize("first", [False, True])
def test_an_event_is_awaited_behind_a_number_and_by_type(first: bool) -> None:
    world = World()
    event = perform("job/await", '"orders"', "1", '"paid"')
    job = world.start(f"(get {event} :data)")
    if not first:
        world.work()
        assert "an event of type 'paid' after 1 on 'orders'" in world.reason(job)
    put(world, "orders", 1, "paid", "too early")
    put(world, "orders", 2, "shipped")
    if not first:
        world.work()
        assert world.jobs.get(job.id).status == "waiting"
    put(world, "orders", 3, "paid", "this one")
    put(world, "orders", 4, "paid", "too late")
    world.work()
    assert world.value(job) == "this one"


@pytest.mark.parametrize(
    "form",
    [
        perform("job/await", '"s"', "0", "nil", "60"),
        perform("job/ask", '"well?"', "60"),
        perform("job/join", '"j.0"', "60"),
    ],
)
def test_a_timeout_answers_nil(form: str) -> None:
    world = World()
    child = perform("job/spawn", f"(fn () {perform('job/sleep', '1000')})")
    job = world.start(f"{child} (list {form} {perform('job/now')})", id="j")
    world.work()
    assert world.jobs.get(job.id).status == "waiting"
    world.now += 60
    world.work()
    assert world.value(job) == [None, 1060]


def test_a_question_is_answered_from_outside() -> None:
    world = World()
    many, sure = perform("job/ask", '"how many?"'), perform("job/ask", '"sure?"')
    job = world.start(f"(list {many} {sure})")
    with pytest.raises(WrongStatus, match="asks nothing: ready"):
        world.jobs.answer(job.id, 1)
    world.work()
    assert 'waiting for an answer to "how many?"' in world.reason(job)
    world.jobs.answer(job.id, {"n": 3})
    with pytest.raises(WrongStatus, match="asks nothing: ready"):
        world.jobs.answer(job.id, 4)
    world.work()
    world.jobs.answer(job.id, None)
    world.work()
    assert world.value(job) == [{"n": 3}, None]


def test_children_run_by_themselves_and_are_joined() -> None:
    world = World()
    job = world.start(
        f"""
        (define (child n) {perform("job/sleep", "n")} (* n n))
        (define children (map (fn (n) {perform("job/spawn", "child", "(list n)")}) (list 10 20 30)))
        (list children {perform("job/join", "children")})
        """,
        id="top",
    )
    world.work(threads=3)
    assert [each.id for each in world.jobs.ls()] == ["top", "top.0", "top.1", "top.2"]
    assert world.reason(job).startswith("waiting for top.0, top.1, top.2, since")
    assert world.jobs.get("top.1").birth.parent == "top"
    world.now += 20
    world.work()
    assert world.jobs.get("top.1").value == 400
    assert world.jobs.get(job.id).status == "waiting"
    world.now += 10
    world.work()
    assert world.value(job) == [["top.0", "top.1", "top.2"], [100, 400, 900]]


def test_a_child_has_a_world_of_its_own() -> None:
    world = World()
    job = world.start(
        f"""
        (define n 1)
        (define (child) (set! n (+ n 1)) n)
        (define joined {perform("job/join", perform("job/spawn", "child"))})
        (list joined n)
        """
    )
    world.work()
    assert world.value(job) == [2, 1]


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ('"square" (list 5)', 25),
        ("'(square 6)", 36),
        ("(fn (n) (square n)) (list 7)", 49),
        ('square (list 8) {:id "chosen"}', 64),
    ],
)
def test_what_can_be_spawned(what: str, value: int) -> None:
    world = World()
    spawn = perform("job/spawn", what)
    job = world.start(f"(define (square n) (* n n)) {perform('job/join', spawn)}")
    world.work()
    assert world.value(job) == value


def test_a_file_is_spawned(tmp_path: object) -> None:
    world = World()
    file = f"{tmp_path}/child.sx"
    with open(file, "w") as out:
        out.write("(define (double n) (* 2 n))")
    spawn = perform("job/spawn", f'{{:file "{file}" :call "double"}}', "(list 21)")
    job = world.start(perform("job/join", spawn))
    world.work()
    assert world.value(job) == 42


def test_an_id_is_given_once() -> None:
    world = World()
    spawn = perform("job/spawn", "(fn () 1)", "nil", '{:id "one"}')
    job = world.start(f"{spawn} (guard (e (true (error-message e))) {spawn})")
    world.work()
    assert world.value(job) == "job/spawn: there is a job 'one' already"


@pytest.mark.parametrize(
    ("end", "message"),
    [('(error "boom")', "job/join: job 'top.0' failed: boom"), (None, "job/join: job 'top.0' was cancelled")],
)
def test_to_join_what_did_not_come_to_its_end_is_an_error(end: str | None, message: str) -> None:
    world = World()
    child = end or perform("job/sleep", "1000")
    join = perform("job/join", perform("job/spawn", f"(fn () {child})"))
    job = world.start(f"(guard (e (true (error-message e))) {join})", id="top")
    world.work()
    if end is None:
        world.jobs.cancel("top.0")
        world.work()
    assert world.value(job) == message
