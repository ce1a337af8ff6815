"""`sx store repair`: make a damaged store sound."""

from __future__ import annotations

from pathlib import Path

import click

from sxpy.cli.store.options import Answer, Tools, store_command


@store_command(
    "repair",
    "Make a damaged store sound, with all that can still be read. Damaged files are set aside, never "
    "deleted. End the programs that use the store before.",
)
@click.option("--give-up", is_flag=True, help="Even when acknowledged data cannot be read and is given up.")
def repair(tools: Tools, root: Path, answer: Answer, give_up: bool) -> int:
    with answer.progress() as progress:
        done = tools.repair(root, give_up=give_up, progress=progress)
    status = 0 if done["done"] else 1
    if answer.as_json:
        answer.fields(done)
        return status
    if not done["needed"]:
        click.echo("nothing is damaged")
    for loss in done["losses"]:
        click.echo(f"lost: {loss}")
    for path in done["aside"]:
        click.echo(f"set aside: {path}")
    if status:
        click.echo(
            "nothing was changed: acknowledged data would be given up. Restore a backup, or use --give-up.",
            err=True,
        )
    return status
