"""`sx store gc`: find, and remove, blobs that nothing mentions."""

from __future__ import annotations

from pathlib import Path

import click

from sxpy.cli.store.options import Answer, Tools, store_command


@store_command(
    "gc",
    "Print the blobs whose cid no event, key or value mentions. Nothing is removed without --remove; writers "
    "wait then.",
)
@click.option("--remove", is_flag=True, help="Remove them.")
@click.option(
    "--min-age",
    type=click.FloatRange(min=0),
    default=3600.0,
    show_default=True,
    metavar="SECONDS",
    help="Keep what was put in the last SECONDS: its reference may be on the way.",
)
def gc(tools: Tools, root: Path, answer: Answer, remove: bool, min_age: float) -> None:
    with answer.progress() as progress:
        found = tools.gc(root, least_age=min_age, remove=remove, progress=progress)
    for cid in found:
        answer.value({"cid": cid, "removed": remove}, f"{'removed' if remove else 'would remove'} {cid}")
