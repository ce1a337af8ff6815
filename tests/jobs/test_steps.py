"""Every `perform` is a step: it is in the store once, whole, wherever the process dies."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import pytest
from jobs_support import Killed, Mortal, World, perform

from sxpy.convert import to_python, to_sx
from sxpy.interpreter import Interpreter
from sxpy_hosts.memory import MemoryHost

APPEND = """
(define (note n)
  (perform {:op "persist/append"
            :args (list "s" {:stream "s" :seq n :type "noted" :at 0 :data n})}))
"""

EVERYTHING = """
(define (op name &rest args) (perform {:op name :args args}))
(define (event stream seq type at data) {:stream stream :seq seq :type type :at at :data data})
(define (append stream type at data)
  (op "persist/append" stream (event stream (+ 1 (op "persist/last-seq" stream)) type at data)))
(define (square n) (append "child" "t" 7 n) (* n n))
(define (go)
  (op "job/ask" "ready?")
  (append "a" "one" 1 (op "job/random" 1000000))
  (op "persist/kv-put" "k" {:n 1})
  (op "persist/kv-cas" "k" {:n 1} {:n 2})
  (op "persist/append-many" "batch" (list (event "batch" 1 "x" 1 1) (event "batch" 2 "y" 2 2)))
  (op "persist/append-once" "once" "marker" (event "once" 1 "t" 3 "first"))
  (op "persist/append-once" "once" "marker" (event "once" 2 "t" 4 "second"))
  (op "persist/append-if" "a" 7 (event "a" 8 "never" 5 nil))
  (op "persist/transact"
    (list {:op "persist/append" :args (list "all" (event "all" 1 "t" 6 "both"))}
          {:op "persist/append-if" :args (list "$global" 0 (event "$global" 1 "ref" 6 "both"))}))
  (let ((child (op "job/spawn" square (list 6)))
        (sum (reduce (fn (total event) (+ total (get event :data))) 0 (op "persist/read" "batch"))))
    (op "persist/truncate" "batch" 1)
    (list sum (op "job/join" child) (op "persist/count" "once"))))
