"""What the operations of a store mean within a job: what they write, and what they answer.

A step is one transaction, and the state after it is part of it; so the answer of a write must be known
before it is done. It is: an append answers nil, a `kv-cas` answers the new value or is refused with all the
rest of the transaction, and so on. An operation that only reads is asked as the job comes to it.
Next: `sxpy/jobs/answers.py`, where all other operations are answered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sxpy.data import Dict, from_list, is_list
from sxpy.errors import ArityError, EvalError, SxValueError
from sxpy.host import operation_of
from sxpy.jobs.ledger import Ledger, request
from sxpy.jobs.record import is_reserved
from sxpy.primitives.registry import expected

READS = frozenset(
    {
        "persist/read",
        "persist/read-from",
        "persist/read-range",
        "persist/last-seq",
        "persist/count",
        "persist/streams",
        "persist/kv-get",
        "persist/kv-has?",
        "persist/kv-keys",
        "blob/get",
        "blob/has?",
        "blob/put",
    }
)
"""Operations that can be asked again and nobody notices; `blob/put` is one, as bytes name themselves."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a `perform` is answered, and what must be committed with the state that comes of it."""

    value: Any = None
    error: EvalError | None = None
    """Raised at the `perform` instead."""
    requests: tuple[Dict, ...] = ()
    """The effect: part of the step's transaction."""
    news: Sequence[tuple[str, str]] = ()
    """What the catalogue of jobs must be told with it."""
    conflict: Callable[[Dict], Reply] = lambda conflict: Reply(conflict)  # noqa: PLW0108  not defined yet
    """What to answer instead when the store says that the effect is in conflict with what is there."""
    firm: bool = False
    """Whether something has happened outside that must be known before anything else does."""


def _nothing(*args: Any) -> Any:
    return None


def _last(*args: Any) -> Any:
    return args[-1]


def _events(stream: Any, events: Any) -> Any:
    return from_list([]) if events is None else events


WRITES: dict[str, tuple[int, Callable[..., Any]]] = {
    "persist/append": (2, _nothing),
    "persist/append-if": (3, _last),
    "persist/append-many": (2, _events),
    "persist/truncate-through": (2, _nothing),
    "persist/truncate": (2, _nothing),
    "persist/kv-put": (2, _nothing),
    "persist/kv-delete": (1, _nothing),
    "persist/kv-cas": (3, _last),
    "persist/kv-put-new": (2, _last),
}
"""Operations that write: how many arguments each takes, and what it answers when it is done."""

ONCE, TRANSACT = "persist/append-once", "persist/transact"


def is_write(operation: str) -> bool:
    """Whether the operation is part of its step's transaction."""
    return operation in WRITES or operation in (ONCE, TRANSACT)


def write(ledger: Ledger, operation: str, args: list[Any]) -> Reply:
    """What an operation writes and answers. Raises ArityError, SxTypeError, SxValueError."""
    if operation == ONCE:
        return _once(ledger, args)
    if operation == TRANSACT:
        return _transaction(ledger, args)
    count, answer = WRITES[operation]
    _check_count(operation, count, args)
    _check_name(operation, args[0])
    return Reply(answer(*args), requests=(request(operation, *args),))


def _check_count(operation: str, count: int, args: list[Any]) -> None:
    if len(args) != count:
        raise ArityError(f"{operation}: takes {count} argument{'' if count == 1 else 's'}, got {len(args)}")


def _check_name(operation: str, name: Any) -> None:
    if isinstance(name, str) and is_reserved(name):
        raise SxValueError(f"{operation}: {name} belongs to the jobs; choose another name", name)


def _once(ledger: Ledger, args: list[Any]) -> Reply:
    """Append unless there is a marker; else the event under the marker."""
    _check_count(ONCE, 3, args)
    stream, marker, event = args
    _check_name(ONCE, stream)
    _check_name(ONCE, marker)
    if ledger.answer("persist/kv-has?", [marker]):
        return Reply(ledger.answer("persist/kv-get", [marker]))
    requests = (request("persist/kv-put-new", marker, event), request("persist/append", stream, event))
    return Reply(event, requests=requests, conflict=lambda conflict: Reply(conflict.get("actual")))


def _transaction(ledger: Ledger, args: list[Any]) -> Reply:
    _check_count(TRANSACT, 1, args)
    if args[0] is not None and not is_list(args[0]):
        raise expected(TRANSACT, "a list of requests", args[0])
    wanted = [(each, *operation_of(each)) for each in args[0] or ()]
    if all(operation in READS for _, operation, _ in wanted):
        return Reply(ledger.answer(TRANSACT, args))
    answers = []
    for number, (each, operation, given) in enumerate(wanted, 1):
        if operation not in WRITES:
            raise SxValueError(
                f"{TRANSACT}: in a job, a transaction that writes holds only writes that do not depend on "
                f"what they find; request {number} is {operation}. Read first, and write what must not "
                "have changed since with persist/append-if or persist/kv-cas",
                each,
            )
        answers.append(write(ledger, operation, given).value)
    return Reply(from_list(answers), requests=tuple(each for each, _, _ in wanted))
