"""The pytest plugin: `pytest` collects and runs the `.sx` tests beside the Python ones.

Every test and every expectation that can be seen in a file is an item. The file is run once, when its
first item is; an item `(whole file)` stands for the rest: tests made as the program runs, and errors
outside every test. With several workers, `--dist loadfile` keeps a file on one of them.

The ini option `sx_store` says what answers `perform`: `none` (an error) or `temp` (a store on disk, new
for each file). Next: `sxpy/testing/runner.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from sxpy.errors import Place, ReadError
from sxpy.reader import read_file, read_source
from sxpy.testing.discovery import holds_tests, is_test_path
from sxpy.testing.expectations import expectations
from sxpy.testing.listing import Listed, listed_tests
from sxpy.testing.report import details
from sxpy.testing.results import WHOLE_FILE, Result
from sxpy.testing.runner import Options, by_listing, run_file
from sxpy.testing.stores import store_opener


def pytest_addoption(parser: pytest.Parser) -> None:
    """The ini option `sx_store`."""
    parser.addini("sx_store", "what answers perform in .sx tests: none or temp", default="none")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A collector for each test file that holds a test."""
    if file_path.suffix != ".sx":
        return None
    named = parent.session.isinitpath(file_path)
    seen = file_path.relative_to(parent.config.rootpath) if _inside(file_path, parent) else file_path
    if not (named or is_test_path(seen)) or not holds_tests(file_path):
        return None
    collector: SxFile = SxFile.from_parent(parent, path=file_path)
    return collector


def _inside(path: Path, parent: pytest.Collector) -> bool:
    return path.is_relative_to(parent.config.rootpath)


class SxFile(pytest.File):
    """One test file, and the results of its run once it has been run."""

    _results: dict[Listed, Result] | None = None
    _rest: Sequence[Result] = ()

    def collect(self) -> Iterator[pytest.Item]:
        """Its items, in the order of the text."""
        source = read_file(self.path)
        try:
            forms, starts = read_source(source)
        except ReadError:
            forms, starts = [], []
        listed, expected = listed_tests(forms), expectations(source, starts)
        tests = [*listed, *(Listed((), each.name, each.place) for each in expected)]
        for test in sorted(tests, key=lambda test: (test.place.line, test.place.column)):
            yield SxItem.from_parent(self, name=test.full_name, test=test)
        # An error in a form that expects nothing fails every expectation after it; there must be one.
        if listed or not expected or expected[-1].form < len(forms) - 1:
            yield SxItem.from_parent(self, name=WHOLE_FILE, test=None)

    def result(self, test: Listed | None) -> Result | None:
        """What came of a test; of everything no item stands for when it is None. None: it did not run."""
        if self._results is None:
            self._run()
        assert self._results is not None
        if test is not None:
            return self._results.get(test)
        return next((result for result in self._rest if not result.passed), Result((), WHOLE_FILE, True))

    def _run(self) -> None:
        items = [item for item in self.session.items if isinstance(item, SxItem) and item.parent is self]
        names = {item.name for item in items}
        options = Options(store_opener(self.config.getini("sx_store")))
        results = run_file(self.path, options, lambda name: WHOLE_FILE in names or name in names)
        listed = [item.test for item in items if item.test is not None]
        self._results = by_listing(listed, results)
        known = {id(result) for result in self._results.values()}
        self._rest = [result for result in results if id(result) not in known]


class SxItem(pytest.Item):
    """One test."""

    def __init__(self, *, test: Listed | None, **rest: Any) -> None:
        super().__init__(**rest)
        self.test = test

    def runtest(self) -> None:
        """Raises SxTestFailed when the test failed or was not reached."""
        assert isinstance(self.parent, SxFile)
        result = self.parent.result(self.test)
        if result is None:
            rest = self.parent.result(None)
            assert rest is not None
            why = f": {rest.message}" if not rest.passed else ""
            result = Result((), self.name, False, f"the test did not run{why}", place=rest.place)
        if not result.passed:
            raise SxTestFailed(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The failure as the SX programmer sees it: no Python traceback."""
        if isinstance(excinfo.value, SxTestFailed):
            return excinfo.value.shown()
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the test stands; lines from 0."""
        return self.path, None if self.test is None else self.test.place.line - 1, self.name


class SxTestFailed(Exception):
    """A test of SX failed."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.message)
        self.result = result

    def shown(self) -> str:
        """Where, expected, actual, the source line, the output."""
        place: Place | None = self.result.place
        where = f"{place}: " if place is not None else ""
        return f"{where}{self.result.full_name}\n{details(self.result)}"
