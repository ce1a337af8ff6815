"""Calls to the outside: handlers in Python, by the name of an operation.

    def charge(call: Call, customer: str, amount: int) -> str:
        return bank.charge(customer, amount, idempotency_key=call.key)

    Jobs(host).worker(handlers={"bank/charge": charge})

Arguments and answer are converted as `sxpy/convert.py` says. What a handler raises is raised at the
`perform`. A handler may be called again for a step whose commit did not come about; then `call.key` is the
same, and so are the arguments: all that the job had learned before was committed before the first call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sxpy.convert import to_python, to_sx
from sxpy.errors import EvalError
from sxpy.printer import serialize


@dataclass(frozen=True, slots=True)
class Call:
    """The circumstances of a call: the job, the number of the step, and the operation."""

    job: str
    step: int
    operation: str

    @property
    def key(self) -> str:
        """The idempotency key: the same whenever this step of this job is tried again, and no other's."""
        return f"{self.job}/{self.step}"


Handler = Callable[..., Any]
"""From a `Call` and the arguments to the answer, all Python values."""

Handlers = Mapping[str, Handler]


def call_handler(handler: Handler, call: Call, args: list[Any]) -> Any:
    """The answer of a handler as an SX value. Raises EvalError for whatever it raises."""
    try:
        answer = to_sx(handler(call, *[to_python(arg) for arg in args]))
    except EvalError:
        raise
    except Exception as error:
        raise EvalError(f"{call.operation}: {type(error).__name__}: {error}") from error
    serialize(answer)  # raises EvalError for what could not be kept
    return answer
