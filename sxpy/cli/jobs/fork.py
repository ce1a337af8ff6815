"""`sx jobs fork`: a new job from a state of another."""

from __future__ import annotations

import click

from sxpy.cli.jobs.options import Answer, job_fields, jobs_command, value_of
from sxpy.jobs import Given, Jobs


@jobs_command(
    "fork",
    "Start a new job that goes on from a state of the job ID, and print its id. The perform it stands at is "
    "done again in the new job, or answered with --answer.",
)
@click.argument("id_", metavar="ID")
@click.option(
    "--at", type=click.IntRange(min=0), metavar="N", help="The state after N steps.  [default: now]"
)
@click.option("--answer", "value", metavar="VALUE", help="What the perform is answered in the new job.")
@click.option("--id", "new", metavar="ID", help="The id of the new job.  [default: a new one]")
def fork(jobs: Jobs, answer: Answer, id_: str, at: int | None, value: str | None, new: str | None) -> None:
    given = None if value is None else Given(value_of(value))
    job = jobs.fork(id_, at, answer=given, id=new)
    answer.value(job_fields(job), job.id)
