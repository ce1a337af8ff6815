"""What the job commands share: the store and the key, how values are read, how jobs are shown.

`jobs_command` gives a command `jobs` and `answer`. With `--json` every job and step is an object on a line of
its own; SX values in it are texts of SX.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from sxpy.cli.report import format_error
from sxpy.cli.settings import default_store
from sxpy.cli.store.options import Answer, shown
from sxpy.data import Dict, Symbol
from sxpy.errors import ReadError, SxError
from sxpy.jobs import Job, Jobs, read_key
from sxpy.printer import inspect, serialize
from sxpy.reader import read_data
from sxpy.stores import LazyHost, open_store

KEY_FILE = "SX_JOBS_KEY_FILE"

Command = TypeVar("Command", bound=Callable[..., Any])


def jobs_command(
    name: str, help_: str, context_settings: dict[str, Any] | None = None
) -> Callable[[Command], click.Command]:
    """Make a command of a function of `jobs`, `answer` and its own parameters, that may answer a status."""

    def decorate(command: Command) -> click.Command:
        @wraps(command)  # and its click parameters
        def wrapped(
            store: Path | None, key_file: Path | None, as_json: bool, now: float | None, **kwargs: Any
        ) -> None:
            root = store or Path(default_store())
            try:
                with closing(LazyHost(lambda: open_store(root))) as host:
                    jobs = Jobs(host, key=_key(key_file), clock=time.time if now is None else lambda: now)
                    status = command(jobs=jobs, answer=Answer(as_json), **kwargs)
            except SxError as error:
                click.echo(format_error(error), err=True)
                status = 1
            click.get_current_context().exit(status or 0)

        with_json = click.option(
            "--json", "as_json", is_flag=True, help="Answer as JSON, one object a line; values as SX text."
        )
        with_key = click.option(
            "--key-file",
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="FILE",
            help=f"Sign states with the key in FILE, and refuse others.  [default: ${KEY_FILE}, else none]",
        )
        with_store = click.option(
            "--store",
            type=click.Path(path_type=Path),
            metavar="DIR",
            help="The store.  [default: $SX_PERSIST_DIR, else ./persist-data]",
        )
        with_now = click.option(
            "--now",
            type=Moment(),
            envvar="SX_JOBS_NOW",
            metavar="TIME",
            help="Let jobs believe it is TIME, such as 2026-03-01T12:00:00Z or +3d, to try things out.",
        )
        with_options = with_store(with_key(with_now(with_json(wrapped))))
        return click.command(name, help=help_, context_settings=context_settings)(with_options)

    return decorate


def _key(file: Path | None) -> bytes | None:
    named = file or (Path(os.environ[KEY_FILE]) if os.environ.get(KEY_FILE) else None)
    return None if named is None else read_key(named)


class Duration(click.ParamType[float]):
    """A span of time: seconds, or a number with s, m, h or d."""

    name = "duration"
    units = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}  # noqa: RUF012  never changed

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, (int, float)):
            return float(value)
        found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", value)
        if found is None:
            self.fail(f"{value!r} is no duration; write seconds, or a number with s, m, h or d.", param, ctx)
        return float(found[1]) * self.units[found[2]]


class Moment(click.ParamType[float]):
    """A time: ISO 8601, or `+` and a duration from now."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, (int, float)):
            return float(value)
        if value.startswith("+"):
            return time.time() + Duration().convert(value[1:], param, ctx)
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no time; write such as 2026-03-01T12:00:00Z, or +3d.", param, ctx)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


class Keep(click.ParamType[int]):
    """How much history: `all`, or a number of events."""

    name = "keep"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        if value == "all":
            return -1
        if not (value.isascii() and value.isdigit()):
            self.fail(f"{value!r} is neither 'all' nor a number of events.", param, ctx)
        return int(value)


def value_of(text: str) -> Any:
    """The value that an argument means: a datum of SX; a bare word is a string. Raises click.UsageError."""
    try:
        data = list(read_data(text))
    except ReadError as error:
        raise click.UsageError(f"{text} is no value of SX: {error}") from error
    if len(data) != 1:
        return text
    return data[0].name if isinstance(data[0], Symbol) else data[0]


def job_fields(job: Job) -> dict[str, Any]:
    """A job as JSON."""
    record, birth = job.record, job.birth
    fields = {
        "id": job.id,
        "name": job.name,
        "status": job.status,
        "step": record.step,
        "reason": {"kind": job.reason.kind, "text": job.reason.text},
        "since": record.since,
        "created": birth.created,
        "file": birth.file,
        "parent": birth.parent,
        "forked": birth.forked,
        "wait": _text(record.wait),
        "lease": None if record.lease is None else [record.lease.owner, record.lease.until],
        "error": None if record.error is None else _plain(record.error),
        "value": serialize(record.value)
        if record.status == "done" and record.shown is None
        else record.shown,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _text(value: Any) -> str | None:
    return None if value is None else serialize(value)


def _plain(error: Dict) -> dict[str, Any]:
    named = {name: error.get(name) for name in ("kind", "message", "place")}
    found = {name: value for name, value in named.items() if value is not None}
    if error.get("cids") is not None:
        found["cids"] = list(error.get("cids"))
    return found


def job_line(job: Job, width: int = 8) -> str:
    """A job on a line: id, step, name, reason."""
    return f"{job.id:<{width}}  {job.record.step:>5}  {shown_name(job.name)}  {job.reason.text}"


def shown_name(name: str) -> str:
    """A name as it is, or as an SX string when it has anything that would act on a terminal."""
    text = shown(name)
    return name if text == f'"{name}"' and " " not in name else text


def say(answer: Answer, jobs: Sequence[Job]) -> None:
    """Tell of jobs, a line each."""
    width = max([8, *(len(job.id) for job in jobs)])
    for job in jobs:
        answer.value(job_fields(job), job_line(job, width))


__all__ = [
    "Answer",
    "Duration",
    "Keep",
    "inspect",
    "job_fields",
    "job_line",
    "jobs_command",
    "say",
    "value_of",
]