"""


def contents(host: Any) -> dict[str, Any]:
    """All that programs see of a store, but what chance decides."""
    found: dict[str, Any] = {}
    for stream in to_python(host.answer("persist/streams", [])):
        if not stream.startswith("$job"):
            rows = to_python(host.answer("persist/read", [stream]))
            found[stream] = [
                (row["seq"], row.get("type"), row.get("at"), stream == "a" or row.get("data")) for row in rows
            ]
    for key in to_python(host.answer("persist/kv-keys", [])):
        if not key.startswith("$job"):
            found[f"key {key}"] = to_python(host.answer("persist/kv-get", [key]))
    return found


WANTED = {
    "a": [(1, "one", 1, True)],
    "batch": [(2, "y", 2, 2)],
    "once": [(1, "t", 3, "first")],
    "all": [(1, "t", 6, "both")],
    "$global": [(1, "ref", 6, "both")],
    "child": [(1, "t", 7, 6)],
    "key k": {"n": 2},
    "key marker": {"stream": "once", "seq": 1, "type": "t", "at": 3, "data": "first"},
}


def about_to_begin() -> World:
    """A world in which the program above is loaded and waits for a word."""
    world = World()
    world.start(EVERYTHING, "go", id="j")
    world.work()
    return world


def test_a_job_does_what_a_program_does() -> None:
    world = about_to_begin()
    job = world.jobs.answer("j", "yes")
    world.work()
    assert world.value(job) == [3, 36, 1]
    assert contents(world.host) == WANTED


def test_wherever_the_process_dies_each_effect_is_there_once() -> None:
    """Also twice in a row: what a second process does is cut short as well."""
    count = 0
    begun = about_to_begin()
    for at, after in enumerate(cycle((False, True, True, False))):
        world = World(begun.host.copy())
        job = world.jobs.answer("j", "yes")
        mortal = Mortal(world.host, at, after=after)
        try:
            world.work(world.open(mortal))
        except Killed:
            count += 1
        else:
            assert not mortal.died
            break
        world.now += 31
        second = Mortal(world.host, 2 + at % 3, after=not after)
        try:
            world.work(world.open(second))
        except Killed:
            world.now += 31
            world.work()
        assert world.value(job) == [3, 36, 1], (at, after)
        assert contents(world.host) == WANTED, (at, after)
    assert count > 20


@pytest.mark.parametrize(("at", "after"), [(at, after) for at in range(6) for after in (False, True)])
def test_wherever_the_process_dies_at_the_beginning(at: int, after: bool) -> None:
    world = World()
    job = world.start(APPEND + "(note 1) (note 2) (note 3)")
    mortal = Mortal(world.host, at, after=after)
    with pytest.raises(Killed):
        world.work(world.open(mortal))
    world.now += 31
    world.work()
    assert world.jobs.get(job.id).status == "done"
    assert world.events("s") == [1, 2, 3]


def test_a_step_is_one_commit() -> None:
    counted = Mortal(MemoryHost(), 10**9, after=False)
    world = World(counted)
    world.start(APPEND + "(note 1)")
    world.work()
    before = 10**9 - counted._left
    world.start(APPEND + "(for-each note (list 2 3 4 5 6))")
    world.work()
    one = 10**9 - counted._left - before
    world.start(APPEND + "(for-each note (range 7 107))")
    world.work()
    hundred = 10**9 - counted._left - before - one
    assert hundred - one == 95
    assert world.events("s") == list(range(1, 107))


def test_what_changes_nothing_is_committed_with_what_does() -> None:
    counted = Mortal(MemoryHost(), 10**9, after=False)
    world = World(counted)
    job = world.start(f"(define (now n) {perform('job/now')}) (len (map now (range 50)))")
    world.work()
    assert world.value(job) == 50
    assert 10**9 - counted._left < 20
    assert [event.get("data").get("step") for event in world.jobs.history(job.id)][-1] == 50


@pytest.mark.parametrize(
    ("operation", "args"),
    [
        ("persist/append-if", '"s" 0 {:stream "s" :seq 1 :type "t" :at 0 :data 1}'),
        ("persist/append-if", '"s" 5 {:stream "s" :seq 6 :type "t" :at 0 :data 1}'),
        ("persist/append-many", '"s" (list {:seq 1} {:seq 2})'),
        ("persist/append-many", '"s" nil'),
        ("persist/append-once", '"s" "m" {:seq 1}'),
        ("persist/append-once", '"s" "there" {:seq 1}'),
        ("persist/kv-cas", '"there" 1 2'),
        ("persist/kv-cas", '"there" 9 2'),
        ("persist/kv-cas", '"new" nil 2'),
        ("persist/kv-put-new", '"there" 2'),
        ("persist/kv-put-new", '"new" 2'),
        ("persist/kv-get", '"there"'),
        ("persist/kv-keys", ""),
        ("persist/streams", ""),
        ("persist/last-seq", '"s"'),
        ("persist/transact", '(list {:op "persist/kv-cas" :args (list "there" 1 3)})'),
        ("persist/transact", '(list {:op "persist/kv-cas" :args (list "there" 2 3)})'),
        ("persist/transact", '(list {:op "persist/kv-get" :args (list "there")})'),
        ("blob/put", '"text" nil'),
        ("persist/erase-key", '"there"'),
    ],
)
def test_a_job_is_answered_as_a_program_is(operation: str, args: str) -> None:
    """But for what the specification calls ignored."""
    alone = MemoryHost()
    alone.answer("persist/kv-put", ["there", 1])
    wanted = to_python(Interpreter(host=alone).eval(perform(operation, args)))
    world = World()
    world.host.answer("persist/kv-put", ["there", 1])
    job = world.start(perform(operation, args))
    world.work()
    got = world.value(job)
    if operation in ("persist/kv-keys", "persist/streams"):
        got = [name for name in got if not name.startswith("$job")]
    assert got == wanted
    assert contents(world.host) == contents(alone)


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (perform("persist/append", '"s"'), "persist/append: takes 2 arguments, got 1"),
        (perform("persist/append", '"s" {:seq 0}'), "the event's :seq must be 1"),
        (perform("persist/kv-put", '"k" (fn (x) x)'), "serialize"),
        (perform("persist/kv-put", '"$job/x" 1'), "belongs to the jobs"),
        (perform("persist/append", '"$jobs" {:seq 1}'), "belongs to the jobs"),
        (perform("persist/unheard-of"), "Unknown IO operation: persist/unheard-of"),
        (perform("job/unheard-of"), "Unknown IO operation: job/unheard-of"),
        (perform("unheard-of"), "Unknown IO operation: unheard-of"),
        ("(perform 5)", "Unknown IO operation: 5"),
        (perform("job/sleep", '"x"'), "job/sleep: expected a number of seconds, got string"),
        (perform("job/sleep"), "job/sleep: takes 1 argument, got 0"),
        (perform("job/random", "0"), "job/random: expected a positive integer, got 0"),
        (perform("job/spawn", "5"), "job/spawn: expected a procedure"),
        (perform("job/join", '"nobody"'), "there is no job 'nobody'"),
        (
            perform(
                "persist/transact",
                '(list {:op "persist/kv-put" :args (list "k" 1)} {:op "persist/kv-get" :args (list "k")})',
            ),
            "request 2 is persist/kv-get",
        ),
    ],
)
def test_an_error_is_raised_at_the_perform(form: str, message: str) -> None:
    world = World()
    job = world.start(f"(guard (e (true (error-message e))) {form})")
    world.work()
    assert message in world.value(job)
    assert contents(world.host) == {}


@pytest.mark.parametrize(
    ("form", "wanted"),
    [
        (perform("persist/kv-cas", '"k"', "1", "2"), [True, 1]),
        (
            f"(guard (e (true {{:conflict true}})) {perform('persist/append', chr(34) * 2, '{:seq 0}')})",
            [True, 1],
        ),
    ],
)
def test_what_ran_on_too_early_has_changed_nothing(form: str, wanted: list[Any]) -> None:
    """The state after a write is computed before it; when it is not done, nothing of that may be seen."""
    world = World()
    job = world.start(
        f"""
        (define times 0)
        (define seen (get {form} :conflict))
        (set! times (+ times 1))
        (list seen times)
        """
    )
    world.work()
    assert world.value(job) == wanted


def test_an_effect_that_failed_did_not_happen_and_the_job_goes_on() -> None:
    world = World()
    job = world.start(APPEND + "(note 1) (guard (e (true (note 2) (error-message e))) (note 1))")
    world.work()
    assert "has used :seq 1 already" in world.value(job)
    assert world.events("s") == [1, 2]


def test_a_job_that_fails_keeps_what_it_did_and_is_not_asked_to_do_it_again() -> None:
    world = World()
    job = world.start(APPEND + '(note 1) (note 2) (error "no more") "never"')
    world.work()
    found = world.jobs.get(job.id)
    assert found.status == "failed"
    assert found.reason.text.startswith("error: <program>:5:")
    world.jobs.retry(job.id)
    world.work()
    assert world.jobs.get(job.id).status == "failed"
    assert world.events("s") == [1, 2]


def test_the_history_is_bounded_by_its_policy() -> None:
    for keep, low, high in ((0, 1, 20), (10, 11, 30), (-1, 200, 220)):
        world = World()
        job = world.start(APPEND + "(for-each note (range 1 200))", keep=keep)
        world.work()
        assert low <= len(world.jobs.history(job.id)) <= high
        assert to_python(to_sx(world.events("s"))) == list(range(1, 200))
