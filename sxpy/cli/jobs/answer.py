"""`sx jobs answer`: answer what a job asks."""

from __future__ import annotations

import click

from sxpy.cli.jobs.options import Answer, job_fields, job_line, jobs_command, value_of
from sxpy.jobs import Jobs


@jobs_command(
    "answer",
    "Answer the job/ask that the job ID waits at with VALUE: a datum of SX; a bare word is a string.",
    context_settings={"allow_interspersed_args": False, "ignore_unknown_options": True},
)
@click.argument("id_", metavar="ID")
@click.argument("value", type=click.UNPROCESSED)
def answer(jobs: Jobs, answer: Answer, id_: str, value: str) -> None:
    job = jobs.answer(id_, value_of(value))
    answer.value(job_fields(job), job_line(job))
