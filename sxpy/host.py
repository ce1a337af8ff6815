"""Who answers `perform`: the host protocol, and the split of a request into operation and arguments.

A host owns operations by name. It answers at once with a value, raises an `EvalError` that the program
gets at its `perform`, or says `PENDING` and the machine stays suspended until somebody resumes it.
An operation that no host owns is an error at the `perform`, never a nil. Next: `sxpy/machine/driver.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol, runtime_checkable

from sxpy.data import Dict, List, MutableList
from sxpy.errors import UnknownOperationError


class Pending:
    """The type of `PENDING`: the host will answer later."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "PENDING"


PENDING = Pending()


@runtime_checkable
class Host(Protocol):
    """Answers the operations it owns. One host serves one interpreter at a time unless it says more."""

    def owns(self, operation: str) -> bool:
        """Whether `answer` knows the operation of this name."""

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
        return any(host.owns(operation) for host in self._hosts)

    def answer(self, operation: str, args: list[Any], request: Any) -> Any:
        for host in self._hosts:
            if host.owns(operation):
                return host.answer(operation, args, request)
        raise UnknownOperationError(f"Unknown IO operation: {operation}", request)

    def close(self) -> None:
        for host in self._hosts:
            host.close()
