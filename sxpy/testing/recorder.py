"""The five functions that `lib/test/harness.sx` stands on, and what they are told.

`report-fail` gets a message only. Where the failure happened is in the condition, which `try-call` notes
on its way to the harness: the place is that of the innermost call in the test file itself, or, when all of
them were tail calls, none.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from sxpy.data import Condition, Dict, Primitive
from sxpy.errors import Place
from sxpy.interpreter import Interpreter
from sxpy.machine.conditions import describe
from sxpy.printer import show
from sxpy.testing.results import Result, full_name

_IN_SX = """
(define (try-call thunk)
  (guard (problem (true (%failed problem)))
    (thunk)
    {:ok true}))
"""

_PICKING = """
(define run-test
  (let ((run run-test))
    (fn (name thunk) (when (%wanted? name) (run name thunk)))))
"""


class Recorder:
    """Collects the results of one file."""

    def __init__(self, file: str, wanted: Callable[[str], bool], take_output: Callable[[], str]) -> None:
        """`wanted` is asked for the full name of each test; `take_output` for what was written since."""
        self.results: list[Result] = []
        self._file = file
        self._wanted = wanted
        self._take_output = take_output
        self._suites: list[str] = []
        self._problem: Any = None
        self._since = time.monotonic()

    def install(self, interpreter: Interpreter) -> None:
        """Give the interpreter the five functions and the harness."""
        for name, function, count in (
            ("report-pass", self._report_pass, 1),
            ("report-fail", self._report_fail, 2),
            ("push-suite", self._push_suite, 1),
            ("pop-suite", self._pop_suite, 0),
            ("%failed", self._failed, 1),
            ("%wanted?", self._is_wanted, 1),
        ):
            interpreter.define(name, Primitive(name, function, count, count))
        interpreter.eval(_IN_SX, "<test host>")
        interpreter.call("load", "lib/test/harness.sx")
        interpreter.eval(_PICKING, "<test host>")

    def _push_suite(self, name: Any) -> None:
        self._suites.append(show(name))

    def _pop_suite(self) -> None:
        if self._suites:
            self._suites.pop()

    def _failed(self, problem: Any) -> Dict:
        self._problem = problem
        return Dict({"ok": False, "error": describe(problem)})

    def _is_wanted(self, name: Any) -> bool:
        self._since = time.monotonic()
        self._take_output()
        return self._wanted(full_name(tuple(self._suites), show(name)))

    def _report_pass(self, name: Any) -> None:
        self._record(name, True, "", None)

    def _report_fail(self, name: Any, message: Any) -> None:
        problem, self._problem = self._problem, None
        self._record(name, False, show(message), self._place_of(problem))

    def _record(self, name: Any, passed: bool, message: str, place: Place | None) -> None:
        suites, shown, output = tuple(self._suites), show(name), self._take_output()
        now = time.monotonic()
        seconds, self._since = now - self._since, now
        if self._wanted(full_name(suites, shown)):
            result = Result(suites, shown, passed, message, place=place, output=output, seconds=seconds)
            self.results.append(result)

    def _place_of(self, problem: Any) -> Place | None:
        if not isinstance(problem, Condition):
            return None
        places = [problem.place, *(frame.place for frame in problem.backtrace)]
        return next((place for place in places if place is not None and place.file == self._file), None)
