"""`sx jobs gc`: forget the jobs that ended long ago."""

from __future__ import annotations

import click

from sxpy.cli.jobs.options import Answer, Duration, jobs_command
from sxpy.jobs import Jobs


@jobs_command(
    "gc",
    "Forget the jobs that ended long ago, their histories, and the code that only they needed. Ids are not "
    "used again.",
)
@click.option(
    "--older",
    type=Duration(),
    default="30d",
    show_default=True,
    metavar="TIME",
    help="Only those that ended longer ago: seconds, or a number with s, m, h or d.",
)
@click.option("--dry-run", is_flag=True, help="Only say which.")
def gc(jobs: Jobs, answer: Answer, older: float, dry_run: bool) -> None:
    for job in jobs.gc(older, dry_run=dry_run):
        answer.value({"id": job, "removed": not dry_run}, f"{'would remove' if dry_run else 'removed'} {job}")
