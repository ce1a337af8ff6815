"""Who answers `perform`: the host protocol, and the split of a request into operation and arguments.

A host owns operations by name. It answers at once with a value, raises an `EvalError` that the program
gets at its `perform`, or says `PENDING` and the machine stays suspended until somebody resumes it.
An operation that no host owns is an error at the `perform`, never a nil. A function from requests to
answers is a host, too. Next: `sxpy/machine/driver.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeGuard, runtime_checkable

from sxpy.data import Dict, List, MutableList
from sxpy.errors import UnknownOperationError


class Pending:
    """The type of `PENDING`: the host will answer later."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "PENDING"


PENDING = Pending()


Answer = Callable[[Any], Any]
"""From a request to its answer, or PENDING. Raises EvalError, which the program gets at its `perform`.

As the host of an interpreter such a function is asked whatever the program performs. It gets the request as
it is: nothing is asked before, and nothing is taken apart that it does not want (`operation_of` does that).
What it does not know it refuses itself, with an UnknownOperationError.
"""


@runtime_checkable
class Host(Protocol):
    """Answers the operations it owns. One host serves one interpreter at a time unless it says more."""

    def owns(self, operation: str) -> bool:
        """Whether `answer` knows the operation of this name. While a run goes on it is asked once of each."""

    def answer(self, operation: str, args: list[Any], request: Any) -> Any:
        """Answer a request: an SX value, or `PENDING`.

        `args` are the positional SX arguments of `request`. Raises an `EvalError` of which the program
        is told at its `perform`.
        """

    def close(self) -> None:
        """Let go of files and connections; further requests are errors."""


def operation_of(request: Any) -> tuple[str | None, list[Any]]:
    """The operation name and the arguments of a request; the name is None when it has none."""
    if not isinstance(request, Dict):
        return None, []
    plain = request.plain
    get: Callable[[str], Any] = request.get if plain is None else plain.get
    name, args = get("op"), get("args")
    operation = name if isinstance(name, str) else None
    if isinstance(args, List):
        return operation, args.to_list()
    return operation, list(args.items) if isinstance(args, MutableList) else []


class Hosts:
    """Several hosts as one: each operation goes to the first host that owns it."""

    def __init__(self, hosts: Iterable[Host]) -> None:
        self._hosts = list(hosts)

    def owns(self, operation: str) -> bool:
        return self.owner(operation) is not None

    def owner(self, operation: str) -> Host | None:
        """The host that the operation of this name goes to."""
        for host in self._hosts:
            if host.owns(operation):
                return host
        return None

    def answer(self, operation: str, args: list[Any], request: Any) -> Any:
        host = self.owner(operation)
        if host is None:
            raise UnknownOperationError(f"Unknown IO operation: {operation}", request)
        return host.answer(operation, args, request)

    def close(self) -> None:
        for host in self._hosts:
            host.close()


def has_operations(host: Host | Answer) -> TypeGuard[Host]:
    """Whether it is a `Host`, and not a function from requests to answers."""
    return hasattr(host, "owns")


def is_owned(operation: str, host: Host | Answer | None) -> bool:
    """Whether a host would be asked for the operation."""
    if host is not None and has_operations(host):
        return host.owns(operation)
    return host is not None


def owner_of(operation: str, host: Host) -> Host | None:
    """The host that the operation goes to: `host`, or one of those that it is made of."""
    owner: Host | None = host
    while type(owner) is Hosts:
        owner = owner.owner(operation)
    return owner if owner is None or owner.owns(operation) else None
