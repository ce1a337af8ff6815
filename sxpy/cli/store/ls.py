"""`sx store ls`: list streams, keys or blobs."""

from __future__ import annotations

from pathlib import Path

import click

from sxpy.cli.store.options import Answer, Tools, shown, store_command


@store_command("ls", "List the streams: high-water mark, events, bytes, name. Or the keys, or the blobs.")
@click.option("--keys", is_flag=True, help="List the keys: bytes, name.")
@click.option("--blobs", is_flag=True, help="List the blobs: bytes, cid.")
def ls(tools: Tools, root: Path, answer: Answer, keys: bool, blobs: bool) -> None:
    if keys and blobs:
        raise click.UsageError("--keys and --blobs exclude each other.")
    if keys:
        for found in tools.keys(root):
            answer.value(found, f"{found['bytes']:>10} {shown(found['key'])}")
    elif blobs:
        for found in tools.blobs(root):
            answer.value(found, f"{found['bytes']:>10} {found['cid']}")
    else:
        for found in tools.streams(root):
            numbers = f"{found['last']:>8} {found['count']:>8} {found['bytes']:>10}"
            answer.value(found, f"{numbers} {shown(found['stream'])}")
