"""The door to jobs for programs that are none: which operations there are, and the rest when one is asked.

Owns that a program which has nothing to do with jobs pays nothing for them.
Next: `sxpy/jobs/operations.py`, which answers.
"""

from __future__ import annotations

from typing import Any

from sxpy.host import Host, Hosts

OPERATIONS = frozenset(
    {
        "job/start",
        "job/ls",
        "job/show",
        "job/answer",
        "job/pause",
        "job/resume",
        "job/cancel",
        "job/retry",
        "job/fork",
        "job/history",
        "job/migrate",
        "job/gc",
    }
)
"""The operations of `sxpy/jobs/operations.py`."""


class JobHost:
    """Answers the operations above for the jobs of `store`, which it does not close."""

    def __init__(self, store: Host) -> None:
        self._store = store
        self._operations: Any = None

    def owns(self, operation: str) -> bool:
        """Whether `answer` knows the operation."""
        return operation in OPERATIONS

    def answer(self, operation: str, args: list[Any], request: Any = None) -> Any:
        """Answer a request. Raises JobError, and what the store raises."""
        if self._operations is None:
            from sxpy.jobs.operations import Operations  # noqa: PLC0415  see above

            self._operations = Operations(self._store)
        return self._operations.answer(operation, args)

    def close(self) -> None:
        """Nothing: the store is closed by whoever opened it."""


def with_jobs(store: Host | None) -> Host | None:
    """A store whose programs can look after jobs too; None for None."""
    return None if store is None else Hosts([store, JobHost(store)])
