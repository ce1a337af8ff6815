"""The group `sx jobs`. To add a command, add a line to `COMMANDS`."""

from __future__ import annotations

import click

from sxpy.cli.main import LazyGroup

COMMANDS = {
    "start": ("sxpy.cli.jobs.start:start", "Start a program as a job."),
    "work": ("sxpy.cli.jobs.work:work", "Run the jobs."),
    "ls": ("sxpy.cli.jobs.ls:ls", "List the jobs, and why each is not running."),
    "show": ("sxpy.cli.jobs.show:show", "Show a job: where it stands, its variables, what it asks."),
    "history": ("sxpy.cli.jobs.history:history", "List the steps of a job that are kept."),
    "answer": ("sxpy.cli.jobs.answer:answer", "Answer what a job asks."),
    "pause": ("sxpy.cli.jobs.tell:pause", "Let nobody run a job for now."),
    "resume": ("sxpy.cli.jobs.tell:resume", "Let a paused job go on."),
    "cancel": ("sxpy.cli.jobs.tell:cancel", "End a job where it stands."),
    "retry": ("sxpy.cli.jobs.tell:retry", "Let a job that failed go on from its last state."),
    "fork": ("sxpy.cli.jobs.fork:fork", "Start a new job from a state of another."),
    "migrate": ("sxpy.cli.jobs.migrate:migrate", "Move jobs to a new version of their program."),
    "gc": ("sxpy.cli.jobs.gc:gc", "Forget the jobs that ended long ago."),
}
"""Each command: where it is, and what it does in one line."""


@click.group("jobs", cls=LazyGroup, table=COMMANDS)
def jobs() -> None:
    """Programs that wait for days, outlive their processes, and do each step once.

    Exit status: 0 for success, 1 when there is no such job, it is not in the condition for what is asked, or
    the store refuses, 2 for wrong usage, 130 for a worker that Ctrl-C stopped.
    """
