"""`sx jobs start`: start a program as a job."""

from __future__ import annotations

from pathlib import Path

import click

from sxpy.cli.jobs.options import Answer, Keep, job_fields, jobs_command, value_of
from sxpy.jobs import KEEP, Jobs


@jobs_command(
    "start",
    "Start the program in FILE as a job, and print its id. With NAME, call this procedure once the program "
    "is loaded, with each ARG: a datum of SX, a bare word being a string. Nothing runs before a worker takes "
    "the job: sx jobs work.",
    context_settings={"allow_interspersed_args": False, "ignore_unknown_options": True},
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.argument("name", required=False)
@click.argument("args", metavar="[ARG]...", nargs=-1, type=click.UNPROCESSED)
@click.option("--id", "id_", metavar="ID", help="The id of the job.  [default: a new one]")
@click.option(
    "--keep",
    type=Keep(),
    default=KEEP,
    show_default=True,
    metavar="N",
    help="Keep the last N events of its history, or 'all'.",
)
def start(
    jobs: Jobs,
    answer: Answer,
    file: str,
    name: str | None,
    args: tuple[str, ...],
    id_: str | None,
    keep: int,
) -> None:
    job = jobs.start_file(Path(file), name, [value_of(arg) for arg in args], id=id_, keep=keep)
    answer.value(job_fields(job), job.id)
