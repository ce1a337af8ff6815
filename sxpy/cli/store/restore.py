"""`sx store restore`: make a store from a backup."""

from __future__ import annotations

from pathlib import Path

import click

from sxpy.cli.store.options import Answer, Tools, store_command


@store_command(
    "restore", "Make the store DEST, which must not be there yet, from the backup SRC. --store is not used."
)
@click.argument("src", type=click.Path(path_type=Path))
@click.argument("dest", type=click.Path(path_type=Path))
@click.option("--no-verify", is_flag=True, help="Do not read the copy back.")
def restore(tools: Tools, root: Path, answer: Answer, src: Path, dest: Path, no_verify: bool) -> None:
    with answer.progress() as progress:
        done = tools.restore(src, dest, check=not no_verify, progress=progress)
    answer.fields(done)
