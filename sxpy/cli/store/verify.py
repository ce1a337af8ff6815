"""`sx store verify`: read everything, and say what is damaged."""

from __future__ import annotations

from pathlib import Path

import click

from sxpy.cli.store.options import Answer, Tools, store_command


@store_command(
    "verify", "Read every byte that counts, and say what is damaged; nothing is changed, nobody waits."
)
def verify(tools: Tools, root: Path, answer: Answer) -> int:
    with answer.progress() as progress:
        found = tools.verify(root, progress=progress)
    problems: list[str] = found["problems"]
    if answer.as_json:
        answer.fields(found)
        return 1 if problems else 0
    for problem in problems:
        click.echo(f"damaged: {problem}")
    for note in found["notes"]:
        click.echo(f"note: {note}")
    counts = ", ".join(f"{found[name]} {name}" for name in ("streams", "events", "keys", "blobs"))
    click.echo(f"{counts}: {f'{len(problems)} problems' if problems else 'all is well'}")
    return 1 if problems else 0
