"""`sx jobs pause`, `resume`, `cancel`, `retry`: tell a job what to do."""

from __future__ import annotations

from collections.abc import Callable

import click

from sxpy.cli.jobs.options import Answer, job_fields, job_line, jobs_command
from sxpy.jobs import Job, Jobs

_Telling = Callable[[Jobs, str], Job]


def _command(name: str, help_: str, tell: _Telling) -> click.Command:
    @jobs_command(name, help_)
    @click.argument("ids", metavar="ID...", nargs=-1, required=True)
    def telling(jobs: Jobs, answer: Answer, ids: tuple[str, ...]) -> None:
        for id_ in ids:
            job = tell(jobs, id_)
            answer.value(job_fields(job), job_line(job))

    return telling


pause = _command(
    "pause",
    "Let nobody run the jobs until they are resumed. A worker that runs one stops before its next commit.",
    Jobs.pause,
)
resume = _command("resume", "Let paused jobs go on: those that waited, wait again.", Jobs.resume)
cancel = _command("cancel", "End the jobs where they stand. Nothing they did is undone.", Jobs.cancel)
retry = _command(
    "retry",
    "Let jobs that failed, are blocked or were cancelled go on from their last state. A perform that was "
    "answered before is not done again.",
    Jobs.retry,
)
