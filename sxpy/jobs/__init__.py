"""Durable jobs: programs that wait for days, outlive their processes, and do each step once.

Begin with `jobs.py`, then `record.py`, `ledger.py` and `runner.py`; docs/jobs.md says what is promised.
"""

from typing import TYPE_CHECKING

from sxpy.lazy import lazy_names

if TYPE_CHECKING:
    from sxpy.jobs.calls import Call, Handler
    from sxpy.jobs.errors import Blocked, JobError, JobExists, NoSuchStep, UnknownJob, WrongStatus
    from sxpy.jobs.jobs import KEEP, LEASE, Job, Jobs, Moment
    from sxpy.jobs.keys import read_key
    from sxpy.jobs.migration import Moved
    from sxpy.jobs.reasons import Reason, time_text
    from sxpy.jobs.record import Given
    from sxpy.jobs.worker import Worker
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "sxpy.jobs.calls": "Call Handler",
            "sxpy.jobs.errors": "Blocked JobError JobExists NoSuchStep UnknownJob WrongStatus",
            "sxpy.jobs.jobs": "KEEP LEASE Job Jobs Moment",
            "sxpy.jobs.keys": "read_key",
            "sxpy.jobs.migration": "Moved",
            "sxpy.jobs.reasons": "Reason time_text",
            "sxpy.jobs.record": "Given",
            "sxpy.jobs.worker": "Worker",
        },
    )

__all__ = [
    "KEEP",
    "LEASE",
    "Blocked",
    "Call",
    "Given",
    "Handler",
    "Job",
    "JobError",
    "JobExists",
    "Jobs",
    "Moment",
    "Moved",
    "NoSuchStep",
    "Reason",
    "UnknownJob",
    "Worker",
    "WrongStatus",
    "read_key",
    "time_text",
]
