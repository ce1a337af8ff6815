"""`sx store import`: take over an export."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

import click

from sxpy.cli.store.options import Answer, Tools, store_command


@store_command(
    "import",
    "Take over the export FILE (- is standard input), all of it or nothing. What is there already, and the "
    "same, is passed over; what differs is an error.",
)
@click.argument("file", type=click.File("rb"))
@click.option("--replace-keys", is_flag=True, help="Keys that have another value get the one of the export.")
def import_(tools: Tools, root: Path, answer: Answer, file: BinaryIO, replace_keys: bool) -> None:
    name, size = str(getattr(file, "name", "-")), _size(file)
    with answer.progress() as progress:
        done = tools.import_(root, file, name, replace_keys=replace_keys, size=size, progress=progress)
    answer.fields(done)


def _size(file: BinaryIO) -> int:
    """Bytes of a file, 0 for what is none."""
    try:
        return os.fstat(file.fileno()).st_size
    except OSError:
        return 0
