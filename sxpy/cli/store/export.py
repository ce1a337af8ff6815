"""`sx store export`: write the content as SX text."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import click

from sxpy.cli.store.options import Answer, Tools, named, store_command, sx_option


@store_command(
    "export",
    "Write the content, as it is at one commit, as SX text. With STREAMs: only these, with their markers of "
    "append-once and the blobs they mention.",
)
@click.argument("streams", nargs=-1, metavar="[STREAM …]")
@sx_option
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE, at once."
)
def export(
    tools: Tools, root: Path, answer: Answer, streams: tuple[str, ...], sx: bool, output: Path | None
) -> None:
    names = [named(stream, sx) for stream in dict.fromkeys(streams)] or None
    directory = output.absolute().parent if output is not None else None
    try:
        handle, name = tempfile.mkstemp(dir=directory, prefix=".sx-export-")
        try:
            with open(handle, "w+b") as file:
                with answer.progress() as progress:
                    done = tools.export(root, file, names, progress=progress)
                file.flush()
                os.fsync(handle)
                if output is None:
                    file.seek(0)
                    shutil.copyfileobj(file, sys.stdout.buffer)
            if output is not None:
                Path(name).replace(output)
                answer.fields(done)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise click.ClickException(f"cannot write {output or 'the export'}: {error.strerror}") from error
