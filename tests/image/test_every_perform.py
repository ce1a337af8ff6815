"""Programs of the language's tests go on in another process at every perform, through text at every step."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from frozen_runs import Crossing, Helpers, by_steps, helpers, in_helpers, judged, run_here
from running import ASK
from test_perform_everywhere import CASES

from sxpy.machine.program import program_state
from sxpy.machine.state import State
from sxpy.printer import inspect
from sxpy.reader.forms import Source
from sxpy_hosts.memory import MemoryHost

ROOT = Path(__file__).resolve().parent.parent.parent
ALL = os.environ.get("SX_FREEZE") == "all"
"""Whether everything is run, and not a sample."""

PROGRAMS = sorted((ROOT / "tests" / "sx").rglob("*.sx"))
SLOW = ("limits/", "deep-", "constant-memory", "endless", "delay-force", "persist-is-a-library")
"""Programs of very many steps, or of very many frames in every step."""

VECTORS = [
    line
    for line in (ROOT / "tests" / "vectors" / "language.txt").read_text(encoding="utf-8").splitlines()
    if " => " in line and not line.startswith(";")
]


@pytest.fixture(scope="module")
def others() -> Iterator[Helpers]:
    """Two processes that take turns."""
    with helpers() as made:
        yield made


class Answers:
    """A host that answers `ask` with ten times its argument."""

    def owns(self, operation: str) -> bool:
        return True

    def answer(self, operation: str, args: list[Any], request: Any) -> Any:
        return 10 * args[0]

    def close(self) -> None:
        pass


def _program(crossing: Crossing, text: str) -> State:
    return program_state(crossing.here._forms(Source(text, "case.sx")), crossing.here.env)


@pytest.mark.parametrize("case", CASES)
def test_a_perform_anywhere_goes_on_in_another_process(case: str, others: Helpers) -> None:
    text, value, _ = CASES[case]
    crossing = Crossing(Answers())
    state = _program(crossing, f"{ASK}\n{text}")
    assert inspect(crossing.run(state, in_helpers(others))) == value
    assert crossing.thaws >= 2


def _performing() -> list[Path]:
    return [path for path in PROGRAMS if "perform" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("path", _performing(), ids=lambda path: path.stem)
def test_a_program_that_performs_crosses_at_each(path: Path, others: Helpers) -> None:
    results, _ = judged(path, in_helpers(others))
    assert [result for result in results if not result.passed] == []


ACCESS = """
(load "lib/persist/all.sx")
(load "lib/persist/examples/acl.sx")
(define b (persist/durable-backend))
(acl/grant b "report" "ada" 1)
(acl/grant b "report" "ben" 2)
(acl/revoke b "report" "ada" 3)
(for-each (fn (n) (acl/grant b "report" (str "guest " n) (+ 3 n))) (range 1 3))
(list (acl/allowed? b "report" "ada") (acl/allowed? b "report" "ben") (acl/allowed? b "report" "guest 2")
      (len (acl/grants b "report"))
      (map persist/event-at (acl/audit b "report" 2 4)))
"""


def test_a_library_on_a_store_goes_on_in_another_process_at_each_operation(
    others: Helpers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    crossing = Crossing(MemoryHost())
    value = crossing.run(_program(crossing, ACCESS), in_helpers(others))
    assert inspect(value) == "(false true true 3 (2 3 4))"
    assert crossing.thaws > 10


def test_every_turn_may_be_a_process_of_its_own() -> None:
    with helpers(spawn=True) as made:
        crossing = Crossing(Answers())
        state = _program(crossing, f"{ASK}\n(map (fn (x) (+ x (ask x))) (list 1 2))")
        assert inspect(crossing.run(state, in_helpers(made))) == "(11 22)"
        assert made.turns == 3


def _sample() -> list[Path]:
    fast = [path for path in PROGRAMS if not any(part in str(path) for part in SLOW)]
    return fast if ALL else fast[::23]


@pytest.mark.parametrize("path", _sample(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_program_goes_through_text_at_every_step(path: Path) -> None:
    results, _ = judged(path, by_steps(1))
    assert [result for result in results if not result.passed] == []


@pytest.mark.parametrize("line", VECTORS if ALL else VECTORS[::7])
def test_a_vector_goes_through_text_at_every_step(line: str) -> None:
    expression, _, expected = line.rpartition(" => ")
    if expected == "!error":
        return
    crossing = Crossing()
    value = crossing.run(_program(crossing, expression), by_steps(1))
    reference = Crossing()
    assert inspect(value) == inspect(reference.run(_program(reference, expression), run_here))
