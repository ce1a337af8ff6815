"""`sx jobs history`: what befell a job, event by event."""

from __future__ import annotations

from typing import Any

import click

from sxpy.cli.jobs.options import Answer, jobs_command
from sxpy.data import Dict
from sxpy.jobs import Jobs, time_text


@jobs_command(
    "history",
    "List what befell the job ID, as far as it is kept: the number of steps then, the time, what happened, "
    "what the last perform was answered, what the next one asks.",
)
@click.argument("id_", metavar="ID")
def history(jobs: Jobs, answer: Answer, id_: str) -> None:
    for event in jobs.history(id_):
        fields = _fields(event)
        answer.value(fields, _line(fields))


def _fields(event: Dict) -> dict[str, Any]:
    data = event.get("data")
    lease = data.get("lease")
    fields = {
        "seq": event.get("seq"),
        "step": data.get("step", 0),
        "at": event.get("at"),
        "type": event.get("type"),
        "status": data.get("status"),
        "answered": data.get("answered"),
        "asks": data.get("asks"),
        "kept": data.get("text") is not None,
        "owner": None if lease is None else lease.get("owner"),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _line(fields: dict[str, Any]) -> str:
    parts = [f"{fields['step']:>5}  {time_text(fields['at'])}  {fields['type']:<9}"]
    if "answered" in fields:
        parts.append(f"→ {fields['answered']}")
    if "asks" in fields:
        parts.append(f"at {fields['asks']}")
    if fields["status"] not in ("ready", fields["type"]):
        parts.append(f"[{fields['status']}]")
    if fields["type"] == "claimed":
        parts.append(f"by {fields['owner']}")
    return "  ".join(parts).rstrip()
