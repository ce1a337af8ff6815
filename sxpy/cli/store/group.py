"""The group `sx store`. To add a command, add a line to `COMMANDS`."""

from __future__ import annotations

import click

from sxpy.cli.main import LazyGroup

COMMANDS = {
    "ls": ("sxpy.cli.store.ls:ls", "List streams, keys or blobs."),
    "cat": ("sxpy.cli.store.cat:cat", "Print the events of a stream."),
    "tail": ("sxpy.cli.store.tail:tail", "Print the last events of a stream, and those that come."),
    "stat": ("sxpy.cli.store.stat:stat", "Say how much there is, and where the journal stands."),
    "get": ("sxpy.cli.store.get:get", "Print the value of a key."),
    "put": ("sxpy.cli.store.put:put", "Give a key a value."),
    "verify": ("sxpy.cli.store.verify:verify", "Read everything, and say what is damaged."),
    "repair": ("sxpy.cli.store.repair:repair", "Make a damaged store sound."),
    "doctor": ("sxpy.cli.store.doctor:doctor", "Say whether the place is fit for a store."),
    "backup": ("sxpy.cli.store.backup:backup", "Copy the store while it is used."),
    "restore": ("sxpy.cli.store.restore:restore", "Make a store from a backup."),
    "export": ("sxpy.cli.store.export:export", "Write the content as SX text."),
    "import": ("sxpy.cli.store.import_:import_", "Take over an export."),
    "compact": ("sxpy.cli.store.compact:compact", "Drop what is dead from the files."),
    "gc": ("sxpy.cli.store.gc:gc", "Find blobs that nothing mentions."),
    "erase": ("sxpy.cli.store.erase:erase", "Erase events, a stream or a key for good."),
}
"""Each command: where it is, and what it does in one line."""


@click.group("store", cls=LazyGroup, table=COMMANDS)
def store() -> None:
    """Look at a store, check it, copy it, clean it.

    Names are printed as SX strings. Exit status: 0 for success, 1 when problems were found or the command
    failed, 2 for wrong usage.
    """
