"""What was kept means the same: every program of the language's tests, analysed, kept, and from the cache.

Each form of a program is evaluated three times, in three interpreters: as read, as read while it is kept,
and from the bytes that were kept. Values, output, errors, places, backtraces and the names that may have
been meant must be the same. `SX_CACHE_EVERY=1` runs all programs instead of a sample.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sxpy import Interpreter, SxError
from sxpy.cache.entry import Entries, Record
from sxpy.cache.program import Program
from sxpy.core.ir import Code, Term
from sxpy.data import Environment
from sxpy.errors import EvalError
from sxpy.machine.forms import Pair
from sxpy.machine.program import program_state
from sxpy.printer import inspect
from sxpy.reader import read_file, read_source
from sxpy.reader.forms import Source, Spot

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAMS = sorted((ROOT / "tests" / "sx").rglob("*.sx"))
EVERY = int(os.environ.get("SX_CACHE_EVERY", "11"))

ENTRIES = Entries()


class OneForm:
    """A single form of a program, as a program."""

    def __init__(self, program: Program, index: int) -> None:
        self.program = program
        self.index = index

    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: int) -> Pair:
        return self.program[self.index]

    def __iter__(self) -> Iterator[Pair]:
        yield self.program[self.index]

    def term(self, index: int, env: Environment) -> Term | None:
        return self.program.term(self.index, env)

    def keep(self, index: int, code: Code | None) -> None:
        self.program.keep(self.index, code)


class Output:
    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text


def _told(error: SxError, interpreter: Interpreter) -> Any:
    """Everything that an error says."""
    frames = [(repr(frame), frame.place and frame.place.text) for frame in error.backtrace]
    names = interpreter.similar_names(error) if isinstance(error, EvalError) else []
    expansion = error.place and error.place.expansion and inspect(error.place.expansion.form)
    irritants = [inspect(each) for each in getattr(error, "irritants", ())]
    text = error.place and error.place.caret()
    return type(error), error.message, repr(error.place), text, expansion, irritants, frames, names


def outcomes(forms: list[Any], *, strict: bool) -> list[Any]:
    """What each form came to in a new interpreter."""
    output = Output()
    interpreter = Interpreter(output=output, strict=strict, seed=1, cache=False)
    found: list[Any] = []
    for form in forms:
        output.text = ""
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                came: Any = inspect(interpreter._finish(program_state(form, interpreter.env)))
            except SxError as error:
                came = _told(error, interpreter)
        found.append((came, output.text, [str(each.message) for each in warned]))
    return found


def parts(program: Program) -> list[Any]:
    return [OneForm(program, index) for index in range(len(program))]


def kept(source: Source, *, strict: bool = False) -> tuple[list[Any], list[Record | None]]:
    """What each form came to while it was kept, and the records."""
    written: list[Program] = []
    program = Program(source, None, written.append, written.append)
    came = outcomes(parts(program), strict=strict)
    program.save()
    found = ENTRIES.unpack(ENTRIES.pack(source.text, written[-1].records), source.text)
    assert found is not None
    return came, found


def as_read(source: Source) -> list[Any]:
    forms, starts = read_source(source)
    return [((form, Spot(source, start)),) for form, start in zip(forms, starts, strict=True)]


@pytest.mark.parametrize("path", PROGRAMS[::EVERY], ids=lambda path: str(path.relative_to(ROOT / "tests/sx")))
def test_what_was_kept_means_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    source = read_file(path.relative_to(ROOT))
    try:
        forms = as_read(source)
    except SxError:
        return  # a program that cannot be read is not kept
    strict = "strict" in path.parts
    expected = outcomes(forms, strict=strict)
    came, known = kept(source, strict=strict)
    assert came == expected
    again = Program(Source(source.text, source.file), known, lambda program: None, lambda program: None)
    assert outcomes(parts(again), strict=strict) == expected
