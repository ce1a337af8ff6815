"""Who answers a job's `perform`: the store, the job itself, a handler in Python, or nobody yet.

| operation | answer | how often it is done |
|---|---|---|
| `persist/…` that writes | what `sxpy/jobs/effects.py` says | once, with the step's commit |
| `persist/…` that reads, `blob/…` | the store's | until a commit has kept the answer |
| `job/now`, `job/random`, `job/id` | seconds; in [0, 1), or an integer below n; the job's id | the same |
| `job/spawn` | the id of a new job | once, with the step's commit |
| `job/sleep`, `job/await`, `job/ask`, `job/join` | `sxpy/jobs/waits.py` | |
| a handler's, another of the host's | the handler's, the host's | at least once, with an idempotency key |
| any other | an error at the `perform` | |

Next: `sxpy/jobs/runner.py`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sxpy.data import Dict, from_list, is_list, is_procedure
from sxpy.errors import ArityError, EvalError, SxValueError, UnknownOperationError
from sxpy.host import PENDING, operation_of
from sxpy.interpreter import Interpreter
from sxpy.jobs.calls import Call, Handlers, call_handler
from sxpy.jobs.effects import READS, Reply, is_write, write
from sxpy.jobs.images import Images
from sxpy.jobs.ledger import STARTED, Ledger
from sxpy.jobs.record import Birth, Record
from sxpy.jobs.waits import WAITS
from sxpy.library.paths import find_file
from sxpy.machine import State
from sxpy.machine.program import program_state
from sxpy.machine.state import APPLY
from sxpy.primitives.registry import expected
from sxpy.printer import inspect
from sxpy.reader.files import read_file
from sxpy.reader.forms import spot_of


@dataclass(frozen=True, slots=True)
class Asking:
    """A `perform` of a job: which, in which interpreter, and the step it is."""

    job: str
    birth: Birth
    step: int
    interpreter: Interpreter
    images: Images
    request: Any
    now: float


class Answers:
    """Answers what needs no waiting. Safe for many threads if the handlers are."""

    def __init__(self, ledger: Ledger, handlers: Handlers) -> None:
        self._ledger = ledger
        self._handlers = handlers
        self._own: dict[str, Callable[[Asking, list[Any]], Reply]] = {
            "job/now": self._now,
            "job/random": self._random,
            "job/id": self._id,
            "job/spawn": self._spawn,
        }

    def is_outside(self, request: Any) -> bool:
        """Whether the answer does something outside that cannot be taken back."""
        operation, _ = operation_of(request)
        if operation is None or operation in self._own or operation in WAITS:
            return False
        return operation in self._handlers or not (operation in READS or is_write(operation))

    def reply(self, asking: Asking) -> Reply:
        """The answer to a `perform` that does not wait. An error is a reply too."""
        operation, args = operation_of(asking.request)
        try:
            if operation is None:
                raise UnknownOperationError(
                    f"Unknown IO operation: {inspect(asking.request)}", asking.request
                )
            return self._answer(asking, operation, args)
        except EvalError as error:
            return Reply(error=error)

    def _answer(self, asking: Asking, operation: str, args: list[Any]) -> Reply:
        own = self._own.get(operation)
        if own is not None:
            return own(asking, args)
        handler = self._handlers.get(operation)
        if handler is not None:
            return self._firm(lambda: call_handler(handler, Call(asking.job, asking.step, operation), args))
        if operation.startswith("job/") or not self._ledger.host.owns(operation):
            raise UnknownOperationError(f"Unknown IO operation: {operation}", asking.request)
        if is_write(operation):
            return write(self._ledger, operation, args)
        if operation in READS:
            return Reply(self._ledger.answer(operation, args))
        return self._firm(lambda: self._of_host(operation, args, asking.request))

    def _firm(self, call: Callable[[], Any]) -> Reply:
        try:
            return Reply(call(), firm=True)
        except EvalError as error:
            return Reply(error=error, firm=True)

    def _of_host(self, operation: str, args: list[Any], request: Any) -> Any:
        value = self._ledger.host.answer(operation, args, request)
        if value is PENDING:
            raise EvalError(f"{operation}: the host answers later, which a job cannot wait for", request)
        return value

    # -- the job's own -------------------------------------------------------------------------------

    def _now(self, asking: Asking, args: list[Any]) -> Reply:
        _check_count("job/now", args, 0)
        return Reply(round(asking.now, 3))

    def _random(self, asking: Asking, args: list[Any]) -> Reply:
        _check_count("job/random", args, 0, 1)
        if not args or args[0] is None:
            return Reply(random.random())
        if type(args[0]) is not int:
            raise expected("job/random", "an integer", args[0])
        if args[0] < 1:
            raise SxValueError(f"job/random: expected a positive integer, got {args[0]}", args[0])
        return Reply(random.randrange(args[0]))

    def _id(self, asking: Asking, args: list[Any]) -> Reply:
        _check_count("job/id", args, 0)
        return Reply(asking.job)

    def _spawn(self, asking: Asking, args: list[Any]) -> Reply:
        """(what args? options?): a procedure, the name of one, a form, or `{:file path :call name}`."""
        _check_count("job/spawn", args, 1, 3)
        what, given, options = [*args, None, None][:3]
        if given is not None and not is_list(given):
            raise expected("job/spawn", "a list of arguments", given)
        if options is not None and not isinstance(options, Dict):
            raise expected("job/spawn", "a dict of options", options)
        chosen = Dict() if options is None else options
        child = chosen.get("id", f"{asking.job}.{asking.step}")
        if not isinstance(child, str) or not child:
            raise expected("job/spawn", "a string as the id", child)
        birth, record, more = self._child(asking, what, list(given or ()), chosen)
        requests = self._ledger.birth_requests(child, birth, record, asking.now, **more)
        taken = EvalError(f"job/spawn: there is a job {child!r} already")
        return Reply(
            child,
            requests=tuple(requests),
            news=((STARTED, child),),
            conflict=lambda conflict: Reply(error=taken),
        )

    def _child(
        self, asking: Asking, what: Any, args: list[Any], options: Dict
    ) -> tuple[Birth, Record, dict[str, Any]]:
        name = options.get("name")
        common = {
            "created": asking.now,
            "parent": asking.job,
            "keep": options.get("keep", asking.birth.keep),
            "paths": asking.birth.paths,
        }
        record = Record(since=asking.now)
        interpreter = asking.interpreter
        if isinstance(what, Dict):
            file, call = what.get("file"), what.get("call")
            if not isinstance(file, str):
                raise expected("job/spawn", "a string as the :file", file)
            path = find_file(file, list(asking.birth.paths or ()))
            source = read_file(path)
            cid = asking.images.keep_text(source.text)
            birth = Birth(name or file, file=file, program=cid, call=call, args=from_list(args), **common)
            return birth, record, {}
        if is_list(what):
            state = program_state(((what, spot_of(what)),), interpreter.env)
            shown = inspect(what)
        else:
            head = interpreter.lookup(what) if isinstance(what, str) else what
            if not is_procedure(head):
                raise expected("job/spawn", "a procedure, its name, a form, or a dict with :file", what)
            state = State(APPLY, head, tuple(args), None, None)
            shown = what if isinstance(what, str) else inspect(head)
        text = asking.images.freeze(state, interpreter)
        birth = Birth(name or shown, file=asking.birth.file, **common)
        return birth, record.changed(state=1), {"text": text}


def _check_count(operation: str, args: list[Any], fewest: int, most: int | None = None) -> None:
    most = fewest if most is None else most
    if not fewest <= len(args) <= most:
        takes = str(most) if fewest == most else f"{fewest} to {most}"
        raise ArityError(f"{operation}: takes {takes} argument{'' if takes == '1' else 's'}, got {len(args)}")
