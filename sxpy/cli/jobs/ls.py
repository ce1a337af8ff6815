"""`sx jobs ls`: list the jobs, and why each of them is not running."""

from __future__ import annotations

import click

from sxpy.cli.jobs.options import Answer, jobs_command, say
from sxpy.jobs import Jobs


@jobs_command(
    "ls",
    "List the jobs that are not over: id, step, name, and the one reason why it is not running (or who runs "
    "it). --all lists those that are over too.",
)
@click.option("--all", "-a", "all_", is_flag=True, help="Also those that are done or cancelled.")
def ls(jobs: Jobs, answer: Answer, all_: bool) -> None:
    say(answer, [job for job in jobs.ls() if all_ or job.status not in ("done", "cancelled")])
