"""Runs one test file in a fresh interpreter, form by form.

A file may hold suites, expectations or both. What a form raises that expects nothing ends the file: what
comes after may hang on it. So does text that cannot be read, unless an error is expected that says so.
Next: `sxpy/testing/expectations.py`, `sxpy/testing/recorder.py`.
"""

from __future__ import annotations

import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from sxpy.cache import read_kept
from sxpy.errors import InternalError, ReadError, SxError
from sxpy.host import Host
from sxpy.interpreter import Interpreter
from sxpy.machine import Limits
from sxpy.reader import read_file
from sxpy.reader.forms import Source
from sxpy.testing.expectations import ERROR, VALUE, Outcome, expectations, judge
from sxpy.testing.listing import Listed, listed_tests
from sxpy.testing.recorder import Recorder
from sxpy.testing.results import WHOLE_FILE, Result


@dataclass(frozen=True, slots=True)
class Options:
    """How tests are run. `open_store` is entered for each file: the host that answers its performs."""

    open_store: Callable[[], AbstractContextManager[Host | None]] = nullcontext
    settings: Mapping[str, str] = field(default_factory=dict)
    """What `test-setting` answers."""
    strict: bool = False
    limits: Limits = field(default_factory=Limits)
    """For each top-level form."""


def run_file(path: Path, options: Options, wanted: Callable[[str], bool] = lambda name: True) -> list[Result]:
    """The results of the tests of a file whose full names are `wanted`, and of the file when it goes wrong.

    Raises SxIOError when there is no such file, and what `open_store` raises.
    """
    source = read_file(path)
    try:
        forms, starts = read_kept(source)
    except ReadError as error:
        return [each for each in _unreadable(source, error) if _is_wanted(each, wanted)]
    with options.open_store() as host:
        results = _Run(source, host, options, wanted).run(forms, starts)
    return _with_places(results, listed_tests(forms))


def by_listing(listed: Sequence[Listed], results: Iterable[Result]) -> dict[Listed, Result]:
    """The result of each listed test that ran; tests of one name are taken in order."""
    waiting: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        waiting[result.full_name].append(result)
    return {each: waiting[each.full_name].pop(0) for each in listed if waiting[each.full_name]}


def _is_wanted(result: Result, wanted: Callable[[str], bool]) -> bool:
    return result.name == WHOLE_FILE or wanted(result.full_name)


def _with_places(results: Sequence[Result], listed: Sequence[Listed]) -> list[Result]:
    """The results, each with the place of its `deftest` when nothing nearer is known."""
    places = {id(result): each.place for each, result in by_listing(listed, results).items()}
    return [
        result if result.place is not None else replace(result, place=places.get(id(result)))
        for result in results
    ]


def _unreadable(source: Source, error: ReadError) -> list[Result]:
    """What a file that is no SX comes to: it may be just what is expected of it."""
    expected = expectations(source, [])
    passed = [each for each in expected if each.kind == ERROR and each.text in error.message]
    results = [
        each.passed() if each in passed else each.failed(f"not run: {error.message}") for each in expected
    ]
    return results if passed else [*results, _file_failed(error, "")]


def _file_failed(error: SxError, output: str) -> Result:
    return Result((), WHOLE_FILE, False, error.message, place=error.place, output=output)


class _Capture:
    """What the program writes."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    def write(self, text: str) -> None:
        """Keep `text`."""
        self._parts.append(text)

    def take(self) -> str:
        """What was written since the last time."""
        text = "".join(self._parts)
        self._parts.clear()
        return text


class _Run:
    """One file's run."""

    def __init__(
        self, source: Source, host: Host | None, options: Options, wanted: Callable[[str], bool]
    ) -> None:
        self._source = source
        self._wanted = wanted
        self._capture = _Capture()
        self._interpreter = Interpreter(
            host=host, output=self._capture, limits=options.limits, strict=options.strict
        )
        # Before the tests can give the name another meaning.
        self._eval = self._interpreter.lookup("eval")
        self._recorder = Recorder(source.file, wanted, self._capture.take)
        self._recorder.install(self._interpreter)
        for name, value in options.settings.items():
            self._interpreter.call("test-setting!", name, value)

    def run(self, forms: Sequence[Any], starts: Sequence[int]) -> list[Result]:
        """Run every form; the results in order."""
        results = self._recorder.results
        waiting = expectations(self._source, starts)
        by_form = {index: list(group) for index, group in groupby(waiting, key=lambda each: each.form)}
        for each in by_form.pop(-1, []):
            self._add(each.failed("there is no form before it"))
        for index, form in enumerate(forms):
            expected = by_form.pop(index, [])
            since = time.monotonic()
            outcome = self._evaluate(form)
            seconds = time.monotonic() - since
            for result in judge(expected, outcome):
                self._add(replace(result, seconds=seconds))
            error = outcome.error
            if error is not None and not any(each.kind in (VALUE, ERROR) for each in expected):
                if error.place is None:
                    error.place = self._source.place(starts[index])
                results.append(_file_failed(error, outcome.output))
                for each in (each for group in by_form.values() for each in group):
                    self._add(each.failed(f"not run: line {error.place.line}: {error.message}"))
                break
        return results

    def _add(self, result: Result) -> None:
        if self._wanted(result.full_name):
            self._recorder.results.append(result)

    def _evaluate(self, form: Any) -> Outcome:
        self._capture.take()
        try:
            value = self._interpreter.call(self._eval, form)
        except SxError as error:
            return Outcome(None, error, self._capture.take())
        except Exception as error:
            told = InternalError(f"internal error, please report: {traceback.format_exc()}")
            told.__cause__ = error
            return Outcome(None, told, self._capture.take())
        return Outcome(value, None, self._capture.take())
