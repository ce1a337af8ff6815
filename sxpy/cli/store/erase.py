"""`sx store erase`: erase events, a stream or a key for good."""

from __future__ import annotations

from pathlib import Path

import click

from sxpy.cli.store.options import Answer, Tools, named, store_command, sx_option


@store_command(
    "erase",
    "Erase for good: STREAM SEQ … events, or --stream a whole stream, or --key a key. When this ends well, "
    "no file of the store holds their text. An event's seq stays, and reads as erased.",
)
@click.argument("target", nargs=-1, metavar="[STREAM SEQ …]")
@sx_option
@click.option("--stream", "streams", multiple=True, metavar="STREAM", help="Erase all events of STREAM.")
@click.option("--key", "keys", multiple=True, metavar="KEY", help="Erase KEY, such as a snapshot.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(
    tools: Tools,
    root: Path,
    answer: Answer,
    target: tuple[str, ...],
    sx: bool,
    streams: tuple[str, ...],
    keys: tuple[str, ...],
    yes: bool,
) -> None:
    events: dict[str, list[int]] = {}
    if target:
        seqs = target[1:]
        if not seqs or not all(seq.isascii() and seq.isdigit() for seq in seqs):
            raise click.UsageError("STREAM is followed by the SEQs of its events, numbers from 1.")
        events[named(target[0], sx)] = [int(seq) for seq in seqs]
    if not (events or streams or keys):
        raise click.UsageError("Say what to erase: STREAM SEQ …, --stream STREAM or --key KEY.")
    if not yes:
        click.confirm("Nobody can undo this. Erase?", abort=True, err=True)
    streams, keys = tuple(named(stream, sx) for stream in streams), tuple(named(key, sx) for key in keys)
    with answer.progress() as progress:
        done = tools.erase(root, events=events, streams=streams, keys=keys, progress=progress)
    answer.fields(done)
