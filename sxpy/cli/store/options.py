"""What the store commands share: which store, how names are read, how answers and errors are shown.

`store_command` gives a command `tools`, `root` and `answer`; the exit status is 0 when all is well, 1 when
something is not, 2 for wrong usage.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from sxpy.cli.output import discard
from sxpy.cli.report import format_error
from sxpy.cli.settings import default_store
from sxpy.cli.store.bars import bars
from sxpy.cli.store.tools import Progress, Tools, store_tools
from sxpy.errors import SxError
from sxpy.printer import serialize
from sxpy.reader import read_datum

_HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
"""Characters without a shape that change how the rest is shown; control characters SX text has not."""

Command = TypeVar("Command", bound=Callable[..., Any])


class Answer:
    """How a command answers: for people, or, with `--json`, as JSON, one value a line."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json

    def value(self, value: Any, text: str) -> None:
        """Say `value` as JSON, or `text`."""
        click.echo(json.dumps(value) if self.as_json else text)

    def progress(self) -> AbstractContextManager[Progress]:
        """What long work tells how far it is: a bar for people at a terminal, nothing with `--json`."""
        return bars(shown=not self.as_json)

    def fields(self, value: dict[str, Any]) -> None:
        """Say a dict: as JSON, or a line for each of its fields."""
        if self.as_json:
            click.echo(json.dumps(value))
            return
        for name, field in value.items():
            text = ", ".join(f"{k} {v}" for k, v in field.items()) if isinstance(field, dict) else field
            click.echo(f"{name}: {text}")


def store_command(name: str, help_: str) -> Callable[[Command], click.Command]:
    """Make a command of a function of `tools`, `root`, `answer` and its own parameters."""

    def decorate(command: Command) -> click.Command:
        @wraps(command)  # and its click parameters
        def wrapped(store: Path | None, as_json: bool, **kwargs: Any) -> None:
            try:
                status = command(
                    tools=store_tools(), root=store or Path(default_store()), answer=Answer(as_json), **kwargs
                )
            except SxError as error:
                click.echo(format_error(error), err=True)
                status = 1
            except OSError as error:  # of writing the answer: stores have errors of their own
                if isinstance(error, BrokenPipeError):
                    raise
                discard(sys.stdout)
                click.echo(f"error: cannot write to standard output: {error.strerror}", err=True)
                status = 1
            click.get_current_context().exit(status or 0)

        with_json = click.option("--json", "as_json", is_flag=True, help="Answer as JSON, one value a line.")
        with_store = click.option(
            "--store",
            type=click.Path(path_type=Path),
            metavar="DIR",
            help="The store.  [default: $SX_PERSIST_DIR, else ./persist-data]",
        )
        return click.command(name, help=help_)(with_store(with_json(wrapped)))

    return decorate


sx_option = click.option("--sx", is_flag=True, help="Names are written as SX strings, such as '\"a\\nb\"'.")
"""Lets a command accept any name, whatever a shell can pass."""


def named(text: str, sx: bool) -> str:
    """The name that an argument means. Raises click.UsageError."""
    if not sx:
        return text
    try:
        value = read_datum(text)
    except SxError as error:
        raise click.UsageError(f"{text} is no SX string: {error}") from error
    if type(value) is not str:
        raise click.UsageError(f"{text} is no SX string.")
    return value


def shown(value: Any) -> str:
    """A name or another value as SX text in which no character acts on a terminal."""
    return _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", serialize(value))


__all__ = ["Answer", "Tools", "named", "shown", "store_command", "sx_option"]
