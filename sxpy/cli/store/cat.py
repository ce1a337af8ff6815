"""`sx store cat`: print the events of a stream as SX text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sxpy.cli.store.options import Answer, Tools, named, shown, store_command, sx_option
from sxpy.data import Dict

MOST = 2**63 - 1


@store_command("cat", "Print the events of STREAM, oldest first, one a line.")
@click.argument("stream")
@sx_option
@click.option("--from", "low", type=int, default=1, metavar="SEQ", help="Begin at SEQ.")
@click.option("--to", "high", type=int, default=MOST, metavar="SEQ", help="End at SEQ, inclusive.")
@click.option("--type", "type_", metavar="TYPE", help="Only events of this :type.")
def cat(
    tools: Tools, root: Path, answer: Answer, stream: str, sx: bool, low: int, high: int, type_: str | None
) -> None:
    for event in tools.events(root, named(stream, sx), low, high):
        if type_ is None or (isinstance(event, Dict) and event.get("type") == type_):
            say_event(answer, event)


def say_event(answer: Answer, event: Any) -> None:
    """Print an event; as JSON, its text is a string, because JSON has no such values."""
    text = shown(event)
    answer.value({"seq": event.get("seq") if isinstance(event, Dict) else None, "event": text}, text)
