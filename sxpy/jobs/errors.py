"""What can go wrong with jobs, grouped by who is told.

Next: `sxpy/jobs/record.py`.
"""

from __future__ import annotations

from sxpy.errors import SxIOError

# -- told to whoever asks something of a job ---------------------------------------------------------------


class JobError(SxIOError):
    """The base of what can be said of a job; a program can catch it at its `perform`."""


class UnknownJob(JobError):
    """There is no job of this id."""

    def __init__(self, job: str) -> None:
        super().__init__(f"there is no job {job!r}; `sx jobs ls --all` lists them")
        self.job = job


class JobExists(JobError):
    """A job of this id was started before."""

    def __init__(self, job: str) -> None:
        super().__init__(f"there is a job {job!r} already; choose another id")
        self.job = job


class WrongStatus(JobError):
    """The job is in no condition for what was asked."""


class NoSuchStep(JobError):
    """The job has not come to the step, or its history is kept no more."""


class JobKeyError(JobError):
    """The file of the key that signs states cannot be used."""


# -- why a job cannot go on --------------------------------------------------------------------------------


class Blocked(JobError):
    """A kept state cannot be thawed here and now; the job waits until somebody sees to it.

    `kind` is one of the reasons of `sxpy/jobs/reasons.py`; `cids` names the code that is missing.
    """

    def __init__(self, kind: str, message: str, cids: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.kind = kind
        self.cids = cids


# -- told to a worker --------------------------------------------------------------------------------------


class LeaseLost(JobError):
    """Somebody else has changed the job: whatever this worker was about to commit is refused."""

    def __init__(self, job: str) -> None:
        super().__init__(f"job {job!r} was changed by somebody else; this step was not committed")
        self.job = job


class StoreTrouble(JobError):
    """The store refused a commit for a reason that has nothing to do with the job."""
