"""Durable jobs: programs that wait for days, outlive their processes, and do each step once.

Begin with `jobs.py`, then `record.py`, `ledger.py` and `runner.py`; docs/jobs.md says what is promised.
"""

from sxpy.jobs.calls import Call, Handler
from sxpy.jobs.errors import Blocked, JobError, JobExists, NoSuchStep, UnknownJob, WrongStatus
from sxpy.jobs.jobs import KEEP, LEASE, Job, Jobs, Moment
from sxpy.jobs.keys import read_key
from sxpy.jobs.reasons import Reason, time_text
from sxpy.jobs.record import Given
from sxpy.jobs.worker import Worker

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
    "NoSuchStep",
    "Reason",
    "UnknownJob",
    "Worker",
    "WrongStatus",
    "read_key",
    "time_text",
]
