"""Which files are tests: by name, and by whether there is a test in them.

A test file is called `test-*.sx` or `*-test.sx`, or is any `.sx` file below a directory called `tests`.
Of those, files without a test (helpers that others load) are left alone unless they are named.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

_TEST = re.compile(
    r"\(\s*(?:deftest|persist-test|report-pass|report-fail)[\s)]"
    r"|;\s*expect(?:[ \t]+(?:error|output))?:"
)


def is_test_path(path: Path) -> bool:
    """Whether a file is a test by its name; `path` as seen from where the search began."""
    name = path.name
    if not name.endswith(".sx"):
        return False
    return name.startswith("test-") or name.endswith("-test.sx") or "tests" in path.parts[:-1]


def holds_tests(path: Path) -> bool:
    """Whether there is a test in the file: a guess from its text, right for every file that has one.

    Raises OSError. A file that is not UTF-8 is no test.
    """
    try:
        return _TEST.search(path.read_text(encoding="utf-8")) is not None
    except UnicodeDecodeError:
        return False


def find_tests(paths: Iterable[Path]) -> Iterator[Path]:
    """The test files among `paths` and below them, each once, in order. A file is taken as it is named.

    Hidden directories and virtual environments are not entered. Raises OSError.
    """
    seen: set[Path] = set()
    for path in paths:
        for found in _below(path) if path.is_dir() else [path]:
            identity = found.resolve()
            if identity not in seen:
                seen.add(identity)
                yield found


def _below(top: Path) -> Iterator[Path]:
    for directory, names, files in os.walk(top):
        here = Path(directory)
        names[:] = sorted(name for name in names if _entered(here / name))
        for path in sorted(here / name for name in files):
            if is_test_path(_from_here(path)) and holds_tests(path):
                yield path


def _entered(directory: Path) -> bool:
    return not directory.name.startswith(".") and not (directory / "pyvenv.cfg").exists()


def _from_here(path: Path) -> Path:
    """A path as it is seen from the working directory: directories above that do not make it a test."""
    try:
        return path.resolve().relative_to(Path.cwd())
    except ValueError:
        return path
