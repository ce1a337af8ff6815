"""`sx jobs show`: where a job stands, or stood, in its program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from sxpy.cli.jobs.options import Answer, inspect, job_fields, jobs_command
from sxpy.cli.report import format_backtrace
from sxpy.data import Dict
from sxpy.jobs import Blocked, Job, Jobs, Moment, NoSuchStep, time_text

WIDTH = 200
"""Characters of a value that are shown."""


@jobs_command(
    "show",
    "Show the job ID: its reason, and of the state it stands at the pending request, the calls in progress "
    "and their variables. --at N shows the state after N steps, as far as the history is kept.",
)
@click.argument("id_", metavar="ID")
@click.option("--at", type=click.IntRange(min=0), metavar="N", help="The state after N steps.")
def show(jobs: Jobs, answer: Answer, id_: str, at: int | None) -> None:
    job = jobs.get(id_)
    moment, problem = None, None
    try:
        moment = jobs.moment(id_, at)
    except (NoSuchStep, Blocked) as error:
        if at is not None:
            raise
        problem = error.message
    fields = job_fields(job)
    if moment is not None:
        fields["state"] = _moment_fields(moment)
    answer.value(fields, "\n".join(_lines(job, moment, problem)))


def _moment_fields(moment: Moment) -> dict[str, Any]:
    return {
        "step": moment.step,
        "request": inspect(moment.request),
        "backtrace": [
            [frame.function, None if frame.place is None else str(frame.place)] for frame in moment.backtrace
        ],
        "variables": [_variables(frame) for frame in moment.frames],
    }


def _variables(frame: Dict) -> dict[str, Any]:
    return {
        "function": frame.get("function"),
        "place": frame.get("place"),
        "values": {name: inspect(value) for name, value in frame.get("values").items()},
    }


def _lines(job: Job, moment: Moment | None, problem: str | None) -> Iterator[str]:
    yield f"job: {job.id}"
    yield f"name: {job.name}"
    yield f"file: {job.birth.file}"
    yield f"started: {time_text(job.birth.created)}"
    for label, text in (("parent", job.birth.parent), ("forked from", job.birth.forked)):
        if text is not None:
            yield f"{label}: {text}"
    yield f"steps: {job.record.step}"
    yield f"reason: {job.reason.text}"
    error = job.record.error
    for function, place in (error.get("trace") or ()) if error is not None else ():
        yield f"  in {function}{'' if place is None else f', {place}'}"
    if problem is not None:
        yield f"no state: {problem}"
    if moment is None:
        return
    yield f"at step {moment.step}: {_cut(inspect(moment.request))}"
    if moment.backtrace:
        yield format_backtrace(moment.backtrace)
    for frame in moment.frames:
        place = "" if frame.get("place") is None else f", {frame.get('place')}"
        yield f"variables of {frame.get('function')}{place}"
        for name, value in frame.get("values").items():
            yield f"  {name} = {_cut(inspect(value))}"


def _cut(text: str) -> str:
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"
