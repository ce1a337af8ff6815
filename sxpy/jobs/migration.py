"""Migration: the jobs of a program move to a newer version of it, where that says how.

A job keeps the code it was started with. `migrate` loads the newer program, asks of each job what becomes of
it (`sxpy/image/migrate.py`), and, unless it is a dry run, commits the moved state as the job's next event, so
that whoever runs the job at this moment has to begin his step anew, on the new code. A job whose upcaster
fails is blocked, which everybody sees, and goes on with its old code when it is told to retry.

Only jobs that are not over move. Of a program that performs while it is loaded, what comes before its first
`perform` counts. Next: `sxpy/jobs/jobs.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sxpy.data import Dict
from sxpy.image.migrate import CURRENT, FAILS, MIGRATES, STAYS
from sxpy.interpreter import Interpreter
from sxpy.jobs.errors import LeaseLost
from sxpy.jobs.images import UPCASTER, Images
from sxpy.jobs.ledger import Entry, Kept, Ledger
from sxpy.jobs.record import BLOCKED, READY, Record
from sxpy.reader.files import read_file


@dataclass(frozen=True, slots=True)
class Moved:
    """What became, or would become, of a job: `outcome` is one of those below, `reasons` say why."""

    job: str
    outcome: str
    reasons: tuple[str, ...]


class Migrator:
    """Moves jobs to the program in a file. Raises what loading the program raises."""

    def __init__(self, ledger: Ledger, images: Images, clock: Callable[[], float], path: str | Path) -> None:
        self._ledger = ledger
        self._images = images.fresh()
        self._clock = clock
        self._program = Interpreter(search_path=[Path(path).resolve().parent])
        source = read_file(path)
        self._program.start(source.text, source.file)

    def move(self, jobs: Sequence[str], *, dry_run: bool) -> Iterator[Moved]:
        """Move each job, or say only what would become of it."""
        for job in jobs:
            while True:
                kept = self._ledger.last(job)
                event = self._ledger.event(job, kept.record.state) if kept.record.state else None
                if kept.record.ended or event is None:
                    break
                moved, entry = self._moved(kept, event.get("data").get("text"))
                try:
                    if entry is not None and not dry_run:
                        self._ledger.change(kept, entry, at=self._clock())
                        self._images.confirm()
                except LeaseLost:
                    continue  # it has come further meanwhile
                yield moved
                break

    def _moved(self, kept: Kept, text: str) -> tuple[Moved, Entry | None]:
        """What becomes of a job in this state, and the event that makes it so."""
        migration = self._images.migrated(self._program, text)
        moved = Moved(kept.job, migration.outcome, migration.reasons)
        record = kept.record
        if migration.frozen is not None:
            now = record.changed(state=kept.seq + 1, lease=None)
            if record.status == BLOCKED:
                now = now.changed(status=record.was or READY, was=None, error=None, since=self._clock())
            self._images.keep(migration.frozen.code)
            return moved, Entry("migrated", now, {"text": migration.frozen.text, "asks": None})
        if migration.outcome == FAILS:
            return moved, Entry("blocked", self._blocked(record, migration.reasons), {})
        return moved, None

    def _blocked(self, record: Record, reasons: tuple[str, ...]) -> Record:
        error = Dict({"kind": UPCASTER, "message": "; ".join(reasons)})
        was = record.was if record.status == BLOCKED else record.status
        return record.changed(status=BLOCKED, was=was, since=self._clock(), lease=None, error=error)


__all__ = ["CURRENT", "FAILS", "MIGRATES", "STAYS", "Migrator", "Moved"]
