"""`sx store stat`: how much there is, and where the journal stands."""

from __future__ import annotations

from pathlib import Path

from sxpy.cli.store.options import Answer, Tools, store_command


@store_command(
    "stat", "Say the format, how many streams, events, keys and blobs, bytes, and the journal's state."
)
def stat(tools: Tools, root: Path, answer: Answer) -> None:
    answer.fields(tools.stat(root))
