"""The options that commands share, each group as one decorator.

`store_options` gives the command `store`, a path or None; `program_options` gives it `settings`, everything
that shapes the run of a program.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from sxpy import Limits
from sxpy.cli.settings import DEFAULT_STORE, Settings, default_store

Command = TypeVar("Command", bound=Callable[..., Any])


class Size(click.ParamType[int]):
    """A number of bytes: `1000000`, `64k`, `512M`, `2G` (powers of 1024)."""

    name = "size"
    units = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}  # noqa: RUF012  never changed

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        digits = value.rstrip("kKmMgG")
        unit = value[len(digits) :].lower()
        if not (digits.isascii() and digits.isdigit()) or unit not in self.units or int(digits) == 0:
            self.fail(f"{value!r} is no size; write bytes, or a number with k, M or G.", param, ctx)
        return int(digits) * self.units[unit]


def store_options(command: Command) -> Command:
    """`--store DIR` and `--no-store`; the command gets `store`."""

    @click.option(
        "--store",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help=f"Keep durable data in DIR.  [default: $SX_PERSIST_DIR, else ./{DEFAULT_STORE}]",
    )
    @click.option("--no-store", is_flag=True, help="No durable data: persist and blob operations are errors.")
    @wraps(command)
    def wrapped(*args: Any, store: Path | None, no_store: bool, **kwargs: Any) -> Any:
        if no_store and store is not None:
            raise click.UsageError("--store and --no-store exclude each other.")
        chosen = None if no_store else store or Path(default_store())
        return command(*args, store=chosen, **kwargs)

    return wrapped  # type: ignore[return-value]


def limit_options(command: Command) -> Command:
    """`--max-steps`, `--max-depth`, `--max-seconds`, `--max-memory`; the command gets `limits`."""

    @click.option("--max-steps", type=click.IntRange(min=1), metavar="N", help="Stop after N machine steps.")
    @click.option("--max-depth", type=click.IntRange(min=1), metavar="N", help="Stop when N calls wait.")
    @click.option(
        "--max-seconds",
        type=click.FloatRange(min=0, min_open=True),
        metavar="S",
        help="Stop after S seconds.",
    )
    @click.option(
        "--max-memory", type=Size(), metavar="SIZE", help="Stop when memory grows by SIZE (such as 512M)."
    )
    @wraps(command)
    def wrapped(
        *args: Any,
        max_steps: int | None,
        max_depth: int | None,
        max_seconds: float | None,
        max_memory: int | None,
        **kwargs: Any,
    ) -> Any:
        limits = Limits(steps=max_steps, depth=max_depth, memory=max_memory, seconds=max_seconds)
        return command(*args, limits=limits, **kwargs)

    return wrapped  # type: ignore[return-value]


def cache_option(command: Command) -> Command:
    """`--no-cache`, for this process and those it starts."""

    def switch_off(ctx: click.Context, param: click.Parameter, given: bool) -> None:
        if given:
            os.environ["SX_NO_CACHE"] = "1"

    return click.option(
        "--no-cache",
        is_flag=True,
        expose_value=False,
        callback=switch_off,
        help="Read and analyse every file, and keep nothing of it.",
    )(command)


def program_options(command: Command) -> Command:
    """Store, limits, `--strict`, `--traceback`, `--no-cache`; the command gets `settings`."""

    @store_options
    @limit_options
    @click.option("--strict", is_flag=True, help="Check argument counts, annotated types and arithmetic.")
    @click.option(
        "--traceback",
        type=click.Choice(["full", "short", "none"]),
        default="short",
        show_default=True,
        help="How much of the calls that led to an error to show.",
    )
    @cache_option
    @wraps(command)
    def wrapped(
        *args: Any, store: Path | None, limits: Limits, strict: bool, traceback: str, **kwargs: Any
    ) -> Any:
        return command(*args, settings=Settings(store, limits, strict, traceback), **kwargs)

    return wrapped  # type: ignore[return-value]
