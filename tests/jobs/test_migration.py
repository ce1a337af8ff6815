"""A program changes while its jobs wait: they keep their code, or move where the new program says how."""

from __future__ import annotations

from pathlib import Path

import pytest
from jobs_support import World

from sxpy.jobs import Job
from sxpy.jobs.migration import Moved

OLD = """
(define greeting "Hello")
(define unrelated 1)
(define (ask question) (perform {:op "job/ask" :args (list question)}))
(define (compose name how) (str greeting ", " name ": " how))
(define (greet name)
  (let ((how (ask "how?")))
    (compose name how)))
"""

RENAMED = OLD.replace("(define (greet name)", "(define (welcome name)").replace("Hello", "Welcome")
ADDED = OLD.replace("(define (greet name)", "(define (greet name mark)").replace(
    "(compose name how))", "(str (compose name how) mark))"
)


class Deployed(World):
    """A job of the old program that waits, and a file for the new one."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self.file = directory / "greet.sx"
        self.file.write_text(OLD)
        self.job = self.begin()

    def begin(self) -> Job:
        job = self.jobs.start_file(self.file, "greet", ["Ada"])
        self.work()
        return job

    def migrate(self, text: str, *, dry_run: bool = False) -> list[Moved]:
        self.file.write_text(text)
        return list(self.jobs.migrate(self.file, dry_run=dry_run))

    def end(self) -> object:
        self.jobs.answer(self.job.id, "well")
        self.work()
        return self.value(self.job)


@pytest.fixture
def world(tmp_path: Path) -> Deployed:
    return Deployed(tmp_path)


@pytest.mark.parametrize(
    "changed",
    [OLD.replace("unrelated 1", "unrelated 2"), RENAMED, ADDED, "(define nothing-is-left 1)"],
    ids=["an unrelated constant", "a function renamed", "a parameter added", "nothing left"],
)
def test_a_job_goes_on_with_its_own_code(world: Deployed, changed: str) -> None:
    world.file.write_text(changed)
    assert world.end() == "Hello, Ada: well"


def test_an_unrelated_change_leaves_a_job_current(world: Deployed) -> None:
    (moved,) = world.migrate(OLD.replace("unrelated 1", "unrelated 2"))
    assert moved.outcome == "current"
    assert world.end() == "Hello, Ada: well"


def test_without_an_upcaster_a_job_stays(world: Deployed) -> None:
    (moved,) = world.migrate(RENAMED)
    assert moved.outcome == "stays"
    assert "greet#1 at " in moved.reasons[0] and "has no upcaster" in moved.reasons[0]
    assert world.end() == "Hello, Ada: well"


def test_with_an_upcaster_a_job_moves_and_goes_on_waiting(world: Deployed) -> None:
    new = RENAMED.replace('": "', '", we hear you are "')
    (moved,) = world.migrate(new + '(register-frame-upcaster "greet" "welcome")')
    assert moved == Moved(world.job.id, "migrates", ("greet#1 → welcome#1",))
    assert world.reason(world.job).startswith("waiting for an answer")
    assert world.end() == "Hello, Ada, we hear you are well", "values are the run's, functions the program's"
    assert "migrated" in [event.get("type") for event in world.jobs.history(world.job.id)]


def test_an_upcaster_gives_the_value_of_a_parameter_that_was_added(world: Deployed) -> None:
    upcaster = '(register-frame-upcaster "greet" "greet" (fn (live) (assoc live :mark "!")))'
    (moved,) = world.migrate(ADDED + upcaster)
    assert moved.outcome == "migrates"
    assert world.end() == "Hello, Ada: well!"


def test_a_dry_run_changes_nothing(world: Deployed) -> None:
    before = len(world.jobs.history(world.job.id))
    for text, outcome in (
        (RENAMED + '(register-frame-upcaster "greet" "welcome")', "migrates"),
        (RENAMED + '(register-frame-upcaster "greet" "welcome" (fn (live) (error "no")))', "fails"),
    ):
        (moved,) = world.migrate(text, dry_run=True)
        assert moved.outcome == outcome
    assert len(world.jobs.history(world.job.id)) == before
    assert world.end() == "Hello, Ada: well"


def test_an_upcaster_that_fails_blocks_the_job_until_somebody_sees_to_it(world: Deployed) -> None:
    bad = '(register-frame-upcaster "greet" "welcome" (fn (live) (error "no idea")))'
    (moved,) = world.migrate(RENAMED + bad)
    assert moved.outcome == "fails"
    assert world.reason(world.job).startswith("upcaster failed: ")
    assert "no idea" in world.reason(world.job)
    world.work()
    assert world.jobs.get(world.job.id).status == "blocked"
    world.jobs.retry(world.job.id)
    assert world.end() == "Hello, Ada: well"


def test_a_blocked_job_is_free_when_a_better_upcaster_moves_it(world: Deployed) -> None:
    world.migrate(RENAMED + '(register-frame-upcaster "greet" "welcome" (fn (live) (error "no idea")))')
    (moved,) = world.migrate(RENAMED + '(register-frame-upcaster "greet" "welcome")')
    assert moved.outcome == "migrates"
    assert world.end() == "Hello, Ada: well"


def test_only_jobs_of_the_program_that_are_not_over_move(world: Deployed, tmp_path: Path) -> None:
    world.end()
    other = tmp_path / "other.sx"
    other.write_text(OLD)
    stranger = world.jobs.start_file(other, "greet", ["Bo"])
    young = world.begin()
    new = RENAMED + '(register-frame-upcaster "greet" "welcome")'
    assert [moved.job for moved in world.migrate(new)] == [young.id]
    everybody = [moved.job for moved in world.jobs.migrate(world.file, all_programs=True, dry_run=True)]
    assert everybody == [stranger.id, young.id]


def test_what_a_new_job_runs_is_the_new_program(world: Deployed) -> None:
    world.file.write_text(OLD.replace("Hello", "Good morning"))
    young = world.begin()
    world.jobs.answer(young.id, "well")
    world.work()
    assert world.value(young) == "Good morning, Ada: well"
    assert world.end() == "Hello, Ada: well"
