"""Programs: the top-level forms of a text, those that are known from before without being read.

Owns the choice for each form when its turn comes: the record's code if it holds, else the form, which is
then analysed and kept. The text is read by the grammar only when a form is needed that no record has. To the
machine a program is a sequence of forms with their spots (`sxpy/machine/program.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sxpy.cache import records
from sxpy.cache.entry import Record
from sxpy.cache.pending import make
from sxpy.core.ir import Code, Term
from sxpy.data import Environment
from sxpy.reader.forms import Source, Spot

Pair = tuple[Any, Spot]


class Program:
    """The forms of a source. `known` are its records, None when there is no entry for it.

    `noted` is told when there is something new about the records, `write` writes them. Raises what reading
    raises.
    """

    def __init__(
        self,
        source: Source,
        known: list[Record | None] | None,
        noted: Callable[[Program], None],
        write: Callable[[Program], None],
    ) -> None:
        self.source = source
        self._noted = noted
        self._write = write
        self._pairs: list[tuple[Any, Spot]] | None = None
        self._pending: list[Code] = []
        self.records: list[Record | None] = known if known is not None else [None] * len(self._read())
        self._news = False
        """Whether there is something in the records that the entry has not."""
        if known is None:
            self._note()

    # -- as a sequence of forms ------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Pair]:
        return (self[index] for index in range(len(self)))

    def __getitem__(self, index: int) -> Pair:
        record = self.records[index]
        if self._pairs is None and record is not None and record[0] != records.CODE:
            try:
                return records.form_of(record, self.source), Spot(self.source, record[1])
            except records.DAMAGE:
                self.records[index] = None  # damaged
        return self._read()[index]

    def _read(self) -> list[tuple[Any, Spot]]:
        if self._pairs is None:
            from sxpy.reader.source import read_source  # noqa: PLC0415  it brings the grammar

            forms, starts = read_source(self.source)
            places = [Spot(self.source, start) for start in starts]
            self._pairs = list(zip(forms, places, strict=True))
        return self._pairs

    # -- as code ---------------------------------------------------------------------------------------

    def term(self, index: int, env: Environment) -> Term | None:
        """The term that evaluates form `index` in `env`; None when it must be analysed."""
        record = self.records[index]
        if record is None or not records.is_code(record):
            return None
        try:
            if not records.holds(record, env):
                return None
            term, code = records.term_of(
                record, self.source, env, lambda code: self._analyse(index, code, env)
            )
        except records.DAMAGE:
            self.records[index] = None  # damaged
            return None
        self._await(code, env)
        if index + 1 == len(self.records):
            self.save()
        return term

    def _await(self, code: Code, env: Environment) -> None:
        """Have pending code made before a name in `env` comes to mean something else."""
        if not self._pending:
            env.pending.append(self._settle)
        self._pending.append(code)

    def _settle(self) -> None:
        pending, self._pending = self._pending, []
        for code in pending:
            make(code)

    def _analyse(self, index: int, code: Code, env: Environment) -> None:
        from sxpy.syntax import compile_form  # noqa: PLC0415  see `sxpy/lazy.py`

        form, spot = self._read()[index]
        compile_form(form, env, NoMacros(), spot, into=code)

    # -- keeping ---------------------------------------------------------------------------------------

    def keep(self, index: int, code: Code | None) -> None:
        """Form `index` has been analysed; None: it was taken apart, and must be each time."""
        record = self.records[index]
        if record is None or record[0] == records.UNSEEN:
            form, spot = self[index]
            made = None if code is None else records.code_record(code, spot)
            self.records[index] = made or records.form_record(form, spot, seen=True)
            self._note()
        if index + 1 == len(self.records):
            self.save()

    def _note(self) -> None:
        if not self._news:
            self._news = True
            self._noted(self)

    def save(self) -> None:
        """Have the entry written when there is something new."""
        if self._news:
            self._news = False
            for index, record in enumerate(self.records):
                if record is None:
                    form, spot = self._read()[index]
                    self.records[index] = records.form_record(form, spot, seen=False)
            self._write(self)


class NoMacros:
    """Runs no macros: the form whose analysis was kept uses none."""

    def apply(self, procedure: Any, args: list[Any]) -> Any:
        raise AssertionError("a form that was kept calls a macro")

    def evaluate(self, form: Any) -> Any:
        raise AssertionError("a form that was kept defines a macro")
