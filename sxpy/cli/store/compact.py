"""`sx store compact`: drop what is dead from the files."""

from __future__ import annotations

from pathlib import Path

from sxpy.cli.store.options import Answer, Tools, store_command


@store_command(
    "compact", "Settle the journal, and write anew every file that holds anything dead; writers wait."
)
def compact(tools: Tools, root: Path, answer: Answer) -> None:
    with answer.progress() as progress:
        done = tools.compact(root, progress=progress)
    answer.fields(done)
