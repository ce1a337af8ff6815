"""`sx store put`: give a key a value."""

from __future__ import annotations

from pathlib import Path

import click

from sxpy import Interpreter
from sxpy.cli.store.options import Answer, Tools, named, shown, store_command, sx_option


@store_command("put", "Give KEY the value of the SX expression EXPR.")
@click.argument("key")
@click.argument("expr")
@sx_option
def put(tools: Tools, root: Path, answer: Answer, key: str, expr: str, sx: bool) -> None:
    value = Interpreter().eval(expr)
    tools.put(root, named(key, sx), value)
    answer.value({"key": named(key, sx), "value": shown(value)}, shown(value))
