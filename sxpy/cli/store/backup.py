"""`sx store backup`: copy the store while it is used."""

from __future__ import annotations

from pathlib import Path

import click

from sxpy.cli.store.options import Answer, Tools, store_command


@store_command("backup", "Copy the store, as it is at one commit, to the new directory DEST; writers go on.")
@click.argument("dest", type=click.Path(path_type=Path))
@click.option(
    "--incremental",
    "earlier",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="EARLIER",
    help="Share with the backup EARLIER the files that are the same. Each can be removed without the other.",
)
@click.option("--no-verify", is_flag=True, help="Do not read the copy back.")
def backup(
    tools: Tools, root: Path, answer: Answer, dest: Path, earlier: Path | None, no_verify: bool
) -> None:
    with answer.progress() as progress:
        done = tools.backup(root, dest, earlier=earlier, check=not no_verify, progress=progress)
    answer.fields(done)
