"""`sx store get`: print the value of a key."""

from __future__ import annotations

from pathlib import Path

import click

from sxpy.cli.store.options import Answer, Tools, named, shown, store_command, sx_option
from sxpy.errors import SxIOError


@store_command("get", "Print the value of KEY as SX text. A key without a value: exit status 1.")
@click.argument("key")
@sx_option
def get(tools: Tools, root: Path, answer: Answer, key: str, sx: bool) -> None:
    name = named(key, sx)
    present, value = tools.get(root, name)
    if not present:
        raise SxIOError(f"{root}: there is no key {shown(name)}")
    answer.value({"key": name, "value": shown(value)}, shown(value))
