"""Jobs for programs of SX: the operations by which a program that is no job itself looks after jobs.

| operation | arguments | answer |
|---|---|---|
| `job/start` | file, name, args, options | the id of the new job |
| `job/ls` | | a list of jobs, those that are over too |
| `job/show` | id | a job: `{:id :name :status :step :reason :value …}` |
| `job/answer` | id, value | the job |
| `job/pause`, `job/resume`, `job/cancel`, `job/retry` | id | the job |
| `job/fork` | id, step or nil, `{:answer v}` or nil | the id of the new job |
| `job/history` | id | its events |
| `job/migrate` | file, whether it is a dry run | a list of `{:id :outcome :reasons}` |
| `job/gc` | seconds | the ids of the jobs that were forgotten |

Options of `job/start`: `:id`, `:keep`, and `:text`, the program itself, instead of reading the file.
Next: `sxpy/jobs/jobs.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sxpy.data import Dict, from_list, is_list
from sxpy.errors import ArityError
from sxpy.host import Host
from sxpy.jobs.door import OPERATIONS
from sxpy.jobs.jobs import KEEP, Job, Jobs
from sxpy.jobs.record import Given
from sxpy.primitives.registry import expected


class Operations:
    """Answers the operations above for the jobs of a store."""

    def __init__(self, store: Host) -> None:
        self._jobs = Jobs(store)
        self._table: dict[str, tuple[int, int, Callable[..., Any]]] = {
            "job/start": (1, 4, self._start),
            "job/ls": (0, 0, lambda: from_list([_shown(job) for job in self._jobs.ls()])),
            "job/show": (1, 1, lambda job: _shown(self._jobs.get(_id("job/show", job)))),
            "job/answer": (2, 2, lambda job, v: _shown(self._jobs.answer(_id("job/answer", job), v))),
            "job/fork": (1, 3, self._fork),
            "job/history": (1, 1, lambda job: from_list(self._jobs.history(_id("job/history", job)))),
            "job/migrate": (1, 2, self._migrate),
            "job/gc": (1, 1, self._gc),
        }
        for name in ("pause", "resume", "cancel", "retry"):
            self._table[f"job/{name}"] = (1, 1, self._telling(name))
        assert self._table.keys() == OPERATIONS

    def answer(self, operation: str, args: list[Any]) -> Any:
        """Answer a request. Raises ArityError, SxTypeError, JobError, and what the store raises."""
        fewest, most, work = self._table[operation]
        if not fewest <= len(args) <= most:
            takes = str(most) if fewest == most else f"{fewest} to {most}"
            raise ArityError(
                f"{operation}: takes {takes} argument{'' if takes == '1' else 's'}, got {len(args)}"
            )
        return work(*args)

    def _start(self, file: Any, name: Any = None, args: Any = None, options: Any = None) -> str:
        who = "job/start"
        if not isinstance(file, str):
            raise expected(who, "a string as the file", file)
        if name is not None and not isinstance(name, str):
            raise expected(who, "a string as the name", name)
        if args is not None and not is_list(args):
            raise expected(who, "a list of arguments", args)
        if options is not None and not isinstance(options, Dict):
            raise expected(who, "a dict of options", options)
        chosen = options or Dict()
        more = {"id": chosen.get("id"), "keep": chosen.get("keep", KEEP)}
        text = chosen.get("text")
        given = list(args or ())
        if text is not None:
            return self._jobs.start(text, name, given, file=file, **more).id
        return self._jobs.start_file(file, name, given, **more).id

    def _telling(self, name: str) -> Callable[[Any], Dict]:
        return lambda job: _shown(getattr(self._jobs, name)(_id(f"job/{name}", job)))

    def _fork(self, job: Any, at: Any = None, options: Any = None) -> str:
        if at is not None and type(at) is not int:
            raise expected("job/fork", "an integer as the step", at)
        answers = isinstance(options, Dict) and "answer" in options
        given = Given(options.get("answer")) if answers else None
        return self._jobs.fork(_id("job/fork", job), at, answer=given).id

    def _migrate(self, file: Any, dry_run: Any = None) -> Any:
        if not isinstance(file, str):
            raise expected("job/migrate", "a string as the file", file)
        moved = self._jobs.migrate(file, dry_run=dry_run is not None and dry_run is not False)
        return from_list(
            [
                Dict({"id": each.job, "outcome": each.outcome, "reasons": from_list(list(each.reasons))})
                for each in moved
            ]
        )

    def _gc(self, seconds: Any) -> Any:
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
            raise expected("job/gc", "a number of seconds", seconds)
        return from_list(self._jobs.gc(seconds))


def _id(who: str, value: Any) -> str:
    if not isinstance(value, str):
        raise expected(who, "a string as the job", value)
    return value


def _shown(job: Job) -> Dict:
    fields = {
        "id": job.id,
        "name": job.name,
        "status": job.status,
        "step": job.record.step,
        "reason": job.reason.text,
        "kind": job.reason.kind,
        "since": job.record.since,
        "wait": job.record.wait,
        "parent": job.birth.parent,
        "value": job.value,
    }
    return Dict({name: value for name, value in fields.items() if value is not None})
