"""`sx jobs migrate`: move jobs to a new version of their program, or say what would become of them."""

from __future__ import annotations

from collections import Counter

import click

from sxpy.cli.jobs.options import Answer, jobs_command
from sxpy.jobs import Jobs

WORDS = {"migrates": "migrate", "stays": "stay on their code", "fails": "fail", "current": "are current"}


@jobs_command(
    "migrate",
    "Move the jobs that were started from a file named as FILE to the program in FILE, as far as this "
    "registers frame upcasters for the places they wait at; the others stay on the code they have. A job "
    "whose upcaster fails is blocked until it is retried or migrated. Exit status 1 when one fails.",
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Only say what would become of each.")
@click.option("--all", "-a", "all_", is_flag=True, help="Jobs of all programs, whatever their file.")
def migrate(jobs: Jobs, answer: Answer, file: str, dry_run: bool, all_: bool) -> int:
    counts: Counter[str] = Counter()
    for moved in jobs.migrate(file, dry_run=dry_run, all_programs=all_):
        counts[moved.outcome] += 1
        fields = {"id": moved.job, "outcome": moved.outcome, "reasons": list(moved.reasons)}
        answer.value(fields, f"{moved.job:<8}  {moved.outcome:<8}  {'; '.join(moved.reasons)}".rstrip())
    if not answer.as_json:
        click.echo(", ".join(f"{counts[outcome]} {words}" for outcome, words in WORDS.items()))
    return 1 if counts["fails"] else 0
