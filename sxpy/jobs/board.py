"""The board: what a worker knows of all jobs, kept up to date at little cost, and which of them it may take.

Looking again costs one transaction that asks for the last number of each live job's stream; only what has
changed is read. Next: `sxpy/jobs/worker.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sxpy.jobs.errors import UnknownJob
from sxpy.jobs.ledger import Kept, Ledger
from sxpy.jobs.record import READY, WAITING, Given, stream_of
from sxpy.jobs.waits import Watch

BATCH = 1000
"""How many streams are asked about in one transaction."""


class Board:
    """The live jobs of a store and their records. For one thread at a time."""

    def __init__(self, ledger: Ledger, watch: Watch) -> None:
        self._ledger = ledger
        self._watch = watch
        self._catalogue = ledger.catalogue()
        self._known: dict[str, Kept] = {}

    def refresh(self, but: Collection[str] = ()) -> None:
        """Look again; at the jobs in `but` only when they are in nobody's hands here any more."""
        self._catalogue.follow()
        live = self._catalogue.live()
        self._known = {job: self._known[job] for job in live if job in self._known}
        asked = [job for job in live if job not in but]
        for start in range(0, len(asked), BATCH):
            batch = asked[start : start + BATCH]
            for job, seq in zip(
                batch, self._ledger.last_seqs([stream_of(job) for job in batch]), strict=True
            ):
                known = self._known.get(job)
                if known is None or known.seq != seq:
                    try:
                        self._known[job] = self._ledger.last(job)
                    except UnknownJob:  # removed at this moment
                        self._known.pop(job, None)

    def takable(
        self, now: float, lease_now: float, but: Collection[str] = ()
    ) -> Iterator[tuple[Kept, Given | None]]:
        """The jobs that may be taken, longest ready first, each with what ends its wait."""
        for kept in sorted(self._known.values(), key=lambda kept: kept.record.since):
            record = kept.record
            if kept.job in but:
                continue
            if record.status == READY:
                if record.lease is None or record.lease.until <= lease_now:
                    yield kept, record.given
            elif record.status == WAITING and record.wait is not None:
                given = self._watch.result(record.wait, now)
                if given is not None:
                    yield kept, given

    def is_leased(self, lease_now: float, but: Collection[str] = ()) -> bool:
        """Whether another worker has a job now."""
        return any(
            kept.record.status == READY and kept.record.lease is not None
            for kept in self._known.values()
            if kept.job not in but
        )
